#!/usr/bin/env bash
# Writes the standard methods into the protos of records, then generates everything
# under gen/ from the protos: messages, stubs, type hints, the descriptor set with its
# comments, and the OpenAPI documents. Run it as `make gen`.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-.venv/bin}
out=${2:-gen}
site=$("$bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
files=$(cd protos && find prospectconnect -name '*.proto' | LC_ALL=C sort)

"$bin/python" -B -m protos.standard_methods
find "$out" \( -name '*_pb2*.py' -o -name '*_pb2*.pyi' \) -delete 2>/dev/null || true
mkdir -p "$out"
# shellcheck disable=SC2086  # one argument a file
"$bin/python" -m grpc_tools.protoc -I protos -I "$site" -I "$site/grpc_tools/_proto" \
  --plugin=protoc-gen-mypy="$bin/protoc-gen-mypy" \
  --plugin=protoc-gen-mypy_grpc="$bin/protoc-gen-mypy_grpc" \
  --python_out="$out" --grpc_python_out="$out" \
  --mypy_out=quiet:"$out" --mypy_grpc_out=quiet:"$out" \
  --include_imports --include_source_info \
  --descriptor_set_out="$out/descriptors.binpb" $files
PYTHONPATH="$out:." "$bin/python" -B -m edge.openapi "$out"
