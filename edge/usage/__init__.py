"""Usage: what each caller asks for, counted in memory and reported to the services.

Start reading at `counts.py`.
"""
