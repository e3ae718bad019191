"""The product as tests start it: with a planted fault, with counters, with workers."""
