"""The program: commands, settings, and how edge and services run together.

Only this package may import both `edge` and `services`. Its rooms form layers, from
small modules such as `errors` at the bottom to `commands` (see ARCHITECTURE.md). The
folders without Python hold container, Compose and Kubernetes files. Start reading at
`commands/command_line.py`, then `serving/process.py`.
"""

import os

# gRPC reads this when it is imported. Where root starts a program for another account,
# Python forks, and gRPC's handlers of a fork start threads in the child, which then
# sometimes hangs or crashes before it becomes that program.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
