"""What the log of changes tells of a record: its history, and its states in the past.

A caller is told of a record that it sees; of a deleted one if it may delete such
records. What the record would hide from the caller stays hidden in its past.
"""
