"""Grading on a Dask cluster: the same grades as in the local pool, even if a worker is killed in the middle."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

import toy
from course.grading import batch
from course.grading.submission import Limits
from course.nbgrader_app import CourseError

QUICK = Limits(cell_seconds=5, submission_seconds=15, memory=256 << 20)
LEARNERS = {
    "right": {"twice": "answer = 2.46912", "square": "def square(x):\n    return x**2"},
    "half": {"twice": "answer = 2.46912"},
    "dies": {"twice": "import os\nos._exit(1)", "square": "def square(x):\n    return x**2"},
    "slow": {"twice": "import time\ntime.sleep(0.5)\nanswer = 2.46912"},
}
SCORES = {"right": 5, "half": 2, "dies": 3, "slow": 2}


@pytest.fixture
def course(released_toy, tmp_path):
    """Return a course with twelve submissions."""
    course = shutil.copytree(released_toy, tmp_path / "course")
    for number in range(3):
        for kind, answers in LEARNERS.items():
            toy.hand_in(course, f"{kind}-{number}", answers)
    return course


def grade(course, scheduler):
    return batch.grade(course, [toy.NAME], limits=QUICK, scheduler=scheduler)


def scores(graded):
    return {one.student: one.score for one in graded}


EXPECTED = {f"{kind}-{number}": score for kind, score in SCORES.items() for number in range(3)}


def test_a_local_cluster_gives_the_same_grades(course):
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        assert scores(grade(course, cluster.scheduler_address)) == EXPECTED
        assert all(one.seconds for one in grade(course, cluster.scheduler_address)), "they are recorded"


@pytest.fixture
def cluster(tmp_path):
    """Start a scheduler and two workers as processes of their own; return its address and the workers."""
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker"]
    log = tmp_path / "scheduler.log"
    started = []
    try:
        with log.open("w") as file:
            options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--protocol", "tcp"]
            started.append(subprocess.Popen([*dask, *options], stderr=file, stdout=file))
        address = _wait_for_address(log)
        options = ["--nthreads", "1", "--nworkers", "1", "--no-dashboard", "--no-nanny"]
        for number in range(2):
            folder = ["--local-directory", str(tmp_path / f"worker-{number}")]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            started.append(subprocess.Popen([*worker, address, *options, *folder], **quiet))
        yield address, started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()


def _wait_for_address(log, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := re.search(r"Scheduler at:\s+(tcp://\S+)", log.read_text()):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def test_a_worker_killed_in_the_middle_costs_nobody_a_grade(course, cluster):
    address, workers = cluster
    graded = []
    for one in grade(course, address):
        graded.append(one)
        if len(graded) == 3:
            os.kill(workers[0].pid, signal.SIGKILL)
    assert scores(graded) == EXPECTED


def test_a_scheduler_that_is_not_there_is_an_error(course):
    with pytest.raises(CourseError, match="There is no Dask scheduler at tcp://127.0.0.1:9"):
        list(grade(course, "tcp://127.0.0.1:9"))
