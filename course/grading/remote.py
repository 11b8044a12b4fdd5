"""The learner's names as a test cell meets them: plain data, and handles whose calls are carried over.

Nothing that the learner's code sends is trusted: it is decoded into plain data, and a handle has no behaviour of its
own but to pass calls on. It equals nothing but itself, has no length and no truth value, and cannot be iterated over,
so that no test can be deceived by an object that lies.
"""

import builtins
import contextlib
import types
import warnings

import numpy as np

from course.grading.run import Stopped
from course.grading.run.objects import Codec, Malformed, describe_error, one_line

_MOST_NESTED_CALLS = 20
_MOST_LINES = 20
_MOST_TEXT = 2000
_BROKEN = "broke the protocol"
_READABLE_NAMES = ("__name__", "__doc__", "__qualname__")


class LearnersError(Exception):
    """Marks an exception that the learner's code raised.

    Attributes:
        ename: the exception's name.
        where: list of lines that tell where in the learner's code.
    """

    ename = "Exception"
    where = ()


class Remote:
    """A function, class or object of the learner's."""

    __slots__ = ("_peer", "_handle")

    def __init__(self, peer, handle):
        object.__setattr__(self, "_peer", peer)
        object.__setattr__(self, "_handle", handle)

    def __call__(self, *args, **kwargs):
        return self._peer.ask("call", self._handle, (args, kwargs))

    def __getattr__(self, name):
        if name.startswith("__") and name not in _READABLE_NAMES:
            raise AttributeError(f"a {self._handle.type_name} of the learner's has no {name}")
        return self._peer.ask("get", self._handle, name)

    def __setattr__(self, name, value):
        self._peer.ask("set", self._handle, (name, value))

    def __getitem__(self, key):
        return self._peer.ask("item", self._handle, key)

    def __iter__(self):
        raise TypeError(f"this is a {self._handle.type_name}: it has to be turned into a list or an array first")

    def __len__(self):
        raise TypeError(f"a {self._handle.type_name} has no length here")

    def __bool__(self):
        raise TypeError(f"a {self._handle.type_name} is neither true nor false here")

    def __contains__(self, item):
        raise TypeError(f"a {self._handle.type_name} holds nothing here")

    def __reduce__(self):
        raise TypeError("an object of the learner's stays where it is")

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        return f"<{self._handle.type_name} {self._handle.name} of the learner's>"


