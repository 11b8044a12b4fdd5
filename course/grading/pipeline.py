"""The way of one submission: rebuild, run, judge; a pure function of submission, key and limits."""

import hashlib
import json
import time
from dataclasses import asdict

from course.grading.judge import Judge, without_hidden
from course.grading.rebuild import NotANotebook, rebuild
from course.grading.remote import Peer
from course.grading.run import Stopped
from course.grading.submission import (
    ANSWER,
    BY_HAND,
    GRADED,
    OWN,
    RAISED,
    STOPPED,
    TEST,
    Graded,
    GradedExercise,
)
from course.report.clean import clean_notebook

# A learner's child is started anew this often after a cell has ended it.
_MOST_RESTARTS = 3
_UNANSWERED = "NotImplementedError"
# What a stub raises, and how a check or an `assert` says that an answer is wrong: no fault in the code.
_NO_FAULT = {_UNANSWERED, "CheckFailed", "AssertionError"}
_NOT_REACHED = "not reached"
_MOST_NAME = 60
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def grade(submission, key, sandbox):
    """Grade one submission.

    Args:
        submission: the `Submission`.
        key: the lesson's `Key`.
        sandbox: the `run.Sandbox` in which the learner's code runs; its limits hold.

    Returns:
        The `Graded`. Whatever the submission holds, it does not raise.

    Raises:
        CageError: if the learner's code cannot be caged.
    """
    started = time.perf_counter()
    attempt = attempt_key(submission, key, sandbox.limits)
    if submission.state:
        return ungraded(submission, key, submission.state, attempt)
    try:
        rebuilt = rebuild(submission, key)
    except NotANotebook as problem:
        return ungraded(submission, key, str(problem), attempt)
    run = _Run(rebuilt, key, sandbox, attempt)
    run.all_cells()
    exercises = run.exercises()
    return Graded(
        student=submission.student,
        lesson=key.lesson,
        state=run.state(),
        score=round(sum(row.score or 0 for row in exercises), 2),
        max_score=key.max_score,
        seconds=round(time.perf_counter() - started, 3),
        exercises=exercises,
        notebook=_notebook_text(run.shown_cells()),
        key=attempt,
        timestamp=submission.timestamp,
    )


def ungraded(submission, key, state, attempt=""):
    """Return the result of a submission that cannot be graded: no scores, and a notebook that says why.

    Args:
        submission: the `Submission`.
        key: the lesson's `Key`.
        state: its named state with the details.
        attempt: what `attempt_key` returned for it.
    """
    exercises = tuple(GradedExercise(one.name, None, one.points, "", test=one.test) for one in key.exercises)
    note = f"**This submission could not be graded: {state}.**\n\nBelow is the lesson as it was released."
    cells = [_shown("markdown", note, "why-there-is-no-grade", {})]
    for cell in key.cells:
        source = key.untouched.get(cell.name, cell.source)
        cells.append(_shown(cell.cell_type, _visible(cell, source), cell.id, cell.metadata))
    text = _notebook_text(cells)
    return Graded(
        submission.student, key.lesson, state, None, key.max_score, 0.0, exercises, text, attempt, submission.timestamp
    )


def attempt_key(submission, key, limits):
    """Return the hash of all that a result depends on: the submission, its lesson, the engine and its limits."""
    digest = hashlib.sha256(submission.text or b"")
    rest = [submission.student, submission.state, str(submission.timestamp), key.digest, asdict(limits)]
    digest.update(json.dumps(rest).encode("utf-8", "replace"))
    return digest.hexdigest()


