"""The roster's files for everybody: CSV with its dictionary and JSON, from today to next month."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from data import places, roster
from data.db import Db
from data.roster import Line
from data.scope import Scope
from reports.daily_facts import County
from reports.roster import Names, static_page, to_csv, to_json, to_metadata
from wording import LANGUAGES

from .roster import last_of, month_after

FILES = ("roster.csv", "roster.csv-metadata.json", "roster.json")


def names_of(db: Db, scope: Scope) -> Names:
    """Names of bodies by id and language."""
    return {
        str(one.body_id): {"zh": str(one.name_zh), "en": str(one.name_en)}
        for one in places.read_bodies(db, scope).itertuples()
    }


def read_ahead(db: Db, scope: Scope, today: dt.date) -> tuple[Line, ...]:
    """The lines in force from a local day to the end of the next month."""
    return roster.read(db, scope, today, last_of(month_after(today)))


def roster_files(db: Db, scope: Scope) -> dict[str, bytes]:
    """The files by name, as the record is now."""
    facts = db.county()
    county = County(facts.name_zh, facts.name_en, facts.zone, facts.is_demo)
    today = db.now().astimezone(ZoneInfo(facts.zone)).date()
    lines, names = read_ahead(db, scope, today), names_of(db, scope)
    made = (
        to_csv(lines, names, county.is_demo), to_metadata("roster.csv", county),
        to_json(lines, names, county.is_demo),
    )  # fmt: skip
    return dict(zip(FILES, made, strict=True))


def roster_pages(db: Db, scope: Scope) -> dict[str, bytes]:
    """The roster as pages of their own for a folder, by name: roster.html, roster.en.html."""
    facts = db.county()
    county = County(facts.name_zh, facts.name_en, facts.zone, facts.is_demo)
    today = db.now().astimezone(ZoneInfo(facts.zone)).date()
    lines, names = read_ahead(db, scope, today), names_of(db, scope)
    pages = {"zh": "roster.html", "en": "roster.en.html"}
    return {
        pages[one]: static_page(
            lines, county, names, one, FILES, pages["en" if one == "zh" else "zh"]
        )
        for one in LANGUAGES
    }
