"""`zaojie filing`: which desks filed on a day, and the figures of a span."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import Annotated

import typer

from .parts import AsJson, Database, open_database, told


@told
def filing(
    date: Annotated[str, typer.Option(help="local day, YYYY-MM-DD; with --to the first")],
    to: Annotated[str | None, typer.Option(help="last local day of a span")] = None,
    township: Annotated[str | None, typer.Option(help="one desk's code; else the county")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Which desks filed on a day: filed, zero, late, missing; with --to the figures of a span."""
    from data.scope import Scope
    from reports.filing_span import silence, span_figures
    from reports.rates import Rate
    from service.daily import cut_off
    from service.filing import span_matrix

    db, first = open_database(database), _day(date)
    last = first if to is None else _day(to)
    if last < first:
        raise ValueError(f"--to {last} lies before --date {first}; nothing was counted.")
    matrix = span_matrix(db, Scope.operator(), first, last, cut_off(db, last))
    if township is not None:
        matrix = matrix[matrix["township_code"] == township]
    if to is None and as_json:
        typer.echo(matrix.to_json(orient="records", date_format="iso"))
        return
    if matrix.empty and not as_json:
        span = date if to is None else f"{date} to {to}"
        typer.echo(f"no filing was expected on {span}" + (f" of {township}" if township else ""))
        return
    if to is None:
        for line in matrix.itertuples():
            typer.echo(f"{line.township_code}  {line.state}")
        return
    of, runs = span_figures(matrix), silence(matrix)["silent_days"]
    figures = of.figures
    rates = {
        "completeness": figures.completeness,
        "timeliness": figures.timeliness,
        "zero share": figures.zero_share,
        "contradictions": of.contradictions,
        "overtaken": of.overtaken,
    }
    if township is not None:  # of one desk it would be a figure of how few people ask there
        del rates["zero share"]
    if as_json:
        numbers = {name.replace(" ", "_"): asdict(rate) for name, rate in rates.items()}
        said = {"expected": figures.expected, "excused": figures.excused,
                "not_due": figures.not_due, "states": of.due, **numbers,
                "silent_days": runs[runs > 0].to_dict()}  # fmt: skip
        typer.echo(json.dumps(said))
        return
    typer.echo(f"desks: {of.desks}, asked days: {of.periods}")
    typer.echo(f"expected {figures.expected:,} = {_added(of.due)}")
    typer.echo(f"left out: excused {figures.excused:,}, before the deadline {figures.not_due:,}")

    def share(rate: Rate) -> str:
        return "—" if rate.share is None else f"{rate.share:.1%}"

    for name, rate in rates.items():
        typer.echo(f"{name:<16}{share(rate):>7}  {rate.numerator:,}/{rate.denominator:,}")
    for code, days in runs[runs > 0].sort_values(ascending=False, kind="stable").items():
        typer.echo(f"{code}  silent for {days} asked days")


def _added(states: dict[str, int]) -> str:
    return " + ".join(f"{name} {count:,}" for name, count in states.items())


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no day; write it as 2026-03-05") from None
