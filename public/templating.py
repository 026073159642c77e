"""The templates of the resident's pages, compiled once per language and zone.

The functions a template calls are the same at every request, so a call of one by its name is
compiled as a filter: it is called directly, and jinja works a text without values out while
compiling. Nothing of a request or a case is in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer

from wording import formats, has, t

_HOME = Path(__file__).parent


class _Direct(NodeTransformer):
    """Turns `name(value, ...)` into `value|name(...)` for the functions of every page."""

    def __init__(self, pages: _Pages) -> None:
        self.pages = pages

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        node = self.generic_visit(node)  # type: ignore[assignment]
        if not isinstance(node.node, nodes.Name) or node.node.name not in self.pages.said:
            return node
        first, rest = node.args[0], node.args[1:]
        made = nodes.Filter(
            first, node.node.name, rest, node.kwargs, node.dyn_args, node.dyn_kwargs,
            lineno=node.lineno,
        )  # fmt: skip
        return made.set_environment(self.pages)


class _Pages(Environment):
    """Templates with the functions of one language and zone."""

    def __init__(self, language: str, zone: str) -> None:
        super().__init__(
            loader=FileSystemLoader(_HOME / "templates"),
            autoescape=True,
            auto_reload=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.said = _said(language, zone)
        self.filters |= self.said
        self.globals |= self.said

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None,
        defer_init: bool = False,
    ) -> str:  # fmt: skip
        _Direct(self).visit(source)
        return super()._generate(source, name, filename, defer_init)


def _said(language: str, zone: str) -> dict[str, Callable[..., Any]]:
    """What templates call: texts, dates and numbers as a language writes them."""

    def text(key: str, **inside: object) -> str:
        return t(f"public.{key}", language, **inside)

    def word(key: str, **inside: object) -> str:
        return t(key, language, **inside)

    def day(value: dt.date | None, weekday: bool = False) -> str:
        return formats.day(value, language, weekday)

    return {
        "t": text,
        "word": word,
        "has": lambda key: has(f"public.{key}", language),
        "day": day,
        "moment": partial(formats.moment, language=language, zone=zone),
        "month": lambda value: month(value, language),
        "number": partial(formats.number, language=language),
        "source": partial(formats.source, language=language),
    }


@lru_cache(maxsize=16)
def pages_in(language: str, zone: str) -> Environment:
    """The templates in a language; moments are shown in a zone (IANA)."""
    return _Pages(language, zone)


def month(year_month: str, language: str) -> str:
    """A month given as YYYY-MM, as the language writes it."""
    return formats.month(dt.date.fromisoformat(f"{year_month}-01"), language)
