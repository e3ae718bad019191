"""What is known of each kind of record before any record is read.

Fields, rules, formats and defaults come from the protos. Nothing here asks the
database. Start reading at `record_type.py`.
"""
