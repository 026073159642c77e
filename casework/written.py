"""What an office writes down with each of its steps; every word is shown to the asker unchanged.

Parts are the names under which words are kept and shown (DOMAIN.md §2.7); which of them a step
cannot do without follows from DOMAIN.md §2.6 and §5 and from Art. 23, 32, 34-36 of the
regulations of 2022.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data.history import ANSWER_PARTS

from .rule import Pack


@dataclass(frozen=True)
class Written:
    """The parts a step asks for (`needed`) and those it may have beside (`free`)."""

    needed: tuple[str, ...] = ()
    free: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """All parts, in the order in which they are written."""
        return self.needed + self.free


APPROVERS = ("head", "deputy_head", "leader_in_charge")
"""Posts that approve an extension (信访工作条例 Art. 34): a post from this list, never a name."""

_WITH_APPEAL = Written(("reason", "remedy"))

WRITTEN: Mapping[str, Written] = {
    "declined": _WITH_APPEAL,
    "no_remedy": _WITH_APPEAL,
    "referred": _WITH_APPEAL,
    "objected": Written(("reason",)),
    "extended": Written(("reason", "approval")),
    "transferred": Written((), ("reason",)),
    "answered": Written(ANSWER_PARTS),
    "notified": Written(("said",)),
    "delivered": Written((), ("said",)),
    "reviewed": Written(("facts", "opinion", "basis", "remedy")),
    "rechecked": Written(("facts", "opinion", "basis")),
}
"""Steps that are not listed may have a note."""


def written(event: str, pack: Pack | None = None) -> Written:
    """What is written with a step; with an answer, what the case's pack asks for, where it says."""
    if event == "answered" and pack is not None and pack.answer_parts is not None:
        needed = pack.answer_parts.parts
        return Written(needed, tuple(p for p in ANSWER_PARTS if p not in needed))
    return WRITTEN.get(event, Written((), ("note",)))


def missing(event: str, words: Mapping[str, str], pack: Pack | None = None) -> tuple[str, ...]:
    """The parts a step still lacks: given nowhere, or only blanks."""
    return tuple(p for p in written(event, pack).needed if not words.get(p, "").strip())
