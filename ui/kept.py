"""What this process has counted for pages: once for everybody, and of which moment.

Whoever sees the county's figures sees them of one moment, the same in every session. While the
record grows all day, counting everything anew for every page would keep the server busy with
nothing else; so the moment moves on as fast as counting allows. What takes less than `AT_ONCE`
seconds in all is counted at once: a small county sees every row as soon as it is recorded. In a
large one a thread beside the pages counts what was asked for at the new moment while the pages show
the one before, and then all of them turn to it together. The page head says of when the figures
are; a case, a work list of one office and what somebody does are never kept.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import wraps
from threading import Lock, Thread, local
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast
from weakref import ReferenceType, ref
from zoneinfo import ZoneInfo

import pandas as pd

from data.db import Db
from data.errors import NotAllowed, ProjectError
from data.failures import trace_of
from data.instant import EPOCH

from . import state, turns

if TYPE_CHECKING:
    from .guard import Viewer

AT_ONCE = 0.5
"""Seconds of counting that a page may wait for."""
SHARE = 6
"""The next moment is counted when so many times the last counting's seconds have passed."""
ROUNDS = 2
"""Moments for which an answer is counted that nobody asked for again."""
FRESH = dt.timedelta(minutes=5)
"""How old figures may be while nothing was recorded."""
OLDEST = 120.0
"""Seconds without anybody who looked, after which the moment before is not shown any more."""
MOST_OTHERS = 200
"""Answers kept of other moments and of other scopes than the county's; as many of offices."""

P = ParamSpec("P")
T = TypeVar("T")
_log = logging.getLogger("zaojie")
_running = local()


@dataclass(frozen=True)
class Same(Generic[T]):
    """What is no key itself as an argument of a kept function: told apart by its key."""

    value: T = field(compare=False)
    key: Hashable


@dataclass
class _Slot:
    """One answer; `again`: how it is counted at another moment. rounds: for how many more moments
    it is counted though nobody asks."""

    lock: Lock = field(default_factory=Lock)
    value: Any = None
    is_made: bool = False
    rounds: int = 0
    again: tuple[Callable[..., Any], Viewer, tuple[Any, ...]] | None = None


@dataclass
class Moment:
    """The figures of one moment, and what counting them took: seconds of processor time."""

    as_of: dt.datetime
    version: tuple[object, ...]
    began: float = field(default_factory=time.monotonic)
    cost: float = 0
    slots: dict[Hashable, _Slot] = field(default_factory=dict)


Seen = ReferenceType[Moment]
"""How a viewer knows its moment: a page that stays open does not hold the figures."""


@dataclass
class _Shelf:
    """Of one process and one open database."""

    now: Moment | None = None
    asked: float = field(default_factory=time.monotonic)
    is_counting: bool = False
    is_wanted: bool = False
    is_hurried: bool = False
    others: OrderedDict[Hashable, _Slot] = field(default_factory=OrderedDict)
    offices: OrderedDict[Hashable, _Slot] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)


_shelves: dict[int, _Shelf] = {}
_lock = Lock()


def clear() -> None:
    """Forget everything: for tests, which change the database under the pages."""
    with _lock:
        _shelves.clear()


def current(db: Db) -> Moment:
    """The moment of the county's figures that pages show now, moved on where it is time."""
    shelf, version = _shelf_of(db), db.version()
    newest = newest_moment(db, version)
    with shelf.lock:
        last, alone = shelf.now, time.monotonic() - shelf.asked
        shelf.asked += alone
        is_same = last is not None and last.version == version
        if last is not None and is_same and newest <= last.as_of:
            return last
        is_left = alone > OLDEST and not shelf.is_counting
        if (
            last is None or shelf.is_wanted or last.cost < AT_ONCE
            or _is_of_another_day(db, last, newest)
            or (is_left and (not is_same or newest - last.as_of > 3 * FRESH))
        ):  # fmt: skip
            shelf.now, shelf.is_wanted = Moment(newest, version), False
            return shelf.now
        age = time.monotonic() - last.began
        if not shelf.is_counting and (shelf.is_hurried or age > SHARE * last.cost):
            shelf.is_counting, shelf.is_hurried = True, False
            Thread(target=_count, args=(db, shelf, last), name="figures", daemon=True).start()
        return last


