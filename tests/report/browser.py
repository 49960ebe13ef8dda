"""A headless Chromium that notes what a page asks for and complains about."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artefacts"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def chromium():
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


def picture(page, name, **settings):
    """A screenshot kept beside the tests' results."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png", **settings)
