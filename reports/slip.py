"""The receipt: what the one who asked takes home. Facts in; a PDF to print, a picture on screen.

A single slip is an A6 page; several are a sheet of A4 pages with four each. The QR code holds the
address of the status page and nothing else: never the code (DOMAIN.md §10).
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import segno
import typst
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
    address: of the status page. answered_on: local day of an answer already given; None = none is.
    is_reissued: a further code for a lost slip, which waits some days before it may do all.
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
    answered_on: dt.date | None = None
    is_reissued: bool = False


_HOME = Path(__file__).parent / "templates"
_FONTS = Path(__file__).parent / "fonts"
_templates = Environment(
    loader=FileSystemLoader(_HOME),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def groups(code: str) -> str:
    """A code as it is printed: groups of four, the check character last."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


@cache
def _qr_svg(address: str) -> str:
    """The address of the status page as a QR picture (SVG)."""
    drawn = io.BytesIO()
    segno.make_qr(address, error="m").save(
        drawn,
        kind="svg",
        xmldecl=False,
        scale=3,
        border=2,
        dark="#000",
        light="#fff",
        omitsize=True,
    )
    return drawn.getvalue().decode()


@cache
def qr_picture(address: str) -> str:
    """`_qr_svg` as a data address, for a page."""
    return "data:image/svg+xml;base64," + base64.b64encode(_qr_svg(address).encode()).decode()


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
    if facts.answered_on is not None:
        limits.append(say("answered", day=day(facts.answered_on)))
    elif facts.answer_by is None:
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

    def say(key: str, /, **values: object) -> str:
        return t(f"slip.{key}", language, **values)

    slip = _shown(facts, language) | {"picture": qr_picture(facts.address)}
    return _templates.get_template("slip.html").render(slip=slip, language=language, t=say)


def slips_pdf(slips: Sequence[SlipFacts], language: str) -> bytes:
    """The slips as PDF: one on A6, or several, four on each A4 page.

    What people wrote is handed over as data and set as text, so nothing in it is a command. Set in
    the project's own font, embedded; the same slips give the same bytes.

    Raises:
        ValueError: no slip.
    """
    if not slips:
        raise ValueError("no slip to print")
    names = (
        "title", "qr", "registered", "code", "tag", "number", "number_note", "where", "keep",
    )  # fmt: skip
    given: dict[str, object] = {name: t(f"slip.{name}", language) for name in names}
    given |= {
        "lang": language,
        "slips": [_shown(facts, language) | {"qr": _qr_svg(facts.address)} for facts in slips],
    }
    made = typst.compile(
        _HOME / "slip.typ",
        format="pdf",
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"slips": json.dumps(given, ensure_ascii=False)},
        timestamp=int(max(facts.registered_at for facts in slips).timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def _shown(facts: SlipFacts, language: str) -> dict[str, object]:
    """What both forms of a slip set."""
    marks = [t("slip.demo", language)] if facts.is_demo else []
    if facts.is_reissued:
        marks.append(t("slip.reissued", language))
    return {
        "county": facts.county,
        "category": facts.category,
        "registered_at": formats.moment(facts.registered_at, language, facts.zone),
        "marks": marks,
        "code": groups(facts.code),
        "tag": facts.tag,
        "case_id": facts.case_id,
        "address": facts.address,
        "lines": slip_lines(facts, language),
    }
