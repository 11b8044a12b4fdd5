"""A submission on its way to a grade: the immutable values that one step of grading hands to the next.

read -> Submission -> rebuild -> Rebuilt -> run and judge -> Graded -> record
"""

from dataclasses import dataclass, field
from datetime import datetime

# The states that a submission can end in; all but GRADED are followed by ": " and the details.
GRADED = "graded"
RAISED = "graded, code raised"
STOPPED = "stopped"
UNREADABLE = "unreadable"
MISSING = "missing"
REFUSED = "refused"
NOT_GRADED = "not graded"

STATES = (GRADED, RAISED, STOPPED, UNREADABLE, MISSING, REFUSED, NOT_GRADED)

# Kinds of cells in a rebuilt notebook.
PROSE = "prose"
GIVEN = "given"
ANSWER = "answer"
OWN = "own"
TEST = "test"
BY_HAND = "by hand"


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        cell_seconds: wall-clock time of one cell, calls from its tests included.
        submission_seconds: wall-clock time of all cells together, replays included.
        memory: bytes that all processes of a submission may add to what the warm parent has.
        processes: how many processes and threads may live at a time.
        file_bytes: size of a file that is written.
        disk_bytes: size of all files in the private home and tmp.
        output_bytes: output that is kept of one cell.
        notebook_bytes: size of a notebook that is read at all.
    """

    cell_seconds: float = 60.0
    submission_seconds: float = 300.0
    memory: int = 1 << 30
    processes: int = 32
    file_bytes: int = 64 << 20
    disk_bytes: int = 128 << 20
    output_bytes: int = 1 << 20
    notebook_bytes: int = 20 << 20


@dataclass(frozen=True)
class Submission:
    """What was handed in, as it was read.

    Attributes:
        student, lesson: whose it is, and of what.
        text: the notebook's bytes, or None where there is no notebook to grade.
        state: "" if it can be graded, else its named state with the details.
        timestamp: when it was handed in, or None if nothing says so.
    """

    student: str
    lesson: str
    text: bytes | None
    state: str = ""
    timestamp: datetime | None = None


@dataclass(frozen=True)
class Cell:
    """A cell of a rebuilt notebook.

    Attributes:
        kind: one of PROSE, GIVEN (the instructor's code), ANSWER (a solution cell with the learner's text in it),
            OWN (a cell that the learner added), TEST, BY_HAND (an answer that somebody reads and grades).
        cell_type: "code", "markdown" or "raw".
        source: its text.
        name: the grade id, or "".
        id: the cell's id in the notebook.
        metadata: the instructor's metadata, for the learner's own cells {}.
        is_untouched: for an answer, whether it still is what was released.
    """

    kind: str
    cell_type: str
    source: str
    name: str = ""
    id: str = ""
    metadata: dict = field(default_factory=dict)
    is_untouched: bool = False


@dataclass(frozen=True)
class Rebuilt:
    """A submission put into a fresh copy of the instructor's notebook.

    Attributes:
        submission: where it came from.
        cells: tuple of `Cell` in the order in which they are run and shown.
    """

    submission: Submission
    cells: tuple


@dataclass(frozen=True)
class GradedExercise:
    """What one exercise came to.

    Attributes:
        name: the exercise's name.
        score: points, or None where a human has to give them.
        max_score: points at most.
        verdict: "right", or what `check` said of the first part that is not ("unanswered", "mistake", ...), or
            the error that kept it from saying anything.
        mistake: the names of the recognised mistakes, joined by "; ".
        test: the grade id of the cell that carries the points.
        is_untouched: whether the answer still is what was released.
    """

    name: str
    score: float | None
    max_score: float
    verdict: str
    mistake: str = ""
    test: str = ""
    is_untouched: bool = False


@dataclass(frozen=True)
class Graded:
    """What one submission came to.

    Attributes:
        student, lesson: whose it is, and of what.
        state: one of the constants of this module, all but GRADED with ": " and the details.
        score: points, or None where there is no grade.
        max_score: points of the whole lesson.
        seconds: what it took.
        exercises: tuple of `GradedExercise` in the lesson's order; where there is no grade, each has the score None.
        notebook: text of the executed notebook (JSON, format 4.5), or, where there is no grade, of the released one
            under a note that says why.
        key: hash of everything that the result depends on: submission, lesson, engine.
        timestamp: when the submission was handed in, or None.
    """

    student: str
    lesson: str
    state: str
    score: float | None
    max_score: float
    seconds: float
    exercises: tuple
    notebook: str = field(default="", repr=False)
    key: str = ""
    timestamp: datetime | None = None

    @property
    def kind(self):
        """Return the state without its details."""
        return self.state.partition(":")[0]

    @property
    def mistakes(self):
        """Return the recognised mistakes as a set of pairs (exercise, mistake)."""
        return {(row.name, name) for row in self.exercises for name in row.mistake.split("; ") if name}
