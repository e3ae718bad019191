"""Files: contents of imports and results of exports, in a folder or an object store.

A file is visible once it is whole, and never changes. Its name begins with the tenant's
id. Start reading at `stores.py`.
"""
