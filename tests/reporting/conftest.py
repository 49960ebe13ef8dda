"""The hostile results, made once, pages written from them, and a browser."""

import pytest

import browser as browsers
import hostile
from markup import Tree
from once import once
from stage_scripts import Files


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The files that the report reads."""

    def run(folder):
        folder.mkdir()
        return hostile.run_stages(folder, hostile.config())

    files = Files(once(tmp_path_factory, "hostile", run))
    files["for_remedies"] = Files(files.for_remedies)
    return files


@pytest.fixture(scope="session")
def write(made, tmp_path_factory):
    """write(source, **changed files): the page as text."""

    def write(source="files", **changed):
        config = hostile.config()
        config["data"]["source"] = source
        return hostile.write_page(tmp_path_factory.mktemp("page"), config, {**made, **changed})

    return write


@pytest.fixture(scope="session")
def page(write):
    return write()


@pytest.fixture(scope="session")
def tree(page):
    return Tree(page)


@pytest.fixture(scope="module")  # playwright's event loop must not outlast a file's tests
def browser():
    with browsers.chromium() as started:
        yield started
