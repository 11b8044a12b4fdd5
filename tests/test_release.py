"""Release: what is committed is fresh, what leaks is refused, and a failure leaves the former release as it was."""

import shutil

import nbformat
import pytest

from conftest import LESSONS, ROOT
from course import lessons, notebooks
from course.checks import sealed_file
from course.lessons import LessonError
from course.release import format_notebook, release, release_all
from course.release.leaks import scan

NAME = "50-toy"
HEADING = "### Exercise 50.1: twice (2 points, 3 minutes)"
STUB = "answer = ...\n### BEGIN SOLUTION\nanswer = 2 * 1.23456\n### END SOLUTION"
TEST = 'check("twice", answer)\n### BEGIN HIDDEN TESTS\nassert answer > 2.4\n### END HIDDEN TESTS'
MISTAKE = '[[twice]]\nname = "once"\nsays = "That is the number once."\ncode = "answer = 1.23456"\n'


def nbgrader(name, **role):
    standard = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    return {"nbgrader": {**standard, "grade_id": name, **role}}


def write_lesson(course, *, prose=HEADING, stub=STUB, test=TEST, mistakes=MISTAKE, extra="1 + 1"):
    """Write a lesson of one exercise into a course."""
    cells = [
        nbformat.v4.new_code_cell("from course import check", id="setup", metadata=nbgrader("setup", locked=True)),
        nbformat.v4.new_markdown_cell(prose, id="prose"),
        nbformat.v4.new_code_cell(stub, id="twice", metadata=nbgrader("twice", solution=True)),
        nbformat.v4.new_code_cell(
            test, id="twice-check", metadata=nbgrader("twice-check", grade=True, locked=True, points=2)
        ),
        nbformat.v4.new_code_cell(extra, id="extra"),
    ]
    folder = course / "source" / NAME
    folder.mkdir(exist_ok=True)
    (folder / "toy.ipynb").write_text(notebooks.normal_form(nbformat.v4.new_notebook(cells=cells)))
    (folder / "mistakes.toml").write_text(mistakes)


def released(course):
    return {path.name: path.read_text() for path in (course / "release" / NAME).glob("*")}


@pytest.fixture
def toy(own_course):
    write_lesson(own_course)
    return own_course


@pytest.mark.parametrize("name", LESSONS)
def test_the_committed_release_is_what_the_source_gives(name, own_course):
    shutil.copytree(ROOT / "source" / name, own_course / "source" / name)
    release(own_course, name)
    fresh = {path.name: path.read_text() for path in (own_course / "release" / name).iterdir()}
    committed = {path.name: path.read_text() for path in (ROOT / "release" / name).iterdir() if path.is_file()}
    assert fresh == committed, "run `make release` and commit release/"


def test_a_release_holds_the_stub_the_visible_test_and_the_sealed_answers(toy):
    release(toy, NAME)
    files = released(toy)
    assert set(files) == {"toy.ipynb", "sealed.json"}
    assert 'raise NotImplementedError(\\"Exercise 50.1: twice\\")' in files["toy.ipynb"]
    assert 'check(\\"twice\\", answer)' in files["toy.ipynb"]
    assert "2.4" not in files["toy.ipynb"] and "2 * 1.2" not in files["toy.ipynb"]
    book = sealed_file.load(toy / "release" / NAME / "sealed.json")
    assert book.judge({"twice": 2.46912})[0].is_right
    assert book.judge({"twice": 1.23456})[0].mistake == "once"
    assert not list(toy.glob(".release-*"))


def test_releasing_twice_gives_the_same_bytes(toy):
    release(toy, NAME)
    first = released(toy)
    release(toy, NAME)
    assert released(toy) == first


def test_what_somebody_wrote_into_a_release_is_kept_when_it_is_replaced(toy, capsys):
    release(toy, NAME)
    path = toy / "release" / NAME / "toy.ipynb"
    worked = path.read_text().replace('"execution_count": null', '"execution_count": 3')
    path.write_text(worked)
    release(toy, NAME)
    (kept,) = (toy / "build" / "kept").glob(f"{NAME}-*/toy.ipynb")
    assert kept.read_text() == worked and str(kept.parent) in capsys.readouterr().err
    assert path.read_text() != worked


