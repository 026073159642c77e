"""The `[events]` part of a mapping: which columns, or which second file, hold a case's steps.

Two forms. `[[events.step]]`: one column per step in the ledger's own row (受理日期, 答复日期 ...).
`[events.rows]` with `[events.names]`: a second file with one line per step. A step's name is never
invented: it is one of the record's events, and none that only the asker's own code can say.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass

from .errors import ConfigError
from .vocabulary import ASKER_EVENTS, OFFICE_EVENTS

OWN_WORD = (
    "confirmed", "disowned", "rated", "not_told", "withdrawal_asked", "withdrawn",
    "withdrawal_undone",
)  # fmt: skip
"""What only the holder of a code says: no older system can have heard it (DOMAIN.md §2.1, §2.9)."""
STEPS = tuple(e for e in OFFICE_EVENTS if e not in ("registered", "erased")) + tuple(
    e for e in ASKER_EVENTS if e not in OWN_WORD
)
"""Events a ledger may bring; `registered` comes from the row's own opening."""

_COLUMNS = {"at", "known", "to", "body", "days"}


@dataclass(frozen=True)
class StepRule:
    """Columns of one step. event: of `STEPS`, empty in the second file, where each line names it.

    at: when it happened. known: when the older system learnt it. to: of a transfer, the receiver.
    body: who acted. days: of an extension. None = there is no such column.
    """

    event: str
    at: str
    known: str | None = None
    to: str | None = None
    body: str | None = None
    days: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        given = (self.at, self.known, self.to, self.body, self.days)
        return tuple(column for column in given if column)


@dataclass(frozen=True)
class EventsRule:
    """How the steps of the cases are found.

    known: the ledger's column with the row's own time of entry; None = there is none.
    steps: by column, in the order in which steps of one day follow each other; empty where a
    second file has them. lines: the second file's columns, with `case` and `word` for the columns
    that hold the case's number and the step's name. names: event by the second file's word.
    """

    known: str | None
    steps: tuple[StepRule, ...]
    lines: StepRule | None
    case: str
    word: str
    names: Map[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The ledger's own columns that are read for steps."""
        found = [self.known] if self.known else []
        return (*found, *(column for step in self.steps for column in step.columns))


def parse_events(given: object, file: str, check: Callable[[str], None]) -> EventsRule | None:
    """The `[events]` part, checked; None where the mapping has none.

    Args:
        given: the table as it was read, None = left out.
        file: name of the mapping, for sentences.
        check: refuses a column that holds persons.

    Raises:
        ConfigError: one sentence that names what is missing, unknown or too weak.
    """
    if given is None:
        return None
    part = _Part(file)
    table = part.table(given, "[events]", {"known", "step", "rows", "names"})
    known = part.text(table, "known", "events.known") if "known" in table else None
    steps = table.get("step", [])
    if not isinstance(steps, list) or bool(steps) == ("rows" in table):
        raise part.broken("[[events.step]] | [events.rows]")
    names = part.table(table.get("names", {}), "[events.names]", None)
    if bool(names) != ("rows" in table):
        raise part.broken("[events.names]")
    lines, case, word = None, "", ""
    if "rows" in table:
        where = "[events.rows]"
        rows = part.table(table["rows"], where, {"case", "event", *_COLUMNS})
        case = part.text(rows, "case", "events.rows.case")
        word = part.text(rows, "event", "events.rows.event")
        lines = part.step({k: v for k, v in rows.items() if k not in ("case", "event")}, "", where)
    made = tuple(part.named_step(step, number) for number, step in enumerate(steps, 1))
    rule = EventsRule(
        known=known,
        steps=made,
        lines=lines,
        case=case,
        word=word,
        names={text: part.event(event, "events.names") for text, event in names.items()},
    )
    for column in (*rule.columns, *((case, word, *lines.columns) if lines else ())):
        check(column)
    return rule


class _Part:
    """Reads the parts; a wrong one is refused by its name."""

    def __init__(self, file: str):
        self.file = file

    def broken(self, part: str) -> ConfigError:
        return ConfigError("intake.mapping.broken", file=self.file, part=part)

    def table(self, given: object, part: str, allowed: set[str] | None) -> dict[str, object]:
        if not isinstance(given, dict):
            raise self.broken(part)
        for key in given:
            if allowed is not None and key not in allowed:
                place = f"{part}.{key}"
                raise ConfigError("intake.mapping.unknown_part", file=self.file, part=place)
        return given

    def text(self, table: Map[str, object], key: str, part: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value:
            raise self.broken(part)
        return value

    def event(self, name: object, part: str) -> str:
        if name in OWN_WORD:
            raise ConfigError("intake.mapping.own_word", file=self.file, event=name)
        if name not in STEPS:
            raise ConfigError("intake.mapping.unknown_event", file=self.file, event=name)
        return str(name)

    def named_step(self, given: object, number: int) -> StepRule:
        part = f"events.step {number}"
        table = self.table(given, part, {"event", *_COLUMNS})
        event = self.event(self.text(table, "event", f"{part}.event"), part)
        return self.step({k: v for k, v in table.items() if k != "event"}, event, part)

    def step(self, table: Map[str, object], event: str, part: str) -> StepRule:
        texts = {key: self.text(table, key, f"{part}.{key}") for key in table}
        if "at" not in texts:
            raise self.broken(f"{part}.at")
        return StepRule(event, **texts)
