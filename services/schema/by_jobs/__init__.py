"""Changes of definitions that a job makes, where records are many.

A request begins a job where it finds that (`beginning.py`); `every_job.py` lists what
runs them. It imports `existing.py` of the room, and what lies below the room.
"""
