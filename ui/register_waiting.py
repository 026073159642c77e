"""Rows that were refused and wait for their desk: put right here, one by one, or let go of."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from data import quarantine
from data.errors import RowProblem
from data.fields import BY_NAME, FIELDS, POINT, Field, by_header
from data.quarantine import Refused
from data.record import register
from data.rows import Known, check_rows
from data.vocabulary import ROW_DISMISS_REASONS
from data.workbooks import values_of
from service.machines import STAND_IN
from service.sheet import NOT_ASKED

from . import parts, state
from .guard import Viewer
from .register_known import known, slip_facts
from .register_sheet import problems
from .register_slip import show

SHOWN = 100
"""Rows that are drawn; the oldest first, the rest when these are done."""
MENDED = "register_mended"
WRONG = "register_mend_wrong"
UNASKED = "register_mend_unasked"
DISMISSED = "register_dismissed"
"""Session keys: the slip of the row just mended (None = it was registered before); what is still
wrong with a row, by its id; whether a row just sent was nobody's wish and is gone; whether one was
let go of just now."""
_LEFT_OUT = (*POINT, "coordinate_system")


def waiting(viewer: Viewer) -> None:
    """The desk's refused rows, each with a form to mend it and a list of reasons to let it go."""
    _mended(viewer)
    rows = quarantine.waiting(state.db(), viewer.scope)
    if not rows:
        parts.empty(viewer, "register.waiting.empty")
        return
    st.caption(viewer.t("register.waiting.said", count=len(rows)))
    lists = known(viewer)
    for row in rows[:SHOWN]:
        with st.expander(_title(viewer, row), expanded=row.id in _still_wrong()):
            if is_mendable(row):
                _Mend(viewer, row, lists).draw()
            else:
                _as_it_is(viewer, row)
            _dismiss(viewer, row)


def waiting_here(viewer: Viewer) -> None:
    """The rows of a ledger taken over that wait for this office; nothing where none waits."""
    if st.session_state.pop(DISMISSED, False):
        st.success(viewer.t("register.waiting.dismissed"))
    rows = quarantine.waiting(state.db(), viewer.scope)
    if not rows:
        return
    st.warning(viewer.t("register.waiting.taken_over", count=len(rows)))
    with st.container(border=True):
        for row in rows[:SHOWN]:
            with st.expander(_title(viewer, row)):
                _as_it_is(viewer, row)
                _dismiss(viewer, row)


def is_mendable(row: Refused) -> bool:
    """Whether a row came in by our own columns: one of another system's ledger is mended there.

    A machine says no channel: it has its own.
    """
    needed = {field.name for field in FIELDS if field.must_be_given(is_file=True)}
    return needed - ({"channel"} if row.channel else set()) <= row.by_field().keys()


def _still_wrong() -> dict[int, list[RowProblem]]:
    found: dict[int, list[RowProblem]] = st.session_state.setdefault(WRONG, {})
    return found


def _title(viewer: Viewer, row: Refused) -> str:
    return viewer.t(
        "register.waiting.row", file=row.source_name, row=row.row_number,
        at=viewer.moment(row.made_at),
    )  # fmt: skip


def _as_it_is(viewer: Viewer, row: Refused) -> None:
    problems(viewer, list(row.problems))
    cells = [(name, cell) for name, cell in row.cells.items() if cell]
    heads = [viewer.t(f"register.waiting.{name}") for name in ("column", "value")]
    parts.table(heads, cells, numbers_from=2, stacks=True)


def _dismiss(viewer: Viewer, row: Refused) -> None:
    reason = st.selectbox(
        viewer.t("register.waiting.why"), ROW_DISMISS_REASONS, index=None,
        format_func=lambda code: viewer.t(f"register.waiting.reason.{code}"),
        placeholder=viewer.t("register.form.pick"), key=f"register_dismiss_why_{row.id}",
    )  # fmt: skip
    if st.button(
        viewer.t("register.waiting.dismiss"), key=f"register_dismiss_{row.id}",
        disabled=reason is None,
    ):  # fmt: skip
        quarantine.dismiss(state.db(), viewer.scope, row.id, reason or "")
        _still_wrong().pop(row.id, None)
        st.session_state[DISMISSED] = True  # said in this tab: above the tabs it would close it
        st.rerun()


def _mended(viewer: Viewer) -> None:
    """The slip of the row that was mended a moment ago, shown once."""
    if st.session_state.pop(DISMISSED, False):
        st.success(viewer.t("register.waiting.dismissed"))
    if st.session_state.pop(UNASKED, False):
        st.error(viewer.t(NOT_ASKED))
    if MENDED not in st.session_state:
        return
    facts, notes, is_repeat = st.session_state[MENDED]
    for note in notes:
        st.info(note.text(viewer.language))
    if facts is None:
        st.warning(viewer.t("register.slip.repeat"))
    else:
        show(viewer, facts, viewer.t(f"register.slip.{'again' if is_repeat else 'made'}"))
    if st.button(viewer.t("register.waiting.next"), key="register_mend_next"):
        del st.session_state[MENDED]
        st.rerun()


