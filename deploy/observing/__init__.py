"""Logs, metrics and traces of a process.

The parts of the program count by themselves; this room publishes what they count. It
may import `edge`, `services`, `tls`, `settings` and the small modules of `deploy`.
Start reading at `watching.py`, then `metrics.py`.
"""
