"""What one pack must agree with: itself, the law it tightens, and the versions beside it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping

from data.errors import ConfigError

from .pack_error import PackError
from .rule import PHASES, Pack, Rule, Span, Step

_ONE = dt.timedelta(days=1)
_ANSWERS = ("answered", "no_remedy")


def check_whole(pack: Pack, file: str) -> None:
    """Refuse a pack whose parts do not fit together.

    Raises:
        PackError: an event that a clock, pause or duty waits for and the grammar lacks; a phase
            nothing leads to; an answer that is owed before its clock can start.
    """
    grammar = pack.grammar
    for procedure, rules in pack.rules.items():
        for clock, rule in rules.items():
            waits = {*rule.starts_on, *rule.ends_on, *filter(None, [rule.after])}
            _in_grammar(waits, grammar, file, f"rule of {procedure} {clock}")
    for number, pause in enumerate(pack.pauses, start=1):
        _in_grammar({pause.on, pause.off}, grammar, file, f"pause {number}")
    for number, tell in enumerate(pack.tells, start=1):
        _in_grammar({tell.event, tell.must}, grammar, file, f"tell {number}")
    if pack.objection is not None:
        _in_grammar({"transferred", "objected"}, grammar, file, "objection")
    reached = reachable(grammar)
    for step in grammar.values():
        unreached = sorted(step.phases - reached)
        if unreached and step.phases != set(PHASES[1:]):
            raise PackError(file, f"grammar.{step.event}", "reachable", phase=unreached[0])
    _answer_starts(pack, file)


def reachable(grammar: Mapping[str, Step]) -> frozenset[str]:
    """The phases a case can come to, from `new`."""
    found = {"new"}
    while True:
        more = {
            step.to.get(phase, phase) for step in grammar.values() for phase in step.phases & found
        }
        objected = grammar.get("not_solved")
        if objected and objected.phases & found & set(_ANSWERS):
            more.add("reopened")
        for name in ("withdrawal_asked", "withdrawn"):
            if name in grammar and grammar[name].phases & found:
                more.add("withdrawn")
        if more <= found:
            return frozenset(found)
        found |= more


def _in_grammar(names: set[str], grammar: Mapping[str, Step], file: str, place: str) -> None:
    missing = sorted(names - set(grammar))
    if missing:
        raise PackError(file, place, "in_grammar", events=", ".join(missing))


def _answer_starts(pack: Pack, file: str) -> None:
    """The answer is owed from the very event that starts its clock, in every procedure."""
    for step in pack.grammar.values():
        if "owed" not in step.to.values():
            continue
        for procedure, rules in pack.rules.items():
            if step.event not in rules["answer"].starts_on:
                raise PackError(file, f"grammar.{step.event}", "starts_answer", procedure=procedure)
    for name in _ANSWERS:
        answers = pack.grammar.get(name)
        if answers and not answers.phases <= {"owed", "reopened"}:
            raise PackError(file, f"grammar.{name}.in", "answered_when_owed")


def check_series(versions: Iterable[Pack]) -> None:
    """Refuse versions of one id between which a day has two rules or none.

    Raises:
        PackError: a gap, an overlap, or a version that takes open cases over to another grammar.
    """
    versions = list(versions)
    for before, after in itertools.pairwise(versions):
        file = f"{after.id} (version {after.version})"
        if before.effective_to is None or after.effective_from != before.effective_to + _ONE:
            ends = "…" if before.effective_to is None else before.effective_to.isoformat()
            raise PackError(file, "effective_from", "day_after", version=before.version, ends=ends)
        if after.version <= before.version:
            raise PackError(file, "version", "higher", version=before.version)
        if after.governs == "open" and not _same_course(before, after):
            raise PackError(file, "governs", "same_course", version=before.version)


def _same_course(one: Pack, other: Pack) -> bool:
    """Whether a case that began under one can go on under the other."""
    return (
        one.grammar == other.grammar
        and one.calendar == other.calendar
        and all(
            {clock: (rule.unit, rule.starts_on, rule.ends_on, rule.after) for clock, rule in a}
            == {clock: (rule.unit, rule.starts_on, rule.ends_on, rule.after) for clock, rule in b}
            for a, b in ((one.rules[name].items(), other.rules[name].items()) for name in one.rules)
        )
    )


def check_tighter(pack: Pack, law: Pack, file: str) -> None:
    """Refuse a pack that is looser than the law it says it tightens.

    Raises:
        ConfigError: the first number that is looser. PackError: the first thing that differs.
    """
    _Tighter(pack, law, file).check()


class _Tighter:
    def __init__(self, pack: Pack, law: Pack, file: str) -> None:
        self.pack, self.law, self.file = pack, law, file

    def same(self, ok: bool, place: str, must: str = "as_in_law") -> None:
        if not ok:
            raise PackError(self.file, place, must, law=self.law.id)

    def no_more(self, own: int, law: int, place: str) -> None:
        if own > law:
            raise ConfigError(
                "casework.pack.looser", pack=self.file, place=place, limit=own, law=law
            )

    def check(self) -> None:
        pack, law = self.pack, self.law
        self.same(pack.grammar == law.grammar, "grammar")
        self.same(pack.calendar == law.calendar, "calendar")
        self.same(pack.daily_filing or not law.daily_filing, "daily_filing")
        for procedure, rules in law.rules.items():
            for clock, base in rules.items():
                place = f"rule of {procedure} {clock}"
                own = pack.rules[procedure].get(clock)
                self.same(own is not None, place, "rule_of_law")
                if own is not None:
                    self.rule(own, base, place)
        self.same(pack.round_unit == law.round_unit, "round: unit")
        self.no_more(pack.round_limit, law.round_limit, "round: limit")
        for name in ("withdrawal_takes_effect_days", "withdrawal_undone_within_days"):
            self.no_more(getattr(law, name), getattr(pack, name), name)
        theirs = {(pause.clocks, pause.on, pause.off) for pause in law.pauses}
        for number, pause in enumerate(pack.pauses, start=1):
            self.same((pause.clocks, pause.on, pause.off) in theirs, f"pause {number}")
        self.duties()
        self.span(pack.objection, law.objection, "objection")
        self.span(pack.backlog, law.backlog, "backlog")
        if law.answer_parts is not None:
            ok = pack.answer_parts and set(law.answer_parts.parts) <= set(pack.answer_parts.parts)
            self.same(bool(ok), "answer_parts")

    def rule(self, own: Rule, law: Rule, place: str) -> None:
        for name in ("unit", "starts_on", "ends_on", "after"):
            self.same(getattr(own, name) == getattr(law, name), f"{place}: {name}")
        if own.limit is not None and law.limit is not None:
            longer, shorter = (own, law) if law.whose == "office" else (law, own)
            if (longer.limit or 0) > (shorter.limit or 0):
                raise ConfigError(
                    "casework.pack.looser",
                    pack=self.file, place=f"{place}: limit", limit=own.limit, law=law.limit,
                )  # fmt: skip
        for category, days in law.by_category.items():
            self.span(own.by_category.get(category), days, f"{place}: {category}")
        moved_more = own.moves and not law.moves
        moved_less = law.moves and not own.moves
        looser = moved_more if law.whose == "office" else moved_less
        self.same(not looser, f"{place}: moves")
        self.same(law.extension_stated or not own.extension_stated, f"{place}: extension_stated")
        if law.extension_stated:
            return
        self.no_more(own.extension_days, law.extension_days, f"{place}: extension_days")
        times = own.extension_times or 0, law.extension_times or 0
        self.no_more(*times, f"{place}: extension_times")

    def duties(self) -> None:
        own = {(tell.event, tell.must): tell for tell in self.pack.tells}
        for number, law in enumerate(self.law.tells, start=1):
            tell = own.get((law.event, law.must))
            place = f"tell {number}"
            if tell is None:
                raise PackError(self.file, place, "as_in_law", law=self.law.id)
            if law.limit is not None:
                self.same(tell.limit is not None and tell.unit == law.unit, place)
                self.no_more(tell.limit or 0, law.limit, f"{place}: limit")

    def span(self, own: Span | None, law: Span | None, place: str) -> None:
        if law is None:
            return
        if own is None:
            raise PackError(self.file, place, "as_in_law", law=self.law.id)
        self.same(own.unit == law.unit, place)
        self.no_more(own.limit, law.limit, place)
