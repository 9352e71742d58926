/**
 * The exports of assembly/index.ts as TypeScript sees them. Pointers are byte offsets; they come back signed from WebAssembly,
 * so a pointer or a byte count that is returned goes through `>>> 0`. Booleans are 0 or 1.
 */
export interface Kernels {
  heapBase(): number
  isRelaxed(): number
  ddot(n: number, x: number, y: number): number
  ddot4(n: number, x: number, y: number, strideBytes: number, out: number): void
  daxpy(n: number, alpha: number, x: number, y: number): void
  daxpy4(n: number, w: number, x: number, y: number, strideBytes: number): void
  dscal(n: number, alpha: number, x: number): void
  dswap(n: number, x: number, y: number): void
  dnrm2(n: number, x: number): number
  damax(n: number, x: number): number
  drot(n: number, x: number, y: number, c: number, s: number, r: number): void
  drotdot(n: number, x: number, y: number, z: number, c: number, s: number, r: number): number
  ddots2x2(n: number, p0: number, p1: number, q0: number, q1: number, out: number): void
  drot2x2(n: number, p0: number, p1: number, q0: number, q1: number, coefficients: number): void
  drotm(n: number, x: number, y: number, a: number, b: number): void
  dgemv(m: number, k: number, a: number, lda: number, x: number, y: number): void
  dgemvTransposed(m: number, k: number, a: number, lda: number, x: number, y: number): void
  dsymv(n: number, a: number, lda: number, x: number, y: number): void
  dtranspose(m: number, n: number, a: number, lda: number, b: number, ldb: number): void
  dgemmWorkspace(m: number, n: number, k: number): number
  dgemm(
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
  ): void
  dtrsmWorkspace(m: number, n: number): number
  dtrsm(
    upper: number,
    m: number,
    n: number,
    t: number,
    rst: number,
    cst: number,
    b: number,
    ldb: number,
    work: number,
  ): void
  dgeqrfWorkspace(m: number, n: number): number
  dgeqrfInit(m: number, n: number, a: number, lda: number, tau: number, scratch: number): number
  dgeqrfStep(state: number): number
  dormqrWorkspace(m: number, n: number, k: number): number
  dormqrInit(
    m: number,
    n: number,
    k: number,
    a: number,
    lda: number,
    tau: number,
    c: number,
    ldc: number,
    scratch: number,
  ): number
  dormqrStep(state: number): number
  dgeqp3Workspace(m: number, n: number): number
  dgeqp3Init(m: number, n: number, a: number, lda: number, tau: number, pivots: number, scratch: number): number
  dgeqp3Step(state: number): number
  dgeqp3Rank(state: number): number
  dtpqrtWorkspace(b: number, p: number): number
  dtpqrtInit(
    b: number,
    p: number,
    first: number,
    r: number,
    ldr: number,
    x: number,
    ldx: number,
    scratch: number,
  ): number
  dtpqrtStep(state: number): number
  dgetrfWorkspace(m: number, n: number): number
  dgetrfInit(m: number, n: number, a: number, lda: number, pivots: number, scratch: number): number
  dgetrfStep(state: number): number
  dgetrfZeroPivot(state: number): number
  dgeconWorkspace(n: number): number
  dgeconInit(n: number, a: number, lda: number, scratch: number): number
  dgeconStep(state: number): number
  dgeconEstimate(state: number): number
  dpotrfWorkspace(n: number): number
  dpotrfInit(n: number, a: number, lda: number, scratch: number): number
  dpotrfStep(state: number): number
  dpotrfFailed(state: number): number
  dgejsvWorkspace(m: number, n: number, columnsU: number): number
  dgejsvInit(
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
  ): number
  dgejsvStep(state: number): number
  dgejsvLimit(state: number, maxSweeps: number): void
  dgejsvSweeps(state: number): number
  dgejsvRotations(state: number): number
  dgejsvCosineLeft(state: number): number
  dsytrdWorkspace(n: number): number
  dsytrdInit(n: number, a: number, lda: number, d: number, e: number, tau: number, scratch: number): number
  dsytrdStep(state: number): number
  dsteqrWorkspace(n: number, rows: number): number
  dsteqrInit(n: number, d: number, e: number, rows: number, z: number, ldz: number, scratch: number): number
  dsteqrStep(state: number): number
  dsyevWorkspace(n: number, wantZ: number): number
  dsyevInit(
    n: number,
    a: number,
    lda: number,
    values: number,
    z: number,
    ldz: number,
    wantZ: number,
    scratch: number,
  ): number
  dsyevStep(state: number): number
  dsyevIterations(state: number): number
}
