"""A watermark across every page of a Word file: a line of large grey letters in each header."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.text.paragraph import Paragraph

_SHAPE = (
    '<w:r {w}><w:rPr><w:noProof/></w:rPr><w:pict xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office">'
    '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
    'path="m@7,l@8,m@5,21600l@6,21600e">'
    '<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>'
    '<v:shape id="draft{number}" o:spid="_x0000_s{number}" type="#_x0000_t136" alt={text} '
    'style="position:absolute;margin-left:0;margin-top:0;width:{width}pt;height:70pt;'
    "rotation:315;z-index:-251658752;mso-position-horizontal:center;"
    "mso-position-horizontal-relative:margin;mso-position-vertical:center;"
    'mso-position-vertical-relative:margin" fillcolor="#c8ccd2" stroked="f">'
    '<v:fill opacity=".5"/><v:textpath style="font-family:{font};font-size:1pt" '
    "string={text}/></v:shape></w:pict></w:r>"
)


def add_watermark(paragraph: Paragraph, text: str, font: str, number: int) -> None:
    """Put the letters behind the page; `paragraph` is one of its header.

    Args:
        font: a typeface that holds the letters. number: a different one for every header.
    """
    width = min(430, 62 * max(len(text), 4))
    shape = _SHAPE.format(
        w=nsdecls("w"), number=2049 + number, text=quoteattr(text), width=width,
        font="&quot;" + font + "&quot;",
    )  # fmt: skip
    paragraph._p.append(parse_xml(shape))
