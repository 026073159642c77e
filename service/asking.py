"""What the open pages need to take a request: places to pick from, who owes the answer, checks.

Boundaries stay in this room: names, a drawn picture and the one grid that was pointed at go out.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd

from data.categories import Category
from data.db import Db
from data.fields import BY_NAME
from data.places import read_areas, read_bodies, read_townships
from data.record import ONLINE
from data.redact import KINDS as MARKS
from data.redact import redact
from data.rows import NewCase
from data.scope import RESIDENT, Scope
from geo.tree import Tree
from reports.place_map import PlaceMap
from wording import LANGUAGES, t

from .recent_waits import Recent

KEPT_SECONDS = 600.0
"""A layer or office that changed is seen by askers after at most ten minutes."""
MOST_PICTURES = 400
TEXT = BY_NAME["summary"]
"""How long a request may be."""
KINDS = BY_NAME["kind"].choices


@dataclass(frozen=True)
class Desk:
    """A township that can be asked about, and the body that receives what is sent."""

    names: Mapping[str, str]
    body_id: str


class Ground:
    """Townships with a desk, and the villages, grids and pictures within them.

    desks: by township code. kinds: kind of body by id. bodies: names by language, then id.
    """

    def __init__(
        self, desks: Mapping[str, Desk], bodies: pd.DataFrame, layer: gpd.GeoDataFrame
    ) -> None:
        self.desks = desks
        by_id = bodies.set_index("body_id")
        self.kinds: dict[str, str] = by_id["kind"].to_dict()
        self.bodies = {lang: by_id[f"name_{lang}"].to_dict() for lang in LANGUAGES}
        self._layer = layer
        self._names = {
            row.code: {"zh": row.name_zh, "en": row.name_en} for row in layer.itertuples()
        }
        self._villages: dict[str, list[str]] = {}
        self._grids: dict[str, list[str]] = {}
        self._township: dict[str, str] = {}
        self._read_tree()
        self._maps: dict[str, PlaceMap | None] = {}
        self._pictures: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()
        self._lock = Lock()

    def _read_tree(self) -> None:
        if self._layer.empty:
            return
        codes, parents = self._layer["code"].tolist(), self._layer["parent_code"].tolist()
        above = dict(zip(codes, parents, strict=True))
        depth = Tree.of(self._layer.set_index("code")["parent_code"]).depth
        for code, level in zip(codes, depth, strict=True):
            if level != depth.max() or code in self.desks:
                continue
            village = above[code]
            at = village
            while isinstance(at, str) and at not in self.desks:
                at = above.get(at)
            if isinstance(at, str):
                self._township[code] = at
                self._grids.setdefault(village, []).append(code)
                if village not in self._villages.setdefault(at, []):
                    self._villages[at].append(village)

    def villages(self, township: str, language: str) -> dict[str, str]:
        """Names by code of the areas that hold the township's grids; none without a layer."""
        return {code: self.name(code, language) for code in self._villages.get(township, [])}

    def grids(self, village: str, language: str) -> list[str]:
        """Names of a village's grids; a grid is picked by its position in this list."""
        return [self.name(code, language) for code in self._grids.get(village, [])]

    def grid_at(self, village: str, position: str) -> str | None:
        """Code of the grid at a position of `grids`, as it came from a form."""
        codes = self._grids.get(village, [])
        is_one = position.isascii() and position.isdigit() and int(position) < len(codes)
        return codes[int(position)] if is_one else None

    def position(self, grid: str) -> int | None:
        """The grid's position in its village's list."""
        village = self.village_of(grid)
        return self._grids[village].index(grid) if village else None

    def village_of(self, grid: str) -> str | None:
        """Code of the area that holds a grid."""
        return next((v for v, codes in self._grids.items() if grid in codes), None)

    def is_within(self, grid: str, township: str) -> bool:
        """Whether a grid lies in a township."""
        return self._township.get(grid) == township

    def name(self, code: str, language: str) -> str:
        """Name of a township, village or grid."""
        if code in self._names:
            return str(self._names[code][language])
        return self.desks[code].names[language] if code in self.desks else ""

    def map_of(self, township: str) -> PlaceMap | None:
        """The picture of a township; None where no boundaries are loaded."""
        if township not in self._maps:
            self._maps[township] = self._made(township)
        return self._maps[township]

    def _made(self, township: str) -> PlaceMap | None:
        villages = self._villages.get(township, [])
        grids = [code for village in villages for code in self._grids[village]]
        layer = self._layer[self._layer["code"].isin({township, *villages, *grids})]
        drawn = layer.loc[layer["code"].isin(grids)].geometry
        if not len(drawn) or drawn.isna().all():
            return None
        return PlaceMap(layer.reset_index(drop=True))

    def picture(self, township: str, language: str, width: int) -> bytes | None:
        """PNG of a township, drawn once; None where there is none.

        Raises:
            ValueError: a width that is not among `reports.place_map.WIDTHS`.
        """
        chart = self.map_of(township)
        if chart is None:
            return None
        key = (township, language, width)
        with self._lock:
            if key not in self._pictures:
                self._pictures[key] = chart.picture(width, language)
                while len(self._pictures) > MOST_PICTURES:
                    self._pictures.popitem(last=False)
            return self._pictures[key]


