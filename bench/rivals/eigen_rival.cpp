// Eigen 3.4 as a rival: what a page gets from the usual C++ library compiled to WebAssembly with SIMD.
// install.sh compiles it to a module; eigen.js drives it and keeps the time, on the clock that times everything else.
//
// A is written column by column into the memory eigen_input returns, outside the time taken. Each task leaves the numbers
// that are compared with the others' in the memory eigen_values returns.
#include <Eigen/Dense>
#include <emscripten/emscripten.h>

using Eigen::BDCSVD;
using Eigen::HouseholderQR;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {
MatrixXd A, product;
VectorXd values;

MatrixXd upper_triangle(const HouseholderQR<MatrixXd>& qr) {
  return qr.matrixQR().topRows(qr.matrixQR().cols()).triangularView<Eigen::Upper>();
}
}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE double* eigen_input(int rows, int cols) {
  A.resize(rows, cols);
  return A.data();
}

EMSCRIPTEN_KEEPALIVE const double* eigen_values() { return values.data(); }
EMSCRIPTEN_KEEPALIVE const double* eigen_product() { return product.data(); }

// The input holds B below A: C = A B.
EMSCRIPTEN_KEEPALIVE void eigen_gemm() {
  const auto n = A.cols();
  product.noalias() = A.topRows(n) * A.bottomRows(n);
}

// R of A = Q R, as a matrix of its own; Q stays in its reflectors.
EMSCRIPTEN_KEEPALIVE void eigen_qr() {
  const HouseholderQR<MatrixXd> qr(A);
  const MatrixXd R = upper_triangle(qr);
  values = R.diagonal();
}

// Thin U and V.
EMSCRIPTEN_KEEPALIVE void eigen_svd() {
  const BDCSVD<MatrixXd> svd(A, Eigen::ComputeThinU | Eigen::ComputeThinV);
  values = svd.singularValues();
}

// The alignment of the stacked data A = [X1, -X2]: QR, then the right singular vectors of R.
EMSCRIPTEN_KEEPALIVE void eigen_alignment() {
  const HouseholderQR<MatrixXd> qr(A);
  const BDCSVD<MatrixXd> svd(upper_triangle(qr), Eigen::ComputeThinV);
  values = svd.singularValues();
}
}
