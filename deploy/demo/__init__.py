"""The demonstration data: a tenant with people, companies, deals and their stories.

Start reading at `loading.py`.
"""
