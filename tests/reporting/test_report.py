"""The whole page: what it shows, that it stands alone, and that names from data cannot break it."""

import re
from pathlib import Path

import pytest

from gapscope.common.files import read_json, write_json, write_records
from gapscope.remedies.recommendation import because
from gapscope.reporting.page import numbers, results, summary
from gapscope.reporting.plots.style import write_figure
from gapscope.studies.sweep.comparison import effects, ranked
from gapscope.studies.sweep.plots import best, cost, sensitivity
from hostile import CLASSES, KIND, OTHER, RESULTS, ROOT, SCORE, TARGET, Files, changed_json, run_remedies
from hostile import config as hostile_config
from markup import Tree

FIGURES = 15
KINDS = [*(kind for kind in summary.PLACES if kind), "mixed", "undecided"]


def test_hostile_names_are_shown_and_never_obeyed(page, tree):
    (script,) = tree.texts("script")
    assert script.startswith('"use strict"') and page.count("<script") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "&lt;/td&gt;&lt;script&gt;alert(2)" in page
    assert {SCORE, OTHER, *CLASSES} <= set(tree.texts("th"))
    assert TARGET in tree.texts("code")


def test_nothing_is_loaded_from_anywhere(page, tree):
    for element in tree.elements:
        for attribute in {"src", "href", "srcset", "data", "poster", "action", "xlink:href"} & element.keys():
            assert element[attribute].startswith(("#", "data:")), element
        assert not [name for name in element if name.startswith("on")]
    styles = "".join(tree.texts("style"))
    assert styles and "@import" not in styles and "url(" not in styles
    assert "http:" not in page and "https:" not in page


def test_links_lead_somewhere_and_ids_are_unique(tree):
    assert {"main", "summary", "shared-bias", "figure-counterfactual", "equation-8"} <= tree.check_links()
    assert all(element["href"].startswith("data:text/") for element in tree.all("a") if "download" in element)


def test_without_the_study_of_the_shared_bias_the_page_does_without_its_section(write):
    page = Tree(write(**dict.fromkeys(("shared_bias", "shared_bias_curves", "convergence", "paths"), "")))
    assert "shared-bias" not in page.check_links() and not [i for i in page.all("figure") if i["id"] == "figure-paths"]


def test_headings_stand_in_the_documents_order(tree):
    levels = [int(element["tag"][1]) for element in tree.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1 and levels.count(1) == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:]))
    sections = [section["id"] for section in tree.all("section")]
    assert sections == [element["href"][1:] for element in tree.all("a") if "nav" in element["in"]]
    assert (len(sections), sections[:3]) == (13, ["summary", "hypotheses", "test"])
    assert len(tree.all("h2")) == len(sections) and sections[-1] == "provenance"


def test_every_heading_links_to_itself(page):
    heading = r"""(?:<section id="([^"]+)">\s*)?<h[23](?: id="([^"]+)")?>(.*?)</h[23]>"""
    headings = re.findall(heading, page, re.DOTALL)
    assert len(headings) > 40
    for section, own, words in headings:
        assert f'class="permalink" href="#{section or own}"' in words


def test_every_figure_has_a_picture_words_for_it_and_the_next_number(tree):
    pictures = [element for element in tree.all("svg") if "data-points" in element]
    assert len(pictures) == FIGURES and all(picture["aria-label"].strip() for picture in pictures)
    numbers = [text.split(".")[0].strip() for text in tree.texts("figcaption")]
    assert numbers == [f"Figure {number}" for number in range(1, FIGURES + 2)]  # the first is drawn in the page itself


def test_every_table_scrolls_by_itself_and_says_what_its_headings_head(tree):
    tables = [table for table in tree.all("table") if table.get("class") != "dots"]
    numbers = [text.split(".")[0] for text in tree.texts("caption")[1:]]
    assert len(tables) > 10 and numbers == [f"Table {number}" for number in range(1, len(tables) + 1)]
    assert all(heading["scope"] in ("col", "row", "rowgroup", "colgroup") for heading in tree.all("th"))
    assert len([box for box in tree.all("div") if box.get("class", "").split()[:1] == ["table"]]) == len(tables)


def test_equations_are_typeset_under_the_numbers_of_the_code(tree):
    ids = [re.fullmatch(r"equation-(\d+)", element.get("id", "")) for element in tree.all("div")]
    numbers = {int(found[1]) for found in ids if found}
    modules = ("network/mlp.py", "evaluation/attribution.py", "evaluation/permutation.py")
    code = "".join((ROOT / "scripts" / "gapscope" / name).read_text(encoding="utf-8") for name in modules)
    assert numbers == {int(number) for number in re.findall(r"# \((\d+)\)", code)} == set(range(1, 14))
    assert len([formula for formula in tree.all("math") if formula["display"] == "block"]) > len(numbers)


def test_only_simulated_data_is_called_so(page, write):
    assert "simulat" not in page.lower()
    banner = next(box["text"] for box in Tree(write("simulated")).all("p") if box.get("role") == "note")
    assert "simulated" in banner.lower() and "amenity_score" in banner


def test_the_same_results_give_the_same_bytes_and_no_path(made, page, write):
    assert write() == page
    assert str(Path(made.train).parent) not in page


def test_the_summary_says_what_the_results_say(made, tree):
    diagnosis, text = read_json(made.diagnosis), tree.section("summary")
    assert diagnosis["verdict"]["features"] == [SCORE]  # else the tables of this test are too small
    assert diagnosis["verdict"]["sentence"] in text
    for part in ("train", "validation", "test"):
        assert f"{diagnosis['gap'][part]:.3f}" in text
    assert "The verdict chooses this remedy" in text