@pytest.mark.parametrize(
    "change, message",
    [
        ({"extra": "answer = 2 * 1.23456"}, "a line of the solution of twice"),
        ({"extra": "assert answer > 2.4"}, "a hidden test of twice"),
        ({"prose": f"{HEADING}\nThe result is 2.469."}, "prints 2.469, an answer of twice"),
        ({"prose": f"{HEADING}\nThat is the number once."}, "the words on a mistake"),
        ({"mistakes": MISTAKE.replace("1.23456", "float('inf')")}, "'once' of twice is wrong but not recognised"),
        ({"stub": STUB.replace("2 * 1.23456", "1 / 0")}, "cell twice raises ZeroDivisionError"),
        ({"stub": STUB.replace("2 * 1.23456", "float('nan')"), "test": TEST[:22]}, "a NaN or infinite value"),
        ({"stub": "answer = 1"}, "needs one ### BEGIN SOLUTION"),
        ({"test": "answer"}, r"neither calls check\(\) nor asserts"),
        ({"test": 'check("thrice", answer)'}, "checks thrice, which is another name"),
        ({"test": 'check("twice", answer)\nassert answer > 3'}, "cell twice-check raises AssertionError"),
        ({"test": 'import warnings\nwarnings.warn("old")\ncheck("twice", answer)'}, "cell twice-check warns: old"),
        ({"prose": "### Exercise 1"}, "no heading above it|nbgrader could not generate"),
        ({"mistakes": MISTAKE.replace("1.23456", "2.46912")}, "'once' of twice gives the right answer"),
        ({"mistakes": MISTAKE + MISTAKE.replace("once", "again", 1)}, "'again' of twice is told as 'once'"),
        ({"mistakes": MISTAKE.replace("answer = ", "answer = 1 / 0 + ")}, "'once' of twice raises ZeroDivisionError"),
        ({"mistakes": MISTAKE.replace("[[twice]]", "[[thrice]]")}, "names exercises that the notebook lacks: thrice"),
        ({"mistakes": "[[twice]]\ncode = ''"}, "a mistake of twice lacks name, says"),
        ({"mistakes": "[[twice"}, "not valid TOML"),
    ],
)
def test_a_source_that_breaks_a_rule_is_refused_in_words_and_the_former_release_stays(toy, change, message):
    release(toy, NAME)
    before = released(toy)
    write_lesson(toy, **change)
    with pytest.raises(LessonError, match=message):
        release(toy, NAME)
    assert released(toy) == before
    assert not list(toy.glob(".release-*"))


def test_the_scan_refuses_a_marker_that_was_left(toy, recorded_toy):
    lesson, recorded = recorded_toy
    with pytest.raises(LessonError, match="the marker BEGIN HIDDEN TESTS"):
        scan(lesson, recorded, {"toy.ipynb": "### BEGIN HIDDEN TESTS"})


def test_a_number_with_few_digits_is_no_leak(toy, recorded_toy):
    lesson, recorded = recorded_toy
    scan(lesson, recorded, {"toy.ipynb": '"About 2.5, or 2.47."'})


def test_of_many_lessons_those_before_an_error_are_released_and_no_other(toy):
    for name in ("51-broken", "52-third"):
        shutil.copytree(toy / "source" / NAME, toy / "source" / name)
    notebook = toy / "source" / "51-broken" / "toy.ipynb"
    notebook.write_text(notebook.read_text().replace("1 + 1", "1 / 0"))
    releases = release_all(toy, [NAME, "51-broken", "52-third"])
    assert next(releases).name == NAME
    with pytest.raises(LessonError, match="51-broken.*ZeroDivisionError"):
        next(releases)
    assert [path.name for path in (toy / "release").iterdir()] == [NAME]
    assert not list(toy.glob(".release-*"))


@pytest.fixture
def recorded_toy(toy):
    from course.release.record import record

    lesson = lessons.load(toy, NAME)
    return lesson, record(toy, lesson)


def test_a_mistake_leaves_nothing_behind_for_the_next_cell(toy):
    write_lesson(
        toy,
        stub="values = [1.0, 2.0]\nanswer = ...\n### BEGIN SOLUTION\nanswer = sum(values)\n### END SOLUTION",
        test='check("twice", answer)',
        mistakes='[[twice]]\nname = "once"\nsays = "Too much."\ncode = "check.mark = 1\\nanswer = 9.0"\n',
        extra="assert not hasattr(check, 'mark') and answer == 3.0",
    )
    release(toy, NAME)


def test_release_brings_the_source_into_normal_form(toy):
    path = toy / "source" / NAME / "toy.ipynb"
    path.write_text(path.read_text().replace('"metadata": {},', '"metadata": {"collapsed": true},'))
    assert not format_notebook(path, only_look=True)
    release(toy, NAME)
    assert format_notebook(path, only_look=True)


def test_a_folder_that_cannot_be_written_is_named(toy, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("course.release.tempfile.mkdtemp", refuse)
    with pytest.raises(LessonError, match="cannot be written to: Permission denied. Check the folder's permissions"):
        release(toy, NAME)


def test_an_unknown_lesson_is_answered_with_the_nearest(toy):
    with pytest.raises(LessonError, match="no lesson called 50-toi. Did you mean 50-toy"):
        lessons.choose(toy, ["50-toi"])


def test_a_folder_without_lessons_is_named(tmp_path):
    with pytest.raises(LessonError, match="run this in the course's root"):
        lessons.names(tmp_path)
