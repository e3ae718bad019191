"""The Python of a guide: runs files that it is told, all in one namespace.

Each line of the input is the mark to write at the end, and a file.
"""

import sys
from pathlib import Path

names = {"__name__": "__main__"}
for line in sys.stdin:
    mark, file = line.split()
    exec(compile(Path(file).read_text(), file, "exec"), names)  # noqa: S102 - its job
    print(f"\n{mark}", flush=True)
