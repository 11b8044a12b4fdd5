"""Hostile submissions: each gets what it deserves and says what happened, and none touches anything or anybody else.

The whole corpus of `tests/hostile/`, with honest learners in between, is graded once by each way in: the course's own
`grade` and `nbgrader autograde`. What came out and what changed is written down and shared by all workers of pytest.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import pickle
import re
import resource
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections import namedtuple
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from conftest import ROOT
from course.grading import batch
from course.grading.submission import Limits
from course.nbgrader_app import open_course
from course.release import release
from hostile import corpus
from hostile.corpus import FILE, FULL, HONEST_STUDENTS, LESSON

ATTACKS = {attack.student: attack for attack in corpus.load()}
WAYS = ("course", "nbgrader")
LIMITS = Limits(
    cell_seconds=3.0,
    submission_seconds=10.0,
    memory=256 << 20,
    processes=16,
    file_bytes=16 << 20,
    disk_bytes=32 << 20,
    output_bytes=1 << 18,
    notebook_bytes=20 << 20,
)
# Feedback takes nbgrader a second each: those who show most.
WITH_FEEDBACK = ("22_recognises_grader", "38_source_reader-path", "44_frames_and_garbage", "75_scripts")
MOST_OUTPUT = 3_000_000
MOST_MEMORY = 2_500_000_000
PATIENCE = 5  # seconds in which what has been told to end may end
IN_MEMORY = "CANARY-memory"  # what a child must not find in the memory of the process that grades
PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/", "/home", "/opt", str(Path.home()))

# What came of one submission: as `Graded` has it, as the gradebook has it, and what its reader is shown.
Came = namedtuple("Came", "state score row_scores attempt outputs feedback")
# What came of the class: {student: Came}, the lists of what must not have happened, the most bytes of one process.
Class = namedtuple("Class", "came changed traces left reached memory")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory):
    """Return a folder that all workers of pytest share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def graded_class(shared_folder):
    """Return a function from a way in to the `Class` that came of it; whoever asks first does the work."""
    return lambda way: once(shared_folder / f"hostile-{way}", lambda: grade_class(way, shared_folder))


def once(path, make):
    """Return what `make` returns, or what it returned to another worker."""
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(pickle.dumps(make()))
        return pickle.loads(path.read_bytes())


@pytest.fixture(params=WAYS, scope="session")
def way(request):
    """Session-wide, so that pytest puts the tests of one way together, and two workers start with different ones."""
    return request.param


@pytest.fixture(params=ATTACKS)
def attack(request):
    return ATTACKS[request.param]


def test_each_gets_what_it_deserves_and_says_what_happened(graded_class, way, attack):
    came = graded_class(way).came[attack.student]
    assert attack.ends_well_in(came.state), f"{attack.says}\nended in {came.state!r}"
    assert came.score in attack.scores, f"{attack.says}\nended in {came.state!r}"
    assert "\n" not in came.state and len(came.state) < 300


def test_none_shows_what_it_must_not_know_or_too_much(graded_class, way, attack):
    came = graded_class(way).came[attack.student]
    for shown in (came.outputs, came.feedback):
        assert not re.findall("CANARY-[a-z]+", shown)
        assert not attack.absent or not re.search(attack.absent, shown)
    assert len(came.outputs) < MOST_OUTPUT


@pytest.mark.parametrize("student", HONEST_STUDENTS)
def test_honest_learners_have_full_marks_whoever_is_graded_before_them(graded_class, way, student):
    came = graded_class(way).came[student]
    assert (came.state, came.score) == ("graded", FULL)
    assert came.row_scores == corpus.MOST_POINTS


def test_the_gradebook_holds_what_was_graded_and_no_more(graded_class, way):
    for student, came in graded_class(way).came.items():
        assert came.attempt == (came.state, came.score), student
        expected = 0 if came.score is None else came.score
        assert sum(score or 0 for score in came.row_scores.values()) == pytest.approx(expected), student
        assert all(0 <= (score or 0) <= corpus.MOST_POINTS[name] for name, score in came.row_scores.items()), student


def test_nothing_else_has_changed(graded_class, way):
    assert graded_class(way).changed == []


