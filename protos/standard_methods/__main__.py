"""`python -m protos.standard_methods [--check]`, which `make gen` runs.

With `--check` it writes nothing and fails when a region is stale.
"""

import sys
from pathlib import Path

from protos.standard_methods.records import read_records, written_by_hand
from protos.standard_methods.regions import completed

PROTOS = Path(__file__).parents[1]


def main(check: bool) -> None:
    """Writes the regions of every record's file, or checks that they are fresh."""
    paths = sorted(PROTOS.glob("prospectconnect/**/*.proto"))
    files = {str(path.relative_to(PROTOS)): path.read_text() for path in paths}
    records = read_records(files)
    for record in records:
        made = completed(written_by_hand(files[record.file]), record, records)
        if made == files[record.file]:
            continue
        if check:
            raise SystemExit(f"protos/{record.file} is stale: run make gen")
        (PROTOS / record.file).write_text(made)


if __name__ == "__main__":
    main("--check" in sys.argv[1:])
