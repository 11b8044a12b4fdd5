"""The `course` command: releases lessons, grades submissions, runs the demo, says what is installed.

Each command imports what it needs by itself, so that `course --help` is quick.
"""

import importlib.metadata
import json
import os
import platform
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Release lessons, grade submissions, try the whole course on a simulated class.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

CourseDir = Annotated[Path, typer.Option(help="The course's root, which holds nbgrader_config.py.")]
Lessons = Annotated[list[str] | None, typer.Argument(metavar="LESSON", help="Which lessons; all by default.")]
Students = Annotated[int, typer.Option(min=1, help="How many learners; from 6 on there is one of every kind.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same class.")]

_PACKAGES = (
    "numpy matplotlib scikit-learn mlxtend tqdm torch torchvision "
    "nbgrader nh3 latex2mathml jupyterlab ipykernel typer rich"
).split()
_HOW_TO_INSTALL = "run `make` with any target, or `pip install -r requirements.txt`"


@app.callback()
def _prepare():
    # nbgrader calls `alembic` by name: it is found beside this Python even where the venv is not activated.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


@app.command()
def release(wanted: Lessons = None, course_dir: CourseDir = Path()):
    """Make the learners' version of lessons: run the source, seal its answers, strip it, scan it for leaks."""
    with _errors_in_one_line():
        from course import lessons, terminal
        from course.release import release_all

        names = lessons.choose(course_dir, wanted or [])
        releases = release_all(course_dir, names)
        for lesson in list(terminal.follow(releases, len(names), "Releasing", lambda lesson: lesson.name)):
            count = len(lesson.exercises)
            typer.echo(f"release/{lesson.name}: {count} exercises, {lesson.max_score:g} points")


@app.command("format")
def format_(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if a notebook needs it.")] = False,
    course_dir: CourseDir = Path(),
):
    """Bring the notebooks of source/ into normal form, so that their diffs show what changed."""
    with _errors_in_one_line():
        from course import lessons
        from course.release import format_notebook

        paths = [lessons.load(course_dir, name).path for name in lessons.names(course_dir)]
        changed = [path for path in paths if not format_notebook(path, only_look=check)]
        for path in changed:
            typer.echo(f"{path}: {'not in normal form, run `course format`' if check else 'brought into normal form'}")
        typer.echo(f"{len(paths) - len(changed)} of {len(paths)} notebooks were in normal form.")
    if check and changed:
        raise typer.Exit(1)


@app.command()
def grade(
    wanted: Lessons = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this student; may be given several times.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many submissions at a time.")] = os.cpu_count() or 1,
    scheduler: Annotated[str, typer.Option(metavar="ADDRESS", help="Use the workers of a Dask scheduler.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Grade again what has not changed.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only say which grades are out of date.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each submission.")] = False,
    no_sandbox: Annotated[bool, typer.Option("--no-sandbox", help="RUN LEARNERS' CODE WITH YOUR OWN RIGHTS.")] = False,
    course_dir: CourseDir = Path(),
):
    """Grade what lies in submitted/<student>/<lesson>/; every submission gets a grade or a named state."""
    with _errors_in_one_line():
        from course import lessons, terminal
        from course.grading import batch

        names = lessons.choose(course_dir, wanted or [])
        students = student or None
        if preview:
            terminal.print_preview(batch.preview(course_dir, names, students=students))
            return
        if no_sandbox:
            warning = "NO SANDBOX: learners' code runs with your rights, and can read and delete your files."
            typer.echo(f"course: {warning}", err=True)
        options = batch.Options(force=force, workers=workers, scheduler=scheduler, caged=not no_sandbox)
        with batch.Pool(options) as pool:
            total = len(batch.find_submissions(course_dir, names, students))
            grades = batch.grade(course_dir, names, students=students, pool=pool)
            followed = terminal.follow(grades, total, "Grading", terminal.describe_grade)
            if as_json:
                for graded in followed:
                    typer.echo(json.dumps(_as_plain_data(graded)))
                return
            all_graded = list(followed)
        if all_graded:
            terminal.print_grades(all_graded)
            terminal.print_states(all_graded)
        else:
            typer.echo("There is nothing to grade: submitted/<student>/<lesson>/ does not exist.")


