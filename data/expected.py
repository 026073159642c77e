"""What was forecast for each case, without its identity: for figures of areas only.

`data.scores` gives scores with case ids, to those who push cases; a leader sees figures.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd
import sqlalchemy as sa

from .db import Db
from .errors import NotAllowed
from .reading import known_at
from .schema import case_version, score
from .scope import Scope


def read_probabilities(
    db: Db, scope: Scope, as_of: dt.datetime, known: dt.datetime | None = None
) -> pd.Series:
    """P(late) of each case in the latest scoring, on the index of `data.reading.read_figures`.

    Args:
        as_of: the moment of those figures. known: up to when scorings are read; None = `as_of`.

    Returns:
        float64, NaN for a case that was not scored; no case id.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    v = case_version.c
    versions = db.frame(sa.select(v.id, v.case_id).where(known_at(case_version) <= as_of))
    newest = versions.sort_values("id", kind="stable").drop_duplicates("case_id", keep="last")
    latest = (
        sa.select(sa.func.max(score.c.recorded_at))
        .where(score.c.recorded_at <= (known or as_of))
        .scalar_subquery()
    )
    found = db.frame(
        sa.select(score.c.case_id, score.c.probability).where(score.c.recorded_at == latest)
    )
    values = newest["case_id"].map(found.set_index("case_id")["probability"])
    return values.astype("float64").reset_index(drop=True).rename("probability")
