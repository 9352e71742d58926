"""LAPACK and BLAS as rivals: what the same machine gives natively, on one thread, through OpenBLAS.

    OPENBLAS_NUM_THREADS=1 /usr/bin/python3 lapack_rival.py ROUTINE ROWS COLS [--matrix FILE] [--arguments ...] [--runs N | --paced]

FILE holds ROWS * COLS float64, row by row; without it the matrix is standard normal. The first line printed is what to
compare with other rivals' results, {"values": [...]}, from an untimed run; the last one is the summary. With --paced,
each line read from standard input times one run and prints {"ms": ...}, so that a harness can time several programs in
turn.
"""
import argparse
import json
import statistics
import sys
import time

import numpy as np
import scipy.linalg
from scipy.linalg import blas, lapack


def gemm(AB):
    """C = A B for the square A above B; the values are C w, by which Freivalds (1977) checks a product."""
    n = AB.shape[1]
    A, B = np.asfortranarray(AB[:n]), np.asfortranarray(AB[n:])
    w = np.cos(np.arange(1, n + 1))
    return lambda: blas.dgemm(1.0, A, B), lambda C: C @ w


def triangle(A):
    """R of A = Q R, by dgeqrf with the workspace it asks for."""
    n = A.shape[1]
    lwork = int(lapack.dgeqrf_lwork(*A.shape)[0])
    qr, _, _, info = lapack.dgeqrf(A, lwork=lwork)
    assert info == 0, info
    return np.triu(qr[:n])


def geqrf(A):
    A = np.asfortranarray(A)
    return lambda: triangle(A), np.diag


def gesdd_of(A):
    lwork = int(lapack.dgesdd_lwork(*A.shape, full_matrices=False)[0])
    _, s, _, info = lapack.dgesdd(A, full_matrices=False, lwork=lwork)
    assert info == 0, info
    return s


def gesdd(A):
    """Divide and conquer with thin U and V: LAPACK's fastest."""
    A = np.asfortranarray(A)
    return lambda: gesdd_of(A), np.asarray


def dgejsv_of(A, vectors=True):
    m, n = A.shape
    # JOBA = 'F', JOBU = 'U', JOBV = 'V', JOBR = 'R', JOBT = 'N', JOBP = 'N'; 256 columns' worth of workspace beyond the
    # minimum let its QR factorisations run blocked.
    lwork = 2 * m + 6 * n + 2 * n * n + 256 * n
    s, _, _, work, _, info = lapack.dgejsv(A, joba=2, jobu=0 if vectors else 3, jobv=0 if vectors else 3, jobr=1, jobt=0, jobp=0, lwork=lwork)
    assert info == 0, info
    return s * (work[0] / work[1])


def dgejsv(A):
    """Preconditioned one-sided Jacobi, thin U and V: the algorithm this package uses."""
    A = np.asfortranarray(A)
    return lambda: dgejsv_of(A), np.asarray


def dgejsv_values(A):
    """The same without vectors."""
    A = np.asfortranarray(A)
    return lambda: dgejsv_of(A, vectors=False), np.asarray


def numpy_svd(A):
    """numpy.linalg.svd of the stacked data: the one line a Python user writes for the alignment."""
    return lambda: np.linalg.svd(A.T, full_matrices=False)[1], np.asarray


def qr_svd(A):
    """The alignment as it is best done: QR, then the SVD of R."""
    A = np.asfortranarray(A)
    return lambda: gesdd_of(triangle(A)), np.asarray


def paired(AB, args):
    """The two modalities side by side: so many columns of the first, components and ridge."""
    d1, k, ridge = int(args[0]), int(args[1]), float(args[2])
    return AB[:, :d1], AB[:, d1:], k, ridge


def oas(G, m):
    """The share of shrinkage (Chen, Wiesel, Eldar and Hero 2010) of a centred Gram matrix of m free rows, and the mean eigenvalue."""
    p, t, q = len(G), np.trace(G) / m, (G * G).sum() / m**2
    return min(1, ((1 - 2 / p) * q + t**2) / ((m + 1 - 2 / p) * (q - t**2 / p))), t / p


def joint_triangle(AB):
    return triangle(np.asfortranarray(np.column_stack([np.ones(len(AB)), AB])))


def widths_factor(AB, args):
    """The triangular factor of [1, X1, X2]."""
    return lambda: joint_triangle(AB), lambda R: np.abs(np.diag(R))


