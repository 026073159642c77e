"""Every staff page, who has it, whose first page it is: the menu, and the guard of its tests."""

from __future__ import annotations

from dataclasses import dataclass

from data.vocabulary import ROLES


@dataclass(frozen=True)
class Entry:
    """One page: its file `pages/<name>.py`, its address, who has it, under which heading.

    name: also the address, and the key of its title (`ui.nav.<name>`).
    roles: who may open it; first_for: whose first page it is.
    """

    name: str
    section: str
    roles: tuple[str, ...]
    first_for: tuple[str, ...] = ()


PAGES = (
    Entry("overview", "service", ("supervisor", "leader"), ("supervisor", "leader")),
    Entry(
        "worklist",
        "service",
        ("township_clerk", "department_clerk", "supervisor"),
        ("township_clerk", "department_clerk"),
    ),
    Entry("register", "service", ("grid_worker", "township_clerk"), ("grid_worker",)),
    Entry("case", "service", ("township_clerk", "department_clerk", "supervisor")),
    Entry("likely_late", "service", ("supervisor",)),
    Entry(
        "assignments",
        "service",
        ("supervisor", "leader", "township_clerk", "department_clerk"),
    ),
    Entry("map", "service", ("supervisor", "leader")),
    Entry("reception", "duties", ("supervisor",)),
    Entry(
        "sweeps",
        "duties",
        ("supervisor", "leader", "township_clerk", "department_clerk"),
    ),
    Entry(
        "campaigns",
        "duties",
        ("supervisor", "leader", "township_clerk", "department_clerk"),
    ),
    Entry("supervision", "duties", ("supervisor", "leader")),
    Entry(
        "backlog",
        "duties",
        ("supervisor", "leader", "township_clerk", "department_clerk"),
    ),
    Entry(
        "held",
        "duties",
        ("supervisor", "leader", "township_clerk", "department_clerk"),
    ),
    Entry(
        "consultations",
        "duties",
        ("supervisor", "leader", "township_clerk", "department_clerk"),
    ),
    Entry(
        "suggestions",
        "duties",
        ("supervisor", "leader", "township_clerk", "department_clerk"),
    ),
    Entry("indicators", "reports", ("supervisor", "leader")),
    Entry("equal_service", "reports", ("supervisor", "leader")),
    Entry("workload", "reports", ("supervisor", "leader")),
    Entry("body_year", "reports", ("supervisor", "leader")),
    Entry("filing", "reports", ("township_clerk", "supervisor")),
    Entry("report", "reports", ("supervisor", "leader")),
    Entry("roster", "reports", ("supervisor", "administrator")),
    Entry("accounts", "administration", ("administrator",), ("administrator",)),
    Entry("grants", "administration", ("administrator", "supervisor")),
    Entry("machines", "administration", ("administrator",)),
    Entry("rules", "administration", ("administrator", "supervisor")),
    Entry("areas", "administration", ("administrator",)),
    Entry("mappings", "administration", ("administrator",)),
    Entry("nights", "administration", ("administrator",)),
    Entry("audit", "administration", ("administrator",)),
    Entry("help", "help", ROLES),
)
"""Every staff page; order is the menu's. A page stands here or it does not exist."""
