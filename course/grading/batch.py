"""A whole class: many submissions at a time, each result recorded as it comes, whatever happens to the others."""

import contextlib
import multiprocessing
import resource
import signal
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, fields, replace
from pathlib import Path

import course
from course.grading import key as keys
from course.grading import pipeline
from course.grading.read import read
from course.grading.run import CageError, Sandbox
from course.grading.submission import NOT_GRADED, REFUSED, Limits, Submission

NEW = "new"
CHANGED = "changed since it was graded"
UP_TO_DATE = "up to date"
GONE = "graded, but its submission is gone"

# So many are on their way for each worker: enough that none waits, few enough that memory stays flat.
_AHEAD = 3
_MOST_TRIES = 2
_MOST_NAME = 100
_JUDGE_MEMORY = 2 << 30
_sandboxes = {}
_one_at_a_time = threading.Lock()
_is_own_worker = False


@dataclass(frozen=True)
class Options:
    """How to grade.

    Attributes:
        force: grade again what has not changed.
        workers: how many processes.
        scheduler: address of a Dask scheduler whose workers are used in their place, or "".
        limits: what one submission may use, or None for what the course's nbgrader_config.py says.
        caged: False runs learners' code with the rights of whoever grades.
    """

    force: bool = False
    workers: int = 1
    scheduler: str = ""
    limits: Limits | None = None
    caged: bool = True


def grade(course_dir, lesson_names, *, students=None, config=None, pool=None, **options):
    """Grade what has been handed in and is new or has changed, and record each result as it comes.

    Args:
        course_dir: the course's root.
        lesson_names: the lessons to grade.
        students: list of students' ids, or None for all.
        config: settings of nbgrader on top of the course's, as a traitlets `Config`.
        pool: a `Pool` in use, whose options hold; by default one is started for this run.
        **options: those of `Options`, for a pool of its own.

    Yields:
        A `Graded` for each submission as soon as it is recorded; where nothing has changed, the recorded `Attempt`.

    Raises:
        CourseError, LessonError, CageError: if the run cannot go on. What has been yielded is recorded, and the same
            call takes up where this one ended. No submission, whatever it holds, raises anything.
    """
    with contextlib.nullcontext(pool) if pool else Pool(Options(**options)) as pool:
        # The workers get ready while nbgrader is loaded here.
        options = pool.options
        limits = options.limits or configured_limits(course_dir, config)
        for look, recorder in _looks(course_dir, lesson_names, students, config, limits):
            if look.status == UP_TO_DATE and not options.force:
                yield look.attempt
                continue
            if look.status == GONE:
                continue
            for graded in pool.put(look, limits):
                yield _record(recorder, graded)
        for graded in pool.rest():
            yield _record(recorder, graded)


def preview(course_dir, lesson_names, *, students=None, config=None, limits=None):
    """Tell of each submission whether its grade is up to date, without grading anything.

    Args:
        course_dir, lesson_names, students, config, limits: as for `grade`.

    Yields:
        Tuples (student, lesson, status), the status one of NEW, CHANGED, UP_TO_DATE and GONE.
    """
    for look, _ in _looks(course_dir, lesson_names, students, config, limits or configured_limits(course_dir, config)):
        yield look.submission.student, look.submission.lesson, look.status


def configured_limits(course_dir, config=None):
    """Return the limits that a course's nbgrader_config.py sets, as in `c.CourseGrading.cell_seconds = 60`.

    Args:
        course_dir: the course's root.
        config: settings on top of the course's.

    Raises:
        CourseError: if it sets one that does not exist.
    """
    from course.nbgrader_app import CourseError, open_course

    set_there = dict(open_course(course_dir, config).config.CourseGrading)
    try:
        return Limits(**set_there)
    except TypeError:
        known = [field.name for field in fields(Limits)]
        unknown = ", ".join(sorted(set(set_there) - set(known)))
        raise CourseError(f"nbgrader_config.py sets c.CourseGrading.{unknown}; there are {', '.join(known)}.") from None


def find_submissions(course_dir, lesson_names, students=None, config=None):
    """Find what has been handed in.

    Args:
        course_dir, lesson_names, students, config: as for `grade`.

    Returns:
        A list of pairs (student, lesson's name), by lesson, then by student.

    Raises:
        CourseError: if a student is asked for who has handed in nothing.
    """
    from course.nbgrader_app import CourseError, open_course

    submitted = _submitted(open_course(course_dir, config))
    found = sorted(path.name for path in submitted.glob("*") if not path.name.startswith("."))
    for student in students or ():
        if student not in found:
            raise CourseError(f"{submitted} holds no folder of a student called {student}.")
    wanted = sorted(students) if students is not None else found
    # A lesson's folder that is a link to nowhere, or a file, has been handed in too; `read` says what is wrong with it.
    return [(one, name) for name in lesson_names for one in wanted if _exists(submitted / one / name)]


