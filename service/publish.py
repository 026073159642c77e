"""The public figures of a month: computed once as known at its end, covered, frozen, read again."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from casework.rule import Pack
from data import grants, places, publications, reading, steering
from data.categories import Categories
from data.db import Db
from data.errors import NotAllowed
from data.frames import CaseTable
from data.publications import Publication
from data.scope import Scope
from data.vocabulary import CHANNELS, DOMAINS, PROCEDURES, ROLES
from reports.indicators import OBJECTIONS, Window
from reports.monthly import MonthCounts, MonthRecord, month_counts, month_of, months_before
from reports.monthly_content import Content, content_of
from reports.monthly_covering import Shown, cover
from wording import LANGUAGES, t

from .figures import CaseFigures, categories, compute, known_by, only
from .rules import county_rules, rules_of

TREND_MONTHS = 12
"""Of which the trend speaks, the published one among them."""
FINISHED_LONG_AGO = pd.Timedelta(days=400)
"""Longer than any limit of a pack with its extension, and the two months before, together."""
ENDS = ("answered", "declined", "referred", "no_remedy", "withdrawn")
READING_ROLES = tuple(role for role in ROLES if role != "administrator")
OFFICE_TIME = {"on_time": "answer", "decided_in_time": "acceptance"}
"""Which clock's limit an indicator is held against."""


def last_month_over(db: Db) -> str:
    """The newest month that may be published now, YYYY-MM."""
    zone = db.county().zone
    today = db.now().astimezone(ZoneInfo(zone)).date()
    month = months_before(f"{today:%Y-%m}", 1)
    over = month_of(month).known_at(zone) <= db.now()
    return month if over else months_before(month, 1)


def publish(db: Db, scope: Scope, month: str, table: CaseTable | None = None) -> Publication:
    """Publish a month, or give it as it was published.

    Args:
        month: YYYY-MM.
        table: cases and events already read, at the month's moment or later; None = read here.

    Raises:
        NotAllowed: a month that is no month or not over, an empty record, another role.
    """
    scope.need("supervisor", "operator")
    window, zone = _window(month), db.county().zone
    known_at = window.known_at(zone)
    if db.now() < known_at:
        from_day = known_at.astimezone(ZoneInfo(zone)).date()
        raise NotAllowed("figures.error.not_over", month=month, day=from_day)
    stands = publications.read(db, scope, month)
    if stands is not None:
        return stands
    content = compute_month(db, scope, month, table)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return publications.save(db, scope, month, text)


def publish_newest(db: Db, scope: Scope) -> Publication | None:
    """Publish the newest month that is over; None where nothing had been recorded by its end."""
    month = last_month_over(db)
    try:
        return publish(db, scope, month)
    except NotAllowed as err:
        if err.key == "figures.error.empty":
            return None
        raise


def compute_month(db: Db, scope: Scope, month: str, table: CaseTable | None = None) -> Content:
    """The covered content of a month, not yet frozen; Args and Raises as `publish`."""
    county, rules, window = db.county(), rules_of(db), _window(month)
    pack, _ = county_rules(db)
    as_of = window.known_at(county.zone)
    if table is None:
        table = reading.read_figures(db, scope, as_of)
    table = known_by(table, as_of)
    if table.cases.empty:
        raise NotAllowed("figures.error.empty", month=month)
    table = _lately(table, pd.Timestamp(as_of) - FINISHED_LONG_AGO)
    kinds = categories(db, scope)
    groups = groups_of(db, scope, kinds)
    inside = {one["id"]: one["inside"] for one in groups["category"]}
    now = covered_month(
        db, scope, compute(rules, table, as_of, county.zone), window, groups, inside
    )
    before = months_before(month, 1)
    earlier_window = month_of(before)
    then = earlier_window.known_at(county.zone)
    figures = compute(rules, known_by(table, then), then, county.zone)
    # satisfaction stands per body and nowhere else: the other breakdowns need not be counted
    bodies = {"body": groups["body"]}
    earlier = covered_month(db, scope, figures, earlier_window, bodies, inside)
    first = months_before(month, TREND_MONTHS - 1)
    past = [
        dict(json.loads(one.content))
        for one in publications.read_all(db, Scope.public())
        if first <= one.month < month
    ]
    files = [{"name": f.name, "sha256": f.sha256} for f in steering.files_in_force(db, scope)]
    files.append({"name": f"{pack.id}.toml", "sha256": pack.file_hash})
    whose = {
        "name_zh": county.name_zh, "name_en": county.name_en, "kind": county.kind,
        "zone": county.zone, "pack": pack.id,
    }  # fmt: skip
    named = _named(groups, now[0])
    content = content_of(
        month, as_of, whose, named, *now, (*earlier, before), past, office_limits(pack), files
    )
    made = grants.granted_between(db, scope, *span_of(window, county.zone))
    return content | {"text_grants": made}


