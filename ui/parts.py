"""Parts that every staff page shares: head, ribbon, sidebar, figures, tables, failures.

Whatever is put into HTML here is escaped here.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any, NamedTuple, NoReturn

import streamlit as st
from markupsafe import Markup
from markupsafe import escape as cell_html

from data.accounts import keep_language, session_of, sign_out
from data.errors import ProjectError
from data.failures import trace_of
from reports.daily_facts import Reminder
from reports.document import Document, Table
from reports.rates import Rate
from wording import LANGUAGES, t

from . import address, guard, how, load, state
from .guard import DAY_KEY, LANGUAGE_KEY, SPOKEN, Viewer, chosen_language

FIRST_DAY = dt.date(1990, 1, 1)
"""Earliest day that can be chosen: an extract may have ended long before Streamlit's own range."""

_log = logging.getLogger("zaojie")


def head(viewer: Viewer, page: str) -> None:
    """A page's head: title, purpose line, as of when, whose figures (`ui.<page>.title`)."""
    st.title(viewer.t(f"ui.{page}.title"), anchor=False)
    facts = (
        (viewer.t("ui.head.as_of"), viewer.moment(viewer.as_of)),
        (viewer.t("ui.head.scope"), scope_text(viewer)),
    )
    shown = "".join(f"<span>{escape(k)} <b>{escape(v)}</b></span>" for k, v in facts)
    purpose = escape(viewer.t(f"ui.{page}.purpose"))
    # where the way past the menu leads (`ui.start_page`)
    st.html(
        f'<div class="zj-head" id="zj-content" tabindex="-1"><span>{purpose}</span>{shown}</div>'
    )


def scope_text(viewer: Viewer) -> str:
    """Whose figures a viewer sees, in words: the county, or the body they sit in."""
    if viewer.scope.desk is None:
        return viewer.county_name
    return str(load.body_names(viewer).get(viewer.scope.desk, viewer.scope.desk))


def ribbon(viewer: Viewer) -> None:
    """What must not be overlooked: that data are made up, that an earlier day is shown."""
    if viewer.county.is_demo:
        st.html(f'<div class="zj-ribbon" role="note">{escape(viewer.t("ui.ribbon.demo"))}</div>')
    if viewer.is_earlier:
        text = viewer.t("ui.ribbon.earlier", day=viewer.day(viewer.today))
        st.html(f'<div class="zj-ribbon zj-earlier" role="note">{escape(text)}</div>')


def ribbon_line(text: str, kind: str) -> None:
    """One line across the page that must not be overlooked; `kind` is its style."""
    st.html(f'<div class="zj-ribbon {escape(kind)}" role="note">{escape(text)}</div>')


def sidebar(viewer: Viewer) -> None:
    """Language, day and sign-out; what was chosen stays in the session and in the address."""
    st.session_state.setdefault(LANGUAGE_KEY, viewer.language)
    st.session_state[SPOKEN] = viewer.language
    if viewer.scope.sees_county_figures:
        chosen = viewer.today if viewer.is_earlier else None
        st.session_state.setdefault(DAY_KEY, chosen)
    with st.sidebar:
        who = viewer.t(f"words.role.{viewer.scope.role}")
        st.html(
            f'<div class="zj-head" data-language="{viewer.language}">'
            f"<b>{escape(viewer.login)}</b><span>{escape(who)}</span></div>"
        )
        st.html(_account_links(viewer))
        if viewer.scope.sees_county_figures:
            st.date_input(
                viewer.t("ui.sidebar.as_of"),
                key=DAY_KEY,
                min_value=FIRST_DAY,
                max_value=viewer.latest_day,
                format="YYYY-MM-DD",
                help=viewer.t("ui.sidebar.as_of_help"),
            )
        st.segmented_control(
            viewer.t("ui.sidebar.language"),
            LANGUAGES,
            key=LANGUAGE_KEY,
            format_func=lambda code: t("ui.language_name", code),
            required=True,
            on_change=_keep_language,
        )
        if st.button(viewer.t("ui.sidebar.sign_out"), key="sign_out"):
            sign_out(state.db(), guard.session_token())
            st.session_state.pop(guard.WAS_IN, None)
            st.rerun()
    first = state.settings().language
    has_own = viewer.own_language not in (None, first)
    address.keep("lang", viewer.language, "" if has_own else first)
    address.keep(DAY_KEY, viewer.today.isoformat() if viewer.is_earlier else "")