class _Run:
    """A submission's cells on their way through a learner's child and past the judge."""

    def __init__(self, rebuilt, key, sandbox, secret):
        self._key, self._sandbox = key, sandbox
        self._cells = rebuilt.cells
        self._judge = Judge(key, secret)
        self._exercises = {one.test: one for one in key.exercises}
        self._deadline = time.monotonic() + sandbox.limits.submission_seconds
        self._session = self._peer = None
        self._finished, self._shown, self._judged = [], [], {}
        self._faults, self._stops, self._broken = [], [], set()
        self._is_over = False

    def all_cells(self):
        """Run and judge every cell; a child that dies is replaced, and what had finished is run in the new one."""
        place, number = -1, 0
        try:
            for cell in self._cells:
                place += cell.kind != OWN
                number += cell.cell_type == "code"
                outputs = self._one_cell(cell, place, number) if cell.cell_type == "code" else ()
                self._shown.append((cell, number, outputs))
        finally:
            self._close()

    def _one_cell(self, cell, place, number):
        """Run one code cell, or judge it, and return its outputs."""
        if self._is_over:
            return ()
        try:
            self._open()
            if cell.kind == TEST:
                return self._test(cell, place)
            result = self._session.run_cell(cell.source, number)
            self._finished.append((cell.source, number))
            self._note(result.error, cell, number)
            if cell.kind != OWN:
                self._judge.follow(place, self._peer, self._sandbox.limits.cell_seconds)
            return result.outputs
        except Stopped as stop:
            return self._note_stop(stop, cell, number)

    def _open(self):
        """Have a child in which all that finished so far has run."""
        while self._session is None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise Stopped("timed out", f"it took longer than {self._sandbox.limits.submission_seconds:g} s in all")
            self._session = self._sandbox.session(self._key.files, self._key.modules, seconds=left)
            self._peer = Peer(self._session)
            self._replay()

    def _replay(self):
        """Run again what had finished; a cell that ends the child this time is left out from now on."""
        for finished in list(self._finished):
            try:
                self._session.run_cell(*finished)
            except Stopped as stop:
                self._finished.remove(finished)
                self._close()
                self._stops.append((f"{stop.kind} when run again", f"cell [{finished[1]}]"))
                if len(self._stops) > _MOST_RESTARTS:
                    raise
                return

    def _test(self, cell, place):
        self._session.start_clock()
        exercise = self._exercises[cell.name]
        judged = self._judge.test(place, exercise, self._peer, self._sandbox.limits.cell_seconds)
        self._judged[cell.name] = judged
        if judged.fault and exercise.name not in self._broken:
            self._faults.append(f"{_plain(judged.fault)} in {exercise.name}")
        return judged.outputs

    def _note(self, error, cell, number):
        """Note where the learner's code raised; what raises later for want of it only follows from that."""
        if error:
            self._broken.add(_label(cell, number))
            if error not in _NO_FAULT:
                self._faults.append(f"{_plain(error)} in {_label(cell, number)}")

    def _note_stop(self, stop, cell, number):
        """Note that a cell has ended its child, and return what there is to show of it."""
        self._close()
        self._stops.append((stop.kind, _label(cell, number)))
        self._is_over = len(self._stops) > _MOST_RESTARTS or time.monotonic() >= self._deadline
        words = f"{stop.kind}: {stop.words}"
        error = {"output_type": "error", "ename": "Stopped", "evalue": words, "traceback": [f"Stopped: {words}"]}
        return (*stop.outputs, error)

    def _close(self):
        if self._session is not None:
            self._session.close()
        self._session = self._peer = None

    def state(self):
        """Return the submission's state: where it was stopped comes before where it raised."""
        if self._stops:
            kind, where = self._stops[0]
            return f"{STOPPED}: {kind} in {where}{_and_more(self._stops)}"
        if self._faults:
            return f"{RAISED}: {self._faults[0]}{_and_more(self._faults)}"
        return GRADED

    def exercises(self):
        """Return the `GradedExercise`s in the lesson's order."""
        answers = {cell.name: cell for cell in self._cells if cell.kind in (ANSWER, BY_HAND)}
        rows = []
        for one in self._key.exercises:
            judged = self._judged.get(one.test)
            is_untouched = one.name in answers and answers[one.name].is_untouched
            if one.by_hand:
                score, verdict, mistake = None, "by hand", ""
            elif judged:
                score, verdict, mistake = judged.score, judged.verdict, judged.mistake
            else:
                score, verdict, mistake = 0, _NOT_REACHED, ""
            rows.append(GradedExercise(one.name, score, one.points, verdict, mistake, one.test, is_untouched))
        return tuple(rows)

    def shown_cells(self):
        """Return the cells of the executed notebook."""
        return [
            _shown(cell.cell_type, _visible(cell, cell.source), cell.id, cell.metadata, number, outputs)
            for cell, number, outputs in self._shown
        ]


def _plain(name):
    """Return the name of an error as it may stand in a table; a learner may have named one in any way."""
    return name if name.isidentifier() and name.isascii() and len(name) <= _MOST_NAME else "an error"


def _label(cell, number):
    return cell.name.removesuffix("-check") or f"cell [{number}]"


def _and_more(things):
    return f" and {len(things) - 1} more" if len(things) > 1 else ""


def _visible(cell, source):
    return without_hidden(source) if cell.kind == TEST else source


def _shown(cell_type, source, identifier, metadata, number=None, outputs=()):
    shown = {"cell_type": cell_type, "id": identifier, "metadata": metadata, "source": source}
    if cell_type == "code":
        shown |= {"execution_count": number, "outputs": list(outputs)}
    return shown


def _notebook_text(cells):
    metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    # Without an indent, which would take ten times as long.
    return json.dumps(clean_notebook(notebook), ensure_ascii=False) + "\n"
