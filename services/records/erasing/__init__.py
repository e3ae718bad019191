"""All SQL of erasures: it destroys what is known of a person, and leaves a tombstone.

An erasure is no deletion: the row goes, and with it every copy of its values that a
table holds. Each statement works on a set of records and returns how many it changed.
"""
