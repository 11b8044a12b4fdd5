"""Judge: runs a lesson's test cells in the trusted process, on what the learner's process hands out.

The tests, the solutions and the recorded answers never enter the learner's process. Each statement of a test cell runs
even where an earlier one has failed, unless it needs what that one would have made, so that every answer gets its
verdict and its share of the points:

- The points of an exercise are shared equally among the answers that `check` is given, without those that an untouched
  stub gives already.
- A failed `assert`, anything that goes wrong in a hidden part but a `check`, and any other demand that is not met, or
  that something before it keeps from being made, costs all points: a function that is right on the inputs shown and
  wrong on others is wrong. What neither calls `check` nor makes names is a demand.
- A cell that does not call `check` is nbgrader's: all or nothing, or the number that its last line gives. `None` and
  `True` give all; what is no number from 0 to the points gives nothing.
"""

import ast
import contextlib
import hashlib
import io
import json
import warnings
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from course.checks import judged_by
from course.checks.fresh import compared_with
from course.checks.verdict import RIGHT, UNANSWERED
from course.grading import clock, names
from course.grading.remote import LearnersError, Remote
from course.grading.run import Stopped
from course.grading.submission import ANSWER, GIVEN

_BEGIN_HIDDEN, _END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
_NOT_SHOWN = "on inputs that are not shown"
_MOST_TEXT = 2000
_MOST_SHOWN = 2_000_000
_MAKES_NAMES = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_PLANS = {}


@dataclass(frozen=True)
class Judged:
    """What a test cell came to.

    Attributes:
        score: points.
        verdict: "right", or what is said of the first answer that is not.
        mistake: names of the recognised mistakes, joined by "; ".
        fault: name of the error that the learner's code raised, or "".
        outputs: tuple of outputs in the form of notebooks.
    """

    score: float
    verdict: str
    mistake: str
    fault: str
    outputs: tuple


class _Lost(Exception):
    """A statement needs what an earlier one has not made."""


def without_hidden(source):
    """Return a test cell's text without its hidden parts.

    Args:
        source: the cell's text.
    """
    hidden = _hidden_lines(source)
    kept = [line for number, line in enumerate(source.splitlines(), 1) if number not in hidden]
    return "\n".join(kept).rstrip("\n")


