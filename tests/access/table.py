"""Who may do what on which rows: the one table, written from DOMAIN.md §1 and §2.

The code is not read to make it: `test_table.py` walks every cell through the store, and
`docs/access-table.md` is this table as people read it.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from data import (
    accounts,
    anchors,
    answer_reviews,
    appointments,
    assignments,
    audit,
    bulk,
    campaigns,
    consultations,
    corrections,
    ending,
    evaluations,
    expected,
    filings,
    grants,
    inspections,
    machines,
    openings,
    outbox,
    places,
    plans,
    publications,
    quarantine,
    reading,
    receipts,
    receptions,
    record,
    roster,
    running,
    scores,
    steering,
    suggestions,
    sweeps,
)
from data.consultation_checks import Notice
from data.db import Db
from data.errors import NotAllowed
from data.history import NewEvent
from data.planned import NewPlan, PlanStep
from data.schema import appointment
from data.schema import roster as roster_table
from data.scope import Scope
from service import hotspots, map_file
from tests.conftest import (
    ADMINISTRATOR,
    BODIES,
    DESK,
    GRID_WORKER,
    HOUSING,
    LABOUR,
    LEADER,
    SUPERVISOR,
    TOWNSHIPS,
)

RELATIONS = ("owes", "registered", "passed_on", "other")
"""A case and who looks: the body owes its answer; its desk registered it and has it still; its desk
registered it and another body has it now; neither."""
ROLES = {
    "grid_worker": GRID_WORKER, "township_clerk": DESK, "department_clerk": LABOUR,
    "supervisor": SUPERVISOR, "leader": LEADER, "administrator": ADMINISTRATOR,
    "machine": Scope("token", "machine", frozenset({"990000001000"}), desk="t01"),
    "operator": Scope.operator(), "another case's asker": Scope("AAAA-AAAA-AAAA", "resident"),
    "public": Scope.public(),
}  # fmt: skip
"""Every role and who stands for it; the asker's own scope is made per case."""
OTHER = {"department_clerk": HOUSING}
ALL = frozenset(RELATIONS)
HAS = frozenset({"owes", "registered"})
OWES = frozenset({"owes"})
MINE = frozenset({"owes", "registered", "passed_on"})
CLERKS = ("township_clerk", "department_clerk")
NOTHING: frozenset[str] = frozenset()

Run = Callable[[Db, Scope, str], Any]


@dataclass(frozen=True)
class OnCase:
    """Something done to one case: per role the relations in which it works; others never."""

    name: str
    run: Run
    reach: dict[str, frozenset[str]]

    def may(self, role: str, relation: str) -> bool:
        return relation in self.reach.get(role, NOTHING)


@dataclass(frozen=True)
class OnCounty:
    """Something that is of no single case: the roles for which it works."""

    name: str
    run: Callable[[Db, Scope], Any]
    roles: tuple[str, ...]


def anything(history: object, event: object) -> None:
    """No rules: who may act is asked here, not when."""


def _step(name: str, **more: Any) -> Run:
    new = NewEvent(name, words={"note": "已说明。"}, **more)
    return lambda db, scope, case_id: record.add_event(db, scope, case_id, new, anything)


def _listed(db: Db, scope: Scope, case_id: str) -> None:
    found = reading.read_worklist(db, scope, db.now()).cases["case_id"].tolist()
    if case_id not in found:
        raise LookupError(case_id)


def _asks(db: Db, scope: Scope, case_id: str) -> None:
    corrections.ask(db, scope, case_id, "place", None, {})


def _declines(db: Db, scope: Scope, case_id: str) -> None:
    corrections.ask(db, Scope(case_id, "resident"), case_id, "place", None, {})
    corrections.decline(db, scope, case_id, "place", "entered_as_asked")


def _became(db: Db, scope: Scope, case_id: str) -> None:
    """Who may is asked here; that it is an answered suggestion elsewhere."""
    try:
        suggestions.say(db, scope, case_id, "taken_up", None)
    except NotAllowed as err:
        if err.key != "suggestions.error.not_answered":
            raise


def _new_consultation(db: Db, scope: Scope) -> None:
    body = next(iter(sorted(scope.bodies)), "b01")
    day = db.now().astimezone(ZoneInfo(db.county().zone)).date()
    town = next(iter(sorted(scope.townships)), None)
    notice = Notice(body, "school", town, "题目", "内容", "大厅", "窗口", day,
                    day + dt.timedelta(days=31))  # fmt: skip
    consultations.open_new(db, scope, notice)


