#!/usr/bin/env bash
# Generates gen/clients/ from the newest OpenAPI document: the types by
# datamodel-code-generator and openapi-typescript, the operations by `deploy.clients`, and the
# TypeScript package by its compiler. Run it as `make clients`.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${1:-.venv/bin}
out=${2:-gen/clients}
tools=$PWD/deploy/clients/typescript/node_modules/.bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

document=$(find gen/openapi -name '????-??-??.json' | LC_ALL=C sort | tail -1)
write() { PYTHONPATH=. "$bin/python" -m deploy.clients "$document" "$1"; }
write schemas.json >"$work/schemas.json"
write python.json >"$work/python.json"

python=$out/python/prospectconnect_contract
rm -rf "$python"
mkdir -p "$python"
touch "$python/py.typed"
echo '"""The contract in Python: types and operations, generated."""' >"$python/__init__.py"
write operations.py.jinja >"$python/operations.py"
PYTHONPATH=. "$bin/python" -m deploy.clients.command_catalog "$document" "$python/commands"
cp deploy/clients/templates/{associations,custom_fields,external_ids}.py "$python"
"$bin/python" -W ignore -m datamodel_code_generator \
  --input "$work/python.json" --input-file-type openapi \
  --output "$python/records.py" --output-model-type typing.TypedDict \
  --target-python-version 3.10 --disable-timestamp --formatters builtin \
  --enum-field-as-literal all --no-use-closed-typed-dict \
  --use-schema-description --use-field-description --use-single-line-docstring
"$bin/ruff" format --isolated --quiet \
  --config 'format.skip-magic-trailing-comma=true' "$python"

typescript=$out/typescript
cp deploy/clients/typescript/{*.ts,package.json,tsconfig.json} "$work"
write operations.ts.jinja >"$work/operations.ts"
write typescript.json >"$work/typescript.json"
node deploy/clients/typescript/types.mjs "$work/typescript.json" "$work/records.d.ts"
"$tools/tsc" --project "$work" --outDir "$work/built"
rm -rf "$typescript"
mkdir -p "$typescript"
cp "$work"/{built/*,records.d.ts,package.json} deploy/clients/typescript/README.md "$typescript"
