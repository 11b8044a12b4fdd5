"""Recording: gradebook and `autograded/` change together or not at all, on SQLite and on PostgreSQL."""

import glob
import multiprocessing
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import nbformat
import pytest
from nbgrader import dbutil
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.plugins import LateSubmissionPlugin
from sqlalchemy import create_engine, event, text
from traitlets.config import Config

from course.grading import record
from course.grading.record import STAGING, Recorder
from course.grading.submission import Graded, GradedExercise
from course.nbgrader_app import CourseError, open_course

ROOT = Path(__file__).resolve().parent.parent
LESSON = "60-essay"
POSTGRES = Path("/usr/lib/postgresql/15/bin")
FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["course.grading.record", "psycopg"])


@pytest.fixture(scope="session")
def postgres():
    """Return the URL of an own PostgreSQL, without the database's name, on a socket in a temporary folder."""
    if not (POSTGRES / "initdb").exists():
        pytest.skip(f"there is no PostgreSQL in {POSTGRES}")
    folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")  # A socket's path must be short.
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres", "postgres")

    def run(command, *arguments):
        subprocess.run([*as_user, POSTGRES / command, "-D", f"{folder}/data", *arguments], check=True, cwd="/", **quiet)

    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    run("initdb", "--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8", "--locale=C")
    try:
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", f"-k {folder} -c listen_addresses= -F", "start")
        yield f"postgresql://postgres@/{{}}?host={folder}"
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_gradebook(postgres, tmp_path_factory):
    """Return the URL of a gradebook on PostgreSQL; a test starts by emptying it."""
    url = postgres.format("postgres")
    fill(tmp_path_factory.mktemp("postgres"), url)
    return url


@pytest.fixture(scope="session")
def sqlite_gradebook(tmp_path_factory):
    """Return the path of a gradebook on SQLite; a test works on a copy."""
    path = tmp_path_factory.mktemp("sqlite") / "gradebook.db"
    fill(path.parent, f"sqlite:///{path}")
    return path


def fill(course, url):
    """Register a lesson of all kinds of cells, and another."""
    shutil.copy(ROOT / "nbgrader_config.py", course)
    changes = Config()
    changes.CourseDirectory.db_url = url
    with open_course(course, changes).gradebook as gradebook:
        gradebook.add_assignment("59-other", duedate="2026-01-01")
        gradebook.add_assignment(LESSON, duedate="2026-03-01 12:00:00")
        gradebook.add_notebook("essay", LESSON)
        for name in ("twice", "essay"):
            gradebook.add_solution_cell(name, "essay", LESSON)
        gradebook.add_grade_cell("twice-check", "essay", LESSON, max_score=2, cell_type="code")
        gradebook.add_grade_cell("essay", "essay", LESSON, max_score=3, cell_type="markdown")
        gradebook.add_task_cell("project", "essay", LESSON, max_score=4, cell_type="markdown")


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, own_course):
    """Return the settings of a course with a gradebook of either kind, in which nothing is graded."""
    changes = Config()
    changes.CourseDirectory.root = str(own_course)
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_gradebook"), own_course)
    else:
        changes.CourseDirectory.db_url = request.getfixturevalue("postgres_gradebook")
        engine = create_engine(changes.CourseDirectory.db_url)
        with engine.begin() as connection:
            connection.execute(text("TRUNCATE student CASCADE"))
            connection.execute(text("DROP TABLE IF EXISTS course_attempts"))
        engine.dispose()
    return changes


on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture
def api(settings):
    return open_course(settings.CourseDirectory.root, settings)


@pytest.fixture
def recorder(api):
    with Recorder(api) as recorder:
        yield recorder


def result(student="ada", points=2.0, said="first", **changes):
    """Return a result with points for the code and an essay for a human to read."""
    exercises = (
        GradedExercise("twice", points, 2.0, "right", test="twice-check"),
        GradedExercise("essay", None, 3.0, "", test="essay"),
    )
    values = {"timestamp": datetime(2026, 3, 1, 11), "exercises": exercises, "notebook": notebook(said), "key": said}
    values = {"state": "graded", "score": points, **values, **changes}
    return Graded(student, LESSON, max_score=9.0, seconds=0.5, **values)


