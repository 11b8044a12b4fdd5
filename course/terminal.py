"""What `course` shows on a terminal: progress while it works, and the table of grades."""

from collections import Counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from course.grading.submission import (
    GRADED,
    MISSING,
    NOT_GRADED,
    RAISED,
    REFUSED,
    STATES,
    STOPPED,
    UNREADABLE,
)

_PLAIN_WIDTH = 140
_ADVICE = {
    GRADED: "nothing",
    RAISED: "nothing: what raised has no points, the rest is graded",
    STOPPED: "nothing; a look, if the learner asks: a cell was ended, the rest is graded",
    UNREADABLE: "ask for the notebook again, or grade it by hand in the formgrader",
    MISSING: "look for a notebook of another name, or ask for it",
    REFUSED: "ask for the notebook itself, as a file of usual size",
    NOT_GRADED: "grade again; if it comes back, report it as a fault of the grader",
}


def follow(items, total, what, describe):
    """Pass items on as they come and show how far it is: a bar on a terminal, a line each elsewhere.

    It is shown on stderr, so that stdout holds results only.

    Args:
        items: an iterable that takes its time.
        total: how many items there will be.
        what: one word for the work, "Grading".
        describe: function from an item to a few words.

    Yields:
        The items.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        for number, item in enumerate(items, 1):
            print(f"{what} {number}/{total}: {describe(item)}", file=console.file, flush=True)
            yield item
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        for item in items:
            progress.update(task, advance=1, description=f"{what}: {describe(item)}")
            yield item


def describe_grade(graded):
    """Say in a few words what a submission came to."""
    return f"{graded.student}, {graded.lesson}: {graded.state} ({graded.seconds:.1f} s)"


def print_grades(all_graded):
    """Print the table of grades: student, lesson, score, state, mistakes recognised.

    Args:
        all_graded: a sequence of `course.grading.submission.Graded`.
    """
    table = Table("Student", "Lesson", "Score", "State", "Mistakes recognised", box=None, pad_edge=False)
    table.columns[2].justify = "right"
    for graded in sorted(all_graded, key=lambda graded: (graded.student, graded.lesson)):
        score = "-" if graded.score is None else f"{graded.score:g}"
        mistakes = "; ".join(f"{exercise}: {name}" for exercise, name in sorted(graded.mistakes))
        cells = (graded.student, graded.lesson, f"{score} of {graded.max_score:g}", graded.state, mistakes)
        table.add_row(*(Text(cell) for cell in cells))
    console = Console()
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    console.print(table)


def print_states(all_graded):
    """Print how many submissions ended in which state, and what an instructor does about it.

    Args:
        all_graded: a sequence of `course.grading.submission.Graded`.
    """
    counts = Counter(graded.kind for graded in all_graded)
    table = Table("State", "Submissions", "What to do", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for state in STATES:
        if counts[state]:
            table.add_row(state, str(counts[state]), _ADVICE[state])
    console = Console()
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    console.print()
    console.print(table)


def print_preview(looks):
    """Print which grades are up to date, and which submissions a run would grade.

    Args:
        looks: iterable of tuples (student, lesson, status), as `batch.preview` yields them.
    """
    table = Table("Student", "Lesson", "Grade", box=None, pad_edge=False)
    for row in looks:
        table.add_row(*(Text(cell) for cell in row))
    console = Console()
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    console.print(table)
