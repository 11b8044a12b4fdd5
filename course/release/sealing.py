"""Sealing: recorded values become the sealed answers of a lesson, each proved to work."""

from course.checks import seal as seals
from course.checks import sealed_file
from course.checks.verdict import SealedAnswer, SealedExercise
from course.lessons import LessonError


def seal_lesson(lesson, recorded):
    """Seal every answer of a lesson with the mistakes that are known of it.

    Args:
        lesson: the `Lesson`.
        recorded: what `record` returned for it.

    Returns:
        The text of `sealed.json`.

    Raises:
        LessonError: if a solution fails its own check, or a mistake would not be recognised.
    """
    exercises = [_seal_exercise(lesson.name, exercise, *recorded[exercise.name]) for exercise in lesson.exercises]
    book = sealed_file.SealedBook(lesson.name, {exercise.name: exercise for exercise in exercises})
    for exercise in lesson.exercises:
        _prove(book, exercise, *recorded[exercise.name])
    return sealed_file.dumps(lesson.name, exercises)


def _seal_exercise(lesson_name, exercise, right, mistakes):
    if not right.answers:
        raise LessonError(f"{lesson_name}: the test cell of {exercise.name} calls no check().")
    foreign = [name for name in right.answers if name.partition("/")[0] != exercise.name]
    if foreign:
        problem = f"the test cell of {exercise.name} checks {foreign[0]}, which is another name."
        raise LessonError(f"{lesson_name}: {problem}")
    sealed = {}
    for name, answer in right.answers.items():
        if not seals.is_finite(answer):
            raise LessonError(f"{lesson_name}: the solution of {exercise.name} gives {name} a NaN or infinite value.")
        salt = sealed_file.salt(lesson_name, name)
        sealed[name] = SealedAnswer(seals.seal(answer, salt), {}, salt)
        _seal_mistakes(sealed[name], name, answer, exercise, mistakes)
    together = sealed_file.salt(lesson_name, f"{exercise.name}|together")
    calls = {}
    for call in right.calls:
        if len(call) > 1:
            calls[tuple(call)] = seals.together(list(call.values()), [sealed[name].right for name in call], together)
    return SealedExercise(exercise.name, sealed, calls, together)


def _seal_mistakes(sealed, name, right, exercise, recordings):
    """Seal the values that the mistakes lead to, where they differ from the right one and can be sealed."""
    for number, (mistake, recording) in enumerate(zip(exercise.mistakes, recordings, strict=True)):
        wrong = recording.answers.get(name)
        if wrong is None or wrong == right or not seals.is_finite(wrong):
            continue
        message = f"{mistake.name}\n{mistake.says}"
        salt = sealed.mistake_salt(number)
        sealed.mistakes[number] = seals.seal(wrong, salt, message=message, with_tags=False)


def _prove(book, exercise, right, mistakes):
    """Judge the recorded values by the sealed ones: each solution must pass, each mistake be called by its name."""
    for call in right.calls:
        wrong = [verdict for verdict in book.judge(_values(call)) if not verdict.is_right]
        if wrong:
            raise LessonError(f"{book.lesson}: the solution of {exercise.name} fails its own check: {wrong[0].words}")
    for mistake, recording in zip(exercise.mistakes, mistakes, strict=True):
        verdicts = _told(book, recording)
        if any(verdict.mistake == mistake.name for verdict in verdicts):
            continue
        if not verdicts and recording.error:
            raise LessonError(
                f"{book.lesson}: mistake {mistake.name!r} of {exercise.name} makes its test cell raise "
                f"{recording.error} before anything is checked."
            )
        if all(verdict.is_right for verdict in verdicts):
            raise LessonError(f"{book.lesson}: mistake {mistake.name!r} of {exercise.name} gives the right answer.")
        told = [repr(verdict.mistake) for verdict in verdicts if verdict.mistake]
        fate = f"is told as {', '.join(told)}" if told else "is wrong but not recognised"
        raise LessonError(f"{book.lesson}: mistake {mistake.name!r} of {exercise.name} {fate}.")


def _told(book, recording):
    """Return the verdicts that a learner sees: the first call with a wrong answer ends the cell."""
    verdicts = []
    for call in recording.calls:
        verdicts += book.judge(_values(call))
        if not all(verdict.is_right for verdict in verdicts):
            break
    return verdicts


def _values(call):
    """Turn recorded answers back into values of the kind that learners hand in."""
    import numpy as np

    values = {}
    for name, answer in call.items():
        if answer.kind in ("number", "text"):
            values[name] = answer.entries[0]
        elif answer.kind == "names":
            values[name] = set(answer.entries)
        else:
            values[name] = np.array(answer.entries).reshape(answer.shape)
    return values
