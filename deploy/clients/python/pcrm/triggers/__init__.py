"""`trigger`: makes a change of a type in a sandbox, by made-up records."""
