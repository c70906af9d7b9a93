#!/usr/bin/env bash
# Gets what the tests with a real Kafka need: the jars of a broker, and node-rdkafka, compiled for this checkout.
#
#   bash tools/get-kafka.sh            get what is missing
#   bash tools/get-kafka.sh --force    get both again
#
# Needs: Linux; Java 17 or later and mvn for the broker; node and npm, g++, make, python3 and the headers of OpenSSL and
# zlib for node-rdkafka, which has no compiled release; `npm ci` has run. The first run downloads 150 MB and compiles for
# a minute or two; both are kept in ${XDG_CACHE_HOME:-~/.cache}/rx-ema (140 MB). node_modules links to node-rdkafka,
# which is no dependency of the package: `npm ci` takes the link away. Run this again, it takes seconds then.
set -euo pipefail
cd "$(dirname "$0")/.."

client_version=3.6.1
[ "${1:-}" = --force ] && force=1 || force=''
cache="${XDG_CACHE_HOME:-$HOME/.cache}/rx-ema"
jars="$cache/kafka-4.3.1"

fail() {
  echo "get-kafka: $*" >&2
  exit 1
}

needs() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || fail "$tool must be installed"
  done
}

# A new folder beside the one that it will become: what lies in the cache is whole.
beside() {
  mkdir -p "$cache"
  mktemp -d "$1.XXXXXX"
}

broker_is_here() {
  [ -z "$force" ] && cmp -s tools/kafka/pom.xml "$jars/pom.xml"
}

get_broker() (
  needs mvn
  work=$(beside "$jars")
  trap 'rm -rf "$work"' EXIT
  echo 'downloading Kafka'
  if ! mvn --quiet --batch-mode --strict-checksums --file tools/kafka/pom.xml dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$work" >"$work/log" 2>&1; then
    cat "$work/log" >&2
    fail 'mvn could not download Kafka'
  fi
  rm "$work/log"
  cp tools/kafka/pom.xml "$work"
  rm -rf "$jars"
  mv "$work" "$jars"
)

# Says which librdkafka the client in the folder has.
loads() {
  node -p "'node-rdkafka $client_version runs on librdkafka ' + require('$1').librdkafkaVersion"
}

# Compiles in a folder of its own.
get_client() (
  needs g++ make python3
  work=$(beside "$client")
  trap 'rm -rf "$work"' EXIT
  echo "compiling node-rdkafka $client_version"
  echo '{ "private": true }' >"$work/package.json"
  npm install --prefix "$work" --ignore-scripts --no-audit --no-fund "node-rdkafka@$client_version" >/dev/null ||
    fail 'npm could not install node-rdkafka'
  package="$work/node_modules/node-rdkafka"
  log="$work/log"
  if ! { compile "$package" && prune "$package" && loads "$package"; } >"$log" 2>&1; then
    cat "$log" >&2
    fail 'node-rdkafka does not compile: are the headers of OpenSSL and zlib there (libssl-dev and zlib1g-dev)?'
  fi
  rm -rf "$log" "$client"
  mv "$work" "$client"
)

# librdkafka first: inside of node-gyp its make would run one job at a time.
compile() {
  local headers
  headers=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
  if [ -f "$headers/include/node/node_api.h" ]; then
    export npm_config_nodedir="$headers"
  fi
  export npm_config_jobs=max
  (cd "$1" && ./configure && make -C deps/librdkafka -j"$(nproc)" libs && npm run install)
}

# Keeps what is needed to run: 16 MB of 540.
prune() {
  find "$1" -mindepth 1 -maxdepth 1 \
    ! -name build ! -name lib ! -name '*.d.ts' ! -name librdkafka.js ! -name package.json ! -name LICENSE.txt \
    -exec rm -rf {} +
  find "$1/build" ! -type d ! -path '*/Release/node-librdkafka.node' ! -path '*/deps/librdkafka*.so.1' -delete
  find "$1/build" -type d -empty -delete
}

[ -d node_modules ] || fail 'run `npm ci` first'
needs java node npm
java=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
[ "${java:-0}" -ge 17 ] || fail "Java 17 or later must be installed, this is ${java:-unknown}"

client="$cache/node-rdkafka-$client_version-abi$(node -p process.versions.modules)"
client_is_here() {
  [ -z "$force" ] && loads "$client/node_modules/node-rdkafka" >/dev/null 2>&1
}

broker_is_here || get_broker &
broker=$!
client_is_here || get_client &
wait $! || failed=1
wait "$broker" || failed=1
[ -z "${failed:-}" ] || exit 1

rm -rf node_modules/node-rdkafka
ln -s "$client/node_modules/node-rdkafka" node_modules/node-rdkafka
loads "$PWD/node_modules/node-rdkafka"
echo "Kafka $(basename "$jars" | cut -d- -f2) is in $jars"
