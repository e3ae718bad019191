"""The pages on which a user sees and changes the schema of their tenant."""