def widths_balanced(AB, args):
    """'balanced' by way of Gram matrices of the triangular factor: the k leading eigenvectors of a symmetric pencil."""
    X1, X2, k, _ = paired(AB, args)
    d1, m = X1.shape[1], len(AB) - 1

    def fit():
        R = joint_triangle(AB)[1:, 1:]
        G = R.T @ R
        gamma = np.empty(len(G))
        for s in (slice(0, d1), slice(d1, None)):
            share, mean = oas(G[s, s], m)
            gamma[s] = share * mean * m
        D = G.copy()
        D[:d1, d1:] *= -1
        D[d1:, :d1] *= -1
        D[np.diag_indices(len(D))] += gamma
        mu, A = scipy.linalg.eigh(G / 4, D, subset_by_index=[len(G) - k, len(G) - 1])
        return mu[::-1]

    return fit, np.asarray


def widths_cca(AB, args):
    """CCA with shrunk covariances, by their Cholesky factors."""
    X1, X2, k, _ = paired(AB, args)
    m = len(AB) - 1

    def fit():
        Y1, Y2 = X1 - X1.mean(0), X2 - X2.mean(0)
        roots = []
        for Y in (Y1, Y2):
            G = Y.T @ Y
            share, mean = oas(G, m)
            G *= (1 - share) / m
            G[np.diag_indices(len(G))] += share * mean
            roots.append(scipy.linalg.cholesky(G, lower=True))
        C = scipy.linalg.solve_triangular(roots[0], Y1.T @ Y2 / m, lower=True)
        C = scipy.linalg.solve_triangular(roots[1], C.T, lower=True).T
        return scipy.linalg.svd(C, full_matrices=False)[1][:k]

    return fit, np.asarray


def widths_ridge(AB, args):
    """Ridge regression by the normal equations."""
    X1, X2, _, ridge = paired(AB, args)

    def fit():
        Y1, Y2 = X1 - X1.mean(0), X2 - X2.mean(0)
        G = Y1.T @ Y1
        G[np.diag_indices(len(G))] += ridge
        return scipy.linalg.solve(G, Y1.T @ Y2, assume_a='pos')

    return fit, lambda B: np.cos(np.arange(1, len(B) + 1)) @ B


def search(GQ, args):
    """The k rows nearest by cosine to the query below them: one product, and what is largest of it."""
    k = int(args[0])
    units = GQ / np.linalg.norm(GQ, axis=1, keepdims=True)
    G, q = units[:-1], units[-1]

    def best():
        scores = G @ q
        found = np.argpartition(scores, -k)[-k:]
        return found[np.argsort(-scores[found])]

    return best, lambda found: found + 1.0


ROUTINES = {f.__name__: f for f in (gemm, geqrf, dgejsv, dgejsv_values, gesdd, numpy_svd, qr_svd)}
WITH_ARGUMENTS = {f.__name__: f for f in (widths_factor, widths_balanced, widths_cca, widths_ridge, search)}


def require_openblas():
    with open('/proc/self/maps') as maps:
        if 'openblas' not in maps.read():
            sys.exit('NumPy does not use OpenBLAS here: apt-get install libopenblas0-pthread')


def elapsed_ms(work):
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


def emit(record):
    print(json.dumps(record), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('routine', choices=ROUTINES | WITH_ARGUMENTS)
    parser.add_argument('rows', type=int)
    parser.add_argument('cols', type=int)
    parser.add_argument('--matrix', metavar='FILE')
    parser.add_argument('--single', action='store_true', help='FILE holds float32')
    parser.add_argument('--arguments', nargs='*', default=[], help='columns of the first modality, components, ridge; or how many are searched for')
    parser.add_argument('--runs', type=int, default=10)
    parser.add_argument('--paced', action='store_true')
    options = parser.parse_args()
    require_openblas()

    shape = options.rows, options.cols
    if options.matrix:
        A = np.fromfile(options.matrix, np.float32 if options.single else np.float64).reshape(shape)
    else:
        A = np.random.default_rng(0).standard_normal(shape)
    if options.routine in ROUTINES:
        work, values = ROUTINES[options.routine](A)
    else:
        work, values = WITH_ARGUMENTS[options.routine](A, options.arguments)
    emit({'values': values(work()).tolist()})

    times = []
    for _ in sys.stdin if options.paced else range(options.runs):
        times.append(elapsed_ms(work))
        if options.paced:
            emit({'ms': times[-1]})
    if times:
        emit({'rival': options.routine, 'rows': options.rows, 'cols': options.cols, 'runs': len(times),
              'minMs': min(times), 'medianMs': statistics.median(times)})


if __name__ == '__main__':
    main()
