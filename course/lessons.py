"""A lesson as its source states it: the notebook, its exercises, the mistakes that learners make."""

import difflib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from course import notebooks

BEGIN_SOLUTION = "### BEGIN SOLUTION"
END_SOLUTION = "### END SOLUTION"
HEADING = re.compile(r"^### (Exercise \d+\.\d+: .+?) \((\d+) points?, \d+ minutes?\)\s*$", re.MULTILINE)


class LessonError(Exception):
    """A lesson breaks a rule of the course; the message says which, where, and what to do."""


@dataclass(frozen=True)
class Mistake:
    """A mistake that learners make in one exercise.

    Attributes:
        exercise: the exercise's name.
        name: a few words for reports.
        says: what to tell the learner.
        code: what the learner wrote in place of the solution.
    """

    exercise: str
    name: str
    says: str
    code: str


@dataclass(frozen=True)
class Exercise:
    """One exercise: a stub cell named as the exercise, and its test cell.

    Attributes:
        name: the grade id of the stub, "w2-22".
        title: the heading without points and minutes, "Exercise 4.4: through the gate".
        points: what the test cell is worth.
        stub: source of the stub cell with its solution.
        test: source of the test cell with its hidden tests.
        mistakes: tuple of `Mistake`.
    """

    name: str
    title: str
    points: float
    stub: str
    test: str
    mistakes: tuple

    def answered_with(self, code):
        """Return the stub's source with the solution replaced by other code."""
        return replace_solution(self.stub, code)

    @property
    def untouched(self):
        """Return the stub's source as learners get it."""
        return stub(self.stub, self.title)


@dataclass(frozen=True)
class Lesson:
    """A lesson's source.

    Attributes:
        name: the folder's name, "04-chain-rule".
        path: the notebook's path, whose stem is what nbgrader calls the notebook.
        notebook: the notebook node.
        exercises: tuple of `Exercise`, in the notebook's order.
    """

    name: str
    path: Path
    notebook: object
    exercises: tuple

    @property
    def max_score(self):
        return sum(exercise.points for exercise in self.exercises)


def names(course_dir):
    """Return the names of all lessons of a course, in their order.

    Args:
        course_dir: the course's root.

    Raises:
        LessonError: if it holds no source.
    """
    source = Path(course_dir) / "source"
    found = sorted(folder.name for folder in source.glob("*/") if any(folder.glob("*.ipynb")))
    if not found:
        raise LessonError(f"There is no lesson in {source}: run this in the course's root or give --course-dir.")
    return found


def choose(course_dir, wanted):
    """Return the lessons asked for, or all of them.

    Args:
        course_dir: the course's root.
        wanted: names; empty for all.

    Raises:
        LessonError: for a name that no lesson has, with the nearest one that exists.
    """
    known = names(course_dir)
    for name in wanted:
        if name not in known:
            nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
            hint = f"Did you mean {nearest[0]}?" if nearest else f"There are: {', '.join(known)}."
            raise LessonError(f"There is no lesson called {name}. {hint}")
    return list(wanted) or known


def load(course_dir, name):
    """Read one lesson's source.

    Args:
        course_dir: the course's root.
        name: the lesson's folder.

    Returns:
        The `Lesson`.

    Raises:
        LessonError, NotebookError: where a file is missing or breaks a rule.
    """
    folder = Path(course_dir) / "source" / name
    paths = sorted(folder.glob("*.ipynb"))
    if len(paths) != 1:
        raise LessonError(f"{folder} must hold exactly one notebook, it holds {len(paths)}.")
    notebook = notebooks.read(paths[0])
    mistakes = _load_mistakes(folder / "mistakes.toml")
    exercises = _exercises(name, notebook, mistakes)
    unknown = sorted(set(mistakes) - {exercise.name for exercise in exercises})
    if unknown:
        raise LessonError(f"{folder / 'mistakes.toml'} names exercises that the notebook lacks: {', '.join(unknown)}.")
    return Lesson(name, paths[0], notebook, exercises)


def _load_mistakes(path):
    if not path.exists():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LessonError(f"{path} is not valid TOML: {error}.") from None
    return {exercise: tuple(_mistake(path, exercise, entry) for entry in entries) for exercise, entries in data.items()}


def _mistake(path, exercise, entry):
    missing = {"name", "says", "code"} - set(entry)
    if missing:
        raise LessonError(f"{path}: a mistake of {exercise} lacks {', '.join(sorted(missing))}.")
    return Mistake(exercise, entry["name"], " ".join(entry["says"].split()), entry["code"].strip("\n"))


def _exercises(lesson_name, notebook, mistakes):
    """Pair each stub with the heading above it and the test cell below it."""
    exercises, title, open_stub = [], "", None
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown":
            heading = HEADING.search(cell.source)
            title = heading.group(1) if heading else title
        elif meta.get("grade") and meta.get("solution"):
            continue  # somebody reads it and grades it by hand
        elif meta.get("solution"):
            open_stub = (meta["grade_id"], title, cell.source)
        elif meta.get("grade"):
            name = meta["grade_id"].removesuffix("-check")
            if open_stub is None or open_stub[0] != name:
                raise LessonError(f"{lesson_name}: the test cell {meta['grade_id']} does not follow a stub {name}.")
            _, heading, source = open_stub
            exercises.append(Exercise(name, heading, meta["points"], source, cell.source, mistakes.get(name, ())))
            open_stub = None
    return tuple(exercises)


def split_solution(source):
    """Split a cell at its solution.

    Args:
        source: the cell's text.

    Returns:
        Lines before the solution, lines of the solution, lines after it, and the markers' indentation.

    Raises:
        LessonError: if the markers are missing or not a pair.
    """
    lines = source.splitlines()
    begin = [i for i, line in enumerate(lines) if line.strip() == BEGIN_SOLUTION]
    end = [i for i, line in enumerate(lines) if line.strip() == END_SOLUTION]
    if len(begin) != 1 or len(end) != 1 or begin[0] > end[0]:
        first = lines[0] if lines else ""
        raise LessonError(f"The cell that starts with {first!r} needs one {BEGIN_SOLUTION} and one {END_SOLUTION}.")
    indent = lines[begin[0]][: len(lines[begin[0]]) - len(lines[begin[0]].lstrip())]
    return lines[: begin[0]], lines[begin[0] + 1 : end[0]], lines[end[0] + 1 :], indent


def replace_solution(source, code):
    """Return a cell's text with its solution, markers included, replaced by other code, indented alike.

    Args:
        source: the cell's text with the solution markers.
        code: replacement, written without indentation.
    """
    before, _, after, indent = split_solution(source)
    body = [indent + line if line.strip() else "" for line in code.splitlines()]
    return "\n".join(before + body + after)


def stub(source, title):
    """Return a solution cell's text as the learner gets it.

    Args:
        source: the cell's text with its solution.
        title: what the error names, "Exercise 4.4: through the gate".

    Raises:
        LessonError: if the exercise has no heading of the form that the style asks for.
    """
    if not title:
        raise LessonError(
            "A solution cell has no heading above it like '### Exercise 4.4: through the gate (3 points, 6 minutes)': "
            f"{source.splitlines()[0]!r}."
        )
    has_slots = re.search(r"= \.\.\.", source) is not None
    todo = "# Write your code here, in place of the next line."
    if has_slots:
        todo = "# Replace each ... above, then delete this line and the next."
    return replace_solution(source, f'{todo}\nraise NotImplementedError("{title}")')
