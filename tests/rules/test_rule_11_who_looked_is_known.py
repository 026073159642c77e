"""DOMAIN.md §2.11: who looked is known, to the asker as well."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import data
from data import openings, reading
from data.assigned import NewAssignment
from data.assignments import open_words
from data.db import Db
from data.errors import NotAllowed, NotFound
from data.history import NewEvent
from data.receipts import Slip
from data.record import add_event
from data.schema import APPEND_ONLY, audit
from data.scope import Scope
from service import assignments
from service.export import case_table
from tests.conftest import ADMINISTRATOR, DESK, GRID_WORKER, HOUSING, LABOUR, LEADER, SUPERVISOR
from tests.public.conftest import Reader, words
from tests.test_architecture import ROOT, files
from wording import t

from .conftest import anything, office


def log(db: Db, action: str) -> list[tuple[str, str | None, str | None]]:
    with db.read() as conn:
        query = sa.select(audit.c.who, audit.c.target, audit.c.reason)
        return [tuple(row) for row in conn.execute(query.where(audit.c.action == action))]


def test_every_opening_of_a_text_is_in_the_log_and_on_the_askers_page(
    county: Db, slip: Slip, reader: Reader
) -> None:
    assert t("public.opened.none", "zh") in words(reader.open(slip.code))
    openings.open_texts(county, LABOUR, slip.case_id)
    openings.open_texts(county, LABOUR, slip.case_id)
    openings.open_texts(county, SUPERVISOR, slip.case_id, reason="核对逾期原因")
    assert log(county, "text_opened") == [
        ("clerk-labour", slip.case_id, None),
        ("clerk-labour", slip.case_id, None),
        ("super", slip.case_id, "核对逾期原因"),
    ]
    page = words(reader.open(slip.code))
    for said in ("2026年3月", "部门经办", "人社局", "2 次", "督办员", "1 次", "核对逾期原因"):
        assert said in page


def test_a_supervisor_opens_nothing_without_a_reason(county: Db, slip: Slip) -> None:
    for reason in (None, "", "   "):
        with pytest.raises(NotAllowed):
            openings.open_texts(county, SUPERVISOR, slip.case_id, reason=reason)
    assert log(county, "text_opened") == []


def test_whoever_does_not_owe_the_answer_opens_nothing(county: Db, slip: Slip) -> None:
    for scope in (HOUSING, LEADER, ADMINISTRATOR, GRID_WORKER, Scope.operator(), Scope.public()):
        with pytest.raises((NotAllowed, NotFound)):
            openings.open_texts(county, scope, slip.case_id, reason="想看看")


def test_no_other_read_gives_staff_a_word(county: Db, slip: Slip) -> None:
    said = {"note": "只给当事人看的话。"}
    add_event(county, LABOUR, slip.case_id, NewEvent("contacted", words=said), anything)
    case = reading.read_case(county, LABOUR, slip.case_id)
    assert all(event.words is None for event in case.events)
    with pytest.raises(NotFound):
        reading.read_summary(county, LABOUR, slip.case_id)
    for read, scope in ((reading.read_worklist, LABOUR), (reading.read_figures, LEADER)):
        table = read(county, scope, county.now())
        seen = table.cases.to_csv() + table.events.to_csv()
        assert "只给当事人" not in seen
        assert "工资" not in seen


def test_the_words_of_an_assignment_are_opened_on_the_log_and_the_asker_is_told(
    county: Db, slip: Slip
) -> None:
    office(county, slip.case_id, "accepted")
    due = assignments.choices(county, SUPERVISOR, slip.case_id).usual_day
    new = NewAssignment("case", "b01", "this_case", "contact", due, slip.case_id, words="请联系。")
    made = assignments.assign(county, SUPERVISOR, new)
    listed = assignments.listed(county, SUPERVISOR, county.now())
    assert "请联系" not in repr(listed)
    for scope in (HOUSING, LEADER, ADMINISTRATOR, GRID_WORKER, Scope.operator()):
        with pytest.raises((NotAllowed, NotFound)):
            open_words(county, scope, made, "想看看")
    assert log(county, "text_opened") == []
    open_words(county, SUPERVISOR, made, "核实反馈")
    open_words(county, LABOUR, made)
    asker = Scope(who=slip.case_id, role="resident")
    told = openings.text_openings(county, asker, slip.case_id)
    assert [(row["role"], row["reason"]) for row in told] == [
        ("supervisor", "核实反馈"), ("department_clerk", None),
    ]  # fmt: skip


def test_texts_are_unsealed_in_few_places_only() -> None:
    """`open_texts` and `open_words`, which log, and what an asker reads by its own code."""
    found = {}
    for path in files("data", "service", "ui", "pages", "public", "api"):
        tree = ast.parse(path.read_text("utf-8"))
        for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
            text = ast.unparse(function)
            if "texts.opened(" in text or "unseal(" in text or ".unwrap(" in text:
                found.setdefault(str(path.relative_to(ROOT)), set()).add(function.name)
    assert found.pop("data/keys.py") == {"unwrap", "unseal"}
    assert found == {
        "data/reading.py": {"_own_history", "read_summary"},
        "data/openings.py": {"open_texts"},
        "data/assignments.py": {"open_words", "askers_words"},
        "data/record.py": {"place_confirmed"},
        "data/ending.py": {"erase"},  # to hash it; it is given to nobody
        "data/sealed.py": {"open_note"},  # no case's: notes of the sign-in and of forms
        "data/machines.py": {"_replayed"},  # no case's: a machine's own answer, sealed for it
        "data/second_factor.py": {"use"},  # no case's: the secret of a second factor
        # what askers said outside, sealed for the way and sealed again inside: read by nobody
        "data/answers.py": {"read"},
        "data/taking_in.py": {"_text"},
        "data/texts.py": {"opened", "key_of"},
        "data/quarantine.py": {"_of_desk"},
    }


def functions() -> Iterator[tuple[str, Any]]:
    """Every public function of `data/` that takes the database."""
    for module in pkgutil.walk_packages(data.__path__, "data."):
        if module.name.startswith(("data.migrations", "data.demo")):
            continue
        loaded = importlib.import_module(module.name)
        for name, function in vars(loaded).items():
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            if (
                function.__module__ == module.name
                and "db" in inspect.signature(function).parameters
            ):
                yield f"{module.name}.{name}", function


WITHOUT_SCOPE = {
    # makes a database what it is, before there is an account
    "data.db.set_up", "data.accounts.first_administrator",
    # before there is a scope: passwords, second factors, invitations, delays, the office's own
    # sign-in. They read and write `account`, `session`, `invitation`, `attempt` and no case
    "data.sessions.sign_in", "data.sessions.enter", "data.sessions.sign_in_with_code",
    "data.sessions.with_code", "data.sessions.note_failure", "data.sessions.demo_sign_in",
    "data.sessions.holds_real_work", "data.sessions.insert_account", "data.sessions.open_session",
    "data.sessions.choose_role", "data.sessions.session_of", "data.sessions.sign_out",
    "data.sessions.keep_language", "data.accounts.change_password", "data.accounts.set_password",
    "data.attempts.take", "data.attempts.take_back", "data.attempts.forgive",
    "data.invitations.redeem", "data.outside.come_in", "data.second_factor.begin",
    "data.second_factor.reopened", "data.second_factor.address_of", "data.second_factor.use",
    # the name of a file as it may be logged: a keyed hash, no record
    "data.file_names.logged",
    # keys of notes that travel through a browser: no record
    "data.sealed.derived", "data.sealed.seal_note", "data.sealed.open_note",
    # makes a scope out of a code
    "data.receipts.find",
    # takes the scope inside what `find` gave
    "data.asker.set_word",
    # whose token this is: the scope comes out of it
    "data.machines.machine_of",
    # work inside a transaction of somebody who showed a scope
    "data.receipts.issue", "data.receipts.row", "data.texts.new_key", "data.texts.new_keys",
    "data.texts.add",
    # takes the scope inside what `find` gave
    "data.appointments.cancel",
    "data.texts.opened", "data.texts.key_of", "data.receipts.replace_unopened",
    "data.record.place_confirmed",
    # the room's own: the reads that call them say whose rows these are
    "data.reading.case_table", "data.changes.seen_at",
    "data.kept_columns.columns_of", "data.kept_columns.read_rows", "data.column_files.folder_of",
    # no record: which code a request holds, the SQL of a role
    "data.receipts.holding", "data.separation.statements",
    # look at no record: a slip's code and tag
    "data.receipts.new_slip", "data.receipts.slip_tag", "data.receipts.is_genuine",
}  # fmt: skip


def test_every_read_and_write_of_the_record_takes_the_scope_without_default() -> None:
    checked, loose = 0, []
    for name, function in functions():
        parameters = inspect.signature(function).parameters
        scope = parameters.get("scope")
        if name in WITHOUT_SCOPE:
            continue
        checked += 1
        if scope is None or scope.default is not inspect.Parameter.empty:
            loose.append(name)
        elif scope.annotation not in (Scope, "Scope"):
            loose.append(f"{name}: {scope.annotation}")
    assert loose == []
    assert checked > 20
    assert {name for name, _ in functions()} >= WITHOUT_SCOPE


def test_no_function_anywhere_has_a_scope_to_fall_back_on() -> None:
    for path in files("data", "service", "ui", "pages", "public", "api"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                given = node.args
                named = given.args[len(given.args) - len(given.defaults) :]
                pairs = zip(given.kwonlyargs, given.kw_defaults, strict=True)
                named += [argument for argument, default in pairs if default is not None]
                assert "scope" not in {argument.arg for argument in named}, (path, node.name)


def test_a_case_export_is_in_the_log(another) -> None:
    db = another("demo")
    before = len(log(db, "exported"))
    case_table(db, Scope.operator(), db.now())
    exported = log(db, "exported")
    assert len(exported) == before + 1
    assert exported[-1][0] == "operator"


def test_every_page_that_hands_out_a_file_notes_it() -> None:
    """A download of the record's content stands beside `write_export`."""
    for path in files("ui", "pages"):
        text = path.read_text("utf-8")
        if "download_button(" in text or "making.offer(" in text:
            assert "write_export(" in text or path.stem in HANDS_OUT_NOTHING_OF_THE_RECORD, path


HANDS_OUT_NOTHING_OF_THE_RECORD = {
    "making": "the button alone: whoever gives it a file (`making.offer`) is asked above",
    "mappings": "numbers of the sender's own rows, and what is wrong with each",
    "register_sheet": "an empty template, the sender's own rows, slips just made",
    "register_slip": "the slip just made, for the one who asked",
}


def test_the_log_can_only_grow(county: Db, slip: Slip) -> None:
    assert "audit" in APPEND_ONLY
    for sql in ("DELETE FROM audit", "UPDATE audit SET who = 'nobody'"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), county.write() as conn:
            conn.execute(sa.text(sql))
    assert log(county, "case_registered") == [(DESK.who, slip.case_id, None)]
