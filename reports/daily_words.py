"""The daily report in words: sentences and tables from templates, in the reader's language."""

from __future__ import annotations

import datetime as dt

from wording import t
from wording.formats import day as day_text
from wording.formats import moment, number, percent

from .daily_facts import MOST_REASONS, Compared, DailyReport, LikelyLate
from .daily_since import comment_section, reception_blocks, since_blocks
from .document import Block, Document, Picture, Section, Table
from .filing import STATES
from .formulas import IN_DAILY
from .rates import Rate


def daily_document(report: DailyReport, language: str) -> Document:
    """The report's words: title, parts 1-6 of DOMAIN.md §9, small print.

    Args:
        report: the facts. language: zh or en.
    """
    words = _Words(report, language)
    parts = (
        ("overview", words.overview()),
        ("filing", words.filing()),
        ("likely", words.likely()),
        ("priority", words.priority()),
        ("handling", words.handling()),
        ("tomorrow", words.tomorrow()),
    )
    county = words.county
    as_of = moment(report.as_of, language, report.county.zone)
    mark = words.t("daily.demo_mark") if report.county.is_demo else ""
    subtitle = [day_text(report.day, language, weekday=True), words.t("daily.as_of", moment=as_of)]
    if report.county.is_demo:
        subtitle.append(words.t("daily.demo"))
    return Document(
        title=words.t("daily.title", county=county),
        subtitle=tuple(subtitle),
        header=words.t(
            "daily.header", county=county, day=day_text(report.day, language), moment=as_of
        ),
        mark=mark,
        sections=(
            *(
                Section(words.title(place, name), blocks, IN_DAILY[name])
                for place, (name, blocks) in enumerate(parts)
            ),
            *comment_section(report, language, numeral(len(parts), language)),
        ),
        notes=(),
        page_marks=(words.t("daily.page_before"), words.t("daily.page_after")),
        language=language,
    )


def rate_text(rate: Rate, language: str) -> str:
    """85.7%（12/14）; n<10 below ten; — where nothing was counted."""
    if rate.share is None:
        return t("reports.daily.none", language)
    if rate.is_small:
        return t("reports.few", language)
    return plain_rate_text(rate, language)


def plain_rate_text(rate: Rate, language: str) -> str:
    """A rate of desks or of the whole county's open cases, shown whatever its size; — for none."""
    if rate.share is None:
        return t("reports.daily.none", language)
    return t(
        "reports.rate",
        language,
        share=percent(rate.share, language),
        numerator=number(rate.numerator, language),
        denominator=number(rate.denominator, language),
    )


def compared_text(count: Compared, language: str) -> str:
    """比昨日多 3 件，近 7 日日均 41.3 件，上周同日 38 件; says so where there is no yesterday."""
    parts = []
    if count.yesterday is None:
        parts.append(t("reports.compare.no_yesterday", language))
    else:
        change = count.today - count.yesterday
        name = "same_as" if not change else "more_than" if change > 0 else "fewer_than"
        size = number(abs(change), language)
        parts.append(t(f"reports.compare.{name}_yesterday", language, count=size))
    if count.mean_7_days is not None:
        mean = number(count.mean_7_days, language, 1)
        parts.append(t("reports.compare.mean", language, mean=mean))
    if count.same_weekday is not None:
        then = number(count.same_weekday, language)
        parts.append(t("reports.compare.weekday", language, count=then))
    return t("reports.clause", language).join(parts)


def numeral(place: int, language: str) -> str:
    """一、 in Chinese, 1. in English; the first place is 0."""
    numerals = t("reports.numerals", language)
    return f"{numerals[place]}、" if language == "zh" else f"{numerals.split()[place]}. "


