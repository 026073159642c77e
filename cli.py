"""`zaojie …`: the same functions as the pages, without a screen.

Progress on a terminal, plain lines elsewhere; a failure is one clear sentence and a non-zero exit.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from commands import (
    accounts,
    airgap,
    areas,
    audit,
    backup,
    bulletin,
    cycle,
    fields,
    filing,
    machines,
    map_file,
    packs,
    publish,
    report,
    residents,
    rules,
    supervision,
    takeover,
    texts,
    upgrade,
)
from commands.parts import AsJson, Database, Progress, open_database, settings_of, told
from settings import ROOT, Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
@told
def demo(
    database: Database = None,
    grids: int = 1200,
    townships: int = 25,
    cases_per_year: int = 15_000,
    years: float = 3,
    seed: int = 7,
    score: Annotated[bool, typer.Option(help="learn and score its open cases as well")] = True,
) -> None:
    """Make the demo county in an empty database (everything in it is marked as demo)."""
    from data.scope import Scope
    from service.demo import make_demo
    from service.demo_assignments import make_up
    from service.demo_backlog import make_up as make_up_plans
    from service.demo_consultations import make_consultations
    from service.demo_night import make_night
    from service.demo_receptions import make_receptions
    from service.demo_roster import make_roster
    from service.demo_supervision import make_supervision
    from service.publish import publish_newest

    settings, progress, db = settings_of(database), Progress(), open_database(database)
    history = make_demo(
        db, grids=grids, townships=townships, cases_per_year=cases_per_year,
        years=years, seed=seed, truth_path=settings.var / "demo_truth.parquet", progress=progress,
    )  # fmt: skip
    make_up(db, seed)
    make_up_plans(db, seed)
    make_roster(db)
    make_receptions(db, seed)
    make_consultations(db, seed)
    make_supervision(db, seed)
    if score:
        _score(db, settings, progress)
    progress("publish", 0, 1)
    publish_newest(db, Scope.operator())
    make_night(db)
    progress.end()
    db.engine.dispose()  # SQLite folds its write-ahead log into the file when the last one closes
    typer.echo(
        f"demo county ready: {len(history.cases):,} cases, {len(history.events):,} events, "
        f"{grids:,} grids, {townships} townships"
    )


app.command("county")(takeover.county)
app.command("import")(takeover.import_)
app.command("cycle")(cycle.cycle)
app.add_typer(cycle.notices_app, name="notices")
app.command("upgrade")(upgrade.upgrade)
app.command("publish")(publish.publish)
app.command("bulletin")(bulletin.bulletin)
app.command("supervision-file")(supervision.supervision_file)
app.command("report")(report.report)
app.command("filing")(filing.filing)
app.command("map")(map_file.map_)
app.command("reconcile")(takeover.reconcile)
app.add_typer(rules.calendar_app, name="calendar")
app.add_typer(packs.packs_app, name="packs")
app.add_typer(areas.areas_app, name="areas")
app.add_typer(fields.fields_app, name="fields")
app.add_typer(texts.texts_app, name="texts")
app.add_typer(machines.token_app, name="token")
app.add_typer(accounts.accounts_app, name="account")
app.command("anchor")(audit.anchor)
app.command("verify-audit")(audit.verify_audit)
app.add_typer(backup.backup_app, name="backup")
app.command("restore")(backup.restore)
app.command("move-to")(backup.move_to)
airgap.add_to(residents.residents_app)
app.add_typer(residents.residents_app, name="residents")


@app.command("export-cases")
@told
def export_cases(
    out: Annotated[Path, typer.Option(help="CSV or CSV.gz")],
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """The case table for `backtest`; demo and open-data databases only (never a real county's)."""
    from data.scope import Scope
    from service.export import case_table

    db = open_database(database)
    found = case_table(db, Scope.operator(), db.now())
    found.table.to_csv(out, index=False)
    if as_json:
        typer.echo(json.dumps({"cases": len(found.table), "left_out": found.left_out}))
        return
    typer.echo(f"{len(found.table):,} cases written to {out}")
    for reason, count in found.left_out.items():
        if count:
            typer.echo(f"  {count:>7,}  left out: {reason.replace('_', ' ')}")


@app.command()
@told
def clock(
    events: Annotated[Path, typer.Option(help="the case as JSON (DESIGN: command `clock`)")],
    pack: str = "cn_xinfang_2022",
    explain: Annotated[bool, typer.Option(help="list the days one by one")] = False,
    zone: str = "Asia/Shanghai",
    database: Annotated[
        str | None, typer.Option(help="count by the years loaded there; else by those shipped")
    ] = None,
) -> None:
    """The clocks of one case, as JSON."""
    from casework.clock_file import clocks_json
    from data.errors import NotFound

    try:
        document = json.loads(sys.stdin.read() if str(events) == "-" else events.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound("service.no_file", file=events) from None
    except ValueError as err:
        raise ValueError(f"{events} is not valid JSON: {err}. Nothing was computed.") from None
    loaded = None if database is None else _loaded_years(database, pack)
    found = clocks_json(document, pack, explain, zone, loaded)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1))