def _account_links(viewer: Viewer) -> str:
    """Ways to the door's own pages, which are plain HTML: the session's cookie is set there."""
    ways = [("password", viewer.t("ui.guard.to_password"))]
    ways.append(("second-factor", viewer.t("access.door.factor_title")))
    if viewer.role_count > 1:
        ways.insert(0, ("role", viewer.t("access.door.to_role", count=viewer.role_count)))
    links = " · ".join(
        f'<a href="{path}?lang={viewer.language}" target="_self">{escape(name)}</a>'
        for path, name in ways
    )
    return f'<div class="zj-note">{links}</div>'


def _keep_language() -> None:
    signed_in = session_of(state.db(), guard.session_token())
    if signed_in is not None:
        keep_language(state.db(), signed_in, st.session_state[LANGUAGE_KEY])


def empty(viewer: Viewer, key: str, /, **values: object) -> None:
    """An empty state: says that there is nothing and what to do."""
    st.info(viewer.t(key, **values))


class Figure(NamedTuple):
    """One figure of a row: its name, the value as text, a note in small print.

    about: its id in `reports.formulas`, for the help beside it; "" for what has no formula, such
    as the rows of a file that were read.
    """

    name: str
    value: str
    note: str = ""
    about: str = ""


def figures_row(figures: Iterable[Figure]) -> None:
    """Figures side by side; on a narrow screen below each other."""
    boxes = "".join(
        f'<div class="zj-figure"><div class="name">{escape(f.name)}</div>'
        f'<div class="value">{escape(f.value)}</div>'
        f'<div class="note">{escape(f.note)}</div>{how.beside(f.about, f.name)}</div>'
        for f in figures
    )
    st.html(f'<div class="zj-figures">{boxes}</div>')


def rate_figure(viewer: Viewer, name: str, rate: Rate, about: str) -> Figure:
    """A rate with its numerator and denominator; below ten cases n<10 and no share."""
    return Figure(name, rate_text(viewer, rate), rate_note(viewer, rate), about)


def rate_text(viewer: Viewer, rate: Rate) -> str:
    """The share as percent; "n<10" below ten cases, "—" where nothing was counted."""
    if rate.share is not None and rate.is_small:
        return viewer.t("ui.rate.small")
    return viewer.percent(rate.share)


def rate_note(viewer: Viewer, rate: Rate) -> str:
    """Numerator and denominator; "none due" where nothing was counted."""
    if rate.share is None:
        return viewer.t("ui.rate.none")
    return f"{viewer.number(rate.numerator)} / {viewer.number(rate.denominator)}"


_HEAD = 'th scope="col"'
LONG = 40
"""Letters from which a text in a table wraps instead of making the table wider than the page."""


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers_from: int = 1,
    *,
    stacks: bool = False,
    about: Iterable[str] = (),
    words_from: int | None = None,
) -> None:
    """A dense table of texts and badges (`ui.badges.badge`); the columns from the
    `numbers_from`-th on stand to the right, from the `words_from`-th on to the left again.

    about: ids in `reports.formulas` of the figures in it, for the help below it.
    stacks: on a phone every row becomes a block, each cell below its head; for tables whose last
    columns say what matters, which a phone would otherwise show only after scrolling sideways.
    """

    numbers = range(numbers_from, len(heads) if words_from is None else words_from)

    def line(cells: Sequence[str], tag: str) -> str:
        kinds = [
            ' class="n"' if at in numbers else ' class="w"' if _is_long(cell) else ""
            for at, cell in enumerate(cells)
        ]
        named = [f' data-is="{escape(head)}"' if stacks else "" for head in heads]
        triples = zip(kinds, named, cells, strict=True)
        return "".join(
            f"<{tag}{kind}{name}>{cell_html(cell)}</{tag.split()[0]}>"
            for kind, name, cell in triples
        )

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    head_row = f"<thead><tr>{line(heads, _HEAD)}</tr></thead>"
    css = "zj stacks" if stacks else "zj"
    language = chosen_language()
    named = escape(
        t("states.table", language, columns=t("reports.separator", language).join(heads))
    )
    # a table wider than the screen scrolls inside its frame, by keyboard too
    shown = (
        f'<div class="zj-scroll" tabindex="0" role="region" aria-label="{named}">'
        f'<table class="{css}">{head_row}{body}</table></div>'
    )
    st.html(shown + how.below(about))


