"""Records the examples anew into `gen/openapi`: `python -m tests.openapi`.

Afterwards `make gen` writes them into the documents.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.embedded import postgres
from edge.openapi.files import FOLDER
from services.postgres.schema import migrate
from tests import stacks
from tests.openapi.recording import HASTY, record, write

with (
    TemporaryDirectory() as data,
    postgres.running(Path(data), print) as url,
):
    asyncio.run(migrate(url, print))
    with stacks.running("together", url, HASTY) as stack:
        write(Path("gen") / FOLDER, record(stack))
