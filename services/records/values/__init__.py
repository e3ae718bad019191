"""Values that are kept a second time beside a record: typed ones and unique ones."""
