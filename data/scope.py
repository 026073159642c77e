"""Who asks, and how far they may see: a required argument of every read and write of the record.

A scope is made in one place, `data.sessions` for staff (from the session), `data.receipts` for a
resident (from a code, or in `data.taking_in` for what was said with one on a server outside),
`data.machines` for a token, or here for the server's own operator at the command line. Nothing
else makes one, and no function has a default for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .errors import NotAllowed
from .vocabulary import ROLES

OPERATOR = "operator"
"""Whoever runs commands on the server itself; reads figures and imports, no case's text."""
RESIDENT = "resident"
MACHINE = "machine"
"""A system that sends cases for one desk with a token (`data.machines`); reads no text."""


@dataclass(frozen=True)
class Scope:
    """Who asks and what they reach.

    who: account id, or `operator`, a token's id, the id of the one case a resident's code opened.
    role: one of `ROLES`, or `operator`, `resident`, `machine`.
    townships: township codes whose desk this is; empty = none. Not a wildcard.
    bodies: ids of the bodies whose cases are owed; empty = none. Not a wildcard.
    desk: body where the account sits and registers; None for county roles.
    place: network the request came from, for the audit log only (`data.sessions.place_of`); None =
        not known. Two scopes that differ in it alone are the same.
    """

    who: str
    role: str
    townships: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()
    desk: str | None = None
    place: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.role not in (*ROLES, OPERATOR, RESIDENT, MACHINE):
            raise ValueError(f"no such role: {self.role}")

    @classmethod
    def operator(cls) -> Scope:
        """The command line on the server: figures, imports, exports that are coarsened or asked."""
        return cls(who=OPERATOR, role=OPERATOR)

    @classmethod
    def public(cls) -> Scope:
        """The open pages: names of offices and files in force; it opens no case."""
        return cls(who="", role=RESIDENT)

    @property
    def sees_county_figures(self) -> bool:
        """Whether this scope may read figures over all cases (rows without identity)."""
        return self.role in {"supervisor", "leader", OPERATOR}

    @property
    def sees_open_cases(self) -> bool:
        """Whether this scope may list every open case, without texts."""
        return self.role == "supervisor"

    def need(self, *roles: str) -> None:
        """Refuse unless the role is one of `roles`.

        Raises:
            NotAllowed: with the sentence a page shows.
        """
        if self.role not in roles:
            raise NotAllowed("data.error.not_allowed")
