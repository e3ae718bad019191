"""Writes the documents into generated code's folder: `python -m edge.openapi gen`."""

import sys
from pathlib import Path

from edge.openapi import files
from edge.openapi.comments import read_comments
from edge.openapi.contracts import by_contract
from edge.openapi.document import build_document
from edge.openapi.examples import illustrate
from edge.surface import public_services
from edge.versions import CHANGES

_gen = Path(sys.argv[1])
_comments = read_comments((_gen / "descriptors.binpb").read_bytes())
_newest = build_document(public_services(), _comments)
_recording = files.read_recording()
files.write(
    _gen / files.FOLDER,
    {
        version: illustrate(document, _recording)
        for version, document in by_contract(_newest, CHANGES).items()
    },
)