@dataclass(frozen=True)
class _Look:
    """A submission, its key, and how it stands against what is recorded of it."""

    submission: Submission
    key: object
    status: str
    attempt: object = None


def _looks(course_dir, lesson_names, students, config, limits):
    """Look at each submission and at what is recorded of it; yield (`_Look`, `Recorder`)."""
    from course.grading.record import Recorder
    from course.nbgrader_app import open_course

    course_dir = Path(course_dir).resolve()
    api = open_course(course_dir, config)
    submitted = _submitted(api)
    found = find_submissions(course_dir, lesson_names, students, config)
    with Recorder(api) as recorder:
        for name in lesson_names:
            key = _released_key(api, course_dir, name)
            recorded = recorder.attempts(name)
            for student in (one for one, lesson in found if lesson == name):
                submission = read(submitted, student, key, limits)
                attempt = recorded.pop(student, None)
                yield _Look(submission, key, _status(submission, key, attempt, recorder, limits), attempt), recorder
            for student, attempt in sorted(recorded.items()):
                if students is None or student in students:
                    yield _Look(Submission(student, name, None), key, GONE, attempt), recorder


def _status(submission, key, attempt, recorder, limits):
    if attempt is None:
        return NEW
    is_same = attempt.key == pipeline.attempt_key(submission, key, limits)
    return UP_TO_DATE if is_same and recorder.is_in_place(attempt) else CHANGED


def _submitted(api):
    return Path(api.coursedir.format_path(api.coursedir.submitted_directory, ".", "."))


def _exists(path):
    try:
        return path.is_symlink() or path.exists()
    except OSError:
        return False


def _released_key(api, course_dir, name):
    """Make the key of a lesson whose release and gradebook entry agree with its source."""
    from nbgrader.api import MissingEntry
    from sqlalchemy.exc import SQLAlchemyError

    from course.checks import sealed_file
    from course.nbgrader_app import CourseError

    key = keys.make(course_dir, name)
    sealed = course_dir / "release" / name / sealed_file.FILE_NAME
    if not sealed.exists():
        raise CourseError(f"There is no {sealed}, by which to check: run `course release {name}` first.")
    sealed_file.load(sealed)
    try:
        with api.gradebook as gradebook:
            notebook = gradebook.find_notebook(Path(key.file).stem, name)
            registered = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    except MissingEntry:
        raise CourseError(f"{name} is not in the gradebook: run `course release {name}` first.") from None
    except SQLAlchemyError as problem:
        raise CourseError(f"The gradebook cannot be used: {str(problem).splitlines()[0]}.") from None
    if registered != {exercise.test: exercise.points for exercise in key.exercises}:
        raise CourseError(f"{name} has changed since its release: run `course release {name}` first.")
    return key


def _record(recorder, graded):
    """Record a result; a student whose name no gradebook should hold is only told of."""
    if graded.kind == REFUSED and not _is_name(graded.student):
        return graded
    recorder.record(graded)
    return graded


def _is_name(student):
    return student.isprintable() and len(student) <= _MOST_NAME and student.strip() == student


@dataclass(frozen=True)
class _Task:
    """A submission that a worker has."""

    look: _Look
    limits: Limits
    tries: int


