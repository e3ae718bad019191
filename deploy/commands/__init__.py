"""The command line: one module for each group of commands.

A command reads the settings, calls another room and prints a result. The room may
import all rooms of `deploy` below it, and the `services` that it administers. Start
reading at `command_line.py`, then `serve_commands.py`.
"""
