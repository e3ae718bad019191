"""The program: commands, settings, and how edge and services run together.

Only this package may import both `edge` and `services`. Its rooms form layers, from
small modules such as `errors` at the bottom to `commands` (see ARCHITECTURE.md). The
folders without Python hold container, Compose and Kubernetes files. Start reading at
`commands/command_line.py`, then `serving/process.py`.
"""
