"""Every table and column the record has: the one place where a column is made.

`tests/rules/golden_columns.txt` lists them all; a new one fails there until somebody adds it on
purpose, with DOMAIN.md §2 in mind: no column for a person, a count of people or their history.

Times are `Instant`: microseconds since 1970 in UTC, so that both databases order and compare them
alike and a bulk read needs no parsing. `recorded_at` is set by the server and never decreases.
"""

from __future__ import annotations

from .access import (
    account,
    account_role,
    api_token,
    attempt,
    audit,
    invitation,
    list_view,
    paired_grant,
    sent_before,
    sent_case,
    session,
)
from .backlog import answer_review, backlog_plan, backlog_step
from .base import metadata
from .consult import (
    consultation,
    consultation_decision,
    consultation_issue,
    consultation_theme,
    suggestion_issue,
    suggestion_outcome,
)
from .office import (
    assignment,
    assignment_event,
    excused_day,
    filing,
    flag,
    flag_event,
    model,
    publication,
    report_issue,
    roster,
    score,
)
from .receptions import appointment, roster_sits
from .record import (
    area,
    area_change,
    asker_word,
    body,
    case_event,
    case_text,
    case_version,
    config_file,
    correction,
    last_stamp,
    meta,
    quarantine,
    receipt,
    source_ref,
    text_key,
    township,
)
from .running import notice, notice_try, run, run_step
from .supervision import (
    campaign,
    campaign_measure,
    campaign_result,
    evaluation,
    inspection,
    sweep,
    sweep_case,
    sweep_finding,
)

__all__ = [
    "APPEND_ONLY",
    "account",
    "account_role",
    "answer_review",
    "api_token",
    "appointment",
    "area",
    "area_change",
    "asker_word",
    "assignment",
    "assignment_event",
    "attempt",
    "audit",
    "backlog_plan",
    "backlog_step",
    "body",
    "campaign",
    "campaign_measure",
    "campaign_result",
    "case_event",
    "case_text",
    "case_version",
    "config_file",
    "consultation",
    "consultation_decision",
    "consultation_issue",
    "consultation_theme",
    "correction",
    "evaluation",
    "excused_day",
    "filing",
    "flag",
    "flag_event",
    "inspection",
    "invitation",
    "last_stamp",
    "list_view",
    "meta",
    "metadata",
    "model",
    "notice",
    "notice_try",
    "paired_grant",
    "publication",
    "quarantine",
    "receipt",
    "report_issue",
    "roster",
    "roster_sits",
    "run",
    "run_step",
    "score",
    "sent_before",
    "sent_case",
    "session",
    "source_ref",
    "suggestion_issue",
    "suggestion_outcome",
    "sweep",
    "sweep_case",
    "sweep_finding",
    "text_key",
    "township",
]

APPEND_ONLY = (
    "config_file", "case_version", "case_event", "filing", "excused_day", "audit",
    "model", "score", "flag", "flag_event", "assignment", "assignment_event", "correction",
    "publication", "roster", "area_change", "report_issue",
    "appointment", "roster_sits",
    "consultation", "consultation_theme", "consultation_decision", "consultation_issue",
    "suggestion_outcome", "suggestion_issue",
    "backlog_plan", "backlog_step", "answer_review",
    "sweep", "sweep_case", "sweep_finding", "campaign", "campaign_measure", "campaign_result",
    "inspection", "evaluation",
    "run", "run_step", "notice", "notice_try",
)  # fmt: skip
"""Tables that triggers keep from being updated or deleted from."""
