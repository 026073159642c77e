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
has_number: Condition = re.compile(r"[0-9](?:[^0-9]{0,4}[0-9]){6}").search
"""Seven figures, each within five characters of the one before: every telephone, ID number, bank
card, passport or permit; none is shorter, and none has wider gaps."""
has_latin: Condition = re.compile(r"[A-Za-z]{2}").search
"""Two Latin letters side by side: every word that introduces something in English."""
has_account_word: Condition = re.compile(
    r"[vwqVWQ]|微信|威信|薇信|扣扣|支付宝|抖音|快手|陌陌|钉钉"
).search
has_house: Condition = re.compile(
    r"[0-9零〇一二三四五六七八九十百]\s?[号室户]|[座幢栋牌#]|单元|[0-9]-[0-9]{1,2}-[0-9]"
).search
"""A number before 号, 室 or 户, a word for a building or a part of it, or three joined numbers."""
