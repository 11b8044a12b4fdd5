"""What all tests share: the lessons, a course of their own to work in, and a way to hand in answers."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

# Tests run side by side: threads of NumPy's would only take turns. Set before NumPy is imported, here and in kernels.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

from course import lessons  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
LESSONS = lessons.names(ROOT)


@pytest.fixture
def own_course(tmp_path):
    """Return the root of an empty course with this course's settings."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    (tmp_path / "source").mkdir()
    return tmp_path


@pytest.fixture
def in_lesson(monkeypatch):
    """Return a function that goes to a lesson's released folder, as its notebook does."""
    return lambda name: monkeypatch.chdir(ROOT / "release" / name)


@pytest.fixture(scope="session")
def recorded_lessons():
    """Return {name: (lesson, recording)}: every source run with its solutions and with each of its mistakes."""
    from course.release.record import record

    loaded = {name: lessons.load(ROOT, name) for name in LESSONS}
    return {name: (lesson, record(ROOT, lesson)) for name, lesson in loaded.items()}


@pytest.fixture(scope="session")
def released_toy(tmp_path_factory):
    """Return a course whose one small lesson has been released; a test works in a copy of it."""
    import toy
    from course.release import release

    course = tmp_path_factory.mktemp("released")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    toy.write_source(course)
    release(course, toy.NAME)
    return course


def find_chromium():
    """Return where Chromium is; without one skip the test, or let it fail on CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        return found
    words = "This test needs Chromium: on Debian or Ubuntu run 'apt install chromium'."
    if os.environ.get("CI"):
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture(scope="module")
def browser():
    """Return Chromium; the tests of a module share it."""
    path = find_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture
def open_widget(browser, tmp_path):
    """Return a function that opens a widget in a page of its own; no error and no request may come of it.

    `open_widget(widget, dark, **context)`: `context` holds settings of the page, as reduced_motion="reduce".
    """
    from course.diagram.page import page

    faults, tabs = [], []

    def open_widget(widget, dark=False, **context):
        tab = browser.new_page(**context)
        tabs.append(tab)
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("console", lambda message: message.type == "error" and faults.append(message.text))
        tab.on("request", lambda request: request.url.startswith(("file:", "blob:")) or faults.append(request.url))
        file = tmp_path / f"{len(tabs)}.html"
        file.write_text(page(widget, dark), encoding="utf-8")
        tab.goto(file.as_uri())
        tab.wait_for_function("window.firstPaint")
        return tab

    yield open_widget
    for tab in tabs:
        tab.close()
    assert faults == []


ORDINARY_USER = 12345


def run_as_ordinary_user(command, scratch):
    """Run a command as somebody who may not see root's home, but for the Python in it.

    Args:
        command: list of words.
        scratch: an empty folder.

    Returns:
        The `CompletedProcess`, with its output as text.
    """
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TMPDIR": "/tmp"}
    settings = {"env": environment, "cwd": ROOT, "capture_output": True, "text": True}
    if os.geteuid() != 0:
        return subprocess.run(command, **settings)
    become = f'exec setpriv --reuid={ORDINARY_USER} --regid={ORDINARY_USER} --clear-groups "$@"'
    prefix = sys.base_prefix
    if not prefix.startswith("/usr"):
        top = Path(*Path(prefix).parts[:2])
        become = f"""
            set -e
            mkdir {scratch}/python && mount --bind {prefix} {scratch}/python
            mount -t tmpfs -o mode=0755 none {top} && mkdir -p {prefix}
            mount --bind {scratch}/python {prefix}
            {become}
            """
    return subprocess.run(["unshare", "--mount", "sh", "-c", textwrap.dedent(become), "sh", *command], **settings)
