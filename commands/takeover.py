"""`zaojie county`, `zaojie import`, `zaojie reconcile`: a county begins, with or without an older
system's file, which is compared later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from .parts import AsJson, Database, Progress, open_database, settings_of, told

Events = Annotated[
    Path | None, typer.Option(help="the file of steps, where the mapping has [events.rows]")
]


@told
def county(
    file: Annotated[Path, typer.Argument(help="county file (TOML): names, rules, bodies, layer")],
    database: Database = None,
) -> None:
    """Begin a county in an empty database from its county file, without any case."""
    from data import places
    from data.scope import Scope
    from service.takeover import set_up_county

    db, scope = open_database(database), Scope.operator()
    set_up_county(db, file)
    bodies, townships = places.read_bodies(db, scope), places.read_townships(db, scope)
    typer.echo(f"{db.county().name_en}: {len(bodies)} bodies, {len(townships)} townships, no case")


@told
def import_(
    file: Path,
    mapping: Annotated[str, typer.Option(help="mapping file (TOML), or the name of one")],
    county: Annotated[
        Path | None,
        typer.Option(help="county file for an empty database; else county.toml beside the mapping"),
    ] = None,
    events: Events = None,
    rows_to: Annotated[
        Path | None,
        typer.Option("--list", help="CSV of every row set aside or misplaced; else in ZAOJIE_VAR"),
    ] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Take another system's export or ledger over by a mapping; the same rows again add nothing."""
    from data.errors import ConfigError
    from data.scope import Scope
    from service.takeover import (
        Sent,
        read_mapping,
        reason_key,
        row_list,
        sentences,
        set_up_county,
        take_over_export,
    )
    from wording import t

    db, progress = open_database(database), Progress()
    try:
        db.county()
    except ConfigError:
        set_up_county(db, county or Path(mapping).parent / "county.toml")
    done = take_over_export(
        db, Scope.operator(), Sent.of(file), read_mapping(db, mapping), progress,
        Sent.of(events) if events is not None else None,
    )  # fmt: skip
    progress.end()
    mapped = done.mapped
    listed = rows_to or settings_of(database).var / f"{file.name.split('.')[0]}.rows.csv"
    listed.parent.mkdir(parents=True, exist_ok=True)
    row_list(mapped).to_csv(listed, index=False)
    if as_json:
        found: dict[str, Any] = {
            "rows": mapped.rows,
            "added": done.added,
            "taken_over_before": done.repeated,
            "set_aside": mapped.aside_counts,
            "waiting": done.waiting,
            "steps_without_case": len(mapped.strays),
            "placed": mapped.placed,
            "columns_not_read": [note.column for note in mapped.notes],
            "list": str(listed),
        }
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(f"{mapped.rows:,} rows: {done.added:,} cases added")
    typer.echo(f"{done.repeated:,} taken over before, {len(mapped.set_aside):,} set aside")
    for reason, count in mapped.aside_counts.items():
        typer.echo(f"  {count:>7,}  {reason}: {t(reason_key(reason), 'en')}")
    for row, column, sentence in sentences(mapped, "en")[:50]:
        typer.echo(f"- row {row}, {column}: {sentence}")
    if done.waiting:
        typer.echo(f"{done.waiting:,} rows wait, sealed, for their desk: mend and send them again")
    if mapped.placed:
        typer.echo("places:")
        for how, count in mapped.placed.items():
            typer.echo(f"  {count:>7,}  {t(f'intake.placed.{how}', 'en')}")
    for note in mapped.notes:
        typer.echo(note.text("en"))
    typer.echo(f"every row set aside or misplaced is listed in {listed}")


@told
def reconcile(
    file: Path,
    mapping: Annotated[str, typer.Option(help="mapping file or its name, as for the import")],
    month: Annotated[str, typer.Option(help="month of opening, YYYY-MM, local")],
    out: Annotated[Path, typer.Option(help="file to write: .xlsx, .csv or .html (A4)")],
    events: Events = None,
    language: Annotated[str, typer.Option(help="zh or en")] = "zh",
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Compare an older system's file with the record, for the desk that owns its rows."""
    from data.errors import DataError
    from data.scope import Scope
    from reports.reconciliation import to_csv, to_html, to_xlsx
    from service.reconcile import reconcile as compare
    from service.takeover import read_mapping
    from wording import t

    writers = {".xlsx": to_xlsx, ".csv": to_csv, ".html": to_html}
    if out.suffix not in writers:
        raise DataError("takeover.reconcile.bad_format", [], suffix=out.suffix or str(out))
    db = open_database(database)
    found = compare(db, Scope.operator(), file, read_mapping(db, mapping), month, events)
    out.write_bytes(writers[out.suffix](found, language))
    if as_json:
        typer.echo(json.dumps(found.counts()))
        return
    for kind, count in found.counts().items():
        typer.echo(f"  {count:>7,}  {t(f'takeover.kind.{kind}', 'en')}")
    typer.echo(f"written to {out}; it is for the desk that registered these cases, for nobody else")
