"""A weekly, half-month or monthly summary in words, from its facts alone."""

from __future__ import annotations

from wording import t
from wording.formats import day as day_text
from wording.formats import moment, number, percent

from .daily_words import numeral, plain_rate_text
from .document import Block, Document, Picture, Section, Table
from .formulas import IN_SUMMARY
from .problem import Problem
from .summary_facts import BodySpan, ShownRate, Summary


def summary_document(summary: Summary, language: str) -> Document:
    """The summary's words: title, its parts, small print.

    Args:
        summary: the facts. language: zh or en.
    """
    words = _Words(summary, language)
    parts: list[tuple[str, tuple[Block, ...]]] = [
        ("overview", words.overview()),
        ("answers", words.answers()),
        ("filing", words.filing()),
        ("handling", words.handling()),
    ]
    if summary.kind == "month":
        parts.append(("problem", words.problem()))
    parts.append(("files", words.files()))
    if summary.comment:
        parts.append(("comment", comment_lines(summary, language)))
    known = moment(summary.as_of, language, summary.county.zone)
    county = summary.county.name_zh if language == "zh" else summary.county.name_en
    subtitle = [words.span, t("reports.daily.as_of", language, moment=known)]
    if summary.county.is_demo:
        subtitle.append(t("reports.daily.demo", language))
    title = words.say(f"title.{summary.kind}", county=county)
    return Document(
        title=title,
        subtitle=tuple(subtitle),
        header=words.say("header", title=title, span=words.span, moment=known),
        mark=t("reports.daily.demo_mark", language) if summary.county.is_demo else "",
        sections=tuple(
            Section(words.title(place, name), blocks, IN_SUMMARY.get(name, ()))
            for place, (name, blocks) in enumerate(parts)
        ),
        notes=(words.say("covered_note"),),
        page_marks=(
            t("reports.daily.page_before", language), t("reports.daily.page_after", language),
        ),
        language=language,
    )  # fmt: skip


def comment_lines(summary: Summary, language: str) -> tuple[str, ...]:
    """The supervisor's comment: sentences of the list."""
    return tuple(t(f"summary.comment.{word}", language) for word in summary.comment)


