#!/usr/bin/env bash
# Generates gen/clients/ from the newest OpenAPI document: the types by
# datamodel-code-generator and openapi-typescript, the operations by `clients`, and the
# TypeScript package by its compiler. Run it as `make clients`.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-.venv/bin}
out=${2:-gen/clients}
document=$(find gen/openapi -name '????-??-??.json' | LC_ALL=C sort | tail -1)

python=$out/python/prospectconnect_contract
rm -rf "$python"
mkdir -p "$python"
echo '"""The contract in Python: types and operations, generated."""' >"$python/__init__.py"
touch "$python/py.typed"
"$bin/python" -W ignore -m datamodel_code_generator \
  --input "$document" --input-file-type openapi --openapi-scopes schemas \
  --output "$python/records.py" --output-model-type typing.TypedDict \
  --target-python-version 3.11 --disable-timestamp --formatters builtin \
  --enum-field-as-literal all --no-use-closed-typed-dict \
  --use-schema-description --use-field-description --use-single-line-docstring
PYTHONPATH=. "$bin/python" -m clients "$document" operations.py.jinja \
  >"$python/operations.py"
"$bin/ruff" format --isolated --quiet \
  --config 'format.skip-magic-trailing-comma=true' "$python"

typescript=$out/typescript
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp clients/typescript/{*.ts,package.json,tsconfig.json} "$work"
tools=$PWD/clients/typescript/node_modules
"$tools/.bin/openapi-typescript" "$document" --output "$work/records.d.ts" \
  --root-types --root-types-no-schema-prefix >/dev/null
PYTHONPATH=. "$bin/python" -m clients "$document" operations.ts.jinja \
  >"$work/operations.ts"
"$tools/.bin/tsc" --project "$work" --outDir "$work/built"
rm -rf "$typescript"
mkdir -p "$typescript"
cp "$work"/built/* "$work/records.d.ts" \
  clients/typescript/{package.json,README.md} "$typescript"
