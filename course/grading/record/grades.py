"""Grades in nbgrader's own tables: what its Autograde, SaveAutoGrades and AssignLatePenalties write, in few statements.

nbgrader's methods commit at every step; these leave that to the caller. Each statement goes by an index, so that none
takes longer in a class of 1,000.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import Boolean, bindparam, func, insert, or_, select, update

from course.nbgrader_app import CourseError

NO_RESPONSE = "No response."

_STUDENTS, _SUBMISSIONS, _NOTEBOOKS = Student.__table__, SubmittedAssignment.__table__, SubmittedNotebook.__table__
_GRADES, _COMMENTS = Grade.__table__, Comment.__table__


@dataclass(frozen=True)
class Layout:
    """What the gradebook says of a lesson.

    Attributes:
        assignment, notebook: their ids.
        notebook_name: the notebook's name, without ".ipynb".
        duedate: in UTC, or None.
        points: {name: (id, points)} of the cells that carry points.
        answers: {name: id} of the cells that learners fill in.
    """

    assignment: str
    notebook: str
    notebook_name: str
    duedate: datetime | None
    points: dict
    answers: dict


def load_layout(connection, lesson):
    """Look a lesson up in the gradebook.

    Args:
        connection: a connection to it.
        lesson: the lesson's name.

    Returns:
        The `Layout`.

    Raises:
        CourseError: if it is not there, or not with one notebook.
    """
    notebooks = connection.execute(
        select(Assignment.id, Notebook.id, Notebook.name, Assignment.duedate)
        .join(Notebook, Notebook.assignment_id == Assignment.id)
        .where(Assignment.name == lesson)
    ).all()
    if len(notebooks) != 1:
        found = f"has {len(notebooks)} notebooks" if notebooks else "is not"
        raise CourseError(f"{lesson} {found} in the gradebook: run `course release {lesson}` first.")
    cells, grades, tasks = BaseCell.__table__, GradeCell.__table__, TaskCell.__table__
    rows = connection.execute(
        select(cells.c.name, cells.c.id, cells.c.type, func.coalesce(grades.c.max_score, tasks.c.max_score))
        .join_from(cells, grades, grades.c.id == cells.c.id, isouter=True)
        .join(tasks, tasks.c.id == cells.c.id, isouter=True)
        .where(cells.c.notebook_id == notebooks[0][1])
    ).all()
    points = {name: (cell, points) for name, cell, kind, points in rows if kind in ("GradeCell", "TaskCell")}
    answers = {name: cell for name, cell, kind, _ in rows if kind in ("SolutionCell", "TaskCell")}
    return Layout(*notebooks[0], points, answers)


def check_scores(graded, layout):
    """Check that a result fits the gradebook.

    Args:
        graded: the `Graded`.
        layout: the lesson's `Layout`.

    Returns:
        {id: score} of all cells that carry points; None where a human has to give them.

    Raises:
        CourseError: if it has scores of cells that the gradebook does not know.
        ValueError: if a score is not a number from 0 to the points of its cell.
    """
    scores = {row.test: row.score for row in graded.exercises}
    if set(scores) - set(layout.points):
        raise CourseError(f"{graded.lesson} has changed since its release: run `course release {graded.lesson}` first.")
    whose = f"{graded.student}/{graded.lesson}"
    if graded.score is None:
        return {cell: None for cell, _ in layout.points.values()}
    _check_score(whose, graded.score, graded.max_score)
    return {
        cell: _check_score(f"{whose}, {name}", scores.get(name), points)
        for name, (cell, points) in layout.points.items()
    }


def _check_score(where, score, points):
    if score is None:
        return None
    if not (math.isfinite(score) and 0 <= score <= points):
        raise ValueError(f"{where}: the score {score} is not a number from 0 to {points:g}.")
    return float(score)


def write(connection, graded, layout, scores, late):
    """Write one result; what humans have given (manual scores, extra credit, their comments) stays.

    Args:
        connection: where the transaction is open.
        graded: the `Graded`, its timestamp in UTC without saying so, as nbgrader keeps it.
        layout: the lesson's `Layout`.
        scores: what `check_scores` returned.
        late: nbgrader's `AssignLatePenalties` with its plugin.
    """
    _find_or_add(connection, _STUDENTS, id=graded.student)
    submission = _find_or_add(connection, _SUBMISSIONS, assignment_id=layout.assignment, student_id=graded.student)
    notebook = _find_or_add(connection, _NOTEBOOKS, notebook_id=layout.notebook, assignment_id=submission)
    _set(connection, _SUBMISSIONS, submission, timestamp=graded.timestamp)
    _set_cells(
        connection,
        _GRADES,
        notebook,
        [{"cell": cell, "score": score, "is_open": score is None} for cell, score in scores.items()],
        auto_score=bindparam("score"),
        # Like nbgrader, ask for another look at a manual score. Compared by the database and not here: a human may
        # be giving it at this very moment.
        needs_manual_grade=or_(_GRADES.c.manual_score.is_not(None), bindparam("is_open", type_=Boolean)),
    )
    comments = _comments(graded, layout)
    _set_cells(
        connection,
        _COMMENTS,
        notebook,
        [{"cell": cell, "comment": comment} for cell, comment in comments.items()],
        auto_comment=bindparam("comment"),
    )
    if late.enabled:
        penalty = _late_penalty(connection, graded, layout, submission, notebook, late)
        _set(connection, _NOTEBOOKS, notebook, late_submission_penalty=penalty)


def _comments(graded, layout):
    """Return {id: comment or None} of all cells that learners fill in."""
    untouched = {
        name
        for row in graded.exercises
        if row.is_untouched and graded.score is not None
        for name in (row.name, row.test)
    }
    return {cell: NO_RESPONSE if name in untouched else None for name, cell in layout.answers.items()}


def _late_penalty(connection, graded, layout, submission, notebook, late):
    """Return the points to take off, from 0 to all, or None, as the plugin for late submissions says."""
    if graded.timestamp is None or layout.duedate is None:
        return None
    extension = connection.scalar(select(_SUBMISSIONS.c.extension).where(_SUBMISSIONS.c.id == submission))
    due = layout.duedate + extension if extension else layout.duedate
    seconds = (graded.timestamp - due).total_seconds()
    if seconds <= 0:
        return None
    # The cells are named, since the index of nbgrader's table begins with them.
    cells = [cell for cell, _ in layout.points.values()]
    total = select(func.coalesce(func.sum(Grade.score), 0.0))
    score = connection.scalar(total.where(Grade.cell_id.in_(cells), Grade.notebook_id == notebook))
    penalty = late.plugin_inst.late_submission_penalty(graded.student, score, seconds)
    late.log.warning("%s/%s is %s seconds late, penalty: %s", graded.student, graded.lesson, seconds, penalty)
    return None if penalty is None else min(max(penalty, 0), score)


def _find_or_add(connection, table, **values):
    """Return the id of the row with these values, which is added if there is none."""
    found = connection.scalar(select(table.c.id).where(*(table.c[name] == value for name, value in values.items())))
    return found or connection.execute(insert(table).values(**values)).inserted_primary_key[0]


def _set(connection, table, identifier, **values):
    connection.execute(update(table).where(table.c.id == identifier).values(**values))


def _set_cells(connection, table, notebook, rows, **values):
    """Set values of a submitted notebook's grades or comments, one for each cell; those that are missing are added."""
    cells = [row["cell"] for row in rows]
    known = select(table.c.cell_id).where(table.c.cell_id.in_(cells), table.c.notebook_id == notebook)
    missing = set(cells) - set(connection.scalars(known))
    if missing:
        connection.execute(insert(table), [{"cell_id": cell, "notebook_id": notebook} for cell in sorted(missing)])
    if rows:
        chosen = (table.c.cell_id == bindparam("cell"), table.c.notebook_id == notebook)
        connection.execute(update(table).where(*chosen).values(**values), rows)
