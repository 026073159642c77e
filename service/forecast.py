"""The forecast in daily use: a model learnt from the county's own record, scores written down.

What is served is chosen by a check on the record itself (`risk.check`). A model serves for a month
and is then learnt again; nothing here looks at a case's text, place or channel.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from data import scores
from data.db import Db
from data.errors import DataError, NotFound
from data.reading import read_for_scoring
from data.scope import Scope
from data.scores import Model, NewFlag
from risk import forecaster, reasons, registry
from risk.backtest import SEED
from risk.case_table import CaseList
from risk.check import MOST_PUSHED, check
from risk.features import features
from risk.forecaster import Forecaster
from risk.levels import DEFAULT_CAPACITY, levels
from risk.live import LiveTable, contact_comparison, live_table, recent
from risk.serving import DEFAULT_BASELINE, LEAST_FINISHED, LEAST_LATE, MODELS, Choice

from .figures import compute
from .rules import county_rules, rules_of

SERVES_DAYS = 31
"""A model is learnt again after so many days: models age quickly (FACTS.md §9)."""
QUIET_DAYS = 7
"""A case whose flag was dismissed is not put before the supervisor again for so many days."""
_FIRST_YEAR_BACK, _YEARS_AHEAD = 1, 1

Progress = Callable[[str, int, int], None]
"""Called with the catalogue key of a step, how many are done, of all."""


@dataclass(frozen=True)
class Run:
    """What one `score` did. model: in force now. trained: whether it was learnt just now."""

    model: Model
    trained: bool
    scored: int
    flags: int
    as_of: dt.datetime


def models_folder(var: Path) -> Path:
    """Where model files lie, beside the database."""
    return var / "models"


def moment(db: Db) -> dt.datetime:
    """The moment scores are made as of: now, or the end of an extract that ended (UTC)."""
    county = db.county()
    if county.ends_on is None:
        return db.now()
    last = dt.datetime.combine(
        dt.date.fromisoformat(county.ends_on), dt.time.max, ZoneInfo(county.zone)
    )
    return min(last.astimezone(dt.UTC), db.now())


def score(
    db: Db,
    scope: Scope,
    folder: Path,
    *,
    retrain: bool = False,
    is_full: bool = False,
    capacity: int = DEFAULT_CAPACITY,
    as_of: dt.datetime | None = None,
    progress: Progress = lambda what, done, of: None,
) -> Run:
    """Score every open case, write the scores down and propose flags.

    Args:
        folder: of the model files. retrain: learn again although a model is in force.
        is_full: learn again and check on the whole record instead of its last months.
        capacity: how many cases a day can be pushed: so many flags are "likely late".
        as_of: what was known then; None = `moment`.

    Raises:
        NotAllowed: not the server's operator.
        DataError: a capacity outside the slider's ends.
    """
    if not 1 <= capacity <= MOST_PUSHED:
        raise DataError("forecast.error.capacity", [], value=capacity, most=MOST_PUSHED)
    progress("forecast.progress.read", 0, 1)
    as_of = as_of or moment(db)
    table, days_off = read_table(db, scope, as_of)
    now = local_moment(db, as_of)
    model = scores.in_force(db, scope)
    learnt = None if model is None or retrain or is_full else _loaded(folder, model, as_of)
    trained = learnt is None
    if learnt is None:
        learnt, model = train(db, scope, folder, table, days_off, as_of, is_full, progress)
    assert model is not None
    if _is_short(model):
        table = recent(table, now)
    progress("forecast.progress.score", 0, 1)
    scored, x = forecaster.score(learnt, table.cases, now, table.steps, days_off)
    scored["case_id"] = table.cases["case_id"].to_numpy()[scored["case"]]
    flags = _flags(db, scope, as_of, now, table, days_off, learnt, scored, x, capacity)
    scores.save_run(db, scope, as_of, model.model_version, scored, flags)
    return Run(model, trained, len(scored), len(flags), as_of)


def read_table(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[LiveTable, np.ndarray]:
    """The record as the forecast's table, and the public holidays on weekdays around it."""
    zone = db.county().zone
    found = compute(rules_of(db), read_for_scoring(db, scope, as_of), as_of, zone)
    table = live_table(*found.table, found.standing, found.clocks, zone)
    _, calendar = county_rules(db)
    first = table.cases["opened_at"].min() if len(table.cases) else pd.Timestamp(as_of.date())
    years = range(first.year - _FIRST_YEAR_BACK, as_of.year + _YEARS_AHEAD + 1)
    days = pd.bdate_range(dt.date(years[0], 1, 1), dt.date(years[-1], 12, 31))
    off = [day for day in days.date if calendar.is_known(day) and not calendar.is_working(day)]
    return table, np.array(off, dtype="datetime64[D]")


def local_moment(db: Db, as_of: dt.datetime) -> pd.Timestamp:
    """A moment as the county's local time, naive, as the engine takes it."""
    here = as_of.astimezone(ZoneInfo(db.county().zone)).replace(tzinfo=None)
    return pd.Timestamp(here).as_unit("us")


def _loaded(folder: Path, model: Model, as_of: dt.datetime) -> Forecaster | None:
    """The model in force; None where it has served its time or its file is not here."""
    is_old = as_of - model.as_of >= dt.timedelta(days=SERVES_DAYS)
    if is_old or model.code_version != registry.code_version():
        return None
    try:
        return registry.load(folder, model.model_version)[0]
    except NotFound:
        return None


