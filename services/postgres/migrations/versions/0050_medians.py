"""The median of many numbers without sorting them all."""

from alembic import op

revision = "0050"
down_revision = "0047"

# Of many numbers every 32nd tells about where the middle is: only those near it are
# sorted. If the middle is not among them, all are. Numbers up to `few` are sorted at
# once. No number may be null.
_MIDDLE = """
CREATE FUNCTION middle_of(given numeric[]) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  few CONSTANT bigint := 20000;
  total CONSTANT bigint := cardinality(given);
  below bigint := 0;
  bounds numeric[];
  near numeric[];
BEGIN
  IF total = 0 THEN
    RETURN NULL;
  END IF;
  IF total > few THEN
    SELECT percentile_disc(ARRAY[0.45, 0.55]) WITHIN GROUP (ORDER BY s.v) INTO bounds
    FROM (SELECT unnest(given) AS v, generate_series(1, total) AS n OFFSET 0) AS s
    WHERE s.n % 32 = 0;
    SELECT count(*) FILTER (WHERE g.v < bounds[1]),
      array_agg(g.v) FILTER (WHERE g.v BETWEEN bounds[1] AND bounds[2])
    INTO below, near FROM (SELECT unnest(given) AS v) AS g;
    IF below < (total + 1) / 2 AND total / 2 + 1 <= below + cardinality(near) THEN
      given := near;
    ELSE
      below := 0;
    END IF;
  END IF;
  RETURN (
    SELECT (min(m.v) + max(m.v)) * 0.5 FROM (
      SELECT g.v FROM unnest(given) AS g (v) ORDER BY g.v
      OFFSET (total + 1) / 2 - 1 - below LIMIT 2 - total % 2
    ) AS m
  );
END $$
"""


def upgrade() -> None:
    op.execute(_MIDDLE)