def no_grade(student="ada", state="unreadable: it is no notebook"):
    blank = tuple(replace(row, score=None, is_untouched=True) for row in result().exercises)
    return result(student, said=state, state=state, score=None, exercises=blank)


def notebook(said):
    return nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(said, id="said")]))


def grades_of(api, student="ada"):
    """Return {cell: (automatic, manual, extra credit, whether a human has to look)}."""
    with api.gradebook as gradebook:
        rows = gradebook.find_submission_notebook("essay", LESSON, student).grades
        return {row.name: (row.auto_score, row.manual_score, row.extra_credit, row.needs_manual_grade) for row in rows}


def hand_in(api, student="ada"):
    """Hand in as much as the formgrader looks at: the folder and its timestamp."""
    folder = Path(api.coursedir.root) / "submitted" / student / LESSON
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-03-01 11:00:00 UTC")


def give_by_hand(api, name, student="ada", **values):
    with api.gradebook as gradebook:
        grade = gradebook.find_grade(name, "essay", LESSON, student)
        for field, value in values.items():
            setattr(grade, field, value)
        gradebook.db.commit()


def folder_of(api, student="ada"):
    return Path(api.coursedir.root) / "autograded" / student / LESSON


def snapshot(api):
    """Return all that a run leaves, without ids and clock times: rows of the gradebook and files."""
    queries = {
        "students": "SELECT id FROM student",
        "submissions": "SELECT student_id, timestamp, extension FROM submitted_assignment",
        "notebooks": """SELECT a.student_id, n.late_submission_penalty, n.flagged
            FROM submitted_notebook n JOIN submitted_assignment a ON a.id = n.assignment_id""",
        "grades": """SELECT a.student_id, c.name, c.type, g.auto_score, g.manual_score, g.extra_credit,
            g.needs_manual_grade FROM grade g JOIN base_cell c ON c.id = g.cell_id
            JOIN submitted_notebook n ON n.id = g.notebook_id JOIN submitted_assignment a ON a.id = n.assignment_id""",
        "comments": """SELECT a.student_id, c.name, c.type, g.auto_comment, g.manual_comment
            FROM comment g JOIN base_cell c ON c.id = g.cell_id
            JOIN submitted_notebook n ON n.id = g.notebook_id JOIN submitted_assignment a ON a.id = n.assignment_id""",
        "attempts": "SELECT student, lesson, key, state, score, exercises FROM course_attempts WHERE is_current",
    }
    root = Path(api.coursedir.root) / "autograded"
    files = [path for path in root.rglob("*") if path.is_file() and STAGING not in path.parts]
    with api.gradebook as gradebook:
        rows = {name: sorted(map(str, gradebook.db.execute(text(query)))) for name, query in queries.items()}
    return {**rows, "files": {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode) for path in files}}


@contextmanager
def statements(recorder):
    """Collect the statements that a recorder sends to its database, with the parameters of the first row."""
    sent = []

    def note(connection, cursor, statement, parameters, context, many):
        sent.append((statement, parameters[0] if many else parameters))

    event.listen(recorder._engine, "before_cursor_execute", note)
    yield sent
    event.remove(recorder._engine, "before_cursor_execute", note)


# What is recorded


def test_a_result_stands_in_the_gradebook_and_in_its_folder(api, recorder):
    recorder.record(result())
    assert grades_of(api) == {
        "twice-check": (2, None, None, False),
        "essay": (None, None, None, True),
        "project": (None, None, None, True),
    }
    folder = folder_of(api)
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "essay.ipynb": 0o444,
        "timestamp.txt": 0o444,
    }
    assert (folder / "essay.ipynb").read_text() == notebook("first")
    assert api.coursedir.get_existing_timestamp(str(folder)) == datetime(2026, 3, 1, 11)
    hand_in(api)
    listed = api.get_submission(LESSON, "ada")
    assert (listed["autograded"], listed["score"], listed["needs_manual_grade"]) == (True, 2, True)


