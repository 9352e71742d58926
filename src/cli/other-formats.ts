import { InputError } from './errors.js'

/** A kind of file that holds numbers, or stands in for one that does, and is not read. */
interface OtherFormat {
  readonly name: string
  /** What it begins with, and no table of text or file of vectors does, whatever its columns are called and whatever its dimensions. */
  readonly begins: readonly (string | RegExp)[]
  /** How it becomes a file that is read. */
  readonly advice: string
}

/** The version of the protocol, and what an object or a frame of several begins with. */
const PICKLE_STARTS = ['\x02', '\x03', '\x04', '\x05'].flatMap((version) =>
  Array.from('}](cKMGX\x8a\x8c\x95', (start) => `\x80${version}${start}`),
)

const OTHERS: readonly OtherFormat[] = [
  { name: 'an HDF5 file', begins: ['\x89HDF'], advice: 'save its dataset with numpy.save("x.npy", h5py.File("x.h5")["name"][:])' },
  { name: 'an encrypted Parquet file', begins: [/^PARE[^]{3}\0/], advice: 'write it without encryption' },
  { name: 'an ORC file', begins: ['ORC\x00', 'ORC\x03', 'ORC\x06', 'ORC\x08'], advice: 'convert it, e.g. pyarrow.parquet.write_table(pyarrow.orc.read_table("x.orc"), "x.parquet")' },
  { name: 'an Avro file', begins: ['Obj\x01'], advice: 'convert it to Parquet, e.g. with polars.read_avro("x.avro").write_parquet("x.parquet")' },
  { name: 'compressed with gzip', begins: ['\x1f\x8b'], advice: 'unpack it with gunzip first' },
  { name: 'compressed with zstd', begins: ['\x28\xb5\x2f\xfd'], advice: 'unpack it with unzstd first' },
  { name: 'compressed with bzip2', begins: ['BZh91AY&SY'], advice: 'unpack it with bunzip2 first' },
  { name: 'compressed with xz', begins: ['\xfd7zXZ'], advice: 'unpack it with unxz first' },
  { name: 'compressed with lz4', begins: ['\x04\x22\x4d\x18'], advice: 'unpack it with unlz4 first' },
  { name: 'a 7-Zip archive', begins: ['7z\xbc\xaf\x27\x1c'], advice: 'unpack it first' },
  { name: 'a MATLAB file', begins: ['MATLAB 5.0 MAT-file'], advice: 'save the array with numpy.save("x.npy", scipy.io.loadmat("x.mat")["name"])' },
  { name: 'an R object', begins: ['RDX2\n', 'RDX3\n', 'X\n\0\0\0'], advice: 'write it in R, e.g. with arrow::write_parquet or write.csv(row.names = FALSE)' },
  { name: 'a SQLite database', begins: ['SQLite format 3\0'], advice: 'export the table as CSV, e.g. sqlite3 -csv -header x.db "select ..."' },
  { name: 'a Faiss index', begins: [/^(IxFI|IxF2|IHNf|IwFl|IxMp|IxM2)[^]{2}\0\0/], advice: 'save its vectors with numpy.save("x.npy", faiss.read_index("x").reconstruct_n())' },
  { name: 'a GGUF model', begins: ['GGUF\x02', 'GGUF\x03'], advice: 'save the embeddings that it gives' },
  { name: 'the stand-in of a file in Git LFS', begins: ['version https://git-lfs'], advice: 'fetch the file itself with git lfs pull' },
  { name: 'a web page, an error message perhaps', begins: ['<!doctype', '<!DOCTYPE', '<html', '<HTML', '<?xml'], advice: 'download the file itself' },
  { name: 'a pickle of Python', begins: PICKLE_STARTS, advice: 'load it in Python, where it comes from, and save the array with numpy.save' },
  { name: 'text in UTF-16', begins: [/^\xff\xfe[^\0]\0[^\0]\0/, /^\xfe\xff\0[^\0]\0[^\0]/], advice: 'save it in UTF-8, in Excel as "CSV UTF-8"' },
  { name: 'a PDF file', begins: ['%PDF-'], advice: 'no rows are read from it' },
  { name: 'a picture', begins: ['\x89PNG', '\xff\xd8\xff', 'GIF87a', 'GIF89a', /^RIFF[^]{4}WEBP/], advice: 'no rows are read from it: embed it first' },
] // prettier-ignore

/** Names of files of other kinds. */
const OTHER_NAMES = /\.(json|h5|hdf5|mat|pkl|pickle|pt|pth|bin|sqlite|db|xlsx?|zst|bz2|xz|zip)$/i

/** @throws InputError if the file is of a kind that is known and not read */
export function refuseOther(bytes: Uint8Array, path: string): void {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 24)).toString('latin1')
  const other = OTHERS.find(({ begins }) =>
    begins.some((magic) => (typeof magic === 'string' ? start.startsWith(magic) : magic.test(start))),
  )
  if (other !== undefined) throw new InputError(`${path} is ${other.name}: ${other.advice}`)
}

/** @throws InputError if a file of rows is to be written to a name that says something else */
export function refuseOtherName(path: string): void {
  const kind = OTHER_NAMES.exec(path)?.[0]
  if (kind !== undefined)
    throw new InputError(
      `cannot write ${path}: rows are written as .npy, .npz, .parquet, .arrow, .safetensors, .csv, .tsv, .txt, .jsonl, .vec, .fvecs or .fbin, not as ${kind}`,
    )
}
