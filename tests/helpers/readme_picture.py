"""Take the README's picture: python tests/helpers/readme_picture.py results/report.html

docs/report.png also holds the text of the page's summary, so that a test can tell a picture that is out of date.
"""

import io
import re
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from browser import chromium, opened
from markup import Tree

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "report.png"
NUMBER = r"\d+(?:\.\d+)?"


def summary(page: Path) -> str:
    return Tree(page.read_text(encoding="utf-8")).section("summary")


def take(page: Path) -> None:
    with chromium() as browser, opened(browser, page.resolve()) as tab:
        screen = Image.open(io.BytesIO(tab.screenshot()))
    told = PngInfo()
    told.add_itxt("summary", summary(page))
    screen.convert("RGB").save(PICTURE, pnginfo=told, optimize=True)


def check(page: Path) -> None:
    """Fail if the picture was taken of a page with another summary."""
    agree(Image.open(PICTURE).text["summary"], summary(page))


def agree(quoted: str, now: str) -> None:
    """Fail if the words differ, or if a figure differs by more than from one machine to another."""
    assert re.sub(NUMBER, "0", quoted) == re.sub(NUMBER, "0", now)
    figures = [np.array(re.findall(NUMBER, text), float) for text in (quoted, now)]
    np.testing.assert_allclose(*figures, atol=0.005)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
