# ruff: noqa: S608  every name and word put into this SQL is our own, from lists in the code
"""The database role of the resident's process on PostgreSQL: what it may do, as SQL of our own.

The role reads one case, that of the receipt code whose hash the transaction names (`data.db`
carries it as the setting `zaojie.codes`), and appends what its asker says. Privileges are granted
column by column, rows follow from row-level security, and what is in none of the lists below is
closed. Tested by trying everything else (tests/public/test_separation.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from . import appointment_sql, audit
from .asker import REVIEWS
from .db import CODES_SETTING, Db
from .errors import ConfigError
from .keys import RESIDENTS_PURPOSES
from .reading import MOVING
from .schema import metadata
from .scope import Scope
from .scores import DECISIONS
from .vocabulary import (
    ASKER_EVENTS,
    CORRECTION_FIELDS,
    NOT_TOLD_OF,
    RATINGS,
    WITHDRAWAL_REASONS,
)

ROLE = "zaojie_residents"
CLOCKS_APART_MINUTES = 5
"""How far the clocks of the process and of the database may be apart; more, and nothing the asker
says is recorded."""
MOST_SEALED = 8192
"""Bytes of a sealed text the role may add: reasons ticked beside a rating."""

Columns = Mapping[str, tuple[str, ...]]


def _whole(table: str, *without: str) -> tuple[str, ...]:
    return tuple(c.name for c in metadata.tables[table].columns if c.name not in without)


PUBLIC: Columns = {
    **{
        name: _whole(name)
        for name in (
            "meta",
            "config_file",
            "body",
            "township",
            "publication",
            "roster",
            "roster_sits",
            "suggestion_issue",
        )
    },
    "consultation_issue": _whole("consultation_issue", "upto_theme"),
    "last_stamp": _whole("last_stamp"),
    "alembic_version": ("version_num",),
}
"""Read without any code: what the open pages say, and the newest stamp."""

OF_A_CASE: Columns = {
    **{
        name: _whole(name)
        for name in (
            "case_version", "case_event", "case_text", "text_key", "receipt", "asker_word",
            "correction", "assignment", "assignment_event", "appointment",
            "backlog_plan", "backlog_step", "answer_review", "sweep_finding",
        )
    },
    "suggestion_outcome": _whole("suggestion_outcome"),
    "flag": ("flag_id", "case_id"),
    "flag_event": ("id", "flag_id", "event", "recorded_at", "reason"),
    "audit": ("id", "at", "role", "body_id", "action", "target", "reason"),
}  # fmt: skip
"""Read of the one case whose code is held. Not how likely a late answer was held to be, nor who
of the office did something."""

APPENDED: Columns = {
    "case_event": _whole("case_event", "id", "source_recorded_at"),
    "case_version": _whole("case_version", "id"),
    "case_text": _whole("case_text"),
    "text_key": ("case_id", "key_version", "wrapped", "made_at"),
    "asker_word": ("case_id", "word_hash", "set_at"),
    "correction": ("case_id", "event", "field", "value", "recorded_at"),
    "appointment": _whole("appointment", "id"),
}
CHANGED: Columns = {
    "receipt": ("first_opened_at",), "asker_word": ("void_at",), "last_stamp": ("at",),
}  # fmt: skip
REMOVED = ("case_text",)
"""The place kept under seal, once it has become a version of the case."""

CLOSED = (
    "source_ref", "filing", "excused_day", "account", "account_role", "session", "quarantine",
    "list_view",
    "invitation", "attempt", "paired_grant", "api_token", "sent_case", "sent_before", "area_change",
    "report_issue", "consultation", "consultation_theme", "consultation_decision",
    "model", "score", "area",
    "sweep", "sweep_case", "campaign", "campaign_measure", "campaign_result", "inspection",
    "evaluation",
    "run", "run_step", "notice", "notice_try",
)  # fmt: skip
"""No access at all; listed so that a new table is put somewhere on purpose."""

SAID = tuple(event for event in ASKER_EVENTS if event != "withdrawn")
"""Events the role appends; that a withdrawal took effect is nobody's word but the rules'."""

_OWN = "case_id = (SELECT {s}.zaojie_open_case())"
_HELD = f"string_to_array(current_setting('{CODES_SETTING}', true), ',')"


def _any(words: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{word}'" for word in words) + ")"


def _functions(schema: str) -> dict[str, str]:
    """Functions the policies ask, by signature; they run as the owner of the tables."""
    s = schema
    kept = "ARRAY['id', 'replaces', 'recorded_at', 'grid_code']"
    moved_to = (
        f"SELECT e.to_body_id FROM {s}.case_event e WHERE e.case_id = {s}.zaojie_open_case() "
        f"AND e.event IN {_any(MOVING)} AND e.to_body_id IS NOT NULL "
        "ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1"
    )
    named = (
        f"SELECT v.body_id FROM {s}.case_version v WHERE v.case_id = {s}.zaojie_open_case() "
        "ORDER BY v.id DESC LIMIT 1"
    )
    return {
        # the case of the code that this transaction holds
        "zaojie_open_case() RETURNS varchar": (
            f"SELECT r.case_id FROM {s}.receipt r WHERE r.code_hash = ANY ({_HELD}) "
            "ORDER BY r.id LIMIT 1"
        ),
        # xmin: the stamp was taken in this very transaction, which therefore holds the writers'
        # lock until it commits; so nothing can be kept back and slipped in between earlier rows
        "zaojie_stamped(bigint) RETURNS boolean": (
            f"SELECT EXISTS (SELECT FROM {s}.last_stamp l WHERE l.at = $1 "
            "AND l.xmin = pg_current_xact_id()::xid) AND $1 >= "
            f"extract(epoch FROM clock_timestamp() - interval '{CLOCKS_APART_MINUTES} min') * 1e6"
        ),
        "zaojie_reviewer() RETURNS varchar": (
            f"SELECT b.reviewed_by FROM {s}.body b "
            f"WHERE b.body_id = coalesce(({moved_to}), ({named}))"
        ),
        **appointment_sql.functions(schema),
        # only the place differs from the newest version, and one still waits under seal
        f"zaojie_place_confirmed({s}.case_version) RETURNS boolean": (
            f"SELECT EXISTS (SELECT FROM {s}.case_version v "
            f"WHERE v.case_id = {s}.zaojie_open_case() AND v.needs_confirmation AND v.id = "
            f"(SELECT max(n.id) FROM {s}.case_version n WHERE n.case_id = v.case_id) "
            "AND ($1).replaces = v.id AND ($1).grid_code IS NOT NULL "
            f"AND to_jsonb($1) - {kept} = to_jsonb(v) - {kept} AND EXISTS "
            f"(SELECT FROM {s}.case_text t WHERE t.case_id = v.case_id AND t.part = 'place'))"
        ),
    }


def _policies(schema: str) -> list[tuple[str, str, str, str]]:
    """(table, command, rows it is for, what a written row must be) of every policy."""
    own, stamped = _OWN.format(s=schema), f"{schema}.zaojie_stamped"
    read = dict.fromkeys(OF_A_CASE, own)
    read["assignment_event"] = (
        f"assignment_id IN (SELECT a.assignment_id FROM {schema}.assignment a)"
    )
    read["backlog_step"] = f"plan_id IN (SELECT p.plan_id FROM {schema}.backlog_plan p)"
    decided = f"event IN {_any(DECISIONS)}"
    read["flag_event"] = f"flag_id IN (SELECT f.flag_id FROM {schema}.flag f) AND {decided}"
    read["audit"] = f"action = 'text_opened' AND {own.replace('case_id', 'target', 1)}"
    moved = f"CASE WHEN event IN {_any(REVIEWS)} THEN {schema}.zaojie_reviewer() END"
    words = f"SELECT t.text_id FROM {schema}.case_text t WHERE t.part = 'words'"
    places = f"SELECT p.township_code FROM {schema}.township p"
    became = (
        f"SELECT FROM {schema}.case_version v WHERE v.case_id = case_text.case_id "
        f"AND v.grid_code IS NOT NULL AND {stamped}(v.recorded_at)"
    )
    return [
        *((name, "SELECT", rows, "") for name, rows in read.items()),
        ("case_event", "INSERT", "", (
            f"{own} AND actor = 'asker' AND event IN {_any(SAID)} AND {stamped}(recorded_at) "
            "AND occurred_at = recorded_at AND body_id IS NULL AND days IS NULL "
            f"AND planned_on IS NULL AND to_body_id IS NOT DISTINCT FROM {moved} "
            f"AND (code IS NULL OR event = 'rated' AND code IN {_any(RATINGS)} "
            f"OR event = 'withdrawal_asked' AND code IN {_any(WITHDRAWAL_REASONS)} "
            f"OR event = 'not_told' AND code IN {_any(NOT_TOLD_OF)}) "
            f"AND (text_id IS NULL OR event = 'rated' AND text_id IN ({words}))"
        )),
        ("case_version", "INSERT", "", (
            f"{own} AND {stamped}(recorded_at) AND {schema}.zaojie_place_confirmed(case_version)"
        )),
        ("case_text", "INSERT", "",
         f"{own} AND part = 'words' AND octet_length(sealed) <= {MOST_SEALED}"),
        ("case_text", "DELETE", f"{own} AND part = 'place' AND EXISTS ({became})", ""),
        ("text_key", "INSERT", "", f"{own} AND {stamped}(made_at)"),
        ("receipt", "UPDATE", f"{own} AND first_opened_at IS NULL AND code_hash = ANY ({_HELD})",
         f"{own} AND {stamped}(first_opened_at)"),
        ("asker_word", "INSERT", "", f"{own} AND {stamped}(set_at)"),
        ("asker_word", "UPDATE", f"{own} AND void_at IS NULL", f"{own} AND {stamped}(void_at)"),
        ("appointment", "INSERT", "",
         f"{own} AND {stamped}(recorded_at) AND {schema}.zaojie_may_book(appointment)"),
        ("correction", "INSERT", "", (
            f"{own} AND event = 'asked' AND field IN {_any(CORRECTION_FIELDS)} "
            f"AND {stamped}(recorded_at) AND (field = 'category' AND value IS NOT NULL "
            f"OR field = 'place' AND (value IS NULL OR value IN ({places})))"
        )),
    ]  # fmt: skip


def statements(db: Db, role: str = ROLE, password: str | None = None) -> list[str]:
    """The SQL that makes the role, or brings it up to date; running it again changes nothing.

    For the owner of the tables (with CREATEROLE) or a superuser, in one transaction; it ends by
    checking what it made and refuses as a whole.

    Args:
        role: its name. password: is turned into a SCRAM verifier here and never sent or shown;
            None = the role has none (peer or certificate).

    Raises:
        ConfigError: not PostgreSQL, or a name that is no plain name.
    """
    if db.engine.dialect.name != "postgresql":
        raise ConfigError("separation.error.not_postgresql")
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,40}", role):
        raise ConfigError("separation.error.name", name=role)
    quoted = db.engine.dialect.identifier_preparer.quote
    with db.read() as conn:
        schema, owner, base = map(quoted, conn.execute(sa.text(
            "SELECT n.nspname, pg_get_userbyid(c.relowner), current_database() FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.oid = 'case_version'::regclass"
        )).one())  # fmt: skip
        verifier = None if password is None else _verifier(conn, role, password)
    made = [_role(role)]
    if verifier is not None:
        made.append(f"ALTER ROLE {role} PASSWORD '{verifier}'")
    made += [
        f"REVOKE TEMPORARY ON DATABASE {base} FROM PUBLIC",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {base} TO {role}",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
    ]
    for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        made.append(f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM {role}")
    made += _drop_policies(schema)
    for signature, body in _functions(schema).items():
        name = signature.split(" RETURNS ")[0]
        made += [
            f"CREATE OR REPLACE FUNCTION {schema}.{signature} LANGUAGE sql STABLE "
            f"SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $${body}$$",
            f"ALTER FUNCTION {schema}.{name} OWNER TO {owner}",
            f"REVOKE ALL ON FUNCTION {schema}.{name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {schema}.{name} TO {role}",
        ]
    made += _stamp_trigger(schema, owner, role)
    for verb, granted in (
        ("SELECT", {**PUBLIC, **OF_A_CASE}), ("INSERT", APPENDED), ("UPDATE", CHANGED),
    ):  # fmt: skip
        for table, columns in granted.items():
            made.append(f"GRANT {verb} ({', '.join(columns)}) ON {schema}.{table} TO {role}")
    made += [f"GRANT DELETE ON {schema}.{table} TO {role}" for table in REMOVED]
    for table in APPENDED:
        if "id" in metadata.tables[table].columns:
            made.append(f"GRANT USAGE ON SEQUENCE {schema}.{table}_id_seq TO {role}")
    made += [f"ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY" for table in OF_A_CASE]
    for table, command, rows, check in _policies(schema):
        made.append(
            f"CREATE POLICY zaojie_residents_{command.lower()} ON {schema}.{table} "
            f"FOR {command} TO {role}"
            + (f" USING ({rows})" if rows else "")
            + (f" WITH CHECK ({check})" if check else "")
        )
    return [*made, _check(schema, role)]


def as_script(made: list[str], role: str = ROLE) -> str:
    """The statements as a script for psql, one transaction."""
    head = f"-- the role {role} of the resident's process: zaojie residents role"
    return "\n\n".join([head, *(f"{one};" for one in ("BEGIN", *made, "COMMIT"))]) + "\n"


def apply(db: Db, scope: Scope, role: str = ROLE, password: str | None = None) -> None:
    """Make the role, or bring it up to date; noted in the log. All of it or nothing.

    Raises:
        NotAllowed: not the server's operator.
        ConfigError: as `statements`; or what the database refused.
    """
    scope.need("operator")
    made = statements(db, role, password)
    try:
        with db.write() as conn:
            plain = conn.execution_options(no_parameters=True)  # % in the text means itself
            for one in made:
                plain.exec_driver_sql(one)
            audit.write(db, conn, scope, "residents_role", role)
    except sa.exc.DBAPIError as err:
        said = str(err.orig).splitlines()[0]
        raise ConfigError("separation.error.refused", reason=said) from err


def write_keys(db: Db, scope: Scope, path: Path) -> None:
    """Write the keys the resident's process needs to a new file (0600); noted in the log.

    Raises:
        NotAllowed: not the server's operator.
        ConfigError: a file is there already, or it cannot be written.
    """
    scope.need("operator")
    try:
        db.keys.save(path, RESIDENTS_PURPOSES)
    except OSError as err:
        reason = err.strerror or str(err)
        raise ConfigError("separation.error.keys_file", path=path, reason=reason) from err
    audit.write_export(db, scope, "residents' keys")


def _verifier(conn: sa.Connection, role: str, password: str) -> str:
    driver = conn.connection.driver_connection
    assert driver is not None
    made = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return str(made.decode())


def _role(role: str) -> str:
    return f"""DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
    CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
      NOINHERIT CONNECTION LIMIT 40;
    ALTER ROLE {role} SET idle_in_transaction_session_timeout = '60s';
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}' AND (rolsuper OR rolcreatedb
      OR rolcreaterole OR rolreplication OR rolbypassrls OR NOT rolcanlogin))
    OR EXISTS (SELECT FROM pg_auth_members WHERE member = '{role}'::regrole)
    OR EXISTS (SELECT FROM pg_class WHERE relowner = '{role}'::regrole) THEN
    RAISE EXCEPTION 'the role {role} has rights of its own, belongs to a role or owns a table: '
      'name another one';
  END IF;
