"""Tools for sockets: plain HTTP, gRPC, proxies, certificates, and clients."""
