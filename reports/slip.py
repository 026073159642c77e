"""The receipt: what the one who asked takes home. Facts in, one HTML document out.

A single slip is an A6 page; several are a sheet of A4 pages with four each. The QR code holds the
address of the status page and nothing else: never the code (DOMAIN.md §10).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from wording import formats, t


@dataclass(frozen=True)
class SlipFacts:
    """Everything a slip says.

    county, category, body: names in the slip's language. code: 17 characters, plain. tag: 8.
    forward_by, decided_by, answer_by: last local days; None = no such limit. limit, unit: of the
        answer, unit None where the limit is given with the case. source: article.
    median_days, nine_in_ten_days: answers of this kind lately; None = too few to say.
    review_days: to ask for a review once the answer is received; None = the pack has none.
    address: of the status page. accepts: whether taking a case up is decided first.
    """

    county: str
    is_demo: bool
    registered_at: dt.datetime
    zone: str
    case_id: str
    code: str
    tag: str
    category: str
    service: str
    body: str
    forward_by: dt.date | None
    decided_by: dt.date | None
    answer_by: dt.date | None
    limit: int | None
    unit: str | None
    source: str
    provisional: bool
    median_days: float | None
    nine_in_ten_days: float | None
    review_days: int | None
    address: str


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def groups(code: str) -> str:
    """A code as it is printed: groups of four, the check character last."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


@cache
def qr_picture(address: str) -> str:
    """The address of the status page as a QR picture (SVG in a data address), for print."""
    code = segno.make_qr(address, error="m")
    return str(code.svg_data_uri(scale=3, border=2, dark="#000", light="#fff", omitsize=True))


def slip_lines(facts: SlipFacts, language: str) -> list[tuple[str, str]]:
    """What the slip says below the code: (heading, sentence) in order."""

    def say(key: str, /, **values: object) -> str:
        return t(f"slip.{key}", language, **values)

    def day(value: dt.date | None) -> str:
        return formats.day(value, language)

    limits = []
    if facts.forward_by:
        limits.append(say("forward_by", body=facts.body, day=day(facts.forward_by)))
    if facts.decided_by:
        limits.append(say("decided_by", day=day(facts.decided_by)))
    if facts.answer_by is None:
        limits.append(say("no_limit"))
    elif facts.limit is None:
        limits.append(say("answer_on", day=day(facts.answer_by)))
    else:
        unit = t(f"casework.unit.{facts.unit}", language)
        from_ = "answer_accepted" if facts.decided_by else "answer_asked"
        limits.append(say(from_, limit=facts.limit, unit=unit, day=day(facts.answer_by)))
    if facts.provisional:
        limits.append(say("provisional"))
    return [
        (say("who"), say("owes", body=facts.body, service=facts.service)),
        (say("limit"), ("" if language == "zh" else " ").join(limits)),
        (say("lately"), _lately(facts, language)),
        (say("appeal"), _appeal(facts, language)),
    ]


def _lately(facts: SlipFacts, language: str) -> str:
    if facts.median_days is None:
        return t("slip.too_few", language)
    median = formats.number(facts.median_days, language)
    if facts.nine_in_ten_days is None:
        return t("slip.half_only", language, category=facts.category, median=median)
    most = formats.number(facts.nine_in_ten_days, language)
    return t("slip.took", language, category=facts.category, median=median, most=most)


def _appeal(facts: SlipFacts, language: str) -> str:
    if facts.review_days is None:
        return t("slip.appeal_plain", language)
    return t("slip.appeal_review", language, days=facts.review_days)


def slip_fragment(facts: SlipFacts, language: str) -> str:
    """One slip as an HTML fragment with its own style, for the screen."""
    return _render("fragment", [facts], language)


def slips_html(slips: Sequence[SlipFacts], language: str) -> str:
    """A whole HTML document: one slip on A6, or several, four on each A4 page, to be printed.

    Raises:
        ValueError: no slip.
    """
    if not slips:
        raise ValueError("no slip to print")
    return _render("document", slips, language)


def _render(form: str, slips: Sequence[SlipFacts], language: str) -> str:
    shown = [
        {
            "facts": facts,
            "groups": groups(facts.code),
            "registered_at": formats.moment(facts.registered_at, language, facts.zone),
            "lines": slip_lines(facts, language),
            "qr": qr_picture(facts.address),
        }
        for facts in slips
    ]

    def say(key: str, /, **values: object) -> str:
        return t(f"slip.{key}", language, **values)

    template = _templates.get_template("slip.html")
    return template.render(
        form=form, slips=shown, language=language, t=say, is_sheet=len(slips) > 1
    )
