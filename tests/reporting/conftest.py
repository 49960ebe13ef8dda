"""The hostile results, made once, and pages written from them."""

import pytest

import hostile
from markup import Tree
from stage_scripts import stage_settings


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The files that the report reads."""
    return hostile.run_stages(tmp_path_factory.mktemp("results"), hostile.config())


@pytest.fixture(scope="session")
def write(made, tmp_path_factory):
    """write(source, **changed files): the page as text."""

    def write(source="files", **changed):
        config = hostile.config()
        config["data"]["source"] = source
        path = tmp_path_factory.mktemp("page") / "report.html"
        settings = stage_settings(config, "report")
        hostile.stage("report")(hostile.Files(made, **changed), hostile.Files(page=str(path)), settings)
        return path.read_text(encoding="utf-8")

    return write


@pytest.fixture(scope="session")
def page(write):
    return write()


@pytest.fixture(scope="session")
def tree(page):
    return Tree(page)
