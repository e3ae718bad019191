"""The doctor: checks of what commonly goes wrong around the program.

Start reading at `checks.py`.
"""
