"""What the answer of a read holds: some fields, and records that come along.

Start reading at `asked.py`.
"""