class Pool:
    """Workers, and what is on its way through them; a context manager that starts and ends them.

    Args:
        options: `Options`.
    """

    def __init__(self, options):
        self.options = options
        self._executor = None
        self._has_graded = False
        self._tasks = {}

    def __enter__(self):
        self._start()
        return self

    def __exit__(self, kind, *_):
        with contextlib.suppress(Exception):
            self._stop(at_once=kind is not None)

    def put(self, look, limits):
        """Hand a submission to the workers; yield what is done by the time that there is room for it."""
        while len(self._tasks) >= self._room:
            yield from self._done()
        student = look.submission.student
        if not _is_name(student):
            look = replace(look, submission=replace(look.submission, text=None, state=f"{REFUSED}: its folder's name"))
        self._submit(look, limits)

    def rest(self):
        """Yield all that is still on its way."""
        while self._tasks:
            yield from self._done()

    def _submit(self, look, limits, tries=1):
        try:
            future = self._executor.submit(work, look.submission, look.key, limits, self.options.caged)
        except BrokenExecutor as problem:  # a worker died since the last look
            future = Future()
            future.set_exception(problem)
        self._tasks[future] = _Task(look, limits, tries)

    def _done(self):
        """Wait for the next results and yield them; a submission whose worker died is tried once more, alone."""
        finished, _ = wait(self._tasks, return_when=FIRST_COMPLETED)
        broken = []
        for future in finished:
            task = self._tasks.pop(future)
            try:
                graded = future.result()
                self._has_graded |= graded.score is not None
                yield graded
            except CageError as problem:
                if task.tries < _MOST_TRIES:
                    self._submit(task.look, task.limits, task.tries + 1)
                elif not self._has_graded:
                    raise  # there is no cage here
                else:
                    yield _not_graded(task.look, f"its cage failed, twice: {problem}")
            except BrokenExecutor:
                broken.append(task)
            except Exception as problem:
                yield _not_graded(task.look, f"{type(problem).__name__}: {problem}")
        if broken:
            yield from self._again(broken)

    def _again(self, broken):
        """Start new workers; what was on its way is run one at a time, so that it shows which one kills its worker."""
        broken += self._tasks.values()
        self._tasks = {}
        self._stop(at_once=True)
        self._start()
        for task in broken:
            if task.tries >= _MOST_TRIES:
                yield _not_graded(task.look, "its worker died, twice")
                continue
            self._submit(task.look, task.limits, task.tries + 1)
            yield from self._done()

    def _start(self):
        options = self.options
        if options.scheduler:
            self._client = _connect(options.scheduler)
            self._executor = self._client.get_executor(pure=False)
            self._room = _AHEAD * max(1, sum(self._client.nthreads().values()))
            return
        context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
        if sys.platform == "linux":
            context.set_forkserver_preload(["course.grading.batch"])
        self._executor = ProcessPoolExecutor(options.workers, mp_context=context, initializer=_start_worker)
        self._room = _AHEAD * options.workers
        for _ in range(options.workers):
            self._executor.submit(warm_up, options.limits or Limits(), options.caged)

    def _stop(self, at_once):
        executor, self._executor = self._executor, None
        if self.options.scheduler:
            executor.shutdown(wait=False)
            self._client.close()
            return
        processes = list((executor._processes or {}).values()) if at_once else []
        executor.shutdown(wait=not at_once, cancel_futures=True)
        for process in processes:
            process.kill()


def _connect(address):
    """Connect to a Dask scheduler."""
    from course.nbgrader_app import CourseError

    try:
        from distributed import Client
    except ImportError:
        raise CourseError("--scheduler needs the package distributed: pip install distributed.") from None
    try:
        return Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError) as problem:
        words = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise CourseError(f"There is no Dask scheduler at {address}: {words}.") from None


def _not_graded(look, problem):
    """Return the result of a submission that the engine itself could not deal with."""
    state = f"{NOT_GRADED}: {' '.join(problem.split())[:300]}"
    # Without a key that could match it is tried again the next time.
    return pipeline.ungraded(look.submission, look.key, state)


def _start_worker():
    """Prepare a worker of the local pool: ending the run is the caller's business; no test may fill the memory."""
    global _is_own_worker
    _is_own_worker = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, ValueError):
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + _JUDGE_MEMORY, resource.RLIM_INFINITY))


def warm_up(limits, caged):
    """Start this worker's sandbox before it is needed; what is wrong with it shows when it is."""
    with _one_at_a_time, contextlib.suppress(Exception):
        _sandbox(limits, caged).session(seconds=1).close()


def work(submission, key, limits, caged):
    """Grade one submission in this worker, whose judge does one at a time.

    Args:
        submission, key, limits, caged: as for `pipeline.grade` and `run.Sandbox`.

    Returns:
        The `Graded`.
    """
    with _one_at_a_time, _bounded(limits):
        return pipeline.grade(submission, key, _sandbox(limits, caged))


@contextlib.contextmanager
def _bounded(limits):
    """End a worker of the local pool that hangs where nothing else can stop it, as in C code that a test called."""
    if _is_own_worker:
        signal.alarm(int(1.5 * limits.submission_seconds) + 60)
    try:
        yield
    finally:
        if _is_own_worker:
            signal.alarm(0)


def _sandbox(limits, caged):
    """Return this worker's sandbox, whose warm parent lives as long as the worker."""
    if (limits, caged) not in _sandboxes:
        for other in _sandboxes.values():
            other.close()
        _sandboxes.clear()
        _sandboxes[limits, caged] = Sandbox(Path(course.__file__).parent.parent, limits, caged=caged)
    return _sandboxes[limits, caged]
