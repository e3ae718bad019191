"""What queues on PostgreSQL cost: published libraries, and rows with leases.

The libraries are no requirements of the product. Install them first, into a separate
environment if you like: `pip install pgqueuer==1.6.0 procrastinate==3.10.0 dbos==3.4.0
"psycopg[binary,pool]"`. Then `python -m tests.scale.queues [TASKS]` prints, for each:

- `put`: processor time of the database for one task that a transaction puts in;
- `run`: how many tasks a second one worker runs that waited, and the processor time of
  worker and database for each;
- `wait`: how long a task waits for its worker beside 100 others a second.

A task does nothing but to note that it ran.
"""
