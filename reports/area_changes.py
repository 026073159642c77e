"""What changes with a new layer of areas, in words: for the command and for the page."""

from __future__ import annotations

from geo.coverage import Flaw
from geo.crosswalk import Crosswalk
from wording import has, t
from wording.formats import number, percent

NEIGHBOURS_SHOWN = 6


def level_name(level: str, language: str) -> str:
    """A level in words; its own name where the catalogue has none."""
    key = f"geo.level.{level}"
    return t(key, language) if has(key, language) else level


def change_rows(walk: Crosswalk | None, language: str) -> list[tuple[str, str, str, str]]:
    """(kind, before, now, share of land) of every change; codes, or names where a name changed."""
    if walk is None:
        return []
    rows = [
        (_kind(row.kind, language), row.from_code, row.to_code, percent(row.share, language))
        for row in walk.changes.itertuples()
    ]
    rows += [(_kind("new", language), "—", code, "—") for code in walk.new]
    rows += [(_kind("gone", language), code, "—", "—") for code in walk.gone]
    rows += [
        (_kind("name", language), f"{code} {old}", new, "—")
        for code, (old, new) in walk.renamed.items()
    ]
    return rows


def _kind(kind: str, language: str) -> str:
    return t(f"areas.change.{kind}", language)


def flaw_text(flaw: Flaw, language: str) -> str:
    """A gap or an overlap: its size and the areas beside it."""
    comma = {"zh": "、", "en": ", "}[language]
    codes = comma.join(flaw.codes[:NEIGHBOURS_SHOWN]) or "—"
    if len(flaw.codes) > NEIGHBOURS_SHOWN:
        codes += " …"
    return t(f"areas.flaw.{flaw.kind}", language, area=number(flaw.area_m2, language), codes=codes)
