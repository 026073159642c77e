"""The letter of an assignment: 交办函 about a case, 督办函 without one, as an official document.

Number, body, step and day; no name of a person and nothing of a case's text: the case stands in
it by its number alone. Layout: GB/T 9704-2012, as in `reports.word`.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from data.assigned import Assignment
from wording import t
from wording.formats import day

from .daily_facts import County
from .document import Document, Section
from .word import word_file

_TITLES = {"notice": "title_notice", "instruction": "title_instruction"}


def letter(one: Assignment, county: County, body: str, language: str) -> Document:
    """The letter's words.

    Args:
        one: of a case (its number is named) or without one. body: the body's name in `language`.
    """

    def say(key: str, **values: object) -> str:
        return t(f"assignments.letter.{key}", language, **values)

    name = county.name_zh if language == "zh" else county.name_en
    made_on = one.at.astimezone(ZoneInfo(county.zone)).date()
    title = say(_TITLES.get(one.origin, "title_case"))
    number = say("number", year=made_on.year, id=one.assignment_id)
    step = t(f"assignments.step.{one.step}", language)
    if one.is_of_a_case:
        what = [say("case", case=one.case_id, step=step)]
        if one.origin == "flag":
            what.append(say("flag"))
    else:
        subject = t(f"assignments.subject.{one.subject}", language)
        what = [say("subject", subject=subject, step=step)]
    blocks = [*what, say("due", day=day(one.due_on, language)), say("late")]
    if one.is_of_a_case:
        blocks += [say("own_clock"), say("shown")]
    return Document(
        title=title,
        subtitle=(number,),
        header=say("header", county=name, title=title, number=number),
        mark=t("reports.daily.demo_mark", language) if county.is_demo else "",
        sections=(Section("", tuple(blocks)),),
        notes=(say("demo"),) if county.is_demo else (),
        page_marks=(
            t("reports.daily.page_before", language), t("reports.daily.page_after", language),
        ),
        language=language,
        addressee=say("to", body=body),
        closing=(say("signed", county=name), day(made_on, language)),
    )  # fmt: skip


def letter_file(
    one: Assignment, county: County, body: str, language: str, as_of: dt.datetime
) -> bytes:
    """The letter as a Word file; `as_of` (aware) stands as its time of making."""
    return word_file(letter(one, county, body, language), {}, as_of)


def file_name(one: Assignment, language: str) -> str:
    """What the letter's file is called, without its ending."""
    title = t(f"assignments.letter.{_TITLES.get(one.origin, 'title_case')}", language)
    return t("assignments.letter.file", language, title=title, id=one.assignment_id)
