"""Imports point down, only down; what may stand where (STYLE.md §1, §2)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAYERS = ("wording", "geo", "data", "casework", "risk", "reports", "service", "ui", "pages")
"""Lower never imports higher. `service` reads the record and computes; it has no screen."""
DOORS = ("pages", "public", "api", "commands")
"""Doors stand on everything below `ui` and never on each other; `pages` alone stands on `ui`."""
ROOMS = (*LAYERS, *(door for door in DOORS if door not in LAYERS))
COMPOSERS = ("app", "cli")
"""They put the rooms together, so nobody imports them."""

ONLY_IN = {
    "streamlit": {"ui", "pages"},
    "streamlit_folium": {"ui"},
    "folium": {"ui", "reports"},
    "branca": {"ui", "reports"},
    "esda": {"geo"},
    "libpysal": {"geo"},
    "sqlalchemy": {"data"},
    "alembic": {"data"},
    "psycopg": {"data"},
    "sqlite3": {"data"},
    "adbc_driver_manager": {"data"},
    "adbc_driver_sqlite": {"data"},
    "adbc_driver_postgresql": {"data"},
    "cryptography": {"data"},
    "argon2": {"data"},
    "openpyxl": {"data", "reports"},
    "python_calamine": {"data"},
    "docx": {"reports"},
    "matplotlib": {"reports"},
    "sklearn": {"risk"},
    "skops": {"risk"},
    "pyproj": {"geo"},
    "starlette": {"ui", "public", "api"},
    "uvicorn": {"public", "api"},
    "data.db": {"data", "service", "ui", "public", "api", "commands"},
    "data.record": {"data", "service", "ui", "pages", "public", "api"},
    "data.texts": {"data"},
    "data.keys": {"data"},
}
"""module: the rooms that may import it; app.py and cli.py compose and are held to it alike but
for `data.db` and `streamlit`."""

NEVER = ("pickle", "cPickle", "dill", "joblib", "marshal", "shelve")
"""Reading these runs whatever the file says."""

PAGE_LINES = 110
FILE_LINES = 400


def allowed_below(room: str) -> set[str]:
    """The rooms that `room` may import, itself included."""
    if room in LAYERS:
        return set(LAYERS[: LAYERS.index(room) + 1])
    return {*LAYERS[: LAYERS.index("ui")], room}


def files(*rooms: str) -> list[Path]:
    """Our own code, migrations included; no tests, no environment."""
    return sorted(path for room in rooms or ROOMS for path in (ROOT / room).rglob("*.py"))


def everything() -> list[Path]:
    """The code of every room, and what composes it."""
    return [*files(), *(ROOT / f"{name}.py" for name in (*COMPOSERS, "settings"))]


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path: Path, *, absolute: bool = False) -> Iterator[str]:
    """Dotted names a file imports, `from a import b` as `a.b`; relative ones made absolute."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".") if node.level else []
            parts = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            yield from (f"{base}.{name.name}" if base else name.name for name in node.names)


def names(name: str, module: str) -> bool:
    """Whether an imported name is that module or something in it."""
    return f"{name}.".startswith(f"{module}.")


def slips(path: Path) -> list[str]:
    """What a file imports and may not."""
    room = room_of(path)
    found = []
    for name in imported(path):
        first = name.split(".")[0]
        if room in ROOMS and first in (*ROOMS, *COMPOSERS) and first not in allowed_below(room):
            found.append(f"{path.relative_to(ROOT)}: {name} stands above {room}/")
        for module, homes in ONLY_IN.items():
            if room in ROOMS and names(name, module) and room not in homes:
                where = ", ".join(sorted(homes))
                found.append(f"{path.relative_to(ROOT)}: {name} is imported in {where} only")
        if first in NEVER:
            found.append(f"{path.relative_to(ROOT)}: {name} runs what a file says")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_down(room: str) -> None:
    assert [slip for path in files(room) for slip in slips(path)] == []


def test_what_composes_the_rooms_is_imported_by_nobody_and_reads_no_file_that_runs() -> None:
    found = [slip for name in (*COMPOSERS, "settings") for slip in slips(ROOT / f"{name}.py")]
    assert found == []


