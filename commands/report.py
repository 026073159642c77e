"""`zaojie report`: the daily report and its summaries as files, issued, listed and compared."""

from __future__ import annotations

import datetime as dt
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from .parts import AsJson, Database, open_database, told


class Period(StrEnum):
    """What span the report is of."""

    DAY = "day"
    WEEK = "week"
    HALF_MONTH = "half-month"
    MONTH = "month"


class Format(StrEnum):
    """What the report can be written as."""

    DOCX = "docx"
    PDF = "pdf"
    HTML = "html"
    JSON = "json"


class Language(StrEnum):
    """In which language; the JSON holds facts and no words."""

    ZH = "zh"
    EN = "en"


_KINDS = {"day": "daily", "week": "week", "half-month": "half_month", "month": "month"}


@told
def report(
    date: Annotated[str | None, typer.Option(help="a local day, YYYY-MM-DD")] = None,
    out: Annotated[Path | None, typer.Option(help="file to write")] = None,
    kind: Annotated[Format, typer.Option("--format")] = Format.DOCX,
    period: Annotated[Period, typer.Option(help="of the day, or the span it lies in")] = Period.DAY,
    language: Language = Language.ZH,
    body: Annotated[
        str | None, typer.Option(help="a copy for this body, with its case numbers in an annex")
    ] = None,
    issue: Annotated[bool, typer.Option("--issue", help="number and freeze it first")] = False,
    comment: Annotated[
        list[str] | None, typer.Option(help="with --issue: a word of the list, may be repeated")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="make it again as known then; say what differs")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="every report issued so far")] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """The service report of a day, week, half month or month: draft, issued, or compared."""
    db = open_database(database)
    if listed:
        _list(db, as_json)
        return
    if date is None:
        raise ValueError("name a day with --date, or list what was issued with --list")
    name, day = _KINDS[period.value], _day(date)
    if issue:
        _issue(db, name, day, tuple(comment or ()), as_json)
    if compare:
        _compare(db, name, day, as_json)
    if out is not None:
        _write(db, name, day, kind.value, language.value, body, out)
    elif not issue and not compare:
        raise ValueError("name the file with --out; nothing was written")


def _issue(db: Any, kind: str, day: dt.date, comment: tuple[str, ...], as_json: bool) -> None:
    from data.scope import Scope
    from data.vocabulary import REPORT_COMMENTS
    from service.report import issue

    if unknown := sorted(set(comment) - set(REPORT_COMMENTS)):
        known = ", ".join(REPORT_COMMENTS)
        raise ValueError(f"no such comment: {', '.join(unknown)}. The list: {known}")
    made = issue(db, Scope.operator(), kind, day, comment)
    if as_json:
        typer.echo(json.dumps(_facts(made)))
        return
    typer.echo(f"issued: {kind} No. {made.number} of {made.last.year}, SHA-256 {made.sha256}")


def _compare(db: Any, kind: str, day: dt.date, as_json: bool) -> None:
    from data.scope import Scope
    from service.report import compare

    found = compare(db, Scope.operator(), kind, day)
    if as_json:
        rows = [dict(zip(("path", "issued", "now"), d, strict=True)) for d in found.differences]
        typer.echo(json.dumps({**_facts(found.issue), "differences": rows}, ensure_ascii=False))
    elif not found.differences:
        typer.echo(f"the same to the byte as issued, SHA-256 {found.issue.sha256}")
    else:
        for path, before, now in found.differences:
            typer.echo(f"{path}: issued {before}, now {now}")
    if found.differences:
        raise typer.Exit(2)


def _list(db: Any, as_json: bool) -> None:
    from data import issues
    from data.scope import Scope

    found = issues.read_all(db, Scope.operator())
    if as_json:
        typer.echo(json.dumps([_facts(one) for one in found]))
        return
    if not found:
        typer.echo("no report was issued yet")
    for one in found:
        span = f"{one.first}" if one.first == one.last else f"{one.first}..{one.last}"
        typer.echo(
            f"{one.kind:<10}  {span:<22}  No. {one.number} of {one.last.year}  "
            f"{one.recorded_at.isoformat(timespec='seconds')}  {one.role} {one.issued_by}  "
            f"{one.sha256}"
        )


def _facts(one: Any) -> dict[str, object]:
    return {
        "kind": one.kind, "first": one.first.isoformat(), "last": one.last.isoformat(),
        "number": one.number, "year": one.last.year, "issued_at": one.recorded_at.isoformat(),
        "role": one.role, "issued_by": one.issued_by, "sha256": one.sha256,
    }  # fmt: skip


def _write(
    db: Any, kind: str, day: dt.date, format: str, language: str, body: str | None, out: Path
) -> None:
    from data.scope import Scope
    from reports.daily_facts import DailyReport
    from service import report as served
    from service.annex import annex

    scope = Scope.operator()
    found = served.issued(db, scope, kind, day)
    one, made = found if found else (None, served.made(db, scope, kind, day))
    section = None
    if body is not None:
        if not isinstance(made, DailyReport) or format == "json":
            raise ValueError("a body's copy is a daily report as docx, pdf or html")
        section = annex(db, scope, made, body, language)
    content = served.file(db, scope, made, format, language, one, section)
    try:
        out.write_bytes(content)
    except OSError as err:
        raise ValueError(
            f"The report could not be written to {out}: {err.strerror}. Name another file."
        ) from None
    state = "a draft" if one is None else f"No. {one.number} of {one.last.year}"
    if not made.has_cases:
        state += "; the record holds no case yet, and the report says so"
    typer.echo(f"report of {day} written to {out} ({state})")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--date must be a day like 2026-03-05, not {text!r}") from None
