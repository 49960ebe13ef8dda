"""Numbers, formulas, figures, downloads and provenance on their own."""

import csv
import hashlib
import io
from urllib.parse import unquote

import jinja2
import pytest

from gapscope.reporting.page import downloads, numbers, provenance
from gapscope.reporting.page.rendering import embedded, mathml, prose, render
from stage_scripts import Files


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((None, "–"), (float("nan"), "–"), (0.0, "0"), (41348, "41,348"), (10_000_000, "10,000,000"), (-3.0, "−3")),
        *((8.794168, "8.79"), (505023.9, "505,024"), (999.96, "1,000"), (0.0355, "0.0355")),
        *((0.000166418, "1.66 × 10⁻⁴"), (5.8e9, "5.80 × 10⁹"), (-0.00012, "−1.20 × 10⁻⁴")),
    ],
)
def test_number(value, expected):
    assert numbers.number(value) == expected


def test_shares_and_differences():
    assert [*map(numbers.share, (0.84230, None, -0.0001))] == ["0.842", "–", "0.000"]
    assert [*map(numbers.signed, (0.5024, -0.0077, 0.0))] == ["+0.502", "−0.008", "+0.000"]
    assert numbers.signed(-0.00042) == "−0.0004" and numbers.signed(2e-12) == "+0.000"
    assert numbers.spread(0.6, 0.00004) == "0.600 ± 0.00004" and numbers.p_value(0.0) == "< 10⁻³⁰⁰"
    assert numbers.p_value(0.0123) == "0.012" and numbers.p_value(None) == "–"
    assert numbers.percent(1.0) == "100%" and numbers.percent(0.955) == "95.5%"
    assert numbers.spread(0.983, 1e-17).endswith("±\u202f0")
    assert numbers.spread(0.621, 0.0024) == "0.621 ± 0.002" and numbers.spread(0.621, None) == "0.621"
    assert numbers.span([0.338, 0.3596]) == "0.338 to 0.360" and numbers.span(None) == "–"
    assert numbers.span([-30.1148, 72.91], numbers.number) == "−30.1 to 72.9"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((0.1, "0.1"), (5e-05, "5e−05"), (200, "200"), (True, "yes"), (None, "–"), ("", "–"), ("adam", "adam")),
        *(([64, 32], "64, 32"), ([], "none"), (["a", {"b": 6}], "a, b: 6")),
    ],
)
def test_text_leaves_settings_as_they_were_given(value, expected):
    assert numbers.text(value) == expected


def test_mathml_has_no_address_and_keeps_its_display():
    assert mathml(r"\frac{1}{n}", "block").startswith('<math display="block"><mrow><mfrac>')


def test_prose_escapes_words_and_typesets_formulas():
    assert prose("a < b in $x$") == "a &lt; b in " + str(mathml("x"))
    assert prose("by (8), (1955) & g") == 'by <a href="#equation-8">(8)</a>, (1955) &amp; g'
    with pytest.raises(ValueError, match="without its pair"):
        prose("5 $ or so")


def test_a_figure_becomes_a_part_of_the_page_with_ids_of_its_own(tmp_path):
    svg = '<?xml version="1.0"?>\n<svg xmlns="a" data-points="[[1, 2, &quot;x&quot;]]" width="360pt" height="99.75pt">'
    svg += '<!-- data -->\n  <style>*{}</style><defs><path id="m1"/></defs><g id="axes_1"><use xlink:href="#m1"/></g>'
    svg += '<g id="series:3:a &amp; b" clip-path="url(#m1)"/></svg>'
    (tmp_path / "a.svg").write_text(svg)
    figure = embedded(str(tmp_path / "a.svg"), 7, "gap")
    assert (figure["number"], figure["width"]) == (7, 480)
    assert figure["attributes"] == 'viewBox="0 0 360 99.75" data-points="[[1, 2, &quot;x&quot;]]"'
    assert figure["content"] == (
        '\n<defs><path id="gap-m1"/></defs><g><use href="#gap-m1"/></g>'
        '<g data-series="a &amp; b" clip-path="url(#gap-m1)"/></svg>'
    )


@pytest.mark.parametrize("content", [b"no figure", b'<svg width="10px" height="3px"/>'])
def test_what_is_no_figure_in_points_is_refused(tmp_path, content):
    (tmp_path / "a.svg").write_bytes(content)
    with pytest.raises(ValueError, match="in points"):
        embedded(str(tmp_path / "a.svg"), 1, "a")


def test_a_name_that_the_context_lacks_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        render("page.html.j2", {})


def test_downloads_hold_the_rows_and_no_formula():
    rows = [{"feature": "=cmd()", "value": -0.123456789}, {"feature": 'a,"b"', "value": None}]
    address = downloads.data_uris({"one": rows, "none": []}, "simulated")
    assert list(address) == ["one"] and address["one"].startswith("data:text/csv;charset=utf-8,")
    assert list(csv.reader(io.StringIO(unquote(address["one"].partition(",")[2])))) == [
        ["feature", "value", "data_source"],
        ["'=cmd()", "-0.123457", "simulated"],
        ['a,"b"', "", "simulated"],
    ]


def test_provenance_names_files_without_folders_and_the_settings_that_count(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,2\n")
    settings = {"data": {"source": "files"}, "simulate": {"seed": 1}, "clean": {"missing": "drop"}}
    section = provenance.section(settings, Files(train=str(tmp_path / "t.csv")))
    checksum = hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert section["files"] == [{"role": "training table", "name": "t.csv", "sha256": checksum}]
    assert "simulate" not in section["settings_text"] and "missing: drop" in section["settings_text"]
    settings["data"]["source"] = "simulated"
    section = provenance.section(settings, Files(train=str(tmp_path / "t.csv")))
    assert "seed: 1" in section["settings_text"] and section["seeds"] == {"simulate.seed": 1}


def test_a_category_that_python_takes_for_a_number_stays_a_text(tmp_path):
    path = tmp_path / "levels.csv"
    path.write_text("level,share,rows,data_source\n1_2,0.25,7,files\n1e3,nan,8,files\n")
    first, second = downloads.csv_rows(str(path))
    assert first == {"level": "1_2", "share": 0.25, "rows": "7"} and second["share"] == "nan"
