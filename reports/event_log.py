"""The office's steps of a quarter's cases, made coarse, for process-mining tools (DOMAIN.md §2.14).

A case has a number of its own in each file, its township and its week of opening; its steps have
their week and their order, nothing else. Only what the office did is in it: what an asker said is
no step of the office. Unconfirmed cases are left out.

Small numbers are covered: a township stands beside a week only if 10 cases of that week are its
own, and so many of them give theirs up that those without a township are 10 or none; a week with
fewer cases, and a step that fewer than 10 cases of the file took, are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd

LEAST = 10
"""Cases that a figure of a place rests on (DOMAIN.md §2.10)."""
STEPS = (
    "registered", "acknowledged", "accepted", "declined", "transferred", "objected", "extended",
    "paused", "resumed", "contacted", "mediated", "met", "received", "aided", "funded",
    "policy_changed", "hearing_opened", "hearing_closed", "answered", "no_remedy", "referred",
    "delivered", "notified", "reviewed", "rechecked",
)  # fmt: skip
"""What the office does with a case; nothing of the asker's."""
COLUMNS = ("case", "township", "opened_week", "order", "step", "week")


@dataclass(frozen=True)
class EventLog:
    """A coarsened log.

    steps: `COLUMNS`, one row per step: case (a number of this file), township (code, "" =
    covered), opened_week and week (the Monday, YYYY-MM-DD), order (1, 2, … within the case).
    left_out_weeks, left_out_steps: so many weeks, and steps of a kind, are too few to be shown.
    """

    steps: pd.DataFrame
    left_out_weeks: int
    left_out_steps: int

    @property
    def cases(self) -> int:
        return int(self.steps["case"].nunique())


def coarsen(cases: pd.DataFrame, events: pd.DataFrame, zone: str) -> EventLog:
    """The log of the confirmed among `cases` (`frames.Cases`, `frames.Events`); weeks are local."""
    kept = cases[cases["is_confirmed"]]
    week = _weeks(kept["opened_at"], zone)
    township, left_out = _covered(kept["township_code"], week)
    kept = kept[township.notna()]
    rows = events[events["event"].isin(STEPS) & events["case"].isin(kept.index)]
    takers = rows.groupby("event", observed=True)["case"].nunique()
    rare = takers.index[takers < LEAST]
    rows = rows[~rows["event"].isin(rare)]
    numbers = pd.Series(np.random.default_rng().permutation(len(kept)) + 1, kept.index)
    steps = pd.DataFrame(
        {
            "case": rows["case"].map(numbers),
            "township": rows["case"].map(township),
            "opened_week": rows["case"].map(week),
            "order": rows.groupby("case").cumcount() + 1,
            "step": rows["event"].astype("str"),
            "week": _weeks(rows["occurred_at"], zone),
        }
    )
    steps = steps.sort_values(["case", "order"], ignore_index=True)
    return EventLog(steps[list(COLUMNS)], left_out, len(rare))


def _weeks(moments: pd.Series, zone: str) -> pd.Series:
    days = moments.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    monday = days - pd.to_timedelta(days.dt.day_of_week, unit="D")
    return monday.dt.strftime("%Y-%m-%d")


def _covered(townships: pd.Series, weeks: pd.Series) -> tuple[pd.Series, int]:
    """Per case its township, "" where it is covered, NA where its week is left out; and how many
    weeks that are."""
    found = townships.copy()
    left_out = 0
    for _, group in townships.groupby(weeks):
        if len(group) < LEAST:
            found[group.index] = pd.NA
            left_out += 1
            continue
        counts = group.value_counts().sort_index(kind="stable").sort_values(kind="stable")
        so_far = counts.cumsum().shift(fill_value=0)
        # the small ones, and as many more as it takes that those hidden are ten or none
        hidden = (counts < LEAST) | ((so_far > 0) & (so_far < LEAST))
        hidden = hidden.iloc[::-1].cummax().iloc[::-1]
        found[group.index[group.isin(hidden.index[hidden])]] = ""
    return found, left_out


def to_csv(log: EventLog) -> bytes:
    """One line per step, `COLUMNS`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(log.steps.itertuples(index=False))
    return text.getvalue().encode()


def to_xes(log: EventLog, name: str, notes: list[str]) -> bytes:
    """The log as XES (IEEE 1849-2016): a trace per case; a step's time is the Monday of its week.

    Args:
        name: of the log. notes: sentences that belong with it: what is covered, a demo's mark.
    """
    return "\n".join(_lines(log, name, notes)).encode()


def _lines(log: EventLog, name: str, notes: list[str]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">'
    for extension, prefix in (("Concept", "concept"), ("Time", "time")):
        yield (
            f'<extension name="{extension}" prefix="{prefix}" '
            f'uri="http://www.xes-standard.org/{prefix}.xesext"/>'
        )
    yield '<global scope="trace"><string key="concept:name" value=""/></global>'
    yield (
        '<global scope="event"><string key="concept:name" value=""/>'
        '<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/></global>'
    )
    yield '<classifier name="step" keys="concept:name"/>'
    yield f'<string key="concept:name" value={quoteattr(name)}/>'
    for at, note in enumerate(notes, 1):
        yield f'<string key="note:{at}" value={quoteattr(note)}/>'
    for case, rows in log.steps.groupby("case", sort=True):
        first = rows.iloc[0]
        yield f'<trace><string key="concept:name" value="{case}"/>'
        yield f'<string key="township" value={quoteattr(first["township"])}/>'
        yield f'<string key="opened_week" value="{first["opened_week"]}"/>'
        for step, week in zip(rows["step"], rows["week"], strict=True):
            yield (
                f'<event><string key="concept:name" value="{step}"/>'
                f'<date key="time:timestamp" value="{week}T00:00:00.000+00:00"/></event>'
            )
        yield "</trace>"
    yield "</log>"
    yield ""
