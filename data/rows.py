"""Rows somebody sent become cases to register, or sentences that say what to do, all at once.

The same checks and words serve the form (one row), the spreadsheet and the API. Texts are cleaned
of persons here, before anything is written; columns that hold persons are dropped unread.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from geo.stated import Asked
from wording import DEFAULT_LANGUAGE, LANGUAGES, t

from .categories import Categories
from .dates import parse_moment
from .errors import RowProblem
from .fields import BY_NAME, FIELDS, NO, Field, by_header, is_person_column, normal
from .placed_rows import placed_rows, told
from .redact import redact
from .row_cells import Row, problem
from .vocabulary import CONFIRMED_CHANNELS

EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""An opening before this is taken for a slip of the pen."""
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)
"""A long number as a spreadsheet program shows and saves it; several may have become the same."""
SLACK = dt.timedelta(minutes=5)
"""How far a sender's watch may be ahead of the server's."""


@dataclass(frozen=True)
class NewCase:
    """One checked case, ready to be registered.

    source_id: the sender's own number, so that the same row sent again adds nothing; None (a
        form's case only) = cannot be told from a new one. Stored only hashed.
    opened_at: UTC. limit_at: UTC, given with this very case; None = by the rules pack.
    grid_code: None where it is unknown or may not be kept. summary: already redacted.
    pack: the rules its category names; None = the county's.
    asked_how: by which way somebody asked to be registered for, of a case on behalf; no name.
    is_typed: staff mended or uploaded it, so that it is unconfirmed even by an asker's own channel.
    """

    township_code: str
    grid_code: str | None
    opened_at: dt.datetime
    domain: str
    category: str
    kind: str
    channel: str
    procedure: str
    body_id: str
    summary: str
    source_id: str | None = None
    amount_band: str | None = None
    limit_at: dt.datetime | None = None
    pack: str | None = None
    asked_how: str | None = None
    is_typed: bool = False


@dataclass(frozen=True)
class Known:
    """What a row's words are held against: the county's lists.

    bodies: `frames.Bodies`. townships: `frames.Townships`, those still active.
    grids: township code by grid code. reach: townships this desk registers for; None = all.
    locator: gives the layer in which stated points are found; None = there is no layer.
    """

    categories: Categories
    bodies: pd.DataFrame
    townships: pd.DataFrame
    grids: Mapping[str, str] = field(default_factory=dict)
    reach: frozenset[str] | None = None
    locator: Asked | None = None


@dataclass(frozen=True)
class Checked:
    """good: cases to register, in the rows' order, and `rows`, the sender's number of each.

    problems: every broken rule of every refused row; a row with one is in no case.
    notes: what was left out or changed in rows that were taken: nothing happens silently.
    """

    good: list[NewCase]
    rows: list[int]
    problems: list[RowProblem]
    notes: list[RowProblem]


