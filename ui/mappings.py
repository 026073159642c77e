"""Making a mapping by matching a sample's columns, the list of those there are, and using one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from data.fields import BY_NAME
from data.json_rows import is_json, read_json_rows
from data.mapping import SYSTEMS, Mapping
from data.mapping_draft import (
    CLOSED,
    MATCHED,
    Column,
    Draft,
    columns_of,
    toml_of,
    usual_word,
    words_of,
)
from data.mapping_files import mapping_named, named_mappings, save_mapping
from data.sheets import read_sheet
from data.vocabulary import CHANNELS, KINDS, PROCEDURES
from service.jobs import Job
from service.mappings import HEADS, checked, preview, take_over_behind
from service.takeover import Sent, TakenOver, reason_key, row_list, sentences
from wording import LANGUAGES, t

from . import behind, listing, lists, load, parts, state
from .guard import Viewer

TYPES = ["xlsx", "xlsm", "xls", "csv", "tsv", "txt", "gz", "json"]
STEPS = ("accepted", "answered")
SAMPLE = "mapping_sample_frame"


def make(viewer: Viewer) -> None:
    """Upload a sample, match, preview, save."""
    st.markdown(viewer.t("mappings.make.how"))
    upload = st.file_uploader(viewer.t("mappings.make.sample"), type=TYPES, key="mapping_sample")
    if upload is None:
        return
    data = upload.getvalue()
    if is_json(data):
        frame = read_json_rows(data, upload.name)
    else:
        frame = read_sheet(data, upload.name, lambda name: True)
    columns = columns_of(frame)
    _listed(viewer, columns)
    draft = _matched(viewer, frame, columns)
    name = st.text_input(viewer.t("mappings.make.name"), key="mapping_name", max_chars=40)
    show, save = st.columns(2)
    wants_preview = show.button(viewer.t("mappings.make.preview"), key="mapping_preview")
    wants_save = save.button(viewer.t("mappings.make.save"), key="mapping_save", type="primary")
    text = toml_of(draft)
    db = state.db()
    if wants_preview:
        mapping = checked(db, viewer.scope, name or "sample", text)
        _preview(viewer, frame, mapping)
        with st.expander(viewer.t("mappings.make.file")):
            st.code(text, language=None, wrap_lines=True)
    if wants_save:
        save_mapping(db, viewer.scope, name, text, load.categories(viewer))
        parts.say_after_rerun(viewer.t("mappings.make.saved", name=name))


def _listed(viewer: Viewer, columns: list[Column]) -> None:
    rows = [
        (c.name, viewer.t("mappings.make.dropped") if c.is_person else " · ".join(c.samples))
        for c in columns
    ]
    heads = [viewer.t("mappings.head.column"), viewer.t("mappings.head.samples")]
    parts.table(heads, rows, numbers_from=len(heads), stacks=True)


def _matched(viewer: Viewer, frame: pd.DataFrame, columns: list[Column]) -> Draft:
    """What is chosen; suggestions by name stand first and are confirmed by leaving them."""
    names = [c.name for c in columns if not c.is_person]
    suggested = {c.field: c.name for c in columns if c.field}
    st.header(viewer.t("mappings.make.match"), anchor=False)
    chosen: dict[str, str] = {}
    boxes = st.columns(3)
    wanted = [*MATCHED, *(f"{step}_at" for step in STEPS)]
    for at, field in enumerate(wanted):
        options = [None, *names]
        start = suggested.get(field)
        picked = boxes[at % 3].selectbox(
            viewer.t(f"mappings.field.{field}"), options, key=f"mapping_column_{field}",
            index=options.index(start), format_func=lambda name: name or viewer.t("mappings.none"),
        )  # fmt: skip
        if picked is not None:
            chosen[field] = picked
    words = {field: _words(viewer, frame, field, chosen[field]) for field in CLOSED
             if field in chosen}  # fmt: skip
    return _draft(viewer, chosen, words)


def _choices(viewer: Viewer, field: str) -> dict[str, str]:
    """Word by id of what a text of a closed column may mean."""
    if field == "category":
        return {c.category_id: c.names[viewer.language] for c in load.categories(viewer)}
    of = {"channel": CHANNELS, "procedure": PROCEDURES}[field]
    return {value: BY_NAME[field].choice(value, viewer.language) for value in of}


def _words(viewer: Viewer, frame: pd.DataFrame, field: str, column: str) -> dict[str, str]:
    """The export's words of one column, each with what it means; those left open stay out."""
    choices = _choices(viewer, field)
    by_word = {word: value for value, word in choices.items()}
    seen = words_of(frame, column)
    head, means = viewer.t("mappings.head.word"), viewer.t("mappings.head.means")
    st.caption(viewer.t("mappings.make.words", field=viewer.t(f"mappings.field.{field}")))
    guess = [choices.get(_meant(viewer, field, text) or "") for text in seen]
    table = st.data_editor(
        pd.DataFrame({head: seen, means: guess}),
        column_config={means: st.column_config.SelectboxColumn(options=list(by_word))},
        disabled=[head], hide_index=True, key=f"mapping_words_{field}_{column}",
    )  # fmt: skip
    pairs = zip(table[head], table[means], strict=True)
    return {str(text): by_word[word] for text, word in pairs if word in by_word}