def _lately(table: CaseTable, since: pd.Timestamp) -> CaseTable:
    """The table without cases that ended, unobjected, and of which nothing was known since.

    None of their limits, ends or steps falls into the months that are counted.
    """
    cases, events = table
    ended = cases.index.isin(events.loc[events["event"].isin(ENDS), "case"])
    moves = events.loc[events["event"].isin(OBJECTIONS) | (events["known_at"] >= since), "case"]
    recent = (cases["known_at"] >= since) | (cases["opened_at"] >= since)
    recent |= cases["limit_at"] >= since
    return only(table, (~ended | cases.index.isin(moves) | recent).to_numpy())


def _window(month: str) -> Window:
    try:
        if len(month) != 7:
            raise ValueError
        return month_of(month)
    except ValueError:
        raise NotAllowed("figures.error.month", month=month[:20]) from None


def span_of(window: Window, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """The window as instants: its first moment, and the first one after it."""
    here = ZoneInfo(zone)
    since = dt.datetime.combine(window.first, dt.time(), here)
    until = dt.datetime.combine(window.last + dt.timedelta(days=1), dt.time(), here)
    return since.astimezone(dt.UTC), until.astimezone(dt.UTC)


def covered_month(
    db: Db,
    scope: Scope,
    figures: CaseFigures,
    window: Window,
    groups: dict[str, list[dict[str, Any]]],
    inside: dict[str, str],
) -> tuple[MonthCounts, Shown]:
    """A month's counts, and which of them may leave the office; `figures` as known then."""
    span = span_of(window, db.county().zone)
    record = MonthRecord(
        figures.cases, figures.table.events, figures.standing, window,
        window.known_at(db.county().zone), db.county().zone,
        publications.counted_beside(db, scope, *span), rules_of(db).packs,
    )  # fmt: skip
    counts = month_counts(record, {by: [g["id"] for g in gs] for by, gs in groups.items()}, inside)
    domains = figures.cases.drop_duplicates("category").set_index("category")["domain"].to_dict()
    return counts, cover(counts.by, {**domains, **inside})


def groups_of(db: Db, scope: Scope, kinds: Categories) -> dict[str, list[dict[str, Any]]]:
    """Every breakdown's groups with their names, in an order that no count decides."""
    offices = [
        {"id": b.body_id, "zh": b.name_zh, "en": b.name_en}
        for b in places.read_bodies(db, scope).itertuples()
    ]
    towns = [
        {"id": b.township_code, "zh": b.name_zh, "en": b.name_en}
        for b in places.read_townships(db, scope).itertuples()
    ]
    matters = [
        {"id": c.category_id, "zh": c.names["zh"], "en": c.names["en"], "inside": c.domain}
        for c in kinds
    ]
    return {
        "body": offices,
        "domain": _words("domain", DOMAINS),
        "category": sorted(matters, key=lambda one: DOMAINS.index(str(one["inside"]))),
        "township": towns,
        "channel": _words("channel", CHANNELS),
        "desk": offices,
        "role": _words("role", READING_ROLES),
    }


def _words(kind: str, ids: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {"id": one, **{lang: t(f"words.{kind}.{one}", lang) for lang in LANGUAGES}} for one in ids
    ]


def _named(
    groups: dict[str, list[dict[str, Any]]], counts: MonthCounts
) -> dict[str, list[dict[str, Any]]]:
    """The groups that have figures: those counted beside the lists keep their id as name."""
    named = {}
    for by, table in counts.by.items():
        if by == "county":
            continue
        known = {one["id"]: one for one in groups[by]}
        named[by] = [known.get(one, {"id": one, "zh": one, "en": one}) for one in table.index]
    return named


def office_limits(pack: Pack) -> dict[str, list[dict[str, Any]]]:
    """What the law or the most demanding public target says of the office's own time."""
    found: dict[str, list[dict[str, Any]]] = {
        "with_body": [{"days": 1, "unit": "calendar_days", "procedure": None}],
        "first_step": [{"days": 7, "unit": "calendar_days", "procedure": None}],
        "told": [{"days": 7, "unit": "calendar_days", "procedure": None}],
    }
    for name, clock in OFFICE_TIME.items():
        found[name] = [
            {"days": rule.limit, "unit": rule.unit, "procedure": procedure}
            for procedure in PROCEDURES
            if (rule := pack.rules.get(procedure, {}).get(clock)) is not None
        ]
    return found
