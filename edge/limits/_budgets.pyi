"""What `budgets.c` offers; it says there what it is."""

from edge.limits.budget_table import PureTable

class Table(PureTable): ...
