"""The catalogues: the same in both languages, complete, and nothing in them that nobody says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from wording import LANGUAGES, catalogue, placeholders

ROOT = Path(__file__).parents[1]
ROOMS = (
    "wording", "geo", "data", "casework", "risk", "reports", "service", "ui", "pages", "public",
    "api",
)  # fmt: skip
CATALOGUES = sorted(path.stem for path in (ROOT / "wording" / "zh").glob("*.toml"))
_KEY = re.compile(rf"(?:{'|'.join(CATALOGUES)})(?:\.[a-z0-9_]+)+")
GAP = r"[a-z0-9_.]*"
_CJK = re.compile(r"[㐀-鿿]")


def code() -> list[Path]:
    """Everything that says something: code and templates."""
    files = [ROOT / "app.py", ROOT / "cli.py", *sorted((ROOT / "commands").glob("*.py"))]
    for room in ROOMS:
        files += sorted((ROOT / room).rglob("*.py")) + sorted((ROOT / room).rglob("*.html"))
    return files


def shapes() -> Iterator[tuple[str, str]]:
    """(file, regular expression) of every text that may be a key, gaps as `.*`.

    In templates `t('x.y')` means `<room>.x.y`; the room of `public/` is `public`.
    """
    for path in code():
        where = str(path.relative_to(ROOT))
        text = path.read_text("utf-8")
        if path.suffix == ".html":
            for said in re.findall(r"'([^'\n]*)'|\"([^\"\n]*)\"", text):
                yield where, _gaps_of_template("".join(said))
            continue
        tree = ast.parse(text)
        inside = {
            id(part) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for part in n.values
        }
        for node in ast.walk(tree):
            if id(node) in inside:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield where, re.escape(node.value)
            elif isinstance(node, ast.JoinedStr):
                yield (
                    where,
                    "".join(
                        re.escape(str(p.value)) if isinstance(p, ast.Constant) else GAP
                        for p in node.values
                    ),
                )


def _gaps_of_template(text: str) -> str:
    return re.sub(r"%[sd]", GAP, re.escape(text).replace(r"\%", "%"))


def keys() -> set[str]:
    return set(catalogue("zh"))


def test_both_languages_hold_the_same_keys() -> None:
    chinese, english = set(catalogue("zh")), set(catalogue("en"))
    assert sorted(chinese ^ english) == []


def test_both_languages_fill_the_same_gaps() -> None:
    different = [
        key
        for key in keys() & set(catalogue("en"))
        if placeholders(catalogue("zh")[key]) != placeholders(catalogue("en")[key])
    ]
    assert different == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_has_loose_ends(language: str) -> None:
    # an optional list of further names may be empty; a separator may begin or end with a space
    bad = [
        key for key, text in catalogue(language).items() if not text.strip() and "also" not in key
    ]
    assert bad == []


SAME_IN_BOTH = {"public.other_language"}
"""A language is named in itself."""
NAMES_CHINESE_THINGS = {
    "public.other_language",
    "reports.daily.fonts",
    "mappings.make.formats_help",
}
"""Typefaces have their makers' names; a date in Chinese is shown as people write it."""


def test_chinese_is_chinese_and_english_is_not() -> None:
    without = [
        key
        for key, text in catalogue("zh").items()
        if re.search("[A-Za-z]{2}", re.sub(r"\{[^}]*\}|<[^>]*>", "", text))
        and not _CJK.search(text)
    ]
    assert set(without) <= SAME_IN_BOTH
    with_chinese = [key for key, text in catalogue("en").items() if _CJK.search(text)]
    assert set(with_chinese) <= NAMES_CHINESE_THINGS


ASKED = {re.escape(f"{name}.") for name in CATALOGUES}
"""Patterns with nothing in them but a catalogue's name, gaps left out."""
FILES = re.compile(r"\.(html|css|js|toml|json|csv|docx|xlsx|typ|py|gpkg|parquet)$")


def test_every_key_in_code_is_in_the_catalogue() -> None:
    known = keys()
    parents = {key[:at] for key in known for at, letter in enumerate(key) if letter == "."}
    missing = sorted(
        {
            f"{where}: {key}"
            for where, shape in shapes()
            if _KEY.fullmatch(key := shape.replace("\\", ""))
            and key not in known | parents
            and not FILES.search(key)
        }
    )
    assert missing == []


