"""The forecast's record: models in force, scores as shown, flags and what became of them.

A score is written down when it is made and read from here ever after: nobody computes it again.
Who confirmed or dismissed a flag stands in the audit log only.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from . import audit, frames
from .db import Db
from .errors import NotAllowed, NotFound
from .prepared import Prepared
from .schema import case_event, case_version, flag, flag_event, model, score
from .scope import OPERATOR, RESIDENT, Scope
from .vocabulary import CONFIRM_REASONS, DISMISS_REASONS, FLAG_LEVELS

READERS = ("supervisor", OPERATOR)
"""Who may read scores case by case; a leader sees counts only."""
DECISIONS = ("confirmed", "dismissed")
"""A person's words on a flag; `assigned` follows from the first and replaces none."""
_REASON = "risk.reason."
_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class Model:
    """A forecast that was put in force.

    model_version: name of its files in the registry. as_of: the moment up to which it learnt.
    served: the forecast's name (`risk.serving.MODELS` or `BASELINES`). card: what is known of it
    (seed, rows, choice, what a backtest found), as JSON would hold it. in_force_at: since when.
    """

    model_version: str
    as_of: dt.datetime
    served: str
    data_hash: str
    code_version: str
    card: dict[str, Any]
    in_force_at: dt.datetime | None = None


def put_in_force(db: Db, scope: Scope, new: Model) -> None:
    """Serve a model from now on; an older one again is rolling back. `in_force_at` is not read.

    Raises:
        NotAllowed: not the server's operator.
    """
    scope.need(OPERATOR)
    with db.write() as conn:
        values = {**vars(new), "card": json.dumps(new.card, sort_keys=True)}
        values["recorded_at"] = db.stamp(conn)
        del values["in_force_at"]
        conn.execute(model.insert().values(**values))
        audit.write(db, conn, scope, "model_in_force", new.model_version)


