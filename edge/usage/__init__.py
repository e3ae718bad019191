"""Usage: the requests of each caller, counted in memory and reported to the services.

Start reading at `tallies.py`.
"""
