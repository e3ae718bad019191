"""Several records at once: created by one statement, or read by one query.

Single requests import nothing from here. Start reading at `together.py`.
"""
