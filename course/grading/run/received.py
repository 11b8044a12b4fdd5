"""Outputs as they come from a child, which may be hostile: only what a notebook may hold gets through."""

import math

from course.grading.run import outputs

MIME_TYPES = (
    "text/plain",
    "text/html",
    "text/markdown",
    "text/latex",
    "image/png",
    "image/jpeg",
    "image/svg+xml",
    "application/json",
)
_DEEPEST = 50


class NotAnOutput(Exception):
    """What a child sent is not an output."""


class Received:
    """The outputs of one cell, in a notebook's format.

    Args:
        most: bytes of output to keep.
    """

    def __init__(self, most):
        # A child that behaves cuts first; it does not count quite the same, and its note comes on top.
        self._most = 2 * most + 1000
        self._reset()

    def _reset(self):
        self._outputs = []
        self._ids = []
        self._left = self._most

    def outputs(self):
        """Return the outputs as a tuple of dicts."""
        return tuple(self._joined(output) for output in self._outputs)

    def take(self, event):
        """Take an event of the child's collector.

        Args:
            event: dict with "out", or {"clear": true}.

        Raises:
            NotAnOutput: if it is anything else.
        """
        if event.get("clear") is True:
            return self._reset()
        output, size = _checked(event.get("out"))
        name = event.get("display_id")
        if name is not None and len(_text(name)) > outputs.LONGEST_ID:
            raise NotAnOutput("a long name")
        if event.get("update") is True:
            return self._update(name, output, size)
        self._left -= size + outputs.OVERHEAD
        if self._left < 0:
            return None
        last = self._outputs[-1] if self._outputs else None
        if output["output_type"] == "stream" and last and last.get("name") == output["name"]:
            last["text"].append(output["text"])
            return None
        if output["output_type"] == "stream":
            output["text"] = [output["text"]]
        if output.get("data", True):
            self._outputs.append(output)
            self._ids.append(name)
        return None

    def _update(self, name, output, size):
        """Replace the outputs of this name; one of an earlier cell stays as it is."""
        if output["output_type"] != "display_data" or name is None:
            raise NotAnOutput("an update of nothing")
        for old, known in zip(self._outputs, self._ids, strict=True):
            if known == name and self._left >= size:
                self._left -= size
                old |= {"data": output["data"], "metadata": output["metadata"]}

    @staticmethod
    def _joined(output):
        return output | {"text": "".join(output["text"])} if output["output_type"] == "stream" else output


def _checked(output):
    """Return (a copy of an output with what is known and harmless, its size)."""
    kind = output.get("output_type") if isinstance(output, dict) else None
    if kind == "stream" and output.get("name") in ("stdout", "stderr"):
        text = _text(output.get("text"))
        return {"output_type": kind, "name": output["name"], "text": text}, len(text.encode())
    if kind == "error":
        checked = {"output_type": kind, "ename": _text(output.get("ename")), "evalue": _text(output.get("evalue"))}
        checked["traceback"] = [_text(line) for line in _list(output.get("traceback"))]
        return checked, _size(checked)
    if kind in ("display_data", "execute_result"):
        checked = {"output_type": kind, "data": _data(output.get("data")), "metadata": _dict(output.get("metadata"))}
        if kind == "execute_result":
            number = output.get("execution_count")
            if type(number) is not int or not 0 <= number < 1 << 31:
                raise NotAnOutput("a result without a number")
            checked["execution_count"] = number
        return checked, _size(checked)
    raise NotAnOutput("an output of no known kind")


def _data(bundle):
    """Return a bundle's representations of the types that may be shown."""
    return {
        mime: value if mime == "application/json" else _text(value)
        for mime, value in _dict(bundle).items()
        if mime in MIME_TYPES
    }


def _text(value):
    if not isinstance(value, str):
        raise NotAnOutput("something else than text")
    return value


def _list(value):
    if not isinstance(value, list):
        raise NotAnOutput("something else than a list")
    return value


def _dict(value):
    if not isinstance(value, dict):
        raise NotAnOutput("something else than an object")
    return value


def _size(value, depth=0):
    """Return about how many bytes plain data takes, and refuse what JSON has no words for."""
    if depth > _DEEPEST:
        raise NotAnOutput("something too deep")
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, dict):
        return sum(len(key.encode()) + _size(item, depth + 1) + 8 for key, item in value.items())
    if isinstance(value, list):
        return sum(_size(item, depth + 1) + 8 for item in value)
    if isinstance(value, float) and not math.isfinite(value):
        raise NotAnOutput("a number that JSON does not have")
    return 8
