/**
 * What both precisions export, assembly/index.ts, as TypeScript sees it. Pointers are byte offsets; they come back signed from
 * WebAssembly, so a pointer or a byte count that is returned goes through `>>> 0`. Booleans are 0 or 1.
 */
export interface SharedKernels {
  heapBase: () => number
  xscal: (n: number, alpha: number, x: number) => void
  xnrm2: (n: number, x: number) => number
  xshift: (n: number, x: number, mean: number, out: number) => number
  xtranspose: (m: number, n: number, a: number, lda: number, b: number, ldb: number) => void
  xgemmWorkspace: (m: number, n: number, k: number) => number
  xgemm: (
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: number,
    rsa: number,
    csa: number,
    b: number,
    rsb: number,
    csb: number,
    beta: number,
    c: number,
    ldc: number,
    work: number,
  ) => void
  xtrsmWorkspace: (m: number, n: number) => number
  xtrsm: (
    upper: number,
    m: number,
    n: number,
    t: number,
    rst: number,
    cst: number,
    b: number,
    ldb: number,
    work: number,
  ) => void
  xgeqrfWorkspace: (m: number, n: number) => number
  xgeqrfInit: (m: number, n: number, a: number, lda: number, tau: number, scratch: number) => number
  xgeqrfStep: (state: number) => number
  xgeqrfColumn: (state: number) => number
  xormqrWorkspace: (m: number, n: number, k: number) => number
  xormqrInit: (
    m: number,
    n: number,
    k: number,
    a: number,
    lda: number,
    tau: number,
    c: number,
    ldc: number,
    scratch: number,
  ) => number
  xormqrStep: (state: number) => number
  xgeqp3Workspace: (m: number, n: number) => number
  xgeqp3Init: (m: number, n: number, a: number, lda: number, tau: number, pivots: number, scratch: number) => number
  xgeqp3Step: (state: number) => number
  xgeqp3Rank: (state: number) => number
  xtpqrtWorkspace: (b: number, p: number) => number
  xtpqrtInit: (
    b: number,
    p: number,
    q: number,
    first: number,
    r: number,
    ldr: number,
    x: number,
    ldx: number,
    scratch: number,
  ) => number
  xtpqrtStep: (state: number) => number
  xgejsvWorkspace: (m: number, n: number, columnsU: number) => number
  xgejsvInit: (
    m: number,
    n: number,
    a: number,
    lda: number,
    sigma: number,
    u: number,
    ldu: number,
    columnsU: number,
    v: number,
    ldv: number,
    wantV: number,
    scratch: number,
  ) => number
  xgejsvStep: (state: number) => number
  xgejsvLimit: (state: number, maxSweeps: number) => void
  xgejsvSweeps: (state: number) => number
  xgejsvRotations: (state: number) => number
  xgejsvCosineLeft: (state: number) => number
}

/** All kernels: those of assembly/double.ts are there in float64 only. */
export interface Kernels extends SharedKernels {
  dgetrfWorkspace: (m: number, n: number) => number
  dgetrfInit: (m: number, n: number, a: number, lda: number, pivots: number, scratch: number) => number
  dgetrfStep: (state: number) => number
  dgetrfZeroPivot: (state: number) => number
  dgetrs: (transposed: number, n: number, a: number, lda: number, x: number) => void
  dpotrfWorkspace: (n: number) => number
  dpotrfInit: (n: number, a: number, lda: number, scratch: number) => number
  dpotrfStep: (state: number) => number
  dpotrfFailed: (state: number) => number
  dgemv: (m: number, k: number, a: number, lda: number, x: number, y: number) => void
  dgemvTransposed: (m: number, k: number, a: number, lda: number, x: number, y: number) => void
  dsytrdWorkspace: (n: number) => number
  dsytrdInit: (n: number, a: number, lda: number, d: number, e: number, tau: number, scratch: number) => number
  dsytrdStep: (state: number) => number
  dsytrdColumn: (state: number) => number
  dsterfWorkspace: () => number
  dsterfInit: (n: number, d: number, e: number, scratch: number) => number
  dsterfStep: (state: number) => number
  dstein: (n: number, d: number, e: number, lambda: number, tiny: number, x: number, scratch: number) => void
  dsyevWorkspace: (n: number, wantZ: number) => number
  dsyevInit: (
    n: number,
    a: number,
    lda: number,
    values: number,
    z: number,
    ldz: number,
    wantZ: number,
    scratch: number,
  ) => number
  dsyevStep: (state: number) => number
  dsyevIterations: (state: number) => number
}
