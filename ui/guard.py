"""The door of every staff page: who looks, how far they reach, as of when, in which language.

The shell calls `enter` and every page calls it again: a page must be safe by itself, whatever
the server runs first (DESIGN.md §2).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import escape
from typing import NoReturn
from weakref import ref
from zoneinfo import ZoneInfo

import streamlit as st

from data.accounts import LIFETIME, SignedIn, session_of
from data.db import County
from data.scope import Scope
from data.sessions import IDLE
from data.vocabulary import ROLES
from wording import LANGUAGES, formats, t

from . import kept, state

COOKIE = "zaojie_session"
"""Name of the session's cookie: HttpOnly, its value only ever compared by its hash."""
LANGUAGE_KEY = "language"
DAY_KEY = "as_of"
"""Both names: of the widget in the sidebar and of the parameter in the address."""
ACTED = "acted"
"""Key of the session: something was done in the run before."""
SPOKEN = "spoken"
"""Key of the session: the language of the run before, for a page that was led to without one in its
address: Streamlit then forgets what the widget was set to."""
WAS_IN = "was_in"
"""Key of the session: somebody was let in to this open page; gone when they sign out on it."""


@dataclass(frozen=True)
class Viewer:
    """Who looks at a page.

    scope: how far they see; every read takes it. login: of the account, for the page's head.
    language: zh or en. county: what this database is.
    role_count: how many roles the account has now.
    own_language: what the account chose last; None = never chosen.
    as_of: aware moment (UTC) of everything shown. latest: the moment it is when no earlier day
        was chosen. In an extract that ended both lie on its last day. seen: what is kept of that
        moment, of who sees the county's figures (`ui.kept`).
    """

    scope: Scope
    login: str
    language: str
    county: County
    as_of: dt.datetime
    latest: dt.datetime
    role_count: int = 1
    own_language: str | None = None
    seen: kept.Seen | None = None

    def t(self, key: str, /, **values: object) -> str:
        """The text of a catalogue key in the viewer's language."""
        return t(key, self.language, **values)

    def day(self, value: dt.date | None, weekday: bool = False) -> str:
        """A calendar day in words; "—" when missing."""
        return formats.day(value, self.language, weekday)

    def moment(self, value: dt.datetime | None) -> str:
        """An instant (aware) in the county's local time; "—" when missing."""
        return formats.moment(value, self.language, self.county.zone)

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number; "—" when missing."""
        return formats.number(value, self.language, digits)

    def percent(self, value: float | None, digits: int = 1) -> str:
        """A share (0-1) as percent; "—" when missing."""
        return formats.percent(value, self.language, digits)

    @property
    def today(self) -> dt.date:
        """The local day of `as_of`."""
        return self.as_of.astimezone(ZoneInfo(self.county.zone)).date()

    @property
    def latest_day(self) -> dt.date:
        """The local day of `latest`."""
        return self.latest.astimezone(ZoneInfo(self.county.zone)).date()

    @property
    def is_earlier(self) -> bool:
        """Whether an earlier day was chosen: what is shown then cannot be acted on."""
        return self.as_of < self.latest

    @property
    def name_column(self) -> str:
        """Which of `name_zh`, `name_en` of a table this viewer reads."""
        return f"name_{self.language}"

    @property
    def county_name(self) -> str:
        """The county's name in the viewer's language."""
        return self.county.name_zh if self.language == "zh" else self.county.name_en


def enter(*roles: str) -> Viewer:
    """The viewer of this page, or a sentence and the end of the script.

    Args:
        roles: who may see the page; none = every staff role (the shell).

    Without a session, with a one-time password not yet changed or in another role, the page says
    so, links to the way on, and runs no further.
    """
    language = chosen_language()
    signed_in = session_of(state.db(), session_token(), _address())
    if signed_in is None:
        if st.session_state.get(WAS_IN):
            _refuse_with(*over_said(language), language, "sign-in", "states.sign_in_again")
        _refuse("ui.guard.signed_out", language, "sign-in", "ui.guard.to_sign_in")
    if signed_in.must_change:
        _refuse("ui.guard.must_change", language, "password", "ui.guard.to_password")
    if signed_in.needs_factor:
        _refuse("access.door.needs_factor", language, "second-factor", "access.door.to_factor")
    if signed_in.scope.role not in (roles or ROLES):
        named = t("reports.separator", language).join(t(f"words.role.{r}", language) for r in roles)
        own = t(f"words.role.{signed_in.scope.role}", language)
        whose = t("states.whose", language, roles=named, own=own)
        _refuse("ui.guard.other_role", language, ".", "ui.guard.to_start", whose)
    st.session_state[WAS_IN] = True
    return _viewer(signed_in, language)


def still(*roles: str) -> Viewer:
    """`enter` for a part of a page that is drawn again by itself (`st.fragment`).

    The shell does not run before such a part. Whose session is over by then is told so in the
    place of the whole page, not within what it still shows.
    """
    if role_here() not in roles:
        st.rerun()
    return enter(*roles)


def role_here() -> str | None:
    """The role of whoever is there; None without a session or while the door asks for more."""
    signed_in = session_of(state.db(), session_token())
    return None if signed_in is None or signed_in.first else signed_in.scope.role


def session_token() -> str | None:
    """The session's token as the browser sent it; the one place that reads the cookie."""
    return st.context.cookies.get(COOKIE)


