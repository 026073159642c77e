"""A mapping applied to an export: cases and events in columns, and what was set aside, by reason.

Columnar on purpose: tens of thousands of rows in a few seconds. Nothing is dropped: every row of
the export is either a case or a line of `set_aside`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wording import DEFAULT_LANGUAGE

from .categories import Categories
from .errors import DataError, RowProblem
from .fields import BY_NAME, YES
from .mapping import Mapping
from .redact import redact
from .vocabulary import CONFIRMED_CHANNELS

Place = Callable[[pd.Series, pd.Series, str], pd.Series]
"""(longitude, latitude, system) -> area code on the same index, NA outside every area."""

END_OF_DAY = pd.Timedelta(hours=23, minutes=59, seconds=59)
REASONS = (
    "no_id", "repeated_id", "bad_opened", "opened_before", "opened_after", "marked_duplicate",
    "not_asked", "unknown_category", "unknown_status", "bad_closed", "closed_without_date",
    "closed_before_opened", "in_future", "unknown_place",
)  # fmt: skip
"""Why a row is set aside, in the order of looking: a row counts for the first that holds
(words in `intake.aside.*`). Repeats are found first, among all rows, the first one kept."""


@dataclass(frozen=True)
class Mapped:
    """What an export became.

    cases: one row per case in the order of the export, index 0..n-1: `bulk.CASE_COLUMNS`,
        source_id, summary (redacted; NA = none), `row` (the export's row) and the category's
        pack. `known_at` is when the source knew; limit_at NaT = by the pack.
    events: `bulk.EVENT_COLUMNS`; case = index in `cases`; by case, `registered` first, then
        the closing where there is one.
    bodies: `frames.Bodies` of everybody named, the desk among them.
    set_aside: row, source_id, reason (of `REASONS`).
    placed: number of cases by how they were placed (`intake.placed.*`).
    misplaced: row, stated, by_point: the stated area was kept, the point says another.
    rows: of the export; = len(cases) + len(set_aside).
    """

    cases: pd.DataFrame
    events: pd.DataFrame
    bodies: pd.DataFrame
    set_aside: pd.DataFrame
    placed: dict[str, int]
    misplaced: pd.DataFrame
    rows: int

    @property
    def aside_counts(self) -> dict[str, int]:
        """How many rows were set aside, by reason, in the order of `REASONS`."""
        counts = self.set_aside["reason"].value_counts()
        return {reason: int(counts[reason]) for reason in REASONS if reason in counts.index}


def apply_mapping(
    frame: pd.DataFrame,
    mapping: Mapping,
    categories: Categories,
    areas: Collection[str],
    now: pd.Timestamp,
    place: Place | None = None,
    language: str = DEFAULT_LANGUAGE,
) -> Mapped:
    """Read an export by its mapping.

    Args:
        frame: texts; index = row numbers of the export (`sheets.read_sheet`).
        areas: codes of the layer; a stated code outside them is no place.
        now: aware; nothing known later than this is taken.
        place: finds the area of points; None = points are not looked at.
        language: of the marks put into texts.

    Returns:
        See `Mapped`. Times without a zone are local time of the mapping; a date alone is the
        start of its day for an opening and its last second for a closing or a limit.

    Raises:
        DataError: columns the mapping reads are missing; nothing was read.
    """
    missing = [c for c in mapping.columns.values() if c not in frame.columns]
    if missing:
        problems = [RowProblem(0, c, "intake.mapping.no_column", (("column", c),)) for c in missing]
        raise DataError("intake.mapping.no_column", problems, column=missing[0])
    work = pd.DataFrame(
        {name: frame[column].fillna("").str.strip() for name, column in mapping.columns.items()}
    )
    work["row"] = frame.index.to_numpy()
    work = work.reset_index(drop=True)
    _times(work, mapping)
    work["category_id"] = work["category"].map(dict(mapping.categories))
    _places(work, mapping, frozenset(areas), place)
    reason = _reasons(work, mapping, now)
    kept = work[reason.isna()].reset_index(drop=True)
    aside = work.loc[reason.notna(), ["row", "source_id"]].assign(reason=reason.dropna())
    differ = kept.loc[kept["placed"] == "differ", ["row", "stated", "by_point"]]
    body = _body_texts(kept["body"], mapping)
    cases = _cases(kept, mapping, categories, body, language)
    return Mapped(
        cases=cases,
        events=_events(kept, cases, mapping),
        bodies=_bodies(body, mapping),
        set_aside=aside.reset_index(drop=True),
        placed={str(k): int(v) for k, v in kept["placed"].value_counts().items()},
        misplaced=differ.reset_index(drop=True),
        rows=len(frame),
    )


def _local(texts: pd.Series, formats: tuple[str, ...], end_of_day: bool) -> pd.Series:
    """Naive local times; NaT where a text fits no format."""
    times = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    for form in formats:
        open_ = times.isna() & (texts != "")
        read = pd.to_datetime(texts[open_], format=form, errors="coerce").astype("datetime64[us]")
        if end_of_day and "%H" not in form and "%I" not in form:
            read = read + END_OF_DAY
        times = times.fillna(read)
    return times


def _utc(local: pd.Series, zone: str) -> pd.Series:
    """Instants of local times; the first of a doubled hour, a skipped one moved forward."""
    first = np.ones(len(local), dtype=bool)
    there = local.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return there.dt.tz_convert("UTC").astype("datetime64[us, UTC]")


def _times(work: pd.DataFrame, mapping: Mapping) -> None:
    work["opened_local"] = _local(work["opened_at"], mapping.formats, end_of_day=False)
    work["opened_utc"] = _utc(work["opened_local"], mapping.zone)
    closed = work["closed_at"] if "closed_at" in work else pd.Series("", index=work.index)
    work["closed_text"] = closed
    work["closed_utc"] = _utc(_local(closed, mapping.formats, end_of_day=True), mapping.zone)
    status = work["status"] if "status" in work else pd.Series("", index=work.index)
    work["status_text"] = status
    # without statuses, cases of an export that tells no closing are all open
    work["end"] = status.map(dict(mapping.statuses)) if mapping.statuses else ""
    days = work["category"].map(dict(mapping.categories)).map(dict(mapping.limit_days))
    due = work["opened_local"].dt.normalize() + pd.to_timedelta(days.astype("float64"), unit="D")
    work["limit_utc"] = _utc((due + END_OF_DAY).astype("datetime64[us]"), mapping.zone)


def _as_number(texts: pd.Series) -> pd.Series:
    """ "32.0" and "032" as "32"; other texts as they are."""
    numbers = pd.to_numeric(texts, errors="coerce")
    whole = numbers.notna() & (numbers % 1 == 0)
    short = numbers.where(whole, 0).astype("int64").astype("str")
    return short.where(whole, texts)


def _places(
    work: pd.DataFrame, mapping: Mapping, areas: frozenset[str], place: Place | None
) -> None:
    """Area by code and by point: the stated code wins, a disagreement is kept to be told."""
    stated = _as_number(work["area"]) if mapping.area.is_number else work["area"]
    stated = stated.mask(stated.isin(list(mapping.area.unstated)))
    is_known = stated.isin(list(areas))
    point = pd.Series(pd.NA, index=work.index, dtype="str")
    has_point = pd.Series(False, index=work.index)
    if mapping.area.system is not None:
        lon = pd.to_numeric(work["lon"], errors="coerce")
        lat = pd.to_numeric(work["lat"], errors="coerce")
        has_point = lon.notna() & lat.notna()
        if place is not None and has_point.any():
            found = place(lon[has_point], lat[has_point], mapping.area.system)
            point = point.where(~has_point, found.reindex(work.index))
    work["stated"], work["by_point"] = stated, point
    code = stated.where(is_known, point.where(stated.isna()))
    code = code.where(code.notna() | stated.notna(), mapping.area.unstated_code)
    work["township_code"] = code
    agree, no_point = point.eq(stated).fillna(False), ~has_point
    conditions = [stated.isna() & point.notna(), stated.isna(), no_point, agree]
    names = ["by_point", "nowhere", "no_point", "agree"]
    otherwise = "unchecked" if place is None else "differ"
    work["placed"] = np.select([c.to_numpy(dtype=bool) for c in conditions], names, otherwise)


def _reasons(work: pd.DataFrame, mapping: Mapping, now: pd.Timestamp) -> pd.Series:
    """Why each row is set aside; NA = it is a case."""
    never = pd.Series(False, index=work.index)
    end, opened = work["end"], work["opened_local"]
    is_closed = end.fillna("") != ""
    holds = {
        "no_id": work["source_id"] == "",
        "repeated_id": (work["source_id"] != "") & work["source_id"].duplicated(),
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
        "not_asked": _not_asked(work) if mapping.constants["channel"] == "on_behalf" else never,
        "unknown_category": work["category_id"].isna(),
        "unknown_status": end.isna(),
        "bad_closed": (work["closed_text"] != "") & work["closed_utc"].isna(),
        "closed_without_date": is_closed & (work["closed_text"] == ""),
        "closed_before_opened": is_closed & (work["closed_utc"] < work["opened_utc"]),
        "in_future": (work["opened_utc"] > now) | (is_closed & (work["closed_utc"] > now)),
        "unknown_place": work["township_code"].isna(),
    }
    reason = pd.Series(pd.NA, index=work.index, dtype="str")
    for name in REASONS:
        reason = reason.mask(reason.isna() & holds[name].to_numpy(dtype=bool), name)
    return reason


def _not_asked(work: pd.DataFrame) -> pd.Series:
    said = {text: BY_NAME["asked"].find(text) == YES for text in work["asked"].unique()}
    return ~work["asked"].map(said).astype(bool)


def _body_texts(texts: pd.Series, mapping: Mapping) -> pd.Series:
    short = _as_number(texts) if mapping.body.is_number else texts
    return short.mask(short == "", mapping.body.empty)


def _cases(
    kept: pd.DataFrame, mapping: Mapping, categories: Categories, body: pd.Series, language: str
) -> pd.DataFrame:
    of = kept["category_id"]
    summary = pd.Series(pd.NA, index=kept.index, dtype="str")
    if "summary" in kept:
        texts = kept["summary"].where(kept["summary"] != "")
        summary = texts.map(lambda text: redact(text, language).text, na_action="ignore")
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
            "channel": mapping.constants["channel"],
            "amount_band": pd.Series(pd.NA, index=kept.index, dtype="str"),
            "procedure": of.map({c.category_id: c.procedure for c in categories}),
            "pack": of.map({c.category_id: c.pack for c in categories}),
            "body_id": body.map(
                {text: mapping.body.body_id.format(text) for text in body.unique()}
            ),
            "desk": mapping.desk,
            "needs_confirmation": mapping.constants["channel"] not in CONFIRMED_CHANNELS,
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
