"""Searches over records: filters, words, order and pages, compiled to SQL.

It imports `records` and what lies below. Start reading at `searches.py`.
"""