class _Words:
    """The templates of one report in one language."""

    def __init__(self, report: DailyReport, language: str) -> None:
        self.report = report
        self.language = language
        place = 1 if language == "zh" else 2
        self.names = {row[0]: row[place] for row in (*report.body_names, *report.township_names)}
        self.county = report.county.name_zh if language == "zh" else report.county.name_en

    def t(self, key: str, **values: object) -> str:
        return t(f"reports.{key}", self.language, **values)

    def n(self, count: int | None) -> str:
        return number(count, self.language)

    def name(self, code: str) -> str:
        return self.names.get(code, code) or self.t("daily.priority.nobody")

    def days(self, value: float | None) -> str:
        if value is None:
            return self.t("daily.none")
        return self.t("days", days=number(value, self.language, 1))

    def title(self, place: int, name: str) -> str:
        return f"{numeral(place, self.language)}{self.t(f'daily.{name}.title')}"

    def overview(self) -> tuple[Block, ...]:
        report = self.report
        lines: list[Block] = []
        for name, count in (("new", report.new), ("answered", report.answered)):
            compared = compared_text(count, self.language)
            lines.append(
                self.t(f"daily.overview.{name}", count=self.n(count.today), compared=compared)
            )
        lines.append(self._open())
        headers = ("domain", "column_new", "column_answered", "column_open")
        rows = tuple(
            (
                t(f"words.domain.{line.domain}", self.language),
                self.n(line.new),
                self.n(line.answered),
                self.n(line.open),
            )
            for line in report.by_domain
        )
        table = Table(
            self.t("daily.overview.table"),
            tuple(self.t(f"daily.overview.{h}") for h in headers),
            rows,
        )
        chart = self.t("daily.overview.chart", days=len(report.flow))
        since = since_blocks(report, self.language)
        return (
            *lines, *since, table, self._map(), Picture("flow", chart), self._levels()
        )  # fmt: skip

    def _levels(self) -> Picture:
        alone = len(self.report.levels) < 2
        note = t("report.levels.none", self.language) if alone else ""
        return Picture("levels", t("report.levels.title", self.language), note)

    def _open(self) -> str:
        open_now, overdue = self.report.open_now, self.report.overdue
        if not overdue.denominator:
            return self.t("daily.overview.open_none")
        return self.t(
            "daily.overview.open",
            count=self.n(open_now.today),
            compared=compared_text(open_now, self.language),
            overdue=self.n(overdue.numerator),
            share=percent(overdue.share, self.language),
        )

    def _map(self) -> Picture:
        overdue = self.report.overdue
        if overdue.is_small:
            note = self.t("daily.overview.few_plain")
        else:
            note = self.t("daily.overview.few", share=percent(overdue.share, self.language))
        return Picture("map", self.t("daily.overview.map"), note)

    def filing(self) -> tuple[Block, ...]:
        figures = self.report.filing
        if "filing" in self.report.failed:
            return (t("report.part_failed", self.language),)
        if figures is None:
            return (self.t("daily.filing.not_asked"),)
        if figures.expected:
            sentence = self.t(
                "daily.filing.figures",
                expected=self.n(figures.expected),
                completeness=plain_rate_text(figures.completeness, self.language),
                timeliness=plain_rate_text(figures.timeliness, self.language),
                zero=plain_rate_text(figures.zero_share, self.language),
                excused=self.n(figures.excused),
            )
        else:
            sentence = self.t("daily.filing.before", excused=self.n(figures.excused))
        rows = tuple(
            (
                self.t(f"filing.state.{state}"),
                self._desks(state),
                self.n(figures.states[state]),
            )
            for state in STATES
        )
        table = Table(
            self.t("daily.filing.table"),
            (
                self.t("daily.filing.state"),
                t("report.filing.desks", self.language),
                self.t("daily.filing.count"),
            ),
            rows,
            2,
            (30, 56, 14),
        )
        return (sentence, table, self._reminders())

    def _desks(self, state: str) -> str:
        names = [self.name(code) for code, found in self.report.desks if found == state]
        return self.t("separator").join(names) or t("report.filing.nobody", self.language)

    def _reminders(self) -> str:
        rows = self.report.reminders
        if not rows:
            return self.t("daily.filing.remind_none")
        names = [
            self.t("daily.filing.remind_one", name=self.name(r.township_code), days=r.silent_days)
            if r.silent_days
            else self.name(r.township_code)
            for r in rows
        ]
        joined = self.t("separator").join(names)
        return self.t("daily.filing.remind", count=self.n(len(rows)), names=joined)

    def likely(self) -> tuple[Block, ...]:
        lines = self.report.likely_late
        if "likely" in self.report.failed:
            return (t("report.part_failed", self.language),)
        if lines is None:
            return (self.t("daily.likely.none"),)
        if not lines:
            return (self.t("daily.likely.empty"),)
        headers = (
            self.t("daily.priority.body"),
            *(self.t(f"daily.likely.{name}") for name in ("flags", "yesterday", "since")),
        )
        rows = tuple(
            (self.name(x.body_id), self.n(x.flags), self.n(x.yesterday), self.n(x.answered_since))
            for x in lines
        )
        missing = {"not_today": lines[0].flags, "not_yesterday": lines[0].yesterday}
        said = [self.t(f"daily.likely.{name}") for name, n in missing.items() if n is None]
        return (*said, Table(self.t("daily.likely.table"), headers, rows), *self._reasons())

    def _reasons(self) -> tuple[Block, ...]:
        """Why today's flags are there: a sentence and a table; nothing where there is no flag."""
        flagged = [line for line in self.report.likely_late or () if line.flags]
        if not flagged:
            return ()
        headers = (self.t("daily.priority.body"), self.t("daily.likely.reasons"))
        rows = tuple((self.name(line.body_id), self._why(line)) for line in flagged)
        title = self.t("daily.likely.reasons_table")
        most = self.n(MOST_REASONS)
        return (
            self.t("daily.likely.reasons_note", most=most), Table(title, headers, rows, 2, (26, 74))
        )  # fmt: skip

    def _why(self, line: LikelyLate) -> str:
        named = [
            self.t(
                "daily.likely.reason_one",
                reason=self.t(f"daily.likely.reason.{kind}"),
                count=self.n(count),
            )
            for kind, count in line.reasons
        ]
        return self.t("daily.likely.reasons_separator").join(named) or self.t(
            "daily.likely.reasons_none"
        )

    def priority(self) -> tuple[Block, ...]:
        lines = self.report.priority
        if not lines:
            return (self.t("daily.priority.none"),)
        columns = ("very_late", "overdue", "due_soon", "backlog", "not_solved")
        sums = {name: self.n(sum(getattr(line, name) for line in lines)) for name in columns}
        rows = tuple(
            (self.name(line.body_id), *(self.n(getattr(line, name)) for name in columns))
            for line in lines
        )
        headers = tuple(self.t(f"daily.priority.{name}") for name in ("body", *columns))
        table = Table(self.t("daily.priority.table"), headers, rows)
        return (self.t("daily.priority.summary", **sums), table)

    def handling(self) -> tuple[Block, ...]:
        report = self.report
        days = (report.window.last - report.window.first).days + 1
        exits = self.t("separator").join(
            self.t(
                "daily.handling.exit_one",
                stage=t(f"words.stage.{stage}", self.language),
                count=self.n(count),
            )
            for stage, count in report.exits
        )
        rates = self.t(
            "daily.handling.rates",
            days=days,
            on_time=rate_text(report.on_time, self.language),
            satisfaction=rate_text(report.satisfaction, self.language),
        )
        headers = tuple(
            self.t(f"daily.handling.{name}") for name in ("step", "limit", "met", "median", "p90")
        )
        rows = tuple(
            (
                self.t(f"daily.handling.{step.step}"),
                self.t("days", days=step.limit_days),
                rate_text(step.met, self.language),
                self.days(step.median_days),
                self.days(step.p90_days),
            )
            for step in report.steps
        )
        return (
            self.t("daily.handling.exits", exits=exits),
            rates,
            *self._assignments(),
            Table(
                self.t("daily.handling.steps", days=days), headers, rows, 1, (26, 12, 28, 17, 17)
            ),
        )

    def _assignments(self) -> tuple[Block, ...]:
        lines = self.report.assignments
        if "assignments" in self.report.failed:
            return (t("report.part_failed", self.language),)
        if not lines:
            return (self.t("daily.handling.assigned_none"),)
        names = ("assigned", "acknowledged", "answered", "returned", "closed", "waiting", "late")
        sums = {name: self.n(sum(getattr(line, name) for line in lines)) for name in names}
        rows = tuple(
            (self.name(line.body_id), *(self.n(getattr(line, name)) for name in names))
            for line in lines
        )
        headers = tuple(self.t(f"daily.handling.{name}") for name in ("assigned_body", *names))
        table = Table(self.t("daily.handling.assigned_table"), headers, rows)
        return (self.t("daily.handling.assigned_sums", **sums), table)

    def tomorrow(self) -> tuple[Block, ...]:
        report = self.report
        blocks: list[Block] = [self._due()]
        if report.due_next:
            rows = tuple((self.name(body), self.n(count)) for body, count in report.due_next)
            headers = (self.t("daily.priority.body"), self.t("daily.tomorrow.count"))
            blocks.append(Table(self.t("daily.tomorrow.table"), headers, rows))
        blocks += reception_blocks(report, self.language, self.name)
        if not report.files:
            return (*blocks, self.t("daily.tomorrow.files_none"))
        files = Table(
            self.t("daily.tomorrow.files"),
            (self.t("daily.tomorrow.file"), self.t("daily.tomorrow.hash")),
            tuple((file.name, file.sha256[:16]) for file in report.files),
            numbers_from=2,
        )
        return (*blocks, files)

    def _due(self) -> str:
        report = self.report
        if report.next_working_day is None:
            return self.t("daily.tomorrow.due_unknown")
        last = day_text(report.next_working_day, self.language)
        count = sum(n for _, n in report.due_next)
        if not count:
            return self.t("daily.tomorrow.due_none", day=last)
        tomorrow = report.day + dt.timedelta(days=1)
        if tomorrow == report.next_working_day:
            return self.t("daily.tomorrow.due_one_day", day=last, count=self.n(count))
        first = day_text(tomorrow, self.language)
        return self.t("daily.tomorrow.due", first=first, last=last, count=self.n(count))
