"""Outputs as they are collected in the child, where they come about."""

import codecs
import os
import select
import threading

# What an output costs beside its text, so that a million empty ones are too many as well.
OVERHEAD = 100
LONGEST_ID = 200


def cut_note(most):
    """Return the words that stand where output was cut."""
    return f"\n[The output was cut here: a cell may write {most:,} bytes.]\n"


class Collector:
    """Takes outputs from all threads, holds on to a bounded amount, and sends it when told to.

    Until it is attached, it keeps nothing.
    """

    def __init__(self):
        self.lock = threading.RLock()
        self.is_live = False
        self.attach(None, 0)

    def start(self):
        """Count from the beginning: a cell is over, and what comes now counts as the next one's."""
        self._left = self._most
        self._is_cut = False
        self._clear_first = False

    def attach(self, send, most):
        """Send to this function, which takes one dict, from now on, and forget what came before."""
        self._send = send
        self._most = most
        self._events = []
        self.start()

    def text(self, name, text):
        """Take text of stdout or stderr.

        Args:
            name: "stdout" or "stderr".
            text: str; of what is longer than there is room for, the end is dropped.
        """
        with self.lock:
            self._clear_if_told()
            data = text[: self._left + 1].encode("utf-8", "replace")
            kept = data[: self._left].decode("utf-8", "ignore")
            last = self._events[-1].get("out") if self._events else None
            if kept and last and last.get("name") == name:
                last["pieces"].append(kept)
                self._left -= len(data)
            elif kept:
                self._events.append({"out": {"output_type": "stream", "name": name, "pieces": [kept]}})
                self._left -= len(data) + OVERHEAD
            if len(kept) < len(text):
                self._cut()

    def output(self, output, size, display_id=None, update=False):
        """Take any other output.

        Args:
            output: dict as in a notebook.
            size: bytes that it takes, roughly.
            display_id: the name under which it can be updated, or None.
            update: whether it takes the place of the outputs of this name.
        """
        with self.lock:
            self._clear_if_told()
            if size + OVERHEAD > self._left:
                return self._cut()
            self._left -= size + OVERHEAD
            event = {"out": output}
            if display_id is not None:
                name = str(display_id)[:LONGEST_ID].encode("utf-8", "replace").decode()
                event |= {"display_id": name, "update": update}
            self._events.append(event)

    def clear(self, wait):
        """Drop what has been shown of this cell, at once or when the next output comes."""
        with self.lock:
            self._clear_first = True
            if not wait:
                self._clear_if_told()

    def flush(self):
        """Send what there is."""
        with self.lock:
            events, self._events = self._events, []
            for event in events:
                out = event.get("out", {})
                if "pieces" in out:
                    out["text"] = "".join(out.pop("pieces"))
                self._send(event)

    def _clear_if_told(self):
        if self._clear_first:
            self.start()
            self._events = [{"clear": True}]

    def _cut(self):
        self._left = 0
        if not self._is_cut:
            self._is_cut = True
            self._events.append({"out": {"output_type": "stream", "name": "stdout", "pieces": [cut_note(self._most)]}})


class Pipes:
    """Stands in for the file descriptors 1 and 2, so that what subprocesses and C code write is collected as well."""

    def __init__(self, collector):
        self._collector = collector
        self._sources = {}
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            reading, writing = os.pipe()
            os.dup2(writing, descriptor, inheritable=True)
            os.close(writing)
            os.set_blocking(reading, False)
            self._sources[reading] = (name, codecs.getincrementaldecoder("utf-8")("replace"))
        threading.Thread(target=self._follow, name="output", daemon=True).start()

    def drain(self):
        """Take what has been written by now."""
        with self._collector.lock:
            for source in self._sources:
                for _ in range(16):  # somebody may be writing all the time
                    if not self._take(source):
                        break

    def _take(self, source):
        name, decoder = self._sources[source]
        try:
            data = os.read(source, 1 << 16)
        except OSError:
            return False
        text = decoder.decode(data)
        if text:
            self._collector.text(name, text)
        return bool(data)

    def _follow(self):
        """Read along, and four times a second send what there is, so that a cell that never ends shows something."""
        poll = select.poll()
        for source in self._sources:
            poll.register(source, select.POLLIN)
        while True:
            ready = poll.poll(250)
            with self._collector.lock:
                for source, event in ready:
                    self._take(source)
                    if event & ~select.POLLIN:  # a learner closed the other end
                        poll.unregister(source)
                if not ready and self._collector.is_live:
                    self._collector.flush()
