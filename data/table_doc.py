"""Every table of the record and every column of it, as people read it."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from wording import has, t

from .instant import Instant
from .schema import APPEND_ONLY, metadata

SEEN: dict[str, tuple[str, ...]] = {
    "staff": ("account", "account_role", "session", "invitation", "paired_grant", "list_view"),
    "machine": ("api_token", "sent_case", "sent_before"),
    "log": ("audit",),
    "case": ("case_version", "case_event"),
    "sealed": ("case_text", "text_key"),
    "secret": ("attempt", "receipt", "asker_word", "source_ref", "last_stamp"),
    "desk": ("quarantine",),
    "place": ("area", "area_change", "body", "township", "meta"),
    "office": ("filing", "excused_day", "report_issue", "answer_review", "evaluation",
               "inspection"),
    "forecast": ("model", "score", "flag", "flag_event"),
    "public": ("publication", "consultation_issue", "suggestion_issue", "roster", "roster_sits"),
    "duty": ("assignment", "assignment_event", "backlog_plan", "backlog_step", "sweep",
             "sweep_case", "sweep_finding", "campaign", "campaign_measure", "campaign_result",
             "consultation", "consultation_theme", "consultation_decision", "suggestion_outcome"),
    "asker": ("appointment", "correction"),
    "settings": ("config_file",),
    "run": ("run", "run_step", "notice", "notice_try"),
}  # fmt: skip
"""Who sees a table's rows and where they leave: every table once. What a role reads in it decides
`data.scope`; docs/access-table.md has it page by page."""


class ColumnLine(NamedTuple):
    """One column: its name (marked where it is part of the key), type and unit, whether it may be
    empty, its meaning with what an empty cell says."""

    name: str
    type: str
    missing: str
    meaning: str


class TableLine(NamedTuple):
    """One table. seen: who sees it and where it leaves. columns: in the order of the schema."""

    name: str
    title: str
    seen: str
    is_append_only: bool
    columns: tuple[ColumnLine, ...]


def tables(language: str) -> list[TableLine]:
    """Every table in order of its name.

    Raises:
        LookupError: for a table or a column that nobody described.
    """
    seen = {table: who for who, names in SEEN.items() for table in names}
    made = []
    for name in sorted(metadata.tables):
        if name not in seen:
            raise LookupError(f"no word on who sees the table {name} (data/table_doc.py)")
        columns = tuple(_column(name, one, language) for one in metadata.tables[name].columns)
        made.append(
            TableLine(
                name, t(f"dictionary.table.{name}", language),
                t(f"dictionary.seen.{seen[name]}", language), name in APPEND_ONLY, columns,
            )
        )  # fmt: skip
    return made


def _column(table: str, column: sa.Column[object], language: str) -> ColumnLine:
    key = f"dictionary.of.{table}.{column.name}"
    said = t(key if has(key, language) else f"dictionary.column.{column.name}", language)
    if not column.nullable:
        said = said.split(t("dictionary.if_empty", language))[0]
    name = f"`{column.name}`"
    if column.primary_key:
        name += f" ({t('dictionary.same_key', language)})"
    missing = t(f"dictionary.{'may' if column.nullable else 'never'}", language)
    return ColumnLine(name, _type(column.type, language), missing, said)


def _type(kind: sa.types.TypeEngine[object], language: str) -> str:
    if isinstance(kind, sa.Text):
        return t("dictionary.type.long", language)
    if isinstance(kind, sa.String):
        return t("dictionary.type.text", language, most=kind.length)
    for name, kinds in _KINDS.items():
        if isinstance(kind, kinds):
            return t(f"dictionary.type.{name}", language)
    raise LookupError(f"no word for the type {kind!r}")


_KINDS: dict[str, tuple[type, ...]] = {
    "instant": (Instant,), "date": (sa.Date,), "flag": (sa.Boolean,), "number": (sa.Integer,),
    "share": (sa.Float,), "bytes": (sa.LargeBinary,),
}  # fmt: skip
