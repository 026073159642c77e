"""Rules packs: the limits of one jurisdiction, declared in a file and checked when loaded.

Nobody else writes a number of days: clocks, screens and documents read it here, with its source.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from data.errors import ConfigError
from data.vocabulary import EVENTS, PROCEDURES

from .calendar import CALENDARS

UNITS = ("calendar_days", "working_days", "per_case")
"""How a limit is counted; `per_case` = an instant given with the case (Cases.limit_at)."""
CLOCKS = (
    "forward", "acceptance", "answer", "review_request", "review", "recheck_request", "recheck",
)  # fmt: skip
"""Every clock a pack may set, in the order in which they are listed."""
PHASES = (
    "new", "undecided", "owed", "answered", "reopened", "declined", "referred", "no_remedy",
    "withdrawn", "review", "reviewed", "recheck", "rechecked",
)  # fmt: skip
"""Where a case stands in the grammar of events; `owed` = the answer is owed."""
OPEN_PHASES = ("undecided", "owed", "reopened")
"""The phases in which the latest round has neither an answer nor another end."""

_HOME = Path(__file__).parent / "packs"
_RULE_FIELDS = {
    "clock", "procedure", "whose", "limit", "law_limit", "unit", "moves", "starts_on", "ends_on",
    "extension_days", "law_extension_days", "extension_times", "pauses_on", "resumes_on",
    "second_hand", "source",
}  # fmt: skip
_PACK_FIELDS = {
    "id", "version", "effective_from", "effective_to", "calendar", "daily_filing",
    "filing_deadline", "protection_level", "withdrawal_takes_effect_days",
    "withdrawal_undone_within_days", "round", "rule", "grammar", "tightens",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One clock of one procedure.

    limit: number of `unit`; None for `per_case`.
    moves: whether a calendar-day limit that ends on a free day moves to the next working day.
    starts_on: events that start it, the preferred first; ends_on: events that meet it.
    extension_days, extension_times: most days one extension adds, and how many there may be.
    pauses_on, resumes_on: events between which its time is not counted; empty = none.
    second_hand: the number was read on a secondary page; screens say so.
    """

    id: str
    clock: str
    whose: str
    limit: int | None
    unit: str
    moves: bool
    starts_on: tuple[str, ...]
    ends_on: tuple[str, ...]
    extension_days: int
    extension_times: int
    pauses_on: str
    resumes_on: str
    second_hand: bool
    source: str


@dataclass(frozen=True)
class Step:
    """What the grammar says of one event: the phases it may come in, the phase it leads to."""

    event: str
    phases: frozenset[str]
    to: str | None


@dataclass(frozen=True)
class Pack:
    """One jurisdiction's rules, as loaded.

    rules: procedure -> clock -> rule; a procedure lists only the clocks it has.
    round_limit, round_unit: what a round after "not solved" has at least, from the objection.
    file_hash: SHA-256 of the file, for reports that say which files were in force.
    """

    id: str
    version: int
    effective_from: dt.date
    effective_to: dt.date | None
    calendar: str
    daily_filing: bool
    filing_deadline: dt.time
    protection_level: str
    withdrawal_takes_effect_days: int
    withdrawal_undone_within_days: int
    round_limit: int
    round_unit: str
    rules: Mapping[str, Mapping[str, Rule]]
    grammar: Mapping[str, Step]
    file_hash: str

    def rule(self, procedure: str, clock: str) -> Rule | None:
        """The rule of a clock in a procedure; None where the procedure has no such clock."""
        return self.rules[procedure].get(clock)

    @property
    def has_acceptance(self) -> bool:
        """Whether a body decides on acceptance before the answer is owed."""
        return any("acceptance" in rules for rules in self.rules.values())


def pack_ids() -> tuple[str, ...]:
    """The ids of the packs that are shipped, sorted."""
    return tuple(sorted(path.stem for path in _HOME.glob("*.toml")))


