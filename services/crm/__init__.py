"""The CRM domain: what contacts, deals, tasks, notes and activities add.

Each module has the `Behaviour` of a kind and its own methods. A kind without either,
such as the company, needs no module: `services.standard` answers its methods. The room
may import all rooms below it, and no other domain. Start reading at `tasks.py`, a short
one, then `deals.py`.
"""