def test_a_better_result_replaces_the_former_with_its_whole_folder(api, recorder):
    recorder.record(result(points=0.0))
    (folder_of(api) / "left.txt").write_text("by an earlier nbgrader")
    recorder.record(result(points=2.0, said="second", timestamp=None))
    assert grades_of(api)["twice-check"][0] == 2
    assert {path.name: path.read_text() for path in folder_of(api).iterdir()} == {"essay.ipynb": notebook("second")}
    with api.gradebook as gradebook:
        assert gradebook.find_submission(LESSON, "ada").timestamp is None


def test_a_timestamp_of_another_zone_is_kept_in_utc(api, recorder):
    at = datetime(2026, 3, 1, 11, 30, 0, 125, tzinfo=timezone(timedelta(hours=2)))
    attempt = recorder.record(result(timestamp=at))
    assert attempt.timestamp == datetime(2026, 3, 1, 9, 30, 0, 125)
    with api.gradebook as gradebook:
        assert gradebook.find_submission(LESSON, "ada").timestamp == attempt.timestamp
    assert api.coursedir.get_existing_timestamp(str(folder_of(api))) == attempt.timestamp


def test_an_untouched_answer_is_commented_until_it_is_answered(api, recorder):
    def comments():
        with api.gradebook as gradebook:
            found = gradebook.find_submission_notebook("essay", LESSON, "ada").comments
            return {comment.name: comment.comment for comment in found}

    blank = tuple(replace(row, score=0.0, is_untouched=True) for row in result().exercises)
    recorder.record(result(points=0.0, exercises=blank))
    assert comments() == {"twice": "No response.", "essay": "No response.", "project": None}
    recorder.record(result())
    assert comments() == {"twice": None, "essay": None, "project": None}


def test_no_grade_takes_back_the_former_marks_and_asks_for_a_human(api, recorder):
    recorder.record(result())
    give_by_hand(api, "essay", manual_score=3, needs_manual_grade=False)
    recorder.record(no_grade())
    assert grades_of(api) == {
        "twice-check": (None, None, None, True),
        "essay": (None, 3, None, True),
        "project": (None, None, None, True),
    }
    assert "unreadable" in (folder_of(api) / "essay.ipynb").read_text()
    with api.gradebook as gradebook:
        assert gradebook.find_comment("twice", "essay", LESSON, "ada").comment is None
    hand_in(api)
    listed = api.get_submission(LESSON, "ada")
    assert (listed["autograded"], listed["score"], listed["needs_manual_grade"]) == (True, 3, True)


def test_no_grade_needs_no_exercises(api, recorder):
    recorder.record(replace(no_grade(), exercises=()))
    assert {row[3] for row in grades_of(api).values()} == {True}


def test_what_a_human_gave_survives_and_is_looked_at_again(api, recorder):
    recorder.record(result())
    give_by_hand(api, "twice-check", manual_score=1, extra_credit=0.5, needs_manual_grade=False)
    give_by_hand(api, "project", manual_score=4, needs_manual_grade=False)
    recorder.record(result(points=0.0))
    assert grades_of(api) == {
        "twice-check": (0, 1, 0.5, True),
        "essay": (None, None, None, True),
        "project": (None, 4, None, True),
    }


def test_a_state_may_hold_what_databases_refuse(api, recorder):
    attempt = recorder.record(result(state="graded, code raised: \0 \udc80 in twice", said="half a \udc80", key="k"))
    assert attempt.state == "graded, code raised: ? ? in twice"
    assert recorder.attempts(LESSON) == {"ada": attempt}
    nbformat.read(folder_of(api) / "essay.ipynb", 4)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -0.5, 2.5])
