"""A process that serves, and several workers on one machine, from start to end.

The room opens the services, the edge and the channel between them, and drains them at
the end. It may import `edge`, `services`, and the rooms of `deploy` below it. Start
reading at `process.py`, then `in_process.py`, the channel within a process.
"""
