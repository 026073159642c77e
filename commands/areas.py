"""`zaojie areas …`: load a new version of the layer of areas, and see which versions there are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .parts import AsJson, Database, open_database, told

if TYPE_CHECKING:
    from service.areas import NewLayer

areas_app = typer.Typer(no_args_is_help=True, help="The layer of areas and its versions.")
SHOWN = 30


@areas_app.command("load")
@told
def load(
    file: Path,
    system: Annotated[str, typer.Option(help="cgcs2000, wgs84, gcj02, bd09 or EPSG:…")],
    valid_from: Annotated[str, typer.Option("--valid-from", help="first day, such as 2026-12-01")],
    code: Annotated[str, typer.Option(help="the file's column of codes")] = "code",
    name: Annotated[str, typer.Option(help="the file's column of names")] = "name_zh",
    apply: Annotated[bool, typer.Option("--apply", help="put it in force; else only say")] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """What a file of areas would change; with --apply it is put in force from its day on."""
    from data.scope import Scope
    from service import areas

    columns = {
        ours: theirs for ours, theirs in (("code", code), ("name_zh", name)) if theirs != ours
    }
    db, scope = open_database(database), Scope.operator()
    new = areas.check(db, scope, file, system, _day(valid_from), columns)
    if as_json:
        _print_json(new)
    else:
        for line in preview_lines(new, "en"):
            typer.echo(line)
    if apply:
        areas.apply(db, scope, new)
        typer.echo(f"in force from {new.valid_from}", err=as_json)
    elif not as_json:
        typer.echo("nothing was stored; with --apply it is put in force")


@areas_app.command("list")
@told
def list_(as_json: AsJson = False, database: Database = None) -> None:
    """Every version of the layer with its days and the number of its areas."""
    import json

    from data.places import layer_versions
    from data.scope import Scope

    versions = layer_versions(open_database(database), Scope.operator())
    rows = [
        {
            "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to.isoformat() if row.valid_to else None,
            "areas": int(row.areas_count),
        }
        for row in versions.astype(object).where(versions.notna(), None).itertuples()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        typer.echo(f"{row['valid_from']} to {row['valid_to'] or '…':<10}  {row['areas']:>6,} areas")
    if not rows:
        typer.echo("no layer is loaded")


def preview_lines(new: NewLayer, language: str) -> list[str]:
    """Everything of a preview as lines; long lists are cut, with a count of the rest."""
    from reports.area_changes import change_rows, flaw_text, level_name
    from wording import t
    from wording.formats import number

    def cut(lines: list[str]) -> list[str]:
        rest = len(lines) - SHOWN
        more = [t("areas.page.more", language, count=rest)] if rest > 0 else []
        return [f"- {line}" for line in (*lines[:SHOWN], *more)]

    counts = [
        t("areas.page.counts", language, level=level_name(name, language),
          count=number(count, language))
        for name, count in new.levels.items()
    ]  # fmt: skip
    protection = level_name(new.protection_level, language)
    lines = [", ".join(counts), t("areas.page.protection", language, level=protection)]
    for name in new.without_figures:
        lines.append(t("areas.page.without", language, level=level_name(name, language)))
    changes = ["  ".join(row) for row in change_rows(new.walk, language)]
    nothing = t(f"areas.page.{'first' if new.walk is None else 'no_changes'}", language)
    lines += [t("areas.page.changes", language), *(cut(changes) or [f"- {nothing}"])]
    if new.has_split:
        lines.append(t("areas.page.approximate", language))
    none = [f"- {t('areas.page.none', language)}"]
    found = cut([one.text(language) for one in new.findings])
    listed = cut([flaw_text(flaw, language) for flaw in new.flaws])
    lines += [t("areas.page.findings", language), *(found or none)]
    return [*lines, t("areas.page.flaws", language), *(listed or none)]


def _print_json(new: NewLayer) -> None:
    import json

    walk = new.walk
    changes = [] if walk is None else walk.changes.to_dict("records")
    said = {
        "valid_from": new.valid_from.isoformat(),
        "levels": dict(new.levels),
        "protection_level": new.protection_level,
        "without_figures": list(new.without_figures),
        "changes": changes,
        "new": list(walk.new) if walk else [],
        "gone": list(walk.gone) if walk else [],
        "renamed": {code: list(names) for code, names in walk.renamed.items()} if walk else {},
        "findings": [found.text("en") for found in new.findings],
        "flaws": [vars(flaw) | {"codes": list(flaw.codes)} for flaw in new.flaws],
    }
    typer.echo(json.dumps(said, ensure_ascii=False, indent=1))


def _day(text: str) -> dt.date:
    from data.errors import ConfigError

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ConfigError("areas.bad_day", day=text) from None
