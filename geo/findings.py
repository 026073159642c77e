"""What is found in a file of areas: whole sentences out of the catalogue, for whoever loads it."""

from __future__ import annotations

from dataclasses import dataclass

from wording import catalogue, t


@dataclass(frozen=True)
class Finding:
    """One thing found in a layer: a catalogue text with its values."""

    key: str
    values: tuple[tuple[str, object], ...] = ()

    def text(self, language: str) -> str:
        """The sentence, plain text."""
        values = dict(self.values)
        if (named := f"geo.level.{values.get('level')}") in catalogue(language):
            values["level"] = t(named, language)
        return t(self.key, language, **values)


class LayerRefused(ValueError):
    """A layer that cannot be used; `findings` lists every reason. Nothing was stored."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """Heading and every reason, one a line, plain text."""
        head = t("geo.layer.refused", language, count=len(self.findings))
        return "\n".join([head, *(f"- {found.text(language)}" for found in self.findings)])


def found(name: str, **values: object) -> Finding:
    """A finding of `geo.layer.<name>`."""
    return Finding(f"geo.layer.{name}", tuple(values.items()))
