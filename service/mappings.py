"""A mapping tried on the first rows of a sample, and a whole export taken over behind a page.

What a preview shows is what would be stored, cleaned of persons; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from data.categories import Categories
from data.db import Db
from data.errors import ConfigError
from data.mapped import apply_mapping
from data.mapped_rows import fits_sheet
from data.mapping import Mapping, parse_mapping
from data.mapping_files import file_name, saved_mappings
from data.places import read_areas, read_bodies
from data.scope import Scope
from data.steering import FileInForce
from geo.places import Locator
from wording import formats, t

from . import placing
from .figures import categories
from .jobs import Job, Jobs
from .takeover import Sent, TakenOver, names_of, reason_key, take_over_export

PREVIEWED = 20
SHARES = {
    "mapped": 0.35, "judged": 0.42, "case_version": 0.60, "source_ref": 0.68, "case_event": 0.85,
    "text_key": 0.89, "case_text": 1.0,
}  # fmt: skip
"""What share of the work lies behind when a step ends (measured: `benchmarks/intake.py`)."""


@dataclass(frozen=True)
class Line:
    """One row of a preview: its number, the case in words, and what is wrong (empty = nothing)."""

    row: int
    cells: tuple[str, ...]
    wrong: str


HEADS = ("opened_at", "category", "area", "channel", "body", "summary")
"""Fields whose values a preview shows, after the sender's row number."""


def checked(db: Db, scope: Scope, name: str, text: str) -> Mapping:
    """A mapping text checked under its name.

    Raises:
        ConfigError: with one sentence.
    """
    return parse_mapping(text, file_name(name), categories(db, scope))


def for_sheets(files: Iterable[FileInForce], of_county: Categories) -> dict[str, Mapping]:
    """The county's saved mappings by which a clerk's sheet can be read, by name.

    One that no longer fits the categories in force is left out: its own page says why.
    """
    found = {}
    for name, one in saved_mappings(files).items():
        try:
            mapping = parse_mapping(one.text, file_name(name), of_county)
        except ConfigError:
            continue
        if fits_sheet(mapping):
            found[name] = mapping
    return found


def preview(
    db: Db, scope: Scope, frame: pd.DataFrame, mapping: Mapping, language: str
) -> list[Line]:
    """The first rows of a sample as they would be stored, or with what is wrong.

    Raises:
        DataError: a column is missing; NotAllowed: not an administrator.
    """
    scope.need("administrator")
    areas = read_areas(db, scope, db.now().date())
    leaves = areas[areas["level"] == db.county().protection_level]
    bodies = read_bodies(db, scope)

    def place(lon: pd.Series, lat: pd.Series, system: str, stated: pd.Series) -> pd.Series:
        return placing.areas_of(Locator(areas), leaves["code"], lon, lat, system, stated)

    of_county = categories(db, scope)
    found = apply_mapping(
        frame.head(PREVIEWED), mapping, of_county, list(leaves["code"]), pd.Timestamp(db.now()),
        place, language, names=names_of(leaves, bodies),
    )  # fmt: skip
    label = f"name_{language}"
    areas_named = {mapping.area.unstated_code: mapping.area.names[language]}
    areas_named |= dict(zip(leaves["code"], leaves[label], strict=True))
    bodies_named = dict(zip(bodies["body_id"], bodies[label], strict=True))
    bodies_named |= dict(zip(found.bodies["body_id"], found.bodies[label], strict=True))
    zone = db.county().zone
    lines = []
    for case in found.cases.itertuples():
        cells = (
            formats.moment(case.opened_at, language, zone),
            of_county[str(case.category)].names[language],
            areas_named.get(case.township_code, str(case.township_code)),
            t(f"words.channel.{case.channel}", language),
            bodies_named.get(case.body_id, str(case.body_id)),
            "" if pd.isna(case.summary) else str(case.summary),
        )
        lines.append(Line(int(case.row), cells, ""))
    nothing = ("",) * len(HEADS)
    for row, reason in zip(found.set_aside["row"], found.set_aside["reason"], strict=True):
        lines.append(Line(int(row), nothing, t(reason_key(reason), language)))
    return sorted(lines, key=lambda line: line.row)


def take_over_behind(
    jobs: Jobs[TakenOver], session: str, db: Db, scope: Scope, sent: Sent, mapping: Mapping
) -> Job[TakenOver]:
    """Take an export over in the background of the server.

    Raises:
        NotAllowed: not an administrator.
    """
    scope.need("administrator")
    return jobs.start(
        session, sent.name, lambda job: take_over_export(db, scope, sent, mapping, job.progress)
    )
