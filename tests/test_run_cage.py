"""Learners' cells in the cage: they show what a kernel would show, and whatever they do stays theirs."""

import os
import re
import socket
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from conftest import run_as_ordinary_user
from course.grading.run import CageError, Sandbox, Stopped, cage, memory, received, sandbox
from course.grading.submission import Limits

ROOT = Path(__file__).resolve().parent.parent
LIMITS = Limits(
    cell_seconds=3,
    submission_seconds=20,
    memory=300 << 20,
    processes=16,
    file_bytes=4 << 20,
    disk_bytes=8 << 20,
    output_bytes=20_000,
)
SAMPLES = {
    "text": "print('a'); print('b', end='')",
    "result": "x = [1, 2]\nx",
    "earlier result": "_",
    "no result": "x;",
    "error": "def f():\n    return 1 / 0\nprint('before')\nf()",
    "syntax error": "x = = 1",
    "error without message": "raise KeyError",
    "chained error": "try:\n    1 / 0\nexcept Exception as error:\n    raise ValueError('other') from error",
    "exit": "import sys\nsys.exit(3)",
    "html": "from IPython.display import HTML, JSON, Markdown, display\ndisplay(HTML('<b>x</b>'), metadata={'a': 1})",
    "rich result": "Markdown('**x**')",
    "json": "display(JSON({'a': [1, None]}))",
    "svg": "class Picture:\n    def _repr_svg_(self):\n        return '<svg/>'\nPicture()",
    "bytes": "class Photo:\n    def _repr_png_(self):\n        return b'\\x89PNG'\nPhoto()",
    "update": "shown = display('one', display_id='d')\nprint('two')\nshown.update('three')",
    "clear": "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('stays')",
    "clear, wait": "print('gone')\nclear_output(wait=True)\nprint('stays')\nclear_output(wait=True)",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint('under it')",
    "figure shown": "%matplotlib inline\nplt.figure(figsize=(2, 1))\nplt.plot([2, 1])\nplt.show()\nprint('after')",
    "two figures": "for _ in range(2):\n    plt.figure(figsize=(1, 1))\n    plt.plot([1])",
    "await": "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "shell": "!echo from the shell",
    "subprocess": "import subprocess\nsubprocess.run('echo captured', shell=True, capture_output=True)",
    "input": "input('Your name?')",
    "getpass": "import getpass\ngetpass.getpass()",
    "help": "len?",
    "magic": "%%capture taken\nprint('hidden')",
    "magic used": "taken.stdout",
    "warning": "import warnings\nwarnings.warn('careful')",
    "course": "from course import WORKED\nWORKED.layers_dims",
    "numbers": "In[-2], Out[3], get_ipython().execution_count",
}


@pytest.fixture(scope="module")
def box():
    with Sandbox(ROOT, LIMITS) as box:
        yield box


@pytest.fixture
def session(box):
    with box.session() as session:
        yield session


def text_of(run):
    return "".join(output.get("text", "") for output in run.outputs)


def value(session, expression, number=1):
    """Return the text of an expression's value in the child."""
    run = session.run_cell(f"print({expression}, end='')", number)
    assert not run.error, run
    return text_of(run)


def stopped(session, source):
    """Return the `Stopped` that a cell ends in, in good time."""
    start = time.monotonic()
    with pytest.raises(Stopped) as caught:
        session.run_cell(textwrap.dedent(source), 1)
    assert time.monotonic() - start < LIMITS.cell_seconds + 2
    return caught.value


# ---------------------------------------------------------------- what is shown


