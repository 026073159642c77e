"""Reads one pack's table into a `Pack`, refusing what is missing, unknown or looser than its law.

The fields of a pack file are the names in the `_..._FIELDS` sets; `casework/packs/*.toml` are
examples of all but one: `[[limit_by_category]]` has days for cases of a category that come without
a limit of their own, and no city's are shipped (tests/casework/test_category_limits.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NoReturn

from data.errors import ConfigError
from data.history import ANSWER_PARTS
from data.vocabulary import EVENTS, PROCEDURES
from wording import has

from .calendar import CALENDARS
from .pack_error import PackError
from .rule import (
    CLOCKS,
    EXTENDED_IN,
    GOVERNS,
    OFFICE_CLOCKS,
    PHASES,
    TOLD_BY,
    UNITS,
    AnswerParts,
    Pack,
    Pause,
    Rule,
    Span,
    Step,
    Tell,
)

_RULE_FIELDS = {
    "clock", "procedure", "whose", "limit", "law_limit", "unit", "moves", "starts_on", "ends_on",
    "after", "extension_days", "law_extension_days", "extension_times", "extension_stated",
    "extension_approval", "second_hand", "source",
}  # fmt: skip
_PACK_FIELDS = {
    "id", "version", "effective_from", "effective_to", "governs", "calendar", "daily_filing",
    "filing_deadline", "protection_level", "withdrawal_takes_effect_days",
    "withdrawal_undone_within_days", "round", "rule", "pause", "tell", "objection", "backlog",
    "answer_parts", "grammar", "tightens", "limit_by_category",
}  # fmt: skip
_CATEGORY_FIELDS = {"category", "clock", "limit", "unit", "source", "second_hand"}
_PAUSE_FIELDS = {"clocks", "on", "off", "source", "second_hand"}
_TELL_FIELDS = {"event", "must", "limit", "unit", "source", "second_hand"}
_OBJECTION_FIELDS = {"limit", "unit", "source", "second_hand"}
_BACKLOG_FIELDS = {"months", "source", "second_hand"}
_PARTS_FIELDS = {"parts", "source", "second_hand"}


class Reader:
    """Reads one file's table. file: its name in messages; pack_id: what `id` must say."""

    def __init__(self, file: str, pack_id: str, table: Mapping[str, Any]) -> None:
        self.file, self.pack_id, self.table = file, pack_id, table

    def fail(self, place: str, must: str, **values: object) -> NoReturn:
        raise PackError(self.file, place, must, **values)

    def need(self, ok: object, place: str, must: str, **values: object) -> None:
        if not ok:
            self.fail(place, must, **values)

    def one_of(self, value: object, known: tuple[str, ...], place: str) -> str:
        self.need(value in known, place, "one_of", known=" | ".join(known))
        return str(value)

    def fields(self, entry: object, known: set[str], place: str) -> Mapping[str, Any]:
        """The entry, if it is a table with these fields only."""
        if not isinstance(entry, dict):
            self.fail(place, "table")
        unknown = ", ".join(sorted(set(entry) - known))
        self.need(not unknown, f"{place}: {unknown}" if place else unknown, "no_field")
        return entry

    def entries(self, name: str, known: set[str]) -> list[tuple[str, Mapping[str, Any]]]:
        """Each `[[name]]` with its place in messages."""
        found = self.table.get(name, [])
        self.need(isinstance(found, list), name, "list_of_tables")
        return [
            (f"{name} {number}", self.fields(entry, known, f"{name} {number}"))
            for number, entry in enumerate(found, start=1)
        ]

    def whole(self, table: Mapping[str, Any], name: str, place: str, least: int = 0) -> int:
        value, where = table.get(name), f"{place}: {name}" if place else name
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.fail(where, "whole", least=least)
        return value

    def flag(self, table: Mapping[str, Any], name: str, place: str, default: bool) -> bool:
        value = table.get(name, default)
        self.need(isinstance(value, bool), f"{place}: {name}" if place else name, "true_or_false")
        return bool(value)

    def source(self, entry: Mapping[str, Any], place: str) -> str:
        source = entry.get("source")
        self.need(isinstance(source, str) and source.strip(), f"{place}: source", "source")
        return str(source).strip()

    def events(self, entry: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
        found = entry.get(name)
        ok = isinstance(found, list) and bool(found) and all(one in EVENTS for one in found)
        self.need(ok, f"{place}: {name}", "events")
        return tuple(found or ())

    def pack(self, version: int | None, file_hash: str) -> Pack:
        """The pack. version: what `version` must say; None = any."""
        table = self.fields(self.table, _PACK_FIELDS, "")
        self.need(table.get("id") == self.pack_id, "id", "own_name", name=self.pack_id)
        number = self.whole(table, "version", "", 1)
        self.need(version in (None, number), "version", "own_number", number=version)
        starts, ends = table.get("effective_from"), table.get("effective_to")
        self.need(type(starts) is dt.date, "effective_from", "date")
        self.need(ends is None or type(ends) is dt.date, "effective_to", "date_or_nothing")
        self.need(ends is None or ends >= starts, "effective_to", "not_before_start")
        self.need(str(table.get("protection_level", "")), "protection_level", "level")
        if "daily_filing" not in table:
            self.fail("daily_filing", "true_or_false")
        least = table.get("round", {})
        try:
            deadline = dt.time.fromisoformat(str(table.get("filing_deadline")))
        except ValueError:
            self.fail("filing_deadline", "local_time")
        return Pack(
            id=self.pack_id,
            version=number,
            effective_from=starts,  # type: ignore[arg-type]
            effective_to=ends,
            governs=self.one_of(table.get("governs", "new"), GOVERNS, "governs"),
            calendar=self.one_of(table.get("calendar"), CALENDARS, "calendar"),
            daily_filing=self.flag(table, "daily_filing", "", False),
            filing_deadline=deadline,
            protection_level=str(table["protection_level"]),
            withdrawal_takes_effect_days=self.whole(table, "withdrawal_takes_effect_days", "", 15),
            withdrawal_undone_within_days=self.whole(
                table, "withdrawal_undone_within_days", "", 60
            ),
            round_limit=self.whole(least, "limit", "round", 1),
            round_unit=self.one_of(least.get("unit"), UNITS[:2], "round: unit"),
            rules=self.rules(),
            pauses=tuple(self.pause(*one) for one in self.entries("pause", _PAUSE_FIELDS)),
            tells=tuple(self.tell(*one) for one in self.entries("tell", _TELL_FIELDS)),
            objection=self.objection(),
            backlog=self.backlog(),
            answer_parts=self.answer_parts(),
            grammar=self.grammar(),
            tightens=str(table.get("tightens", "")),
            file_hash=file_hash,
        )

    def rules(self) -> dict[str, dict[str, Rule]]:
        found: dict[str, dict[str, Rule]] = {procedure: {} for procedure in PROCEDURES}
        for place, entry in self.entries("rule", _RULE_FIELDS):
            known = (*PROCEDURES, "both")
            which = self.one_of(entry.get("procedure"), known, f"{place}: procedure")
            for procedure in PROCEDURES if which == "both" else (which,):
                rule = self.rule(entry, procedure, place)
                self.need(rule.clock not in found[procedure], f"{place}: clock", "only_once")
                found[procedure][rule.clock] = rule
        for procedure, rules in found.items():
            self.need("answer" in rules, "rule", "has_answer", procedure=procedure)
        return found

    def rule(self, entry: Mapping[str, Any], procedure: str, place: str) -> Rule:
        clock = self.one_of(entry.get("clock"), CLOCKS, f"{place}: clock")
        unit = self.one_of(entry.get("unit"), UNITS, f"{place}: unit")
        whose = "office" if clock in OFFICE_CLOCKS else "asker"
        self.one_of(entry.get("whose"), (whose,), f"{place}: whose")
        limit = None
        if unit == "per_case":
            self.need("limit" not in entry, f"{place}: limit", "own_limit")
        else:
            limit = self.whole(entry, "limit", place, 1)
            law = self.whole(entry, "law_limit", place, 1)
            self.no_looser(limit, law, whose, f"{place}: limit")
        after = entry.get("after", "")
        self.need(after == "" or after in EVENTS, f"{place}: after", "events")
        days, times, stated = self.extension(entry, clock, unit, place)
        approval = entry.get("extension_approval", "")
        self.need(
            approval == "" or has(f"casework.approval.{approval}", "en"),
            f"{place}: extension_approval",
            "approval",
        )
        return Rule(
            id=f"{self.pack_id}.{procedure}.{clock}",
            clock=clock,
            whose=whose,
            limit=limit,
            unit=unit,
            moves=self.flag(entry, "moves", place, False),
            starts_on=self.events(entry, "starts_on", place),
            ends_on=self.events(entry, "ends_on", place),
            after=after,
            extension_days=days,
            extension_times=times,
            extension_stated=stated,
            extension_approval=approval,
            second_hand=self.flag(entry, "second_hand", place, False),
            source=self.source(entry, place),
            by_category=self.by_category(clock, unit),
        )

    def by_category(self, clock: str, unit: str) -> dict[str, Span]:
        """Days by category of one clock, from the list of the whole file."""
        found: dict[str, Span] = {}
        for place, entry in self.entries("limit_by_category", _CATEGORY_FIELDS):
            if self.one_of(entry.get("clock"), CLOCKS, f"{place}: clock") != clock:
                continue
            self.need(unit == "per_case", f"{place}: clock", "per_case")
            category = entry.get("category")
            ok = isinstance(category, str) and category and category not in found
            self.need(ok, f"{place}: category", "category_once")
            found[str(category)] = Span(
                self.whole(entry, "limit", place, 1),
                self.one_of(entry.get("unit"), UNITS[:2], f"{place}: unit"),
                self.source(entry, place),
                self.flag(entry, "second_hand", place, False),
            )
        return found

    def extension(
        self, entry: Mapping[str, Any], clock: str, unit: str, place: str
    ) -> tuple[int, int | None, bool]:
        """Most days, most times (None = no number), whether the date is stated without a cap."""
        stated = self.flag(entry, "extension_stated", place, False)
        named = stated or "extension_days" in entry or "extension_times" in entry
        if not named:
            return 0, 0, False
        can = tuple(dict.fromkeys(EXTENDED_IN.values()))
        self.need(clock in can, f"{place}: extension_days", "extended", known=" | ".join(can))
        self.need(unit != "per_case", f"{place}: extension_days", "no_extension")
        if stated:
            self.need("extension_days" not in entry, f"{place}: extension_days", "stated")
            times = None
            if "extension_times" in entry:
                times = self.whole(entry, "extension_times", place, 1)
            return 0, times, True
        days = self.whole(entry, "extension_days", place, 1)
        law = self.whole(entry, "law_extension_days", place, 1)
        self.no_looser(days, law, "office", f"{place}: extension_days")
        return days, self.whole(entry, "extension_times", place, 1), False

    def no_looser(self, limit: int, law: int, whose: str, place: str) -> None:
        """An office's limit may be shorter than the law's; an asker's window may be longer."""
        if limit > law if whose == "office" else limit < law:
            raise ConfigError(
                "casework.pack.looser", pack=self.file, place=place, limit=limit, law=law
            )

    def pause(self, place: str, entry: Mapping[str, Any]) -> Pause:
        clocks = entry.get("clocks")
        ok = isinstance(clocks, list) and clocks and all(one in OFFICE_CLOCKS for one in clocks)
        self.need(ok, f"{place}: clocks", "clocks", known=" | ".join(OFFICE_CLOCKS))
        on, off = (self.one_event(entry, name, place) for name in ("on", "off"))
        self.need(on != off, f"{place}: off", "another_event")
        return Pause(
            frozenset(clocks or ()), on, off, self.source(entry, place),
            self.flag(entry, "second_hand", place, False),
        )  # fmt: skip

    def one_event(self, entry: Mapping[str, Any], name: str, place: str) -> str:
        self.need(entry.get(name) in EVENTS, f"{place}: {name}", "event")
        return str(entry[name])

    def tell(self, place: str, entry: Mapping[str, Any]) -> Tell:
        limit, unit = None, None
        if "limit" in entry or "unit" in entry:
            limit = self.whole(entry, "limit", place, 1)
            unit = self.one_of(entry.get("unit"), UNITS[:2], f"{place}: unit")
        return Tell(
            event=self.one_event(entry, "event", place),
            must=self.one_of(entry.get("must"), TOLD_BY, f"{place}: must"),
            limit=limit,
            unit=unit,
            source=self.source(entry, place),
            second_hand=self.flag(entry, "second_hand", place, False),
        )

    def objection(self) -> Span | None:
        if "objection" not in self.table:
            return None
        entry = self.fields(self.table["objection"], _OBJECTION_FIELDS, "objection")
        return Span(
            self.whole(entry, "limit", "objection", 1),
            self.one_of(entry.get("unit"), UNITS[:2], "objection: unit"),
            self.source(entry, "objection"),
            self.flag(entry, "second_hand", "objection", False),
        )

    def backlog(self) -> Span | None:
        if "backlog" not in self.table:
            return None
        entry = self.fields(self.table["backlog"], _BACKLOG_FIELDS, "backlog")
        return Span(
            self.whole(entry, "months", "backlog", 1),
            "months",
            self.source(entry, "backlog"),
            self.flag(entry, "second_hand", "backlog", False),
        )

    def answer_parts(self) -> AnswerParts | None:
        if "answer_parts" not in self.table:
            return None
        entry = self.fields(self.table["answer_parts"], _PARTS_FIELDS, "answer_parts")
        parts = entry.get("parts")
        ok = isinstance(parts, list) and parts and all(one in ANSWER_PARTS for one in parts)
        self.need(ok, "answer_parts: parts", "parts", known=" | ".join(ANSWER_PARTS))
        return AnswerParts(
            tuple(parts or ()),
            self.source(entry, "answer_parts"),
            self.flag(entry, "second_hand", "answer_parts", False),
        )

    def grammar(self) -> dict[str, Step]:
        steps: dict[str, Step] = {}
        table = self.table.get("grammar", {})
        self.need(isinstance(table, dict), "grammar", "table")
        for event, given in table.items():
            place = f"grammar.{event}"
            self.need(event in EVENTS, place, "event")
            entry = self.fields(given, {"in", "to"}, place)
            phases = entry.get("in", [])
            allowed = set(PHASES[1:]) if phases == ["any"] else set(phases)
            known = " | ".join(PHASES)
            self.need(allowed and allowed <= set(PHASES), f"{place}.in", "phases", known=known)
            to = entry.get("to", {})
            leads = dict.fromkeys(sorted(allowed), to) if isinstance(to, str) else to
            ok = isinstance(leads, dict) and set(leads) <= allowed
            ok = ok and all(phase in PHASES for phase in leads.values())
            self.need(ok, f"{place}.to", "leads", known=known)
            steps[event] = Step(event, frozenset(allowed), leads)
        self.need("registered" in steps and "answered" in steps, "grammar", "has_steps")
        return steps
