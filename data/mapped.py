"""A mapping applied to an export: cases and events in columns, and what was set aside, by reason.

Columnar on purpose: tens of thousands of rows in a few seconds. Nothing is dropped: every row of
the export is either a case or a line of `set_aside`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import chain

import numpy as np
import pandas as pd

from wording import DEFAULT_LANGUAGE

from .categories import Categories
from .errors import DataError, RowProblem
from .fields import BY_NAME, YES, is_person_column
from .ledger import read_steps
from .mapped_table import REASONS, Mapped, Names
from .mapped_times import END_OF_DAY, local_times, to_utc
from .mapping import Mapping
from .redact import redact
from .redact_many import Cleaned, cleaned, holds_person, looking
from .vocabulary import CONFIRMED_CHANNELS

Place = Callable[[pd.Series, pd.Series, str, pd.Series], pd.Series]
"""(longitude, latitude, system, stated codes) -> area code on the same index: the stated one where
the point lies in it or within the tolerance, else the one it lies in; NA outside every area."""


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
    missing = [c for c in mapping.read_columns if c not in frame.columns]
    if missing:
        problems = [RowProblem(0, c, "intake.mapping.no_column", (("column", c),)) for c in missing]
        raise DataError("intake.mapping.no_column", problems, column=missing[0])
    work = pd.DataFrame(
        {name: frame[column].fillna("").str.strip() for name, column in mapping.columns.items()}
    )
    work["row"] = frame.index.to_numpy()
    work["area"] = work.get("area", "")  # found by its point alone
    work = work.reset_index(drop=True)
    names = names or Names({}, {})
    texts = work["summary"].tolist() if "summary" in work and not is_raw else []
    numbers = work["source_id"].tolist() if mapping.events else []
    with looking(chain(texts, numbers), language) as found_out:
        _times(work, mapping)
        work["category_id"] = work["category"].map(dict(mapping.categories))
        _words(work, mapping)
        _places(work, mapping, frozenset(areas), place, names)
        work["body_id"] = _body_ids(work["body"], mapping, names)
        persons = found_out()
    reason = _reasons(work, mapping, now, persons)
    kept = work[reason.isna()].reset_index(drop=True)
    aside = work.loc[reason.notna(), ["row", "source_id"]].assign(reason=reason.dropna())
    differ = kept.loc[kept["placed"] == "differ", ["row", "stated", "by_point"]]
    cases = _cases(kept, mapping, categories, persons)
    found = Mapped(
        cases=cases,
        events=pd.DataFrame(),
        bodies=_bodies(_body_texts(kept["body"], mapping), mapping),
        set_aside=aside.reset_index(drop=True),
        misplaced=differ.reset_index(drop=True),
        rows=len(frame),
        notes=_unread(frame, mapping),
    )
    if mapping.events is None:
        return replace(found, events=_events(kept, cases, mapping))
    of = lambda texts: _body_ids(texts, mapping, names)  # noqa: E731
    steps = read_steps(frame, kept, cases, mapping, of, second, frozenset(work["source_id"]))
    registered = steps.events[steps.events["event"] == "registered"].set_index("case")
    for ours, theirs in (("opened_at", "occurred_at"), ("known_at", "known_at")):
        cases[ours] = registered[theirs].reindex(cases.index).fillna(cases[ours])
    return replace(found, events=steps.events, strays=tuple(steps.strays)).without(steps.problems)


def summaries(frame: pd.DataFrame, mapping: Mapping) -> list[str]:
    """What people wrote in an export, as `apply_mapping` reads it; to be cleaned of persons."""
    frame, column = mapping.named(frame), mapping.columns.get("summary")
    return frame[column].fillna("").str.strip().tolist() if column in frame else []


def _unread(frame: pd.DataFrame, mapping: Mapping) -> tuple[RowProblem, ...]:
    """A note on each column that was left out: those of persons, and those nobody asked for."""
    notes = []
    for name in map(str, frame.columns):
        if name.strip() and name not in mapping.read_columns:
            key = "person_column" if is_person_column(name) else "unknown_column"
            shown = redact(name).text[:40]
            notes.append(RowProblem(0, shown, f"intake.note.{key}", (("column", shown),)))
    return tuple(notes)


def _words(work: pd.DataFrame, mapping: Mapping) -> None:
    """Channel and procedure of each row; NA where the text is in no list."""
    if mapping.channels:
        work["channel_id"] = work["channel"].map(dict(mapping.channels))
    else:
        work["channel_id"] = mapping.constants["channel"]
    if mapping.procedures:
        work["procedure_id"] = work["procedure"].map({"": "", **mapping.procedures})
    else:
        work["procedure_id"] = ""


def _times(work: pd.DataFrame, mapping: Mapping) -> None:
    opened = work["opened_at"]
    work["opened_local"] = local_times(opened, mapping, end_of_day=False)
    work["opened_is_day"] = work["opened_local"] != local_times(opened, mapping, end_of_day=True)
    work["opened_utc"] = to_utc(work["opened_local"], mapping.zone)
    closed = work["closed_at"] if "closed_at" in work else pd.Series("", index=work.index)
    work["closed_text"] = closed
    work["closed_utc"] = to_utc(local_times(closed, mapping, end_of_day=True), mapping.zone)
    status = work["status"] if "status" in work else pd.Series("", index=work.index)
    work["status_text"] = status
    # without statuses, cases of an export that tells no closing are all open
    work["end"] = status.map(dict(mapping.statuses)) if mapping.statuses else ""
    days = work["category"].map(dict(mapping.categories)).map(dict(mapping.limit_days))
    due = work["opened_local"].dt.normalize() + pd.to_timedelta(days.astype("float64"), unit="D")
    work["limit_utc"] = to_utc((due + END_OF_DAY).astype("datetime64[us]"), mapping.zone)


def _as_number(texts: pd.Series) -> pd.Series:
    """ "32.0" and "032" as "32"; other texts as they are."""
    numbers = pd.to_numeric(texts, errors="coerce")
    whole = numbers.notna() & (numbers % 1 == 0)
    short = numbers.where(whole, 0).astype("int64").astype("str")
    return short.where(whole, texts)


def _places(
    work: pd.DataFrame,
    mapping: Mapping,
    areas: frozenset[str],
    place: Place | None,
    names: Names,
) -> None:
    """Area by code and by point: the stated code wins, a disagreement is kept to be told."""
    stated = _as_number(work["area"]) if mapping.area.is_number else work["area"]
    if mapping.area.is_by_name:
        stated = stated.replace(dict(names.areas))
    stated = stated.mask(stated.isin(list(mapping.area.unstated)))
    is_known = stated.isin(list(areas))
    point = pd.Series(pd.NA, index=work.index, dtype="str")
    has_point = pd.Series(False, index=work.index)
    if mapping.area.system is not None:
        lon = pd.to_numeric(work["lon"], errors="coerce")
        lat = pd.to_numeric(work["lat"], errors="coerce")
        has_point = lon.notna() & lat.notna()
        if place is not None and has_point.any():
            found = place(lon[has_point], lat[has_point], mapping.area.system, stated[has_point])
            point = point.where(~has_point, found.reindex(work.index))
    work["stated"], work["by_point"] = stated, point
    code = stated.where(is_known, point.where(stated.isna()))
    code = code.where(code.notna() | stated.notna(), mapping.area.unstated_code)
    work["township_code"] = code
    agree, no_point = point.eq(stated).fillna(False), ~has_point
    conditions = [stated.isna() & point.notna(), stated.isna(), no_point, agree]
    how = ["by_point", "nowhere", "no_point", "agree"]
    otherwise = "unchecked" if place is None else "differ"
    work["placed"] = np.select([c.to_numpy(dtype=bool) for c in conditions], how, otherwise)


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


def _body_texts(texts: pd.Series, mapping: Mapping) -> pd.Series:
    short = _as_number(texts) if mapping.body.is_number else texts
    return short.mask(short == "", mapping.body.empty)


def _body_ids(texts: pd.Series, mapping: Mapping, names: Names) -> pd.Series:
    """Ids of bodies by what the export calls them; NA where the county has none of that name."""
    body = _body_texts(texts, mapping)
    if mapping.body.is_by_name:
        return body.map(dict(names.bodies))
    return body.map({text: mapping.body.body_id.format(text) for text in body.unique()})


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