def test_settings_know_no_room() -> None:
    assert [n for n in imported(ROOT / "settings.py") if n.split(".")[0] in ROOMS] == []


def test_doors_never_import_each_other() -> None:
    for door in DOORS:
        others = {other for other in (*DOORS, "ui") if other != door} - (
            {"ui"} if door == "pages" else set()
        )
        assert not others & allowed_below(door)


def test_the_checks_see_a_slip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)
    (tmp_path / "risk").mkdir()
    file = tmp_path / "risk" / "model.py"
    file.write_text("import pickle\nimport sqlalchemy as sa\nfrom reports.areas import LAYERS\n")
    assert len(slips(file)) == 3
    file.write_text("from ..reports import areas\nfrom data.texts import unseal\n")
    assert len(slips(file)) == 2


def test_no_room_is_forgotten_here() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests"} <= set(ROOMS)


def test_a_page_is_thin() -> None:
    long = {
        p.name: n for p in files("pages") if (n := len(p.read_text().splitlines())) > PAGE_LINES
    }
    assert long == {}


def test_no_file_is_longer_than_one_reads() -> None:
    found = {
        str(path.relative_to(ROOT)): count
        for path in everything()
        if (count := len(path.read_text("utf-8").splitlines())) > FILE_LINES
        and "migrations" not in path.parts
    }
    assert found == {}


def test_a_function_lives_where_its_noun_lives() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    assert [str(path) for path in everything() if path.stem in drawers] == []


def test_nobody_edits_the_path_or_imports_everything() -> None:
    for path in everything():
        text = path.read_text("utf-8")
        assert "sys.path" not in text, path
        assert not re.search(r"^\s*from \S+ import \*", text, re.MULTILINE), path


def test_bulk_reads_go_by_arrow() -> None:
    """`Db.frame`, which takes whole columns; pandas' own reader makes each value a Python object
    and guesses its type."""
    assert [str(p) for p in everything() if re.search(r"\bread_sql", p.read_text("utf-8"))] == []


def constants(path: Path) -> Iterator[tuple[int, object]]:
    """Literals of a file with their lines; no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    said = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in said:
            yield node.lineno, node.value


_EPSG = re.compile(r"EPSG:\d|(?<!\d)(?:4490|4326|3857|45[345]\d|326\d\d|327\d\d)(?!\d)")


def test_one_room_writes_the_numbers_of_coordinate_systems() -> None:
    home = ROOT / "geo" / "crs.py"
    found = [
        f"{path.relative_to(ROOT)}:{line}: {value}"
        for path in everything()
        if path != home and "migrations" not in path.parts
        for line, value in constants(path)
        if _EPSG.search(str(value)) and not isinstance(value, float) and not _is_comment(value)
    ]
    assert found == []


def _is_comment(value: object) -> bool:
    """A sentence about a column, not a number somebody computes with."""
    return isinstance(value, str) and " " in value


_CJK = re.compile(r"[㐀-鿿]")
SPEAKS = {
    "data/fields.py": "names of columns with persons, to drop them unread",
    "data/dates.py": "how people write dates in their own files",
    "data/redact.py": "what the redactor recognises",
    "data/redact_names.py": "what the redactor recognises",
    "data/redact_numbers.py": "what the redactor recognises",
    "data/redact_screen.py": "what the redactor recognises",
    "data/demo/places.py": "what a made-up place is called",
    "data/demo/texts.py": "what the made-up county's people write",
    "risk/case_table.py": "names of columns with persons, to refuse them",
    "reports/word.py": "names of typefaces, and who made the file",
}
"""Files that hold Chinese which is no text of ours to read, and what it is."""


def test_what_people_read_stands_in_the_catalogues() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {value}"
        for path in everything()
        if str(path.relative_to(ROOT)) not in SPEAKS and room_of(path) != "wording"
        for line, value in constants(path)
        if isinstance(value, str) and _CJK.search(value)
    ]
    assert found == []
    html = [p for room in ("ui", "public", "reports") for p in (ROOT / room).rglob("*.html")]
    assert [str(p) for p in html if _CJK.search(p.read_text("utf-8"))] == []
