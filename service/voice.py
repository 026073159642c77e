"""What the one who asked may say now, and what became of what was said (DOMAIN.md §2.9, §10).

The pack's grammar says which step may come; here stand the product's own rules on top of it, each
of which can only help the asker.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from casework import adapter
from casework.log import Log, askers_next
from data.asker import Standing
from data.db import Db, micro
from data.history import Allow, CaseHistory
from data.receipts import Opened
from data.vocabulary import RATINGS, WITHDRAWAL_REASONS

from .rules import rules_of

__all__ = [
    "RATINGS", "RATING_REASONS", "SAID", "WITHDRAWAL_REASONS", "Rating", "Voice", "Withdrawal",
    "first_token", "voice",
]  # fmt: skip

RATING_CHANGE_DAYS = 7
REISSUED_WAIT_DAYS = 7
DISOWN_UNDO_DAYS = 15
FIRST_OPENING = dt.timedelta(hours=1)
"""How long the page of the first opening may be used to say "I did not ask for this"."""

RATING_REASONS = (
    "not_what_i_asked", "not_done", "facts_wrong", "too_late", "not_told", "rude", "passed_around",
)  # fmt: skip
SAID = (
    "not_solved", "not_told", "review_requested", "recheck_requested", "disowned", "confirmed",
    "withdrawal_undone",
)  # fmt: skip
"""What a plain button says, any code being enough; `confirmed` undoes `disowned`."""

_ASKED = (
    "not_solved", "not_told", "review_requested", "recheck_requested", "disowned", "rated",
    "withdrawal_asked", "withdrawal_undone",
)  # fmt: skip
_ANSWERS = ("answered", "no_remedy")
_CLOSING = (*_ANSWERS, "declined", "referred", "reviewed", "rechecked")


@dataclass(frozen=True)
class Rating:
    """How the rating of the latest answer stands.

    given_at: of its first rating under the word in force; None = not rated.
    may_change_until: the moment after which it stays as it is.
    """

    given_at: dt.datetime | None
    may_change_until: dt.datetime | None


@dataclass(frozen=True)
class Withdrawal:
    """A withdrawal that was asked for and not undone; never "solved" (DOMAIN.md §2.9).

    takes_effect_at: from then on the clocks rest. undo_until: any code undoes it until then.
    """

    asked_at: dt.datetime
    takes_effect_at: dt.datetime
    undo_until: dt.datetime
    has_taken_effect: bool


@dataclass(frozen=True)
class Voice:
    """What may be said now. Each is True where a button is shown and the same step is taken."""

    not_solved: bool
    not_told: bool
    review_requested: bool
    recheck_requested: bool
    disowned: bool
    confirmed: bool
    """Undo "I did not ask for this"."""
    rated: bool
    withdrawal_asked: bool
    withdrawal_undone: bool
    rating: Rating
    withdrawal: Withdrawal | None
    waits_until: dt.datetime | None
    """A reissued code rates and withdraws from then on; None = it does not wait."""

    def may(self, event: str) -> bool:
        """Whether this may be recorded now."""
        return bool(getattr(self, event))


def allow_for(db: Db, history: CaseHistory, zone: str) -> Allow:
    """The judge of this case's next step, under the rules it began with."""
    pack, calendar = rules_of(db).for_case(history, zone)
    return adapter.allow(pack, calendar, zone)


def voice(
    db: Db,
    opened: Opened,
    history: CaseHistory,
    standing: Standing,
    first: str,
    log: Log,
) -> Voice:
    """What the holder of this code may say now.

    Args:
        first: what the page of the first opening carried (`first_token`); empty otherwise.
        log: of this history, as of now.
    """
    now = log.as_of
    if history.is_disowned:
        said_at = max(e.occurred_at for e in history.events if e.event == "disowned")
        undo = now <= said_at + dt.timedelta(days=DISOWN_UNDO_DAYS)
        return Voice(
            **dict.fromkeys((*SAID, "rated", "withdrawal_asked"), False) | {"confirmed": undo},
            rating=Rating(None, None), withdrawal=None, waits_until=None,
        )  # fmt: skip
    possible = askers_next(log, history, _ASKED)
    rating = rating_of(history, standing)
    waits = None
    if opened.is_reissued:
        until = opened.issued_at + dt.timedelta(days=REISSUED_WAIT_DAYS)
        waits = until if now < until else None
    changeable = rating.may_change_until is None or now <= rating.may_change_until
    return Voice(
        not_solved=not _already(history, "not_solved", _CLOSING) and "not_solved" in possible,
        not_told=not _already(history, "not_told", None) and "not_told" in possible,
        review_requested="review_requested" in possible,
        recheck_requested="recheck_requested" in possible,
        disowned=is_first_opening(db, opened, first, now) and "disowned" in possible,
        confirmed=False,
        rated=_last(history, _ANSWERS) >= 0 and changeable and "rated" in possible,
        withdrawal_asked="withdrawal_asked" in possible,
        withdrawal_undone="withdrawal_undone" in possible,
        rating=rating,
        withdrawal=withdrawal_of(log),
        waits_until=waits,
    )


def withdrawal_of(log: Log) -> Withdrawal | None:
    """The withdrawal that stands; None where none does, or the grammar forbids an event."""
    found, pack = log.read, log.pack
    if found is None or found.withdrawal_asked is None:
        return None
    asked_at = found.withdrawal_asked.at
    effect = asked_at + dt.timedelta(days=pack.withdrawal_takes_effect_days)
    undo_until = asked_at + dt.timedelta(days=pack.withdrawal_undone_within_days)
    return Withdrawal(asked_at, effect, undo_until, found.phase == "withdrawn")


def rating_of(history: CaseHistory, standing: Standing) -> Rating:
    """The rating of the latest answer; one made under a word that was voided does not count."""
    answer = _last(history, _ANSWERS)
    given = [
        e.occurred_at
        for e in history.events[answer + 1 :]
        if e.event == "rated"
        and e.code
        and standing.word_set_at
        and e.occurred_at >= standing.word_set_at
    ]
    if answer < 0 or not given:
        return Rating(None, None)
    return Rating(given[0], given[0] + dt.timedelta(days=RATING_CHANGE_DAYS))


def first_token(db: Db, opened: Opened) -> str:
    """What the page of a code's first opening carries, to show that it is that page."""
    if opened.first_opened_at is None or opened.is_reissued:
        return ""
    named = f"first:{opened.receipt_id}:{micro(opened.first_opened_at)}"
    return db.keys.digest("word", named)[:32]


def is_first_opening(db: Db, opened: Opened, first: str, now: dt.datetime) -> bool:
    """Whether `first` comes from the page of the first opening, not long ago."""
    made = first_token(db, opened) if first else ""
    if not made or opened.first_opened_at is None:
        return False
    is_same = secrets.compare_digest(made.encode(), first.encode())
    return is_same and now - opened.first_opened_at <= FIRST_OPENING


def _last(history: CaseHistory, names: tuple[str, ...]) -> int:
    """Position of the last event of these names; -1 = none."""
    return max((i for i, e in enumerate(history.events) if e.event in names), default=-1)


def _already(history: CaseHistory, event: str, since: tuple[str, ...] | None) -> bool:
    """Whether this was said since the office last did one of these (None: did anything)."""
    said = _last(history, (event,))
    if since is None:
        done = max((i for i, e in enumerate(history.events) if e.actor == "office"), default=-1)
    else:
        done = _last(history, since)
    return said > done
