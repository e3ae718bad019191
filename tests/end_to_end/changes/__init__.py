"""The feed of changes: what it tells, who may read it, and its order."""
