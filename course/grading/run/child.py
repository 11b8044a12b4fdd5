"""The caged child: runs a learner's cells one after the other, as it is told over its socket, until it is killed.

{"op": "run", "source": ..., "number": n}  ->  {"out": output}... and {"done": true, "error": name, "number": n}
{"op": "drain"}                            ->  {"out": output}... and {"done": true}: what was shown meanwhile
any other op                               ->  answered by `objects.Server`
"""

import os
import random
import sys
from pathlib import Path

from course.grading.run import confine, objects, outputs, wire
from course.grading.run import shell as shells


class Channel:
    """The child's end of the socket."""

    def __init__(self, sock):
        self._sock = sock

    def send(self, head, buffers=()):
        wire.send(self._sock, head, buffers)

    def receive(self):
        """Return the next (head, buffers). The trusted side may send what it likes."""
        return wire.receive(self._sock, most_head=1 << 30, most_bytes=1 << 30)


class _Unfit(Exception):
    """The files of the working directory are too large or too many."""


def main(sock, shell, collector, limits, caged, folder):
    """Shut this process in, take the files, say so, and serve until the other side is gone.

    Args:
        sock: the socket to the trusted side.
        shell: the warm parent's shell.
        collector: what the shell hands its outputs to.
        limits: dict of the fields of `Limits`.
        caged: whether to shut it in, beyond limits.
        folder: the working directory, private to this child.
    """
    channel = Channel(sock)
    # What a learner's code forks must not keep the socket open when this process ends.
    os.register_at_fork(after_in_child=sock.close)
    try:
        if caged:
            confine.mount_private_files(limits["disk_bytes"])
        confine.bound(limits, caged)
        if caged:
            confine.drop_rights()
        hidden = _take_files(channel, folder)
        report = confine.report(hidden) if caged else {}
    except _Unfit as error:
        channel.send({"unfit": str(error)})
        os._exit(1)
    except Exception as error:
        channel.send({"failed": f"{type(error).__name__}: {error}"})
        os._exit(1)
    _reseed()
    collector.attach(channel.send, limits["output_bytes"])
    pipes = outputs.Pipes(collector)
    shells.take_over(collector)
    channel.send({"ready": report})
    _serve(channel, shell, collector, pipes)


def _serve(channel, shell, collector, pipes):
    server = objects.Server(shell.user_ns, channel)
    while True:
        head, buffers = channel.receive()
        operation = head.get("op")
        if operation == "run":
            collector.is_live = True
            if sys.stdout is None or sys.stderr is None:
                shells.take_over(collector)  # a cell before has thrown them away; the shell needs both
            error = _run(shell, head["source"], head["number"])
            _finish(channel, collector, pipes, {"done": True, "error": error, "number": head["number"]})
        elif operation == "drain":
            _finish(channel, collector, pipes, {"done": True})
        else:
            server.handle(head, buffers)


def _run(shell, source, number):
    """Run a cell and return the name of the exception that ended it, or ""."""
    shell.execution_count = number
    result = shell.run_cell(source, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    return type(error).__name__ if error else ""


def _finish(channel, collector, pipes, answer):
    """Send all output that is there, then the answer, and begin to count anew."""
    with collector.lock:
        pipes.drain()
        collector.is_live = False
        collector.flush()
        collector.start()
        channel.send(answer)


def _take_files(channel, folder):
    """Receive the files of the working directory, write them there, and return the paths that must not be seen."""
    head, buffers = channel.receive()
    try:
        for name, data in zip(head["files"], buffers, strict=True):
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    except OSError as error:
        raise _Unfit(error.strerror) from None
    os.chdir(folder)
    # As in a kernel, a module beside the notebook can be imported.
    sys.path.insert(0, "")
    os.environ.pop("PYTHONSAFEPATH", None)
    return head["hidden"]


def _reseed():
    """Draw other random numbers than the child before."""
    import numpy as np

    random.seed()
    np.random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].seed()