def _loaded_years(database: str, pack: str) -> Any:
    from service.rules import rules_of

    rules = rules_of(open_database(database))
    return rules.calendar(rules.packs[pack].newest.calendar)


@app.command()
@told
def backtest(
    cases: Annotated[Path, typer.Option(help="case table (CSV or CSV.gz)")],
    out: Annotated[Path, typer.Option(help="result.json")],
    capacity: Annotated[int | None, typer.Option(help="cases a day that can be pushed")] = None,
    extract_end: Annotated[str | None, typer.Option(help="local ISO time")] = None,
    predictions: Annotated[Path | None, typer.Option(help="CSV of what is served")] = None,
) -> None:
    """How well late answers could have been foreseen, against the office's own record."""
    from risk.backtest import run

    progress = Progress()
    run(cases, out, capacity, extract_end, predictions, lambda what, *_: progress(what, 0, 0))
    progress.end()
    typer.echo(f"written to {out}")


@app.command("score")
@told
def score_(
    database: Database = None,
    retrain: Annotated[bool, typer.Option(help="learn again although a model serves")] = False,
    backtest: Annotated[
        bool, typer.Option(help="learn again and check on the whole record, not its last months")
    ] = False,
    capacity: Annotated[int, typer.Option(help="cases a day that can be pushed")] = 10,
) -> None:
    """Score every open case, write the scores down, propose flags; learn first where needed."""
    settings, progress, db = settings_of(database), Progress(), open_database(database)
    run = _score(db, settings, progress, retrain, backtest, capacity)
    progress.end()
    how = "learnt now" if run.trained else "in force"
    model = f"{run.model.served} {run.model.model_version} ({how})"
    typer.echo(
        f"{run.scored:,} open cases scored by {model}, "
        f"{run.flags} flags proposed, as of {run.as_of.isoformat(timespec='seconds')}"
    )


def _score(
    db: Any, settings: Settings, progress: Progress,
    retrain: bool = False, is_full: bool = False, capacity: int = 10,
) -> Any:  # fmt: skip
    from data.scope import Scope
    from service.forecast import models_folder, score
    from wording import t

    return score(
        db, Scope.operator(), models_folder(settings.var), retrain=retrain, is_full=is_full,
        capacity=capacity, progress=lambda what, done, of: progress(t(what, "en"), done, of),
    )  # fmt: skip