class Peer:
    """The other end: the learner's process in one session.

    Args:
        session: a `run.Session`.

    Attributes:
        stop: the `Stopped` with which the learner's process ended, or None; a test may have caught it.
    """

    def __init__(self, session):
        self.stop = None
        self._session = session
        self._depth = 0
        self._has_asked = False
        self._codec = Codec(0, lambda handle: Remote(self, handle), _handle_of, _may_be_lent)

    def keep(self, values):
        """Let the learner's code see what was there before a test, but not change it here: only in its own copy.

        Args:
            values: what was there; lists, dicts, namespaces and arrays in it are kept too.
        """
        todo, kept = list(values), {}
        while todo:
            value = todo.pop()
            if id(value) in kept or not isinstance(value, (list, dict, tuple, types.SimpleNamespace, np.ndarray)):
                continue
            kept[id(value)] = value
            if isinstance(value, types.SimpleNamespace):
                value = vars(value)
            if not isinstance(value, np.ndarray):
                todo += value.values() if isinstance(value, dict) else value
        self._codec.fixed = kept  # with the objects: one that goes would leave its number to another

    def fetch(self, names):
        """Fetch names that the learner's code has defined.

        Args:
            names: iterable of names.

        Returns:
            Dict from name to value, without those that are not defined; each `Remote` has one name, so that a function
            can be told by its name although another name of the learner's stands for it too.

        Raises:
            Stopped: if the learner's process ended, or sent what is no answer.
        """
        self._codec.take_back()
        with warnings.catch_warnings(), contextlib.suppress(LearnersError):
            warnings.simplefilter("ignore")
            came = self.ask("fetch", None, tuple(names))
            if type(came) is not dict or not all(type(name) is str and name in names for name in came):
                raise self._stopped("its answer was no answer")
            return {name: _alone(value) for name, value in came.items()}
        return {}

    def drain(self):
        """Return what the learner's functions have shown since the last time, as a list of outputs.

        Raises:
            Stopped: if the learner's process ended.
        """
        has_asked, self._has_asked = self._has_asked, False
        return list(self._session.drain()) if has_asked else []

    def ask(self, op, handle, given):
        """Ask for something, and serve the learner's code while it works on it.

        Args:
            op: "fetch", "call", "get", "set" or "item".
            handle: what of, or None.
            given: names, arguments, or an index.

        Returns:
            The answer, as plain data or `Remote`.

        Raises:
            Stopped: if the learner's process ended, or sent what is no answer.
            LearnersError: what the learner's code raised; also an instance of the built-in exception of that kind.
        """
        if self._depth >= _MOST_NESTED_CALLS:
            raise RecursionError("the learner's code and the test call each other again and again")
        if self.stop:
            raise self.stop
        if self._depth == 0:
            self._codec.forget()
        self._depth += 1
        self._has_asked |= op != "fetch"
        try:
            plain, buffers = self._codec.dump(given)
            number = handle.number if handle else 0
            self._session.send({"op": op, "of": number, "value": plain, "errstate": np.geterr()}, buffers)
            with self._codec.holding(given):
                return self._serve()
        except Malformed as problem:
            raise self._stopped(f"its answer was no answer: {one_line(problem)}") from None
        except Stopped as stop:
            self.stop = stop
            raise
        finally:
            self._depth -= 1

    def _stopped(self, words):
        self.stop = Stopped(_BROKEN, words)
        return self.stop

    def _serve(self):
        """Answer callbacks until the answer comes."""
        while True:
            head, buffers = self._session.receive()
            op = head.get("op")
            if op == "callback":
                self._session.send(*self._call_back(head, buffers))
                continue
            if op not in ("return", "raise"):
                raise Malformed("an unknown kind of answer")
            value = self._codec.load(head.get("value"), buffers)
            _warn_again(head.get("warnings"))
            if op == "raise":
                raise _learners_error(head.get("error"))
            return value

    def _call_back(self, head, buffers):
        """Call a function that a test handed to the learner's code."""
        function = self._codec.own(head.get("of"))
        given = self._codec.load(head.get("value"), buffers)
        if type(given) is not tuple or len(given) != 2 or type(given[0]) is not tuple or type(given[1]) is not dict:
            raise Malformed("that is no call")
        with self._codec.holding(given):
            try:
                plain, out = self._codec.dump(function(*given[0], **given[1]))
                return {"op": "returned", "value": plain}, out
            except (Stopped, Malformed):
                raise
            except Exception as error:
                plain, out = self._codec.dump(None)
                described = {**describe_error(error), "where": []}
                return {"op": "raised", "value": plain, "error": described}, out


def _handle_of(value):
    return object.__getattribute__(value, "_handle") if type(value) is Remote else None


def _alone(value):
    """Return another `Remote` of the same object, so that each stands for one name."""
    return Remote(object.__getattribute__(value, "_peer"), _handle_of(value)) if type(value) is Remote else value


def _may_be_lent(value):
    """Only functions written in a lesson may be called from there: NumPy's own could be made to fill the memory."""
    return type(value) in (types.FunctionType, types.MethodType)


def _warn_again(heard):
    """Issue again what the learner's code warned of, for tests that listen."""
    for warned in heard[:_MOST_LINES] if type(heard) is list else ():
        if type(warned) is list and len(warned) == 2 and all(type(text) is str for text in warned):
            category = getattr(builtins, warned[0], None)
            if not (isinstance(category, type) and issubclass(category, Warning)):
                category = UserWarning
            warnings.warn_explicit(warned[1][:_MOST_TEXT], category, "the learner's code", 1)


def _learners_error(described):
    """Return an exception of the built-in kind that was raised there, which also is a `LearnersError`."""
    try:
        names = [described["type"], *described["bases"]]
        message, where = described["message"], described["where"]
        if type(where) is not list or not all(type(text) is str for text in [*names, message, *where]):
            raise Malformed("that is no error")
    except (TypeError, KeyError):
        raise Malformed("that is no error") from None
    kinds = (getattr(builtins, name, None) for name in names)
    base = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Exception)), Exception)
    error = _raisable(base)(message[:_MOST_TEXT])
    error.ename, error.where = one_line(names[0]), [line[:_MOST_TEXT] for line in where[:_MOST_LINES]]
    return error


def _raisable(base):
    """Return a class that is both a `LearnersError` and of a built-in kind that takes a message alone."""
    try:
        kind = type(base.__name__, (LearnersError, base), {"__str__": Exception.__str__})
        kind("")
        return kind
    except TypeError:
        return LearnersError