def models(db: Db, scope: Scope, as_of: dt.datetime | None = None) -> list[Model]:
    """What was in force, oldest first (a version as often as it was put in force).

    Args:
        as_of: only what was in force by then; None = up to now.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    m = model.c
    query = sa.select(
        m.model_version, m.as_of, m.served, m.data_hash, m.code_version, m.card, m.recorded_at
    ).order_by(m.id)
    if as_of is not None:
        query = query.where(m.recorded_at <= as_of)
    with db.read() as conn:
        rows = conn.execute(query).all()
    return [
        Model(version, at, served, data, code, json.loads(card), since)
        for version, at, served, data, code, card, since in rows
    ]


def in_force(db: Db, scope: Scope, as_of: dt.datetime | None = None) -> Model | None:
    """The model in force; None before the first one."""
    found = models(db, scope, as_of)
    return found[-1] if found else None


@dataclass(frozen=True)
class NewFlag:
    """A case to put before the supervisor.

    reasons: (key, values) in order of weight; keys of the catalogue `risk.reason`, values numbers
    or ids, never words.
    """

    case_id: str
    probability: float
    level: str
    reasons: tuple[tuple[str, dict[str, float | int | str]], ...]


def save_run(
    db: Db,
    scope: Scope,
    as_of: dt.datetime,
    model_version: str,
    scores: pd.DataFrame,
    flags: list[NewFlag],
) -> None:
    """Write down one scoring of the open cases and the flags proposed from it, all or nothing.

    Args:
        as_of: the moment whose knowledge was used, the same for all.
        scores: `case_id`, `probability` in [0, 1].

    Raises:
        NotAllowed: not the server's operator, or a level outside the list.
    """
    scope.need(OPERATOR)
    if any(new.level not in FLAG_LEVELS for new in flags):
        raise NotAllowed("data.error.not_in_list")
    fixed = {"as_of": as_of, "model_version": model_version}
    with db.write() as conn:
        at = db.stamp(conn)
        for first in range(0, len(scores), _ROWS_AT_ONCE):
            part = scores.iloc[first : first + _ROWS_AT_ONCE]
            rows = zip(part["case_id"].tolist(), part["probability"].tolist(), strict=True)
            conn.execute(
                score.insert(),
                [
                    {"case_id": case, "probability": p, "recorded_at": at, **fixed}
                    for case, p in rows
                ],
            )
        ids = [secrets.token_hex(16) for _ in flags]
        if flags:
            conn.execute(
                flag.insert(),
                [
                    {
                        "flag_id": flag_id,
                        "case_id": new.case_id,
                        "probability": new.probability,
                        "level": new.level,
                        "reasons": json.dumps(new.reasons),
                        **fixed,
                    }
                    for flag_id, new in zip(ids, flags, strict=True)
                ],
            )
            conn.execute(
                flag_event.insert(),
                [{"flag_id": flag_id, "event": "proposed", "recorded_at": at} for flag_id in ids],
            )
        audit.write(db, conn, scope, "scored", model_version)


def counted(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[int, int] | None:
    """How many scores and flags were written down as of a moment; None = none was.

    Raises:
        NotAllowed: not the server's operator.
    """
    scope.need(OPERATOR)
    with db.read() as conn:
        scored, flags = (
            int(conn.scalar(sa.select(sa.func.count()).where(of.c.as_of == as_of)) or 0)
            for of in (score, flag)
        )
    return (scored, flags) if scored else None


def read_scores(db: Db, scope: Scope, as_of: dt.datetime) -> pd.DataFrame:
    """The latest scoring recorded by a moment.

    Returns:
        `frames.Scores`: one row per case scored then; none before the first scoring.

    Raises:
        NotAllowed: anybody but a supervisor or the server's operator.
    """
    scope.need(*READERS)
    latest = (
        sa.select(sa.func.max(score.c.recorded_at))
        .where(score.c.recorded_at <= as_of)
        .scalar_subquery()
    )
    query = (
        sa.select(score.c.case_id, score.c.as_of, score.c.probability, score.c.model_version)
        .where(score.c.recorded_at == latest)
        .order_by(score.c.id)
    )
    found = db.frame(query)
    return frames.check(frames.Scores, found.astype(dict(frames.empty(frames.Scores).dtypes)))


def read_flags(
    db: Db, scope: Scope, as_of: dt.datetime, since: dt.datetime | None = None
) -> pd.DataFrame:
    """The flags proposed by a moment, with what had become of them by then.

    Args:
        since: flags proposed before it are left out; None = all.

    Returns:
        `frames.Flags`, in the order in which they were proposed, most likely late first.

    Raises:
        NotAllowed: a role that does not see the county's figures; a leader's have no case ids.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    proposed, decided = flag_event.alias(), flag_event.alias()
    newest = (
        sa.select(sa.func.max(flag_event.c.id))
        .where(
            flag_event.c.flag_id == flag.c.flag_id,
            flag_event.c.event.in_(DECISIONS),
            flag_event.c.recorded_at <= as_of,
        )
        .scalar_subquery()
    )
    f = flag.c
    query = (
        sa.select(
            f.flag_id, f.case_id, f.as_of, f.probability, f.level, f.model_version, f.reasons,
            proposed.c.recorded_at.label("proposed_at"), decided.c.event.label("decision"),
            decided.c.recorded_at.label("decided_at"), decided.c.reason.label("decision_reason"),
        )
        .join(proposed, sa.and_(proposed.c.flag_id == f.flag_id, proposed.c.event == "proposed"))
        .outerjoin(decided, decided.c.id == newest)
        .where(proposed.c.recorded_at <= as_of)
        .order_by(proposed.c.id)
    )  # fmt: skip
    if since is not None:
        query = query.where(proposed.c.recorded_at >= since)
    found = db.frame(query)
    if scope.role not in READERS:
        found["case_id"] = pd.Series(pd.NA, index=found.index, dtype="str")
    return frames.check(frames.Flags, found.astype(dict(frames.empty(frames.Flags).dtypes)))