def check_rows(
    frame: pd.DataFrame,
    known: Known,
    now: dt.datetime,
    zone: str,
    *,
    is_file: bool,
    language: str = DEFAULT_LANGUAGE,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Checked:
    """Check everything that was sent.

    Args:
        frame: texts; index = the sender's row numbers, columns = the sender's names of the
            columns (or field names). Empty text or NA = not given.
        known: the county's lists.
        now: server's time, aware; nothing may be opened after it.
        zone: IANA zone of the county, for times without one.
        is_file: each row of a file needs the sender's own number, and the same number twice is
            shown; a form's single case needs none. Content never tells a repeat: two askers may
            say the same (DOMAIN.md §2.3).
        language: of the marks put into texts. progress: told how many rows of all are checked.
    """
    problems: list[RowProblem] = []
    columns, notes = _columns(frame, problems, is_file)
    if problems:
        return Checked([], [], problems, notes)
    checked = Checked([], [], problems, notes)
    seen: dict[str, int] = {}
    whole: dict[tuple[str, ...], int] = {}
    lookup = _Lookup(known)
    placed = placed_rows(
        frame, {name: at for name, (at, _) in columns.items()}, known.grids, lookup.townships,
        known.locator,
    )  # fmt: skip
    for at, (number, values) in enumerate(zip(frame.index, frame.to_numpy(), strict=True)):
        progress(at, len(frame))
        row = Row(int(number), columns, list(values))
        if row.is_example():
            continue
        if is_file and row.get("source_id"):
            # the same row twice; without a number, two askers may have said the same
            first = whole.setdefault(tuple(map(str, values)), row.number)
            if first != row.number:
                row.note("source_id", "same_row", row=first)
                notes += row.notes
                continue
        row.placed = placed[at]
        case = _case(row, lookup, now, zone, language, seen if is_file else None)
        if case is None:
            problems += row.problems
        else:
            checked.good.append(case)
            checked.rows.append(row.number)
            notes += row.notes
    if not checked.good and not problems:
        problems.append(RowProblem(0, "", "intake.row.no_rows"))
    return checked


def _columns(
    frame: pd.DataFrame, problems: list[RowProblem], is_file: bool
) -> tuple[dict[str, tuple[int, str]], list[RowProblem]]:
    """Place and sender's name of each field's column; notes on the columns that were not read."""
    columns: dict[str, tuple[int, str]] = {}
    notes: list[RowProblem] = []
    hints = {normal(t("intake.template.how", language)) for language in LANGUAGES}
    for place, name in enumerate(map(str, frame.columns)):
        found = by_header(name)
        shown = redact(name).text[:40]
        if found is not None and found.name in columns:
            problems.append(problem(0, name, "intake.row.column_twice", field=shown))
        elif found is not None:
            columns[found.name] = (place, name)
        elif is_person_column(name):
            notes.append(problem(0, shown, "intake.note.person_column", column=shown))
        elif name.strip() and normal(name) not in hints:
            notes.append(problem(0, shown, "intake.note.unknown_column", column=shown))
    for wanted in FIELDS:
        if wanted.must_be_given(is_file=is_file) and wanted.name not in columns:
            name = wanted.header(DEFAULT_LANGUAGE)
            problems.append(problem(0, name, "intake.row.no_column", field=name))
    return columns, notes


class _Lookup:
    """Names and codes of the county's lists, made once for all rows."""

    def __init__(self, known: Known):
        self.known = known
        self.bodies = _names(known.bodies, "body_id")
        self.townships = _names(known.townships, "township_code")


def _names(frame: pd.DataFrame, code: str) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    ids = frame[code].tolist()
    for texts in (ids, frame["name_zh"].tolist(), frame["name_en"].tolist()):
        for one, text in zip(ids, texts, strict=True):
            names.setdefault(str(text).strip().casefold(), set()).add(str(one))
    return names


def _case(
    row: Row,
    lookup: _Lookup,
    now: dt.datetime,
    zone: str,
    language: str,
    seen: dict[str, int] | None,
) -> NewCase | None:
    """The case of a row, or None: then `row.problems` says everything that is wrong with it.

    seen: the rows of this file by their own number, to which this row is added; None = no file.
    """
    for wanted in FIELDS:
        if wanted.must_be_given(is_file=seen is not None) and not row.get(wanted.name):
            row.wrong(
                wanted.name,
                "missing",
                field=row.header(wanted.name),
                meaning=wanted.meaning(language),
            )
    problems, notes = told(row.placed, row.number, row.header("lon"))
    row.problems += problems
    row.notes += notes
    opened_at = _opened(row, now, zone)
    township, grid = _place(row, lookup)
    category = lookup.known.categories.find(row.get("category"))
    if category is None and row.get("category"):
        row.wrong("category", "bad_category", field=row.header("category"))
    domain = _choice(row, "domain", language)
    if category and domain and domain != category.domain:
        proper = t(f"words.domain.{category.domain}", language)
        row.wrong("domain", "domain_differs", domain=proper)
    kind = _choice(row, "kind", language)
    channel = _channel(row, language)
    amount_band = _choice(row, "amount_band", language)
    procedure = _choice(row, "procedure", language)
    asked_how = _choice(row, "asked_how", language)
    body_id = _one(row, "body", lookup.bodies, "bad_body")
    source_id = _source_id(row, seen)
    summary = _summary(row, language)
    if row.problems:
        return None
    if not (category and opened_at and township and kind and channel and body_id and summary):
        raise AssertionError("a row without problems lacks a value")
    if grid and category.is_place_protected:
        row.note("grid", "place_protected")
        grid = None
    return NewCase(
        township_code=township, grid_code=grid, opened_at=opened_at, domain=category.domain,
        category=category.category_id, kind=kind, channel=channel,
        procedure=procedure or category.procedure, body_id=body_id, summary=summary,
        source_id=source_id, amount_band=amount_band, pack=category.pack,
        asked_how=asked_how if channel == "on_behalf" else None,
    )  # fmt: skip


def _opened(row: Row, now: dt.datetime, zone: str) -> dt.datetime | None:
    text = row.get("opened_at")
    if not text:
        return None
    opened_at = parse_moment(text, zone)
    name = row.header("opened_at")
    if opened_at is None:
        row.wrong("opened_at", "bad_moment", field=name)
    elif opened_at > now + SLACK:
        row.wrong("opened_at", "in_future", field=name)
    elif opened_at < EARLIEST:
        row.wrong("opened_at", "too_old", field=name)
    return opened_at


def _choice(row: Row, name: str, language: str) -> str | None:
    text = row.get(name)
    if not text:
        return None
    found = BY_NAME[name].find(text)
    if found is None:
        row.wrong(
            name, "bad_choice", field=row.header(name), choices=choices(BY_NAME[name], language)
        )
    return found


def choices(of: Field, language: str) -> str:
    """The words of a field's closed list, for a sentence."""
    return {"zh": "、", "en": ", "}[language].join(of.choice(c, language) for c in of.choices)


def _channel(row: Row, language: str) -> str | None:
    text = row.get("channel").casefold()
    for own in CONFIRMED_CHANNELS:
        words = {t(f"words.channel.{own}", lang).casefold() for lang in LANGUAGES}
        if text in {own, *words}:
            row.wrong("channel", "own_channel")
            return None
    channel = _choice(row, "channel", language)
    asked = _choice(row, "asked", language)
    if channel == "on_behalf" and not row.get("asked"):
        field_ = BY_NAME["asked"]
        row.wrong("asked", "missing", field=row.header("asked"), meaning=field_.meaning(language))
    elif asked == NO and channel == "on_behalf":
        row.wrong("asked", "not_asked")
    elif channel == "on_behalf" and not row.get("asked_how"):
        how = BY_NAME["asked_how"]
        name = row.header("asked_how")
        row.wrong("asked_how", "missing", field=name, meaning=how.meaning(language))
    return channel


def _place(row: Row, lookup: _Lookup) -> tuple[str | None, str | None]:
    """Township and grid of the problem; the grid names its township."""
    grid = row.get("grid") or None
    grids = lookup.known.grids
    township = None
    if row.get("township"):
        township = _one(row, "township", lookup.townships, "bad_township")
    found = row.placed.code
    within = None if found is None else grids.get(found)
    if grid is None and within is not None and within == (township or within):
        grid = found
    elif grid is None and township is None and found in lookup.townships.get(found or "", ()):
        township = found
    if grid is not None and grid not in grids:
        row.wrong("grid", "bad_grid")
    elif grid is not None and not row.get("township"):
        township = grids[grid]
    elif grid is not None and township is not None and grids[grid] != township:
        row.wrong("grid", "grid_elsewhere")
    if grid is None and township is None and not row.get("township") and not row.placed.problems:
        row.wrong("township", "no_place")
    reach = lookup.known.reach
    if township is not None and reach is not None and township not in reach:
        row.wrong("township" if row.get("township") else "grid", "other_township")
    return township, grid


def _one(row: Row, name: str, names: dict[str, set[str]], unknown: str) -> str | None:
    text = row.get(name).casefold()
    if not text:
        return None
    found = names.get(text, set())
    if len(found) > 1:
        row.wrong(name, "ambiguous", field=row.header(name))
        return None
    if not found:
        row.wrong(name, unknown)
        return None
    return next(iter(found))


def _source_id(row: Row, seen: dict[str, int] | None) -> str | None:
    text = row.get("source_id")
    if not text:
        return None
    name = row.header("source_id")
    if _SCIENTIFIC.fullmatch(text):
        row.wrong("source_id", "digits_lost", field=name)
    elif len(text) > BY_NAME["source_id"].most:
        row.wrong("source_id", "too_long", field=name, most=BY_NAME["source_id"].most)
    elif redact(text).is_changed:
        row.wrong("source_id", "person_in_source_id", field=name)
    elif seen is not None and seen.setdefault(text, row.number) != row.number:
        row.wrong("source_id", "repeated", field=name, row=seen[text])
    return text


def _summary(row: Row, language: str) -> str | None:
    text = row.get("summary")
    if not text:
        return None
    limits, name = BY_NAME["summary"], row.header("summary")
    if len(text) < limits.least:
        row.wrong("summary", "too_short", field=name, least=limits.least)
    elif len(text) > limits.most:
        row.wrong("summary", "too_long", field=name, most=limits.most)
        return None
    cleaned = redact(text, language)
    if cleaned.is_changed:
        row.note("summary", "redacted", count=sum(cleaned.found.values()))
    return cleaned.text