def test_a_score_out_of_range_is_refused_and_changes_nothing(api, recorder, score):
    recorder.record(result())
    before = snapshot(api)
    with pytest.raises(ValueError, match="60-essay, twice-check: the score .* is not a number from 0 to 2"):
        recorder.record(result(said="wrong", exercises=(replace(result().exercises[0], score=score),)))
    assert snapshot(api) == before


def test_a_lesson_that_the_gradebook_does_not_know_is_an_error(recorder):
    with pytest.raises(CourseError, match="run `course release 61-none` first"):
        recorder.record(replace(result(), lesson="61-none"))
    with pytest.raises(CourseError, match="has changed since its release"):
        recorder.record(result(exercises=(GradedExercise("new", 1.0, 1.0, "right", test="new-check"),)))


# Late submissions


class Tenth(LateSubmissionPlugin):
    """A plugin of somebody's own: a tenth of a point each hour."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 36000


def penalty(settings, hours_late, before=None, **late):
    settings.AssignLatePenalties.update(late)
    api = open_course(settings.CourseDirectory.root, settings)
    with Recorder(api) as recorder:
        recorder.record(result())
        if before:
            before(api)
        recorder.record(result(timestamp=datetime(2026, 3, 1, 12) + timedelta(hours=hours_late)))
    with api.gradebook as gradebook:
        return gradebook.find_submission_notebook("essay", LESSON, "ada").late_submission_penalty


@pytest.mark.parametrize(
    ("hours_late", "late", "expected"),
    [
        (1, {}, None),
        (0, {"plugin_class": Tenth}, None),
        (1, {"plugin_class": Tenth}, 0.1),
        (100, {"plugin_class": Tenth}, 2),
        (1, {"plugin_class": Tenth, "enabled": False}, None),
    ],
)
def test_a_late_submission_costs_what_the_plugin_says_at_most_all(settings, hours_late, late, expected):
    assert penalty(settings, hours_late, **late) == expected


def test_a_penalty_takes_what_humans_gave_and_an_extension_into_account(settings, api):
    settings.LateSubmissionPlugin.penalty_method = "zero"

    def give(api):
        give_by_hand(api, "essay", manual_score=3, extra_credit=1)

    def extend(api):
        with api.gradebook as gradebook:
            gradebook.grant_extension(LESSON, "ada", hours=2)

    assert penalty(settings, 1, give) == 6
    assert penalty(settings, 1, extend) is None


# The same as nbgrader


def test_the_gradebook_is_the_same_as_after_nbgraders_own_autograde(settings, own_course, api):
    """nbgrader grades a notebook of all kinds of cells; its grades, recorded by us, make the same rows."""
    lesson = "62-all"

    def cell(kind, name, source, **role):
        standard = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
        meta = {"nbgrader": {**standard, "grade_id": name, **role}}
        return getattr(nbformat.v4, f"new_{kind}_cell")(source, id=name, metadata=meta)

    cells = [
        nbformat.v4.new_markdown_cell("### Exercise 62.1: all (4 points, 3 minutes)", id="heading"),
        cell("code", "a", "### BEGIN SOLUTION\na = 1\n### END SOLUTION", solution=True),
        cell("code", "a-check", "assert a == 1", grade=True, locked=True, points=2),
        cell("code", "b", "### BEGIN SOLUTION\nb = 1\n### END SOLUTION", solution=True),
        cell("code", "b-check", "assert b == 1", grade=True, locked=True, points=2),
        cell("markdown", "essay", "Write here.", grade=True, solution=True, points=3),
        cell("markdown", "letter", "Write here too.", grade=True, solution=True, points=3),
        cell("markdown", "task", "Do this.", task=True, locked=True, points=5),
    ]
    (own_course / "source" / lesson).mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), own_course / "source" / lesson / "all.ipynb")
    assert api.generate_assignment(lesson)["success"]
    with api.gradebook as gradebook:
        gradebook.update_or_create_assignment(lesson, duedate="2026-03-01")
    handed_in = own_course / "submitted" / "ada" / lesson
    shutil.copytree(own_course / "release" / lesson, handed_in)
    copy = nbformat.read(handed_in / "all.ipynb", 4)
    copy.cells[1].source, copy.cells[5].source = "a = 1", "My essay."
    nbformat.write(copy, handed_in / "all.ipynb")
    (handed_in / "timestamp.txt").write_text("2026-03-01 01:00:00 UTC")
    api.coursedir.assignment_id = lesson
    api.config.LateSubmissionPlugin.penalty_method = "zero"

    BaseConverter.start(Autograde(coursedir=api.coursedir, parent=api))
    with Recorder(api) as recorder:
        stock = snapshot(api)
        path = own_course / "autograded" / "ada" / lesson / "all.ipynb"
        executed = path.read_text()
        shutil.rmtree(path.parent)
        with api.gradebook as gradebook:
            gradebook.remove_submission(lesson, "ada")
        rows = [("a", 2.0, 2, False), ("b", 0.0, 2, True), ("essay", None, 3, False), ("letter", 0.0, 3, True)]
        exercises = tuple(
            GradedExercise(name, score, points, "", test=f"{name}-check" if points == 2 else name, is_untouched=blank)
            for name, score, points, blank in rows
        )
        at = datetime(2026, 3, 1, 1, tzinfo=UTC)
        recorder.record(Graded("ada", lesson, "graded", 2.0, 15.0, 1.0, exercises, executed, "key", at))
    ours = snapshot(api)
    for table in ("students", "submissions", "notebooks", "grades", "comments"):
        assert ours[table] == stock[table], table
    assert ours["files"][f"ada/{lesson}/all.ipynb"] == stock["files"][f"ada/{lesson}/all.ipynb"]
    assert api.get_submission(lesson, "ada")["autograded"]


# Attempts


def test_attempts_come_back_as_they_were_recorded_in_one_query(recorder):
    recorded = {name: recorder.record(result(name, said=name)) for name in ("ada", "bob")}
    with statements(recorder) as sent:
        assert recorder.attempts(LESSON) == recorded
    assert len(sent) == 1
    assert recorder.attempts("59-other") == {}
    assert isinstance(recorded["ada"], Graded)


def test_the_history_of_attempts_is_kept(api, recorder):
    for points in (0.0, 1.0, 2.0):
        recorder.record(result(points=points))
    assert recorder.attempts(LESSON)["ada"].score == 2
    with api.gradebook as gradebook:
        rows = gradebook.db.execute(text("SELECT score, is_current FROM course_attempts ORDER BY finished")).all()
    assert [(score, bool(is_current)) for score, is_current in rows] == [(0, False), (1, False), (2, True)]


def test_an_attempt_does_not_count_without_the_grades_in_the_gradebook(api, recorder):
    recorder.record(result())
    with api.gradebook as gradebook:
        gradebook.remove_student("ada")
    assert recorder.attempts(LESSON) == {}
    recorder.record(result())
    assert set(recorder.attempts(LESSON)) == {"ada"}


def test_a_result_is_in_place_while_its_own_notebook_lies_there(api, recorder):
    assert not recorder.is_in_place(result())
    attempt = recorder.record(result())
    assert recorder.is_in_place(attempt) and recorder.is_in_place(result())
    assert not recorder.is_in_place(result(said="another"))
    path = folder_of(api) / "essay.ipynb"
    path.chmod(0o644)
    path.write_text("changed by hand")
    assert not recorder.is_in_place(attempt)
    shutil.rmtree(path.parent)
    assert not recorder.is_in_place(attempt)


def test_the_table_of_attempts_does_not_disturb_nbgraders_upgrade(api, recorder, capfd):
    attempt = recorder.record(result())
    dbutil.upgrade(api.coursedir.db_url)
    assert recorder.attempts(LESSON) == {"ada": attempt}


# Cost


@on_sqlite
def test_recording_costs_the_same_however_many_were_recorded_before(recorder):
    """Each statement finds its rows by an index, and there are as many in a class of 3 as in one of 150."""
    counts = []
    for number in range(150):
        with statements(recorder) as sent:
            recorder.record(result(f"student-{number}", timestamp=datetime(2026, 4, 1)))
        counts.append(len(sent))
    assert len(set(counts[1:])) == 1 and counts[1] <= 18
    with statements(recorder) as sent:
        recorder.record(result("student-7", timestamp=datetime(2026, 4, 1)))
    assert len(sent) <= 13
    with recorder._engine.connect() as connection:
        for statement, parameters in sent:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert not [step for *_, step in plan if step.startswith("SCAN")], statement


# Where things go


@on_sqlite
def test_the_folder_and_its_permissions_are_as_configured(settings):
    settings.CourseDirectory.update({"autograded_directory": "marked", "groupshared": True})
    api = open_course(settings.CourseDirectory.root, settings)
    with Recorder(api) as recorder:
        recorder.record(result())
    root = Path(settings.CourseDirectory.root) / "marked"
    assert (root / "ada" / LESSON / "essay.ipynb").stat().st_mode & 0o777 == 0o664
    assert {folder.stat().st_mode & 0o2770 for folder in (root, *root.rglob("*/"))} == {0o2770}
    assert (root / STAGING / "lock").stat().st_mode & 0o777 == 0o664


@on_sqlite
def test_nbgrader_does_not_see_what_is_staged(api, recorder):
    recorder.record(result())
    (folder_of(api).parent.parent / STAGING / "0" / LESSON).mkdir(parents=True)
    seen = api.coursedir.format_path("autograded", "*", "*")
    assert [Path(path).name for path in glob.glob(seen)] == [LESSON]


# What goes wrong


def test_a_gradebook_that_cannot_be_used_is_named_without_its_password(settings, postgres):
    settings.CourseDirectory.db_url = "postgresql://ada:secret@/none?host=/nowhere"
    with pytest.raises(CourseError, match=r"^The gradebook \(postgresql\) cannot be used: ") as raised:
        Recorder(open_course(settings.CourseDirectory.root, settings))
    assert "secret" not in str(raised.value)


@on_sqlite
def test_a_folder_that_cannot_be_written_is_named(api, recorder):
    (folder_of(api).parent).write_text("a file where the student's folder should be")
    with pytest.raises(CourseError, match=r"autograded/ada cannot be written: File exists\."):
        recorder.record(result())
    assert recorder.attempts(LESSON) == {}


def test_what_fails_in_the_transaction_changes_nothing(settings, api, recorder):
    class Broken(LateSubmissionPlugin):
        def late_submission_penalty(self, student_id, score, total_seconds_late):
            raise RuntimeError("no penalty")

    recorder.record(result())
    before = snapshot(api)
    settings.AssignLatePenalties.plugin_class = Broken
    with Recorder(open_course(settings.CourseDirectory.root, settings)) as broken:
        with pytest.raises(RuntimeError, match="no penalty"):
            broken.record(result(points=0.0, said="second", timestamp=datetime(2026, 4, 1)))
        assert snapshot(api) == before
        broken.recover()
        assert snapshot(api) == before
        assert [path.name for path in (folder_of(api).parent.parent / STAGING).iterdir() if path.is_dir()] == []


@on_sqlite
def test_one_waits_for_the_other_and_says_so_in_the_end(api, recorder, monkeypatch):
    monkeypatch.setattr(record, "LOCK_SECONDS", 0.2)
    with Recorder(api) as other, recorder._locked():
        pass
    with recorder._locked(), pytest.raises(CourseError, match="Another run has been recording"):
        Recorder(api)
    other.close()


def record_many(settings, points, students, barrier):
    with Recorder(open_course(settings.CourseDirectory.root, settings)) as recorder:
        barrier.wait()
        for number in range(students):
            recorder.record(result(f"student-{number}", points, said=f"{points}"))


def test_two_runs_at_once_do_not_mix_their_results(settings, api):
    barrier = FORK.Barrier(2)
    runs = [FORK.Process(target=record_many, args=(settings, points, 12, barrier)) for points in (0.0, 1.0)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0, 0]
    with Recorder(api) as recorder:
        attempts = recorder.attempts(LESSON)
        assert len(attempts) == 12
        for student, attempt in attempts.items():
            assert recorder.is_in_place(attempt)
            assert grades_of(api, student)["twice-check"][0] == attempt.score


# Killed

CLASS = ("ada", "bob", "eve")
MOMENTS = (
    "before anything",
    "while staging",
    "before the timestamp",
    "between student and submission",
    "before the attempt",
    "before the commit",
    "after the commit",
    "before the former folder goes",
    "between the two renames",
    "before the former folder is removed",
    "after all",
)


def run_class(settings, said, moment=None):
    """Record a class, and at the given moment of bob's result die as from kill -9."""

    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    def after(module, name, calls=0):
        """Let a function be called so many times and die instead of the next."""
        function, left = getattr(module, name), [calls]

        def count(*arguments, **named):
            left[0] -= 1
            return function(*arguments, **named) if left[0] >= 0 else die()

        setattr(module, name, count)

    with Recorder(open_course(settings.CourseDirectory.root, settings)) as recorder:
        for student in CLASS:
            if student == "bob" and moment:
                match moment:
                    case "before anything":
                        after(recorder, "_stage")
                    case "while staging":
                        after(Path, "write_bytes")
                    case "before the timestamp":
                        after(Path, "write_bytes", 1)
                    case "between student and submission":
                        after(record.grades, "_find_or_add", 1)
                    case "before the attempt":
                        after(record.attempts, "add")
                    case "before the commit":
                        event.listen(recorder._engine, "commit", die)
                    case "after the commit":
                        after(record, "_swap_in")
                    case "before the former folder goes":
                        after(record.os, "rename")
                    case "between the two renames":
                        after(record.os, "rename", 1)
                    case "before the former folder is removed":
                        after(record.shutil, "rmtree", 1)
            recorder.record(result(student, float(said == "second"), said=said))
            if student == "bob" and moment == "after all":
                die()