def about(*names: str) -> None:
    """The help of figures that stand in no box and no table: a map's layer, a list."""
    st.html(how.below(names))


def _is_long(cell: str) -> bool:
    return len(cell) > LONG and not isinstance(cell, Markup)


def note(text: str) -> None:
    """A line of small print."""
    st.html(f'<div class="zj-note">{escape(text)}</div>')


def lines(texts: Iterable[str]) -> None:
    """Short lines below each other."""
    st.html("".join(f'<div class="zj-line">{escape(text)}</div>' for text in texts))


def counts(viewer: Viewer, keys: str, numbers: Mapping[str, int]) -> None:
    """How many of each, zeros left out, in one line; names are texts under `keys`."""
    named = (
        f"{viewer.t(f'{keys}.{name}')} {viewer.number(count)}"
        for name, count in numbers.items()
        if count
    )
    note(" · ".join(named))


def document(made: Document, pictures: Mapping[str, bytes]) -> None:
    """A report on screen: the same words and tables as its Word file."""
    for section in made.sections:
        st.header(section.title, anchor=False)
        for block in section.blocks:
            if isinstance(block, str):
                lines([block])
            elif isinstance(block, Table):
                note(block.title)
                table(block.headers, block.rows, block.numbers_from)
            else:
                if block.name in pictures:
                    picture(pictures[block.name], block.caption, 640)
                else:
                    note(f"{block.caption}{t('reports.daily.no_picture', made.language)}")
                note(block.note)
        if section.about:
            about(*section.about)


def picture(shown: bytes, caption: str, width: int) -> None:
    """A drawing as wide as given in pixels, sent as it is: told a width, the image element draws a
    smaller copy at each run, which costs more than the page."""
    with st.container(width=width):
        st.image(shown, caption=caption, width="stretch", alt=caption)


def desk_state(viewer: Viewer, desk: Any) -> str:
    """What a desk's day (a row of `filing_matrix`) is, in words, with a reason given."""
    key = "ui.filing.not_yet" if desk.state == "open" else f"reports.filing.state.{desk.state}"
    words = viewer.t(key)
    if not isinstance(desk.reason, str):
        return words
    reason = viewer.t(f"words.filing_reason.{desk.reason}")
    return viewer.t("ui.filing.reason_given", state=words, reason=reason)


def silent_desk(viewer: Viewer, desk: Reminder) -> str:
    """A desk that has not filed, and since how many asked days."""
    name = load.township_names(viewer).get(desk.township_code, desk.township_code)
    key = "ui.overview.silent" if desk.silent_days else "ui.overview.silent_today"
    return viewer.t(key, name=name, days=viewer.number(desk.silent_days))


def action_text(viewer: Viewer, action: str) -> str:
    """An entry's action in words: a step of a case by the step's own name."""
    if action.startswith("event_"):
        return viewer.t(f"words.event.{action.removeprefix('event_')}")
    return viewer.t(f"ui.action.{action}")


_SAID = "said"


def say_after_rerun(text: str) -> NoReturn:
    """Say that something was done on the page as it is afterwards."""
    st.session_state[_SAID] = text
    st.session_state[guard.ACTED] = True
    st.rerun()


def said() -> None:
    """What the run before had to say."""
    if text := st.session_state.pop(_SAID, None):
        st.success(text)


@contextmanager
def told(viewer: Viewer) -> Iterator[None]:
    """What is refused inside is said there, and the rest of the page goes on."""
    try:
        yield
    except ProjectError as err:
        st.error(err.text(viewer.language))


def failure(err: Exception) -> bool:
    """What a page says when it breaks: a sentence, or an id that leads to the server's log."""
    language = chosen_language()
    if isinstance(err, ProjectError):
        st.error(err.text(language))
    else:
        number = secrets.token_hex(4)
        _log.error("page failed, id %s: %s", number, trace_of(err))
        st.error(t("ui.failure", language, id=number))
    return True
