"""What identifies a person is taken out of a text before anything is written or logged.

`redact` finds ID numbers, telephones, bank cards, e-mails, accounts, number plates, passports,
house-level addresses and names in context, and puts a mark in their place. Amounts, dates, names
of projects and places, case numbers and grid codes stay. It does not find everything: its measured
recall and precision stand in docs/redaction.md, and no page may claim more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wording import DEFAULT_LANGUAGE, t

from .redact_english import english
from .redact_names import names
from .redact_numbers import Found, numbers
from .redact_screen import has_account_word, has_at, has_document, has_figure, has_house

KINDS = (
    "id_number", "passport", "bank_card", "phone", "email", "account", "plate", "address", "name",
)  # fmt: skip
"""What is looked for, in the order in which a stretch of text is given to a kind."""
_ORDER = {kind: i for i, kind in enumerate(KINDS)}

_WIDE = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, 0xA0: 0x20}
_WIDE |= {ord(c): 0x2D for c in "‐‑‒–—−"}

_ANY_WIDE = re.compile(f"[{re.escape(''.join(map(chr, _WIDE)))}]")

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{2,24}){1,4}", re.ASCII)
_ACCOUNT = re.compile(
    r"(?:微信|威信|薇信|wechat|weixin|QQ|扣扣|支付宝|抖音|快手|陌陌|钉钉|(?<![a-z])vx|(?<![a-z])wx|v信)"
    r"\s*(?:账号|帐号|号码|号|同号|id|ID)?\s*(?:是|为|叫|[:：])?\s*"
    r"(?P<it>[A-Za-z][A-Za-z0-9_-]{4,19}|[0-9]{5,12})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]\s?[·.•-]?\s?"
    r"(?=[A-HJ-NP-Z]{0,4}[0-9])[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])"
)
_PASSPORT = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:护照|passport)\s*(?:号码|号|no\.?)?\s*(?:是|为|[:：])?\s*"
    r"(?P<named>[A-Z]{1,2}\s?[0-9]{4}\s?[0-9]{3,4})"
    r"|(?:通行证|台胞证|回乡证|返乡证)(?:[,，、]?\s*(?:号码|证号|号))?\s*(?:是|为|[:：])?\s*"
    r"(?P<permit>[A-Z]{0,2}[0-9]{7,10})"
    r"|(?P<bare>[EG](?!(?:19|20)[0-9]{2}[01][0-9][0-3][0-9])[0-9]{8}"
    r"|E[A-HJ-NP-Z][0-9]{7}))(?![A-Za-z0-9])",
    re.IGNORECASE,
)

_DIGIT = r"[0-9零〇一二三四五六七八九十百]"
_ROOM = (
    # A座1608, B3幢1201室
    r"(?<![A-Za-z0-9])[A-Z][0-9]{0,2}\s?(?:座|幢|栋)\s?(?:[0-9]{1,2}\s?单元\s?)?[0-9]{3,4}(?:室|房|户|号)?(?![0-9年万元个名])"
    # 第7幢第2单元第503室
    r"|第\s?[0-9]{1,3}\s?(?:幢|栋|座|号楼)\s?第?\s?[0-9]{1,2}\s?单元\s?第?\s?[0-9]{3,4}\s?(?:室|房|户|号)?"
    # 3幢2单元501室, 12号楼1单元302, 5栋501室: the building and what lies inside it
    rf"|{_DIGIT}{{1,4}}\s?(?:号楼|幢|栋|座|#楼?)\s?(?:{_DIGIT}{{1,3}}\s?(?:单元|门|梯|层)\s?)?"
    rf"(?:{_DIGIT}{{3,4}}(?:-[0-9]{{1,2}})?\s?(?:室|户|房|号)?(?![0-9年万元个名])|{_DIGIT}{{1,4}}\s?(?:室|户(?!居|业|村|群|人)))"
    # 2单元501室, 2单元501
    rf"|{_DIGIT}{{1,3}}\s?单元\s?(?:{_DIGIT}{{1,2}}\s?层\s?)?{_DIGIT}{{3,4}}\s?(?:室|户(?!居|业|村|群|人)|房|号)?(?![0-9年万元个名])"
    # 小区3-2-501
    r"|(?<=[区园苑寓城府庭村湾郡院里第])\s?[0-9]{1,3}-[0-9]{1,2}-[0-9]{3,4}(?:室|号)?(?![0-9-])"
    r"|(?<![0-9-])[0-9]{1,3}-[0-9]{1,2}-[0-9]{3,4}室"
)
_DAY = (
    r"(?!\s?(?:上午|下午|中午|早上|晚|凌晨|当天|那天|起|开始|之前|以前|前后|至今|至[0-9]|到[0-9]))"
)
_NOT_HOUSE = (
    r"(?!\s?(?:线|楼|地块|井|泵|桥|坝|闸|网格|车位|文件|公告|令|院|路口|配电|变压器|电表|机组|池"
    r"|标段|仓|棚|码头|门岗|岗|出口|路|隧道|渠|水库))"
)
_HOUSE = (
    rf"(?:(?<=[^国省县乡铁管轨渠水航街车通]道)|(?<=[路街巷弄胡同里村庄寨屯组坊]))\s?"
    rf"[0-9]{{1,4}}(?:-[0-9]{{1,3}})?\s?号(?:-[0-9]{{1,3}}|之[一二三四五六0-9])?{_NOT_HOUSE}{_DAY}"
    rf"|(?<=[路街巷弄村])\s?[零〇一二三四五六七八九十百]{{2,5}}号{_NOT_HOUSE}{_DAY}"
    r"|门牌(?:号码|号)?\s?(?:是|为|:)?\s?[0-9]{1,4}(?:-[0-9]{1,4})?号?"
    r"|(?:家住|现住|住在|住址|住所|户籍地?|家庭地址)[^，。；,;\s]{0,24}?(?<![年月])[0-9]{1,4}(?:-[0-9]{1,4}){0,2}\s?(?:号|室|户)(?!线|楼|院|地块)"
)
_ADDRESS = re.compile(f"{_ROOM}|{_HOUSE}")


@dataclass(frozen=True)
class Redacted:
    """A text without what was recognised in it.

    text: the text with a mark for each thing taken out.
    found: how many of each kind, kinds without any left out. Never the things themselves.
    """

    text: str
    found: dict[str, int]

    @property
    def is_changed(self) -> bool:
        """Whether anything was taken out."""
        return bool(self.found)


def fold(text: str) -> str:
    """Full-width characters and odd dashes as plain ones, one for one: positions do not move."""
    return text.translate(_WIDE) if _ANY_WIDE.search(text) else text


def redact(text: str, language: str = DEFAULT_LANGUAGE) -> Redacted:
    """Take what identifies a person out of a text.

    Args:
        text: as it was typed; any length, may hold several lines.
        language: of the marks that are put in, `zh` or `en`.

    Returns:
        The cleaned text and the counts. Cleaning a cleaned text changes nothing.
    """
    return marked(text, found_in(text), language)


def found_in(text: str) -> list[Found]:
    """What identifies a person in a text as it was typed: stretches in order, none over another."""
    plain = fold(text)
    taken = bytearray(len(plain))
    spans: list[Found] = []
    for found in sorted(_all(plain), key=lambda f: (_ORDER[f.kind], f.start)):
        if found.end > found.start and not any(taken[found.start : found.end]):
            taken[found.start : found.end] = b"\x01" * (found.end - found.start)
            spans.append(found)
    return sorted(spans, key=lambda f: f.start)


def marked(text: str, spans: Sequence[Found], language: str = DEFAULT_LANGUAGE) -> Redacted:
    """A text with a mark in the place of each stretch that `found_in` found in it."""
    if not spans:
        return Redacted(text, {})
    parts, at = [], 0
    counts: dict[str, int] = {}
    for span in spans:
        parts += [text[at : span.start], t(f"intake.mark.{span.kind}", language)]
        counts[span.kind] = counts.get(span.kind, 0) + 1
        at = span.end
    return Redacted("".join([*parts, text[at:]]), counts)


def _all(plain: str) -> Iterator[Found]:
    yield from numbers(plain)
    if has_at(plain):
        yield from _named(_EMAIL, plain, "email")
    if has_account_word(plain):
        yield from _named(_ACCOUNT, plain, "account")
    if has_figure(plain):
        yield from _named(_PLATE, plain.upper(), "plate")
    if has_document(plain):
        yield from _named(_PASSPORT, plain, "passport")
    if has_house(plain):
        yield from _named(_ADDRESS, plain, "address")
    yield from names(plain)
    yield from english(plain)


def _named(pattern: re.Pattern[str], plain: str, kind: str) -> Iterator[Found]:
    """Matches of a pattern; only the named group is taken out where there is one."""
    for match in pattern.finditer(plain):
        group = next((name for name, value in match.groupdict().items() if value), 0)
        yield Found(kind, match.start(group), match.end(group))
