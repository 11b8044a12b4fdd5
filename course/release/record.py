"""Recording: the values that a lesson's solutions, and the mistakes in their place, hand to `check`.

Runs as a program in a process of its own, so that neither what is imported already nor what a lesson
does to its process can colour the result: `python -m course.release.record COURSE_DIR LESSON`.
"""

import json
import os
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

from course import lessons
from course.checks import CheckError, judged_by
from course.checks import answer as answers
from course.checks.fresh import compared_with
from course.checks.verdict import RIGHT, Verdict
from course.lessons import LessonError


@dataclass(frozen=True)
class Recording:
    """What one run of an exercise handed to `check`.

    Attributes:
        calls: list of dicts {answer name: `Answer`}, one for each call.
        error: what the cell raised, or "".
    """

    calls: list
    error: str

    @property
    def answers(self):
        return {name: answer for call in self.calls for name, answer in call.items()}


@dataclass(frozen=True)
class Recorded:
    """What is known of an exercise once its lesson has run.

    Attributes:
        right: the `Recording` of its solution.
        mistakes: list with the `Recording` of each of its mistakes.
        untouched: the `Recording` of the stub as learners get it: what the exercise gives away by itself.
    """

    right: Recording
    mistakes: list
    untouched: Recording


def record(course_dir, lesson):
    """Run a lesson's source, each of its mistakes and each untouched stub in a fresh process.

    Args:
        course_dir: the course's root.
        lesson: the `Lesson`.

    Returns:
        A dict from exercise name to `Recorded`.

    Raises:
        LessonError: if a cell raises or warns, or the process dies.
    """
    command = [sys.executable, "-m", "course.release.record", str(Path(course_dir).resolve()), lesson.name]
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise LessonError(f"{lesson.path} does not run with its solutions: {last}")
    return from_json(json.loads(done.stdout.splitlines()[-1]))


def from_json(data):
    """Return what `to_json` was given."""
    return {
        name: Recorded(_recording(right), [_recording(mistake) for mistake in mistakes], _recording(untouched))
        for name, (right, mistakes, untouched) in data.items()
    }


def to_json(recorded):
    """Return a lesson's recordings, a dict from exercise name to `Recorded`, as plain data."""
    return {
        name: [_plain(one.right), [_plain(mistake) for mistake in one.mistakes], _plain(one.untouched)]
        for name, one in recorded.items()
    }


def _plain(recording):
    calls = [{name: (a.kind, a.shape, a.entries) for name, a in call.items()} for call in recording.calls]
    return {"calls": calls, "error": recording.error}


def _recording(data):
    calls = [
        {name: answers.Answer(kind, tuple(shape), tuple(entries)) for name, (kind, shape, entries) in call.items()}
        for call in data["calls"]
    ]
    return Recording(calls, data["error"])


def values(call):
    """Turn recorded answers back into values of the kind that learners hand in.

    Args:
        call: dict from answer name to `Answer`.

    Returns:
        Dict from answer name to number, text, set of names or array.
    """
    import numpy as np

    handed_in = {}
    for name, answer in call.items():
        if answer.kind in ("number", "text"):
            handed_in[name] = answer.entries[0]
        elif answer.kind == "names":
            handed_in[name] = set(answer.entries)
        else:
            handed_in[name] = np.array(answer.entries).reshape(answer.shape)
    return handed_in


class _Runner:
    """Runs a lesson's cells in one IPython shell, as a kernel would."""

    def __init__(self, lesson):
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        config = Config()
        config.HistoryManager.enabled = False
        self.lesson = lesson
        self.shell = InteractiveShell.instance(config=config)
        self.warned = []
        os.chdir(lesson.path.parent)

    def run(self):
        """Run every cell; before each stub, run its mistakes in forks of this process."""
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_, **__: self.warned.append(str(message))
        by_name = {exercise.name: exercise for exercise in self.lesson.exercises}
        recorded = {}
        for cell in self.lesson.notebook.cells:
            if cell.cell_type != "code":
                continue
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("-check")
            exercise = by_name.get(name)
            if exercise and cell.metadata.nbgrader.solution:
                mistakes = [_in_fork(self._run_mistake, exercise, mistake) for mistake in exercise.mistakes]
                recorded[name] = [None, mistakes, _in_fork(self._run_untouched, exercise)]
            calls, error = self._run_cell(cell.source)
            if error:
                raise LessonError(f"cell {cell.id} raises {error}")
            if self.warned:
                raise LessonError(f"cell {cell.id} warns: {self.warned[0]}")
            if exercise and cell.metadata.nbgrader.grade:
                recorded[name][0] = {"calls": calls, "error": ""}
        return recorded

    def _run_mistake(self, exercise, mistake):
        names = self.shell.user_ns
        _, error = self._run_cell(exercise.stub)
        if error:
            return {"calls": [], "error": error}  # `run` will say so when it comes to the solution
        solution = dict(names)
        _, error = self._run_cell(exercise.answered_with(mistake.code))
        if error:
            raise LessonError(f"mistake {mistake.name!r} of {exercise.name} raises {error}")

        def solution_of(function):
            return next(solution[name] for name, value in names.items() if value is function and name in solution)

        with compared_with(solution_of, seed=1):
            calls, error = self._run_cell(exercise.test)
        return {"calls": calls, "error": error}

    def _run_untouched(self, exercise):
        self._run_cell(exercise.untouched)
        calls, error = self._run_cell(exercise.test, _recorder_of_some)
        return {"calls": calls, "error": error}

    def _run_cell(self, source, recorder=None):
        from IPython.utils.capture import capture_output

        calls = []
        with judged_by((recorder or _recorder)(calls)), capture_output():
            result = self.shell.run_cell(source)
        problem = result.error_before_exec or result.error_in_exec
        return calls, f"{type(problem).__name__}: {problem}" if problem else ""


def _recorder(calls):
    """Return a judge that finds everything right and notes it down."""

    def judge(given):
        call = {}
        for name, value in given.items():
            try:
                answer = answers.read(value)
            except answers.NotAnswered:
                raise CheckError(f"the solution leaves {name} unanswered") from None
            except answers.WrongKind as problem:
                raise CheckError(f"{name} is {problem}, which cannot be sealed") from None
            call[name] = (answer.kind, answer.shape, answer.entries)
        calls.append(call)
        return [Verdict(name, RIGHT, "recorded.") for name in given]

    return judge


def _recorder_of_some(calls):
    """Return a judge that notes down what has been answered at all."""

    def judge(given):
        call = {}
        for name, value in given.items():
            try:
                answer = answers.read(value)
            except (answers.NotAnswered, answers.WrongKind):
                continue
            call[name] = (answer.kind, answer.shape, answer.entries)
        calls.append(call)
        return [Verdict(name, RIGHT, "recorded.") for name in given]

    return judge


def _in_fork(function, *arguments):
    """Call a function in a forked copy of this process, so that nothing it does remains; return its result."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with os.fdopen(writing, "w") as pipe:
                try:
                    json.dump({"result": function(*arguments)}, pipe)
                except LessonError as problem:
                    json.dump({"problem": str(problem)}, pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    answer = json.loads(text or '{"problem": "a mistake ended its process"}')
    if "problem" in answer:
        raise LessonError(answer["problem"])
    return answer["result"]


def main():
    course_dir, name = sys.argv[1:]
    try:
        recorded = _Runner(lessons.load(course_dir, name)).run()
    except LessonError as problem:
        sys.exit(str(problem))
    print()
    print(json.dumps(recorded))


if __name__ == "__main__":
    main()
