"""Exports: records of a tenant, written to files as they are at one moment.

A job reads a snapshot and writes the files. The snapshot and what is written of a file
live in the process of the job's worker: if that ends, the next worker begins anew, with
a new snapshot and new files.
"""
