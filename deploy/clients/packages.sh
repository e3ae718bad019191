#!/usr/bin/env bash
# Builds the packages of the clients as files that people install: a wheel and an npm
# tarball, by default into build/packages/. Run it as `make packages`.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${1:-.venv/bin}
out=${2:-build/packages}
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The sources are copied: setuptools leaves its own folders beside them. And the time in
# the archives is fixed, so that the same sources make the same bytes.
export SOURCE_DATE_EPOCH=1796083200
for part in deploy/clients/python gen/clients/python; do
  mkdir -p "$work/$part"
  tar -C "$part" --exclude=__pycache__ -cf - . | tar -C "$work/$part" -xf -
done
rm -f "$out"/*.whl "$out"/*.tgz
"$bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps \
  --no-build-isolation --no-index --wheel-dir "$out" "$work/deploy/clients/python"
npm pack --silent --offline --pack-destination "$out" "$PWD/gen/clients/typescript" >/dev/null
ls "$out"
