"""A mapping applied to an export: cases and events in columns, and what was set aside, by reason.

Columnar on purpose: tens of thousands of rows in a few seconds. Nothing is dropped: every row of
the export is either a case or a line of `set_aside`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import chain

import numpy as np
import pandas as pd

from wording import DEFAULT_LANGUAGE

from .categories import Categories
from .fields import BY_NAME, YES
from .ledger import read_steps
from .mapped_columns import (
    Place,
    body_ids,
    body_texts,
    places,
    read_columns,
    times,
    unread,
    words,
)
from .mapped_table import REASONS, Mapped, Names
from .mapping import Mapping
from .redact_many import Cleaned, cleaned, holds_person, looking
from .vocabulary import CONFIRMED_CHANNELS


def apply_mapping(
    frame: pd.DataFrame,
    mapping: Mapping,
    categories: Categories,
    areas: Collection[str],
    now: pd.Timestamp,
    place: Place | None = None,
    language: str = DEFAULT_LANGUAGE,
    *,
    names: Names | None = None,
    second: pd.DataFrame | None = None,
    is_raw: bool = False,
) -> Mapped:
    """Read an export by its mapping.

    Args:
        frame: texts; index = row numbers of the export (`sheets.read_sheet`).
        areas: codes of the layer; a stated code outside them is no place.
        now: aware; nothing known later than this is taken.
        place: finds the area of points; None = points are not looked at.
        language: of the marks put into texts.
        names: the county's own, for mappings that name areas or bodies.
        second: the file of steps (as `frame`), where the mapping has one.
        is_raw: leave summaries as they were written: the caller cleans them (`summaries`).

    Returns:
        See `Mapped`. Times without a zone are local time of the mapping; a date alone is the
        start of its day for an opening and its last second for a closing or a limit.

    Raises:
        DataError: columns the mapping reads are missing; nothing was read.
    """
    frame = mapping.named(frame)
    work = read_columns(frame, mapping)
    names = names or Names({}, {})
    texts = work["summary"].tolist() if "summary" in work and not is_raw else []
    numbers = work["source_id"].tolist() if mapping.events else []
    with looking(chain(texts, numbers), language) as found_out:
        times(work, mapping)
        work["category_id"] = work["category"].map(dict(mapping.categories))
        words(work, mapping)
        places(work, mapping, frozenset(areas), place, names)
        work["body_id"] = body_ids(work["body"], mapping, names)
        persons = found_out()
    reason = _reasons(work, mapping, now, persons)
    kept = work[reason.isna()].reset_index(drop=True)
    aside = work.loc[reason.notna(), ["row", "source_id"]].assign(reason=reason.dropna())
    differ = kept.loc[kept["placed"] == "differ", ["row", "stated", "by_point"]]
    cases = _cases(kept, mapping, categories, persons)
    found = Mapped(
        cases=cases,
        events=pd.DataFrame(),
        bodies=_bodies(body_texts(kept["body"], mapping), mapping),
        set_aside=aside.reset_index(drop=True),
        misplaced=differ.reset_index(drop=True),
        rows=len(frame),
        notes=unread(frame, mapping),
    )
    if mapping.events is None:
        return replace(found, events=_events(kept, cases, mapping))
    of = lambda texts: body_ids(texts, mapping, names)  # noqa: E731
    steps = read_steps(frame, kept, cases, mapping, of, second, frozenset(work["source_id"]))
    registered = steps.events[steps.events["event"] == "registered"].set_index("case")
    for ours, theirs in (("opened_at", "occurred_at"), ("known_at", "known_at")):
        cases[ours] = registered[theirs].reindex(cases.index).fillna(cases[ours])
    return replace(found, events=steps.events, strays=tuple(steps.strays)).without(steps.problems)


def summaries(frame: pd.DataFrame, mapping: Mapping) -> list[str]:
    """What people wrote in an export, as `apply_mapping` reads it; to be cleaned of persons."""
    frame, column = mapping.named(frame), mapping.columns.get("summary")
    return frame[column].fillna("").str.strip().tolist() if column in frame else []


def _reasons(
    work: pd.DataFrame, mapping: Mapping, now: pd.Timestamp, persons: Cleaned
) -> pd.Series:
    """Why each row is set aside; NA = it is a case."""
    never = pd.Series(False, index=work.index)
    end, opened = work["end"], work["opened_local"]
    is_closed = end.fillna("") != ""
    holds = {
        "no_id": work["source_id"] == "",
        "repeated_id": (work["source_id"] != "") & work["source_id"].duplicated(),
        "person_in_id": holds_person(work["source_id"], persons) if mapping.events else never,
        "bad_opened": opened.isna(),
        "opened_before": opened < mapping.first_day if mapping.first_day is not None else never,
        "opened_after": (
            opened >= mapping.last_day + pd.Timedelta(days=1)
            if mapping.last_day is not None
            else never
        ),
        "marked_duplicate": work["status_text"].str.endswith(mapping.duplicate_ends)
        if mapping.duplicate_ends
        else never,
        "unknown_channel": work["channel_id"].isna(),
        "not_asked": (work["channel_id"] == "on_behalf") & _not_asked(work),
        "unknown_category": work["category_id"].isna(),
        "unknown_procedure": work["procedure_id"].isna(),
        "unknown_status": end.isna(),
        "bad_closed": (work["closed_text"] != "") & work["closed_utc"].isna(),
        "closed_without_date": is_closed & (work["closed_text"] == ""),
        "closed_before_opened": is_closed & (work["closed_utc"] < work["opened_utc"]),
        # in a ledger the rules say it of every step alike (`in_the_future`)
        "in_future": never
        if mapping.events
        else (work["opened_utc"] > now) | (is_closed & (work["closed_utc"] > now)),
        "unknown_place": work["township_code"].isna(),
        "unknown_body": work["body_id"].isna(),
    }
    reason = pd.Series(pd.NA, index=work.index, dtype="str")
    for name in REASONS:
        reason = reason.mask(reason.isna() & holds[name].to_numpy(dtype=bool), name)
    return reason


def _not_asked(work: pd.DataFrame) -> pd.Series:
    if "asked" not in work:
        return pd.Series(False, index=work.index)
    said = {text: BY_NAME["asked"].find(text) == YES for text in work["asked"].unique()}
    return ~work["asked"].map(said).astype(bool)


def _cases(
    kept: pd.DataFrame, mapping: Mapping, categories: Categories, persons: Cleaned
) -> pd.DataFrame:
    of = kept["category_id"]
    procedure = of.map({c.category_id: c.procedure for c in categories})
    own = list(CONFIRMED_CHANNELS) if mapping.is_own_export else []
    summary = pd.Series(pd.NA, index=kept.index, dtype="str")
    if "summary" in kept:
        summary = cleaned(kept["summary"].where(kept["summary"] != ""), persons)
    return pd.DataFrame(
        {
            "row": kept["row"],
            "source_id": kept["source_id"],
            "opened_at": kept["opened_utc"],
            "known_at": kept["opened_utc"],
            "limit_at": kept["limit_utc"],
            "township_code": kept["township_code"],
            "grid_code": pd.Series(pd.NA, index=kept.index, dtype="str"),
            "domain": of.map({c.category_id: c.domain for c in categories}),
            "category": of,
            "kind": mapping.constants["kind"],
            "channel": kept["channel_id"],
            "amount_band": pd.Series(pd.NA, index=kept.index, dtype="str"),
            "procedure": kept["procedure_id"].mask(kept["procedure_id"] == "", procedure),
            "pack": of.map({c.category_id: c.pack for c in categories}),
            "body_id": kept["body_id"],
            "desk": mapping.desk,
            "placed": kept["placed"],
            "needs_confirmation": ~kept["channel_id"].isin(own),
            "summary": summary,
        }
    )


def _events(kept: pd.DataFrame, cases: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    position = np.arange(len(kept))
    registered = pd.DataFrame(
        {
            "case": position,
            "event": "registered",
            "occurred_at": kept["opened_utc"],
            "body_id": mapping.desk,
        }
    )
    closed = (kept["end"] != "").to_numpy()
    ended = pd.DataFrame(
        {
            "case": position[closed],
            "event": kept.loc[closed, "end"],
            "occurred_at": kept.loc[closed, "closed_utc"],
            "body_id": cases.loc[closed, "body_id"],
        }
    )
    events = pd.concat([registered, ended]).sort_values("case", kind="stable")
    nothing = pd.Series(pd.NA, index=events.index, dtype="str")
    events = events.assign(
        known_at=events["occurred_at"],
        actor="office",
        to_body_id=nothing,
        days=nothing.astype("Int16"),
        code=nothing,
    )
    return events.reset_index(drop=True)


def _bodies(body: pd.Series, mapping: Mapping) -> pd.DataFrame:
    """`frames.Bodies` of the desk, and of everybody named where names are not the county's own."""
    if mapping.body.is_by_name:
        body = body.iloc[:0]
    texts = sorted(body.unique(), key=lambda text: (not text.isdigit(), text.zfill(8)))
    ids = [mapping.desk, *(mapping.body.body_id.format(text) for text in texts)]
    names = {
        language: [
            mapping.desk_names[language],
            *(
                mapping.body.empty_names[language]
                if text == mapping.body.empty
                else mapping.body.names[language].format(text)
                for text in texts
            ),
        ]
        for language in ("zh", "en")
    }
    return pd.DataFrame(
        {
            "body_id": ids,
            "name_zh": names["zh"],
            "name_en": names["en"],
            "kind": "department",
            "township_code": pd.Series(pd.NA, index=range(len(ids)), dtype="str"),
            "reviewed_by": pd.Series(pd.NA, index=range(len(ids)), dtype="str"),
        }
    ).astype({"body_id": "str", "name_zh": "str", "name_en": "str", "kind": "str"})
