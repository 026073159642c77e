"""One visual language: colours can be read, stand in one place, and are never the only sign."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from risk.levels import LEVELS
from ui.badges import _KEYS
from wording import LANGUAGES, catalogue, has, palette

ROOT = Path(__file__).parents[1]
LEAST = 4.5
"""Contrast of lettering that can be read (WCAG 2.2, 1.4.3)."""


def light(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", palette.TONES)
def test_every_tone_can_be_read(name: str) -> None:
    tone = palette.TONES[name]
    assert contrast(tone.ink, tone.ground) >= LEAST


def test_lettering_can_be_read_on_page_and_wash() -> None:
    for ink in (palette.INK, palette.SOFT, palette.ACCENT, palette.SECOND, palette.WRONG):
        assert contrast(ink, palette.GROUND) >= LEAST
        assert contrast(ink, palette.WASH) >= LEAST
    assert contrast(palette.GROUND, palette.DEMO) >= LEAST


def test_colour_is_never_the_only_sign() -> None:
    signs = [tone.sign for tone in palette.TONES.values()]
    assert len(set(signs)) == len(signs)
    assert all(signs)
    assert [palette.tone("level", level.id).sign for level in LEVELS] == [x.mark for x in LEVELS]


def test_every_state_has_a_tone_and_a_word() -> None:
    assert set(palette.STATES) == set(_KEYS)
    for kind, states in palette.STATES.items():
        assert set(states.values()) <= set(palette.TONES)
        for state in states:
            key = _KEYS[kind](state)
            assert all(has(key, language) for language in LANGUAGES), key
        start = _KEYS[kind]("")
        said = {key.removeprefix(start) for key in catalogue("zh") if key.startswith(start)}
        assert said == set(states), kind


def test_no_state_says_how_many_people_ask() -> None:
    """Few or many who ask are never a level with a colour (DOMAIN.md §2.4)."""
    kinds = {"stage", "phase", "clock", "level", "flag", "assignment", "filing", "report", "plan",
             "sweep", "campaign", "standard", "token", "grant", "account",
             "consultation"}  # fmt: skip
    assert set(palette.STATES) == kinds


def test_the_theme_has_the_palettes_colours() -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    assert theme["primaryColor"] == theme["linkColor"] == palette.ACCENT
    assert theme["backgroundColor"] == palette.GROUND
    assert theme["secondaryBackgroundColor"] == palette.WASH
    assert theme["textColor"] == palette.INK
    assert theme["borderColor"] == palette.LINE


def test_style_sheets_of_the_staff_pages_take_every_colour_from_the_palette() -> None:
    made = palette.custom_properties()
    known = set(re.findall(r"(--zj-[\w-]+):", made))
    for name in ("shell.css", "filing.css", "print.css"):
        text = (ROOT / "ui" / name).read_text("utf-8")
        screen = text.split("@media print")[0]
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b", screen) == [], name
        assert set(re.findall(r"var\((--zj-[\w-]+)\)", text)) <= known, name


def test_the_residents_pages_and_the_door_have_the_same_accent() -> None:
    for path in (ROOT / "public" / "style.css", ROOT / "ui" / "templates" / "base.html"):
        root = re.search(r":root\s*\{([^}]*)\}", path.read_text("utf-8"))
        assert root is not None, path
        named = dict(re.findall(r"--(\w+):\s*(#[0-9a-fA-F]+)", root[1]))
        same = {name: colour for name, colour in named.items() if name in palette.PLAIN}
        assert {"accent", "ink", "soft", "line"} <= set(same), path
        assert same == {name: palette.PLAIN[name] for name in same}, path


def test_no_page_and_no_file_has_a_colour_of_its_own() -> None:
    """What is written by hand in a page, a style sheet or a script is a colour of the palette;
    scales of areas have a place of their own, black is for paper."""
    tones = {colour for tone in palette.TONES.values() for colour in (tone.ink, tone.ground)}
    known = {*palette.PLAIN.values(), *palette.STEPS, *palette.EXTRA, *tones, "#fff", "#000"}
    files = [
        path
        for room in ("reports", "public", "ui")
        for kind in ("*.html", "*.css", "*.js")
        for path in (ROOT / room).rglob(kind)
        if "vendor" not in path.parts
    ]
    files += [*(ROOT / "ui").glob("*.py"), *(ROOT / "public").glob("*.py")]
    assert len(files) > 100
    written = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b(?![\w-])")
    own = {
        f"{path.relative_to(ROOT)} {colour}"
        for path in files
        for colour in written.findall(path.read_text("utf-8"))
        if colour.lower() not in known
    }
    assert own == set()


_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u26ff\u2705\u270a-\u270d\u274c\u274e\u2753-\u2757\u2795-\u2797\u2b50\u2b55\ufe0f]"
)


def test_no_emoji_anywhere() -> None:
    for language in LANGUAGES:
        said = catalogue(language).items()
        # Streamlit's own texts stand there letter by letter, to be found and said in Chinese
        own = {key for key, _ in said if language == "en" and key.startswith("streamlit.")}
        assert [key for key, text in said if _EMOJI.search(text) and key not in own] == []
    rooms = ("wording", "casework", "risk", "reports", "service", "ui", "pages", "public", "api")
    files = [
        path
        for room in rooms
        for kind in ("*.py", "*.html", "*.css", "*.js", "*.typ", "*.toml")
        for path in (ROOT / room).rglob(kind)
        if "vendor" not in path.parts and path != ROOT / "wording" / "en" / "streamlit.toml"
    ]
    assert len(files) > 300
    assert [str(p) for p in files if _EMOJI.search(p.read_text("utf-8"))] == []
    assert _EMOJI.search("\U0001f600")
    assert not _EMOJI.search("■▲●○◆✓×中文")
