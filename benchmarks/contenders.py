"""Who is measured: each grades the first learners of a class from nothing, and gives the scores it came to."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.courses import wrong_scores
from benchmarks.plain import ANSWERS
from benchmarks.timed_course import CLOCK
from course.demo import differences
from course.grading.submission import Graded, GradedExercise

_LIST = Path(__file__).parent / "requirements.txt"


@dataclass(frozen=True)
class Outcome:
    """What one contender took for some submissions.

    Attributes:
        count: how many submissions.
        run: the `processes.Run`.
        wrong: lines that tell which scores are not as they must be.
        inside: seconds in running and judging of each submission, where the contender tells.
        recorded: list of pairs (begun, done) of recording, where it was timed.
    """

    count: int
    run: processes.Run
    wrong: list
    inside: tuple = ()
    recorded: tuple = ()


class Ours:
    """`course grade`, caged and judged outside."""

    def __init__(self, of, workers):
        self._class, self._workers = of, workers
        self.name = f"course grade, {workers} worker{'s' if workers > 1 else ''}"

    def grade(self, count, look_every=None):
        """Grade, and check scores, states and recognised mistakes."""
        course = self._class.ours
        course.hand_in(count)
        clock = course.folder / "clock.json"
        words = ["grade", self._class.name, "--workers", str(self._workers), "--json"]
        command = [sys.executable, "-m", "benchmarks.timed_course", *words]
        variables = processes.environment(sys.executable, **{CLOCK: str(clock)})
        done = processes.run(command, course.folder, variables, look_every)
        graded = [_graded(json.loads(line)) for line in done.output.splitlines()]
        wrong = differences(self._class.expected[:count], graded)
        wanted = {one.student: one.score for one in self._class.expected[:count]}
        wrong += wrong_scores(course.recorded_scores(), wanted)
        recorded = tuple(map(tuple, json.loads(clock.read_text())))
        return Outcome(count, done, wrong, tuple(one.seconds for one in graded), recorded)


class Nbgrader:
    """`nbgrader autograde` with nbgrader's own settings."""

    def __init__(self, of, sealed):
        self._class = of
        self._course = of.for_nbgrader("sealed" if sealed else "plain", sealed)
        self.name = "nbgrader autograde, this course's check" if sealed else "nbgrader autograde"

    def grade(self, count):
        """Grade, and check that each exercise has all its points or none."""
        self._course.hand_in(count)
        command = [sys.executable, "-m", "nbgrader", "autograde", self._class.name]
        done = processes.run(command, self._course.folder, _variables(sys.executable, self._class))
        wanted = {student: self._class.all_or_nothing(student) for student in self._class.students(count)}
        return Outcome(count, done, wrong_scores(self._course.recorded_scores(), wanted))


class Otter:
    """Otter-Grader's API in one process, without containers."""

    name = "Otter-Grader, its API"

    def __init__(self, of, python, most):
        self._class, self._python = of, python
        self._autograder, self._paths = of.for_otter(most)

    def grade(self, count):
        """Grade, and check that each exercise has all its points or none."""
        command = [str(self._python), "-m", "benchmarks.with_otter", str(self._autograder)]
        command += map(str, self._paths[:count])
        done = processes.run(command, self._autograder.parent, _variables(self._python, self._class))
        students = self._class.students(count)
        scores = dict(zip(students, json.loads(done.output)["scores"], strict=True))
        wanted = {student: self._class.all_or_nothing(student) for student in students}
        return Outcome(count, done, wrong_scores(scores, wanted))


class Bare:
    """The cells alone, by `exec` in one warm process."""

    name = "the bare cells, warm"

    def __init__(self, of):
        self._class = of

    def grade(self, count):
        """Run the cells of the submissions; there are no scores."""
        paths = [str(self._class.notebook(student)) for student in self._class.students(count)]
        variables = processes.environment(sys.executable, MPLBACKEND="agg", OPENBLAS_NUM_THREADS="1")
        done = processes.run([sys.executable, "-m", "benchmarks.bare", *paths], self._class.ours.folder, variables)
        return Outcome(count, done, [], tuple(json.loads(done.output)["seconds"]))


def install_otter(folder):
    """Have a venv with Otter-Grader, made on first use.

    Args:
        folder: where it lies or shall lie.

    Returns:
        (path of its Python, "") or (None, why there is none).
    """
    python, stamp = folder / "bin" / "python", folder / ".installed"
    if stamp.exists() and stamp.read_text() == _LIST.read_text():
        return python, ""
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(_LIST)]
    for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], pip):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            words = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
            return None, f"Otter-Grader could not be installed: {words[-1]}"
    stamp.write_text(_LIST.read_text())
    return python, ""


def _variables(python, of):
    """Return the environment of a grader that runs kernels: no settings of the user's, the answers in the open."""
    own = of.answers.parent / "jupyter"
    return processes.environment(
        python, JUPYTER_CONFIG_DIR=str(own), IPYTHONDIR=str(own / "ipython"), **{ANSWERS: str(of.answers)}
    )


def _graded(line):
    """Return the `Graded` that a line of `course grade --json` tells of."""
    rows = tuple(GradedExercise(**row) for row in line["exercises"])
    return Graded(**{**line, "exercises": rows})
