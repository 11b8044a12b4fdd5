"""What the browser tests share: Chromium, a JupyterLab for each worker, and a folder for each test."""

import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from browser.lab import ROOT, SECONDS, Lab, OpenNotebook, Window
from conftest import find_chromium
from course import lessons, notebooks

LESSONS = lessons.names(ROOT)
expect.set_options(timeout=SECONDS * 1000)


@pytest.fixture
def browser():
    """Return a browser of its own: Playwright leaves an event loop behind, which other tests must not meet."""
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, timeout=SECONDS * 1000)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def learners_lab(tmp_path_factory):
    """Return a JupyterLab as `make lab` starts it; each test puts a folder of its own into its root."""
    lab = Lab(tmp_path_factory.mktemp("lessons"), tmp_path_factory.mktemp("lab"), "learner")
    yield lab
    lab.stop()


@pytest.fixture
def open_lesson(browser, learners_lab, tmp_path, request):
    """Return a function that opens a copy of a released lesson in a window of its own; all are closed afterwards.

    Where the test fails, build/browser/failed-*.png shows what stood in the window.

    `open_lesson(name, cells, source, **context)`: `cells` maps ids to text that stands in the cell instead; with
    `source` it is the instructor's notebook, with its solutions; `context` holds settings of the browser's window, as
    color_scheme="dark".
    """
    windows, failed_before = [], request.session.testsfailed

    def open_lesson(name, cells=None, source=False, **context):
        folder = learners_lab.root / tmp_path.name / name
        shutil.copytree(ROOT / "release" / name, folder)
        (path,) = folder.glob("*.ipynb")
        if source:
            shutil.copy(ROOT / "source" / name / path.name, path)
        if cells:
            notebook = notebooks.read(path)
            for cell in notebook.cells:
                cell.source = cells.get(cell.id, cell.source)
            path.write_text(notebooks.normal_form(notebook))
        windows.append(Window(learners_lab, browser, **context))
        return OpenNotebook(windows[-1], str(path.relative_to(learners_lab.root)))

    yield open_lesson
    for window in windows:
        if request.session.testsfailed > failed_before:
            window.snapshot(f"failed-{tmp_path.name}")
        window.close()
    learners_lab.end_kernels()
