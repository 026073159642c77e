"""Consultations before decisions: what is published next, what it still lacks, what is public."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from casework.consulting import STAGES, Where, days_given, is_short, unanswered, where
from data import consultation_issues, consultations, places
from data.consultation_issues import Issue
from data.consultations import Consultation
from data.db import Db
from data.errors import NotAllowed
from data.scope import Scope
from data.vocabulary import THEMES_OF
from reports.consultations import (
    Content,
    as_text,
    comments_of,
    days_of,
    is_any_shown,
    same,
    to_atom,
    to_csv,
    to_json,
    to_metadata,
)
from wording import LANGUAGES

FILES = ("consultations.csv", "consultations.csv-metadata.json", "consultations.json")


@dataclass(frozen=True)
class Next:
    """What a supervisor would publish now.

    number: the version it would be, 1 for the first. brings: parts in it, of notice, comments,
    decision. lacks: catalogue keys of what stands in the way, with their values; () = nothing.
    unanswered: themes without a reply. is_new: it differs from the newest version.
    """

    content: Content
    number: int
    brings: tuple[str, ...]
    lacks: tuple[tuple[str, Mapping[str, object]], ...]
    unanswered: tuple[str, ...]
    is_new: bool


@dataclass(frozen=True)
class Listed:
    """A published consultation as a list shows it: the newest version and where it stands."""

    issue: Issue
    said: Content
    where: Where


def next_version(db: Db, scope: Scope, one: Consultation) -> Next:
    """The version that would be published now, small counts covered, and what it lacks.

    Raises:
        NotAllowed: neither a supervisor nor the operator.
    """
    scope.need("supervisor", "operator")
    issues = consultation_issues.versions(db, scope, one.consultation_id)
    today, notice = _today(db), one.notice
    is_over = today > notice.ends_on
    counts = {theme: c.count for theme, c in one.comments.items()}
    replies = {theme: c.reply for theme, c in one.comments.items()}
    bare = unanswered({theme: (c.count, c.reply) for theme, c in one.comments.items()})
    has_comments = is_over and bool(counts) and not bare
    has_decision = is_over and one.decision is not None and has_comments
    rests = consultation_issues.rested_on(db, scope, one.consultation_id)
    earlier = [
        (
            consultations.counts_upto(db, scope, one.consultation_id, rests[issue.number]),
            is_any_shown(issue.said()),
        )
        for issue in issues
        if issue.said()["comments"] is not None
    ]
    number = len(issues) + 1
    said: Content = {
        "consultation_id": one.consultation_id, "number": number,
        "replaces": number - 1 or None, "published_at": None,
        "demo": db.county().is_demo, "kind": notice.kind, "title": notice.title,
        "matter": notice.matter, "papers_place": notice.papers_place,
        "ask_desk": notice.ask_desk, "starts_on": notice.starts_on.isoformat(),
        "ends_on": notice.ends_on.isoformat(), "short_reason": notice.short_reason,
        "body": names_of(db, scope)[notice.body_id],
        "township": _township(db, scope, notice.township_code),
        "comments": comments_of(counts, replies, earlier) if has_comments else None,
        "decision": {
            "outcome": one.decision.outcome, "decided_on": one.decision.decided_on.isoformat(),
            "changes": one.decision.changes,
        } if has_decision and one.decision else None,
    }  # fmt: skip
    brings = ["notice", *(["comments"] if has_comments else [])]
    brings += ["decision"] if has_decision else []
    lacks = _lacks(one, issues, bare, today, is_made_up=scope.role == "operator")
    is_new = not issues or not same(said, issues[-1].said())
    return Next(said, number, tuple(brings), lacks, bare, is_new)


def _lacks(
    one: Consultation,
    issues: Sequence[Issue],
    bare: tuple[str, ...],
    today: dt.date,
    is_made_up: bool,
) -> tuple[tuple[str, Mapping[str, object]], ...]:
    notice = one.notice
    found: list[tuple[str, Mapping[str, object]]] = []
    if not issues and notice.starts_on < today and not is_made_up:
        found.append(("start_over", {"day": notice.starts_on.isoformat()}))
    if is_short(notice.starts_on, notice.ends_on) and notice.short_reason is None:
        found.append(("short", {"days": days_given(notice.starts_on, notice.ends_on)}))
    if one.decision is not None and not one.comments:
        found.append(("no_comments", {}))
    if one.decision is not None and bare:
        found.append(("no_reply", {"count": len(bare)}))
    return tuple(found)


def publish(
    db: Db, scope: Scope, consultation_id: str, number: int, at: dt.datetime | None = None
) -> Issue:
    """Publish the version that was looked at.

    Args:
        number: of the version a supervisor saw before pressing; another one is not published.
        at: moment of publication (aware) of a made-up county's; None = now.

    Raises:
        NotAllowed: another role, something it lacks, nothing new, or overtaken.
        NotFound: no such consultation.
    """
    one = consultations.read_one(db, scope, consultation_id)
    made = next_version(db, scope, one)
    if made.lacks:
        key, values = made.lacks[0]
        raise NotAllowed(f"consultations.lacks.{key}", **values)
    if not made.is_new:
        raise NotAllowed("consultations.error.nothing_new")
    if at is not None and not (scope.role == "operator" and db.county().is_demo):
        raise NotAllowed("data.error.not_allowed")
    moment = (at or db.now()).astimezone(dt.UTC).isoformat(timespec="seconds")
    text = as_text(made.content | {"published_at": moment})
    return consultation_issues.save(db, scope, consultation_id, text, one.upto_theme, number)


def listed(db: Db, scope: Scope) -> dict[str, tuple[Listed, ...]]:
    """Every published consultation by stage: open ones by the last day, others newest first."""
    today = _today(db)
    found: dict[str, list[Listed]] = {stage: [] for stage in STAGES}
    for issue in consultation_issues.newest(db, scope):
        said = issue.said()
        starts_on, ends_on = days_of(said)
        at = where(starts_on, ends_on, said["decision"] is not None, today)
        found[at.stage].append(Listed(issue, said, at))
    for stage in ("open", "announced", "waiting"):
        found[stage].sort(key=lambda one: (one.said["ends_on"], one.issue.consultation_id))
    found["decided"].sort(key=lambda one: str(one.said["decision"]["decided_on"]), reverse=True)
    return {stage: tuple(of) for stage, of in found.items()}


def where_now(db: Db, one: Consultation, is_decided: bool) -> Where:
    """Where a consultation that is worked on stands today."""
    return where(one.notice.starts_on, one.notice.ends_on, is_decided, _today(db))


def themes_of(kind: str) -> tuple[str, ...]:
    """The themes of a kind of decision, in order."""
    return THEMES_OF[kind]


def public_files(db: Db, scope: Scope) -> dict[str, bytes]:
    """The files for everybody by name: each newest version as CSV, every version as JSON."""
    county = db.county()
    newest = [one.said() for one in consultation_issues.newest(db, scope)]
    every = [one.said() for one in consultation_issues.read_all(db, scope)]
    names = {"zh": county.name_zh, "en": county.name_en}
    made = (
        to_csv(newest), to_metadata(FILES[0], names, county.is_demo),
        to_json(every, county.is_demo),
    )  # fmt: skip
    return dict(zip(FILES, made, strict=True))


def feed(db: Db, scope: Scope, root: str, language: str) -> bytes:
    """The Atom feed of published versions, newest first."""
    county = db.county()
    name = county.name_zh if language == "zh" else county.name_en
    every = [(one.said(), one.sha256) for one in consultation_issues.read_all(db, scope)]
    return to_atom(
        name, every[::-1], lambda number, version: f"{root}/s/consultations/{number}/{version}",
        language,
    )  # fmt: skip


def names_of(db: Db, scope: Scope) -> dict[str, dict[str, str]]:
    """Bodies by id: id and names by language."""
    return {
        str(one.body_id): {"id": str(one.body_id), "zh": str(one.name_zh), "en": str(one.name_en)}
        for one in places.read_bodies(db, scope).itertuples()
    }


def _township(db: Db, scope: Scope, code: str | None) -> dict[str, str] | None:
    if code is None:
        return None
    table = places.read_townships(db, scope)
    row = table.loc[table["township_code"] == code].iloc[-1]
    return {"id": code, **{lang: str(row[f"name_{lang}"]) for lang in LANGUAGES}}


def _today(db: Db) -> dt.date:
    return db.now().astimezone(ZoneInfo(db.county().zone)).date()
