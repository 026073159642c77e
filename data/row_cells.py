"""The cells of one row that somebody sent, and what was found wrong with them."""

from __future__ import annotations

from geo.stated import Placed
from wording import LANGUAGES, t

from .errors import RowProblem
from .fields import BY_NAME
from .unseen import seen

_WIDE = {
    **{0xFF10 + i: 0x30 + i for i in range(10)}, **{0xFF21 + i: 0x41 + i for i in range(26)},
    **{0xFF41 + i: 0x61 + i for i in range(26)}, 0xFF0D: 0x2D,
}  # fmt: skip
"""Full-width digits, letters and hyphens: numbers and codes are the same however they are typed."""


def problem(row: int, name: str, key: str, /, **values: object) -> RowProblem:
    return RowProblem(row, name, key, tuple(values.items()))


class Row:
    """The cells of one row, and what was found wrong with them."""

    def __init__(self, number: int, columns: dict[str, tuple[int, str]], cells: list[object]):
        self.number = number
        self.columns = columns
        self.cells = cells
        self.problems: list[RowProblem] = []
        self.notes: list[RowProblem] = []
        self.placed = Placed()

    def get(self, name: str) -> str:
        """The text of a field, without space around it; empty when it was not given."""
        if name not in self.columns:
            return ""
        value = self.cells[self.columns[name][0]]
        text = "" if value is None or value != value else seen(str(value))
        return text if name == "summary" else text.translate(_WIDE)

    def is_example(self) -> bool:
        marks = {t("intake.template.example_mark", language) for language in LANGUAGES}
        return any(str(cell).strip() in marks for cell in self.cells)

    def header(self, name: str) -> str:
        """The sender's own name of a field's column, for a sentence."""
        return self.column(name).rstrip(" *＊")

    def column(self, name: str) -> str:
        """The same to the letter."""
        return self.columns[name][1] if name in self.columns else BY_NAME[name].header("zh")

    def wrong(self, name: str, key: str, **values: object) -> None:
        self.problems.append(problem(self.number, self.column(name), f"intake.row.{key}", **values))

    def note(self, name: str, key: str, **values: object) -> None:
        self.notes.append(problem(self.number, self.column(name), f"intake.note.{key}", **values))