@cache
def load(pack_id: str, folder: Path | None = None) -> Pack:
    """A rules pack, checked.

    Args:
        pack_id: name of the file without its ending.
        folder: where a county keeps packs of its own; None = the shipped ones.

    Raises:
        ConfigError: no such pack, or the first thing in it that is malformed or looser than its
            law, with the file, the place in it and what it must be.
    """
    path = (folder or _HOME) / f"{pack_id}.toml"
    if not pack_id.replace("_", "").isalnum() or not path.is_file():
        raise ConfigError("casework.pack.unknown", pack=pack_id, known=", ".join(pack_ids()))
    raw = path.read_bytes()
    try:
        table = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise ConfigError("casework.pack.unreadable", pack=pack_id, reason=str(err)) from None
    pack = _Reader(pack_id, table).pack(hashlib.sha256(raw).hexdigest())
    if "tightens" in table:
        _only_tighter(pack, load(str(table["tightens"])))
    return pack


def packs(ids: object) -> dict[str, Pack]:
    """The shipped packs of the given ids (any iterable of ids), by id."""
    return {str(pack_id): load(str(pack_id)) for pack_id in ids}  # type: ignore[attr-defined]


def _only_tighter(pack: Pack, law: Pack) -> None:
    for procedure, rules in law.rules.items():
        for clock, base in rules.items():
            own = pack.rules[procedure].get(clock)
            reader = _Reader(pack.id, {})
            place = f"{procedure}.{clock}"
            if own is None:
                reader.fail(place, f"a rule, because {law.id} has one")
            elif own.unit != base.unit or own.starts_on != base.starts_on:
                reader.fail(place, f"counted as in {law.id}")
            elif own.limit is not None and base.limit is not None:
                looser = (
                    own.limit - base.limit if base.whose == "office" else base.limit - own.limit
                )
                if looser > 0 or own.extension_days > base.extension_days:
                    raise ConfigError(
                        "casework.pack.looser",
                        pack=pack.id, place=place, limit=own.limit, law=base.limit,
                    )  # fmt: skip


