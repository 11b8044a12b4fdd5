"""Runs the hostile submissions through stock nbgrader, one at a time, and prints what came out as a Markdown table.

    .venv/bin/python tests/hostile/stock.py [PATTERN...] > stock.md

This is no test: it shows which of the tricks work where learners' code decides about its own grade. The attacks run
with your rights and without a cage, bounded in time and memory; those that say how they would harm are left out.
"""

import ctypes
import json
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hostile import corpus  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SECONDS = 60
CONFIG = """
c = get_config()
c.CourseDirectory.root = {root!r}
c.ExecutePreprocessor.timeout = 10
c.ExecutePreprocessor.interrupt_on_timeout = True
"""
FRESH = "agrees(double, draws().normal(size=(3, 2)))"
CLOSED_FORM = "fresh = np.random.default_rng().normal(size=(3, 2))\nassert np.allclose(double(fresh), 2 * fresh)"
ROWS = """
SELECT coalesce(manual_score, auto_score), coalesce(extra_credit, 0), needs_manual_grade FROM grade
JOIN submitted_notebook AS n ON grade.notebook_id = n.id
JOIN submitted_assignment AS a ON n.assignment_id = a.id WHERE a.student_id = ?
"""
RUINED = "ruined"
SECRETS = {
    "hidden": "the hidden tests",
    "solution": "the solution",
    "neighbour": "another learner's notebook",
    "environment": "the grader's environment",
    "outside": "a file outside of the course",
}
PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/", "/home", "/opt", str(Path.home()))


def main():
    attacks = [attack for pattern in sys.argv[1:] or ["[0-9][0-9]_*.py"] for attack in corpus.load(pattern)]
    # What a submission leaves behind becomes a child of this process, so that it can be found and ended.
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="stock-") as folder:
        template = Path(folder) / "template"
        make_course(template)
        port = listen()
        print("| submission | what it tries | deserved | stock nbgrader |\n| --- | --- | --- | --- |", flush=True)
        for attack in attacks:
            tries = attack.says.partition(";")[0].partition(". ")[0].rstrip(".")
            came = f"not run: {attack.harms}" if attack.harms else run(attack, template, Path(folder) / "run", port)
            cells = [attack.student, tries, deserved(attack), came]
            print("|", " | ".join(cell.replace("|", "\\|") for cell in cells), "|", flush=True)


def deserved(attack):
    """Say what an attack deserves."""
    if len(attack.scores) > 3 and None not in attack.scores:
        return f"at most {max(attack.scores):g}"
    return " or ".join("no grade" if score is None else f"{score:g}" for score in attack.scores)


def make_course(folder):
    """Make a course with stock settings, whose sealed answers come from the course's own release."""
    ours = folder.parent / "ours"
    shutil.copytree(corpus.LESSON_FOLDER, ours / "source" / corpus.LESSON)
    shutil.copy(ROOT / "nbgrader_config.py", ours)
    subprocess.run([BIN / "course", "release", corpus.LESSON], cwd=ours, check=True, stdout=sys.stderr)
    source = folder / "source" / corpus.LESSON
    source.mkdir(parents=True)
    text = (ours / "source" / corpus.LESSON / corpus.FILE).read_text().replace(FRESH, CLOSED_FORM.replace("\n", "\\n"))
    (source / corpus.FILE).write_text(text.replace("from course.checks.fresh import agrees, draws", ""))
    configure(folder)
    nbgrader(folder, "generate_assignment", corpus.LESSON)
    shutil.copy(ours / "release" / corpus.LESSON / "sealed.json", folder / "release" / corpus.LESSON)
    for student in corpus.HONEST_STUDENTS[:2]:
        corpus.hand_in_honestly(folder, student)
        nbgrader(folder, "autograde", corpus.LESSON, "--student", student)
        if score_of(folder, student) != (corpus.FULL, False):
            sys.exit(f"stock nbgrader gives an honest learner {score_of(folder, student)}")


def configure(folder):
    (folder / "nbgrader_config.py").write_text(CONFIG.format(root=str(folder)))


