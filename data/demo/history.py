"""The whole history in one call: cases, events, filings, offices and the truth beside them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from ..vocabulary import AMOUNT_BANDS, EVENTS
from . import aftermath, arrivals, filings, places, steps, texts
from .arrivals import CATEGORY_IDS, CHANNEL_IDS, Arrivals
from .log import Log, first_moments, lay_out
from .moments import Floats, Ints, IsWorking, WorkDays, to_utc
from .process import CATEGORIES, DEPARTMENTS
from .work import CHECKPOINTS, Bodies, DueOf, Plan, late_probability, make_plan

TEXT_DAYS = 240
"""Only cases asked in the last so many days still have texts: the texts of older ones have died."""


@dataclass(frozen=True)
class DemoHistory:
    """What `make_history` gives; nothing in it was recorded after `end`.

    bodies, townships, filings: as in `data.frames`, filings with `revision` (1 = the first of its
    day). excused: township_code, period (naive local day), reason, recorded_at.

    cases: one row per case, index `case` 0..n-1 in order of registration: opened_at, known_at
    (when registered; UTC), township_code, grid_code (NA for family matters; given for unconfirmed
    cases too: the store keeps it where DOMAIN.md §4 says), domain, category, kind, channel,
    amount_band (NA = none), procedure, body_id (named at registration), desk, needs_confirmation
    (the asker's own channels do not), limit_at (always NaT), summary (NA for older and for erased
    cases).

    events: one row per event, sorted by case and time: case, event, occurred_at, known_at,
    actor, body_id, to_body_id, days, code, words (NA for older cases and steps without; else a JSON
    object: the five parts of an answer, or a `reason` for `extended`, `transferred`, `objected`,
    `declined`, `referred` and `no_remedy`).

    truth: one row per case and checkpoint at which the case still waited for its first answer:
    case, checkpoint (share of the limit), at (UTC), due_on (naive local day, as first promised),
    probability (of a first answer after due_on, given all the process knew). Cases that end
    otherwise than by an answer have none. Kept beside the record, never in it.
    """

    bodies: pd.DataFrame
    townships: pd.DataFrame
    cases: pd.DataFrame
    events: pd.DataFrame
    filings: pd.DataFrame
    excused: pd.DataFrame
    truth: pd.DataFrame


def make_history(
    areas: pd.DataFrame, *, end: dt.datetime, seed: int, due_of: DueOf, is_working: IsWorking,
    years: float = 3, cases_per_year: int = 15_000, zone: str = "Asia/Shanghai",
    language: str = "zh",
) -> DemoHistory:  # fmt: skip
    """A made-up county's history up to `end`.

    Args:
        areas: `code`, `level` ("township" and "grid" are used), `parent_code`, `name_zh`,
            `name_en`.
        end: an aware moment; nothing is recorded after it.
        seed: the same arguments give the same history.
        due_of: (clock, local start days, procedures "ordinary"/"simple", days of extension) ->
            local last days of the limit, `datetime64[D]`; called with the clock "answer".
        is_working: local days (`datetime64[D]`) -> whether each is a working day; asked from some
            weeks before the history to three years after its end.
        years, cases_per_year: length and size.
        zone: of the county. language: of the texts.

    Raises:
        ValueError: for a naive `end`, sizes below one case, or areas without townships and grids.
    """
    if end.tzinfo is None:
        raise ValueError("`end` must be an aware moment: give it a time zone")
    count = round(years * cases_per_year)
    if count < 1:
        raise ValueError(f"a history needs at least one case; got {years} x {cases_per_year}")
    rng = np.random.default_rng(seed)
    local = end.astimezone(ZoneInfo(zone)).replace(tzinfo=dt.UTC)
    until = local.timestamp() / 86400
    last = int(np.floor(until))
    first = last - round(365 * years) + 1
    work_days = WorkDays(first - 60, last + 3 * 365, is_working)
    county = places.read_areas(areas, first, last, rng)
    cases = arrivals.draw(count, first, last, county, work_days, rng)
    cases = cases.take(cases.registered <= until)
    offices = places.bodies(areas)
    ids = offices["body_id"].to_numpy(dtype=object)

    log = Log(rng, work_days)
    opening = steps.open_cases(cases, log, work_days, rng)
    owed = np.flatnonzero(opening.accepted)
    span = (int(work_days.number(first)), int(work_days.upto(last)) - 1)
    opens = np.concatenate([np.full(len(DEPARTMENTS), first), county.opens])
    answering = offices.loc[offices["kind"] != "review_office", "kind"]
    bodies = Bodies.draw(list(answering), work_days.number(opens), rng)
    mine = cases.take(owed)
    plan = make_plan(mine, opening.decided[owed], bodies, work_days, span, due_of, rng)
    own = steps.Opening(**{name: value[owed] for name, value in vars(opening).items()})
    answered = steps.handle(owed, mine, own, plan, log, work_days, rng)
    reviewer = list(ids).index(places.REVIEWER)
    aftermath.follow_up(owed, answered, own.code_used, plan, reviewer, log, work_days, rng)

    gone = np.where(np.isnan(opening.disowned), np.inf, opening.disowned)
    columns = _cut(log.columns(np.full(len(cases), np.inf)), gone, until)
    recent = cases.opened >= until - TEXT_DAYS
    recent &= np.isnan(first_moments(columns, "erased", len(cases)))
    events = lay_out(columns, ids, zone)
    writer = texts.Writer(language, offices, np.random.default_rng([seed, 1]))
    events["words"] = writer.words(events, np.array(CATEGORY_IDS)[cases.category], recent)
    daily, excused = filings.draw(cases, county, work_days, (first, until), zone, rng)
    return DemoHistory(
        bodies=offices,
        townships=places.townships(areas, county),
        cases=_cases(cases, opening, county, ids, writer, recent, zone),
        events=events,
        filings=daily,
        excused=excused,
        truth=_truth(owed, answered, np.isinf(gone[owed]), plan, work_days, until, zone),
    )


def _cut(columns: dict[str, np.ndarray], gone: Floats, until: float) -> dict[str, np.ndarray]:
    """The events known at `until`; of a disowned case nothing after that word but its erasure."""
    erased = columns["event"] == EVENTS.index("erased")
    keep = (columns["at"] <= gone[columns["case"]]) | erased
    keep &= columns["recorded"] <= until
    return {name: value[keep] for name, value in columns.items()}


def _cases(
    cases: Arrivals, opening: steps.Opening, county: places.Places, ids: np.ndarray,
    writer: texts.Writer, recent: np.ndarray, zone: str,
) -> pd.DataFrame:  # fmt: skip
    """The cases table of `DemoHistory`."""
    category = np.array(CATEGORY_IDS)[cases.category]
    specs = [CATEGORIES[name] for name in CATEGORY_IDS]
    placed = np.array([c.places for c in specs])[cases.category]
    grid = pd.Series(county.grid_codes[cases.grid]).astype("str").where(placed)
    bands = pd.Series(np.append(AMOUNT_BANDS, "")[cases.amount]).astype("str")
    table = pd.DataFrame(
        {
            "opened_at": to_utc(cases.opened, zone),
            "known_at": to_utc(cases.registered, zone),
            "township_code": pd.Series(county.township_codes[cases.township]).astype("str"),
            "grid_code": grid,
            "domain": pd.Series([c.domain for c in specs]).astype("str").to_numpy()[cases.category],
            "category": category,
            "kind": np.where(cases.suggestion, "suggestion", "redress"),
            "channel": np.array(CHANNEL_IDS)[cases.channel],
            "amount_band": bands.mask(bands == ""),
            "procedure": np.where(cases.simple, "simple", "ordinary"),
            "body_id": ids[opening.first_body],
            "desk": ids[len(DEPARTMENTS) + cases.township],
            "needs_confirmation": ~cases.own_channel,
            "limit_at": to_utc(np.full(len(cases), np.nan), zone),
            "summary": writer.summaries(category, recent),
        }
    ).rename_axis("case")
    words = ["domain", "category", "kind", "channel", "procedure", "body_id", "desk"]
    return table.astype(dict.fromkeys(words, "str"))


def _truth(
    which: Ints, answered: Floats, kept: np.ndarray, plan: Plan, work_days: WorkDays,
    until: float, zone: str,
) -> pd.DataFrame:  # fmt: skip
    """The truth table of `DemoHistory`."""
    parts = []
    length = plan.due_day + 1 - plan.accepted
    for share in CHECKPOINTS:
        at = plan.accepted + share * length
        probability = late_probability(plan, at, work_days)
        rows = np.flatnonzero(kept & (answered > at) & (at <= until))
        due = plan.due_day[rows].astype("datetime64[D]").astype("datetime64[us]")
        table = {
            "case": which[rows],
            "checkpoint": np.full(len(rows), share),
            "at": to_utc(at[rows], zone),
            "due_on": due,
            "probability": probability[rows],
        }
        parts.append(pd.DataFrame(table))
    every = pd.concat(parts, ignore_index=True)
    return every.sort_values(["case", "checkpoint"], ignore_index=True)
