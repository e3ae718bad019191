"""The kinds of records: their fields, rules, formats, defaults and methods.

All of it is read from the protos at start; nothing here asks the database. The room may
import what lies below it and needs only `faults`, `clock` and `caller`. Start reading
at `record_type.py`, then `descriptors.py` and `rules.py`.
"""
