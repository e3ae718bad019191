"""Figures of many records: counts, sums and the like, by group, in one statement.

Filters, words and visibility are those of searches. Start reading at `aggregates.py`.
"""