def flagged_bodies(
    db: Db, scope: Scope, first: dt.datetime, end: dt.datetime, as_of: dt.datetime
) -> pd.DataFrame | None:
    """The last scoring with a moment in [first, end): who owed the cases flagged likely late.

    Args:
        as_of: scorings made of later knowledge are left out, and what happened later is not seen.

    Returns:
        One row per flag, without its case: `body_id` (owing, after transfers), `is_answered`
        (bool), `reasons` (tuple of the kinds it carries, no values; () = none); no rows where none
        was likely late. None when nothing was scored.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    in_time = sa.and_(score.c.as_of >= first, score.c.as_of < end, score.c.as_of <= as_of)
    with db.read() as conn:
        latest = conn.execute(sa.select(sa.func.max(score.c.as_of)).where(in_time)).scalar_one()
    if latest is None:
        return None
    v, e = case_version.c, case_event.c
    event_known = sa.func.coalesce(e.source_recorded_at, e.recorded_at) <= as_of
    named = (
        sa.select(v.body_id)
        .where(
            v.case_id == flag.c.case_id,
            sa.func.coalesce(v.source_recorded_at, v.recorded_at) <= as_of,
        )
        .order_by(v.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    moved_to = (
        sa.select(e.to_body_id)
        .where(
            e.case_id == flag.c.case_id, e.event == "transferred", e.to_body_id.is_not(None),
            event_known,
        )
        .order_by(e.occurred_at.desc(), e.id.desc())
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip
    answered = sa.exists().where(e.case_id == flag.c.case_id, e.event == "answered", event_known)
    query = (
        sa.select(
            sa.func.coalesce(moved_to, named).label("body_id"), answered.label("is_answered"),
            flag.c.reasons,
        )
        .where(flag.c.as_of == latest, flag.c.level == "likely_late")
        .order_by(flag.c.flag_id)
    )  # fmt: skip
    with db.read() as conn:
        rows = conn.execute(query).all()
    return pd.DataFrame(
        {
            "body_id": pd.Series([row.body_id for row in rows], dtype="str"),
            "is_answered": pd.Series([bool(row.is_answered) for row in rows], dtype=bool),
            "reasons": pd.Series([_kinds(row.reasons) for row in rows], dtype="object"),
        }
    )


def _kinds(reasons: str) -> tuple[str, ...]:
    """The kinds among a flag's reasons; what stands beside them for comparison is none."""
    keys = [str(key) for key, _ in json.loads(reasons)]
    return tuple(key.removeprefix(_REASON) for key in keys if key.startswith(_REASON))


def decide(db: Db, scope: Scope, flag_id: str, decision: str, reason: str) -> None:
    """Confirm or dismiss one flag, with a reason from the list; a second word replaces the first.

    Nothing else happens: no step of the case is taken, its clocks and its place in every list
    stay (DOMAIN.md §2.8).

    Raises:
        NotAllowed: not a supervisor, or a decision or reason outside the lists.
        NotFound: no such flag.
    """
    scope.need("supervisor")
    reasons = {"confirmed": CONFIRM_REASONS, "dismissed": DISMISS_REASONS}
    if reason not in reasons.get(decision, ()):
        raise NotAllowed("data.error.not_in_list")
    with db.write() as conn:
        case_id = conn.execute(
            sa.select(flag.c.case_id).where(flag.c.flag_id == flag_id)
        ).scalar_one_or_none()
        if case_id is None:
            raise NotFound("data.error.no_such_flag")
        at = db.stamp(conn)
        conn.execute(
            flag_event.insert().values(
                flag_id=flag_id, event=decision, recorded_at=at, reason=reason
            )
        )
        audit.write(db, conn, scope, f"flag_{decision}", case_id)


@dataclass(frozen=True)
class Decision:
    """What a supervisor said of a flag on a case: the day, `confirmed` or `dismissed`, why."""

    at: dt.datetime
    decision: str
    reason: str


def decisions(db: Db, scope: Scope, case_id: str) -> tuple[Decision, ...]:
    """Every word a supervisor said of the flags of a case, in order, for its asker (§2.7).

    Raises:
        NotFound: another case's code.
    """
    if scope.role != RESIDENT or scope.who != case_id:
        raise NotFound("data.error.no_such_case")
    with db.read() as conn:
        rows = _DECISIONS.rows(conn, case=case_id)
    return tuple(Decision(row["recorded_at"], row["event"], row["reason"]) for row in rows)


_DECISIONS = Prepared(
    sa.select(flag_event.c.recorded_at, flag_event.c.event, flag_event.c.reason)
    .join(flag, flag.c.flag_id == flag_event.c.flag_id)
    .where(flag.c.case_id == sa.bindparam("case"), flag_event.c.event.in_(DECISIONS))
    .order_by(flag_event.c.id)
)
