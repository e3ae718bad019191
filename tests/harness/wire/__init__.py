"""What goes over a socket: HTTP by hand, gRPC, proxies, certificates, and clients."""