class _Reader:
    """Reads one file's table into a `Pack`, refusing what is missing, unknown or looser."""

    def __init__(self, pack_id: str, table: dict[str, Any]) -> None:
        self.pack_id = pack_id
        self.table = table

    def fail(self, place: str, must_be: str) -> None:
        raise ConfigError("casework.pack.malformed", pack=self.pack_id, place=place, must=must_be)

    def need(self, ok: bool, place: str, must_be: str) -> None:
        if not ok:
            self.fail(place, must_be)

    def whole(self, table: Mapping[str, Any], name: str, place: str, least: int = 0) -> int:
        value = table.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.fail(f"{place}{name}", f"a whole number >= {least}")
        return int(value)  # type: ignore[arg-type]

    def pack(self, file_hash: str) -> Pack:
        table = self.table
        unknown = set(table) - _PACK_FIELDS
        self.need(not unknown, ", ".join(sorted(unknown)), "left out: no such field")
        self.need(table.get("id") == self.pack_id, "id", "the file's own name")
        starts, ends = table.get("effective_from"), table.get("effective_to")
        self.need(type(starts) is dt.date, "effective_from", "a date, YYYY-MM-DD")
        self.need(ends is None or type(ends) is dt.date, "effective_to", "a date or left out")
        self.need(ends is None or ends >= starts, "effective_to", "not before effective_from")
        self.need(table.get("calendar") in CALENDARS, "calendar", " | ".join(CALENDARS))
        self.need(isinstance(table.get("daily_filing"), bool), "daily_filing", "true or false")
        self.need(bool(table.get("protection_level")), "protection_level", "a level's name")
        least = table.get("round", {})
        self.need(least.get("unit") in UNITS[:2], "round.unit", " | ".join(UNITS[:2]))
        try:
            deadline = dt.time.fromisoformat(str(table.get("filing_deadline")))
        except ValueError:
            self.fail("filing_deadline", "a local time, HH:MM")
        return Pack(
            id=self.pack_id,
            version=self.whole(table, "version", "", 1),
            effective_from=starts,  # type: ignore[arg-type]
            effective_to=ends,
            calendar=table["calendar"],
            daily_filing=table["daily_filing"],
            filing_deadline=deadline,
            protection_level=str(table["protection_level"]),
            withdrawal_takes_effect_days=self.whole(table, "withdrawal_takes_effect_days", "", 15),
            withdrawal_undone_within_days=self.whole(
                table, "withdrawal_undone_within_days", "", 60
            ),
            round_limit=self.whole(least, "limit", "round.", 1),
            round_unit=least["unit"],
            rules=self.rules(),
            grammar=self.grammar(),
            file_hash=file_hash,
        )

    def rules(self) -> dict[str, dict[str, Rule]]:
        found: dict[str, dict[str, Rule]] = {procedure: {} for procedure in PROCEDURES}
        for number, entry in enumerate(self.table.get("rule", []), start=1):
            place = f"rule {number}: "
            which = entry.get("procedure")
            self.need(
                which in (*PROCEDURES, "both"), f"{place}procedure", "ordinary | simple | both"
            )
            for procedure in PROCEDURES if which == "both" else (which,):
                rule = self.rule(entry, procedure, place)
                self.need(rule.clock not in found[procedure], f"{place}clock", "named only once")
                found[procedure][rule.clock] = rule
        for procedure, rules in found.items():
            self.need("answer" in rules, f"rules of {procedure}", "with an answer clock")
        return found

    def rule(self, entry: Mapping[str, Any], procedure: str, place: str) -> Rule:
        unknown = set(entry) - _RULE_FIELDS
        self.need(not unknown, place + ", ".join(sorted(unknown)), "left out: no such field")
        clock, unit = entry.get("clock"), entry.get("unit")
        self.need(clock in CLOCKS, f"{place}clock", " | ".join(CLOCKS))
        self.need(unit in UNITS, f"{place}unit", " | ".join(UNITS))
        self.need(entry.get("whose") in ("office", "asker"), f"{place}whose", "office | asker")
        source = str(entry.get("source", "")).strip()
        self.need(bool(source), f"{place}source", "the article the number stands in")
        for name in ("starts_on", "ends_on"):
            events = entry.get(name)
            self.need(
                isinstance(events, list) and bool(events) and set(events) <= set(EVENTS),
                f"{place}{name}",
                "a list of events of the record",
            )
        limit = None
        if unit == "per_case":
            self.need("limit" not in entry, f"{place}limit", "left out: each case has its own")
        else:
            limit = self.whole(entry, "limit", place, 1)
            self.no_looser(limit, self.whole(entry, "law_limit", place, 1), entry, place)
        days = self.whole({"extension_days": 0, **entry}, "extension_days", place)
        if days:
            law = self.whole(entry, "law_extension_days", place, 1)
            self.no_looser(days, law, {"whose": "office"}, place)
        return Rule(
            id=f"{self.pack_id}.{procedure}.{clock}",
            clock=str(clock),
            whose=entry["whose"],
            limit=limit,
            unit=str(unit),
            moves=bool(entry.get("moves", False)),
            starts_on=tuple(entry["starts_on"]),
            ends_on=tuple(entry["ends_on"]),
            extension_days=days,
            extension_times=self.whole({"extension_times": 0, **entry}, "extension_times", place),
            pauses_on=entry.get("pauses_on", ""),
            resumes_on=entry.get("resumes_on", ""),
            second_hand=bool(entry.get("second_hand", False)),
            source=source,
        )

    def no_looser(self, limit: int, law: int, entry: Mapping[str, Any], place: str) -> None:
        """An office's limit may be shorter than the law's; an asker's window may be longer."""
        if limit > law if entry["whose"] == "office" else limit < law:
            raise ConfigError(
                "casework.pack.looser",
                pack=self.pack_id, place=place.rstrip(": "), limit=limit, law=law,
            )  # fmt: skip

    def grammar(self) -> dict[str, Step]:
        steps: dict[str, Step] = {}
        for event, entry in self.table.get("grammar", {}).items():
            place = f"grammar.{event}"
            self.need(event in EVENTS, place, "an event of the record")
            phases = entry.get("in", [])
            allowed = set(PHASES[1:]) if phases == ["any"] else set(phases)
            self.need(bool(allowed) and allowed <= set(PHASES), place, " | ".join(PHASES))
            to = entry.get("to")
            self.need(to is None or to in PHASES, place, " | ".join(PHASES))
            steps[event] = Step(event, frozenset(allowed), to)
        self.need("registered" in steps and "answered" in steps, "grammar", "with an answer")
        return steps
