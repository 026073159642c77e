"""The written answer (答复意见书) as an official document: what Art. 32 asks for, and the way on.

Also the outcome of a review and of a recheck. It carries the case's number and the office's own
words, unchanged; no name of a person: the office adds whom it goes to. Layout: GB/T 9704-2012, as
in `reports.word`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from data.history import ANSWER_PARTS
from wording import t
from wording.formats import day

from .daily_facts import County
from .document import Document, Section
from .word import word_file

TITLES = {"answered": "title", "reviewed": "reviewed_title", "rechecked": "rechecked_title"}
"""The steps that are written answers, and what the document of each is called."""


@dataclass(frozen=True)
class Answer:
    """A written answer as recorded.

    event: of `TITLES`. at: aware. body: its name in the document's language. words: by part.
    received_on, last_on: if received on that local day, the last one to ask for a review; None =
    the rules give no such right, or it cannot be counted. became: of a suggestion, what became of
    it and why (of `SUGGESTION_OUTCOMES`, `SUGGESTION_REASONS`); None = no suggestion, or not said.
    """

    case_id: str
    event: str
    at: dt.datetime
    body: str
    words: dict[str, str]
    received_on: dt.date | None = None
    last_on: dt.date | None = None
    became: tuple[str, str | None] | None = None


def letter(answer: Answer, county: County, language: str) -> Document:
    """The document's words: one section per part, in the order of Art. 32."""

    def say(key: str, **values: object) -> str:
        return t(f"casepage.letter.{key}", language, **values)

    name = county.name_zh if language == "zh" else county.name_en
    title, number = say(TITLES[answer.event]), say("number", case=answer.case_id)
    parts = [p for p in ANSWER_PARTS if answer.words.get(p, "").strip()]
    sections = [
        Section(t(f"public.part.{part}", language), tuple(answer.words[part].strip().splitlines()))
        for part in parts
    ]
    if answer.became is not None:
        sections.append(_became(*answer.became, language))
    if answer.received_on is not None and answer.last_on is not None:
        received, last = day(answer.received_on, language), day(answer.last_on, language)
        sections.append(Section("", (say("received", day=received, last=last),)))
    made_on = answer.at.astimezone(ZoneInfo(county.zone)).date()
    return Document(
        title=title,
        subtitle=(number,),
        header=say("header", county=name, title=title, number=number),
        mark=t("reports.daily.demo_mark", language) if county.is_demo else "",
        sections=tuple(sections),
        notes=(),
        page_marks=(
            t("reports.daily.page_before", language), t("reports.daily.page_after", language),
        ),
        language=language,
        addressee=say("to"),
        closing=(answer.body, day(made_on, language)),
    )  # fmt: skip


def _became(outcome: str, reason: str | None, language: str) -> Section:
    """What became of a suggestion, in a section of its own."""
    said = t(f"suggestions.outcome.{outcome}", language)
    line = t("suggestions.letter.line", language, outcome=said)
    if reason is not None:
        why = t(f"suggestions.reason.{reason}", language)
        line = t("suggestions.letter.with_reason", language, outcome=said, reason=why)
    return Section(t("suggestions.letter.title", language), (line,))


def letter_file(answer: Answer, county: County, language: str, as_of: dt.datetime) -> bytes:
    """The document as a Word file; `as_of` (aware) stands as its time of making."""
    return word_file(letter(answer, county, language), {}, as_of)


def file_name(answer: Answer, language: str) -> str:
    """What the file is called, without its ending."""
    title = t(f"casepage.letter.{TITLES[answer.event]}", language)
    return t("casepage.letter.file", language, title=title, case=answer.case_id)
