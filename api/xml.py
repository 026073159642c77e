"""Plain values as XML: the element names of GeoReport v2's lists, everything escaped."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

ITEMS = {
    "services": "service", "attributes": "attribute", "values": "value", "errors": "error",
    "service_requests": "request", "endpoints": "endpoint", "formats": "format",
}  # fmt: skip
"""Name of each element of a list."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_xml(name: str, value: object) -> str:
    """A document with one root element."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_element(name, value)}\n'


def _element(name: str, value: object) -> str:
    if value is None:
        return f"<{name}/>"
    if isinstance(value, dict):
        inside = "".join(_element(str(key), part) for key, part in value.items())
    elif isinstance(value, list):
        inside = "".join(_element(ITEMS[name], part) for part in value)
    elif isinstance(value, bool):
        inside = "true" if value else "false"
    else:
        inside = escape(_NOT_XML.sub("", str(value)))
    return f"<{name}>{inside}</{name}>"
