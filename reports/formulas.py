"""How every figure is computed: the one source of the help on screens and of docs/formulas.

A figure has a stable id. What is said of it (catalogue `formulas`): how it is computed, whom it
counts and since when, in what unit, what happens to small numbers, and where the rule stands.
Clocks are not here: their limits come from the rules packs (`casework.pack_doc`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wording import t


class Formula(NamedTuple):
    """One figure's formula; its words are in the catalogue under `formulas.of.<id>`.

    name: key of the figure's name, as screens have it. unit, small: ends of the keys
    `formulas.unit.…` and `formulas.small.…`. sources: sections of docs/DOMAIN.md; "pack" = the
    rules pack of the case.
    """

    name: str
    unit: str
    small: str
    sources: tuple[str, ...]


class Told(NamedTuple):
    """What is said of a figure in one language, each a sentence or two."""

    name: str
    how: str
    base: str
    unit: str
    small: str
    source: str


_OFFICE = ("7", "pack")
_FORECAST = ("8",)


def _of_window(names: Iterable[str], unit: str = "share", small: str = "ten") -> dict[str, Formula]:
    return {name: Formula(f"indicators.line.{name}", unit, small, _OFFICE) for name in names}


def _published(names: Iterable[str], unit: str, small: str = "covered") -> dict[str, Formula]:
    return {name: Formula(f"figures.indicator.{name}", unit, small, ("7",)) for name in names}


FORMULAS: dict[str, Formula] = {
    # the office's indicators, on screen and in public
    **_of_window((
        "on_time", "late_answered", "late_open", "ended_otherwise", "decided_in_time", "with_body",
        "first_step", "told", "extended", "exits", "declined", "referred", "no_remedy", "withdrawn",
        "rated", "satisfied", "held", "used",
    )),
    **_of_window(("not_due",), "cases", "office"),
    "median_days": Formula("figures.indicator.median_days", "days", "ten", ("7",)),
    "p90_days": Formula("figures.indicator.p90_days", "days", "ten", ("7",)),
    "backlog": Formula("figures.indicator.backlog", "cases", "office", ("5", "7", "pack")),
    "cleared": Formula("indicators.line.cleared", "share", "ten", ("7",)),
    **_published(("transfers", "back_dated"), "times"),
    **_published(("disowned", "not_me", "reissued", "corrections"), "times"),
    **_published(("texts_opened",), "times"),
    "late_against_expected": Formula("figures.indicator.late_against_expected", "ratio", "ten",
                                     ("7",)),
    "time_against_rest": Formula("figures.indicator.time_against_rest", "days", "ten", ("7",)),
    "question": Formula("figures.column.question", "word", "ten", ("7",)),
    "interval": Formula("indicators.head.interval", "share", "ten", ("7",)),
    "rank": Formula("indicators.head.rank", "place", "ten", ("2.4", "7")),
    "due": Formula("indicators.year.due", "cases", "covered", _OFFICE),
    "delivered": Formula("supervision.figure.delivered", "share", "ten", _OFFICE),
    # the day's report, the overview, the monthly summary
    "new": Formula("reports.daily.overview.column_new", "cases", "office", ("9",)),
    "answered": Formula("reports.daily.overview.column_answered", "cases", "office", ("9",)),
    "open": Formula("reports.daily.overview.column_open", "cases", "office", ("5", "9")),
    "overdue_share": Formula("map.layer.overdue_share", "share", "office", ("5", "9")),
    "very_late": Formula("ui.overview.very_late", "cases", "office", ("5", "9")),
    "overdue": Formula("ui.overview.overdue", "cases", "office", ("5", "9", "pack")),
    "due_soon": Formula("ui.overview.due_soon", "cases", "office", ("9", "pack")),
    "flags": Formula("ui.overview.likely", "cases", "office", ("8", "9")),
    "of_yesterday": Formula("ui.overview.yesterday", "cases", "office", ("9",)),
    "not_solved": Formula("reports.daily.priority.not_solved", "cases", "office", ("2.4", "9")),
    "assignments": Formula("reports.daily.handling.assigned_table", "cases", "office", ("5", "9")),
    "due_next": Formula("reports.daily.tomorrow.table", "cases", "office", ("9", "pack")),
    "change": Formula("formulas.name.change", "cases", "office", ("9",)),
    # filing
    **{
        name: Formula(f"desks.figures.{name}", unit, "desks", ("6",))
        for name, unit in {
            "expected": "desk_days", "completeness": "share", "timeliness": "share",
            "zero_share": "share", "contradictions": "desk_days", "overtaken": "desk_days",
        }.items()
    },
    # the map
    **{
        f"area_{name}": Formula(f"map.layer.{name}", unit, "area", source)
        for name, unit, source in (
            ("open", "cases", ("5", "2.10")), ("overdue_share", "share", ("5", "2.10")),
            ("expected_late", "cases", ("8", "2.10")), ("median_wait", "days", ("7", "2.10")),
            ("late_share", "share", ("7", "2.10")), ("longer_wait", "ratio", ("7", "2.10")),
            ("slow_late_share", "word", ("7", "2.10")), ("slow_days_waited", "word", ("7", "2.10")),
            ("smooth_late_share", "share", ("7", "2.10")),
            ("smooth_days_waited", "days", ("7", "2.10")),
        )
    },
    "area_filing": Formula("map.layer.filing", "word", "desks", ("6",)),
    "area_receptions": Formula("map.layer.receptions", "times", "desks", ("5",)),
    "area_used": Formula("indicators.line.used", "share", "ten", ("7",)),
    "chance": Formula("formulas.name.chance", "word", "area", ("7",)),
    # the forecast
    "probability": Formula("forecast.list.probability", "share", "office", _FORECAST),
    "level": Formula("forecast.list.level", "cases", "office", _FORECAST),
    "recall": Formula("forecast.capacity.recall", "share", "test", _FORECAST),
    "precision": Formula("forecast.capacity.precision", "share", "test", _FORECAST),
    "warning_days": Formula("forecast.capacity.warning_days", "days", "test", _FORECAST),
    **{
        name: Formula(f"forecast.account.{name}", unit, "test", _FORECAST)
        for name, unit in {
            "brier_skill_vs_best_record": "score", "log_score": "score",
            "average_precision": "share", "recall_at_capacity": "share", "ece": "share",
        }.items()
    },
    "flag_late": Formula("assignments.fate.late", "share", "ten", _FORECAST),
    "flag_in_time": Formula("assignments.fate.in_time", "share", "ten", _FORECAST),
    # workload
    "due_week": Formula("formulas.name.due_week", "cases", "office", ("8", "pack")),
    "undecided": Formula("workload.undecided", "cases", "office", ("8",)),
    "pace": Formula("workload.pace", "cases_week", "office", ("8",)),
    "weeks": Formula("workload.weeks", "weeks", "office", ("8",)),
    "arrivals": Formula("formulas.name.arrivals", "cases_week", "county", ("8",)),
    # backlog and looking back
    "backlog_age": Formula("backlog.page.ages", "cases", "office", ("5",)),
    "no_plan": Formula("backlog.page.no_plan", "cases", "office", ("7",)),
    "plan_passed": Formula("backlog.page.passed", "cases", "office", ("7",)),
    "plan_parts": Formula("backlog.part.assigned", "cases", "office", ("7",)),
    "lessons": Formula("backlog.lessons.title", "share", "ten", ("7",)),
    # sweeps, campaigns, supervision, suggestions
    "sweep_coverage": Formula("sweeps.figure.coverage", "share", "ten", ("7",)),
    "sweep_kept": Formula("sweeps.figure.kept", "share", "ten", ("7",)),
    "notice_kept": Formula("supervision.notice.kept", "share", "ten", ("5",)),
    "evaluation": Formula("supervision.evaluation.theirs", "share", "ten", ("7",)),
    "suggestions": Formula("suggestions.outcome.total", "cases", "covered", ("7",)),
    "settled_before": Formula("reception.settled.title", "share", "ten", ("5",)),
    "consultation_waited": Formula("consultations.page.head_waited", "days", "office", ("5",)),
    # one case, and the machine
    "hops": Formula("casepage.hops.title", "days", "case", ("5",)),
    "seconds": Formula("running.page.took", "seconds", "machine", ()),
}  # fmt: skip
"""Every figure that screens, reports and the public pages show, by its id, in the order of docs."""

SAID = ("how", "base", "unit", "small", "source")
"""What is said of a figure, in order."""
_ANSWERS = ("on_time", "late_answered", "late_open", "ended_otherwise", "median_days", "p90_days")
_EXITS = ("exits", "declined", "referred", "no_remedy", "withdrawn")
_STEPS = ("with_body", "first_step", "told")
_FILING = ("expected", "completeness", "timeliness", "zero_share", "contradictions", "overtaken")
IN_DAILY: dict[str, tuple[str, ...]] = {
    "overview": ("new", "answered", "open", "overdue_share", "change"),
    "filing": _FILING,
    "likely": ("flags", "of_yesterday"),
    "priority": ("very_late", "overdue", "due_soon", "backlog", "not_solved"),
    "handling": ("exits", "on_time", "satisfied", "assignments", *_STEPS, "median_days",
                 "p90_days"),
    "tomorrow": ("due_next",),
}  # fmt: skip
IN_SUMMARY: dict[str, tuple[str, ...]] = {
    "overview": ("new", "answered", "open", "backlog", "change"),
    "answers": (*_ANSWERS, "decided_in_time", *_STEPS, "satisfied", "held"),
    "filing": _FILING[:4],
    "handling": ("exits", "assignments"),
}
IN_PUBLIC: dict[str, tuple[str, ...]] = {
    "county": (*_ANSWERS, "decided_in_time", *_STEPS, "extended", *_EXITS, "backlog", "transfers",
               "back_dated", "rated", "held", "used", "disowned", "reissued", "corrections",
               "not_me", "texts_opened"),
    "trend": ("on_time",),
    "body": (*_ANSWERS, "decided_in_time", "extended", "backlog", "transfers", "back_dated",
             *_EXITS, "rated"),
    "category": (*_ANSWERS, "decided_in_time", "extended", "backlog", "rated", "held"),
    "equal": ("late_against_expected", "time_against_rest", "question"),
    "desk": ("used", "disowned", "not_me", "reissued", "corrections"),
    "role": ("texts_opened",),
    "satisfaction": ("satisfied",),
}  # fmt: skip
IN_SHEET: dict[str, tuple[str, ...]] = {
    "part_answers": (
        "due", *_ANSWERS[:4], "decided_in_time", "extended", *_EXITS, "corrections", "cleared",
    ),
    "part_duties": ("sweep_coverage", "notice_kept"),
    "part_evaluation": ("evaluation",),
}  # fmt: skip
"""Figures of each part of the daily report, the summary, the public month, a body's sheet."""


