"""Help beside a figure: formula, whom it counts, unit, small numbers, source.

The words are those of `reports.formulas`; here they become a fold that opens by click or key.
On paper it is left out (`print.css`). Everything is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from reports.formulas import SAID, Told, told
from wording import t

from .guard import chosen_language


def beside(name: str, figure: str) -> str:
    """The fold of one figure's box; "" for a figure without an id.

    figure: the figure's name on screen, for those who hear it.
    """
    if not name:
        return ""
    language = chosen_language()
    said = escape(t("formulas.help_of", language, name=figure))
    inside = _parts(told(name, language), language)
    return (
        f'<details class="zj-help"><summary aria-label="{said}" title="{said}">?</summary>'
        f"<dl>{inside}</dl></details>"
    )


def below(names: Iterable[str]) -> str:
    """One fold for all figures of a table or a part of a page; "" without any."""
    language = chosen_language()
    shown = "".join(
        f"<p>{escape(of.name)}</p><dl>{_parts(of, language)}</dl>"
        for of in (told(name, language) for name in dict.fromkeys(names) if name)
    )
    if not shown:
        return ""
    head = escape(t("formulas.help_all", language))
    return f'<details class="zj-help zj-below"><summary>{head}</summary>{shown}</details>'


def _parts(of: Told, language: str) -> str:
    named = ((t(f"formulas.head.{part}", language), getattr(of, part)) for part in SAID)
    return "".join(f"<dt>{escape(head)}</dt><dd>{escape(text)}</dd>" for head, text in named)
