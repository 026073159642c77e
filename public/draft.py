"""What an asker has said so far: parts held against the county's lists, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from data.categories import Categories, Category
from data.vocabulary import DOMAINS
from reports.place_map import WIDTHS
from service.asking import KINDS, TEXT, Ground, cleaned
from wording import t

from .door import Form

STEPS = ("domain", "category", "township", "place", "grid", "text", "check", "send")
"""The pages in order; `send` is the last button."""
PLACES = ("place", "grid")
CARRIED = (
    "token", "domain", "find", "category", "township", "village", "grid", "kind", "text",
)  # fmt: skip
"""What a page hands to the next one."""
OWN = {
    "domain": ("domain", "find"),
    "category": ("category",),
    "township": ("township",),
    "place": ("village",),
    "text": ("kind", "text"),
}
"""Of those, what a page asks itself."""

Problem = tuple[str, str]
"""The id of a field and what is wrong there."""


@dataclass(frozen=True)
class Draft:
    """What has been said so far, with what that means; parts that mean nothing are empty."""

    values: Mapping[str, str]
    ground: Ground
    known: Categories
    problems: list[Problem] = field(default_factory=list)

    def get(self, name: str) -> str:
        """A part; empty when it was not said."""
        return self.values.get(name, "")

    def but(self, **changed: str) -> Draft:
        """The same with other parts."""
        return replace(self, values={**self.values, **changed})

    @property
    def category(self) -> Category | None:
        """The matter; None = not said yet."""
        said = self.get("category")
        return self.known.by_id.get(said)

    @property
    def has_grids(self) -> bool:
        """Whether a place below the township is asked at all (DOMAIN.md §2.10)."""
        is_protected = self.category is not None and self.category.is_place_protected
        return not is_protected and bool(self.ground.villages(self.get("township"), "zh"))

    def reached(self, wanted: str) -> str:
        """The page that can be shown: the wanted one, or the first that lacks an answer."""
        place = STEPS.index(wanted)
        if wanted == "category":
            return wanted if self.get("find") or self.get("domain") else "domain"
        if place > 0 and self.category is None:
            return "domain"
        if place > 2 and not self.get("township"):
            return "township"
        if wanted in PLACES and not self.has_grids:
            return "text"
        if wanted == "grid" and not self.get("village"):
            return "place"
        if place > STEPS.index("text") and not self.get("text"):
            return "text"
        return wanted


def drafted(form: Form, ground: Ground, known: Categories) -> Draft:
    """What was sent, held against the lists; what is in none of them is dropped."""
    values = {name: form.get(name) for name in CARRIED}
    values["text"] = form.get("text", 2 * TEXT.most).replace("\r\n", "\n").strip()
    if values["domain"] not in DOMAINS:
        values["domain"] = ""
    if values["category"] not in known:
        values["category"] = ""
    if values["kind"] not in KINDS:
        values["kind"] = KINDS[0]
    if values["township"] not in ground.desks:
        values["township"] = ""
    draft = Draft(values, ground, known)
    if not draft.has_grids or not ground.is_within(values["grid"], values["township"]):
        values["grid"] = ""
    if not draft.has_grids or values["village"] not in ground.villages(values["township"], "zh"):
        values["village"] = ""
    return draft


def judged(draft: Draft, at: str, form: Form) -> Draft:
    """The page that was filled in: its answer taken, or what is wrong with it."""

    def wrong(field_: str, key: str, **values: object) -> Draft:
        return replace(draft, problems=[(field_, t(f"ask.wrong.{key}", form.language, **values))])

    if at == "domain":
        if form.get("search") == "1":
            is_found = bool(draft.known.like(draft.get("find")))
            return draft.but(domain="") if is_found else wrong("find", "nothing_found")
        return draft.but(find="") if draft.get("domain") else wrong("domain", "domain")
    if at == "category" and draft.category is None:
        return wrong("category", "category")
    if at == "township" and not draft.get("township"):
        return wrong("township", "township")
    if at == "place" and not draft.get("village"):
        return wrong("village", "village")
    if at == "grid":
        grid = draft.ground.grid_at(draft.get("village"), form.get("number"))
        return draft.but(grid=grid) if grid else wrong("grid", "grid")
    if at == "text":
        length = len(draft.get("text"))
        if length < TEXT.least:
            return wrong("text", "too_short", least=TEXT.least)
        if length > TEXT.most:
            return wrong("text", "too_long", most=TEXT.most, over=length - TEXT.most)
        return draft.but(text=cleaned(draft.get("text"), form.language))
    return draft


def spot(form: Form) -> tuple[int, int, int] | None:
    """Width of the picture and pixel of a click on it; None when none was clicked."""
    for width in WIDTHS:
        x, y = form.get(f"spot{width}.x"), form.get(f"spot{width}.y")
        if x.lstrip("-").isdecimal() and y.lstrip("-").isdecimal() and len(x + y) < 12:
            return width, int(x), int(y)
    return None