def told(name: str, language: str) -> Told:
    """What is said of a figure.

    Raises:
        LookupError: for an id that no figure has.
    """
    try:
        of = FORMULAS[name]
    except KeyError:
        raise LookupError(f"no formula for a figure {name!r} in reports/formulas.py") from None
    said = [
        t("formulas.source.pack", language) if one == "pack"
        else t("formulas.source.domain", language, section=one)
        for one in of.sources
    ]  # fmt: skip
    return Told(
        name=t(of.name, language),
        how=t(f"formulas.of.{name}.how", language),
        base=t(f"formulas.of.{name}.base", language),
        unit=t(f"formulas.unit.{of.unit}", language),
        small=t(f"formulas.small.{of.small}", language),
        source=t("formulas.comma", language).join(said) or t("formulas.source.own", language),
    )


def meaning(name: str, language: str) -> str:
    """Formula and base of a figure as one text, for dictionaries of files that leave."""
    of = told(name, language)
    return t("formulas.meaning", language, how=of.how, base=of.base)


def page(language: str) -> str:
    """docs/formulas: every figure, as Markdown that ends in a newline."""
    out = [f"# {t('formulas.doc.title', language)}", "", t("formulas.doc.intro", language)]
    for name in FORMULAS:
        of = told(name, language)
        out += ["", f"## {of.name} `{name}`", ""]
        out += [
            f"- **{t(f'formulas.head.{part}', language)}** {getattr(of, part)}" for part in SAID
        ]
    return "\n".join(out) + "\n"
