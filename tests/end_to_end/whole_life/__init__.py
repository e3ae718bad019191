"""A tenant that lives through everything, beside a model of it."""
