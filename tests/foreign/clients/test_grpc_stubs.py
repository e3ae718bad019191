"""Stubs in another language, generated from the protos alone, speak to the services."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tests.foreign.programs import HERE, run_node
from tests.world import Tenant

ROOT = HERE.parents[1]
NODE_MODULES = HERE / "node_modules"
SITE = Path(sysconfig.get_path("purelib"))


def proto_files() -> list[str]:
    """Our protos, what they import, and the details of errors."""
    described = FileDescriptorSet.FromString(
        (ROOT / "gen/descriptors.binpb").read_bytes()
    )
    names = [file.name for file in described.file]
    wanted = [name for name in names if not name.startswith("google/protobuf/")]
    return [*wanted, "google/rpc/error_details.proto"]


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    """A folder with stubs for Connect, as a team would make them."""
    plugin = NODE_MODULES / ".bin/protoc-gen-es"
    command = [sys.executable, "-m", "grpc_tools.protoc"]
    command += ["-I", "protos", "-I", str(SITE), "-I", f"{SITE}/grpc_tools/_proto"]
    command += [f"--plugin=protoc-gen-es={plugin}", f"--es_out={tmp_path}"]
    command += ["--es_opt=target=js+dts,import_extension=js", *proto_files()]
    subprocess.run(command, cwd=ROOT, check=True)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    return tmp_path


@pytest.mark.node
def test_typescript_stubs_call_the_services(tenant: Tenant, stubs: Path) -> None:
    told = {
        "stubs": str(stubs),
        "address": tenant.stack.grpc,
        "token": tenant.tokens["owner"],
    }
    found = run_node("clients/grpc_stubs.mjs", told)
    assert found["role"] == "owner"
    first, again = found["made"]
    assert first["id"] == again["id"]
    assert again["replayed"] == "true" != first.get("replayed")
    assert found["found"] == [first["id"]]
    assert found["refused"] == {
        "invalid": {
            "code": "InvalidArgument",
            "reason": "VALIDATION_FAILED",
            "domain": "prospectconnect.ai",
            "faults": [
                ["contact.email", "INVALID_FORMAT"],
                ["contact.lead_score", "TOO_LARGE"],
            ],
        },
        "unknown": {
            "code": "NotFound",
            "reason": "NOT_FOUND",
            "domain": "prospectconnect.ai",
        },
        "nobody": {
            "code": "Unauthenticated",
            "reason": "TOKEN_INVALID",
            "domain": "prospectconnect.ai",
        },
    }