def train(
    db: Db,
    scope: Scope,
    folder: Path,
    table: LiveTable,
    days_off: np.ndarray,
    as_of: dt.datetime,
    is_full: bool,
    progress: Progress,
) -> tuple[Forecaster, Model]:
    """Check, learn, save and put in force.

    Below 500 finished cases or 50 late ones, and where there is nothing to test on, the office's
    own record is served.
    """
    now = local_moment(db, as_of)
    newest = recent(table, now)
    if not is_full and _is_enough(*_finished(newest.cases, now)):
        table = newest
    else:
        is_full = True  # a small record is checked as a whole: it takes no longer
    finished, late = _finished(table.cases, now)
    choice, found = Choice(DEFAULT_BASELINE, DEFAULT_BASELINE), None
    is_few = not _is_enough(finished, late)
    if not is_few:
        cases = CaseList(table.cases, now, table.left_out)
        try:
            choice, found = check(cases, table.steps, days_off, is_full=is_full, progress=progress)
        except DataError:
            found = None  # no limit has passed in the months to test on
    progress("forecast.progress.learn", 0, 1)
    learnt = forecaster.fit(table.cases, now, choice, SEED, table.steps, days_off)
    card: dict[str, Any] = {
        "as_of": as_of.isoformat(timespec="seconds"),
        "seed": SEED,
        "data_hash": registry.data_hash(table.cases),
        "code_version": registry.code_version(),
        "finished": finished,
        "late": late,
        "is_few": is_few,
        "is_full": is_full,
        "rows": learnt.rows,
        "choice": asdict(learnt.choice),
        "check": found,
    }
    version = registry.save(folder, learnt, card)
    model = Model(version, as_of, learnt.choice.name, card["data_hash"], card["code_version"], card)
    scores.put_in_force(db, scope, model)
    return learnt, model


def _is_short(model: Model) -> bool:
    """Whether a model knows, and was checked on, the last year and a half only."""
    return not model.card["is_full"]


def _finished(cases: pd.DataFrame, now: pd.Timestamp) -> tuple[int, int]:
    """Cases whose limit has passed, and how many of them missed it."""
    due = cases["due_at"] <= now
    late = due & ~(cases["closed_at"] <= cases["due_at"])
    return int(due.sum()), int(late.sum())


def _is_enough(finished: int, late: int) -> bool:
    """Whether there is enough for a model to learn from (DOMAIN.md §8: else the record)."""
    return finished >= LEAST_FINISHED and late >= LEAST_LATE


def use(db: Db, scope: Scope, folder: Path, version: str) -> Model:
    """Put an earlier model in force again.

    Raises:
        NotFound: no such version in this database, or no file of it.
        ConfigError: its file was changed.
    """
    known = {model.model_version: model for model in scores.models(db, scope)}
    if version not in known:
        raise NotFound("risk.registry.unknown", version=version)
    registry.load(folder, version)
    scores.put_in_force(db, scope, known[version])
    return known[version]


def _flags(
    db: Db,
    scope: Scope,
    as_of: dt.datetime,
    now: pd.Timestamp,
    table: LiveTable,
    days_off: np.ndarray,
    learnt: Forecaster,
    scored: pd.DataFrame,
    x: pd.DataFrame,
    capacity: int,
) -> list[NewFlag]:
    """The running cases most likely to be late, nobody having decided on them yet, with reasons."""
    settled = settled_cases(scores.read_flags(db, scope, db.now()), db.now())
    open_now = scored[~scored["is_overdue"] & ~scored["case_id"].isin(settled)]
    due = pd.Series(table.cases["due_at"].to_numpy()[open_now["case"]], index=open_now.index)
    level = levels(open_now["probability"], due, now, capacity)
    order = np.lexsort((due.to_numpy(), -open_now["probability"].to_numpy()))[:MOST_PUSHED]
    chosen = open_now.iloc[order]
    if chosen.empty:
        return []
    stage = chosen["stage"].to_numpy()
    if learnt.choice.name in MODELS:
        told = reasons.reasons(learnt, x.loc[chosen.index], stage)
    else:
        told = reasons.facts(features(table.cases, chosen, table.steps, days_off))
    beside = contact_comparison(table, chosen, now)
    return [
        NewFlag(
            case_id=row.case_id,
            probability=float(row.probability),
            level=str(level.loc[row.Index]),
            reasons=(
                *((reason.key, _plain(dict(reason.values))) for reason in why),
                *((("risk.compare.contacted", _plain(more)),) if more else ()),
            ),
        )
        for row, why, more in zip(chosen.itertuples(), told, beside, strict=True)
    ]


def _plain(values: dict[str, float]) -> dict[str, float | int | str]:
    """Numbers as they are kept: shares to a thousandth."""
    return {name: round(value, 3) for name, value in values.items()}


def settled_cases(flags: pd.DataFrame, now: dt.datetime) -> set[str]:
    """Cases on which a person decided: confirmed ones, and those dismissed in the last week."""
    recent = flags["decided_at"] > pd.Timestamp(now - dt.timedelta(days=QUIET_DAYS))
    is_settled = (flags["decision"] == "confirmed") | ((flags["decision"] == "dismissed") & recent)
    return set(flags.loc[is_settled.fillna(False), "case_id"])
