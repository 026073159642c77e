"""Consultations on the staff's page: the list, one of them as it is worked on and as it would be
published, the button of a supervisor, the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from casework.consulting import STAGES
from data import consultation_issues, consultations
from data.audit import write_export
from data.consultations import CLERKS, Consultation
from data.errors import ProjectError
from reports.consultation_print import consultation_file
from reports.consultations import Content, step_of, to_csv
from reports.daily_facts import County
from service import consultations as served
from service.consultations import Next

from . import badges, consultation_forms, lists, load, parts, state
from .guard import Viewer
from .listing import Column, Listing

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def as_now(viewer: Viewer) -> None:
    """Says, where an earlier day was chosen, that these pages show today."""
    if viewer.is_earlier:
        st.info(viewer.t("consultations.page.as_now"))


def worked_on(viewer: Viewer) -> Consultation | None:
    """The list of what the viewer's bodies work on (a supervisor: all), and the one that is open:
    the one picked, else the first."""
    is_clerk = viewer.scope.role in CLERKS
    found = consultations.read_all(state.db(), viewer.scope)
    st.header(viewer.t(f"consultations.page.{'list' if is_clerk else 'list_all'}"), anchor=False)
    if not found:
        parts.empty(viewer, f"consultations.page.{'none' if is_clerk else 'none_all'}")
        return None
    st.caption(viewer.t("consultations.page.pick"))
    shown = lists.draw(viewer, _listing(viewer, found))
    parts.about("consultation_waited")
    picked = lists.opened(shown)
    return next((one for one in found if one.consultation_id == picked), found[0])


def _listing(viewer: Viewer, found: Sequence[Consultation]) -> Listing:
    t, names = viewer.t, load.body_names(viewer)
    issues = {
        one.consultation_id: one
        for one in consultation_issues.newest(state.db(), viewer.scope)
    }  # fmt: skip
    stands = []
    for one in found:
        issue = issues.get(one.consultation_id)
        is_decided = issue is not None and issue.said()["decision"] is not None
        at = served.where_now(state.db(), one, is_decided)
        stands.append(("draft", None, 0) if issue is None
                      else (at.stage, at.days_waited, issue.number))  # fmt: skip

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"consultations.page.head_{name}"), pd.Series(values), **more)

    def version(number: str) -> str:
        key = "version" if number != "0" else "version_none"
        return t(f"consultations.page.{key}", **({"number": number} if number != "0" else {}))

    columns = (
        column("title", [one.notice.title for one in found], is_found=True),
        column(
            "body", [one.notice.body_id for one in found], is_cut=True,
            word=lambda value: str(names.get(value, value)),
        ),
        column(
            "stage", [stage for stage, _, _ in stands], is_cut=True,
            word=lambda value: badges.text(viewer, "consultation", value),
        ),
        column("last", [pd.Timestamp(one.notice.ends_on) for one in found], kind="day"),
        column("waited", [waited for _, waited, _ in stands], kind="number"),
        column("public", [str(number) for _, _, number in stands], word=version),
    )  # fmt: skip
    ids = pd.Series([one.consultation_id for one in found])
    return Listing(
        "consultations", ids, columns, link=lambda number: lists.open_link(viewer, number)
    )


def published_list(viewer: Viewer) -> None:
    """What is published, by stage, for those who only read."""
    found = served.listed(state.db(), viewer.scope)
    if not any(found.values()):
        parts.empty(viewer, "consultations.page.none_public")
        return
    lists.draw(viewer, _published(viewer, [one for name in STAGES for one in found[name]]))
    parts.about("consultation_waited")


def _published(viewer: Viewer, found: list[served.Listed]) -> Listing:
    t = viewer.t
    # as they were called when it was published
    names = {one.said["body"]["zh"]: one.said["body"][viewer.language] for one in found}

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"consultations.page.head_{name}"), pd.Series(values), **more)

    decisions = [one.said["decision"] for one in found]
    columns = (
        column("title", [one.said["title"] for one in found], is_found=True),
        column(
            "body", [one.said["body"]["zh"] for one in found], is_cut=True,
            word=lambda value: names[value],
        ),
        column(
            "stage", [one.where.stage for one in found], is_cut=True,
            word=lambda value: badges.text(viewer, "consultation", value),
        ),
        column("last", [pd.Timestamp(served.days_of(one.said)[1]) for one in found], kind="day"),
        column("waited", [one.where.days_waited for one in found], kind="number"),
        column(
            "outcome", [None if one is None else one["outcome"] for one in decisions], is_cut=True,
            word=lambda value: t(f"consultations.outcome.{value}"),
        ),
    )  # fmt: skip
    ids = pd.Series([one.issue.consultation_id for one in found])
    return Listing("published", ids, columns)


def files(viewer: Viewer) -> None:
    """Everything that is published as one CSV; noted in the log."""
    issues = consultation_issues.newest(state.db(), viewer.scope)
    if not issues:
        return

    def made() -> bytes:
        write_export(state.db(), viewer.scope, "consultations.csv")
        return to_csv([one.said() for one in issues])

    st.download_button(
        viewer.t("consultations.page.csv"), made, "consultations.csv", "text/csv",
        key="consultation_csv", on_click="ignore",
    )  # fmt: skip
    parts.note(viewer.t("consultations.page.exported"))


def working(viewer: Viewer, one: Consultation) -> None:
    """What the body works on: its words and the exact counts, for the body and the supervisor."""
    t, notice = viewer.t, one.notice
    place = t("consultations.page.county")
    if notice.township_code:
        names = load.township_names(viewer)
        place = str(names.get(notice.township_code, notice.township_code))
    facts = {
        "kind": t(f"consultations.kind.{notice.kind}"), "township": place,
        "matter": notice.matter, "papers_place": notice.papers_place, "ask_desk": notice.ask_desk,
        "starts_on": viewer.day(notice.starts_on), "ends_on": viewer.day(notice.ends_on),
    }  # fmt: skip
    if notice.short_reason:
        facts["short_reason"] = t(f"consultations.short.{notice.short_reason}")
    if one.decision:
        facts["outcome"] = t(f"consultations.outcome.{one.decision.outcome}")
        facts["decided_on"] = viewer.day(one.decision.decided_on)
        facts["changes"] = one.decision.changes or "—"
    parts.lines(
        t("consultations.page.fact", name=t(f"consultations.column.{name}"), said=said)
        for name, said in facts.items()
    )
    if one.comments:
        heads = [t("consultations.column.theme"), t("consultations.public.reply"),
                 t("consultations.page.exact")]  # fmt: skip
        rows = [
            (t(f"consultations.theme.{theme}"), said.reply or "—", viewer.number(said.count))
            for theme, said in one.comments.items()
        ]
        parts.table(heads, rows, 2, stacks=True)
    _print(viewer, one)
    issues = consultation_issues.versions(state.db(), viewer.scope, one.consultation_id)
    if issues:
        parts.note(t("consultations.page.versions"))
        parts.lines(_version(viewer, issue) for issue in reversed(issues))


def _version(viewer: Viewer, issue: consultation_issues.Issue) -> str:
    step = viewer.t(f"consultations.step.{step_of(issue.said())}")
    line = viewer.t("consultations.public.version_line", at=viewer.moment(issue.at()),
                    step=step)  # fmt: skip
    return f"{viewer.t('consultations.public.version', number=issue.number)} · {line}"


def _print(viewer: Viewer, one: Consultation) -> None:
    """The notice as a Word file for the notice board, as it was published last."""
    issues = consultation_issues.versions(state.db(), viewer.scope, one.consultation_id)
    if not issues:
        return
    name = viewer.t("consultations.page.word_file", county=viewer.county_name)

    def made() -> bytes:
        write_export(state.db(), viewer.scope, f"{name} {one.consultation_id}.docx")
        facts = viewer.county
        county = County(facts.name_zh, facts.name_en, facts.zone, facts.is_demo)
        return consultation_file(issues[-1].said(), county, viewer.language, issues[-1].at())

    st.download_button(
        viewer.t("consultations.page.word"), made, f"{name}.docx", WORD, key="consultation_word",
        on_click="ignore",
    )  # fmt: skip


def forms(viewer: Viewer, one: Consultation | None) -> None:
    """The clerk's forms."""
    if one is not None and one.notice.body_id in viewer.scope.bodies:
        consultation_forms.change(viewer, one)
        consultation_forms.comments(viewer, one)
        consultation_forms.decision(viewer, one)
    consultation_forms.new(viewer)