class _Mend:
    """The form of one row: what it says, what is wrong beside each field, and sending it."""

    def __init__(self, viewer: Viewer, row: Refused, lists: Known) -> None:
        self.viewer, self.row, self.lists = viewer, row, lists
        self.said = row.by_field()
        self.values: dict[str, str] = {}
        self.wrong: dict[str, list[RowProblem]] = {}
        for problem in _still_wrong().get(row.id, list(row.problems)):
            found = by_header(problem.column)
            self.wrong.setdefault(found.name if found else "", []).append(problem)

    def draw(self) -> None:
        fields = [field for field in FIELDS if field.name not in _LEFT_OUT]
        with st.form(f"register_mend_{self.row.id}", border=False):
            self._beside("")
            short = [field for field in fields if field.name != "summary"]
            for start in range(0, len(short), 2):  # line by line, so that a phone keeps the order
                for field, column in zip(short[start : start + 2], st.columns(2), strict=False):
                    with column:
                        self._field(field)
            self._field(BY_NAME["summary"])
            is_sent = st.form_submit_button(self.viewer.t("register.waiting.mend"), type="primary")
        if is_sent:
            self._send()
            st.rerun()

    def _beside(self, name: str) -> None:
        for problem in self.wrong.get(name, []):
            st.error(problem.text(self.viewer.language))

    def _field(self, field: Field) -> None:
        said, language = self.said.get(field.name, ""), self.viewer.language
        key, label = f"register_mend_{field.name}_{self.row.id}", field.header(language)
        offered, is_needed = values_of(field.name, self.lists, language), field.is_required
        chosen: str | None
        if field.name == "channel" and self.row.channel is not None:
            # the checks know staff's channels only, and the machine's own is put back after them
            chosen = field.choice(STAND_IN, language)
            shown = self.viewer.t(f"words.channel.{self.row.channel}")
            st.text_input(label, shown, disabled=True, key=key)
            st.caption(self.viewer.t("register.waiting.channel_kept"))
        elif offered:
            meant = self._meant(field, said)
            chosen = st.selectbox(
                label, offered, index=offered.index(meant) if meant in offered else None,
                help=field.meaning(language), key=key,
                placeholder=self.viewer.t(f"register.form.{'pick' if is_needed else 'none'}"),
            )  # fmt: skip
            if said and meant not in offered:
                st.caption(self.viewer.t("register.waiting.was", said=said[:80]))
        elif field.name == "summary":
            chosen = st.text_area(label, said, help=field.meaning(language), key=key)
        else:
            chosen = st.text_input(label, said, help=field.meaning(language), key=key)
        self.values[label] = chosen or ""
        self._beside(field.name)

    def _meant(self, field: Field, said: str) -> str:
        """The word of our list that a cell means; the cell itself where it means none."""
        language = self.viewer.language
        if field.choices:
            found = field.find(said)
            return said if found is None else field.choice(found, language)
        if field.name == "category":
            category = self.lists.categories.find(said)
            return said if category is None else category.names[language]
        named = {"body": self.lists.bodies, "township": self.lists.townships}.get(field.name)
        if named is not None:
            codes = "body_id" if field.name == "body" else "township_code"
            is_it = (named[[codes, "name_zh", "name_en"]] == said).any(axis="columns")
            if said and is_it.sum() == 1:
                return str(named.loc[is_it, f"name_{language}"].iloc[0])
        return said

    def _send(self) -> None:
        viewer = self.viewer
        frame = pd.DataFrame([self.values], index=[self.row.row_number], dtype="str")
        checked = check_rows(
            frame, self.lists, state.db().now(), viewer.county.zone,
            is_file=True, language=viewer.language,
        )  # fmt: skip
        if any(problem.key == NOT_ASKED for problem in checked.problems):
            # nobody asked for it: nothing of it is kept
            quarantine.dismiss(state.db(), viewer.scope, self.row.id, "not_asked")
            _still_wrong().pop(self.row.id, None)
            st.session_state[UNASKED] = True
            return
        _still_wrong()[self.row.id] = checked.problems
        if checked.problems:
            return
        [case] = checked.good
        if self.row.channel is not None:
            case = replace(case, channel=self.row.channel, is_typed=True)
        done = register(state.db(), viewer.scope, case)
        quarantine.mended(state.db(), viewer.scope, self.row.id, done.case_id)
        _still_wrong().pop(self.row.id)
        facts = None if done.slip is None else slip_facts(viewer, done.slip)
        st.session_state[MENDED] = (facts, checked.notes, done.is_repeat)
