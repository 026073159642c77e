"""`zaojie calendar …`: what would move before a year or a county's own rules are put in force."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .parts import AsJson, Database, open_database, told

calendar_app = typer.Typer(no_args_is_help=True, help="Public holidays by year, and own rules.")


@calendar_app.command("load")
@told
def load(
    file: Path,
    apply: Annotated[bool, typer.Option("--apply", help="put it in force; else only list")] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Check a year's file (or rules of the county's own) and list which last days move."""
    from data.errors import NotFound
    from data.scope import Scope
    from service import rules_change
    from wording import t

    try:
        content = file.read_text("utf-8")
    except FileNotFoundError:
        raise NotFound("service.no_file", file=file) from None
    except UnicodeDecodeError as err:
        raise ValueError(f"{file} is not UTF-8 text: {err}. Nothing was put in force.") from None
    db, scope = open_database(database), Scope.operator()
    new = rules_change.check(db, scope, content)
    rows = rules_change.preview(db, scope, new)
    if apply:
        rules_change.apply(db, scope, new)
    if as_json:
        typer.echo(rows.to_json(orient="records", date_format="iso"))
        return
    for row in rows.itertuples():
        clock = t(f"casework.clock.{row.clock}", "en")
        days = f"{row.old_on:%Y-%m-%d} -> {row.new_on:%Y-%m-%d}"
        typer.echo(f"{row.body_id:<12} {clock:<28} {days}  {row._asdict()['count']:>6,}")
    total = int(rows["count"].sum())
    if apply:
        typer.echo(f"{new.name} is in force; last days moved: {total:,}")
    else:
        typer.echo(f"{new.name} is not in force; with --apply these last days move: {total:,}")


@calendar_app.command("show")
@told
def show(
    year: int,
    calendar: Annotated[str | None, typer.Option(help="else the one of the county's rules")] = None,
    database: Database = None,
) -> None:
    """The free weekdays and worked weekend days of a year, and whether they are provisional."""
    import datetime as dt

    from service.rules import county_rules, rules_of

    db = open_database(database)
    days = county_rules(db)[1] if calendar is None else rules_of(db).calendar(calendar)
    if not 1990 <= year <= 2100:
        raise ValueError(f"there is no calendar for {year}; years run from 1990 to 2100")
    first = dt.date(year, 1, 1)
    every = [first + dt.timedelta(days=n) for n in range((dt.date(year + 1, 1, 1) - first).days)]
    state = "published" if days.is_known(first) else "provisional: not loaded yet"
    typer.echo(f"{days.name} {year}: {sum(map(days.is_working, every))} working days, {state}")
    for kind, said in (("holiday", "free"), ("make_up", "worked")):
        for day in every:
            if days.kind(day) == kind:
                typer.echo(f"  {said:<7} {day} {day:%A}")
