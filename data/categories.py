"""The categories of a county: each names the service that is owed and the clock that runs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .errors import ConfigError
from .vocabulary import DOMAINS, PROCEDURES

DEFAULT_CATEGORIES = Path(__file__).parent / "config" / "categories_cn.toml"

_ALLOWED = {
    "id", "domain", "zh", "en", "service_zh", "service_en", "pack", "procedure", "place_protected",
    "keywords",
}  # fmt: skip


MOST_KEYWORDS = 40
KEYWORD_CHARACTERS = range(2, 41)


@dataclass(frozen=True)
class Category:
    """One kind of matter.

    category_id: lower-case words joined by `_`.
    names, service: by language, `zh` and `en`; the service is what the office owes.
    pack, procedure: the clock that runs.
    is_place_protected: no place below the township is kept (family matters, DOMAIN.md §2.10).
    keywords: everyday words for the matter, in any language, by which an asker finds it; written
        by a person, never taken from texts (DOMAIN.md §2.13).
    """

    category_id: str
    domain: str
    names: Mapping[str, str]
    service: Mapping[str, str]
    pack: str
    procedure: str
    is_place_protected: bool = False
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Categories:
    """The categories in force, in the order of their file; `text` is the file as it was read."""

    by_id: Mapping[str, Category]
    text: str

    def __iter__(self) -> Iterator[Category]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    def __contains__(self, category_id: object) -> bool:
        return category_id in self.by_id

    def __getitem__(self, category_id: str) -> Category:
        """The category of an id.

        Raises:
            KeyError: an id that is in no file; the record only holds ids that were checked.
        """
        return self.by_id[category_id]

    def find(self, text: str) -> Category | None:
        """The category a sender means: by id, Chinese or English name; None when it is none."""
        wanted = text.strip().casefold()
        for category in self:
            if wanted in {category.category_id, *(n.casefold() for n in category.names.values())}:
                return category
        return None

    def like(self, words: str) -> list[Category]:
        """The categories whose names or keywords occur in a few words, the best fit first.

        Nothing but the file decides: the length of what fits, then the file's order. Empty where
        nothing fits.
        """
        said = words.casefold()

        def fit(category: Category) -> int:
            terms = {term.casefold() for term in (*category.keywords, *category.names.values())}
            return sum(len(term) for term in terms if term in said)

        fits = [(fit(category), category) for category in self]
        return [c for n, c in sorted(fits, key=lambda pair: -pair[0]) if n]


def load_categories(path: Path = DEFAULT_CATEGORIES) -> Categories:
    """The categories of a file; see `parse_categories`."""
    return parse_categories(path.read_text("utf-8"), path.name)


@lru_cache(maxsize=16)  # every page and every upload asks for the ones in force
def parse_categories(text: str, name: str = "categories.toml") -> Categories:
    """The categories a text of a categories file declares.

    Args:
        text: TOML with one `[[category]]` table per category.
        name: of the file, for the sentence when it is refused.

    Raises:
        ConfigError: malformed; a category that names no service or no clock; an unknown domain or
            procedure; an id given twice; keywords that are not a list of short different words.
    """
    try:
        entries = tomllib.loads(text).get("category", [])
    except tomllib.TOMLDecodeError as err:
        raise ConfigError("intake.config.not_toml", file=name, reason=str(err)) from err
    if not isinstance(entries, list) or not entries:
        raise ConfigError("intake.config.no_categories", file=name)
    by_id: dict[str, Category] = {}
    for number, entry in enumerate(entries, 1):
        category = _category(entry, number, name)
        if category.category_id in by_id:
            raise ConfigError("intake.config.twice", file=name, id=category.category_id)
        by_id[category.category_id] = category
    return Categories(by_id, text)


def _category(entry: dict[str, object], number: int, file: str) -> Category:
    category_id = str(entry.get("id", ""))
    where = category_id or f"#{number}"
    unknown = sorted(set(entry) - _ALLOWED)
    if unknown:
        raise ConfigError("intake.config.unknown_key", file=file, id=where, key=unknown[0])
    if not category_id.isascii() or not category_id.replace("_", "").isalnum():
        raise ConfigError("intake.config.bad_id", file=file, id=where)
    if not all(entry.get(key) for key in ("zh", "en")):
        raise ConfigError("intake.config.no_name", file=file, id=where)
    if not all(entry.get(key) for key in ("service_zh", "service_en")):
        raise ConfigError("intake.config.no_service", file=file, id=where)
    if not entry.get("pack") or entry.get("procedure") not in PROCEDURES:
        raise ConfigError("intake.config.no_clock", file=file, id=where)
    if entry.get("domain") not in DOMAINS:
        raise ConfigError("intake.config.bad_domain", file=file, id=where)
    return Category(
        category_id=category_id,
        domain=str(entry["domain"]),
        names={"zh": str(entry["zh"]), "en": str(entry["en"])},
        service={"zh": str(entry["service_zh"]), "en": str(entry["service_en"])},
        pack=str(entry["pack"]),
        procedure=str(entry["procedure"]),
        is_place_protected=entry.get("place_protected", False) is True,
        keywords=_keywords(entry.get("keywords", []), where, file),
    )


def _keywords(given: object, where: str, file: str) -> tuple[str, ...]:
    words = given if isinstance(given, list) else [None]
    plain = [word.strip() if isinstance(word, str) else "" for word in words]
    is_right = (
        len(plain) <= MOST_KEYWORDS
        and len({word.casefold() for word in plain}) == len(plain)
        and all(len(word) in KEYWORD_CHARACTERS for word in plain)
    )
    if not is_right:
        raise ConfigError(
            "intake.config.bad_keywords", file=file, id=where, most=MOST_KEYWORDS,
            least=KEYWORD_CHARACTERS[0], longest=KEYWORD_CHARACTERS[-1],
        )  # fmt: skip
    return tuple(plain)
