#!/usr/bin/env bash
# Builds the interface for Maven: installs packages only when the lock file changed, builds only when the sources changed.
# Tests run again only when something changed since they last passed.
# Usage: maven.sh build|skip|build-tests|skip-tests
set -euo pipefail
cd "$(dirname "$0")/.."
out=target/classes/ui

without() {
  rm -rf "$out"
  if [ "${CI:-}" = "true" ]; then
    echo "ERROR: the interface cannot be built: $1" >&2
    exit 1
  fi
  cat >&2 <<TEXT
*********************************************************************************
  The interface is NOT built: $1
  The server answers its pages with a note that says so.
  Install Node 20.19 or newer (https://nodejs.org), then build again.
*********************************************************************************
TEXT
  exit 0
}

if [ "${1:-build}" = "skip-tests" ]; then
  exit 0
fi
if [ "${1:-build}" = "skip" ]; then
  echo "Interface skipped (-Dui=skip): what was built before stays." >&2
  exit 0
fi
if [ "${1:-build}" = "build-tests" ] && ! command -v node >/dev/null 2>&1; then
  exit 0
fi
command -v node >/dev/null 2>&1 || without "Node was not found on the PATH"
command -v npm >/dev/null 2>&1 || without "npm was not found on the PATH"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
  || without "Node $(node --version) is older than 20.19"

hash_of() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }

lock=$(hash_of package-lock.json)
if [ "$(cat node_modules/.perennial-lock 2>/dev/null || true)" != "$lock" ]; then
  echo "Interface: installing packages" >&2
  npm ci --no-audit --no-fund >&2
  echo "$lock" > node_modules/.perennial-lock
fi

mapfile -t sources < <(find src public build index.html package-lock.json package.json vite.config.ts tsconfig.json -type f | LC_ALL=C sort)
state=$(hash_of "${sources[@]}")
if [ "${1:-build}" = "build-tests" ]; then
  state="$state $(hash_of biome.json)"
  if [ "$(cat target/ui-tests.stamp 2>/dev/null || true)" != "$state" ]; then
    npm run --silent check >&2
    npm test --silent >&2
    echo "$state" > target/ui-tests.stamp
  fi
  exit 0
fi

if [ "$(cat dist/.stamp 2>/dev/null || true)" != "$state" ]; then
  echo "Interface: building" >&2
  rm -rf dist
  npm run --silent build >&2
  echo "$state" > dist/.stamp
fi
if [ "$(cat target/ui.stamp 2>/dev/null || true)" != "$state" ] || [ ! -f "$out/index.html" ]; then
  rm -rf "$out"
  mkdir -p "$out"
  cp -r dist/. "$out/"
  rm -f "$out/.stamp"
  echo "$state" > target/ui.stamp
fi
