"""The feed of changes: what is told, to whom, in which order."""
