"""The page in a real browser: nothing loaded, nothing complained of, readable for all, and its controls at work."""

import csv
import json
import re
from pathlib import Path

import pytest

import browser as browsers
from gapscope.common.files import read_json
from hostile import CLASSES, SCORE


@pytest.fixture(scope="module")
def file(page, write, tmp_path_factory):
    """The hostile page as a file."""
    path = tmp_path_factory.mktemp("browser") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_axe_finds_nothing_wrong(browser, file, scheme, width):
    assert not browsers.violations(browser, file, "report", width, scheme)


def test_nothing_is_cut_off_or_overlaps_on_any_screen(browser, file):
    with browsers.opened(browser, file) as page:
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for width in (320, 390, 768, 1024, 1440, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert page.evaluate(browsers.LAYOUT) == [], width
            browsers.picture(page, f"first-screen-{width}")


def test_the_first_screen_has_verdict_accuracies_and_next_step_and_names_are_words(browser, file):
    with browsers.opened(browser, file, 1440) as page:
        for place in (".state", ".verdict", ".dots .train", ".dots .test", ".next-step h3"):
            box = page.locator(place).first.bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= 900, place
        assert page.locator("main script, main [onerror]").count() == 0
        assert page.get_by_role("rowheader", name=CLASSES[0]).count() > 0
        assert page.get_by_role("rowheader", name=SCORE).count() > 0


def test_a_heading_sorts_its_table_by_mouse_and_by_keyboard(browser, file):
    with browsers.opened(browser, file) as page:
        table = page.locator("#hypotheses table")
        heading = table.get_by_role("columnheader", name="Value")
        heading.get_by_role("button").click()
        shown = [text for text in table.locator("tbody td:nth-child(4)").all_inner_texts() if text != "–"]
        values = [float(text.replace("−", "-")) for text in shown]
        assert heading.get_attribute("aria-sort") == "ascending" and values == sorted(values) and len(values) > 9
        heading.get_by_role("button").press("Enter")
        assert heading.get_attribute("aria-sort") == "descending"
        falling = table.locator("tbody td:nth-child(4)").all_inner_texts()
        assert [float(text.replace("−", "-")) for text in falling[: len(values)]] == values[::-1]


def test_a_filter_keeps_the_rows_that_hold_its_word(browser, file):
    with browsers.opened(browser, file) as page:
        rows = page.locator("#hypotheses tbody tr:visible")
        before = rows.count()
        page.get_by_label("Filter the rows of Table 1", exact=True).fill("OVERFITTING")
        assert 0 < rows.count() < before and all("overfitting" in text.lower() for text in rows.all_inner_texts())
        assert page.get_by_role("status").first.inner_text() == f"{rows.count()} of {before} rows"


def test_a_figure_tells_its_values_under_the_pointer_and_by_the_arrow_keys(browser, made, file):
    accuracies = read_json(made.metrics)
    with browsers.opened(browser, file) as page:
        plate, tip = page.locator("#figure-gap .plate"), page.locator(".tip")
        points = json.loads(plate.locator("svg").get_attribute("data-points"))
        told = {words.partition(":")[0]: float(words.split(" ")[2]) for _, _, words, _ in points}
        known = {
            f"{name}, {part}": result["accuracy"] for name, of in accuracies.items() for part, result in of.items()
        }
        assert told == pytest.approx(known, abs=5e-4)
        plate.scroll_into_view_if_needed()
        box, x, y = plate.locator("svg").bounding_box(), *points[-1][:2]
        scale = box["width"] / float(plate.locator("svg").get_attribute("viewBox").split()[2])
        page.mouse.move(box["x"] + scale * x + 3, box["y"] + scale * y - 3)
        assert tip.inner_text() == points[-1][2] and tip.is_visible()
        page.mouse.move(0, 0)
        assert not tip.is_visible()
        plate.press("ArrowRight")
        assert tip.inner_text() == points[1][2]
        plate.press("ArrowLeft")
        assert tip.inner_text() == points[0][2]
        plate.press("Escape")
        assert not tip.is_visible()


def test_the_buttons_below_a_figure_switch_its_series(browser, file):
    with browsers.opened(browser, file) as page:
        figure = page.locator("#figure-gap")
        button = figure.get_by_role("button", name="validation")
        drawn, other = (figure.locator(f"[data-series={name}]") for name in ("validation", "test"))
        assert drawn.count() > 1 and drawn.first.is_visible()
        button.click()
        assert button.get_attribute("aria-pressed") == "false"
        assert not any(one.is_visible() for one in drawn.all()) and other.first.is_visible()
        figure.locator(".plate").press("ArrowRight")
        assert ", validation" not in page.locator(".tip").inner_text()
        button.click()
        assert drawn.first.is_visible()


def test_a_table_is_downloaded_and_the_confusion_matrix_shows_what_is_asked_for(browser, made, file, tmp_path):
    matrix = read_json(made.metrics)["relu"]["validation"]["confusion_matrix"]
    with browsers.opened(browser, file, accept_downloads=True) as page:
        table = page.locator("table.confusion")
        number = table.locator("caption b").inner_text().rstrip(".")
        cell = table.locator("td[data-value]").first
        assert cell.inner_text().split()[0] == str(matrix[0][0]) and "%" in cell.inner_text()
        for shown, hidden in (("counts", "percent"), ("percent", "counts")):
            page.get_by_label(f"What the cells of {number} show").get_by_role("button", name=shown).click()
            assert cell.locator(f".{shown}").is_visible() and not cell.locator(f".{hidden}").is_visible()
        with page.expect_download() as started:
            page.get_by_role("button", name=f"{number} as CSV", exact=True).click()
        started.value.save_as(tmp_path / "table.csv")
    rows = list(csv.reader((tmp_path / "table.csv").open(encoding="utf-8")))
    assert rows[2][:2] == ["relu", CLASSES[0]] and rows[2][2:5] == [str(count) for count in matrix[0]]


def test_the_most_confident_failures_are_folded_and_filtered(browser, made, file):
    with browsers.opened(browser, file) as page:
        folded = page.locator("details", has_text="most confident failures")
        assert not folded.locator("table").is_visible()
        folded.locator("summary").click()
        rows = folded.locator("tbody tr:visible")
        wanted = Path(made.failures).read_text(encoding="utf-8").count("\n") - 1
        assert rows.count() == wanted > 20
        folded.get_by_role("searchbox").fill(CLASSES[2])
        assert 0 < rows.count() < wanted and all(CLASSES[2] in text for text in rows.all_inner_texts())


def test_links_lead_to_their_sections_and_the_list_follows(browser, file):
    with browsers.opened(browser, file, reduced_motion="reduce") as page:
        for link in page.locator("nav a").all():
            link.click()
            page.wait_for_function("(link) => link.getAttribute('aria-current') === 'true'", arg=link.element_handle())
            assert page.locator("nav [aria-current]").count() == 1
        page.locator("#hypotheses tbody a").first.click()
        target = page.locator(page.evaluate("location.hash"))
        assert target.bounding_box()["y"] < 450 and target.is_visible()


def test_every_stop_of_the_tab_key_shows_where_it_is_and_a_table_has_one_for_all_its_buttons(browser, file):
    with browsers.opened(browser, file) as page:
        controls = page.locator("a[href], button, input, select, summary, [tabindex]")
        stops = "(all) => all.filter((one) => one.tabIndex >= 0 && one.checkVisibility()).length"
        wanted = controls.evaluate_all(stops)
        focused = "[document.activeElement === document.body, getComputedStyle(document.activeElement).outlineStyle]"
        for _ in range(wanted):
            page.keyboard.press("Tab")
            nowhere, outline = page.evaluate(focused)
            assert not nowhere and outline != "none"
        page.keyboard.press("Tab")
        assert page.evaluate(focused)[0] and 80 < wanted < 200  # past the last one
        buttons = page.locator("#hypotheses .sort")
        buttons.first.press("ArrowRight")
        assert buttons.nth(1).evaluate("(one) => one === document.activeElement && one.tabIndex === 0")
        assert buttons.first.evaluate("(one) => one.tabIndex") == -1


def test_a_table_too_wide_for_a_phone_is_stacked_under_the_names_of_its_columns(browser, file):
    with browsers.opened(browser, file, 390) as page:
        assert page.locator(".stacked").count() > 4
        assert page.locator(".table").evaluate_all("(all) => all.every((one) => one.scrollWidth <= one.clientWidth)")
        cell = page.locator("#hypotheses tbody td").first
        assert cell.evaluate("(one) => getComputedStyle(one, '::before').content") == '"Decision"'
        page.set_viewport_size({"width": 1440, "height": 900})
        page.wait_for_function("!document.querySelector('#hypotheses .stacked')")


def test_on_a_phone_a_figure_is_as_wide_as_the_screen_and_grows_when_it_is_touched(browser, file):
    with browsers.opened(browser, file, 390, has_touch=True, is_mobile=True) as page:
        plates = page.locator(".plate")
        assert plates.evaluate_all("(all) => all.every((one) => one.scrollWidth <= one.clientWidth)")
        plate = page.locator("#figure-gap .plate")
        plate.locator("svg").tap()
        assert plate.locator("svg").bounding_box()["width"] > 600 and page.locator(".tip").is_visible()
        assert plate.evaluate("(one) => one.scrollWidth > one.clientWidth")
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_data_of_a_figure_is_downloaded_from_the_page_itself(browser, file, tmp_path):
    with browsers.opened(browser, file, accept_downloads=True) as page:
        with page.expect_download() as started:
            page.locator("#figure-classes a.download").click()
        started.value.save_as(tmp_path / "data.csv")
        assert started.value.suggested_filename == "classes.csv"
    rows = list(csv.DictReader((tmp_path / "data.csv").open(encoding="utf-8")))
    assert [row["class"] for row in rows] == CLASSES
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1, abs=1e-5)


