"""Values kept a second time beside a record: typed, unique and newest ones."""
