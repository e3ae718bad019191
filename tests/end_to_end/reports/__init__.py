"""Reports and dashboards: what they hold, who sees them, and how they run."""
