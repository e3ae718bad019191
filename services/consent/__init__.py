"""Who may be written to: consents, suppressed addresses, and what follows from both."""
