# ruff: noqa: S608  every name put into this SQL is our own
"""Which places of the roster are taken, as SQL of our own: the same text for the application, and
for the role of the resident's process, which sees no other case's row (`data.separation`)."""

from __future__ import annotations

import sqlalchemy as sa

AHEAD_DAYS = 5
"""A reception is booked at least so many days before (定联办〔2020〕3号, DOMAIN.md §5)."""
FEWEST_PLACES = 3
"""A line with fewer places is not booked by code: that it is full would tell of one or two."""
HELD_DAYS = 3
"""How long a place that was cancelled is kept for the one who may want it back."""
_HELD = HELD_DAYS * 24 * 3_600 * 1_000_000

_CHAIN = """up(id, last) AS (
  SELECT r.id, r.id FROM {s}roster r WHERE NOT EXISTS
    (SELECT 1 FROM {s}roster l WHERE l.replaces = r.id)
  UNION ALL
  SELECT r.replaces, up.last FROM up JOIN {s}roster r ON r.id = up.id WHERE r.replaces IS NOT NULL
)"""
"""Every row of the roster with the row that came of it."""
_TAKEN = f"""WITH RECURSIVE {_CHAIN}
SELECT DISTINCT up.last AS line_id, a.slot FROM {{s}}appointment a JOIN up ON up.id = a.roster_id
WHERE a.id IN (SELECT max(id) FROM {{s}}appointment GROUP BY case_id) AND a.case_id <> {{own}}
  AND (a.event = 'booked' OR a.event = 'cancelled'
    AND a.recorded_at > (SELECT max(at) FROM {{s}}last_stamp) - {_HELD})"""


def taken_by_others(conn: sa.Connection, case_id: str) -> set[tuple[int, int]]:
    """(line in force, place) that other cases have, or have cancelled within three days.

    Inside a transaction of somebody who showed the case's scope. The residents' role asks the
    function of the owner of the tables, because it sees no other case's row.
    """
    query = _TAKEN.format(s="", own=":own")
    is_apart = conn.dialect.name == "postgresql" and conn.scalar(
        sa.text("SELECT row_security_active('appointment')")
    )
    if is_apart:
        query = "SELECT line_id, slot FROM zaojie_taken_places()"
    of = {"own": case_id} if ":own" in query else {}
    return {(int(line), int(slot)) for line, slot in conn.execute(sa.text(query), of)}


def functions(schema: str) -> dict[str, str]:
    """Functions for the residents' role, by signature; they run as the owner of the tables."""
    s = f"{schema}."
    own = f"coalesce({s}zaojie_open_case(), '')"
    newest = (
        f"SELECT n.event, n.roster_id, n.slot FROM {s}appointment n WHERE n.case_id = "
        f"{s}zaojie_open_case() ORDER BY n.id DESC LIMIT 1"
    )
    zone = f"(SELECT value FROM {s}meta WHERE key = 'zone')"
    today = f"(to_timestamp(($1).recorded_at / 1000000.0) AT TIME ZONE {zone})::date"
    same = "n.roster_id = ($1).roster_id AND n.slot = ($1).slot"
    may = f"""WITH RECURSIVE {_CHAIN.format(s=s)}, n AS ({newest}),
line AS (SELECT r.* FROM up JOIN {s}roster r ON r.id = up.last
  WHERE up.id = ($1).roster_id AND NOT r.is_off AND r.day >= {today}),
live AS (SELECT 1 FROM n JOIN up ON up.id = n.roster_id JOIN {s}roster r ON r.id = up.last
  WHERE n.event = 'booked' AND NOT r.is_off AND r.day >= {today})
SELECT CASE ($1).event
  WHEN 'cancelled' THEN EXISTS (SELECT 1 FROM live, n WHERE {same})
  WHEN 'booked' THEN NOT EXISTS (SELECT 1 FROM live) AND ($1).slot >= 1
    AND EXISTS (SELECT 1 FROM line WHERE
      EXISTS (SELECT 1 FROM n WHERE n.event = 'cancelled' AND {same})
      OR line.id = ($1).roster_id AND line.slots >= {FEWEST_PLACES} AND line.slots >= ($1).slot
        AND line.day >= {today} + {AHEAD_DAYS})
    AND NOT EXISTS (SELECT 1 FROM line JOIN {s}zaojie_taken_places() t ON t.line_id = line.id
      WHERE t.slot = ($1).slot)
  ELSE false END"""
    return {
        "zaojie_taken_places() RETURNS TABLE (line_id bigint, slot smallint)": (
            _TAKEN.format(s=s, own=own)
        ),
        f"zaojie_may_book({s}appointment) RETURNS boolean": may,
    }
