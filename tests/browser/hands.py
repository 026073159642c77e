"""What hands do on Streamlit's pages, for every test that walks through them."""

from __future__ import annotations

import re

from playwright.sync_api import Page, TimeoutError


def settled(page: Page) -> None:
    """Wait until the page has been drawn after a rerun."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.locator("[data-testid=stSkeleton]").first.wait_for(state="detached")


def unfold(page: Page, title: str) -> None:
    """Open a folded part by its title and wait until it stands still: while it grows, what is in it
    moves, and a press that begins on a button may end beside it."""
    part = page.locator("[data-testid=stExpander] details").filter(
        has=page.locator("summary", has_text=title)
    )
    part.locator("summary").click()
    part.evaluate(
        """async part => {
            do {
                await new Promise(requestAnimationFrame)
                await Promise.allSettled(part.getAnimations().map(one => one.finished))
            } while (!part.open || part.style.height || part.getAnimations().length)
        }"""
    )


def pick(page: Page, label: str, choice: str) -> None:
    """Choose from one of Streamlit's select boxes."""
    named = re.compile(f"^{re.escape(label)}|{re.escape(label)}$")
    box = page.get_by_role("combobox", name=named).first
    option = page.get_by_role("option", name=re.compile(re.escape(choice))).first
    for _ in range(5):  # a rerun that comes late closes the list again
        box.click()
        if box.is_editable():  # on a phone a short list opens without a keyboard
            box.fill(choice)
        try:
            option.click(timeout=10_000)
            return
        except TimeoutError:
            continue
    option.click()
