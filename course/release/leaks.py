"""The leak scan: proves that a release holds nothing of what only the source may hold."""

import re

from course.lessons import LessonError, split_solution

_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+\.\d+(?:e[-+]?\d+)?", re.IGNORECASE)
_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)
_SHORTEST_LINE = 8
_TELLING_DIGITS = 4


def scan(lesson, recorded, released):
    """Refuse a release that leaks.

    Args:
        lesson: the `Lesson` as its source states it.
        recorded: what `record` returned for it.
        released: dict from file name to text of everything that would be published.

    Raises:
        LessonError: naming the first file and line that gives something away: a solution's line, a hidden
            test, the words on a mistake, a marker, or an answer of four digits or more.
    """
    lines = {line.strip(): name for name, text in released.items() for line in _lines(text)}
    everything = "\n".join(released.values())
    for exercise in lesson.exercises:
        _, solution, _, _ = split_solution(exercise.stub)
        _refuse_lines(lesson, lines, solution, f"a line of the solution of {exercise.name}")
        for hidden in _HIDDEN.findall(exercise.test):
            _refuse_lines(lesson, lines, hidden.splitlines(), f"a hidden test of {exercise.name}")
        for mistake in exercise.mistakes:
            if mistake.says in everything:
                raise LessonError(f"{lesson.name}: the release holds the words on a mistake: {mistake.says!r}.")
        _refuse_numbers(lesson, released, exercise.name, recorded[exercise.name].right)
    for marker in ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME"):
        if marker in everything:
            raise LessonError(f"{lesson.name}: the release holds the marker {marker}.")


def _lines(text):
    """Return a text's lines; those of a notebook stand between quotes and end in an escaped newline."""
    for line in text.splitlines():
        quoted = re.fullmatch(r'\s*"(.*?)(?:\\n)?",?', line)
        yield quoted.group(1).replace('\\"', '"').replace("\\\\", "\\") if quoted else line


def _refuse_lines(lesson, lines, secrets, what):
    for secret in secrets:
        code = secret.partition("  # ")[0].strip()
        if len(code) >= _SHORTEST_LINE and not code.startswith("#") and code in lines:
            raise LessonError(f"{lesson.name}: {lines[code]} holds {what}: {code!r}. Say it otherwise or leave it out.")


def _refuse_numbers(lesson, released, exercise_name, recording):
    """Refuse a printed number that is an answer, as far as its digits go."""
    entries = [e for answer in recording.answers.values() for e in answer.entries if isinstance(e, float) and e]
    for file, text in released.items():
        if file.endswith(".json"):
            continue
        for printed in _NUMBER.findall(text):
            value = float(printed.replace("−", "-"))
            digits = re.sub(r"e.*|\D", "", printed.lower()).lstrip("0")
            if len(digits) < _TELLING_DIGITS or not value:
                continue
            half = 0.5 * 10.0 ** -len(printed.lower().partition("e")[0].partition(".")[2])
            if any(abs(abs(entry) - abs(value)) <= half for entry in entries):
                raise LessonError(f"{lesson.name}: {file} prints {printed}, an answer of {exercise_name}.")
