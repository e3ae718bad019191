"""E-mail: what its kinds of records add to the engine."""
