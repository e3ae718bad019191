"""The relay: what arrives in a real NATS JetStream, and that nothing is left out."""