def test_nothing_is_left_on_the_machine(graded_class, way):
    assert graded_class(way).traces == []


def test_no_process_is_left(graded_class, way):
    assert graded_class(way).left == []


def test_no_process_grew_beyond_bounds(graded_class, way):
    assert graded_class(way).memory < MOST_MEMORY


def test_nobody_was_reached_over_the_network(graded_class, way):
    assert graded_class(way).reached == []


@pytest.mark.parametrize("student", [*HONEST_STUDENTS, *ATTACKS])
def test_both_ways_come_to_the_same(graded_class, student):
    first, second = (graded_class(way).came[student] for way in WAYS)
    attack = ATTACKS.get(student)
    if attack is None or len(attack.scores) == 1:
        assert first.score == second.score
    if attack is None or attack.states == ("graded",):
        assert first.state == second.state


def test_the_corpus_has_no_two_of_a_name():
    assert len(ATTACKS) == len(corpus.load())


def grade_class(way, shared_folder):
    """Hand in the whole class, grade it, and write down what came of it and what changed."""
    base = shared_folder / f"hostile-class-{way}"
    course = base / "course"
    shutil.copytree(once(shared_folder / "hostile-release", lambda: release_lesson(shared_folder)), course)
    with open(course / "nbgrader_config.py", "a") as config:
        config.writelines(f"c.CourseGrading.{name} = {most}\n" for name, most in asdict(LIMITS).items())
    plant_canaries(base, course)
    with Listener() as listener, environment(base):
        for student in HONEST_STUDENTS:
            corpus.hand_in_honestly(course, student)
        for attack in ATTACKS.values():
            corpus.hand_in(attack, course, listener.port)
        before = fingerprints(course)
        with Watch() as watch:
            came = {"course": grade_by_course, "nbgrader": grade_by_nbgrader}[way](course)
        changed = sorted(before.items() ^ fingerprints(course).items())
    return Class(add_records(course, came), changed, traces(base), watch.left, listener.reached, watch.memory)


def release_lesson(folder):
    """Make a course with the toy lesson released; return its root."""
    course = folder / "hostile-released"
    shutil.copytree(corpus.LESSON_FOLDER, course / "source" / LESSON)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    release(course, LESSON)
    return course


def plant_canaries(base, course):
    """Put texts that nobody may come to know where hostile submissions look for them."""
    (base / "outside").mkdir()
    (base / "outside" / "secret.txt").write_text("CANARY-outside")
    history = base / "ipython" / "profile_default" / "history.sqlite"
    history.parent.mkdir(parents=True)
    with sqlite3.connect(history) as database:
        database.execute("CREATE TABLE history (session integer, line integer, source text, source_raw text)")
        database.execute("INSERT INTO history VALUES (1, 1, 'CANARY-history', 'CANARY-history')")
    database.close()
    with open_course(course).gradebook as gradebook:
        gradebook.add_student("somebody", last_name="CANARY-gradebook")


class environment:
    """The environment that a grader may have, with a secret in it."""

    def __init__(self, base):
        self.changes = {"THE_CANARY": "CANARY-environment", "IPYTHONDIR": str(base / "ipython")}

    def __enter__(self):
        self.before = {name: os.environ.get(name) for name in self.changes}
        os.environ.update(self.changes)

    def __exit__(self, *_):
        for name, text in self.before.items():
            os.environ.pop(name) if text is None else os.environ.update({name: text})