def _knows_booked(db: Db, scope: Scope, case_id: str) -> None:
    with db.write() as conn:
        if conn.execute(roster_table.select().limit(1)).first() is None:
            conn.execute(roster_table.insert().values(
                id=1, day=A_DAY, starts="09:00", ends="11:00", post="county_head", place="大厅",
                slots=6, recorded_at=db.now(), is_off=False,
            ))  # fmt: skip
        made = appointment.insert().values(
            case_id=case_id, event="booked", roster_id=1, slot=1, recorded_at=db.now()
        )
        conn.execute(made)
    if not appointments.read_moments(db, scope, case_id):
        raise LookupError(case_id)


STAFF = {"township_clerk": HAS, "department_clerk": HAS, "supervisor": ALL, "the asker": ALL}
ASKER = {"the asker": ALL}

ON_CASE = (
    OnCase("see where it stands", lambda db, s, c: reading.read_case(db, s, c), STAFF),
    OnCase("have it in the work list", _listed,
           {"township_clerk": OWES, "department_clerk": OWES, "supervisor": ALL}),
    OnCase("open its text (told to the asker; a supervisor gives a reason)",
           lambda db, s, c: openings.open_texts(db, s, c, "核对"),
           {**dict.fromkeys(CLERKS, HAS), "supervisor": ALL, "the asker": ALL}),
    OnCase("read its text as the asker", lambda db, s, c: reading.read_summary(db, s, c), ASKER),
    OnCase("see who opened its text", lambda db, s, c: openings.text_openings(db, s, c), ASKER),
    OnCase("record a step", _step("contacted"), dict.fromkeys(CLERKS, OWES)),
    OnCase("pass it on (a supervisor: only where a body objected)",
           _step("transferred", to_body_id="b02"), dict.fromkeys(CLERKS, HAS)),
    OnCase("say it is not solved", _step("not_solved"), ASKER),
    OnCase("ask for a correction", _asks, ASKER),
    OnCase("book a reception, see the appointment",
           lambda db, s, c: appointments.stands(db, s, c), ASKER),
    OnCase("know that a reception is booked (never day, session or place)", _knows_booked,
           {"township_clerk": OWES, "department_clerk": OWES, "supervisor": ALL}),
    OnCase("decide a correction", _declines, dict.fromkeys(CLERKS, HAS)),
    OnCase("say what became of a suggestion", _became, dict.fromkeys(CLERKS, OWES)),
    OnCase("read what became of a suggestion", lambda db, s, c: suggestions.outcomes(db, s, c),
           STAFF),
    OnCase("erase a text that names a person", lambda db, s, c: ending.erase(
        db, s, c, ending.erasable(db, s, c)[0].text_id),
        {**dict.fromkeys(CLERKS, HAS), "supervisor": ALL}),
    OnCase("issue another code (a clerk: where the own desk registered it)",
           lambda db, s, c: receipts.reissue(db, s, c),
           {"township_clerk": MINE, "operator": ALL}),
    OnCase("plan it, once it is backlog", lambda db, s, c: _plan(db, s, c),
           {"supervisor": ALL}),
    OnCase("read the plan that clears it", lambda db, s, c: plans.of_case(db, s, c, db.now()),
           STAFF),
    OnCase("know whether its asker has a slip", lambda db, s, c: _slip(db, s, c),
           {**dict.fromkeys(CLERKS, HAS), "supervisor": ALL}),
)  # fmt: skip


def _plan(db: Db, scope: Scope, case_id: str) -> None:
    of = (db, SUPERVISOR, case_id)
    day, there = db.now().date(), plans.of_case(*of, db.now())
    replaces, reason = (there[-1].plan_id, "step_added") if there else (None, None)
    new = NewPlan(
        case_id, reading.read_case(*of).body_id, "county_head", day, (PlanStep("answer", day),),
        replaces, reason,
    )  # fmt: skip
    plans.make(db, scope, new, lambda *judged: None)


def _slip(db: Db, scope: Scope, case_id: str) -> None:
    receipts.without_receipt(db, scope, case_id)
    reading.read_case(db, scope, case_id)


def _case(db: Db) -> Any:
    from tests.service.test_hostile_clerk import plain_case

    return plain_case(db.now())


FIGURES = ("supervisor", "leader", "operator")
KEEPERS = ("administrator", "operator")
A_DAY = dt.date(2026, 3, 5)

