"""The one dictionary of what a sender may say about a case: form, spreadsheet, mapping and API.

No field is for a person: who asks, and who registers, have no place in the record (DOMAIN.md
§2.2). Names and meanings in both languages stand in the catalogues (`intake.field.<name>.…`).
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.crs import SYSTEMS
from wording import LANGUAGES, t

from .vocabulary import (
    AMOUNT_BANDS,
    ASKED_HOW,
    CHANNELS,
    CONFIRMED_CHANNELS,
    DOMAINS,
    KINDS,
    PROCEDURES,
)

STAFF_CHANNELS = tuple(c for c in CHANNELS if c not in CONFIRMED_CHANNELS)
"""Channels of a case that staff type in; the asker's own come in by their own door, confirmed."""

YES, NO = "yes", "no"


@dataclass(frozen=True)
class Field:
    """One thing a sender may give.

    name: of the column in code; `type`: text, moment, choice, place, degrees, category, body.
    unit: of the value, empty when it has none. choices: of a closed list, else empty.
    words: prefix of the catalogue keys of the choices.
    least, most: characters of a text; 0 = no limit.
    is_required: must be given; `asked` and `asked_how` are required for channel on_behalf only, a
    township only when no grid is given. is_required_in_files: must be given in rows of a file.
    """

    name: str
    type: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    words: str = ""
    least: int = 0
    most: int = 0
    is_required: bool = False
    is_required_in_files: bool = False

    def header(self, language: str) -> str:
        """The name of the field in a form or spreadsheet."""
        return t(f"intake.field.{self.name}.header", language)

    def meaning(self, language: str) -> str:
        """What it means and what may stand in it, in one sentence."""
        return t(f"intake.field.{self.name}.meaning", language)

    def must_be_given(self, *, is_file: bool) -> bool:
        """Whether a sender has to give it, in a file or by itself."""
        return self.is_required or (is_file and self.is_required_in_files)

    def choice(self, value: str, language: str) -> str:
        """The word of one of the choices."""
        return t(f"{self.words}.{value}", language)

    def find(self, text: str) -> str | None:
        """The choice a sender means, by its id or its word in any language; None = none of them."""
        wanted = text.strip().casefold()
        for value in self.choices:
            words = {self.choice(value, language).casefold() for language in LANGUAGES}
            if wanted == value or wanted in words:
                return value
        return None


FIELDS = (
    Field("source_id", "text", most=64, is_required_in_files=True),
    Field("opened_at", "moment", unit="local time", is_required=True),
    Field("township", "place"),
    Field("grid", "place"),
    Field("lon", "degrees", unit="degrees"),
    Field("lat", "degrees", unit="degrees"),
    Field("coordinate_system", "choice", choices=SYSTEMS, words="placing.system"),
    Field("domain", "choice", choices=DOMAINS, words="words.domain"),
    Field("category", "category", is_required=True),
    Field("kind", "choice", choices=KINDS, words="words.kind", is_required=True),
    Field("channel", "choice", choices=STAFF_CHANNELS, words="words.channel", is_required=True),
    Field("asked", "choice", choices=(YES, NO), words="intake.yes_no"),
    Field("asked_how", "choice", choices=ASKED_HOW, words="intake.asked_how"),
    Field("amount_band", "choice", unit="yuan", choices=AMOUNT_BANDS, words="words.amount"),
    Field("procedure", "choice", choices=PROCEDURES, words="words.procedure"),
    Field("body", "body", is_required=True),
    Field("summary", "text", least=4, most=2000, is_required=True),
)
"""In the order of the form and of the template's columns."""

POINT = ("lon", "lat")
"""Help to find the area, and are kept nowhere, waiting rows included (DOMAIN.md §2.10)."""

BY_NAME = {field.name: field for field in FIELDS}

_PERSON_WORDS = (
    "姓名", "名字", "电话", "手机", "联系方式", "联系人", "身份证", "证件", "住址", "地址",
    "住所", "户籍", "性别", "年龄", "出生", "民族", "银行卡", "卡号", "账号", "微信", "qq",
    "邮箱", "照片", "车牌", "经办人", "登记人", "录入人", "人数", "投诉人", "来访人", "来电人",
    "信访人", "申请人", "当事人", "户主",
    "name", "phone", "mobile", "telephone", "identity", "id card", "address", "street", "gender",
    "sex", "birth", "age", "e-mail", "email", "wechat", "photo", "passport", "contact", "caller",
    "number of people", "media_url",
)  # fmt: skip
"""Parts of column names that hold persons, or the number of people behind a case (§2.2, §2.3)."""
_WHOLE_WORDS = frozenset({"age", "sex", "name", "qq", "street"})


def normal(header: str) -> str:
    """A column's name without case, spaces, marks of obligation and notes in brackets."""
    plain = header.translate({0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20})
    plain = plain.split("(")[0].casefold().strip(" *:：\t\r\n")
    return " ".join(plain.replace("_", " ").split())


def by_header(header: str) -> Field | None:
    """The field a column's name means: its name in code or its header in any language."""
    return _HEADERS.get(normal(header))


def is_point_column(header: str) -> bool:
    """Whether a column holds half of a point."""
    found = by_header(header)
    return found is not None and found.name in POINT


def is_person_column(header: str) -> bool:
    """Whether a column's name says that it holds a person; such columns are dropped unread."""
    plain = normal(header)
    if plain in _HEADERS:
        return False
    words = set(plain.split())
    return any(word in words if word in _WHOLE_WORDS else word in plain for word in _PERSON_WORDS)


def _headers() -> dict[str, Field]:
    known: dict[str, Field] = {}
    for field in FIELDS:
        for text in (field.name, *(field.header(language) for language in LANGUAGES)):
            known[normal(text)] = field
        for language in LANGUAGES:
            for text in t(f"intake.field.{field.name}.also", language).split("|"):
                if text:
                    known.setdefault(normal(text), field)
    return known


_HEADERS = _headers()
