"""The program with a long timeout for Valkey, which may be slow on a busy machine.

`python -m tests.harness.programs.patient_program ARGUMENT...` runs the command line as
usual.
"""

from functools import partial
from unittest.mock import patch

from deploy.commands.command_line import main
from edge.limits import valkey_limiter
from edge.limits.valkey_limiter import ValkeyLimiter

PROGRAM = (__spec__.name,)  # `tests.stacks.start` runs it instead of the product
ANSWER_SECONDS = 20.0

if __name__ == "__main__":
    patient = partial(ValkeyLimiter, answer_seconds=ANSWER_SECONDS)
    patch.object(valkey_limiter, "ValkeyLimiter", patient).start()
    main()
