"""TLS: which servers and channels use it, and their certificates.

It may import only `settings` and the small modules of `deploy`. Start reading at
`choices.py`, which decides by the settings, then `contexts.py`.
"""
