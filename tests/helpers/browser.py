"""A headless Chromium that notes what a page asks for and complains about."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import sync_playwright

ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artefacts"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

LAYOUT = """() => {
  const wide = document.documentElement.clientWidth, box = (one) => one.getBoundingClientRect(), found = [];
  const told = (what, one) => found.push(`${what}: ${one.textContent.trim().slice(0, 60)}`);
  for (const one of document.querySelectorAll("main *, header *")) {
    if (!one.checkVisibility() || one.closest(".sr, svg, math, .tip")) continue;
    const inside = one.parentElement.closest(".table, .plate, .formula, .algorithm");
    if (box(one).width && box(one).right > wide + 1 && !inside) told("beyond the page", one);
    if (one.matches("td:not(.track), th, pre, .table") && one.scrollWidth > one.clientWidth + 2) told("too wide", one);
  }
  for (const svg of document.querySelectorAll("figure svg")) {
    const texts = [...svg.querySelectorAll("text")].filter((one) => one.textContent.trim() && box(one).width);
    const level = texts.filter((one) => box(one).width > box(one).height);    // not turned
    const frame = box(svg);
    for (const one of texts) if (box(one).right > frame.right + 2 || box(one).left < frame.left - 2) told("cut", one);
    level.forEach((one, place) => level.slice(0, place).forEach((other) => {
      const [a, b] = [box(one), box(other)];
      const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (x > 2 && y > 0.35 * Math.min(a.height, b.height)) told(`over "${other.textContent}"`, one);
    }));
  }
  return found;
}"""


@contextmanager
def chromium():
    if not CHROMIUM:
        pytest.skip("needs Debian's chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@contextmanager
def opened(browser, path, width=1280, height=900, scheme="light", **settings):
    """The page at `path`; fails if it asked for anything but itself, or if its console is not silent."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **settings)
    page = context.new_page()
    complaints, requests = [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"file://{path}")
    yield page
    context.close()
    asked = [url for url in requests if not url.startswith("data:")]
    assert not complaints and asked == [f"file://{path}"], (complaints, asked)


def violations(browser, path, name, width=1280, scheme="light"):
    """Rules that the page breaks, by axe and with everything unfolded, and the elements that break them.

    Fails if the page scrolls sideways. The inside of figures is left out: to a screen reader each is one picture. On a
    phone the colours are those of the wide page, and are left out: they take axe most of its time.
    """
    asked = {
        "resultTypes": ["violations"],
        "preload": False,
        "runOnly": {"type": "tag", "values": RULES},
        "rules": {"color-contrast": {"enabled": width > 360}},
    }
    with opened(browser, path, width, scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        result = page.evaluate("(asked) => axe.run({exclude: ['svg > *']}, asked)", asked)
        picture(page, f"{name}-{scheme}-{width}")
    assert len(result["passes"]) > 25
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in result["violations"]]


def picture(page, name):
    """A screenshot kept beside the tests' results."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png")
