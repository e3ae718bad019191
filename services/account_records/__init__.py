"""What the pages show of records: their history, merges, and webhooks.

Everything is read and written by the API's own methods, which run for the logged-in
user with their own gates: permissions, rules, visibility, masks.
"""
