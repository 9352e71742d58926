/** Names of files of vectors, as benchmarks of nearest neighbours call them: apart from their reader, which few need. */
export const VECTOR_NAMES = /\.((f|i|b)vecs|(f|i|u8|i8)bin)$/i