@pytest.fixture(scope="module")
def kernel_outputs(tmp_path_factory):
    """Return {sample: outputs} as a kernel gives them."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in SAMPLES.values()])
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True)
    client.execute(cwd=tmp_path_factory.mktemp("kernel"))
    return {name: cell.outputs for name, cell in zip(SAMPLES, notebook.cells, strict=True)}


@pytest.fixture(scope="module", params=["caged", "bare"])
def session_runs(request):
    """Return {sample: CellRun}, with and without the cage."""
    with Sandbox(ROOT, Limits(), caged=request.param == "caged") as box, box.session() as session:
        return {name: session.run_cell(source, number) for number, (name, source) in enumerate(SAMPLES.items(), 1)}


def normal(outputs):
    """Return outputs without what differs from one run of a kernel to the next."""
    merged = []
    for output in outputs:
        output = dict(output)
        for key in ("text", "traceback"):
            if key in output:
                text = output[key] if isinstance(output[key], str) else "\n".join(output[key])
                text = re.sub(r"\x1b\[[0-9;]*m", "", text)
                if key == "traceback":  # a kernel shows other lines around the one that failed, or even a wrong one
                    text = re.sub(r"^( +\d+ |-+> \d+|Cell In).*\n", "", text, flags=re.MULTILINE)
                output[key] = _without_names(text)
        if "data" in output:
            output["data"] = {
                mime: _without_names(data) if mime == "text/plain" else data for mime, data in output["data"].items()
            }
        if "evalue" in output:
            output["evalue"] = _without_names(output["evalue"])
            if output["ename"] == "StdinNotImplementedError":  # raised in another file
                del output["traceback"]
        if merged and output["output_type"] == "stream" and merged[-1].get("name") == output["name"]:
            merged[-1]["text"] += output["text"]
        else:
            merged.append(output)
    return merged


def _without_names(text):
    text = re.sub(r"(/tmp/ipykernel_\S+?\.py|<ipython-input-\S+?>|\d+\.py)", "<cell>", text)
    return re.sub(r"0x[0-9a-f]+", "0x", text)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_cell_shows_what_it_shows_in_a_kernel(sample, session_runs, kernel_outputs):
    run = session_runs[sample]
    assert normal(run.outputs) == normal(kernel_outputs[sample])
    errors = [output["ename"] for output in run.outputs if output["output_type"] == "error"]
    assert run.error == (errors[0] if errors else "SystemExit" if sample == "exit" else "")


def test_a_traceback_shows_the_lines_that_failed(session):
    shown = "\n".join(session.run_cell(SAMPLES["error"], 7).outputs[-1]["traceback"])
    shown = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "Cell In[7], line 4" in shown and "----> 4 f()" in shown
    assert "Cell In[7], line 2, in f()" in shown and "----> 2     return 1 / 0" in shown


def test_all_outputs_are_those_of_a_notebook(session_runs):
    cell = nbformat.v4.new_code_cell("", outputs=[output for run in session_runs.values() for output in run.outputs])
    nbformat.validate(nbformat.from_dict(nbformat.v4.new_notebook(cells=[cell])))


# ---------------------------------------------------------------- output


def test_streams_keep_their_order(session):
    run = session.run_cell("import sys\nprint(1)\nprint(2, file=sys.stderr)\nprint(3)\nprint('\\ud800')", 1)
    assert [(o["name"], o["text"]) for o in run.outputs] == [("stdout", "1\n"), ("stderr", "2\n"), ("stdout", "3\n?\n")]


def test_output_of_child_processes_and_of_c_code_is_taken(session):
    source = """
    import os, subprocess, sys
    subprocess.run("echo from a program; echo its error >&2", shell=True)
    os.write(1, b"written\\n")
    if os.fork() == 0:
        print("forked", flush=True)
        os._exit(0)
    _ = os.wait()
    """
    run = session.run_cell(textwrap.dedent(source), 1)
    assert run.error == ""
    shown = {name: "".join(o["text"] for o in run.outputs if o["name"] == name) for name in ("stdout", "stderr")}
    # Of what comes through the file descriptors, only the order within one of them is kept.
    assert shown == {"stdout": "from a program\nwritten\nforked\n", "stderr": "its error\n"}


@pytest.mark.parametrize(
    "source",
    [
        "print('x' * 100_000_000)",
        "for _ in range(100_000): print('x' * 1000)",
        "import os\nfor _ in range(1600): os.write(1, b'x' * 65536)",
        "import subprocess\nsubprocess.run('yes | head -c 100000000', shell=True)",
        "from IPython.display import HTML, display\nfor _ in range(10): display(HTML('x' * 1_000_000))",
        "import sys\nfor _ in range(50_000): print(1), print(2, file=sys.stderr)",
        "raise ValueError('x' * 20_000_000)",
        "for _ in range(1000): display(1)",
    ],
)
def test_output_is_cut_while_it_is_produced(source, session):
    run = session.run_cell(source, 1)
    assert "The output was cut here" in text_of(run)
    assert sum(len(str(output)) for output in run.outputs) < 2 * LIMITS.output_bytes
    peak = int(value(session, "open('/proc/self/status').read().split('VmHWM:')[1].split()[0]")) >> 10
    assert peak < 350  # MB: 100 of them for the learner's own line, twice where it is put together
    assert text_of(session.run_cell("print('whole again')", 2)) == "whole again\n"


def test_clearing_makes_room_again(session):
    source = "from IPython.display import clear_output as clear\nfor i in range(20): clear(); print(str(i) * 5_000)"
    assert text_of(session.run_cell(source, 1)) == "19" * 5_000 + "\n"


def test_what_is_shown_after_a_cell_that_was_cut_has_room_again(session):
    session.run_cell("import threading, time\nprint('x' * 100_000)\nthreading.Timer(0.2, print, ['later']).start()", 1)
    time.sleep(0.5)
    assert [output["text"] for output in session.drain()] == ["later\n"]


def test_what_is_shown_between_cells_waits_for_drain(session):
    session.run_cell("import threading\ntimer = threading.Timer(0.3, print, ['later'])\ntimer.start()", 1)
    time.sleep(0.6)
    assert [output["text"] for output in session.drain()] == ["later\n"]
    assert session.drain() == ()


def test_a_picture_names_no_type_that_may_not_be_shown(session):
    run = session.run_cell(
        "from IPython.display import display\n"
        "display({'application/javascript': 'x', 'text/plain': 'y'}, raw=True)\n"
        "display({'application/x-other': 'x'}, raw=True)",
        1,
    )
    assert [output["data"] for output in run.outputs] == [{"text/plain": "y"}]


def test_numbers_that_json_lacks_do_no_harm(session):
    run = session.run_cell("display({'application/json': {'a': float('nan'), 'b': 1j}}, raw=True)", 1)
    assert run.outputs[0]["data"] == {"application/json": {"a": "NaN", "b": "1j"}}


# ---------------------------------------------------------------- a session


def test_files_are_put_into_the_working_directory(box):
    with box.session({"data/a.txt": b"hello", "helper.py": b"name = 'helper'"}) as session:
        assert value(session, "open('data/a.txt').read()") == "hello"
        assert value(session, "__import__('helper').name") == "helper"


def test_files_that_do_not_fit_are_the_submissions_own_trouble(box):
    for files in ({"big": bytes(5 << 20)}, {f"{i}": bytes(1 << 20) for i in range(10)}, {"a": b"", "a/b": b""}):
        with pytest.raises(Stopped, match="do not fit"):
            box.session(files)


def test_a_source_that_is_no_text_is_a_cell_that_fails(session):
    assert session.run_cell("'\ud800'", 1).outputs[0]["data"] == {"text/plain": "'?'"}


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b", ""])
def test_files_elsewhere_are_refused(name, box):
    with pytest.raises(ValueError, match="is not a path"):
        box.session({name: b""})


def test_each_child_draws_other_random_numbers(box):
    drawn = set()
    for _ in range(3):
        with box.session() as session:
            drawn.add(value(session, "__import__('random').random(), __import__('numpy').random.rand()"))
    assert len(drawn) == 3


def test_several_sessions_and_sandboxes_live_side_by_side(box):
    with Sandbox(ROOT, LIMITS) as other, other.session() as first, box.session() as second, box.session() as third:
        for number, session in enumerate((first, second, third)):
            session.run_cell(f"x = {number}", 1)
        assert [value(session, "x") for session in (first, second, third)] == ["0", "1", "2"]


def test_a_sandbox_works_in_a_thread_that_ends_and_after_it(box):
    results = []

    def start():
        with box.session() as session:
            results.append(value(session, "1 + 1"))

    with Sandbox(ROOT, LIMITS) as box:
        thread = threading.Thread(target=start)
        thread.start()
        thread.join()
        start()
    assert results == ["2", "2"]


def test_a_warm_parent_that_died_is_started_again():
    with Sandbox(ROOT, LIMITS) as box:
        box.session().close()
        box._parent._process.kill()
        os.kill(_pid_of(box._parent._pidfd), 9)
        assert sandbox._wait(box._parent._pidfd, 5)
        with box.session() as session:
            assert value(session, "1") == "1"


def test_a_session_that_was_got_ready_and_died_is_no_learners_fault():
    with Sandbox(ROOT, LIMITS) as box:
        box.session().close()
        _, ahead = box._ahead
        os.kill(_pid_of(ahead.result()._pidfd), 9)
        assert sandbox._wait(ahead.result()._pidfd, 5)
        with box.session() as session:
            assert session is not ahead.result() and value(session, "1") == "1"


def test_a_session_that_was_got_ready_has_the_files_it_was_asked_for():
    with Sandbox(ROOT, LIMITS) as box:
        for files in ({"a.txt": b"1"}, {"a.txt": b"1"}, {"b.txt": b"2"}, {}):
            with box.session(files) as session:
                assert value(session, "sorted(__import__('os').listdir())") == str(sorted(files))


def test_a_child_finds_imported_what_its_lesson_imports():
    with Sandbox(ROOT, LIMITS) as box:
        for modules, has_it in ((), "False"), (("no_such_module", "colorsys"), "True"):
            with box.session(modules=modules) as session:
                assert value(session, "'colorsys' in __import__('sys').modules") == has_it


def test_nothing_is_left_of_a_sandbox():
    with Sandbox(ROOT, LIMITS) as box:
        session = box.session()
        session.run_cell("import subprocess\nsubprocess.Popen(['sleep', '100'])", 1)
        pids = [_pid_of(box._parent._pidfd), _pid_of(session._pidfd)]
        group = session._group._folder if session._group else None
    session.close()
    session.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert not group or not group.exists()


def test_no_descriptor_is_leaked(box):
    def count():
        box._take_ahead()  # which may not be ready yet
        return len(os.listdir("/proc/self/fd"))

    box.session().close()
    before = count()
    with pytest.raises(Stopped):
        box.session({"big": bytes(5 << 20)})
    for source in ("1", "import os; os._exit(1)"):
        with box.session() as session:
            try:
                session.run_cell(source, 1)
            except Stopped:
                pass
    assert count() == before


def _pid_of(pidfd):
    return int(Path(f"/proc/self/fdinfo/{pidfd}").read_text().split("Pid:")[1].split()[0])


# ---------------------------------------------------------------- what ends it


LOOPS = {
    "loop": "while True: pass",
    "deaf loop": """
        import signal
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        while True:
            try:
                while True: pass
            except BaseException: pass
        """,
    "loop in C": "import re\nre.match('(a+)+$', 'a' * 60 + 'b')",
    "sleep": "import time\ntime.sleep(100)",
    "stopped": "import os, signal\nfor pid in (0, os.getpid()): os.kill(pid, signal.SIGSTOP)\nwhile True: pass",
}


@pytest.mark.parametrize("name", LOOPS)
def test_what_does_not_end_is_ended(name, session):
    assert stopped(session, LOOPS[name]).kind == "timed out"


def test_what_was_shown_before_a_loop_is_kept(session):
    loop = stopped(session, "print('step 1')\nimport time\ntime.sleep(0.5)\nprint('step 2')\nwhile True: pass")
    assert loop.words == "the cell ran for more than 3 s"
    assert "".join(output["text"] for output in loop.outputs) == "step 1\nstep 2\n"


def test_a_submission_has_its_own_clock(box):
    with box.session(seconds=1) as session:
        session.run_cell("1", 1)
        loop = stopped(session, "while True: pass")
        assert loop.kind == "timed out" and "submission" in loop.words
        assert session.seconds_left == 0


@pytest.mark.parametrize(
    "source, words",
    [
        ("import os; os._exit(0)", "it ended its process (exit status 0)"),
        ("import os; os._exit(3)", "it ended its process (exit status 3)"),
        ("import ctypes; ctypes.string_at(0)", "Segmentation fault"),
        ("import os; os.abort()", "signal"),
    ],
)
def test_a_crash_is_named(source, words, session):
    crash = stopped(session, source)
    assert crash.kind == "crashed"
    assert words in crash.words
    with pytest.raises(Stopped):
        session.run_cell("1", 2)


MEMORY_BOMBS = {
    "many processes": """
        import os, time
        for _ in range(10):
            if os.fork() == 0:
                held = bytearray(60 << 20)
                for i in range(0, len(held), 4096): held[i] = 1
                time.sleep(100)
        time.sleep(100)
        """,
    "shared memory": """
        import mmap, os, time
        held = []
        for _ in range(5):
            if os.fork() == 0:
                while True:
                    held.append(mmap.mmap(-1, 20 << 20)); held[-1].write(b"x" * (20 << 20))
        time.sleep(100)
        """,
}


@pytest.mark.parametrize("name", MEMORY_BOMBS)
@pytest.mark.parametrize("with_group", [True, False])
def test_a_submissions_processes_are_bounded_together(name, with_group, monkeypatch):
    if not with_group:
        monkeypatch.setattr("course.grading.run.sandbox.MemoryGroup.create", lambda limit: None)
    with Sandbox(ROOT, LIMITS) as box, box.session() as session:
        bomb = stopped(session, MEMORY_BOMBS[name])
        assert bomb.kind == "out of memory"


def test_memory_that_one_process_asks_for_too_much_of_is_an_ordinary_error(session):
    assert session.run_cell("import numpy as np\nnp.ones(10**9)", 1).error in ("MemoryError", "_ArrayMemoryError")
    assert session.run_cell("x = [bytes(50 << 20) for _ in range(100)]", 2).error == "MemoryError"
    assert value(session, "1 + 1") == "2"


# ---------------------------------------------------------------- what stays inside


def test_a_fork_bomb_stays_small(session):
    source = """
        import os
        forks = 0
        try:
            while True:
                if os.fork() == 0:
                    while True:
                        try: os.fork()
                        except OSError: pass
                forks += 1
        except OSError as error:
            print(forks, type(error).__name__)
        """
    run = session.run_cell(textwrap.dedent(source), 1)
    assert run.error == ""
    assert text_of(run).endswith("BlockingIOError\n")
    assert int(text_of(run).split()[0]) <= LIMITS.processes


def test_signals_reach_nobody_else(session):
    source = """
        import os, signal
        for target in (os.getppid(), 0, -1, 1):
            try: os.kill(target, signal.SIGKILL)
            except OSError as error: print(type(error).__name__)
        try: os.killpg(0, signal.SIGKILL)
        except OSError: pass
        """
    run = session.run_cell(textwrap.dedent(source), 1)
    assert run.error == ""
    assert value(session, "os.getppid(), os.getpid()") == "0 1"


def test_nothing_is_left_for_the_next_learner(box):
    source = """
        import os, subprocess, sys
        for folder in ("/tmp", "/home/student", "/dev/shm", "/var/tmp", "/dev", "/run", "/opt", "/", "/dev/mqueue"):
            try: open(f"{folder}/left", "w").write("x")
            except OSError: pass
            else: print(folder)
        daemon = "import os, time; os.setsid(); os.fork() and os._exit(0); time.sleep(1000)"
        subprocess.run([sys.executable, "-c", daemon])
        from multiprocessing import shared_memory, resource_tracker
        held = shared_memory.SharedMemory("held", create=True, size=1000)
        """
    with box.session() as session:
        run = session.run_cell(textwrap.dedent(source), 1)
        assert (run.error, text_of(run).split()) == ("", ["/tmp", "/home/student", "/dev/shm"])
        assert int(value(session, "sum(name.isdecimal() for name in os.listdir('/proc'))")) > 1
    with box.session() as session:
        source = """
            import glob, os, sys
            print(glob.glob("/*/left"))
            for folder in ("/tmp", "/dev/shm", "/home/student"):
                # Where the course itself lies in /tmp, its Python does.
                print([name for name in os.listdir(folder) if not sys.prefix.startswith(f"{folder}/{name}/")])
            """
        assert text_of(session.run_cell(textwrap.dedent(source), 1)) == "[]\n" * 4
        assert value(session, "[name for name in os.listdir('/proc') if name.isdecimal()]") == "['1']"
        assert value(session, "os.path.exists('/home/student/left')") == "False"


def test_the_rest_of_the_machine_is_not_there(session):
    hidden = [ROOT / "source", ROOT / "release", ROOT / "gradebook.db", ROOT / ".git", ROOT / "course", "/etc/passwd"]
    hidden += ["/etc/shadow", "/var", "/mnt", "/sys", "/root/.bashrc", "/root/.ssh", Path.home() / ".cache"]
    assert value(session, f"[p for p in {list(map(str, hidden))} if __import__('os').path.lexists(p)]") == "[]"
    assert value(session, "__import__('os').path.lexists('/opt/course/course/release')") == "False"
    assert session.run_cell("import course.grading.run", 1).error == ""
    assert session.run_cell("import course.grading.submission", 1).error == "ModuleNotFoundError"
    assert "HOME" in value(session, "dict(__import__('os').environ)")
    assert str(ROOT / "tests") not in value(session, "dict(__import__('os').environ)")


def test_there_is_no_network(session):
    source = """
        import socket, urllib.request
        for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, 38, 40):
            try: socket.socket(family, socket.SOCK_STREAM if family < 16 else socket.SOCK_RAW)
            except OSError as error: print(type(error).__name__)
        try: urllib.request.urlopen("http://127.0.0.1", timeout=1)
        except OSError as error: print(type(error).__name__)
        """
    run = session.run_cell(textwrap.dedent(source), 1)
    assert text_of(run).split() == ["PermissionError"] * 6 + ["URLError"]
    assert session.run_cell("socket.socketpair()", 2).error == ""


def test_abstract_sockets_of_this_machine_are_out_of_reach(session):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0course-test")
        server.listen()
        source = "import socket\nsocket.socket(socket.AF_UNIX).connect('\\0course-test')"
        assert session.run_cell(source, 1).error == "ConnectionRefusedError"


@pytest.mark.parametrize(
    "call",
    [
        "mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "umount2(b'/proc', 2)",
        "unshare(0x10000000)",
        "setns(0, 0)",
        "ptrace(0, 0, 0, 0)",
        "chroot(b'/tmp')",
        "syscall(435, 0, 0)",
        "syscall(425, 8, 0)",
        "syscall(321, 0, 0, 0)",
        "syscall(56, 0x10000000 | 17, 0, 0, 0, 0)",
        "syscall(319, b'x', 0)",
        "syscall(250, 0, 0)",
        "syscall(298, 0, 0, 0, 0, 0)",
        "syscall(0x40000000 + 39)",
    ],
)
def test_calls_that_no_lesson_needs_are_denied(call, session):
    source = f"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint(libc.{call}, ctypes.get_errno())"
    assert text_of(session.run_cell(source, 1)) in ("-1 1\n", "-1 38\n")


def test_root_is_out_of_reach(session):
    run = session.run_cell("import os\nos.setuid(0)", 1)
    assert run.error == "OSError"
    assert value(session, "os.geteuid()") != "0"
    status = value(session, "open('/proc/self/status').read()")
    assert re.findall(r"Cap\w+:\t(\w+)", status) == ["0" * 16] * 5
    assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status


def test_files_are_bounded(session):
    source = "with open('big', 'wb') as file:\n    for _ in range(3000): file.write(bytes(1 << 20))"
    assert session.run_cell(source, 1).error == "OSError"
    many = "for i in range(100): open(f'{i}', 'wb').write(bytes(1 << 20))"
    assert session.run_cell(many, 2).error == "OSError"
    assert session.run_cell("for i in range(10_000): open(f'/tmp/{i}', 'w').close()", 3).error == "OSError"
    assert "No space left" in session.run_cell("open('/tmp/more', 'w').write('x')", 4).outputs[-1]["evalue"]


def test_open_files_are_bounded(session):
    assert session.run_cell("held = [open('/dev/null') for _ in range(1000)]", 1).error == "OSError"


# ---------------------------------------------------------------- a hostile child


DEEP = "{'a':" * 90 + "1" + "}" * 90
HOSTILE = """
import os, socket, json, struct
sock = next(
    socket.socket(fileno=n) for n in map(int, os.listdir('/proc/self/fd'))
    if n > 2 and os.path.lexists(f'/proc/self/fd/{n}') and 'socket' in os.readlink(f'/proc/self/fd/{n}')
)
def frame(head, sizes=(), data=b''):
    head = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack('>4sII', b'NNC1', len(head), len(sizes)) + head + struct.pack(f'>{len(sizes)}Q', *sizes) + data
