"""The commands `doctor` and `health`: checks of a setup, and of a running server.

The checks only read, and report what to do. The room may import `services` and the
rooms of `deploy` below it. Start reading at `checks.py`.
"""
