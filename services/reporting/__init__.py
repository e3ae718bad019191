"""Reports and dashboards: figures of records that are kept to be made again.

A report runs with the caller's rights, by the method that aggregates records of
its type, with the gates of that method. What its maker may read is never looked at.
"""
