"""In words: what changed since the last report, the receptions to come, the comment."""

from __future__ import annotations

from collections.abc import Callable

from wording import t
from wording.formats import day as day_text
from wording.formats import moment, number

from .daily_facts import DailyReport
from .document import Block, Section, Table
from .since import Change


def since_blocks(report: DailyReport, language: str) -> tuple[Block, ...]:
    """A sentence and a table, or why there is nothing to compare with."""
    found = report.since
    if found is None:
        return (t("report.since.none", language),)
    flows = {name: number(getattr(found, name), language) for name in ("new", "answered")} | {
        "ended": number(found.ended_otherwise, language)
    }
    sentence = t(
        f"report.since.{found.kind}", language, day=day_text(found.day, language), **flows,
        **_issue(report, language),
    )  # fmt: skip
    heads = tuple(
        t(f"report.since.{name}", language) for name in ("figure", "before", "now", "change")
    )
    rows = tuple(
        (
            t(f"report.since.{line.name}", language),
            number(line.before, language),
            number(line.now, language),
            change_text(line, language),
        )
        for line in found.changes
    )
    return (sentence, Table(t("report.since.table", language), heads, rows))


def _issue(report: DailyReport, language: str) -> dict[str, object]:
    found = report.since
    if found is None or found.number is None:
        return {}
    known = moment(found.as_of, language, report.county.zone)
    return {"number": found.number, "year": found.day.year, "moment": known}


def change_text(line: Change, language: str) -> str:
    """多 3, 少 2 or 持平."""
    change = line.now - line.before
    if not change:
        return t("report.since.same", language)
    name = "more" if change > 0 else "fewer"
    return t(f"report.since.{name}", language, count=number(abs(change), language))


def reception_blocks(
    report: DailyReport, language: str, name: Callable[[str], str]
) -> tuple[Block, ...]:
    """The receptions of the next working day, by post; or that none is entered, or unknown."""
    if "receptions" in report.failed:
        return (t("report.part_failed", language),)
    if report.next_working_day is None:
        return (t("report.receptions.unknown", language),)
    day = day_text(report.next_working_day, language)
    if not report.receptions:
        return (t("report.receptions.none", language, day=day),)
    heads = tuple(
        t(f"report.receptions.{key}", language) for key in ("post", "time", "place", "slots")
    )
    rows = []
    for line in report.receptions:
        body = name(line.body_id) if line.body_id else t("report.receptions.county", language)
        post = t(f"roster.post.{line.post}", language)
        who = t("report.receptions.who", language, post=post, body=body)
        rows.append((who, f"{line.starts}–{line.ends}", line.place, number(line.slots, language)))
    table = t("report.receptions.table", language, day=day)
    return (Table(table, heads, tuple(rows), 3, (34, 20, 34, 12)),)


def comment_lines(report: DailyReport, language: str) -> tuple[str, ...]:
    """The supervisor's comment: sentences of the list, filled with the report's own figures."""
    lines = report.priority
    figures: dict[str, object] = {
        name: number(sum(getattr(line, name) for line in lines), language)
        for name in ("very_late", "due_soon", "backlog", "not_solved")
    }
    states = report.filing.states if report.filing else {}
    figures["all_overdue"] = number(report.overdue.numerator, language)
    figures["late"] = number(sum(line.late for line in report.assignments), language)
    figures["missing"] = number(states.get("missing", 0) + states.get("open", 0), language)
    first = next((step.met for step in report.steps if step.step == "first_step"), None)
    figures["contacted"] = (
        t("reports.daily.none", language)
        if first is None or first.share is None
        else f"{number(first.numerator, language)}/{number(first.denominator, language)}"
    )
    return tuple(t(f"report.comment.{word}", language, **figures) for word in report.comment)


def comment_section(report: DailyReport, language: str, numeral: str) -> tuple[Section, ...]:
    """The comment as the report's last part; nothing where none was chosen."""
    if not report.comment:
        return ()
    title = numeral + t("report.comment.title", language)
    return (Section(title, comment_lines(report, language)),)
