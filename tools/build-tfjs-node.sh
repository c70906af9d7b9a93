#!/usr/bin/env bash
# Builds @tensorflow/tfjs-node for this checkout from the TensorFlow wheel on PyPI.
#
#   bash tools/build-tfjs-node.sh            build, unless it already loads
#   bash tools/build-tfjs-node.sh --force    build again
#
# Why: the package's own install script downloads a TensorFlow library from a storage host. Where that host cannot be
# reached, `npm ci` leaves the package out (it is optional) and rx-ema uses tfjs's other backends. The wheel holds the
# same library with the same C interface, so the addon can be compiled against it.
#
# Needs: Linux x64, node and npm, python3 with pip, unzip, g++ and make; `npm ci` has run. The first run downloads 230 MB
# and keeps the unpacked library (0.7 GB) in ${XDG_CACHE_HOME:-~/.cache}/rx-ema; node_modules links to it, so keep it for
# as long as the build is used. `npm ci` throws the build away: run this again, it takes seconds then.
set -euo pipefail
cd "$(dirname "$0")/.."

version=2.18.1
sha256=810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298 # of the wheel for CPython 3.11; only C is used
package=node_modules/@tensorflow/tfjs-node
unpacked="${XDG_CACHE_HOME:-$HOME/.cache}/rx-ema/tensorflow-cpu-$version"

fail() {
  echo "build-tfjs-node: $*" >&2
  exit 1
}

# Runs one op on the native backend, and says so. Node 23 and later lack two functions that tfjs-node 4.22 calls.
loads() {
  TF_CPP_MIN_LOG_LEVEL=2 node --input-type=module - <<'JS'
import util from 'node:util';
util.isNullOrUndefined ??= (value) => value == null;
util.isArray ??= Array.isArray;
const { default: tf } = await import('@tensorflow/tfjs-node');
const sum = tf.add(1, 2).dataSync()[0];
if (tf.getBackend() !== 'tensorflow' || sum !== 3) throw new Error(`${tf.getBackend()}: 1 + 2 = ${sum}`);
console.log(`tfjs-node ${tf.version['tfjs-node']} runs on TensorFlow ${tf.backend().binding.TF_Version}`);
JS
}

unpack_wheel() {
  local work
  mkdir -p "$(dirname "$unpacked")"
  work=$(mktemp -d "$unpacked.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "downloading tensorflow-cpu $version"
  python3 -m pip download --quiet --no-deps --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 \
    --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 --dest "$work" "tensorflow-cpu==$version"
  echo "$sha256  $(echo "$work"/*.whl)" | sha256sum --check --quiet || fail "the wheel is not the one that was tested"
  unzip -q "$work"/*.whl 'tensorflow/include/*' tensorflow/libtensorflow_cc.so.2 tensorflow/libtensorflow_framework.so.2 \
    -d "$work"
  rm -rf "$unpacked"
  mv "$work/tensorflow" "$unpacked"
  rm -rf "$work"
  trap - EXIT
}

[ "$(uname -sm)" = 'Linux x86_64' ] || fail "the wheel is for Linux x86_64, this is $(uname -sm)"
[ -d node_modules ] || fail 'run `npm ci` first'
if [ "${1:-}" != --force ] && [ -d "$package" ] && loads 2>/dev/null; then
  exit 0
fi
for tool in node npm python3 unzip g++ make; do
  command -v "$tool" >/dev/null || fail "$tool must be installed"
done
[ -f "$unpacked/libtensorflow_cc.so.2" ] || unpack_wheel

# The lock file knows the package though `npm ci` left it out; without scripts it can be put in.
[ -f "$package/scripts/install.js" ] || npm install --no-save --ignore-scripts --no-audit --no-fund
[ -f "$package/scripts/install.js" ] || fail "npm did not install $package"

# The names that tfjs-node 4.22 looks for: it expects TensorFlow 2.9.1.
rm -rf "$package/deps" "$package/lib" "$package/build"
mkdir -p "$package/deps/lib"
ln -s "$unpacked/include" "$package/deps/include"
for name in libtensorflow.so libtensorflow.so.2 libtensorflow.so.2.9.1 libtensorflow_cc.so.2; do
  ln -s "$unpacked/libtensorflow_cc.so.2" "$package/deps/lib/$name"
done
for name in libtensorflow_framework.so libtensorflow_framework.so.2; do
  ln -s "$unpacked/libtensorflow_framework.so.2" "$package/deps/lib/$name"
done
echo '{ "tf-lib": "unused" }' >"$package/scripts/custom-binary.json" # means: compile, download no binary

# An RPATH is inherited by the libraries that are loaded, a RUNPATH is not; both libraries must stay needed.
export LDFLAGS='-Wl,--no-as-needed -Wl,--disable-new-dtags'
headers=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
if [ -f "$headers/include/node/node_api.h" ]; then
  export npm_config_nodedir="$headers"
fi
echo 'compiling the addon'
log=$(mktemp)
if ! (cd "$package" && npm run install) >"$log" 2>&1 || ! loads; then
  cat "$log" >&2
  fail 'the addon does not load'
fi
rm -f "$log"