class Judge:
    """Judges one submission, cell by cell, in the order of the notebook.

    Args:
        key: the lesson's `Key`.
        secret: text that the learner cannot know, from which inputs are drawn.
    """

    def __init__(self, key, secret):
        self._key, self._secret = key, secret
        self._plan = _plan(key)
        self._names = {"__name__": "__main__"}
        self._solutions = {"__name__": "__main__"}

    def follow(self, place, peer, seconds=60.0):
        """Go past a cell of the key that is no test: run its trusted copy where a test needs it.

        Args:
            place: the cell's place in the key.
            peer: the `Peer` that the learner's names come from.
            seconds: how long it may take.

        Raises:
            Stopped: if the learner's process ended, or the time is over.
        """
        cell = self._key.cells[place]
        if cell.kind == GIVEN and place in self._plan.given:
            what = "the instructor's cell that follows from it"
            _in_time(seconds, what, lambda: (self._fetch(place, peer), self._run_trusted(cell, self._names)))
            if peer.stop:
                raise peer.stop
        if cell.kind in (GIVEN, ANSWER) and place in self._plan.solutions:
            self._run_trusted(cell, self._solutions)

    def test(self, place, exercise, peer, seconds):
        """Run a test cell and judge its exercise.

        Args:
            place: the cell's place in the key.
            exercise: the `KeyExercise`.
            peer: the `Peer` that the learner's names come from.
            seconds: how long it may take.

        Returns:
            The `Judged`.

        Raises:
            Stopped: if the learner's process ended, or the time is over.
        """
        trial = _Trial(exercise, self._key.cells[place].source, peer)
        seed = int.from_bytes(hashlib.sha256(f"{self._secret}|{exercise.name}".encode()).digest()[:8])
        with (
            judged_by(self._key.book.judge, trial.take),
            compared_with(self._solution_of, seed),
            contextlib.redirect_stdout(trial.printed),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            peer.keep(value for name, value in self._names.items() if not name.startswith("__"))
            _in_time(seconds, "its test", lambda: (self._fetch(place, peer), trial.run(self._names)))
        if peer.stop:
            raise peer.stop
        return trial.judged()

    def _fetch(self, place, peer):
        """Put the learner's names that a cell uses into the trusted namespace; those that are not there go."""
        wanted = self._plan.fetched.get(place, ())
        if wanted:
            came = peer.fetch(wanted)
            for name in wanted:
                self._names.pop(name, None)
            self._names.update(came)

    def _run_trusted(self, cell, namespace):
        """Run an instructor's cell; one that uses the learner's names may fail, and what it binds is then not there."""
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(_compiled(cell.source, cell.name or cell.id), namespace)

    def _solution_of(self, function):
        """Return the solution's function of the same name as the learner's."""
        name = function._handle.name if type(function) is Remote else None
        for own, value in self._names.items():
            if value is function and own in self._solutions:
                return self._solutions[own]
        raise AssertionError(f"there is no function to compare {name or 'this'} with")


class _Trial:
    """One run of one test cell."""

    def __init__(self, exercise, source, peer):
        self._exercise, self._source, self._peer = exercise, source, peer
        self._is_hidden = False
        self._states, self._mistakes, self._problems = {}, [], []
        self._is_failed, self._fault, self._last = False, "", None
        self._outputs, self._room = [], _MOST_SHOWN
        self.printed = io.StringIO()

    def run(self, names_here):
        """Run the cell's statements one by one."""
        lost = set()
        for statement in _statements(self._source):
            self._is_hidden = statement.is_hidden
            try:
                if statement.loads & lost:
                    raise _Lost
                if statement.is_last and not self._exercise.counted:
                    self._last = eval(statement.code, names_here)
                else:
                    eval(statement.code, names_here)  # its value is not kept: a finalizer belongs to the test's time
                lost -= statement.binds
            except Stopped:
                raise
            except Exception as problem:
                self._note(problem, statement)
                lost |= statement.binds
                for name in statement.binds:
                    names_here.pop(name, None)
                # What is unanswered, or could not make what is checked next, says nothing more.
                if not self._exercise.counted or statement.is_demand or isinstance(problem, NotImplementedError):
                    break
        self._show_printed()

    def take(self, report):
        """Note the verdicts of one call of `check`."""
        self._show_printed()
        verdicts = [self._masked(verdict) for verdict in report.verdicts]
        for verdict in verdicts:
            # An answer that is asked for twice has to be right both times.
            if self._states.get(verdict.name, RIGHT) == RIGHT:
                self._states[verdict.name] = verdict.state
            if verdict.mistake:
                self._mistakes.append(verdict.mistake)
        report.verdicts = verdicts
        data = {"text/plain": str(report), "text/html": report._repr_html_()}
        self._show({"output_type": "display_data", "data": data, "metadata": report.metadata()})

    def _masked(self, verdict):
        """Hide what a hidden input led to; its values could be read off."""
        if not self._is_hidden or verdict.is_right:
            return verdict
        return replace(verdict, words=f"not right {_NOT_SHOWN}.", off=(), own=())

    def _note(self, problem, statement):
        """Note what went wrong in a statement, or that something before it kept it from running."""
        if isinstance(problem, _Lost):
            self._is_failed |= statement.is_demand
            return
        self._show_printed()
        is_learners = isinstance(problem, LearnersError)
        name = problem.ename if is_learners else type(problem).__name__
        is_unanswered = isinstance(problem, NotImplementedError)
        words, where = _words(problem), list(problem.where) if is_learners else []
        if self._is_hidden:
            words, where = f"the test fails {_NOT_SHOWN}", []
        elif not is_learners:
            where = [f"In the test: {statement.first_line}\n"]
        self._is_failed |= self._is_hidden or statement.is_demand
        self._is_failed |= isinstance(problem, AssertionError) and not is_learners
        self._problems.append(UNANSWERED if is_unanswered else name)
        if is_learners and not is_unanswered and not self._fault:
            self._fault = name
        traceback = [*where, f"{name}: {words}"]
        self._show({"output_type": "error", "ename": name, "evalue": words, "traceback": traceback})

    def _show(self, output):
        """Keep an output, unless there is too much already."""
        self._room -= len(json.dumps(output))
        if self._room >= 0:
            self._outputs.append(output)

    def _show_printed(self):
        """Show what the test and the learner's functions printed; what hidden inputs made them print is dropped."""
        text = self.printed.getvalue()
        self.printed.seek(0)
        self.printed.truncate()
        theirs = self._peer.drain()
        if self._is_hidden:
            return
        if text:
            self._show({"output_type": "stream", "name": "stdout", "text": text})
        for output in theirs:
            self._show(output)

    def judged(self):
        """Return what the cell came to."""
        score, verdict = self._score()
        if score == self._exercise.points:
            verdict = RIGHT
        mistakes = "; ".join(dict.fromkeys(self._mistakes))
        return Judged(score, verdict, mistakes, self._fault, tuple(self._outputs))

    def _score(self):
        """Return points and the first thing that is not right."""
        points, counted = self._exercise.points, self._exercise.counted
        wrong = [state for state in self._states.values() if state != RIGHT]
        problem = next(iter([*wrong, *self._problems]), "no verdict")
        if self._is_failed:
            return 0, problem
        if not counted:
            return self._score_of_last_line(problem)
        earned = sum(self._states.get(name) == RIGHT for name in counted)
        return (points if earned == len(counted) else round(points * earned / len(counted), 2)), problem

    def _score_of_last_line(self, problem):
        """Return nbgrader's partial credit: the number that the last line gives, if it gives one."""
        if self._problems:
            return 0, problem
        last, points = self._last, self._exercise.points
        if last is None or last is True or last is np.True_:
            return points, RIGHT
        is_number = type(last) in (int, float) or isinstance(last, (np.floating, np.integer))
        if is_number and 0 <= last <= points:
            return abs(float(last)), "partly right"
        return 0, "its score is no possible one"


@dataclass(frozen=True)
class _Statement:
    """One statement of a test cell.

    Attributes:
        code: compiled; for an expression it gives its value.
        first_line: its text.
        loads, binds: the names that it uses, and those that it makes.
        is_hidden: whether it stands in a hidden part.
        is_demand: whether it demands something in another way than by `check`.
        is_last: whether it is the cell's last.
    """

    code: object
    first_line: str
    loads: frozenset
    binds: frozenset
    is_hidden: bool
    is_demand: bool
    is_last: bool


@lru_cache(maxsize=4096)
def _statements(source):
    """Return the `_Statement`s of a test cell."""
    hidden = _hidden_lines(source)
    body = names.parse(source).body
    return tuple(
        _Statement(
            compile(ast.Expression(node.value), "<test>", "eval")
            if isinstance(node, ast.Expr)
            else compile(ast.Module([node], []), "<test>", "exec"),
            ast.unparse(node).splitlines()[0],
            frozenset(names.loads(node)),
            frozenset(names.binds(node)),
            not hidden.isdisjoint(range(node.lineno, node.end_lineno + 1)),
            _is_demand(node),
            node is body[-1],
        )
        for node in body
    )


def _is_demand(node):
    """Tell whether a statement demands something in another way than by `check`."""
    if any(isinstance(child, ast.Assert) for child in ast.walk(node)) or "agrees" in names.loads(node):
        return True
    return not isinstance(node, _MAKES_NAMES) and "check" not in names.loads(node)


def _words(problem):
    """Return what an exception says; one may hold a number too long to be written."""
    try:
        return str(problem)[:_MOST_TEXT]
    except Exception:
        return "its message cannot be read"


def _hidden_lines(source):
    """Return the numbers of the lines between the markers of hidden tests, markers included."""
    hidden, is_hidden = set(), False
    for number, line in enumerate(source.splitlines(), 1):
        is_hidden |= _BEGIN_HIDDEN in line
        if is_hidden:
            hidden.add(number)
        is_hidden &= _END_HIDDEN not in line
    return hidden


def _plan(key):
    """Return the plan of a lesson, made once."""
    if key.digest not in _PLANS:
        _PLANS[key.digest] = names.plan(key.cells)
    return _PLANS[key.digest]


@lru_cache(maxsize=4096)
def _compiled(source, name):
    return compile(names.parse(source), f"<{name}>", "exec")


def _in_time(seconds, what, work):
    """Call a function, and raise `Stopped` once its time is over: it may loop as long as a learner's number says."""
    try:
        clock.limited(seconds, work)
    except clock.TooLong:
        raise Stopped("timed out", f"{what} took longer than {seconds:g} s") from None
