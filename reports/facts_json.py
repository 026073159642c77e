"""A report's facts as JSON and back: the same bytes for the same facts, whoever makes them."""

from __future__ import annotations

import datetime as dt
import json
import types
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from .rates import Rate

T = TypeVar("T")


def to_json(report: object) -> bytes:
    """The facts of a report, a frozen dataclass, as UTF-8 JSON, the same bytes for the same facts.

    Moments are to the microsecond, numbers have 6 decimals, keys are sorted. Rates carry
    numerator, denominator and share; a class with `facts()` says itself what it gives away.
    """
    text = json.dumps(_plain(report), ensure_ascii=False, sort_keys=True, indent=2)
    return (text + "\n").encode("utf-8")


def from_json(content: bytes | str, kind: type[T]) -> T:
    """The report that `to_json` wrote, so that an issued one is shown from its frozen bytes.

    Raises:
        KeyError, ValueError: content of another shape.
    """
    made: T = _made(json.loads(content), kind)
    return made


def differences(before: bytes | str, after: bytes | str) -> list[tuple[str, str, str]]:
    """Where two JSON texts differ: (path, before, after), in order of path; [] = in nothing."""
    found: list[tuple[str, str, str]] = []
    _compare("", json.loads(before), json.loads(after), found)
    return found


def _compare(path: str, before: Any, after: Any, found: list[tuple[str, str, str]]) -> None:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            _compare(f"{path}.{key}".lstrip("."), before.get(key), after.get(key), found)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            _compare(f"{path}[{place}]", one, other, found)
    elif before != after:
        shown = [json.dumps(value, ensure_ascii=False, sort_keys=True) for value in (before, after)]
        found.append((path, *shown))  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if hasattr(value, "facts"):
        return value.facts()
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dt.date):  # a moment is a date as well
        return value.isoformat()
    if isinstance(value, float):
        return round(value, 6)
    return value


def _made(value: Any, kind: Any) -> Any:
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return _made(value, next(one for one in inside if one is not type(None)))
    if origin is tuple:
        of = inside[:1] * len(value) if inside[-1] is Ellipsis else inside
        return tuple(_made(item, one) for item, one in zip(value, of, strict=True))
    if origin is dict:
        return {key: _made(item, inside[1]) for key, item in value.items()}
    if kind is Rate:
        return Rate(value["numerator"], value["denominator"])
    if hasattr(kind, "from_facts"):
        return kind.from_facts(value)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{f.name: _made(value[f.name], hints[f.name]) for f in fields(kind)})  # type: ignore[operator]
    if kind in (dt.datetime, dt.date):
        return kind.fromisoformat(value)
    return value
