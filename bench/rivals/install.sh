#!/bin/sh
# Installs what the rivals need and compiles Eigen's to .bench/. Without it the bench runs against the others.
#   sh bench/rivals/install.sh
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out="$here/../../.bench"
# libopenblas0-pthread is named because apt would otherwise satisfy NumPy with the slow reference BLAS.
packages='python3-numpy python3-scipy libopenblas0-pthread emscripten libeigen3-dev'

missing=''
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  sudo=''
  [ "$(id -u)" -eq 0 ] || sudo='sudo'
  $sudo apt-get update -qq
  # shellcheck disable=SC2086 # one word a package
  $sudo apt-get install -y --no-install-recommends $missing
fi

npm ci --ignore-scripts --no-audit --no-fund --prefix "$here"

mkdir -p "$out"
# Debian's emscripten looks for acorn, which it needs from -O3 on, where Node does not.
export NODE_PATH=/usr/share/nodejs
em++ -O3 -msimd128 -DNDEBUG -std=c++17 -I/usr/include/eigen3 "$here/eigen_rival.cpp" -o "$out/eigen_rival.cjs" \
  --no-entry -sMODULARIZE -sSINGLE_FILE -sENVIRONMENT=node -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB \
  -sNODEJS_CATCH_EXIT=0 -sNODEJS_CATCH_REJECTION=0 -sEXPORTED_RUNTIME_METHODS=HEAPF64
echo "compiled $out/eigen_rival.cjs"
