"""The command line. Each module holds one group of commands.

Start reading at `command_line.py`.
"""