def renew(db: Db) -> None:
    """What was just done has to stand in the figures of the next page: they are counted for it."""
    _shelf_of(db).is_wanted = True


def soon(db: Db) -> None:
    """Somebody who sees the county's figures changed something: the next moment is counted now."""
    _shelf_of(db).is_hurried = True


def newest_moment(db: Db, version: tuple[object, ...] | None = None) -> dt.datetime:
    """The newest moment a page can show (UTC): now, or the end of an extract's last day.

    Now is taken in steps of `FRESH`, and never before the newest record: whatever was recorded
    is seen, and pages of the same moment share what was read and computed for it.
    """
    county = db.county()
    if county.ends_on is not None:
        day = dt.date.fromisoformat(county.ends_on)
        return dt.datetime.combine(day, dt.time.max, ZoneInfo(county.zone)).astimezone(dt.UTC)
    now = db.now().astimezone(dt.UTC)
    newest = EPOCH + dt.timedelta(microseconds=int(str((version or db.version())[0])))
    return max(_step(now), newest)


def kept(count: Callable[Concatenate[Viewer, P], T]) -> Callable[Concatenate[Viewer, P], T]:
    """Keep what a function counts for a viewer, by its arguments and the rows the viewer reaches.

    It is given a viewer of the kept moment, and nothing of the session. Frames that come back are
    the caller's own to add columns to; their values are shared.
    """

    @wraps(count)
    def found(viewer: Viewer, /, *args: P.args, **_none: P.kwargs) -> T:
        key = (count.__module__, count.__qualname__, _reach(viewer), args)
        return cast(T, _own(_made(*_slot(viewer, key), count, args)))

    return found


def county(count: Callable[Concatenate[Viewer, P], T]) -> Callable[Concatenate[Viewer, P], T]:
    """The same of what is one for all who see the county's figures, and holds no words: counted
    once for supervisors and leaders, in either language.

    Raises:
        NotAllowed: whoever does not see the county's figures.
    """

    @wraps(count)
    def found(viewer: Viewer, /, *args: P.args, **_none: P.kwargs) -> T:
        if not viewer.scope.sees_county_figures:
            raise NotAllowed("data.error.not_allowed")
        key = (count.__module__, count.__qualname__, args)
        return cast(T, _own(_made(*_slot(viewer, key), count, args)))

    return found


def office(count: Callable[Concatenate[Viewer, P], T]) -> Callable[Concatenate[Viewer, P], T]:
    """Keep what does not change with cases: offices, areas, files in force."""

    @wraps(count)
    def found(viewer: Viewer, /, *args: P.args, **_none: P.kwargs) -> T:
        db = state.db()
        shelf = _shelf_of(db)
        key = (count.__module__, count.__qualname__, _reach(viewer), viewer.today, _offices(db),
               args)  # fmt: skip
        slot = _found(shelf, shelf.offices, key)
        return cast(T, _own(_made(slot, viewer, None, count, args)))

    return found


def own(count: Callable[Concatenate[Viewer, P], T]) -> Callable[Concatenate[Viewer, P], T]:
    """Keep what the arguments alone decide, and the time in steps of `FRESH`: what others record
    does not have it counted anew. A version of the rows it is made of may be among them."""

    @wraps(count)
    def found(viewer: Viewer, /, *args: P.args, **_none: P.kwargs) -> T:
        db = state.db()
        key = (count.__module__, count.__qualname__, _reach(viewer), _step(viewer.as_of),
               _offices(db), args)  # fmt: skip
        shelf = _shelf_of(db)
        slot = _found(shelf, shelf.others, key)
        return cast(T, _own(_made(slot, viewer, None, count, args)))

    return found


def _offices(db: Db) -> tuple[object, ...]:
    """What changes with files in force, bodies and areas, not with cases."""
    return db.version()[5:]


def _step(at: dt.datetime) -> dt.datetime:
    """The last full step of `FRESH`."""
    return at - (at - EPOCH) % FRESH