def _meant(viewer: Viewer, field: str, text: str) -> str | None:
    """A suggestion by the word itself, or by what it means in the mappings that come with us."""
    if field == "category":
        found = load.categories(viewer).find(text)
        value = found.category_id if found else usual_word(field, text)
        return value if value in load.categories(viewer) else None
    return BY_NAME[field].find(text) or usual_word(field, text)


def _draft(viewer: Viewer, chosen: dict[str, str], words: dict[str, dict[str, str]]) -> Draft:
    st.header(viewer.t("mappings.make.rest"), anchor=False)
    bodies = load.body_names(viewer)
    left, middle, right = st.columns(3)
    zone = left.text_input(viewer.t("mappings.make.zone"), viewer.county.zone, key="mapping_zone")
    form = middle.text_input(
        viewer.t("mappings.make.formats"), key="mapping_formats",
        help=viewer.t("mappings.make.formats_help"),
    )  # fmt: skip
    system = right.selectbox(
        viewer.t("mappings.make.system"), SYSTEMS, key="mapping_system", index=1,
        format_func=lambda one: viewer.t(f"placing.system.{one}"),
    )  # fmt: skip
    channel = left.selectbox(
        viewer.t("mappings.make.channel"), CHANNELS, key="mapping_channel",
        format_func=lambda one: viewer.t(f"words.channel.{one}"),
    )  # fmt: skip
    kind = middle.selectbox(
        viewer.t("mappings.make.kind"), KINDS, key="mapping_kind",
        format_func=lambda one: viewer.t(f"words.kind.{one}"),
    )  # fmt: skip
    desk = right.selectbox(
        viewer.t("mappings.make.desk"), list(bodies.index), key="mapping_desk",
        format_func=lambda one: str(bodies[one]),
    )  # fmt: skip
    no_body = left.selectbox(
        viewer.t("mappings.make.no_body"), ["", *bodies.index], key="mapping_no_body",
        format_func=lambda one: str(bodies[one]) if one else viewer.t("mappings.make.set_aside"),
    )  # fmt: skip
    is_own = st.checkbox(viewer.t("mappings.make.own_export"), key="mapping_own_export")
    offices = load.bodies(viewer).set_index("body_id")
    of_desk = {"zh": str(offices.at[desk, "name_zh"]), "en": str(offices.at[desk, "name_en"])}
    return Draft(
        zone=zone, columns={f: c for f, c in chosen.items() if f in MATCHED}, words=words,
        kind=kind, channel=channel, is_own_export=is_own, system=system, desk=desk,
        desk_names=of_desk, no_body=no_body,
        unstated_names={one: t("mappings.unstated", one) for one in LANGUAGES},
        formats=tuple(part.strip() for part in form.split("|") if part.strip()),
        steps={step: chosen[f"{step}_at"] for step in STEPS if f"{step}_at" in chosen},
    )  # fmt: skip


def _preview(viewer: Viewer, frame: pd.DataFrame, mapping: Mapping) -> None:
    lines = preview(state.db(), viewer.scope, frame, mapping, viewer.language)
    heads = [viewer.t("mappings.head.row"), *(viewer.t(f"mappings.field.{h}") for h in HEADS),
             viewer.t("mappings.head.wrong")]  # fmt: skip
    rows = [(str(line.row), *line.cells, line.wrong) for line in lines]
    parts.table(heads, rows, numbers_from=len(heads), stacks=True)