def nbgrader(course, *words):
    """Run nbgrader, bounded; return its exit status, or None if it took too long, and its log."""

    def bound():
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        resource.setrlimit(resource.RLIMIT_FSIZE, (300 << 20, 300 << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (2 * SECONDS, 2 * SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "IPYTHONDIR": str(course.parent / "ipython"),
        "THE_CANARY": "CANARY-environment",
    }
    with tempfile.TemporaryFile() as log:
        running = subprocess.Popen(
            [BIN / "nbgrader", *words],
            cwd=course,
            env=environment,
            preexec_fn=bound,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            status = running.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            status = None
        log.seek(0)
        return status, log.read().decode(errors="replace")


def run(attack, template, course, port):
    """Grade one submission in a copy of the course; return what came out, in words."""
    if course.exists():
        shutil.rmtree(course)
    shutil.copytree(template, course, symlinks=True)
    (course.parent / "outside").mkdir(exist_ok=True)
    (course.parent / "outside" / "secret.txt").write_text("CANARY-outside")
    configure(course)
    corpus.hand_in(attack, course, port)
    neighbours = [score_of(course, student) for student in corpus.HONEST_STUDENTS[:2]]
    began = time.monotonic()
    status, log = nbgrader(course, "autograde", corpus.LESSON, "--student", attack.student)
    seconds = time.monotonic() - began
    left = end_what_is_left()
    score, by_hand = score_of(course, attack.student)
    told = [fate(attack, status, log, score)]
    if by_hand:
        told.append("waits for a human to grade it")
    told += [f"shows {found}" for found in shown(attack, course)]
    if score == RUINED:
        told.append("**ruins the gradebook**")
    if left:
        told.append(f"leaves {left} processes behind")
    if [score_of(course, student) for student in corpus.HONEST_STUDENTS[:2]] != neighbours:
        told.append("changes others' grades")
    touched = sorted({str(path.parent) for place in (*PLACES, course, course.parent) for path in traces(place)})
    if touched:
        told.append(f"writes to {', '.join('the course' if str(course) in place else place for place in touched)}")
    if seconds > SECONDS - 1:
        told.append(f"takes more than {SECONDS} seconds")
    return "; ".join(told)


def fate(attack, status, log, score):
    """Compare a score with what is deserved."""
    if status is None:
        return "**holds up the run**"
    bold = "" if None in attack.scores else "**"
    if status != 0:
        problems = re.findall(r"^\s*(?:[\w.]+\.)?(\w+(?:Error|Exception|Entry|Timeout): .+)$", log, re.MULTILINE)
        return f"{bold}aborts{bold}: {problems[-1][:100] if problems else f'exit status {status}'}"
    if score in (None, RUINED):
        return f"{bold}no grade{bold}"
    known = [wanted for wanted in attack.scores if wanted is not None]
    if score in known:
        return f"{score:g}, as deserved"
    if not known:
        return f"**graded: {score:g}**"
    return f"**fooled: {score:g}**" if score > max(known) else f"**loses honest points: {score:g}**"


def shown(attack, course):
    """Return what a graded notebook shows and must not."""
    path = course / "autograded" / attack.student / corpus.LESSON / corpus.FILE
    if not path.is_file():
        return
    outputs = json.dumps([cell.get("outputs") for cell in json.loads(path.read_text())["cells"]], ensure_ascii=False)
    yield from sorted({SECRETS.get(found, found) for found in re.findall(r"CANARY-([a-z]+)", outputs)})
    if attack.absent and (found := re.search(attack.absent, outputs)):
        yield f"'{found[0]}'"
    if len(outputs) > 5_000_000:
        yield f"{len(outputs) // 1_000_000} MB of outputs"


def score_of(course, student):
    """Return a student's points, None where there is no grade, and whether a human has to grade."""
    try:
        with sqlite3.connect(f"file:{course}/gradebook.db?mode=ro", uri=True) as gradebook:
            rows = gradebook.execute(ROWS, (student,)).fetchall()
    except sqlite3.Error:
        return RUINED, False
    if not rows or all(score is None for score, _, _ in rows):
        return None, bool(rows)
    return sum((score or 0) + extra for score, extra, _ in rows), any(row[2] for row in rows)


def end_what_is_left():
    """End the processes that became children of this one; return how many there were."""
    count = 0
    for _ in range(10):
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        for child in map(int, children):
            count += Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        if not children:
            break
    return count


def traces(place):
    """Find and remove what a submission left in a folder."""
    for path in Path(place).glob("HOSTILE*"):
        path.unlink()
        yield path


def listen():
    """Listen on loopback and on an abstract socket, saying nothing; return the port."""
    servers = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)]
    port = servers[0].getsockname()[1]
    servers[1].bind(f"\0HOSTILE-{port}")
    servers[1].listen()
    for server in servers:
        threading.Thread(target=accept, args=(server,), daemon=True).start()
    return port


def accept(server):
    while True:
        server.accept()[0].close()


if __name__ == "__main__":
    main()
