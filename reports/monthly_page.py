"""The public page of a month, from its frozen content: sections of words, charts and tables.

Public pages, the static files of `zaojie publish` and the bulletin all show these.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from wording import formats, t

from .formulas import IN_PUBLIC, SAID, told
from .monthly import COUNTY
from .monthly_charts import Chart, funnel_chart, shares_chart, trend_chart
from .monthly_content import COMPARED, DAYS, INDICATORS, TARGETED, Content

HIDDEN = "·"
_TEMPLATES = Path(__file__).parent / "templates"
STYLE = (_TEMPLATES / "figures.css").read_bytes()
pages = Environment(
    loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
ANSWERS = ("on_time", "late_answered", "late_open", "ended_otherwise")
PARTS = {"late_answered", "late_open", "ended_otherwise", "declined", "referred", "no_remedy",
         "withdrawn"}  # fmt: skip
"""Shown with count and share only: the row's first figure says of how many."""


@dataclass(frozen=True)
class Table:
    """A table: caption, heads of its columns, and rows whose first cell is their head."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    hidden: tuple[str, ...] = ()
    """Heads of the rows in which everything is covered: named in one sentence below."""

    @property
    def is_long(self) -> bool:
        """Whether it is folded on the page."""
        return len(self.rows) > 14


@dataclass(frozen=True)
class Section:
    """One part of the page; its title, words, chart and tables in that order.

    about: ids in `reports.formulas` of its figures, for the help below its tables.
    """

    name: str
    title: str
    words: tuple[str, ...] = ()
    chart: Chart | None = None
    tables: tuple[Table, ...] = ()
    ends: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


class _Page:
    """The words and cells of one content in one language."""

    def __init__(self, content: Content, language: str) -> None:
        self.content, self.language = content, language
        self.cells: dict[tuple[str, str, str], dict[str, Any]] = {
            (row["by"], row["group"], row["indicator"]): row
            for row in content["figures"] + content["days"]
        }
        self.month = month_name(content["month"], language)
        zone = content["county"]["zone"]
        self.known = formats.moment(
            dt.datetime.fromisoformat(content["known_at"]), language, zone
        )  # fmt: skip

    def say(self, key: str, **values: object) -> str:
        return t(f"figures.{key}", self.language, **values)

    def number(self, value: float | None, digits: int = 0) -> str:
        return formats.number(value, self.language, digits)

    def share(self, value: float | None) -> str:
        return formats.percent(value, self.language)

    def cell(self, by: str, group: str, name: str) -> str:
        return self.figure(self.cells[by, group, name], name in PARTS)

    def figure(self, row: dict[str, Any], is_part: bool = False) -> str:
        """A figure in words: covered, a number of days, a count, or so many of so many."""
        if row["covered"]:
            return HIDDEN
        if "days" in row:
            return "—" if row["days"] is None else self.say("days", count=row["days"])
        count = self.number(row["numerator"])
        if row["denominator"] is None:
            return count
        if not row["denominator"]:
            return "—"
        if is_part:
            return self.say("part", numerator=count, share=self.share(row["share"]))
        return self.say(
            "of", numerator=count, denominator=self.number(row["denominator"]),
            share=self.share(row["share"]), low=self.number(row["low"] * 100, 1),
            high=self.number(row["high"] * 100, 1),
        )  # fmt: skip

    def target(self, name: str) -> str:
        if name not in TARGETED:
            return self.say("no_target")
        return limits_text(self.content["targets"].get(name, []), self.language)

    def table(self, key: str, by: str, names: tuple[str, ...]) -> Table:
        """A breakdown's groups by indicators; categories stand under their domain.

        An indicator that was not counted yet when the month was published has no column.
        """
        known = {name for where, _, name in self.cells if where == by}
        names = tuple(name for name in names if name in known)
        heads = [self.say("group"), *(self.say(f"indicator.{name}") for name in names)]
        rows: list[tuple[str, ...]] = []
        inner: set[int] = set()
        for group in self.content["groups"][by]:
            rows.append(self._row(by, group["id"], group[self.language], names))
            if by == "domain":
                for kind in self.content["groups"]["category"]:
                    if kind.get("inside") == group["id"]:
                        rows.append(self._row("category", kind["id"], kind[self.language], names))
                        inner.add(len(rows) - 1)
        return self._folded(self.say(f"table.{key}"), heads, rows, inner)

    def _folded(
        self, caption: str, heads: list[str], rows: list[tuple[str, ...]], inner: set[int]
    ) -> Table:
        """The table with its wholly covered rows taken together; `inner` stand under another."""
        shown, hidden = [], []
        for number, row in enumerate(rows):
            if set(row[1:]) == {HIDDEN}:
                hidden.append(row[0])
            else:
                is_inner = number in inner
                name = self.say("row_inside", name=row[0]) if is_inner else row[0]
                shown.append((name, *row[1:]))
        return Table(caption, tuple(heads), tuple(shown), tuple(hidden))

    def _row(self, by: str, group: str, name: str, names: tuple[str, ...]) -> tuple[str, ...]:
        return (name, *(self.cell(by, group, one) for one in names))

    # the parts of the page ---------------------------------------------------------------------

    def county(self) -> Section:
        names = [n for n in (*INDICATORS, *DAYS) if (COUNTY, COUNTY, n) in self.cells]
        rows = tuple(
            (self.say(f"indicator.{n}"), self.cell(COUNTY, COUNTY, n), self.target(n))
            for n in names
        )
        heads = (self.say("group"), self.say("county"), self.say("target"))
        table = Table(self.say("table.county", month=self.month), heads, rows)
        chart = shares_chart(self.content, self.language, self.month)
        words = () if chart else (self.say("covered_all"),)
        return self._section("county", words, chart, (table,))

    def trend(self) -> Section:
        rows = [r for r in self.content["trend"] if r["by"] == COUNTY]
        heads = (self.say("column.month"), self.say("indicator.on_time"))
        lines = tuple((month_name(r["month"], self.language), self.figure(r)) for r in rows)
        words = (self.say("text.first_trend"),) if len(rows) < 2 else ()
        chart = trend_chart(self.content, self.language)
        tables = (Table(self.say("table.trend"), heads, lines), *self._bodies_by_month())
        return self._section("trend", words, chart, tables)

    def _bodies_by_month(self) -> tuple[Table, ...]:
        """On-time answers of each body by month, from the second month on."""
        found = {(r["group"], r["month"]): r for r in self.content["trend"] if r["by"] == "body"}
        months = sorted({month for _, month in found})
        if len(months) < 2:
            return ()
        names = {one["id"]: one[self.language] for one in self.content["groups"]["body"]}
        gone = sorted({group for group, _ in found} - set(names))
        rows: list[tuple[str, ...]] = [
            (names.get(body, body), *(self._of_month(found.get((body, one))) for one in months))
            for body in (*names, *gone)
        ]
        heads = [self.say("group"), *(month_name(one, self.language) for one in months)]
        return (self._folded(self.say("table.body_trend"), heads, rows, set()),)

    def _of_month(self, row: dict[str, Any] | None) -> str:
        if row is None or (not row["covered"] and not row["denominator"]):
            return "—"
        if row["covered"]:
            return HIDDEN
        count = self.number(row["denominator"])
        return self.say("trend_cell", share=self.share(row["share"]), count=count)

    def body(self) -> Section:
        return self._section("body", (self.say("text.steps"),), None, (
            self.table("body_answers", "body", (*ANSWERS, *DAYS)),
            self.table("body_steps", "body", ("decided_in_time", "extended", "backlog",
                                              "transfers", "back_dated")),
            self.table("body_exits", "body", ("exits", "declined", "referred", "no_remedy",
                                              "withdrawn")),
            self.table("body_rated", "body", ("rated",)),
        ), (self.say("text.asking"),))  # fmt: skip

    def category(self) -> Section:
        return self._section("category", (), None, (
            self.table("category_answers", "domain", (*ANSWERS, *DAYS)),
            self.table("category_steps", "domain", ("decided_in_time", "extended", "backlog")),
            self.table("category_said", "domain", ("rated", "held")),
        ), (self.say("text.asking"),))  # fmt: skip

    def equal(self) -> Section:
        captions = {"township": "township", "channel": "channel", "category": "compared"}
        heads = tuple(
            self.say(f"column.{name}")
            for name in ("due", "late", "expected", "ratio", "days", "question")
        )  # fmt: skip
        tables, words = [], [self.say("text.equal")]
        for by in COMPARED:
            found = self.content["equal_service"][by]
            names = {one["id"]: one[self.language] for one in self.content["groups"][by]}
            rows = tuple(
                (
                    names[r["group"]], self.number(r["due"]), self.number(r["late"]),
                    self.number(r["expected"], 1),
                    f"{self.number(r['ratio'], 2)} [{self.number(r['low'], 2)}–"
                    f"{self.number(r['high'], 2)}]",
                    self._times(r), self._asked(r),
                )
                for r in found["rows"]
            )  # fmt: skip
            if by == "township" and found["dispersion"] > 1:
                words.append(
                    self.say("text.dispersion", times=self.number(found["dispersion"], 1))
                )  # fmt: skip
            if rows:
                tables.append(
                    Table(self.say(f"table.{captions[by]}"), (self.say("group"), *heads), rows)
                )  # fmt: skip
        if not tables:
            words.append(self.say("text.equal_none"))
        chart = funnel_chart(self.content, self.language)
        return self._section("equal", tuple(words), chart, tuple(tables))

    def _times(self, row: dict[str, Any]) -> str:
        """Median days in a group and elsewhere."""
        if row.get("days") is None:
            return "—"
        rest = "—" if row["rest_days"] is None else self.number(row["rest_days"])
        return self.say("days_elsewhere", days=self.number(row["days"]), rest=rest)

    def _asked(self, row: dict[str, Any]) -> str:
        """What the office is asked about a group."""
        asked = (row["question"], row.get("time_question", False))
        word = {(False, False): "none", (True, False): "late", (False, True): "time"}
        return self.say(f"question.{word.get(asked, 'both')}")

    def desk(self) -> Section:
        names = ("used", "disowned", "not_me", "reissued", "corrections")
        return self._section("desk", (), None, (self.table("desk", "desk", names),))

    def role(self) -> Section:
        total = self.cells[COUNTY, COUNTY, "texts_opened"]
        words: tuple[str, ...] = ()
        if total["numerator"] == 0:
            words = (self.say("text.roles_none"),)
        made = self.content.get("text_grants")  # months published before this was counted have none
        if made is not None:
            words += (t("access.grants_made", self.language, count=self.number(made)),)
        return self._section("role", words, None, (self.table("role", "role", ("texts_opened",)),))

    def satisfaction(self) -> Section:
        found = self.content["satisfaction"]
        names = {one["id"]: one[self.language] for one in self.content["groups"]["body"]}
        names[COUNTY] = self.say("county")
        rows: list[tuple[str, ...]] = [
            (names[r["group"]], self.figure(r)) for r in found["figures"]
        ]
        month = month_name(found["month"], self.language)
        heads = [self.say("group"), self.say("indicator.satisfied")]
        table = self._folded(self.say("table.satisfaction", month=month), heads, rows, set())
        return self._section("satisfaction", (self.say("text.satisfaction"),), None, (table,))

    def words_only(self) -> tuple[Section, ...]:
        rows = tuple((f["name"], f["sha256"]) for f in self.content["files"])
        table = Table(self.say("table.files"), (self.say("group"), "SHA-256"), rows)
        about = t("public.about.link", self.language)
        never = tuple(t(f"public.never.r{n}", self.language) for n in range(1, 15))
        cannot = tuple(t(f"public.cannot.c{n}", self.language) for n in range(1, 8))
        ask = (self.say("text.ask"), self.say("text.appeal"))
        return (
            self._section("roster", (self.say("text.roster"),)),
            self._section("files", (self.say("text.files", link=about),), None, (table,)),
            self._section("ask", ask),
            self._section("never", never),
            self._section("cannot", cannot),
        )

    def _section(
        self,
        name: str,
        words: tuple[str, ...],
        chart: Chart | None = None,
        tables: tuple[Table, ...] = (),
        ends: tuple[str, ...] = (),
    ) -> Section:
        never = set(INDICATORS) - {indicator for _, _, indicator in self.cells} - {"satisfied"}
        about = tuple(one for one in IN_PUBLIC.get(name, ()) if one not in never)
        return Section(name, self.say(f"section.{name}"), words, chart, tables, ends, about)


def limits_text(limits: list[dict[str, Any]], language: str) -> str:
    """What the law or the public target says of one time of the office's, in words."""
    said = []
    for limit in limits:
        unit = t(f"casework.unit.{limit['unit']}", language)
        values = {"days": limit["days"], "unit": unit}
        if limit["unit"] == "per_case":
            said.append(t("figures.limit_case", language))
        elif limit["procedure"] is None:
            said.append(t("figures.limit_plain", language, **values))
        else:
            procedure = t(f"words.procedure.{limit['procedure']}", language)
            said.append(t("figures.limit", language, procedure=procedure, **values))
    return t("several.separator", language).join(dict.fromkeys(said)) or "—"