def publishing(viewer: Viewer, one: Consultation) -> None:
    """What a supervisor would publish now, what stands in its way, and the button."""
    t, made = viewer.t, served.next_version(state.db(), viewer.scope, one)
    st.header(t("consultations.page.publish_title"), anchor=False)
    for key, values in made.lacks:
        st.error(t(f"consultations.lacks.{key}", **values))
    if made.unanswered:
        themes = (t(f"consultations.theme.{theme}") for theme in made.unanswered)
        named = t("consultations.and").join(themes)
        st.warning(t("consultations.page.unanswered", themes=named))
    if made.lacks or (made.unanswered and not made.is_new):
        return
    if not made.is_new:
        st.success(t("consultations.page.nothing_new"))
        return
    brings = (t(f"consultations.page.part_{part}") for part in made.brings)
    named = t("consultations.and").join(brings)
    st.markdown(t("consultations.page.publish_what", number=made.number, parts=named))
    _preview(viewer, made)
    label = t("consultations.page.publish", number=made.number)
    if st.button(label, type="primary", key="consultation_publish"):
        try:
            served.publish(state.db(), viewer.scope, one.consultation_id, made.number)
        except ProjectError as err:
            st.error(err.text(viewer.language))
            return
        parts.say_after_rerun(t("consultations.page.published", number=made.number))


def _preview(viewer: Viewer, made: Next) -> None:
    said: Content = made.content
    if not said["comments"]:
        return
    t, mark = viewer.t, viewer.t("consultations.public.mark")
    parts.note(t("consultations.page.preview"))
    counted = [*((t(f"consultations.theme.{one['theme']}"), one["count"])
                 for one in said["comments"]["themes"] if one["count"] != 0),
               (t("consultations.public.all"), said["comments"]["total"])]  # fmt: skip
    rows = [(name, mark if count is None else viewer.number(count)) for name, count in counted]
    heads = [t("consultations.public.theme"), t("consultations.public.count")]
    parts.table(heads, rows, 1)
    parts.note(t("consultations.covered"))
