"""Sealing: recorded values become the sealed answers of a lesson, each proved to work."""

from course.checks import seal as seals
from course.checks import sealed_file
from course.checks.verdict import SealedAnswer, SealedExercise
from course.lessons import LessonError
from course.release.record import values


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
    exercises = [_seal_exercise(lesson.name, exercise, recorded[exercise.name]) for exercise in lesson.exercises]
    book = sealed_file.SealedBook(lesson.name, {exercise.name: exercise for exercise in exercises})
    for exercise in lesson.exercises:
        _prove(book, exercise, recorded[exercise.name].right, recorded[exercise.name].mistakes)
    return sealed_file.dumps(lesson.name, exercises)


def known_answers(lesson, recorded):
    """Return the answers of a lesson in the open, for trusted grading.

    Args:
        lesson: the `Lesson`.
        recorded: what `record` returned for it.

    Returns:
        A `SealedBook` that accepts what the sealed one accepts, without slow digests.
    """
    exercises = {}
    for exercise in lesson.exercises:
        answers = _answers(lesson.name, exercise, recorded[exercise.name], seals.know)
        exercises[exercise.name] = SealedExercise(exercise.name, answers, {}, "")
    return sealed_file.SealedBook(lesson.name, exercises)


def _seal_exercise(lesson_name, exercise, recorded):
    right = recorded.right
    if not right.answers and "assert" not in exercise.test:
        raise LessonError(f"{lesson_name}: the test cell of {exercise.name} neither calls check() nor asserts.")
    foreign = [name for name in right.answers if name.partition("/")[0] != exercise.name]
    if foreign:
        problem = f"the test cell of {exercise.name} checks {foreign[0]}, which is another name."
        raise LessonError(f"{lesson_name}: {problem}")
    infinite = [name for name, answer in right.answers.items() if not seals.is_finite(answer)]
    if infinite:
        problem = f"the solution of {exercise.name} gives {infinite[0]} a NaN or infinite value."
        raise LessonError(f"{lesson_name}: {problem}")
    sealed = _answers(lesson_name, exercise, recorded, seals.seal)
    together = sealed_file.salt(lesson_name, f"{exercise.name}|together")
    calls = {}
    for call in right.calls:
        if len(call) > 1:
            calls[tuple(call)] = seals.together(list(call.values()), [sealed[name].right for name in call], together)
    return SealedExercise(exercise.name, sealed, calls, together)


def _answers(lesson_name, exercise, recorded, put):
    """Put each right value on its grid, and the values that mistakes lead to where they differ and can be sealed.

    `put` is `seals.seal` or `seals.know`.
    """
    answers = {}
    for name, right in recorded.right.answers.items():
        salt = sealed_file.salt(lesson_name, name)
        answers[name] = SealedAnswer(put(right, salt), {}, salt)
        for number, (mistake, recording) in enumerate(zip(exercise.mistakes, recorded.mistakes, strict=True)):
            wrong = recording.answers.get(name)
            if wrong is None or wrong == right or not seals.is_finite(wrong):
                continue
            message, own_salt = f"{mistake.name}\n{mistake.says}", answers[name].mistake_salt(number)
            answers[name].mistakes[number] = put(wrong, own_salt, message=message, with_tags=False)
    return answers


def _prove(book, exercise, right, mistakes):
    """Judge the recorded values by the sealed ones: each solution must pass, each mistake be called by its name."""
    for call in right.calls:
        wrong = [verdict for verdict in book.judge(values(call)) if not verdict.is_right]
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
        verdicts += book.judge(values(call))
        if not all(verdict.is_right for verdict in verdicts):
            break
    return verdicts
