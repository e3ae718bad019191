"""Erasure: destroys the personal data of a person in every place, for good.

One transaction does it all, or nothing. Its statements are in `records/erasing`.
"""
