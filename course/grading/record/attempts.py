"""The history of grading: a table of all attempts, in the gradebook's database beside nbgrader's own tables."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from nbgrader.api import Assignment, SubmittedAssignment
from sqlalchemy import Boolean, Column, DateTime, Float, Index, MetaData, String, Table, Text, insert, select, update

from course.grading.submission import Graded, GradedExercise

# Its own MetaData: nbgrader's create_all and alembic know nothing of this table.
TABLE = Table(
    "course_attempts",
    MetaData(),
    Column("id", String(32), primary_key=True),
    Column("student", String(128), nullable=False),
    Column("lesson", String(128), nullable=False),
    Column("key", String(128), nullable=False),
    Column("state", Text, nullable=False),
    Column("score", Float),
    Column("max_score", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("timestamp", DateTime),
    Column("finished", DateTime, nullable=False),
    Column("exercises", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("is_current", Boolean, nullable=False),
    Index("ix_course_attempts_current", "lesson", "is_current", "student"),
)


@dataclass(frozen=True)
class Attempt(Graded):
    """A `Graded` as it was recorded, without the notebook's text, which lies in `autograded/`.

    Attributes:
        finished: when it was recorded, in UTC.
        digest: SHA-256 of the notebook's file.
    """

    finished: datetime | None = None
    digest: str = ""


def create(engine):
    """Create the table if there is none.

    Args:
        engine: SQLAlchemy's engine of the gradebook.
    """
    TABLE.metadata.create_all(engine)


def add(connection, identifier, attempt):
    """Add an attempt as the current one; the student's former ones stay as history.

    Args:
        connection: where the gradebook's transaction is open.
        identifier: a new id of 32 characters.
        attempt: the `Attempt`.
    """
    same = (TABLE.c.lesson == attempt.lesson, TABLE.c.is_current, TABLE.c.student == attempt.student)
    connection.execute(update(TABLE).where(*same).values(is_current=False))
    values = {name: value for name, value in vars(attempt).items() if name != "notebook"}
    values["exercises"] = json.dumps([asdict(row) for row in attempt.exercises])
    connection.execute(insert(TABLE).values(id=identifier, is_current=True, **values))


def find_current(connection, identifier):
    """Return (student, lesson) of a current attempt, or None if there is none with this id."""
    wanted = select(TABLE.c.student, TABLE.c.lesson).where(TABLE.c.id == identifier, TABLE.c.is_current)
    return connection.execute(wanted).first()


def load_current(connection, lesson):
    """Return {student: `Attempt`}, the current attempts of a lesson whose grades the gradebook holds."""
    # With a student removed from the gradebook (`nbgrader db student remove`) the attempt counts no longer.
    held = (SubmittedAssignment.assignment_id == Assignment.id) & (SubmittedAssignment.student_id == TABLE.c.student)
    wanted = (
        select(TABLE)
        .join(Assignment, Assignment.name == TABLE.c.lesson)
        .join(SubmittedAssignment, held)
        .where(TABLE.c.lesson == lesson, TABLE.c.is_current)
    )
    return {row.student: _attempt(row) for row in connection.execute(wanted)}


def _attempt(row):
    values = {name: value for name, value in row._mapping.items() if name not in ("id", "is_current")}
    values["exercises"] = tuple(GradedExercise(**exercise) for exercise in json.loads(row.exercises))
    return Attempt(**values)
