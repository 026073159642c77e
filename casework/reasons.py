"""Why an office declines, extends, passes on, refers, finds no remedy: lists, to be counted by.

The words stand in the catalogue under `casework.reason.<step>.<code>`; what is written about the
single case stands beside the code and is shown to the asker unchanged (DOMAIN.md §2.7).
"""

from __future__ import annotations

DECLINE_REASONS = (
    "court_matter", "being_handled", "final_recheck", "not_public_task", "unclear",
)  # fmt: skip
"""信访工作条例 (2022) Art. 31 and 36 name what goes another way or is not taken up again."""
EXTENSION_REASONS = (
    "complex", "expert_report", "other_body", "joint_decision", "mediation_going_on",
)  # fmt: skip
TRANSFER_REASONS = ("by_task", "by_place", "objection_upheld", "reorganised", "to_lead_body")
REFERRAL_REASONS = ("court", "arbitration", "reconsideration", "labour_inspection", "notary")
"""Where another law sends a matter (信访工作条例 Art. 31): the list says where to."""
NO_REMEDY_REASONS = (
    "law_allows_none", "time_limit_passed", "outside_competence", "no_means_in_budget",
    "other_side_gone",
)  # fmt: skip

REASONS = {
    "declined": DECLINE_REASONS,
    "extended": EXTENSION_REASONS,
    "transferred": TRANSFER_REASONS,
    "referred": REFERRAL_REASONS,
    "no_remedy": NO_REMEDY_REASONS,
}
"""The reasons of each event that must give one, by the event's name in the record."""

_CATALOGUE = {
    "declined": "decline", "extended": "extension", "transferred": "transfer",
    "referred": "referral", "no_remedy": "no_remedy",
}  # fmt: skip


def reason_key(event: str, code: str) -> str:
    """The catalogue key of a reason.

    Raises:
        KeyError: for an event that has no list of reasons.
    """
    return f"casework.reason.{_CATALOGUE[event]}.{code}"
