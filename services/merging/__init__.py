"""Merges of records into one of them, and how a merge is undone.

A merge is one transaction. It deletes the merged records, moves what leads to them, and
gives the survivor what these had. The log of changes tells afterwards what it did; an
undone merge is read from there. Where old ids lead is in `records/many/merged.py`.
"""
