"""axe-core, in the one way all browser tests run it: what is serious or critical on a page."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page

SCRIPT = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
_RUN = """async (own) => {
  const {violations} = await axe.run(document, {resultTypes: ['violations']});
  const grave = violations.filter((one) => ['serious', 'critical'].includes(one.impact));
  return grave.flatMap((one) => one.nodes.map((node) => {
    const it = document.querySelector(node.target[0]);
    const known = own.find(([rule, css]) => rule === one.id && it && it.matches(css));
    return [one.id, known ? known[1] : '', node.html.slice(0, 160)];
  }));
}"""


class Finding(NamedTuple):
    """A rule that is broken, by which element; `selector` is the known one it matches, or empty."""

    rule: str
    selector: str
    html: str


def findings(page: Page, known: list[tuple[str, str]] | None = None) -> list[Finding]:
    """Serious and critical findings of a page, in a context that was opened with `bypass_csp`
    where the page's policy allows no script.

    Args:
        known: pairs of rule and selector that are told apart (`Finding.selector`).
    """
    page.evaluate(SCRIPT)
    return [Finding(*one) for one in page.evaluate(_RUN, known or [])]


def grave(page: Page) -> list[str]:
    """The same as texts, for pages of which nothing is excused."""
    return [f"{one.rule}: {one.html}" for one in findings(page)]