def month_name(month: str, language: str) -> str:
    """A month given as YYYY-MM, as the language writes it in a sentence."""
    return formats.month(month, language)


def sections(content: Content, language: str) -> tuple[Section, ...]:
    """Everything the page of a month says, in order."""
    page = _Page(content, language)
    return (
        page.county(), page.trend(), page.body(), page.category(), page.equal(), page.desk(),
        page.role(), page.satisfaction(), *page.words_only(),
    )  # fmt: skip


def fragment(content: Content, language: str, links: dict[str, str], sha256: str) -> Markup:
    """The page's main part as HTML, escaped; `links`: csv, meta, json and feed."""
    page = _Page(content, language)
    county = content["county"][f"name_{language}"]
    html = pages.get_template("figures.html").render(
        say=page.say, month=page.month, known=page.known, county=county, links=links,
        sections=sections(content, language), is_demo=content["demo"], sha256=sha256, Markup=Markup,
        told=partial(told, language=language), parts=SAID,
        head=lambda name: t(f"formulas.{name}", language),
    )  # fmt: skip
    return Markup(html)  # noqa: S704  rendered with autoescape


def static_page(
    content: Content, language: str, links: dict[str, str], sha256: str, other: str
) -> bytes:
    """A page of its own for `zaojie publish`; other: address of the page in the other language."""
    page = _Page(content, language)
    html = pages.get_template("figures_page.html").render(
        title=page.say("title", month=page.month), lang="zh-CN" if language == "zh" else "en",
        county=content["county"][f"name_{language}"], other=other, links=links,
        other_language=t("public.other_language", language), skip=t("public.skip", language),
        main=fragment(content, language, links, sha256),
    )  # fmt: skip
    return html.encode()
