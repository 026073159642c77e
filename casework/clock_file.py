"""The clocks of one case given as a JSON document: the contract of `zaojie clock`."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from data.errors import DataError, RowProblem
from data.vocabulary import EVENTS, PROCEDURES
from wording import t

from .calendar import WorkingCalendar, load_calendar
from .clocks import CaseEvent, Clock, clocks
from .duties import Duty, duties
from .explain import explain as explain_days
from .pack import series
from .version import version_for

DEFAULT_ZONE = "Asia/Shanghai"


def clocks_json(
    document: object,
    pack_id: str,
    explain: bool = False,
    zone: str = DEFAULT_ZONE,
    calendar: WorkingCalendar | None = None,
    language: str = "en",
) -> dict[str, Any]:
    """The clocks of one case, as the contract of DESIGN.md §7 prints them.

    Args:
        document: the JSON value: `procedure`, `events`, `as_of`, optional `category` and, for
            packs whose limit comes with the case, `limit_at`. Times are local to `zone` unless
            they name an offset.
        explain: whether each clock lists its days one by one under `days`, and `duties` says what
            the asker has not been told yet.
        calendar: with years an administrator loaded; None = the pack's own as shipped.
        language: of the words beside each day.

    Raises:
        DataError: what is malformed, all of it. RuleError: an impossible sequence.
        ConfigError: no such pack.
    """
    rules, reading = series(pack_id), _Reading(ZoneInfo(zone))
    procedure, events, as_of, limit_at = reading.document(document)
    opened_at = events[0].at if events else as_of
    pack = version_for(rules, procedure, events, opened_at, as_of, zone)
    calendar = calendar or load_calendar(pack.calendar)
    found = clocks(pack, procedure, events, as_of, zone, calendar, limit_at)
    more: dict[str, Any] = {}
    shown = [_clock(clock, reading.zone) for clock in found]
    if explain:
        for entry, clock in zip(shown, found, strict=True):
            entry["days"] = [
                {
                    "day": one.day.isoformat(),
                    "number": one.number,
                    "why": one.why,
                    "text": t(f"casework.day.{one.why}", language, number=one.number),
                    "provisional": one.provisional,
                }
                for one in explain_days(pack, clock, calendar)
            ]
        more["duties"] = [
            _duty(duty, reading.zone) for duty in duties(pack, events, as_of, zone, calendar)
        ]
    return {
        "pack": pack.id,
        "as_of": as_of.astimezone(reading.zone).isoformat(timespec="minutes"),
        "clocks": shown,
    } | more


def _clock(clock: Clock, zone: ZoneInfo) -> dict[str, Any]:
    def moment(value: dt.datetime | None) -> str | None:
        return None if value is None else value.astimezone(zone).isoformat(timespec="minutes")

    shown: dict[str, Any] = {
        "clock": clock.clock,
        "round": clock.round,
        "started_at": moment(clock.started_at),
        "limit": clock.limit,
        "unit": clock.unit,
        "extended_by": clock.extended_by,
        "due_on": None if clock.due_on is None else clock.due_on.isoformat(),
        "provisional": clock.provisional,
        "state": clock.state,
        "days_used": clock.days_used,
        "days_left": clock.days_left,
        "rule": clock.rule,
        "source": clock.source,
    }
    if clock.due_at is not None:
        shown["due_at"] = moment(clock.due_at)
    # dates that were told before stand beside the one in force only where they differ from it
    told = {"promised_on": clock.promised_on, "extended_on": clock.extended_on}
    for name, day in (told | {"moved_from": clock.moved_from}).items():
        if day is not None and day != clock.due_on:
            shown[name] = day.isoformat()
    if clock.second_hand:
        shown["second_hand"] = True
    return shown


def _duty(duty: Duty, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "event": duty.event,
        "must": duty.must,
        "since": duty.since.astimezone(zone).isoformat(timespec="minutes"),
        "due_on": None if duty.due_on is None else duty.due_on.isoformat(),
        "late": duty.is_late,
        "source": duty.source,
    }


class _Reading:
    """Reads the document, collecting everything that is wrong in it."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.problems: list[RowProblem] = []

    def wrong(self, row: int, column: str, text: str, **values: object) -> None:
        key = f"casework.file.{text}"
        self.problems.append(RowProblem(row, column, key, tuple(values.items())))

    def stop_if_wrong(self) -> None:
        if self.problems:
            detail = " ".join(problem.text("en") for problem in self.problems)
            raise DataError("casework.file.refused", self.problems, detail=detail)

    def document(
        self, document: object
    ) -> tuple[str, list[CaseEvent], dt.datetime, dt.datetime | None]:
        if not isinstance(document, dict):
            self.wrong(0, "", "not_object")
            self.stop_if_wrong()
        assert isinstance(document, dict)
        procedure = document.get("procedure")
        if procedure not in PROCEDURES:
            self.wrong(0, "procedure", "procedure", known=", ".join(PROCEDURES), found=procedure)
        as_of = self.time(document.get("as_of"), "as_of", 0)
        limit_at = None
        if document.get("limit_at") is not None:
            limit_at = self.time(document["limit_at"], "limit_at", 0)
        entries = document.get("events")
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            self.wrong(0, "events", "events")
            entries = []
        events = [self.event(number, one) for number, one in enumerate(entries, start=1)]
        self.stop_if_wrong()
        return str(procedure), events, as_of, limit_at

    def event(self, number: int, entry: dict[str, Any]) -> CaseEvent:
        name, days = entry.get("event"), entry.get("days")
        place = f"events[{number}]"
        if name not in EVENTS:
            self.wrong(number, "event", "event", number=number, found=name, known=", ".join(EVENTS))
        if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 1):
            self.wrong(number, "days", "days", number=number, found=days)
            days = None
        at = self.time(entry.get("at"), f"{place}.at", number)
        known_at = None
        if entry.get("known_at") is not None:
            known_at = self.time(entry["known_at"], f"{place}.known_at", number)
        body, to_body = (str(entry[k]) if entry.get(k) else None for k in ("body", "to_body"))
        return CaseEvent(str(name), at, known_at, days, body, to_body)

    def time(self, value: object, place: str, row: int) -> dt.datetime:
        """A moment; a time without an offset is local to the zone."""
        try:
            moment = dt.datetime.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            self.wrong(row, place, "time", place=place, found=value)
            return dt.datetime.min.replace(tzinfo=dt.UTC)
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
