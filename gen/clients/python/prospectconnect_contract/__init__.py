"""The contract in Python: types and operations, generated."""
