"""Jobs: work that takes longer than a request.

A job is a row, written in the transaction of the request that begins it. Workers run it
in steps. A step is one transaction that does a bounded piece of work and notes in the
row how far the job is: whatever ends in between, the next step goes on there, and
nothing is done twice. This room knows no kind of job; each brings a runner.
"""
