"""Accounts from a sheet, for the administrator: template, upload, what is wrong, invitations."""

from __future__ import annotations

import streamlit as st

from data import account_sheet
from data.audit import write_export

from . import load, parts, state
from .guard import Viewer
from .register_sheet import problems

NUMBER = "account_sheet_number"
MADE = "account_sheet_made"
"""Session keys: counts the uploads; the invitations just made, until the next sheet."""
MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def many(viewer: Viewer, address: str) -> None:
    """Template, upload, outcome; `address`: of this server as the browser reached it."""
    made = st.session_state.get(MADE)
    with st.expander(viewer.t("accountsheet.open"), expanded=made is not None, key="account_sheet"):
        if made is not None:
            _handed_over(viewer, made, address)
            return
        st.markdown(viewer.t("accountsheet.how"))
        st.download_button(
            viewer.t("accountsheet.template"),
            lambda: account_sheet.template(state.db(), viewer.scope, viewer.language),
            viewer.t("accountsheet.template_file") + ".xlsx", MIME, on_click="ignore",
            key="account_template",
        )  # fmt: skip
        upload = st.file_uploader(
            viewer.t("accountsheet.upload"), type=["xlsx", "xls", "csv"],
            key=f"account_file_{st.session_state.get(NUMBER, 0)}",
        )  # fmt: skip
        if upload is not None:
            with parts.told(viewer):
                _checked(viewer, upload.getvalue(), upload.name)


def _checked(viewer: Viewer, data: bytes, file: str) -> None:
    rows, wrong = account_sheet.checked(state.db(), viewer.scope, data, file)
    if wrong:
        st.error(viewer.t("accountsheet.mend"))
        problems(viewer, wrong)
        return
    names = load.body_names(viewer)
    heads = [viewer.t(f"accountsheet.column.{name}") for name in account_sheet.COLUMNS]
    parts.table(
        heads,
        [
            [one.login, viewer.t(f"words.role.{one.role}"), str(names.get(one.body_id, "—"))]
            for one in rows
        ],
        numbers_from=len(heads),
    )
    if st.button(
        viewer.t("accountsheet.make", count=viewer.number(len(rows))), type="primary",
        key="account_sheet_make",
    ):  # fmt: skip
        st.session_state[MADE] = account_sheet.make(state.db(), viewer.scope, rows)
        st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
        st.rerun()


def _handed_over(viewer: Viewer, made: list[account_sheet.Invited], address: str) -> None:
    st.success(viewer.t("accountsheet.made", count=viewer.number(len(made))))
    name = viewer.t("accountsheet.invitations_file") + ".xlsx"

    def file() -> bytes:
        write_export(state.db(), viewer.scope, name)
        return account_sheet.invitations(state.db(), viewer.scope, made, address, viewer.language)

    st.download_button(
        viewer.t("accountsheet.invitations"), file, name, MIME, on_click="ignore",
        type="primary", key="account_invitations",
    )  # fmt: skip
    st.caption(viewer.t("accountsheet.once"))
    st.button(viewer.t("accountsheet.next"), on_click=_forget, key="account_sheet_next")


def _forget() -> None:
    st.session_state.pop(MADE, None)
