"""Numbers that identify a person, told from the many that do not by form, check digit and context.

All functions read folded text (`redact.fold`): half-width digits, plain spaces and dashes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import NamedTuple

from .redact_screen import has_call_word, has_landline, has_long_number, has_parted_number


class Found(NamedTuple):
    """A stretch of text that identifies a person: its kind and where it stands."""

    kind: str
    start: int
    end: int


_GAP = r"[ .·-]{0,2}"
_RUN = re.compile(rf"(?<![0-9A-Za-z])[0-9](?:{_GAP}[0-9]){{4,24}}(?:{_GAP}[Xx])?(?![0-9A-Za-z])")
_SAID = "零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖"
_SPOKEN = re.compile(rf"[{_SAID}](?:[ -]?[{_SAID}]){{10,17}}")
_SPOKEN_DIGITS = str.maketrans(
    "零〇幺一二两三四五六七八九壹贰叁肆伍陆柒捌玖", "0011223456789123456789", " -"
)

_ID_BEFORE = re.compile(
    r"(?:身份证|证件号|(?<![可权产书])证号|身份号|ID)[^0-9。，,;；]{0,8}$", re.IGNORECASE
)
_CARD_BEFORE = re.compile(
    r"(?:卡号|银行卡|储蓄卡|信用卡|工资卡|社保卡|账号|帐号|账户)[^0-9。，,;；]{0,8}$"
)
_CALL_BEFORE = re.compile(
    r"(?:电话|座机|手机|联系方式|拨打|致电|联系号码|tel|phone|call)[^0-9。；;]{0,8}$", re.IGNORECASE
)
_CODE_BEFORE = re.compile(
    r"(?:网格|区划|编码|代码|编号|案号|工单|单号|事项号|受理号|信访件|合同|文号|流水号|档案号|"
    r"证书|许可证|\b(?:case|request|contract|permit|ticket)\b)[^0-9。，,;；]{0,8}$",
    re.IGNORECASE,
)

_PROVINCES = frozenset(
    str(code)
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for code in range(first, last + 1)
)
"""First two digits of an ID number (GB/T 2260), Hong Kong, Macao and Taiwan residents' included."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_YOUNGEST_15 = 25
"""15-digit numbers were given out until 1999 and hold two digits of the year; births before 1925
are left to context, because grid codes of towns (…001 to …20x, then the village) look like them."""

_MOBILE = re.compile(
    r"(?<![0-9])(?!1[ .-]8[0-9]{2}[ .-][0-9]{3}[ .-][0-9]{4}(?![0-9]))"
    rf"(?:\+?(?:00)?86{_GAP})?(?P<it>1{_GAP}[3-9](?:{_GAP}[0-9]){{9}})(?![0-9])"
)
_LANDLINE = re.compile(
    r"(?<![0-9])(?:\+?(?:00)?86[ -]?)?\(?0(?:10|2[0-9]|[3-9][0-9]{2})\)?[ -]{0,3}"
    r"[2-9](?:[ -]?[0-9]){6,7}"
    r"(?:(?: ?转 ?|-| ?ext\.? ?)[0-9]{1,5})?(?![0-9])"
)
_NORTH_AMERICA = re.compile(
    r"(?<![0-9])(?:\+?1[ .-])?(?:\((?!800|400)[2-9][0-9]{2}\) ?|(?!800|400)[2-9][0-9]{2}[ .-])"
    r"[2-9][0-9]{2}[ .-][0-9]{4}(?![0-9-])"
)
_LOCAL = re.compile(r"(?<![0-9])[2-9][0-9]{2,3}[ -]?[0-9]{4}(?![0-9元年])")


def id_check_digit(first17: str) -> str:
    """The 18th character of a resident ID number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def is_id_number(digits: str) -> bool:
    """Whether 18 characters hold a province, a possible birth date and the right check digit."""
    return (
        len(digits) == 18
        and digits[:2] in _PROVINCES
        and _is_date(digits[6:14])
        and id_check_digit(digits[:17]) == digits[17].upper()
    )


def is_luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1)."""
    total = 0
    for i, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if i % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_date(text: str) -> bool:
    try:
        day = dt.date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return False
    return 1900 <= day.year <= 2099


def _is_old_id(digits: str) -> bool:
    return (
        len(digits) == 15
        and digits[:2] in _PROVINCES
        and int(digits[6:8]) >= _YOUNGEST_15
        and _is_date("19" + digits[6:12])
    )


def _long(digits: str, before: str) -> str | None:
    """The kind of a long run of digits, None when it is none of a person's."""
    if _ID_BEFORE.search(before) and len(digits) in (15, 17, 18):
        return "id_number"
    if _CARD_BEFORE.search(before) and 12 <= len(digits) <= 19:
        return "bank_card"
    if is_id_number(digits):
        return "id_number"
    if _CODE_BEFORE.search(before):
        return None
    if len(digits) == 18 and digits[:2] in _PROVINCES and _is_date(digits[6:14]):
        return "id_number"  # a slip in one digit: still somebody's number
    if _is_old_id(digits):
        return "id_number"
    if (
        16 <= len(digits) <= 19
        and digits.isdigit()
        and re.match(r"62|60|4|5[0-8]|3[57]|9[0-9]", digits)
        and not _is_date(digits[:8])
        and is_luhn(digits)
    ):
        return "bank_card"
    return None


def numbers(plain: str) -> Iterator[Found]:
    """ID numbers, bank cards and telephones in a folded text."""
    is_long = has_long_number(plain)
    for match in _RUN.finditer(plain) if is_long else ():
        digits = re.sub(r"[^0-9Xx]", "", match.group())
        kind = _long(digits, plain[max(0, match.start() - 14) : match.start()])
        if kind:
            yield Found(kind, match.start(), match.end())
    for match in _SPOKEN.finditer(plain):
        digits = match.group().translate(_SPOKEN_DIGITS)
        before = plain[max(0, match.start() - 14) : match.start()]
        if len(digits) == 18 and (is_id_number(digits) or _ID_BEFORE.search(before)):
            yield Found("id_number", match.start(), match.end())
        elif re.fullmatch(r"1[3-9][0-9]{9}", digits):
            yield Found("phone", match.start(), match.end())
    if is_long:
        yield from _telephones(plain)
    if has_call_word(plain):
        yield from _local(plain)


def _telephones(plain: str) -> Iterator[Found]:
    for match in _MOBILE.finditer(plain):
        before = plain[max(0, match.start() - 14) : match.start()]
        if not _CODE_BEFORE.search(before):
            yield Found("phone", match.start(), match.end())
    for pattern, may_match in ((_LANDLINE, has_landline), (_NORTH_AMERICA, has_parted_number)):
        for match in pattern.finditer(plain) if may_match(plain) else ():
            if not _CODE_BEFORE.search(plain[max(0, match.start() - 14) : match.start()]):
                yield Found("phone", match.start(), match.end())


def _local(plain: str) -> Iterator[Found]:
    for match in _LOCAL.finditer(plain):
        if _CALL_BEFORE.search(plain[max(0, match.start() - 16) : match.start()]):
            yield Found("phone", match.start(), match.end())