class _Words:
    """The templates of one summary in one language."""

    def __init__(self, summary: Summary, language: str) -> None:
        self.facts, self.language = summary, language
        place = 1 if language == "zh" else 2
        rows = (*summary.body_names, *summary.township_names, *summary.category_names)
        self.names = {row[0]: row[place] for row in rows}
        first, last = day_text(summary.first, language), day_text(summary.last, language)
        self.span = self.say("span", first=first, last=last)

    def say(self, key: str, /, **values: object) -> str:
        return t(f"summary.{key}", self.language, **values)

    def name(self, code: str) -> str:
        return self.names.get(code, code) or t("reports.daily.priority.nobody", self.language)

    def count(self, value: int | None) -> str:
        """A count; the mark of covering where it is covered."""
        return self.say("covered") if value is None else number(value, self.language)

    def rate(self, rate: ShownRate | None) -> str:
        if rate is None:
            return self.say("not_known")
        if rate.state != "shown":
            return self.say(f"rate.{rate.state}")
        return t(
            "reports.rate", self.language, share=percent(rate.share, self.language),
            numerator=number(rate.numerator, self.language),
            denominator=number(rate.denominator, self.language),
        )  # fmt: skip

    def share(self, line: BodySpan) -> str:
        if line.is_few:
            return t("reports.few", self.language)
        if line.share is None:
            return self.say("covered")
        if self.facts.kind == "month":
            return percent(line.share, self.language)
        return self.say("about", share=percent(line.share, self.language, 0))

    def title(self, place: int, name: str) -> str:
        return numeral(place, self.language) + self.say(f"part.{name}")

    def days(self, value: float | None) -> str:
        if value is None:
            return t("reports.daily.none", self.language)
        return t("reports.days", self.language, days=number(value, self.language, 1))

    def overview(self) -> tuple[Block, ...]:
        facts = self.facts
        heads = tuple(self.say(f"head.{name}") for name in ("figure", "now", "before", "change"))
        rows = tuple(
            (
                self.say(f"count.{line.name}"),
                self.count(line.now),
                self.say("not_known") if not self._is_known else self.count(line.before),
                self._change(line.now, line.before),
            )
            for line in facts.counts
        )
        domains = tuple(
            (
                t(f"words.domain.{line.domain}", self.language),
                self.count(line.new),
                self.count(line.answered),
                self.count(line.open),
            )
            for line in facts.by_domain
        )
        names = ("domain", "column_new", "column_answered", "column_open")
        domain_heads = tuple(t(f"reports.daily.overview.{n}", self.language) for n in names)
        title = t("reports.daily.overview.table", self.language)
        return (
            self._running() if facts.as_of.date() <= facts.last else self.say("over"),
            Table(self.say("table.counts"), heads, rows),
            Table(title, domain_heads, domains),
            Picture("flow", self.say("chart"), self.say("chart_note")),
        )

    @property
    def _is_known(self) -> bool:
        return any(line.before is not None for line in self.facts.rates)

    def _running(self) -> str:
        return self.say("running", last=day_text(self.facts.last, self.language))

    def _change(self, now: int | None, before: int | None) -> str:
        if now is None or before is None:
            return t("reports.daily.none", self.language)
        if now == before:
            return t("report.since.same", self.language)
        name = "more" if now > before else "fewer"
        return t(f"report.since.{name}", self.language,
                 count=number(abs(now - before), self.language))  # fmt: skip

    def answers(self) -> tuple[Block, ...]:
        facts = self.facts
        five = {name: self.count(count) for name, count in facts.five}
        median, p90 = self.days(facts.median_days), self.days(facts.p90_days)
        heads = tuple(self.say(f"head.{name}") for name in ("figure", "now", "before"))
        rows = tuple(
            (self.say(f"indicator.{line.name}"), self.rate(line.now), self.rate(line.before))
            for line in facts.rates
        )
        blocks: list[Block] = [
            self.say("five", **five),
            self.say("waits", median=median, p90=p90),
            Table(self.say("table.rates"), heads, rows),
        ]
        if not facts.by_body:
            return (*blocks, self.say("no_bodies"))
        return (*blocks, self._bodies())

    def _bodies(self) -> Table:
        facts = self.facts
        columns = ("due", "on_time", "late", "late_open", "ended_otherwise")
        body = t("reports.daily.priority.body", self.language)
        if facts.kind != "month":
            shares = tuple((self.name(line.body_id), self.share(line)) for line in facts.by_body)
            return Table(self.say("table.shares"), (body, self.say("head.share")), shares)
        heads = tuple(self.say(f"head.{name}") for name in (*columns, "share"))
        full = tuple(
            (
                self.name(line.body_id),
                *(self.count(getattr(line, name)) for name in columns),
                self.share(line),
            )
            for line in facts.by_body
        )
        return Table(self.say("table.bodies"), (body, *heads), full)

    def filing(self) -> tuple[Block, ...]:
        facts = self.facts
        if "filing" in facts.failed:
            return (t("report.part_failed", self.language),)
        if facts.filing is None:
            return (self.say("filing_none"),)
        figures = facts.filing
        if not figures.expected:
            return (self.say("filing_before"),)
        sentence = t(
            "reports.daily.filing.figures", self.language,
            expected=number(figures.expected, self.language),
            completeness=plain_rate_text(figures.completeness, self.language),
            timeliness=plain_rate_text(figures.timeliness, self.language),
            zero=plain_rate_text(figures.zero_share, self.language),
            excused=number(figures.excused, self.language),
        )  # fmt: skip
        if not facts.missing:
            return (sentence, self.say("missing_none"))
        names = [
            self.say("missing_one", name=self.name(code), days=days) for code, days in facts.missing
        ]
        joined = t("reports.separator", self.language).join(names)
        return (sentence, self.say("missing", names=joined))

    def handling(self) -> tuple[Block, ...]:
        facts = self.facts
        exits = t("reports.separator", self.language).join(
            t("reports.daily.handling.exit_one", self.language,
              stage=t(f"words.stage.{stage}", self.language), count=self.count(count))
            for stage, count in facts.exits
        )  # fmt: skip
        line = self.say("exits", exits=exits)
        if "assignments" in facts.failed:
            return (line, t("report.part_failed", self.language))
        if not facts.assignments:
            return (line, self.say("assigned_none"))
        names = ("assigned", "acknowledged", "answered", "returned", "closed", "waiting", "late")
        heads = tuple(
            t(f"reports.daily.handling.{name}", self.language) for name in ("assigned_body", *names)
        )
        rows = tuple(
            (self.name(one.body_id), *(number(getattr(one, n), self.language) for n in names))
            for one in facts.assignments
        )
        title = t("reports.daily.handling.assigned_table", self.language)
        return (line, Table(title, heads, rows))

    def problem(self) -> tuple[Block, ...]:
        facts = self.facts
        if facts.problem is None:
            first = self.say("problem.none")
        else:
            first = self.say("problem.named", **self._named(facts.problem))
        return (first, self._followed())

    def _named(self, problem: Problem) -> dict[str, object]:
        return {
            "category": self.name(problem.category),
            "cause": self.say(f"cause.{problem.cause}"),
            "body": self.name(problem.body_id),
            "count": number(problem.at_least, self.language),
            "share": self._about(problem.share_of_due),
        }

    def _about(self, share: float | None) -> str:
        if share is None:
            return t("reports.few", self.language)
        return self.say("about", share=percent(share, self.language, 0))

    def _followed(self) -> str:
        found = self.facts.followed
        if found is None:
            return self.say("problem.no_last")
        many = found.now_at_least
        now = (
            self.say("problem.now", count=number(many, self.language))
            if many
            else self.say("problem.now_few")
        )
        named = self._named(found.before)
        done = "done" if found.assigned or found.answered else "not_done"
        return self.say(
            f"problem.{done}", category=named["category"], cause=named["cause"],
            body=named["body"], now=now, share=self._about(found.share_of_due),
            assigned=number(found.assigned, self.language),
            answered=number(found.answered, self.language),
        )  # fmt: skip

    def files(self) -> tuple[Block, ...]:
        files = self.facts.files
        if not files:
            return (t("reports.daily.tomorrow.files_none", self.language),)
        heads = tuple(
            t(f"reports.daily.tomorrow.{name}", self.language) for name in ("file", "hash")
        )
        rows = tuple((file.name, file.sha256[:16]) for file in files)
        title = t("reports.daily.tomorrow.files", self.language)
        return (Table(title, heads, rows, 2),)