def test_without_scripts_all_is_there(browser, file):
    with browsers.opened(browser, file, java_script_enabled=False) as page:
        assert page.locator(".verdict").is_visible() and page.locator("#hypotheses tbody tr").count() > 10
        assert page.locator("button, input, select").count() == 0
        assert page.locator("#figure-gap svg").is_visible() and page.locator("td .percent").first.is_visible()


@pytest.mark.parametrize(("system", "chosen"), [("light", "dark"), ("dark", "light")])
def test_the_reader_may_choose_the_colours(browser, file, system, chosen):
    """The page and the pictures in it become what they are where the system is so, bit by bit; paper stays white."""

    def looks(page):
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return ground, page.locator(".plate svg").first.screenshot()

    with browsers.opened(browser, file, scheme=chosen) as page:
        wanted = looks(page)
    with browsers.opened(browser, file, scheme=system) as page:
        before = looks(page)
        page.get_by_label("Colours").select_option(chosen)
        assert looks(page) == wanted and before[0] != wanted[0] and before[1] != wanted[1]
        page.get_by_label("Colours").select_option("auto")
        assert looks(page) == before
        page.get_by_label("Colours").select_option("dark")
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not page.get_by_label("Colours").is_visible()


def test_on_paper_nothing_is_dark_and_controls_are_gone(browser, file):
    with browsers.opened(browser, file, scheme="dark") as page:
        browsers.ARTEFACTS.mkdir(exist_ok=True)
        paper = page.pdf(path=browsers.ARTEFACTS / "report.pdf", format="A4", print_background=True)
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not page.locator("nav").is_visible() and not page.locator(".tools:visible, .permalink:visible").count()
        assert 6 <= len(re.findall(rb"/Type\s*/Page[^s]", paper)) <= 12
