"""The program: how edge and services are put together, started, watched and ended.

Start reading at `commands/command_line.py` and `serving/process.py`.
"""