def read_ground(db: Db, scope: Scope, default_desk: str = "") -> Ground:
    """The ground of a county, for the open pages.

    Args:
        scope: `Scope.public()`. Residents read no boundaries; they are read here as the operator's
            and stay inside the `Ground`, which gives out names and pictures.
        default_desk: body that receives what is sent for a township without an office of its own;
            empty = such a township cannot be chosen.
    """
    scope.need(RESIDENT)
    today = db.now().astimezone(ZoneInfo(db.county().zone)).date()
    bodies, townships = read_bodies(db, scope), read_townships(db, scope)
    offices = bodies[(bodies["kind"] == "township_office") & bodies["township_code"].notna()]
    own = dict(zip(offices["township_code"], offices["body_id"], strict=True))
    default = default_desk if default_desk in set(bodies["body_id"]) else ""
    on = pd.Timestamp(today)
    active = townships[(townships["valid_from"] <= on) & ~(townships["valid_to"] < on)]
    desks = {
        row.township_code: Desk({"zh": row.name_zh, "en": row.name_en}, body_id)
        for row in active.itertuples()
        if (body_id := own.get(row.township_code, default))
    }
    return Ground(desks, bodies, read_areas(db, Scope.operator(), today))


class GroundKept:
    """The ground of one database, read again after `KEPT_SECONDS`."""

    def __init__(self, default_desk: str = "", now: Callable[[], float] = time.monotonic) -> None:
        self._default, self._now = default_desk, now
        self._kept: tuple[float, Ground] | None = None
        self._lock = Lock()

    def of(self, db: Db) -> Ground:
        """The ground as it was read last, or anew."""
        with self._lock:
            now = self._now()
            if self._kept is None or now - self._kept[0] >= KEPT_SECONDS:
                self._kept = (now, read_ground(db, Scope.public(), self._default))
            return self._kept[1]


def owing_body(recent: Recent, ground: Ground, township: str) -> str:
    """The body proposed to owe the answer: where such cases usually go, else the desk itself.

    A matter that township offices settle goes to this township's, not to the busiest.
    """
    return usual_or_desk(recent, ground.kinds, ground.desks[township].body_id)


def usual_or_desk(recent: Recent, kinds: Mapping[str, str], desk: str) -> str:
    """`owing_body` of a desk; kinds: kind of body by id."""
    usual = recent.usual_body_id
    if usual is None or kinds.get(usual, "township_office") == "township_office":
        return desk
    return usual


def cleaned(text: str, language: str) -> str:
    """What will be stored of a text: lines as typed, persons the redactor recognises taken out."""
    return redact(text.replace("\r\n", "\n").strip(), language).text


def new_case(
    category: Category,
    place: tuple[str, str | None],
    kind: str,
    text: str,
    body_id: str,
    token: str,
    opened_at: dt.datetime,
    language: str,
) -> NewCase:
    """The case of a form whose parts were checked.

    Args:
        place: township and grid; of a family matter the grid is left out here as well.
        token: of the form; the same one twice is the same case. language: of the redactor's marks.
    """
    township, grid = place
    return NewCase(
        township_code=township, grid_code=None if category.is_place_protected else grid,
        opened_at=opened_at, domain=category.domain, category=category.category_id, kind=kind,
        channel=ONLINE, procedure=category.procedure, body_id=body_id,
        summary=cleaned(text, language), source_id=token, pack=category.pack,
    )  # fmt: skip


def marked(text: str, language: str) -> list[tuple[str, bool]]:
    """The text in pieces: (words, whether they are a mark where something was taken out)."""
    marks = [t(f"intake.mark.{kind}", language) for kind in MARKS]
    pieces: list[tuple[str, bool]] = [(text, False)]
    for mark in marks:
        split: list[tuple[str, bool]] = []
        for words, is_mark in pieces:
            if is_mark:
                split.append((words, True))
                continue
            first, *rest = words.split(mark)
            split.append((first, False))
            for part in rest:
                split += [(mark, True), (part, False)]
        pieces = split
    return [piece for piece in pieces if piece[0]]
