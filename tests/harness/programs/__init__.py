"""The product as tests start it: with a fault planted, under a count, with workers."""
