"""An IPython shell that shows what a kernel would show, and hands it to a collector instead of a front end."""

import base64
import io
import json
import os
import sys

from IPython.core import page
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Any, Type
from traitlets.config import Config


class Stream(io.TextIOBase):
    """What a learner's code finds as `sys.stdout` or `sys.stderr`."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, collector, name, descriptor):
        self._collector = collector
        self.name = f"<{name}>"
        self._stream = name
        self._descriptor = descriptor
        self._process = os.getpid()

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if os.getpid() == self._process:
            self._collector.text(self._stream, text)
        else:  # a learner's code has forked: only this file descriptor is shared
            os.write(self._descriptor, text.encode("utf-8", "replace"))
        return len(text)

    def fileno(self):
        return self._descriptor

    def writable(self):
        return True


class Hook(DisplayHook):
    """Shows the value of a cell's last expression."""

    collector = Any()

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        data, size = _plain(format_dict)
        output = {"output_type": "execute_result", "execution_count": self.prompt_count, "data": data}
        self.collector.output(output | {"metadata": _plain(md_dict or {})[0]}, size)

    def finish_displayhook(self):
        self._is_active = False


class Publisher(DisplayPublisher):
    """Shows what `display` is called with."""

    collector = Any()

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **kwargs):
        self._validate_data(data, metadata)
        data, size = _plain(data)
        metadata, more = _plain(metadata or {})
        output = {"output_type": "display_data", "data": data, "metadata": metadata}
        self.collector.output(output, size + more, (transient or {}).get("display_id"), update)

    def clear_output(self, wait=False):
        self.collector.clear(wait)


class Shell(InteractiveShell):
    """An interactive shell without a terminal, a history file, an event loop or a kernel."""

    displayhook_class = Type(Hook)
    display_pub_class = Type(Publisher)
    collector = Any()
    kernel = None

    def init_display_pub(self):
        super().init_display_pub()
        self.display_pub.collector = self.collector

    def init_displayhook(self):
        super().init_displayhook()
        self.displayhook.collector = self.collector

    def init_hooks(self):
        super().init_hooks()
        # `obj?` would start a pager; a notebook without a front end shows nothing.
        self.set_hook("show_in_pager", page.as_hook(lambda *args, **kwargs: None), 99)

    def enable_gui(self, gui=None):
        """Do nothing: there is no window to show anything in."""

    def ask_exit(self):
        """Do nothing: a cell does not end its notebook."""

    def _showtraceback(self, etype, evalue, stb):
        try:
            words = str(evalue)
        except Exception:  # a learner's own __str__
            words = ""
        output = {"output_type": "error", "ename": str(etype.__name__), "evalue": words}
        output["traceback"] = [line if isinstance(line, str) else repr(line) for line in stb]
        size = len(words) + sum(map(len, output["traceback"]))
        self.collector.output(_encodable(output), size)


def make(collector):
    """Return a new shell, the only one of this process."""
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.ast_node_interactivity = "last_expr"
    return Shell.instance(config=settings, collector=collector)


def take_over(collector):
    """Put a learner's view of input and output in place.

    Args:
        collector: where output goes.
    """
    import builtins
    import getpass

    sys.stdout = Stream(collector, "stdout", 1)
    sys.stderr = Stream(collector, "stderr", 2)
    builtins.input = _no_input("raw_input")
    getpass.getpass = _no_input("getpass")


def _no_input(name):
    def ask(prompt="", *args, **kwargs):
        raise StdinNotImplementedError(f"{name} was called, but this frontend does not support input requests.")

    return ask


def _plain(bundle):
    """Return (a dict that JSON can hold, its size in bytes), with bytes as base64 like in a kernel."""
    text = json.dumps(bundle, default=_as_plain, skipkeys=True)
    # JSON has no NaN: here it is text.
    return _encodable(json.loads(text, parse_constant=str)), len(text)


def _as_plain(value):
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        return value.tolist()
    return repr(value)


def _encodable(value):
    """Return plain data with lone surrogates, which cannot be written as UTF-8, replaced."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
        return value
    except UnicodeEncodeError:
        text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
        return json.loads(text)
