"""Walking a journey: named steps, what a hand presses and types, pictures, the time it takes.

The time is what was waited for (measured) and what the hand does at human pace (counted), by the
keystroke-level model of Card, Moran and Newell (1980). It is printed beside its goal and never
asserted: a busy machine is slow, not wrong. What is asserted is counted: presses, and what stands
in the record afterwards.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser import hands
from tests.browser.conftest import Visit
from wording import t

PRESS_SECONDS = 1.35 + 1.1 + 0.2
"""Think, point, press and let go (M + P + 2 B)."""
KEY_SECONDS = 0.28
"""One key, by somebody who does not type for a living (K)."""
KEYS_PER_HANZI = 3
"""Keys of an input method for one Chinese character."""
PHONE = {
    "is_mobile": True, "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) "
                  "Chrome/130.0.0.0 Mobile Safari/537.36",
}  # fmt: skip
"""Streamlit closes its menu after a choice only where it sees a phone."""
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


def keys_of(text: str) -> int:
    """How many keys a text takes."""
    return sum(1 if ord(letter) < 0x2E80 else KEYS_PER_HANZI for letter in text)


@dataclass
class Step:
    """One step: its name in both languages, what was pressed, typed and waited for, its picture."""

    slug: str
    zh: str
    en: str
    presses: int = 0
    keys: int = 0
    waited: float = 0.0
    picture: str = ""

    @property
    def seconds(self) -> float:
        """Waiting as measured, pressing and typing at human pace."""
        return self.waited + self.presses * PRESS_SECONDS + self.keys * KEY_SECONDS


@dataclass
class Journey:
    """One walk through its steps, as the tour and the printed table read it."""

    name: str
    language: str
    size: str
    steps: list[Step] = field(default_factory=list)

    @property
    def presses(self) -> int:
        """Presses in all."""
        return sum(step.presses for step in self.steps)

    @property
    def seconds(self) -> float:
        """Time at human pace in all."""
        return sum(step.seconds for step in self.steps)


def in_words(journey: Journey, goal: str) -> list[str]:
    """The printed lines of one walk, in Chinese."""
    head = f"{journey.name} · {journey.language} · {journey.size}"
    lines = [f"{head}：{journey.presses} 次点按，{journey.seconds:.1f} 秒（目标：{goal or '无'}）"]
    lines += [
        f"  {step.zh}：点按 {step.presses}，按键 {step.keys}，"
        f"等待 {step.waited:.1f} 秒，合计 {step.seconds:.1f} 秒"
        for step in journey.steps
    ]
    return lines


class Walk:
    """Somebody at one screen. Whoever joins in (`as_another`) has a browser of their own."""

    def __init__(
        self, visit: Callable[..., Visit], base: str, journey: Journey, folder: Path | None
    ) -> None:
        self.visit, self.base, self.journey, self.folder = visit, base, journey, folder
        self.language = journey.language
        self.step_now: Step | None = None
        self.visits: list[Visit] = []
        self.as_another()

    @property
    def is_phone(self) -> bool:
        """Whether the screen is a phone's."""
        return self.journey.size == "phone"

    @property
    def page(self) -> Page:
        """What is on the screen."""
        return self.visits[-1].page

    def as_another(self) -> None:
        """Somebody else, at a screen of the same size."""
        more: dict[str, Any] = PHONE if self.is_phone else {}
        locale = "zh-CN" if self.language == "zh" else "en-GB"
        size = SIZES[self.journey.size]
        self.visits.append(self.visit(self.base, *size, locale=locale, **more))

    def t(self, key: str, /, **values: object) -> str:
        """A text in the language of the walk."""
        return t(key, self.language, **values)

    # steps -----------------------------------------------------------------------------------

    @contextmanager
    def step(self, slug: str, zh: str, en: str) -> Iterator[None]:
        """One step; it ends with what is then on the screen, which is its picture."""
        step = self.step_now = Step(slug, zh, en)
        self.journey.steps.append(step)
        began = time.monotonic()
        yield
        self.settled()
        step.waited = time.monotonic() - began
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self._width, slug
        if self.folder is not None:
            step.picture = f"{self._named}-{slug}-{self.language}-{self.journey.size}.png"
            self.page.screenshot(path=self.folder / step.picture, animations="disabled")
        self.step_now = None

    @property
    def _width(self) -> int:
        return SIZES[self.journey.size][0]

    @property
    def _named(self) -> str:
        return self.journey.name

    def _count(self, presses: int = 0, keys: int = 0) -> None:
        assert self.step_now is not None, "outside of a step"
        self.step_now.presses += presses
        self.step_now.keys += keys

    def settled(self) -> None:
        """Wait until a staff page has been drawn; a plain page is drawn when it is there."""
        if self.page.locator("[data-testid=stApp]").count():
            hands.settled(self.page)

    def sees(self, text: str) -> Locator:
        """Wait for a text; the page is scrolled to it, as a reader would."""
        found = self.page.get_by_text(text).first
        found.wait_for()
        return found

    def told(self, key: str, *names: str) -> None:
        """Wait for a sentence of the catalogue, whatever stands in its places `names`."""
        words = self.t(key, **dict.fromkeys(names, "§")).split("§")
        self.page.get_by_text(re.compile(".+".join(map(re.escape, words)))).first.wait_for()

    def looks_at(self, what: Locator) -> None:
        """Scroll so that it stands near the top of the screen, which is not counted."""
        what.evaluate("one => one.scrollIntoView({block: 'center'})")

    # a hand ----------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        """An address that stands in the bookmarks or on the slip: one press."""
        mark = "&" if "?" in path else "?"
        self._count(presses=1)
        self.visits[-1].open(f"{path}{mark}lang={self.language}")

    def press(self, what: Locator) -> None:
        """Press something."""
        self._count(presses=1)
        what.click()

    def button(self, name: str, *, exact: bool = True) -> Locator:
        """A button by its name."""
        return self.page.get_by_role("button", name=name, exact=exact).first

    def type(self, box: Locator, text: str, *, has_focus: bool = False) -> None:
        """Type into a box, which is pressed first unless the cursor stands there already."""
        self._count(presses=0 if has_focus else 1, keys=keys_of(text))
        box.fill(text)

    def key(self, name: str) -> None:
        """One key of the keyboard."""
        self._count(keys=1)
        self.page.keyboard.press(name)

    def choose(self, box: Locator, value: str) -> None:
        """Choose from a list of the browser's own."""
        self._count(presses=2)
        box.select_option(value)

    def pick(self, label: str, choice: str) -> None:
        """Choose from one of Streamlit's lists: two presses."""
        self._count(presses=2)
        hands.pick(self.page, label, choice)

    def upload(self, file: Path) -> None:
        """Put a file into the page's upload: the button, the file, "open"."""
        self._count(presses=3)
        box = self.page.locator("[data-testid=stFileUploader]:visible input[type=file]").first
        box.set_input_files(file)

    def download(self, button: Locator, to: Path) -> Path:
        """Press a download and keep its file in a folder."""
        with self.page.expect_download() as found:
            self.press(button)
        path = to / found.value.suggested_filename
        found.value.save_as(path)
        return path

    def rows(self) -> Locator:
        """A list's first block on a phone, its table (drawn on a canvas) on a wide screen."""
        return self.page.locator(".zj-blocks a:visible, [data-testid=stDataFrame]:visible").first

    def first_row(self) -> None:
        """Open the first row of the list: its block, or its box in the table."""
        self._count(presses=1)
        row = self.rows()
        row.wait_for()
        self.settled()
        is_table = row.get_attribute("data-testid") == "stDataFrame"
        row.click(position={"x": 14, "y": 52} if is_table else None)

    # ways through the pages ------------------------------------------------------------------

    def sign_in(self, login: str, password: str) -> None:
        """From the sign-in page's address to the first page of the role, typed in full."""
        assert self.page.evaluate("document.activeElement.id") == "login"
        # a phone shows its keyboard only after a press
        self.type(self.page.locator("#login"), login, has_focus=not self.is_phone)
        self.key("Tab")
        self.type(self.page.locator("#password"), password, has_focus=True)
        self.key("Enter")
        self.page.wait_for_selector("h1:not(:has-text('{}'))".format(self.t("ui.sign_in.title")))
        self.settled()

    def menu(self, page: str) -> None:
        """To a staff page through the menu, which a phone opens first."""
        if self.is_phone:
            self.press(self.page.get_by_test_id("stExpandSidebarButton"))
        link = self.page.get_by_test_id("stSidebarNav").get_by_role(
            "link", name=self.t(f"ui.nav.{page}"), exact=True
        )
        self.press(link)
        self.page.get_by_role("heading", level=1, name=self.t(f"ui.{page}.title")).wait_for()
        self.settled()

    def done(self, most_presses: int) -> None:
        """The end: it took no more presses than it should, nothing left the server."""
        assert self.journey.presses <= most_presses, in_words(self.journey, "")
        assert [seen.foreign for seen in self.visits] == [[] for _ in self.visits]
        if self.folder is not None:
            name = f"{self._named}-{self.language}-{self.journey.size}.json"
            text = json.dumps(asdict(self.journey), ensure_ascii=False, indent=1)
            (self.folder / name).write_text(text, "utf-8")
