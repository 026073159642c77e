"""The monthly reconciliation: an older system's file beside our record, by the desk's numbers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from data.db import Db
from data.errors import DataError
from data.mapping import Mapping
from data.reconciliation import read_desk
from data.redact import redact
from data.scope import Scope
from reports.reconciliation import FIELDS, Reconciliation

from .takeover import Sent, read_export

CLOSES = ("answered", "no_remedy", "declined", "referred", "withdrawn")
OPENS = ("not_solved", "withdrawal_undone")


def reconcile(
    db: Db,
    scope: Scope,
    file: Path,
    mapping: Mapping,
    month: str,
    steps: Path | None = None,
) -> Reconciliation:
    """What one desk's older system and our record say of the cases opened in a month.

    Args:
        file, steps: as for the import; nothing of them is stored.
        month: YYYY-MM, local, by the day of opening on either side.

    Raises:
        DataError: the file cannot be read, or the month is none. NotAllowed: another desk's.
    """
    try:
        dt.date.fromisoformat(f"{month}-01")
    except ValueError as err:
        raise DataError("takeover.reconcile.bad_month", [], month=month) from err
    zone = db.county().zone
    _, mapped = read_export(
        db, Sent.of(file), mapping, Sent.of(steps) if steps is not None else None
    )
    numbers = [*mapped.cases["source_id"], *(n for n in mapped.set_aside["source_id"] if n)]
    table, known = read_desk(db, scope, mapping.desk, numbers, file.name)
    theirs = _facts(mapped.cases, mapped.events, zone).set_index(mapped.cases["source_id"])
    ours = _facts(table.cases, table.events, zone).set_index(table.cases["case_id"])

    lines: list[tuple[str, str, str, tuple[str, ...]]] = []
    same = 0
    for number, row in theirs.iterrows():
        case_id = known.get(str(number))
        if case_id not in ours.index:
            if _in_month(row, month):
                lines.append(("theirs_only", str(number), "", ()))
            continue
        mine = ours.loc[str(case_id)]
        if not (_in_month(row, month) or _in_month(mine, month)):
            continue
        differ = tuple(name for name in FIELDS if row[name] != mine[name])
        same += not differ
        if differ:
            lines.append(("differs", str(number), "", differ))
    for case_id, row in ours.iterrows():
        if case_id not in set(known.values()) and _in_month(row, month):
            lines.append(("ours_only", "", str(case_id), ()))
    for number, reason in zip(
        mapped.set_aside["source_id"], mapped.set_aside["reason"], strict=True
    ):
        lines.append(("unreadable", redact(str(number)).text, "", (str(reason),)))

    days = {}
    for kind, number, _, differ in lines:
        if kind == "differs":
            row, mine = theirs.loc[number], ours.loc[known[number]]
            days[number] = [(n, row[n], mine[n]) for n in differ if n.endswith("_on")]
    return Reconciliation(
        desk_names=mapping.desk_names, month=month, made_at=db.now(), zone=zone, same=same,
        lines=tuple(lines), days=days,
    )  # fmt: skip


def _in_month(row: pd.Series, month: str) -> bool:
    return str(row["opened_on"]).startswith(month)


def _facts(cases: pd.DataFrame, events: pd.DataFrame, zone: str) -> pd.DataFrame:
    """What is compared, one row per case, in the order of `cases`: texts, "" = none.

    Days are local; `body` is the receiver of the last transfer, else the first named; `closed` is
    whether the last answer or other end was not undone.
    """
    days = events["occurred_at"].dt.tz_convert(zone).dt.strftime("%Y-%m-%d")
    name = events["event"].astype("str")
    moved = events[(name == "transferred") & events["to_body_id"].notna()]
    ends = events[name.isin([*CLOSES, *OPENS])]

    def first_day(which: pd.DataFrame) -> pd.Series:
        found = days.reindex(which.index).groupby(which["case"]).first()
        return found.reindex(cases.index).fillna("")

    accepted, answered = events[name == "accepted"], events[name == "answered"]
    body = moved.groupby("case")["to_body_id"].last().reindex(cases.index)
    last = ends.assign(event=name).groupby("case")["event"].last().reindex(cases.index)
    return pd.DataFrame(
        {
            "opened_on": cases["opened_at"].dt.tz_convert(zone).dt.strftime("%Y-%m-%d"),
            "category": cases["category"].astype("str"),
            "body": body.fillna(cases["body_id"]).astype("str"),
            "accepted_on": first_day(accepted),
            "answered_on": first_day(answered),
            "closed": last.isin(CLOSES),
        },
        index=cases.index,
    )
