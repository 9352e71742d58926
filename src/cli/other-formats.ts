import { InputError } from './errors.js'

/** A kind of file that holds numbers, or stands in for one that does, and is not read. */
interface OtherFormat {
  readonly name: string
  /** One of these it begins with, and no table of text does, whatever its columns are called. */
  readonly begins: readonly string[]
  /** How it becomes a file that is read. */
  readonly advice: string
}

const OTHERS: readonly OtherFormat[] = [
  { name: 'an HDF5 file', begins: ['\x89HDF'], advice: 'save its dataset with numpy.save("x.npy", h5py.File("x.h5")["name"][:])' },
  { name: 'a Parquet file', begins: ['PAR1\x15'], advice: 'convert it, e.g. pandas.read_parquet("x.parquet").to_csv("x.csv", index=False)' },
  { name: 'an Arrow file', begins: ['ARROW1\0'], advice: 'convert it, e.g. pandas.read_feather("x.arrow").to_csv("x.csv", index=False)' },
  { name: 'compressed with gzip', begins: ['\x1f\x8b'], advice: 'unpack it with gunzip first' },
  { name: 'compressed with zstd', begins: ['\x28\xb5\x2f\xfd'], advice: 'unpack it with unzstd first' },
  { name: 'compressed with bzip2', begins: ['BZh91AY&SY'], advice: 'unpack it with bunzip2 first' },
  { name: 'compressed with xz', begins: ['\xfd7zXZ'], advice: 'unpack it with unxz first' },
  { name: 'a MATLAB file', begins: ['MATLAB 5.0 MAT-file'], advice: 'save the array with numpy.save("x.npy", scipy.io.loadmat("x.mat")["name"])' },
  { name: 'a SQLite database', begins: ['SQLite format 3\0'], advice: 'export the table as CSV, e.g. sqlite3 -csv -header x.db "select ..."' },
  { name: 'the stand-in of a file in Git LFS', begins: ['version https://git-lfs'], advice: 'fetch the file itself with git lfs pull' },
  { name: 'a web page, an error message perhaps', begins: ['<!doctype', '<!DOCTYPE', '<html', '<?xml'], advice: 'download the file itself' },
  { name: 'a pickle of Python', begins: ['\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'], advice: 'load it in Python, where it comes from, and save the array with numpy.save' },
] // prettier-ignore

/** Names of files of other kinds. */
const OTHER_NAMES = /\.(json|parquet|arrow|feather|h5|hdf5|mat|pkl|pickle|pt|pth|bin|sqlite|db|xlsx?|zst|bz2|xz|zip)$/i

/** @throws InputError if the file is of a kind that is known and not read */
export function refuseOther(bytes: Uint8Array, path: string): void {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 24)).toString('latin1')
  const other = OTHERS.find(({ begins }) => begins.some((magic) => start.startsWith(magic)))
  if (other !== undefined) throw new InputError(`${path} is ${other.name}: ${other.advice}`)
}

/** @throws InputError if a file of rows is to be written to a name that says something else */
export function refuseOtherName(path: string): void {
  const kind = OTHER_NAMES.exec(path)?.[0]
  if (kind !== undefined)
    throw new InputError(
      `cannot write ${path}: rows are written as .npy, .npz, .safetensors, .csv, .tsv, .txt, .jsonl, .vec, .fvecs or .fbin, not as ${kind}`,
    )
}