ON_COUNTY = (
    OnCounty("register a case", lambda db, s: record.register(db, s, _case(db)),
             ("grid_worker", "township_clerk", "machine")),
    OnCounty("see the refused rows of the own desk", lambda db, s: quarantine.waiting(db, s),
             (*CLERKS, "operator")),
    OnCounty("file the day", lambda db, s: filings.file_day(
        db, s, "990000001000", db.now().date(), "zero", None), ("township_clerk",)),
    OnCounty("read what desks filed (a clerk: the own desk)", lambda db, s: filings.read_revisions(
        db, s, db.now().date(), db.now().date(), db.now()), (*FIGURES, "township_clerk")),
    OnCounty("excuse a desk's day", lambda db, s: filings.excuse_day(
        db, s, "990000001000", db.now().date(), "power_cut"), ("supervisor",)),
    OnCounty("read the county's figures", lambda db, s: reading.read_figures(db, s, db.now()),
             FIGURES),
    OnCounty("read scores and flags", lambda db, s: scores.read_scores(db, s, db.now()),
             ("supervisor", "operator")),
    OnCounty("read every assignment's figures",
             lambda db, s: assignments.read_figures(db, s, db.now()), FIGURES),
    OnCounty("read the plans of the backlog (a clerk: of the cases it owes)",
             lambda db, s: plans.read(db, s, db.now()), (*CLERKS, "supervisor")),
    OnCounty("read every plan's figures, without a case",
             lambda db, s: plans.read_figures(db, s, db.now()), FIGURES),
    OnCounty("list the answers that came back (a clerk: those its own body gave)",
             lambda db, s: answer_reviews.came_back(db, s, db.now(), db.now()),
             (*CLERKS, "supervisor")),
    OnCounty("read what is learnt from them, without case and body",
             lambda db, s: answer_reviews.read_figures(db, s, db.now(), db.now()), FIGURES),
    OnCounty("read what was forecast for the map, without case ids",
             lambda db, s: expected.read_probabilities(db, s, db.now()), FIGURES),
    OnCounty("take a layer of the map, or of one area of it, as a file",
             lambda db, s: map_file.write_export(
                 _mapped(db), s, "filing", "csv", db.now(), "zh", map_file.Part("990000001000")),
             FIGURES),
    OnCounty("take the comparison of two spans as a file", lambda db, s: map_file.write_pair(
        _mapped(db), s, "late_share", 13, "csv", db.now(), "zh"), FIGURES),
    OnCounty("see where answers are slow beyond chance",
             lambda db, s: hotspots.slow_areas(_mapped(db), s, db.now(), "late_share"), FIGURES),
    OnCounty("see how many receipts were used", lambda db, s: receipts.use_by_desk(db, s), FIGURES),
    OnCounty("read a case table for rows that leave (a real county's: nobody)",
             lambda db, s: reading.read_for_export(db, s, db.now()), ()),
    OnCounty("take an older system over", lambda db, s: bulk.taken_before(
        db, s, _no_keys()), KEEPERS),
    OnCounty("end texts that are due", lambda db, s: ending.quiet(db, s, db.now()), ("operator",)),
    OnCounty("publish a month", lambda db, s: publications.save(db, s, "2026-02", "{}"),
             ("supervisor", "operator")),
    OnCounty("change offices and townships",
             lambda db, s: _new_office(db, s), KEEPERS),
    OnCounty("put a file in force", lambda db, s: steering.save_file(db, s, "note.toml", "a = 1"),
             KEEPERS),
    OnCounty("make an account", lambda db, s: accounts.add_account(
        db, s, secrets.token_hex(5), "leader", None), KEEPERS),
    OnCounty("make a machine's token", lambda db, s: machines.make_token(
        db, s, "12345", "api", "t01", "hotline", 30), KEEPERS),
    OnCounty("list machines' tokens", lambda db, s: machines.read_tokens(db, s), KEEPERS),
    OnCounty("see the grants by two", lambda db, s: grants.read_grants(db, s),
             ("supervisor", "administrator")),
    OnCounty("enter the reception roster", lambda db, s: roster.add(db, s, []),
             ("supervisor", "administrator", "operator")),
    OnCounty("list campaigns (a clerk: the own body's)",
             lambda db, s: campaigns.read(db, s, db.now()), (*FIGURES, *CLERKS)),
    OnCounty("read the yearly inspection", lambda db, s: inspections.read(db, s, 2026), FIGURES),
    OnCounty("read evaluations from outside", lambda db, s: evaluations.read(db, s, 2026), FIGURES),
    OnCounty("list the own body's sweeps", lambda db, s: sweeps.read(db, s, db.now()), CLERKS),
    OnCounty("see all bodies' sweeps as figures",
             lambda db, s: sweeps.read_figures(db, s, db.now()), FIGURES),
    OnCounty("write a consultation's notice, comments and decision (a clerk: the own body's)",
             _new_consultation, (*CLERKS, "operator")),
    OnCounty("see consultations before they are published (a clerk: the own body's)",
             lambda db, s: consultations.read_all(db, s), (*CLERKS, "supervisor", "operator")),
    OnCounty("publish a consultation, and a quarter of suggestions",
             lambda db, s: suggestions.save_quarter(db, s, "2025-Q4", "{}"),
             ("supervisor", "operator")),
    OnCounty("see answered suggestions of which nobody said what became of them",
             lambda db, s: suggestions.unsaid(db, s), CLERKS),
    OnCounty("see totals of what became of suggestions",
             lambda db, s: suggestions.unsaid_by_body(db, s), FIGURES),
    OnCounty("open the list of a reception on its day",
             lambda db, s: receptions.sessions(db, s), ("supervisor",)),
    OnCounty("see what was settled before receptions", lambda db, s: receptions.settled_before(
        db, s, db.now().date(), db.now().date()), FIGURES),
    OnCounty("list accounts", lambda db, s: accounts.read_accounts(db, s), KEEPERS),
    OnCounty("read the audit log", lambda db, s: audit.newest(db, s, 5), KEEPERS),
    OnCounty("read what the nightly runs did", lambda db, s: running.runs(db, s, 5), KEEPERS),
    OnCounty("read which notices were sent", lambda db, s: outbox.since(db, s, A_DAY), KEEPERS),
    OnCounty("begin a nightly run", lambda db, s: running.begin(db, s, A_DAY), ("operator",)),
    OnCounty("print and check anchors", lambda db, s: anchors.make(db, s), KEEPERS),
)  # fmt: skip


