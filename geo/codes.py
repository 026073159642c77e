"""Codes of areas: which level a code names, and which area encloses it.

A code system is configuration. The default is China's: the statistics bureau's division code with
a grid's three digits behind it (DOMAIN.md §3). A city with other codes has no system at all: its
levels and parents are columns of its layer, and nothing here is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

ROOT_LEVEL = "county"
"""The level a layer begins at: the county, or the city that uses the program in its place."""


@dataclass(frozen=True)
class CodeSystem:
    """Codes in which every area's code begins with its parent's.

    id: name of the system in configuration.
    levels: from the widest to the finest.
    widths: digits of a code at each level, growing.
    padded_width: width to which other systems fill a code up with zeros; 0 = never.
    """

    id: str
    levels: tuple[str, ...]
    widths: tuple[int, ...]
    padded_width: int = 0

    def __post_init__(self) -> None:
        if len(self.levels) != len(self.widths) or list(self.widths) != sorted(set(self.widths)):
            raise ValueError(f"code system {self.id}: one growing width per level is needed")

    def plain(self, code: str) -> str:
        """The code without the zeros that only fill it up: 330102001000 -> 330102001.

        Raises:
            ValueError: for anything that is not a code of this system.
        """
        text = code.strip()
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"{code!r} is not a code of {self.id}: digits only")
        if len(text) == self.padded_width:
            for upper, width in zip((0, *self.widths), self.widths, strict=False):
                if not text[upper:].strip("0") and upper:
                    return text[:upper]
                if width >= self.padded_width:
                    break
        if len(text) not in self.widths:
            allowed = ", ".join(map(str, self.widths))
            raise ValueError(f"{code!r} is not a code of {self.id}: {allowed} digits")
        return text

    def level(self, code: str) -> str:
        """The level of a code. Raises ValueError as `plain` does."""
        return self.levels[self.widths.index(len(self.plain(code)))]

    def parent(self, code: str) -> str | None:
        """The enclosing area's code; None for the widest level. Raises as `plain` does."""
        plain = self.plain(code)
        place = self.widths.index(len(plain))
        return plain[: self.widths[place - 1]] if place else None

    def at(self, code: str, level: str) -> str | None:
        """The enclosing area at `level`, the area itself included; None where there is none.

        Raises:
            ValueError: for a code or a level that is not of this system.
        """
        plain = self.plain(code)
        width = self.widths[self.levels.index(level)]
        return plain[:width] if width <= len(plain) else None

    def padded(self, code: str) -> str:
        """The code as the bureau prints it, filled up with zeros; a grid's stays as it is."""
        return self.plain(code).ljust(self.padded_width, "0")


CN = CodeSystem(
    id="cn_division",
    levels=("province", "prefecture", "county", "township", "village", "grid"),
    widths=(2, 4, 6, 9, 12, 15),
    padded_width=12,
)
"""Division code of the national statistics bureau, then three digits for the grid."""
