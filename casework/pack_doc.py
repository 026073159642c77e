"""The page about every rules pack, made from the pack files: one Markdown document per language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wording import t
from wording.formats import source

from .pack import (
    CLOCKS,
    AnswerParts,
    Pack,
    Pause,
    Rule,
    Series,
    Span,
    Tell,
    pack_ids,
    series,
)


def page(language: str) -> str:
    """The document of all shipped packs, as Markdown that ends in a newline."""
    says = _Says(language)
    ids = pack_ids()
    lines = [f"# {says('title')}", "", says("intro"), "", says("contents"), ""]
    lines += [f"- [{says(f'name.{name}')}](#{name}) `{name}`" for name in ids]
    for name in ids:
        lines += ["", *says.series(series(name))]
    return "\n".join(lines) + "\n"


class _Says:
    """Writes the parts of the page in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        return t(f"packs.{key}", self.language, **values)

    def unit(self, unit: str | None) -> str:
        return t(f"casework.unit.{unit}", self.language)

    def event(self, name: str) -> str:
        return t(f"words.event.{name}", self.language)

    def events(self, names: Sequence[str]) -> str:
        return self("start.or").join(self.event(name) for name in names)

    def source(self, text: str, is_second_hand: bool) -> str:
        mark = self("second_hand") if is_second_hand else ""
        return source(text, self.language) + mark

    def cited(self, text: str, one: Pause | Tell | Span | AnswerParts) -> str:
        return self("cited", text=text, source=self.source(one.source, one.second_hand))

    def series(self, rules: Series) -> Iterator[str]:
        """The section of one pack: its newest version in full, then every version's days."""
        pack = rules.newest
        yield f'<a id="{pack.id}"></a>'
        yield ""
        yield f"## {self(f'name.{pack.id}')}"
        yield ""
        yield self(f"about.{pack.id}")
        ordinary, simple = pack.rules["ordinary"], pack.rules["simple"]
        is_same = _facts(ordinary.values()) == _facts(simple.values())
        for procedure in ("both",) if is_same else ("ordinary", "simple"):
            yield ""
            name = self(f"procedure.{procedure}")
            yield f"**{self('head.procedure', procedure=name)}**"
            yield ""
            yield from self.table(pack, "ordinary" if is_same else procedure)
        yield ""
        yield f"**{self('head.told')}**"
        yield ""
        yield from [f"- {self.tell(tell)}" for tell in pack.tells] or [self("tell.none")]
        yield ""
        yield f"**{self('head.rest')}**"
        yield ""
        yield from (f"- {line}" for line in self.rest(rules))

    def table(self, pack: Pack, procedure: str) -> Iterator[str]:
        heads = ("clock", "whose", "limit", "start", "end", "extension", "pause", "source")
        yield "| " + " | ".join(self(f"head.{name}") for name in heads) + " |"
        yield "|" + "---|" * len(heads)
        rules = pack.rules[procedure]
        for rule in (rules[clock] for clock in CLOCKS if clock in rules):
            cells = (
                t(f"casework.clock.{rule.clock}", self.language),
                self(f"whose.{rule.whose}"),
                self.limit(rule),
                self.point(rule.starts_on, rule.after),
                self.point(rule.ends_on, rule.after, either=True),
                self.extension(rule),
                self.pauses(pack.pauses_of(rule.clock)),
                self.source(rule.source, rule.second_hand),
            )
            yield "| " + " | ".join(cells) + " |"

    def limit(self, rule: Rule) -> str:
        if rule.limit is None:
            of_category = (self.of_category(*one) for one in rule.by_category.items())
            return self("joined").join((self("limit.per_case"), *of_category))
        moves = self("limit.moves") if rule.moves else ""
        return self("limit.days", limit=rule.limit, unit=self.unit(rule.unit)) + moves

    def of_category(self, category: str, days: Span) -> str:
        """What a case of a category has that comes without a limit; its id is the city's own."""
        unit = self.unit(days.unit)
        text = self("limit.by_category", category=category, limit=days.limit, unit=unit)
        return self.cited(text, days)

    def point(self, names: Sequence[str], after: str, *, either: bool = False) -> str:
        """An end is the first of its events; a start has a preferred one."""
        events = " / ".join(map(self.event, names)) if either else self.events(names)
        if after and after not in names:
            return self("start.after", events=events, after=self.event(after))
        return events

    def extension(self, rule: Rule) -> str:
        if not rule.has_extension:
            return self("extension.none")
        times = self.times(rule.extension_times)
        if rule.extension_stated:
            text = self("extension.stated", times=times)
        else:
            unit = self.unit(rule.unit)
            text = self("extension.days", days=rule.extension_days, unit=unit, times=times)
        if rule.extension_approval:
            approval = t(f"casework.approval.{rule.extension_approval}", self.language)
            text += self("extension.approval", approval=approval)
        return text

    def times(self, times: int | None) -> str:
        if times is None:
            return self("extension.free")
        return self("extension.once") if times == 1 else self("extension.many", times=times)

    def pauses(self, pauses: Sequence[Pause]) -> str:
        found = []
        for pause in pauses:
            between = self("pause.between", on=self.event(pause.on), off=self.event(pause.off))
            found.append(self.cited(between, pause))
        return self("joined").join(found) or self("pause.none")

    def tell(self, tell: Tell) -> str:
        text = self(f"tell.{tell.must}", event=self.event(tell.event))
        if tell.limit is not None:
            text += self("tell.within", limit=tell.limit, unit=self.unit(tell.unit))
        return self.cited(text, tell)

    def rest(self, rules: Series) -> Iterator[str]:
        pack = rules.newest

        def line(name: str, text: str) -> str:
            return self("line", name=self(f"rest.{name}"), text=text)

        yield line("versions", self("joined").join(map(self.version, rules.versions)))
        yield line("calendar", self(f"calendar.{pack.calendar}"))
        if pack.objection:
            span = pack.objection
            text = self("rest.objection_days", limit=span.limit, unit=self.unit(span.unit))
            yield line("objection", self.cited(text, span))
        unit = self.unit(pack.round_unit)
        yield line("round", self("rest.round_days", limit=pack.round_limit, unit=unit))
        if pack.backlog:
            text = self("rest.backlog_months", limit=pack.backlog.limit)
            yield line("backlog", self.cited(text, pack.backlog))
        if pack.answer_parts:
            parts = self("joined").join(
                self(f"answer_part.{name}") for name in pack.answer_parts.parts
            )
            yield line("answer", self.cited(parts, pack.answer_parts))
        yield line(
            "withdrawal",
            self(
                "rest.withdrawal_days",
                effect=pack.withdrawal_takes_effect_days,
                undo=pack.withdrawal_undone_within_days,
            ),
        )
        filing = self("rest.filing_no")
        if pack.daily_filing:
            filing = self("rest.filing_yes", deadline=f"{pack.filing_deadline:%H:%M}")
        yield line("filing", filing)

    def version(self, pack: Pack) -> str:
        ends = ""
        if pack.effective_to is not None:
            ends = self("rest.until", ends=pack.effective_to.isoformat())
        return self(
            "rest.version",
            version=pack.version,
            starts=pack.effective_from.isoformat(),
            ends=ends,
            governs=self(f"rest.governs_{pack.governs}"),
        )


def _facts(rules: object) -> list[object]:
    """What the rules of a procedure say, without the procedure's own name in their ids."""
    return [
        {name: value for name, value in vars(rule).items() if name != "id"}
        for rule in rules  # type: ignore[attr-defined]
    ]
