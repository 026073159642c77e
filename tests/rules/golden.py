"""Every name the software has, listed by looking at it, and held against the lists kept here."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from casework import reasons, written
from casework.pack import CLOCKS, PHASES
from data import fields, history, machines, schema, scope, vocabulary
from public import voice
from risk import case_table, features, snapshots
from settings import Settings

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

WIDGETS = {
    "text_input", "text_area", "number_input", "selectbox", "multiselect", "radio", "checkbox",
    "toggle", "slider", "select_slider", "date_input", "time_input", "datetime_input",
    "file_uploader", "camera_input", "audio_input", "chat_input", "color_picker", "data_editor",
    "pills", "segmented_control", "feedback",
}  # fmt: skip
"""Everything of Streamlit by which somebody can tell the software something."""

WHAT_TO_DO = """
{name} and the software differ.
{lines}

A column, field, feature or word was added or taken away. Read DOMAIN.md §2 first: is it for a
person, a count of people, their history, a watch, a second cadence, free text about a case?
Then it must not be. Otherwise change tests/rules/{name} by hand, in the same commit, and say why.
"""


def held(name: str) -> list[str]:
    """The lines of a golden list; lines that begin with # explain."""
    lines = (HERE / name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def difference(name: str, found: Iterable[str]) -> str:
    """What to do where the list and the software differ; empty where they agree."""
    ours, theirs = set(held(name)), set(found)
    lines = [f"  only in the software: {line}" for line in sorted(theirs - ours)]
    lines += [f"  only in the list: {line}" for line in sorted(ours - theirs)]
    return WHAT_TO_DO.format(name=name, lines="\n".join(lines)) if lines else ""


def columns() -> list[str]:
    """Every column of the record."""
    return [
        f"{table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.columns
    ]


def form_fields() -> list[str]:
    """Every field somebody can fill in: intake, staff pages, HTML forms, settings."""
    intake = [f"intake {field.name}: {field.type}" for field in fields.FIELDS]
    settings = [f"setting {field.name}" for field in dataclasses.fields(Settings)]
    staff = {line for room in ("ui", "pages") for line in _widgets(ROOT / room)}
    html = {line for room in ("public", "ui") for line in _inputs(ROOT / room / "templates", room)}
    return [*intake, *settings, *sorted(staff), *sorted(html)]


def _widgets(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            keys = [k.value for k in node.keywords if k.arg == "key"]
            # called, or handed to what calls it (`address.one(st.selectbox, …)`)
            for widget in (node.func, *node.args):
                if not isinstance(widget, ast.Attribute) or widget.attr not in WIDGETS:
                    continue
                if keys or _is_streamlit(widget):
                    yield f"staff {path.stem}: {widget.attr} {_written(keys[0]) if keys else ''}"


def _is_streamlit(function: ast.Attribute) -> bool:
    return isinstance(function.value, ast.Name) and function.value.id == "st"


def _written(key: ast.expr) -> str:
    """The fixed words of a widget's key; * where it varies."""
    if isinstance(key, ast.Constant):
        return str(key.value)
    if isinstance(key, ast.JoinedStr):
        parts = [str(p.value) if isinstance(p, ast.Constant) else "*" for p in key.values]
        return "".join(parts)
    if isinstance(key, ast.Call) and key.args:
        return _written(key.args[0])
    return "*"


_INPUT = re.compile(r"<(input|select|textarea|button)\b([^>]*)>")


def _inputs(folder: Path, room: str) -> Iterator[str]:
    for path in sorted(folder.rglob("*.html")):
        for tag, rest in _INPUT.findall(path.read_text("utf-8")):
            name = re.search(r'\bname="([^"]*)"', rest)
            if name is None:
                continue
            kind = re.search(r'\btype="([^"]*)"', rest)
            yield f"html {room}/{path.stem}: {tag} {kind[1] if kind else 'text'} {name[1]}"


def feature_names() -> list[str]:
    """What the forecast reads of a case table, and every feature it makes of it."""
    table = pd.DataFrame(
        {
            "opened_at": pd.to_datetime(["2026-01-05", "2026-01-06"]).astype("datetime64[us]"),
            "due_at": pd.to_datetime(["2026-02-05", "2026-02-06"]).astype("datetime64[us]"),
            "closed_at": pd.to_datetime(["2026-01-20", None]).astype("datetime64[us]"),
            "category": ["wages", "heating"],
            "body": ["b01", "b02"],
            "procedure": ["ordinary", "simple"],
        }
    )
    rows = snapshots.snapshots(table, pd.Timestamp("2026-03-01"))
    steps = pd.DataFrame(
        {"case": np.array([0]), "event": ["accepted"], "known_at": table["opened_at"][:1]}
    )
    made = features.features(table, rows, steps)
    return [f"reads {name}" for name in case_table.COLUMNS] + [f"feature {c}" for c in made]


def words() -> list[str]:
    """Every word of every closed list."""
    lists = {
        name.lower(): value
        for name, value in vars(vocabulary).items()
        if name.isupper() and isinstance(value, tuple)
    }
    lists |= {f"reason_{event}": codes for event, codes in reasons.REASONS.items()}
    lists |= {f"linked_{event}": how for event, how in vocabulary.LINKED_STEPS.items()}
    lists |= {
        "answer_parts": history.ANSWER_PARTS,
        "approvers": written.APPROVERS,
        "clocks": CLOCKS,
        "token_kinds": machines.KINDS,
        "token_channels": machines.CHANNELS,
        "phases": PHASES,
        "rating_reasons": voice.RATING_REASONS,
        "said_by_a_button": voice.SAID,
        "roles_without_account": (scope.OPERATOR, scope.RESIDENT, scope.MACHINE),
    }
    return [f"{name}: {word}" for name, values in lists.items() for word in values]
