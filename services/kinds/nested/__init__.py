"""Rules of what stands within records: messages, and lists of numbers."""
