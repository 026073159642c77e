"""Why a rules pack is not in use: one sentence with its file, the place in it and what must be."""

from __future__ import annotations

from data.errors import ConfigError
from wording import t


class PackError(ConfigError):
    """A rules pack that is malformed, says something impossible, or is looser than its law."""

    def __init__(self, file: str, place: str, must: str, /, **values: object) -> None:
        """`must`: end of a catalogue key `casework.pack.must.<must>`, with its values."""
        self.must, self.must_values = f"casework.pack.must.{must}", values
        super().__init__(
            "casework.pack.malformed", pack=file, place=place, must=t(self.must, "en", **values)
        )

    def text(self, language: str) -> str:
        """The message in a language, plain text."""
        must = t(self.must, language, **self.must_values)
        return t(self.key, language, **(self.values | {"must": must}))
