"""The relay as a program: changes of all tenants, as CloudEvents, to NATS JetStream."""