def _as_plain_data(graded):
    """Return what `course grade --json` prints of a submission."""
    names = ("student", "lesson", "state", "score", "max_score", "seconds")
    of_exercise = ("name", "score", "max_score", "verdict", "mistake")
    exercises = [{name: getattr(row, name) for name in of_exercise} for row in graded.exercises]
    return {name: getattr(graded, name) for name in names} | {"exercises": exercises}


@app.command()
def demo(students: Students = 12, seed: Seed = 1, course_dir: CourseDir = Path()):
    """Try the whole course on a simulated class, in build/demo/, and check that the grades are as they must be."""
    with _errors_in_one_line():
        from course.demo import run_demo

        found = run_demo(course_dir, students, seed)
    for line in found:
        typer.echo(f"course: differs: {line}", err=True)
    if found:
        raise typer.Exit(1)
    typer.echo("Scores, states and mistakes are what the simulation put in.")


@app.command("demo-class")
def demo_class(
    students: Annotated[int, typer.Option(min=1, help="How many learners; from 6 on there is one of every kind.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same class.")],
    course_dir: CourseDir = Path(),
):
    """Write a simulated class into submitted/, to try grading and the formgrader on."""
    with _errors_in_one_line():
        from course.demo import make_class

        made = make_class(course_dir, students, seed)
        typer.echo(f"{course_dir / 'submitted'}: {len(made)} submissions of {students} simulated learners.")


@app.command()
def doctor(course_dir: CourseDir = Path()):
    """Say what is installed, what is missing, and how to get it."""
    findings = [_look_at_python(), *map(_look_at_package, _PACKAGES), _look_at_alembic(), _look_at_course(course_dir)]
    findings += [*_look_at_cage(), *_look_at_datasets()]
    for sign, what, words in findings:
        typer.echo(f"{sign:<8} {what:<13} {words}")
    if any(sign == "missing" for sign, _, _ in findings):
        raise typer.Exit(1)


def _look_at_python():
    is_recent = sys.version_info >= (3, 11)
    words = f"{platform.python_version()}, {sys.executable}"
    return ("ok", "python", words) if is_recent else ("missing", "python", f"{words}: the course needs 3.11 or newer")


def _look_at_package(name):
    try:
        return "ok", name, importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "missing", name, _HOW_TO_INSTALL


def _look_at_alembic():
    path = shutil.which("alembic")
    return ("ok", "alembic", path) if path else ("missing", "alembic", f"nbgrader calls it: {_HOW_TO_INSTALL}")


def _look_at_course(course_dir):
    if (course_dir / "nbgrader_config.py").exists() and any(course_dir.glob("source/*/*.ipynb")):
        return "ok", "course", str(course_dir.resolve())
    return "missing", "course", f"{course_dir.resolve()} is no course: go to its root or give --course-dir"


def _look_at_cage():
    """Say what can hold learners' code while it is graded."""
    from course.grading.run import cage

    sign = "ok" if cage.available() else "missing"
    return [(sign, "cage", line) for line in cage.describe()]


def _look_at_datasets():
    """Say which images lesson 08 can show without a network; the big sets are no more than an option."""
    from course import datasets

    return datasets.describe()


@contextmanager
def _errors_in_one_line():
    """Tell what is wrong with the course or a lesson in one line and exit 1."""
    try:
        yield
    except Exception as problem:
        if not isinstance(problem, _errors_for_people()):
            raise
        typer.echo(f"course: {' '.join(str(problem).split())}", err=True)
        raise typer.Exit(1) from None


def _errors_for_people():
    """Return the errors that tell what is wrong and what to do; to import them takes longer than to start grading."""
    from course.checks import CheckError
    from course.grading.run import CageError
    from course.lessons import LessonError
    from course.nbgrader_app import CourseError
    from course.notebooks import NotebookError

    return LessonError, NotebookError, CourseError, CheckError, CageError


if __name__ == "__main__":
    app(prog_name="course")
