"""What stands on a report once it is issued, and what before: number, who, when, hash; or DRAFT."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from wording import t
from wording.formats import moment

from .document import Document, Section


@dataclass(frozen=True)
class Issued:
    """An issue as it is printed. role: `supervisor` or `operator`. account: id; at: aware."""

    number: int
    year: int
    role: str
    account: str
    at: dt.datetime
    sha256: str

    def who(self, language: str, zone: str) -> str:
        """Who issued it and when, in words."""
        when = moment(self.at, language, zone)
        if self.role == "operator":
            return t("report.issued_by_command", language, moment=when)
        role = t(f"words.role.{self.role}", language)
        return t("report.issued_line", language, role=role, account=self.account, moment=when)


def marked(document: Document, issued: Issued | None, zone: str) -> Document:
    """The document with its number and who issued it when, or as a draft across every page."""
    language = document.language
    if issued is None:
        return replace(
            document,
            subtitle=(*document.subtitle, t("report.draft_line", language)),
            notes=(*document.notes, t("report.draft_note", language)),
            watermark=t("report.draft", language),
        )
    number = t("report.issue_line", language, year=issued.year, number=issued.number)
    sealed = t("report.content_hash", language, sha256=issued.sha256)
    notes = (issued.who(language, zone), sealed, t("report.hash_note", language))
    return replace(document, subtitle=(number, *document.subtitle), notes=(*document.notes, *notes))


def with_section(document: Document, section: Section) -> Document:
    """The document with one more section, its last."""
    return replace(document, sections=(*document.sections, section))
