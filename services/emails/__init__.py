"""E-mails to contacts: who may get them, what they say, and what became of them.

Whether a contact may get an e-mail is judged three times: when it is created, when it
is claimed, and under locks right before its last byte. Begin with `judging.py`.
"""