@dataclass(frozen=True)
class Said:
    """Texts of the code that may be keys; and the patterns among them, those with gaps.

    Doors speak within their own catalogue (`t('start.title')` is `public.start.title`). There
    `words.{event}` is a pattern; of the whole key it is only how the catalogue is asked, and
    would answer for everything in it: `of_whole` leaves those out.
    """

    exact: set[str]
    of_whole: re.Pattern[str]
    within: re.Pattern[str]

    def says(self, key: str) -> bool:
        """Whether code holds the key, a pattern it fits, or a beginning of it ending at a dot."""
        for name, is_whole in ((key, True), (key.partition(".")[2], False)):
            heads = [name[:at] for at, letter in enumerate(name) if letter == "."]
            if is_whole:
                heads = heads[1:]
            if name in self.exact or any(
                f"{head}." in self.exact or ("." in head and head in self.exact) for head in heads
            ):
                return True
            if (self.of_whole if is_whole else self.within).fullmatch(name):
                return True
        return False


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in sorted(patterns)))


@pytest.fixture(scope="module")
def said() -> Said:
    texts = {shape for _, shape in shapes()}
    gaps = {shape for shape in texts if GAP in shape and not shape.startswith(GAP)}
    of_whole = {gap for gap in gaps if gap.replace(GAP, "") not in ASKED}
    exact = {text.replace("\\", "") for text in texts}
    return Said(exact, _any_of(of_whole), _any_of(gaps))


NAMES_OF_LISTS = (
    "casework.outcome.", "geo.level.", "risk.forecast.", "risk.level.", "risk.served.",
    "risk.progress.", "words.actor.", "words.confirm_reason.", "words.dismiss_reason.",
    "demo.declined.", "demo.extended.", "qgis.",
)  # fmt: skip
"""Names of closed lists in code, kept whole: a file or a model card may bring any of them; and what
a script of `examples` says."""


def test_no_text_is_left_that_nobody_says(said: Said) -> None:
    silent = [key for key in keys() if not said.says(key)]
    assert sorted(key for key in silent if not key.startswith(NAMES_OF_LISTS)) == []


def test_the_check_sees_a_text_that_nobody_says(said: Said) -> None:
    assert not said.says("ui.no_such_page.no_such_text")
    assert not said.says("public.no_such_page.no_such_text")


HALF_WIDTH = re.compile(
    r"[㐀-鿿][,;:?!]|[,;?!][㐀-鿿]|[㐀-鿿]\(|\)[㐀-鿿]|\.\.\.|[㐀-鿿]\.(?:$|[㐀-鿿])"
)
"""Punctuation of English beside a Chinese character."""
NOT_PROSE = re.compile(r"`[^`]*`|\]\([^)]*\)|\w+://\S+|时:分|\{[^}]*\}")
"""Code, addresses, how a clock time is typed, gaps."""


def test_chinese_has_chinese_punctuation() -> None:
    half = [
        key for key, text in catalogue("zh").items() if HALF_WIDTH.search(NOT_PROSE.sub("数", text))
    ]
    assert half == []


ONE_WORD = {
    "提出人(?!民)": "诉求人",
    "状态页": "查询页",
    "督办人员": "督办员",
    "负责单位": "责任单位",
    "第二因素": "二次验证",
    "映射文件": "对照文件",
    "帐号": "账号",
    "超期": "逾期",
}
"""Words for which another is used everywhere (docs/glossary.md): one thing, one word."""


def test_one_thing_has_one_word() -> None:
    other = [
        f"{key}: {word}, say {one}"
        for word, one in ONE_WORD.items()
        for key, text in catalogue("zh").items()
        if re.search(word, text)
    ]
    assert other == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_called_what_the_menu_calls_it(language: str) -> None:
    said = catalogue(language)
    menu = {k.removeprefix("ui.nav."): v for k, v in said.items() if k.startswith("ui.nav.")}
    titled = {page: f"ui.{page}.title" for page in menu}
    assert len([key for key in titled.values() if key in said]) > 15
    assert {p: said[k] for p, k in titled.items() if said.get(k, menu[p]) != menu[p]} == {}


MEASURES = r"(?:件|个(?!月)|天|周(?!岁)|次|项|条|小时|分钟)"


def test_a_number_stands_apart_from_its_measure_word() -> None:
    tight = [
        k
        for k, v in catalogue("zh").items()
        if re.search(rf"\d{MEASURES}|\{{count\}}{MEASURES}", v)
    ]
    assert sorted(tight) == []