@pytest.mark.parametrize("moment", MOMENTS)
def test_whenever_a_run_is_killed_the_next_one_makes_it_good(settings, api, moment, tmp_path):
    run_class(settings, "first")
    victim = FORK.Process(target=run_class, args=(settings, "second", moment))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL

    with Recorder(api) as recorder:  # Which recovers.
        for student, attempt in recorder.attempts(LESSON).items():
            assert recorder.is_in_place(attempt), student
            assert grades_of(api, student)["twice-check"][0] == attempt.score
        assert [path.name for path in (tmp_path / "autograded" / STAGING).iterdir() if path.is_dir()] == []
    run_class(settings, "second")
    after_death = snapshot(api)

    shutil.rmtree(tmp_path / "autograded")
    with api.gradebook as gradebook:
        for student in CLASS:
            gradebook.remove_student(student)
        gradebook.db.execute(text("DELETE FROM course_attempts"))
        gradebook.db.commit()
    run_class(settings, "first")
    run_class(settings, "second")
    assert after_death == snapshot(api)


@pytest.mark.parametrize("moment", ["after the commit", "before the commit"])
def test_a_first_result_is_there_or_not_there_after_a_kill(settings, api, moment, tmp_path):
    victim = FORK.Process(target=run_class, args=(settings, "second", moment))
    victim.start()
    victim.join()
    with Recorder(api) as recorder:
        assert set(recorder.attempts(LESSON)) == ({"ada", "bob"} if moment == "after the commit" else {"ada"})
        assert all(recorder.is_in_place(attempt) for attempt in recorder.attempts(LESSON).values())
        assert folder_of(api, "bob").exists() == (moment == "after the commit")