"""


@pytest.mark.parametrize(
    "sent",
    [
        "b'nonsense' * 10",
        "frame(b'[]')",
        "frame({}, [2 ** 62])",
        "frame({'out': 1})",
        "frame({'out': {'output_type': 'stream', 'name': 'stdin', 'text': ''}})",
        "frame({'out': {'output_type': 'stream', 'name': [], 'text': ''}})",
        "frame({'out': {'output_type': 'stream', 'name': 'stdout', 'text': ['x']}})",
        "frame({'out': {'output_type': ['error']}})",
        "frame({'out': {'output_type': 'error', 'ename': 1, 'evalue': '', 'traceback': []}})",
        "frame({'out': {'output_type': 'display_data', 'data': {'text/plain': 5}, 'metadata': {}}})",
        "frame({'out': {'output_type': 'execute_result', 'execution_count': 'x', 'data': {}, 'metadata': {}}})",
        "frame({'out': {'output_type': 'display_data', 'data': {}, 'metadata': {'a': float('nan')}}})",
        f"frame({{'out': {{'output_type': 'display_data', 'data': {{}}, 'metadata': {DEEP}}}}})",
        "frame({'out': {'output_type': 'display_data', 'data': {}, 'metadata': {}}, 'display_id': 'x' * 1000})",
        "frame({'out': {'output_type': 'display_data', 'data': {}, 'metadata': {}}, 'display_id': 1})",
        "frame({'out': {'output_type': 'stream', 'name': 'stdout', 'text': 'x'}, 'update': True})",
        "frame({'done': True, 'error': ['x']})",
        "frame({'done': True, 'error': 'x' * 2000})",
        "frame({'done': 1})",
        "frame({})",
    ],
)
def test_nonsense_from_a_child_is_named(sent, session):
    assert stopped(session, f"{HOSTILE}\nsock.sendall({sent})\nwhile True: pass").kind == "broke the protocol"


def test_a_child_that_sends_without_end_runs_out_of_time(session):
    source = f"{HOSTILE}\ndata = frame({{'out': {{'output_type': 'stream', 'name': 'stdout', 'text': 'x' * 1000}}}})"
    loop = stopped(session, f"{source}\nwhile True: sock.sendall(data)")
    assert loop.kind == "timed out"
    assert sum(len(output["text"]) for output in loop.outputs) < 2 * LIMITS.output_bytes


def test_a_child_that_does_not_read_runs_out_of_time(session):
    session.run_cell(f"{HOSTILE}\nsock.sendall(frame({{'done': True, 'error': ''}}))\nimport time\ntime.sleep(100)", 1)
    session.start_clock()
    with pytest.raises(Stopped) as caught:
        session.ask({"op": "anything"}, [bytes(50 << 20)])
    assert caught.value.kind == "timed out"


def test_a_child_that_hangs_up_is_gone(session):
    assert stopped(session, f"{HOSTILE}\nsock.shutdown(2)\nwhile True: pass").kind == "crashed"


def test_received_output_is_bounded():
    taken = received.Received(1000)
    for _ in range(1000):
        taken.take({"out": {"output_type": "display_data", "data": {"text/plain": "x" * 50}, "metadata": {}}})
        taken.take({"out": {"output_type": "stream", "name": "stdout", "text": ""}})
    assert len(taken.outputs()) <= 20


# ---------------------------------------------------------------- the cage itself


REPORT = {"pid": 1, "processes": 1, "user": 65534, "capabilities": "0" * 16, "no_new_privs": "1", "seccomp": "2"}
REPORT |= {"networks": ["lo"], "sees": []}


@pytest.mark.parametrize(
    "hole",
    [
        {"pid": 7},
        {"processes": 2},
        {"user": 0},
        {"capabilities": "0000000000000400"},
        {"no_new_privs": "0"},
        {"seccomp": "0"},
        {"networks": ["lo", "eth0"]},
        {"sees": ["/course/source"]},
    ],
)
def test_a_cage_with_a_hole_is_refused(hole):
    sandbox._verify({"ready": REPORT}, True)
    with pytest.raises(CageError, match="has a hole"):
        sandbox._verify({"ready": REPORT | hole}, True)


def test_a_cage_that_shows_the_source_is_refused(monkeypatch):
    # Not below /tmp: each child has one of its own, which would hide it.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as course:
        (Path(course) / "source").mkdir()
        way = cage._directory(Path(course), {Path("/")})
        shown = [*cage._filesystem(), *way, "--ro-bind", "/usr/share", f"{course}/source"]
        monkeypatch.setattr(cage, "_filesystem", lambda: shown)
        with Sandbox(course, LIMITS) as box, pytest.raises(CageError, match="it sees .*source"):
            box.session()


def test_without_bubblewrap_the_way_out_is_named(monkeypatch):
    monkeypatch.setattr(cage.shutil, "which", lambda name: None)
    with Sandbox(ROOT, LIMITS) as box, pytest.raises(CageError, match="install bubblewrap.* --no-sandbox"):
        box.session()
    assert not cage.available()
    assert "install bubblewrap" in cage.describe()[0]


def test_a_cage_that_fails_is_no_failure_of_the_learner(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with Sandbox(ROOT, LIMITS) as box, pytest.raises(CageError, match="uid map: Permission denied.*--no-sandbox"):
        box.session()
    assert not cage.available()


def test_a_child_that_cannot_be_shut_in_is_no_failure_of_the_learner(monkeypatch):
    words = cage.command(["x"])
    at = words.index("--dev")  # a file where the child's own /dev/shm would be mounted
    words[at : at + 2] = ["--perms", "0755", "--dir", "/dev", "--ro-bind", "/dev/null", "/dev/null"]
    monkeypatch.setattr(cage, "command", lambda program: [*words[:-1], *program])
    with Sandbox(ROOT, LIMITS) as box, pytest.raises(CageError, match="cannot be caged here"):
        box.session()


def test_a_parent_that_dies_is_no_failure_of_the_learner():
    with Sandbox(ROOT, LIMITS) as box, box.session() as session:
        killer = threading.Timer(0.3, os.kill, [_pid_of(box._parent._pidfd), 9])
        killer.start()
        with pytest.raises(CageError, match="The cage ended"):
            session.run_cell("while True: pass", 1)


def test_the_doctor_is_told_what_there_is():
    assert cage.available()
    words = " ".join(cage.describe())
    assert "bubblewrap" in words and "seccomp" in words and "memory" in words


def test_memory_groups_of_both_versions_are_found(tmp_path):
    own = tmp_path / "own"
    own.write_text("4:memory:/a\n0::/slice/b\n")
    (tmp_path / "memory/a").mkdir(parents=True)
    (tmp_path / "memory/a/memory.limit_in_bytes").write_text("1")
    (tmp_path / "slice/b").mkdir(parents=True)
    (tmp_path / "slice/cgroup.subtree_control").write_text("cpu memory\n")
    assert memory._places(tmp_path, own) == [(tmp_path / "memory/a", 1), (tmp_path / "slice", 2)]
    group = memory.MemoryGroup(tmp_path / "slice/b", 2)
    group._bound(1000)
    group.add(5)
    assert (tmp_path / "slice/b/memory.max").read_text() == "1000"
    assert (tmp_path / "slice/b/cgroup.procs").read_text() == "5"
    (tmp_path / "slice/b/memory.events").write_text("oom 2\noom_kill 1\n")
    assert group.has_killed()
    assert memory._places(tmp_path, tmp_path / "missing") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests have done this already")
def test_an_ordinary_user_has_the_same_cage(tmp_path):
    """Run the tests of the cage as somebody who may not see root's home but for the Python in it."""
    chosen = "next_learner or left_of_a or fork_bomb or no_network or root_is_out or not_there or fit or doctor"
    chosen += " or together and False"
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, "-k", chosen]
    done = run_as_ordinary_user(pytest_, tmp_path)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 10


# ---------------------------------------------------------------- without the cage


@pytest.fixture
def bare():
    with Sandbox(ROOT, LIMITS, caged=False) as box, box.session({"a.txt": b"text"}) as session:
        yield session


def test_without_the_cage_cells_run_as_well(bare):
    assert value(bare, "open('a.txt').read()") == "text"
    assert bare.run_cell("import course.grading.run", 1).error == ""
    assert value(bare, "__import__('os').getcwd()") != os.getcwd()


@pytest.mark.parametrize(
    "source, kind",
    [
        ("while True: pass", "timed out"),
        (LOOPS["deaf loop"], "timed out"),
        ("import os; os._exit(2)", "crashed"),
        (MEMORY_BOMBS["many processes"], "out of memory"),
    ],
)
def test_without_the_cage_a_submission_is_ended_too(source, kind, bare):
    assert stopped(bare, source).kind == kind


def test_without_the_cage_its_files_and_processes_are_cleaned_away(bare):
    folder = value(bare, "__import__('os').getcwd()")
    pid = int(value(bare, "__import__('subprocess').Popen(['sleep', '100']).pid"))
    bare.close()
    time.sleep(0.1)
    assert not Path(folder).exists()
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text()