BLAMED = {  # the features that a verdict of this kind names
    **dict.fromkeys(["feature_lost", "feature_changed", "rescaled"], [SCORE]),
    **dict.fromkeys(["sign_flipped", "sentinel_value", "no_overlap"], [SCORE]),
    **{"columns_swapped": [SCORE, OTHER], "category_renamed": [KIND], "mixed": [SCORE, KIND]},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_verdict_has_a_next_step(made, tmp_path, write, kind):
    parts = [{"kind": cause, "features": BLAMED[cause], "share": 0.5} for cause in ("rescaled", "category_renamed")]
    verdict = {"kind": kind, "features": BLAMED.get(kind, []), "parts": parts if kind == "mixed" else []}
    diagnosis = changed_json(made.diagnosis, tmp_path, lambda diagnosis: diagnosis["verdict"].update(verdict))
    changed = {"diagnosis": diagnosis}
    changed |= {name: str(tmp_path / RESULTS[name]) for name in ("mitigations", "remedies", "remedies_figure")}
    config = hostile_config()
    tried = {"baseline": {}, "without_suspect": {"drop": "suspect"}}
    config["mitigate"] |= {"rows": 200, "seeds": [1], "folds": 0, "remedies": tried}
    run_remedies(tmp_path, config, Files(made.for_remedies, **changed), Files(changed))
    page = Tree(write(**changed))
    step = next(box["text"] for box in page.all("div") if box.get("class") == "next-step")
    undone = not {"rescaled", "category_renamed"} & {kind, *(part["kind"] for part in verdict["parts"])}
    undone &= kind not in ("sign_flipped", "sentinel_value", "columns_swapped")
    assert len(step.split()) > 10 and (because(verdict) if undone else "the diagnosis does not undo") in step
    recommended = [row["recommended"] for row in results.read_rows(changed["mitigations"])]
    assert ("No remedy is recommended" in step) == ("yes" not in recommended)
    remedies = page.section("remedies")
    assert ("without suspect (the diagnosis names no feature)" in remedies) == (kind not in BLAMED)
    assert "200 of 476 training rows, 50 of 120 validation rows, 200 of 396 test rows." in remedies


def test_the_next_step_follows_the_verdict_not_the_test_accuracy():
    rows = [
        {"mitigation": "baseline", "recommended": "no", "test_accuracy": 0.3},
        {"mitigation": "lucky", "recommended": "no", "test_accuracy": 0.9},
        {"mitigation": "recommended", "recommended": "yes", "test_accuracy": 0.6, "against": "baseline"},
    ]
    step = results.next_step(rows)
    assert (step["remedy"]["mitigation"], step["baseline"]["mitigation"]) == ("recommended", "baseline")
    assert results.next_step(rows[:2]) is None


def test_the_section_on_gradients_tells_how_the_gradient_check_came_out(made, tmp_path, write):
    checks = {name: flow["check"] for name, flow in read_json(made.gradients)["activations"].items()}
    assert all(check["agrees"] for check in checks.values())

    def section(**changed):
        def change(content):
            content["activations"]["relu"]["check"] |= changed

        return Tree(write(gradients=changed_json(made.gradients, tmp_path, change))).section("gradients")

    worst = max(check["largest_relative_difference"] for check in checks.values())
    assert f"agrees with central differences to {numbers.number(worst, 2)}." in section()
    text = section(agrees=False)
    assert "gradient of relu does not agree" in text and "differences to" not in text
    text = section(agrees=False, rows=0, directions=[], largest_relative_difference=None)
    assert "no row without a kink" in text and "does not agree" not in text


KNOB = "encode.transform.<b>&=1+1"


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """The files of a sweep of two points over a column with a name of markup."""
    folder = tmp_path_factory.mktemp("sweep")
    points = [{KNOB: "log1p"}, {KNOB: "<script>"}]
    networks = [{"fold": fold, "seed": 1, "accuracy": 0.5, "macro_f1": 0.5, "log_loss": 1.0} for fold in (1, 2)]
    shared = {"networks": networks, "diverged": 0, "parameters": 3, "gigaflop": 0.1, "held_out": "a", "file": "x.json"}
    table = ranked([{"number": number, **shared} for number in (1, 2)], points, 0.95)
    shares = effects(table, [KNOB])
    paths = {name: str(folder / f"{name}.svg") for name in ("sweep_best", "sweep_sensitivity", "sweep_cost")}
    write_figure(paths["sweep_best"], best(table, [KNOB], "files"))
    write_figure(paths["sweep_sensitivity"], sensitivity(table, shares, "files"))
    write_figure(paths["sweep_cost"], cost(table, "files"))
    paths |= {name: str(folder / name) for name in ("sweep", "sweep_table", "sweep_knobs", "sweep_winner")}
    write_records(paths["sweep_table"], table, "files")
    write_records(paths["sweep_knobs"], shares, "files")
    content = {"points": 2, "knobs": [KNOB], "luck": 0.0, "as_good": 2, "folds": 2, "seeds": [1], "confidence": 0.95}
    write_json(paths["sweep"], content)
    (folder / "sweep_winner").write_text("train: {l2: <i>}\n")
    return paths


def test_a_sweep_has_a_section_that_no_name_breaks(write, sweep):
    page = write(**sweep)
    section = page[page.index('<section id="sweep">') :].partition("</section>")[0]
    assert "2-fold cross-validation within the training table and 1 network per fold" in section
    assert section.count("<figure ") == 3 and "1 other cannot be told from it" in section
    assert not [tag for tag in ("<script>", "<i>", "<b>&") if tag in section]
    assert '<a href="#sweep">Settings tried</a>' in page


def test_without_a_sweep_there_is_none(page):
    assert "sweep" not in page.partition("<section")[0] and '<section id="sweep">' not in page