END $$"""


def _drop_policies(schema: str) -> list[str]:
    """Those an earlier version made, so that none is left that this one no longer has."""
    return [f"""DO $$ DECLARE p record; BEGIN
  FOR p IN SELECT c.oid::regclass AS held, l.polname FROM pg_policy l
    JOIN pg_class c ON c.oid = l.polrelid
    WHERE c.relnamespace = '{schema}'::regnamespace AND l.polname LIKE 'zaojie\\_residents\\_%'
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', p.polname, p.held);
  END LOOP;
END $$"""]  # fmt: skip


def _stamp_trigger(schema: str, owner: str, role: str) -> list[str]:
    """The newest stamp goes forward only, and not ahead of the clock: everybody waits for it."""
    name = f"{schema}.zaojie_stamp_forward()"
    latest = f"clock_timestamp() + interval '{CLOCKS_APART_MINUTES} min'"
    return [
        f"""CREATE OR REPLACE FUNCTION {name} RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$ BEGIN
  IF NEW.at < OLD.at OR NEW.at > greatest(OLD.at, extract(epoch FROM {latest}) * 1e6) THEN
    RAISE EXCEPTION 'the stamp goes forward with the clock only';
  END IF;
  RETURN NEW;
END $$""",
        f"ALTER FUNCTION {name} OWNER TO {owner}",
        f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC",
        f"CREATE OR REPLACE TRIGGER zaojie_residents_stamp BEFORE UPDATE ON {schema}.last_stamp "
        f"FOR EACH ROW WHEN (current_user = '{role}') EXECUTE FUNCTION {name}",
    ]


def _check(schema: str, role: str) -> str:
    """Refuses where rights that everybody has would let the role do more."""
    return f"""DO $$ DECLARE name text; BEGIN
  IF has_database_privilege('{role}', current_database(), 'CREATE, TEMPORARY')
    OR has_schema_privilege('{role}', '{schema}', 'CREATE') THEN
    RAISE EXCEPTION 'everybody may create tables in this database: its owner has to revoke '
      'TEMPORARY on the database and CREATE on the schema from PUBLIC';
  END IF;
  FOR name IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = '{schema}'::regnamespace
    AND c.relname IN {_any(CLOSED)} AND (has_any_column_privilege('{role}', c.oid,
      'SELECT, INSERT, UPDATE') OR has_table_privilege('{role}', c.oid, 'DELETE, TRUNCATE'))
  LOOP
    RAISE EXCEPTION 'everybody may reach the table %: revoke it from PUBLIC', name;
  END LOOP;
END $$"""