def saved(viewer: Viewer) -> None:
    """Every mapping by name with its hash; the text of the one picked."""
    t = viewer.t
    found = {one.name: one for one in named_mappings(state.db(), viewer.scope)}

    def column(name: str, values: list[str], **more: Any) -> listing.Column:
        return listing.Column(name, t(f"mappings.head.{name}"), pd.Series(values), **more)

    columns = (
        column("name", list(found), is_found=True),
        column(
            "origin", ["own" if one.is_own else "shipped" for one in found.values()],
            is_cut=True, word=lambda one: t(f"mappings.{one}"),
        ),
        column("hash", [one.sha256[:16] or "—" for one in found.values()], is_sorted=False),
    )  # fmt: skip
    parts.note(t("mappings.pick"))
    shown = lists.draw(
        viewer,
        listing.Listing(
            "mappings", pd.Series(list(found)), columns,
            link=lambda name: lists.open_link(viewer, name, tab="saved"),
        ),
    )  # fmt: skip
    one = found.get(lists.opened(shown) or "")
    if one is not None:
        st.header(one.name, anchor=False)
        # the colours of a language are too pale to be read by everybody
        st.code(one.text, language=None, wrap_lines=True)


def bring_in(viewer: Viewer) -> None:
    """Send a whole export in by a mapping; it is worked on behind the page."""
    session, jobs = behind.session(), behind.exports()
    job = jobs.of(session)
    if job is not None:
        if not job.is_over:
            behind.running(jobs, ("administrator",), "mappings.import.leave")
        else:
            _outcome(viewer, job)
            st.button(viewer.t("mappings.import.next"), key="mapping_next",
                      on_click=jobs.forget, args=(session,))  # fmt: skip
        return
    st.markdown(viewer.t("mappings.import.how"))
    names = [one.name for one in named_mappings(state.db(), viewer.scope)]
    name = st.selectbox(viewer.t("mappings.import.by"), names, key="mapping_by")
    upload = st.file_uploader(viewer.t("mappings.import.file"), type=TYPES, key="mapping_file")
    if upload is not None and st.button(
        viewer.t("mappings.import.start"), key="mapping_start", type="primary"
    ):
        db = state.db()
        mapping = mapping_named(db, viewer.scope, name, load.categories(viewer))
        sent = Sent(upload.name, upload.getvalue())
        take_over_behind(jobs, session, db, viewer.scope, sent, mapping)
        st.rerun()


def _outcome(viewer: Viewer, job: Job[TakenOver]) -> None:
    """Counts, and rows by number with what is wrong: no case and no text of one."""
    st.header(viewer.t("register.sheet.outcome", file=job.file), anchor=False)
    if job.error is not None:
        parts.failure(job.error)
        st.info(viewer.t("mappings.import.nothing"))
    if job.outcome is None:
        return
    done = job.outcome
    counted = {
        "stored": done.added, "repeats": done.repeated, "aside": len(done.mapped.set_aside),
        "waiting": done.waiting,
    }  # fmt: skip
    parts.figures_row(
        [parts.Figure(viewer.t(f"mappings.import.{name}"), viewer.number(count))
         for name, count in counted.items()]
    )  # fmt: skip
    reasons = [(viewer.t(reason_key(reason)), viewer.number(count))
               for reason, count in done.mapped.aside_counts.items()]  # fmt: skip
    if reasons:
        heads = [viewer.t("mappings.head.wrong"), viewer.t("mappings.head.count")]
        parts.table(heads, reasons)
    told = sentences(done.mapped, viewer.language)[:50]
    if told:
        heads = [viewer.t(f"mappings.head.{name}") for name in ("row", "column", "wrong")]
        rows = [(str(row), column, said) for row, column, said in told]
        parts.table(heads, rows, numbers_from=len(heads), stacks=True)
    st.download_button(
        viewer.t("mappings.import.list"), lambda: row_list(done.mapped).to_csv(index=False),
        file_name="rows.csv", mime="text/csv", on_click="ignore", key="mapping_rows",
    )  # fmt: skip
    for note in done.mapped.notes[:20]:
        st.info(note.text(viewer.language))
