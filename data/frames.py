"""The tables that leave the store: declared once, checked at the border, trusted inside.

Times are instants in UTC (`datetime64[us, UTC]`); local days are the reader's business, by the
county's zone. A missing text is NA, never an empty string.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Index, Series

from .vocabulary import ACTORS, EVENTS, FILING_KINDS, FLAG_LEVELS, PROCEDURES

UTC = "datetime64[us, UTC]"


class Cases(pa.DataFrameModel):
    """One row per case in its newest version known at the moment of reading."""

    case: Index[int] = pa.Field(unique=True, description="0..n-1, the row's number in this read")
    case_id: Series[str] = pa.Field(
        nullable=True, description="random id; NA for a scope that reads figures only"
    )
    opened_at: Series[UTC] = pa.Field(description="when the person asked")  # type: ignore[valid-type]
    known_at: Series[UTC] = pa.Field(  # type: ignore[valid-type]
        description="when the record knew: source_recorded_at of an import, else recorded_at"
    )
    township_code: Series[str] = pa.Field(description="township of the problem")
    grid_code: Series[str] = pa.Field(nullable=True, description="grid; NA while unconfirmed")
    domain: Series[str] = pa.Field(description="one of vocabulary.DOMAINS")
    category: Series[str] = pa.Field(description="id in the categories file")
    kind: Series[str] = pa.Field(description="redress or suggestion")
    channel: Series[str] = pa.Field(description="one of vocabulary.CHANNELS")
    procedure: Series[str] = pa.Field(isin=PROCEDURES)
    pack: Series[str] = pa.Field(description="id of the rules pack the case began under")
    body_id: Series[str] = pa.Field(description="body named at registration; transfers move it on")
    desk: Series[str] = pa.Field(description="id of the desk (a body) that registered it")
    limit_at: Series[UTC] = pa.Field(  # type: ignore[valid-type]
        nullable=True, description="limit given with this very case (us_311); else NaT"
    )
    is_confirmed: Series[bool] = pa.Field(
        description="asker's own channel, or the code was used; others are on no map, in no model"
    )

    class Config:
        strict = True


class Events(pa.DataFrameModel):
    """One row per event of those cases, sorted by case, then occurred_at, then order of entry."""

    case: Series[int] = pa.Field(ge=0, description="row number in `Cases`")
    event: Series[pd.CategoricalDtype] = pa.Field(
        dtype_kwargs={"categories": list(EVENTS), "ordered": False}
    )
    occurred_at: Series[UTC]  # type: ignore[valid-type]
    known_at: Series[UTC]  # type: ignore[valid-type]
    actor: Series[pd.CategoricalDtype] = pa.Field(
        dtype_kwargs={"categories": list(ACTORS), "ordered": False}
    )
    body_id: Series[str] = pa.Field(nullable=True, description="body that acted; NA for the asker")
    to_body_id: Series[str] = pa.Field(nullable=True, description="of a transfer: the receiver")
    days: Series[pd.Int16Dtype] = pa.Field(nullable=True, description="of an extension")
    code: Series[str] = pa.Field(
        nullable=True, description="word from a closed list: a rating, a reason"
    )

    class Config:
        strict = True


class Filings(pa.DataFrameModel):
    """One row per filing received (revisions included), in order of arrival."""

    township_code: Series[str]
    period: Series[pa.DateTime] = pa.Field(description="local calendar day, midnight, naive")
    kind: Series[str] = pa.Field(isin=FILING_KINDS)
    filed_at: Series[UTC]  # type: ignore[valid-type]
    reason: Series[str] = pa.Field(nullable=True)

    class Config:
        strict = True


class Townships(pa.DataFrameModel):
    """One row per township, with its life."""

    township_code: Series[str] = pa.Field(unique=True)
    name_zh: Series[str]
    name_en: Series[str]
    valid_from: Series[pa.DateTime] = pa.Field(description="first day, naive local")
    valid_to: Series[pa.DateTime] = pa.Field(nullable=True, description="last day; NaT = still")

    class Config:
        strict = True


class Bodies(pa.DataFrameModel):
    """One row per body that can owe an answer; township offices are bodies and desks too."""

    body_id: Series[str] = pa.Field(unique=True)
    name_zh: Series[str]
    name_en: Series[str]
    kind: Series[str] = pa.Field(isin=("department", "township_office", "review_office"))
    township_code: Series[str] = pa.Field(nullable=True, description="of a township office")
    reviewed_by: Series[str] = pa.Field(
        nullable=True, description="body that reviews its answers; NA = none is named"
    )

    class Config:
        strict = True


class Scores(pa.DataFrameModel):
    """One row per open case of one scoring: what was shown, never computed again."""

    case_id: Series[str] = pa.Field(unique=True)
    as_of: Series[UTC] = pa.Field(description="what was known then was used")  # type: ignore[valid-type]
    probability: Series[float] = pa.Field(ge=0, le=1, description="of no answer by the limit")
    model_version: Series[str]

    class Config:
        strict = True


class Flags(pa.DataFrameModel):
    """One row per flag, in the order in which they were proposed."""

    flag_id: Series[str] = pa.Field(unique=True)
    case_id: Series[str] = pa.Field(nullable=True, description="NA for a reader of figures only")
    as_of: Series[UTC] = pa.Field(description="of the scoring")  # type: ignore[valid-type]
    probability: Series[float] = pa.Field(ge=0, le=1)
    level: Series[str] = pa.Field(isin=FLAG_LEVELS)
    model_version: Series[str]
    reasons: Series[str] = pa.Field(description="JSON: [catalogue key, values] each, no words")
    proposed_at: Series[UTC]  # type: ignore[valid-type]
    decision: Series[str] = pa.Field(
        nullable=True, isin=("confirmed", "dismissed"), description="the newest; NA = none yet"
    )
    decided_at: Series[UTC] = pa.Field(nullable=True)  # type: ignore[valid-type]
    decision_reason: Series[str] = pa.Field(nullable=True)

    class Config:
        strict = True


class CaseTable(NamedTuple):
    """What one read of the record gives: the cases and their events, as of one moment."""

    cases: pd.DataFrame
    events: pd.DataFrame


def empty(model: type[pa.DataFrameModel]) -> pd.DataFrame:
    """A table of that shape with no rows: the honest answer when nothing was recorded."""
    return model.empty()


def check(model: type[pa.DataFrameModel], frame: pd.DataFrame) -> pd.DataFrame:
    """The frame, checked against its declaration at the border.

    Raises:
        pandera.errors.SchemaErrors: a bug of ours, never of somebody's data.
    """
    return model.validate(frame, lazy=True)
