"""A published consultation as an official document, to be put on the notice board."""

from __future__ import annotations

import datetime as dt

from casework.consulting import USUAL_DAYS, days_given, is_short
from wording import formats, t

from .consultations import Content, days_of
from .daily_facts import County
from .document import Block, Document, Section, Table
from .word import word_file


def document(said: Content, county: County, language: str) -> Document:
    """A published version as a document: the same words, counts covered as they were frozen."""

    def say(key: str, **values: object) -> str:
        return t(key, language, **values)

    name = county.name_zh if language == "zh" else county.name_en
    first, last = days_of(said)
    where = said["township"][language] if said["township"] else say("consultations.public.county")
    days = say(
        "consultations.public.days_said", first=formats.day(first, language),
        last=formats.day(last, language), days=days_given(first, last),
    )  # fmt: skip
    facts = {
        "kind": say(f"consultations.kind.{said['kind']}"), "where": where,
        "matter": said["matter"],
        "papers": said["papers_place"], "ask": said["ask_desk"], "days": days,
    }  # fmt: skip
    blocks: list[Block] = [
        say("consultations.page.fact", name=say(f"consultations.public.{name}"), said=value)
        for name, value in facts.items()
    ]
    if is_short(first, last) and said["short_reason"]:
        reason = say(f"consultations.short.{said['short_reason']}")
        blocks.append(say("consultations.public.short", usual=USUAL_DAYS, reason=reason))
    if not said["decision"]:
        blocks.append(say("consultations.public.how"))
    sections = [Section("", tuple(blocks))]
    if said["comments"]:
        sections.append(Section(say("consultations.public.comments"), _comments(said, language)))
    if said["decision"]:
        sections.append(Section(say("consultations.public.decision"), _decision(said, language)))
    title = say("consultations.print.title")
    published = dt.datetime.fromisoformat(said["published_at"])
    return Document(
        title=title,
        subtitle=(said["title"],),
        header=say("consultations.print.header", county=name, title=title),
        mark=t("reports.daily.demo_mark", language) if county.is_demo else "",
        sections=(*sections, Section("", (say("consultations.print.again"),))),
        notes=(say("consultations.demo"),) if county.is_demo else (),
        page_marks=(
            t("reports.daily.page_before", language), t("reports.daily.page_after", language),
        ),
        language=language,
        closing=(said["body"][language], formats.moment(published, language, county.zone)),
    )  # fmt: skip


def _comments(said: Content, language: str) -> tuple[Block, ...]:
    if said["comments"]["total"] == 0:
        return (t("consultations.public.comments_none", language),)

    def shown(count: int | None) -> str:
        if count is None:
            return t("consultations.public.mark", language)
        return formats.number(count, language)

    rows = [
        (t(f"consultations.theme.{one['theme']}", language), one["reply"] or "—",
         shown(one["count"]))
        for one in said["comments"]["themes"] if one["count"] != 0
    ]  # fmt: skip
    rows.append((t("consultations.public.all", language), "", shown(said["comments"]["total"])))
    heads = tuple(t(f"consultations.public.{name}", language) for name in ("theme", "reply",
                                                                          "count"))  # fmt: skip
    table = Table(t("consultations.public.comments", language), heads, tuple(rows), 2, (3, 7, 1.5))
    return table, t("consultations.covered", language)


def _decision(said: Content, language: str) -> tuple[Block, ...]:
    decided = said["decision"]
    line = t(
        "consultations.public.decided", language,
        day=formats.day(dt.date.fromisoformat(decided["decided_on"]), language),
        outcome=t(f"consultations.outcome.{decided['outcome']}", language),
    )  # fmt: skip
    if not decided["changes"]:
        return (line,)
    name = t("consultations.public.changes", language)
    return line, t("consultations.page.fact", language, name=name, said=decided["changes"])


def consultation_file(said: Content, county: County, language: str, as_of: dt.datetime) -> bytes:
    """The document as a Word file; `as_of` (aware) stands as its time of making."""
    return word_file(document(said, county, language), {}, as_of)