def _address() -> str:
    """The network address of whoever looks; empty where it is not known (this very machine)."""
    return st.context.ip_address or ""


def chosen_language() -> str:
    """The language chosen in the sidebar, else in the address, else of the page before, else the
    one of a first visit.

    In a new session without one in the address, the account's own is as if chosen there.
    """
    said = st.session_state.get(LANGUAGE_KEY), st.query_params.get("lang")
    for choice in (*said, st.session_state.get(SPOKEN)):
        if choice in LANGUAGES:
            return choice
    return state.settings().language


def follow_account() -> None:
    """A session that begins without a language in the address begins in the account's own."""
    has_begun = LANGUAGE_KEY in st.session_state or SPOKEN in st.session_state
    if has_begun or st.query_params.get("lang") in LANGUAGES:
        return
    signed_in = session_of(state.db(), session_token())
    if signed_in is not None and signed_in.language in LANGUAGES:
        st.session_state[LANGUAGE_KEY] = signed_in.language


def over_said(language: str) -> tuple[str, str]:
    """What is said when a session ended meanwhile: why, and what became of the last press."""
    minutes, hours = IDLE // dt.timedelta(minutes=1), LIFETIME // dt.timedelta(hours=1)
    why = t("states.over", language, minutes=str(minutes), hours=str(hours))
    return why, t("states.over_undone", language)


def _refuse(key: str, language: str, path: str, link_key: str, whose: str = "") -> NoReturn:
    _refuse_with(t(key, language), whose, language, path, link_key)


def _refuse_with(said: str, more: str, language: str, path: str, link_key: str) -> NoReturn:
    st.html(
        f'<div role="alert" class="zj-door"><p>{escape(said)}</p><p>{escape(more)}</p>'
        f'<p><a href="{path}?lang={language}" target="_self">{escape(t(link_key, language))}</a>'
        "</p></div>"
    )
    st.stop()


def _viewer(signed_in: SignedIn, language: str) -> Viewer:
    db, scope, seen = state.db(), signed_in.scope, None
    county = db.county()
    if scope.sees_county_figures:
        if st.session_state.pop(ACTED, False):
            kept.soon(db)
        moment = kept.current(db)
        latest, seen = moment.as_of, ref(moment)
    else:
        latest = kept.newest_moment(db)
    as_of = latest
    day = _chosen_day() if scope.sees_county_figures else None
    if day is not None:
        as_of = min(latest, end_of_day(day, county.zone))
    return Viewer(
        scope, signed_in.login, language, county, as_of, latest, len(signed_in.roles),
        signed_in.language, seen,
    )  # fmt: skip


def _chosen_day() -> dt.date | None:
    """The earlier day in the sidebar, else in the address; None = now."""
    if DAY_KEY in st.session_state:
        chosen = st.session_state[DAY_KEY]
        return chosen if isinstance(chosen, dt.date) else None
    try:
        return dt.date.fromisoformat(st.query_params.get(DAY_KEY, ""))
    except ValueError:
        return None


def end_of_day(day: dt.date, zone: str) -> dt.datetime:
    """The end of a local day, as an instant (UTC)."""
    end = dt.datetime.combine(day, dt.time.max, ZoneInfo(zone))
    return end.astimezone(dt.UTC)