class Listener:
    """A service on loopback and on an abstract socket that notes who connects."""

    def __enter__(self):
        self.reached = []
        self.sockets = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)]
        self.port = self.sockets[0].getsockname()[1]
        self.sockets[1].bind(f"\0HOSTILE-{self.port}")
        self.sockets[1].listen()
        for server in self.sockets:
            threading.Thread(target=self._accept, args=(server,), daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in self.sockets:
            server.close()

    def _accept(self, server):
        try:
            while True:
                server.accept()[0].close()
                self.reached.append(str(server.getsockname()))
        except OSError:
            pass  # closed


class Watch:
    """Watches this process's descendants: what they take, and which are left in the end.

    Whatever loses its parent becomes a child of this process meanwhile, wherever it hides.
    """

    def __enter__(self):
        self.left, self.memory = [], 0
        self._is_over = threading.Event()
        self._adopt(True)
        self._before = set(descendants())
        self._thread = threading.Thread(target=self._measure)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        self._thread.join()
        until = time.monotonic() + PATIENCE
        while (left := self._strangers()) and time.monotonic() < until:
            time.sleep(0.1)
        self._adopt(False)
        for pid in left:
            self.left.append(read_proc(pid, "cmdline").replace("\0", " "))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _strangers(self):
        """Return the processes that were not there before; the servers of Python's own process pools may stay."""
        words = {pid: read_proc(pid, "cmdline") for pid in set(descendants()) - self._before}
        return [pid for pid in words if words[pid] and "multiprocessing." not in words[pid]]

    def _measure(self):
        while not self._is_over.wait(0.1):
            pages = [int((read_proc(pid, "statm") or "0 0").split()[1]) for pid in descendants()]
            self.memory = max([self.memory, *(count * resource.getpagesize() for count in pages)])

    @staticmethod
    def _adopt(is_wanted):
        ctypes.CDLL(None).prctl(36, int(is_wanted), 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def descendants():
    """Return the numbers of all processes below this one."""
    return [process.pid for process in psutil.Process().children(recursive=True)]


def read_proc(*parts):
    """Return what a file of /proc says, or "" of a process that has ended."""
    try:
        return Path("/proc", *map(str, parts)).read_text(errors="replace")
    except OSError:
        return ""


def grade_by_course(course):
    """Grade as `course grade` does; return {student: (state, score)}."""
    graded = batch.grade(course, [LESSON], workers=2, limits=LIMITS)
    return {one.student: (one.state, one.score) for one in graded}


def grade_by_nbgrader(course):
    """Grade as `nbgrader autograde` does; return {student: (state, score)}, as the table of attempts has them."""
    command = [Path(sys.executable).parent / "nbgrader", "autograde", LESSON]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr[-3000:]
    return {student: (state, score) for student, state, score in attempts(course)}


def attempts(course):
    with sqlite3.connect(f"file:{course}/gradebook.db?mode=ro", uri=True) as database:
        return database.execute("SELECT student, state, score FROM course_attempts WHERE is_current").fetchall()


def add_records(course, came):
    """Add to each result what the gradebook, the graded notebook and the feedback say of it."""
    recorded = {student: (state, score) for student, state, score in attempts(course)}
    api = open_course(course)
    result = {}
    with api.gradebook as gradebook:
        for student, (state, score) in came.items():
            grades = gradebook.find_submission_notebook(Path(FILE).stem, LESSON, student).grades
            rows = {grade.name.removesuffix("-check"): grade.score + (grade.extra_credit or 0) for grade in grades}
            result[student] = Came(state, score, rows, recorded[student], outputs(course, student), "")
    for student in WITH_FEEDBACK:
        assert api.generate_feedback(LESSON, student)["success"]
        page = (course / "feedback" / student / LESSON / FILE).with_suffix(".html").read_text()
        result[student] = result[student]._replace(feedback=page)
    return result


def outputs(course, student):
    path = course / "autograded" / student / LESSON / FILE
    if not path.exists():
        return ""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = [cell.get("outputs") or (cell["source"] if cell["cell_type"] != "code" else "") for cell in cells]
    return json.dumps(shown, ensure_ascii=False)


def fingerprints(course):
    """Return {path: what is there} of all that grading must leave alone."""
    found = {}
    for name in ("source", "release", "submitted", "nbgrader_config.py", "../outside", "../ipython"):
        for path in [course / name, *(course / name).rglob("*")]:
            status = path.lstat()
            content = ""
            if stat.S_ISREG(status.st_mode):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            elif stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            found[str(path)] = (stat.filemode(status.st_mode), content)
    return found


def traces(base):
    """Return, and remove, what hostile code has written anywhere outside of its cage."""
    found = [path for place in PLACES for path in Path(place).glob("HOSTILE*")]
    for path in found:
        path.unlink()
    return [str(path) for path in [*found, *base.rglob("HOSTILE*")]]
