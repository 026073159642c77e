"""What strangers may type to make a page, a document or a spreadsheet do something."""

from __future__ import annotations

TRICKS = (
    "<img src=x onerror=window.pwned=1>",
    "<script>window.pwned=2</script>",
    '"><svg onload=window.pwned=3>',
    "' onmouseover=window.pwned=4 x='",
    "</textarea></script><b id=pwned>",
    "<iframe srcdoc='<script>parent.pwned=5</script>'>",
    "<a href=javascript:window.pwned=6>x</a>",
    "[x](javascript:window.pwned=7)",
    "![x](http://evil.example/a.png)",
    "<http://evil.example/b>",
    "**粗** _斜_ `码` $x^2$ :red[红] :material/home:",
    "# 标题\n- 列表\n| a | b |\n|---|---|",
    "{{7*7}} ${7*7} {% raw %} <%= 7*7 %> {0.__class__}",
    '=HYPERLINK("http://evil.example","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1", "-1+1", "\t=1+1",
    "../../../etc/passwd", "..\\..\\windows\\win.ini", "a\x00b", "%00%0a%0dSet-Cookie:x=1",
    "'; DROP TABLE case_event;--", "\u202e倒\u202c", "\ufeff\u200b零宽",
    "&lt;b&gt; &amp; &#60;i&#62;",
    "]]></w:t><w:br/>", "&xxe; <!ENTITY x SYSTEM 'file:///etc/passwd'>",
)  # fmt: skip
"""Script, HTML, Markdown, templates, formulas, paths, headers, SQL, XML, marks of direction."""

NAMES = (TRICKS[0], TRICKS[1], TRICKS[2], TRICKS[8], TRICKS[7])
"""Short ones, for names of offices and places."""
ALL = "\n".join(trick for trick in TRICKS if "\x00" not in trick)
