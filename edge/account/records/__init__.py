"""The pages on which a user sees what has happened to records, and undoes it."""
