"""What may stand in a cell of a CSV file, so that a spreadsheet takes text for text."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def text_cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; else as given.

    Source: OWASP, CSV injection.
    """
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