def _new_office(db: Db, scope: Scope) -> None:
    fresh = secrets.token_hex(5)
    body = BODIES[:1].assign(body_id=fresh)
    places.save_offices(db, scope, body, TOWNSHIPS[:1].assign(township_code=fresh))


def _mapped(db: Db) -> Db:
    """The county, with its boundaries loaded."""
    from tests.rules.conftest import layer

    operator = Scope.operator()
    if places.read_areas(db, operator, db.now().date()).empty:
        places.save_areas(db, operator, layer(), db.now().date() - dt.timedelta(days=900))
    return db


def _no_keys() -> Any:
    import pandas as pd

    return pd.Series(dtype="str")


def page(pages: dict[str, tuple[str, ...]]) -> str:
    """The table as a document; `pages`: of each staff page the roles that see it."""
    staff = [role for role in ROLES if role not in ("another case's asker", "public")]
    lines = [
        "# Who may do what on which rows", "",
        "Made from `tests/access/table.py`; tests walk every cell through the store and every page "
        "through the guard (`tests/access/`). A role that is not named can not.", "",
        "- **owes**: the body owes the case's answer. **registered**: its desk registered it and "
        "has it still. **passed on**: its desk registered it, another body has it now. **other**: "
        "neither.",
        "- **operator**: commands on the server itself. **the asker**: by a code of the case. "
        "**machine**: a token of another system, for one desk and one channel; it reads the status "
        "of what it sent itself and nothing else.", "",
        "## On one case", "", "| action | who, on which cases |", "|---|---|",
    ]  # fmt: skip
    for one in ON_CASE:
        who = []
        for role, reach in one.reach.items():
            names = [n.replace("_", " ") for n in RELATIONS if n in reach]
            which = "" if reach == ALL else f" ({', '.join(names)})"
            who.append(f"{role.replace('_', ' ')}{which}")
        lines.append(f"| {one.name} | {'; '.join(who)} |")
    lines += ["", "## On the county", "", *_heads("action", staff)]
    for of in ON_COUNTY:
        lines.append(_row(of.name, [role in of.roles for role in staff]))
    seen = [role for role in staff if role not in ("operator", "machine")]
    lines += ["", "## Pages", "", *_heads("page", seen)]
    for name, roles in pages.items():
        lines.append(_row(f"`{name}`", [role in roles for role in seen]))
    return "\n".join(lines) + "\n"


def _heads(first: str, roles: list[str]) -> list[str]:
    names = " | ".join(role.replace("_", " ") for role in roles)
    return [f"| {first} | {names} |", "|---" * (len(roles) + 1) + "|"]


def _row(name: str, marks: list[bool]) -> str:
    return f"| {name} | " + " | ".join("yes" if mark else "–" for mark in marks) + " |"


def main() -> None:
    """Print the document: `python -m tests.access.table > docs/access-table.md`."""
    from ui.menu import PAGES

    print(page({entry.name: entry.roles for entry in PAGES}), end="")


if __name__ == "__main__":
    main()
