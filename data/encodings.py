"""Which encoding a text file has: UTF-8, UTF-16 (either order), or GB18030, which holds GBK.

A guess that would show wrong characters is worse than none: a damaged or foreign file is told
from a Chinese one, and then has no encoding here.
"""

from __future__ import annotations

_HEAD = 20_000
_MOST_CONTROLS = 5
"""Control characters in the first 5,000 of a text; more stand in files that are none."""


def encoding_of(data: bytes) -> str | None:
    """The codec that reads every byte, or None: damaged, mixed, or none of the three."""
    for encoding in _candidates(data):
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if sum(c < " " and c not in "\r\n\t" for c in text[:5000]) >= _MOST_CONTROLS:
            continue
        if encoding == "gb18030" and (
            _is_damaged_utf8(data) or _is_mixed(data) or not _is_chinese(text)
        ):
            continue
        return encoding
    return None


def _candidates(data: bytes) -> list[str]:
    if data[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        return []  # UTF-32, which no spreadsheet program writes
    if data[:3] == b"\xef\xbb\xbf":
        return ["utf-8-sig"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ["utf-16"]
    head = data[: _HEAD - _HEAD % 2]
    if b"\x00" not in head:  # no other encoding has a zero byte
        return ["utf-8", "gb18030"]
    ends = {name: head.decode(name, "ignore") for name in ("utf-16-le", "utf-16-be")}
    # marks and line ends are read as themselves in one of the two orders only
    return sorted(ends, key=lambda name: -sum(ends[name].count(c) for c in ",\t;\n"))


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether bytes that are no UTF-8 are so nearly: cut, or pasted together from two files."""
    text = data.decode("utf-8", "replace")
    whole = sum(c > "\u07ff" and c != "\ufffd" for c in text)
    return whole > 0 and whole >= text.count("\ufffd") / 4


def _is_mixed(data: bytes) -> bool:
    """Whether a line of GB18030 bytes is UTF-8 from its first byte to its last.

    Three characters of three bytes each do not come about by chance.
    """
    for line in data.split(b"\n"):
        if line.isascii():
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeError:
            continue
        if sum(c > "\u07ff" for c in text) >= 3:
            return True
    return False


def _is_chinese(text: str) -> bool:
    """Whether what is not ASCII is mostly common Chinese characters and signs.

    Latin, Big5 or Japanese bytes read as GB18030 are mostly rare characters; half of the common
    ones (the first level of GB 2312, its signs and full-width letters) stand in any real text.
    """
    count = common = 0
    for char in text[:200_000]:
        if char < "\x80":
            continue
        count += 1
        code = char.encode("gb18030")
        first, second = code[0], code[1]
        is_sign = 0xA1 <= first <= 0xA9 and second >= 0xA1
        is_first_level = 0xB0 <= first <= 0xD7 and second >= 0xA1
        common += len(code) == 2 and (is_sign or is_first_level)
    return common * 2 >= count
