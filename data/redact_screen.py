"""What a text must hold before a pattern of `data.redact` can match in it.

Most patterns are tried in vain on most texts. Each condition here is necessary: it follows from the
pattern it stands before, so that leaving the pattern out changes nothing. Whoever widens a pattern
widens its condition (`tests/intake/test_redact_fast.py` compares both ways).
"""

from __future__ import annotations

import re
from collections.abc import Callable

Condition = Callable[[str], object]
"""True, or a match, where the pattern may match in a folded text."""

has_at: Condition = re.compile("@").search
has_figure: Condition = re.compile(r"[0-9]").search
has_long_number: Condition = re.compile(r"[0-9](?:[^0-9]{0,4}[0-9]){9}").search
"""Ten figures, each within five characters of the one before: every telephone with its area, ID
number and bank card; none is shorter, and none has wider gaps."""
has_landline: Condition = re.compile(r"0[1-9]").search
has_parted_number: Condition = re.compile(r"[0-9][ .-][0-9]{4}").search
has_call_word: Condition = re.compile(
    r"电话|座机|手机|联系方式|拨打|致电|联系号码|tel|phone|call", re.IGNORECASE
).search
has_document: Condition = re.compile(
    r"[EGeg][0-9]{8}|[Ee][^0-9][0-9]{7}|[pP]|护照|通行证|台胞证|回乡证|返乡证"
).search
has_latin_word: Condition = re.compile(r"[A-Za-z][a-z]").search
"""Two Latin letters, the second a small one: every word that introduces something in English."""
has_bare_english: Condition = re.compile(r"[0-9]-[0-9]{2}-[0-9]|SSN|NI|07|\+44").search
has_account_word: Condition = re.compile(
    r"[vwqVWQ]|微信|威信|薇信|扣扣|支付宝|抖音|快手|陌陌|钉钉"
).search
has_house: Condition = re.compile(
    r"[0-9零〇一二三四五六七八九十百]\s?[号室户]|[座幢栋牌#]|单元|[0-9]-[0-9]{1,2}-[0-9]"
).search
"""A number before 号, 室 or 户, a word for a building or a part of it, or three joined numbers."""

_BARE_NUMBER = re.compile(r"(?!.*(?:NI|SSN|G[0-9]))[A-DF-OR-UX-Z]{0,6}[0-9]{1,9}|[0-9]{1,9}")


def is_bare_number(text: str) -> bool:
    """Whether a text is a sender's number in which nothing can match: a few great letters and at
    most nine figures.

    Ten figures have the shortest telephone, ID number and card; a passport begins with E, G or its
    name (p), an account with its service (v, w, q), and everything else needs a small letter,
    a mark or a Chinese character.
    """
    return _BARE_NUMBER.fullmatch(text) is not None
