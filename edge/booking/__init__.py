"""The public pages on which visitors book meetings; begin with `places.py`.

They need no login, no cookie and no script. What the address says decides what a page
shows, so people can share it and go back.
"""