@app.command()
@told
def flags(
    database: Database = None,
    as_json: AsJson = False,
    fates: Annotated[
        bool, typer.Option(help="what became of every flag so far, without its case")
    ] = False,
) -> None:
    """The flags of the newest scoring, with their reasons and what was decided."""
    from data.scope import Scope
    from service.flag_fates import fate_lines, flag_fates
    from service.likely import newest_flags

    db, scope = open_database(database), Scope.operator()
    if fates:
        table = flag_fates(db, scope, db.now())
        if as_json:
            typer.echo(table.to_json(orient="records", date_format="iso", indent=1))
        for line in () if as_json else fate_lines(table):
            late = f"{line.late.numerator} late of {line.late.denominator} past their limit"
            typer.echo(f"{line.fate:>9}  {line.cases} cases, {late}")
        return
    found = newest_flags(db, scope)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    elif not found:
        typer.echo("no flag: nothing was scored yet, or no open case is running")
    for flag in [] if as_json else found:
        typer.echo(
            f"{flag['case_id']}  {flag['probability']:.0%}  {flag['level']}  "
            f"{flag['decision'] or 'proposed'}  {'; '.join(flag['in_words'])}"
        )


models_app = typer.Typer(no_args_is_help=True, help="Forecasts learnt from this database.")
app.add_typer(models_app, name="models")


@models_app.command("list")
@told
def models_list(database: Database = None, as_json: AsJson = False) -> None:
    """What was put in force, oldest first; the last line serves."""
    from data.scope import Scope
    from data.scores import models

    found = models(open_database(database), Scope.operator())
    if as_json:
        typer.echo(json.dumps([model.card for model in found], indent=1))
    for model in [] if as_json else found:
        since = model.in_force_at.isoformat(timespec="minutes") if model.in_force_at else ""
        typer.echo(f"{since}  {model.model_version}  {model.served}  {model.code_version}")


@models_app.command("use")
@told
def models_use(version: str, database: Database = None) -> None:
    """Put an earlier model in force again (rolling back)."""
    from data.scope import Scope
    from service.forecast import models_folder, use

    folder = models_folder(settings_of(database).var)
    model = use(open_database(database), Scope.operator(), folder, version)
    typer.echo(f"{model.model_version} ({model.served}) serves from the next `score` on")


receipt_app = typer.Typer(no_args_is_help=True, help="Receipts of cases.")
app.add_typer(receipt_app, name="receipt")


@receipt_app.command("reissue")
@told
def reissue(case: str, database: Database = None) -> None:
    """A further code for somebody who lost the slip; printed once, the older ones keep working."""
    from data.receipts import reissue as make
    from data.receipts import shown
    from data.scope import Scope

    slip = make(open_database(database), Scope.operator(), case.strip().upper())
    typer.echo(f"code {shown(slip.code)}   tag {slip.tag}   case {slip.case_id}")
    typer.echo("hand it to the one who asked: it is shown once and stored nowhere")


@app.command()
@told
def serve(
    database: Database = None,
    address: str | None = None,
    port: int | None = None,
    base_path: Annotated[
        str | None, typer.Option(help="path a proxy serves it under, like /zaojie")
    ] = None,
) -> None:
    """Start the server; on the first start it prints the administrator's one-time password."""
    from data.accounts import first_administrator

    settings = settings_of(database)
    db = open_database(database)
    if not db.county().is_demo:
        first = first_administrator(db)
        if first is not None:
            typer.echo(f"first start: account {first[0]}, one-time password: {first[1]}")
            typer.echo("it is shown once and must be changed at the first sign-in")
    db.engine.dispose()
    env = dict(os.environ, ZAOJIE_DATABASE=settings.database)
    if base_path is not None:
        env["ZAOJIE_BASE_PATH"] = base_path
    base = Settings.from_env(env).base_path
    typer.echo(f"http://{address or settings.address}:{port or settings.port}{base}")
    os.chdir(ROOT)
    os.execve(  # noqa: S606  our own interpreter with fixed words; no shell
        sys.executable,
        [sys.executable, "-m", "streamlit", "run", "app.py",
         "--server.address", address or settings.address,
         "--server.port", str(port or settings.port), "--server.headless", "true"],
        env,
    )  # fmt: skip


def main() -> None:
    """The entry of the `zaojie` command."""
    app()


if __name__ == "__main__":
    main()