def _reach(viewer: Viewer) -> Hashable:
    scope = viewer.scope
    return (scope.role, tuple(sorted(scope.townships)), tuple(sorted(scope.bodies)), scope.desk,
            viewer.language)  # fmt: skip


def _shelf_of(db: Db) -> _Shelf:
    with _lock:
        return _shelves.setdefault(id(db.engine), _Shelf())


def _slot(viewer: Viewer, key: Hashable) -> tuple[_Slot, Viewer, Moment | None]:
    """Where an answer stands, the viewer of its moment, and that moment."""
    db = state.db()
    shelf = _shelf_of(db)
    if viewer.is_earlier:  # rows that become known late are seen with the next moment
        version = () if shelf.now is None else shelf.now.version
        return _found(shelf, shelf.others, (key, viewer.as_of, version)), viewer, None
    if not viewer.scope.sees_county_figures:
        return _found(shelf, shelf.others, (key, viewer.as_of, db.version())), viewer, None
    moment = (viewer.seen and viewer.seen()) or shelf.now or current(db)
    if viewer.as_of != moment.as_of:
        viewer = replace(viewer, as_of=moment.as_of, latest=moment.as_of, seen=ref(moment))
    slot = _of(moment, key)
    slot.rounds = ROUNDS
    return slot, viewer, moment


def _of(moment: Moment, key: Hashable) -> _Slot:
    with _lock:
        return moment.slots.setdefault(key, _Slot())


def _found(shelf: _Shelf, slots: OrderedDict[Hashable, _Slot], key: Hashable) -> _Slot:
    with shelf.lock:
        slot = slots.setdefault(key, _Slot())
        slots.move_to_end(key)
        while len(slots) > MOST_OTHERS:
            slots.popitem(last=False)
        return slot


def _made(
    slot: _Slot, viewer: Viewer, moment: Moment | None, count: Callable[..., Any], args: Any
) -> Any:
    """The answer, counted by whoever asks first; the others wait for it."""
    if slot.is_made:
        return slot.value
    with turns.held(slot.lock):
        if not slot.is_made:
            began, outer = time.thread_time(), getattr(_running, "spent", 0.0)
            _running.spent = 0.0
            try:
                slot.value = count(viewer, *args)
            finally:
                took = time.thread_time() - began
                if moment is not None:
                    moment.cost += took - _running.spent
                _running.spent = outer + took
            slot.again, slot.is_made = (count, viewer, args), True
    return slot.value


def _own(value: Any) -> Any:
    """The caller's own frames, also those in a tuple."""
    if isinstance(value, pd.DataFrame | pd.Series):
        return value.copy(deep=False)
    if isinstance(value, tuple):
        own = [_own(one) for one in value]
        return type(value)(*own) if hasattr(value, "_fields") else tuple(own)
    return value


def _is_of_another_day(db: Db, last: Moment, newest: dt.datetime) -> bool:
    zone = ZoneInfo(db.county().zone)
    return newest.astimezone(zone).date() != last.as_of.astimezone(zone).date()


def _count(db: Db, shelf: _Shelf, last: Moment) -> None:
    """Count at a new moment what was asked for at the last one, then turn to it."""
    try:
        version = db.version()
        made = Moment(newest_moment(db, version), version)
        with _lock:
            asked = [(key, one) for key, one in last.slots.items() if one.rounds]
        for key, one in asked:
            if one.again is None:
                continue
            count, viewer, args = one.again
            viewer = replace(viewer, as_of=made.as_of, latest=made.as_of, seen=ref(made))
            with suppress(ProjectError):  # whoever asks for it is told
                _made(_of(made, key), viewer, made, count, args)
        for key, slot in made.slots.items():
            before = last.slots.get(key)
            slot.rounds = before.rounds - 1 if before is not None and before.rounds else 0
        made.began = time.monotonic()
        with shelf.lock:
            if shelf.now is last:
                shelf.now = made
    except Exception as err:
        _log.warning("figures were not counted: %s", trace_of(err))
    finally:
        shelf.is_counting = False
