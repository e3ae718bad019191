"""The CRM: what contacts, companies, deals, tasks, notes and activities add.

What holds for every record is in `services.records` and `services.search`. Start
reading at `companies.py`, the plainest one.
"""
