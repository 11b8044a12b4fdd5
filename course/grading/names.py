"""Names: which of a lesson's cells a test needs, and which names it takes from the learner.

A test cell may use names that the instructor's cells bind and names that a solution binds. The former are made anew in
the trusted process, by running those instructor's cells there that a test needs and no others; the latter are fetched
from the learner's process. Which is which follows from the source: the last cell above that binds the name decides.
"""

import ast
import re
import symtable
from dataclasses import dataclass
from functools import lru_cache

from course.grading.submission import ANSWER, GIVEN, TEST


@dataclass(frozen=True)
class Plan:
    """What the trusted process does at which place of a notebook.

    Attributes:
        given: frozenset of the places of instructor's cells that some test needs.
        solutions: frozenset of the places of the solutions that some test compares with, and of what these need.
        fetched: dict from the place of a test, or of one of `given`, to the learner's names that it uses.
    """

    given: frozenset
    solutions: frozenset
    fetched: dict


@dataclass(frozen=True)
class _Used:
    """The names of one cell.

    Attributes:
        free: those that its statements use before they bind them.
        deferred: those that its functions use when they are called.
        bound: those that it binds.
        changed: those whose objects it changes.
    """

    free: frozenset
    deferred: frozenset
    bound: frozenset
    changed: frozenset


_COMMAND = re.compile(r"^([ \t]*)([%!?].*|.*\?)$", re.MULTILINE)
_NOTHING = _Used(frozenset(), frozenset(), frozenset(), frozenset())


def plan(cells):
    """Find out what the tests of a notebook need.

    Args:
        cells: the key's `Cell`s.

    Returns:
        The `Plan`.
    """
    used = [_used(cell.source) if cell.cell_type == "code" else _NOTHING for cell in cells]
    given, fetched, solutions = set(), {}, set()
    for place, cell in enumerate(cells):
        if cell.kind == TEST:
            _need(used[place].free | used[place].deferred, place, cells, used, given, fetched)
            if "agrees" in used[place].free | used[place].bound:
                _need_solutions(used[place].free | used[place].deferred, place, cells, used, solutions)
    return Plan(frozenset(given), frozenset(solutions), fetched)


def _need(names, place, cells, used, given, fetched):
    """Note what a test, or an instructor's cell that it needs, uses: cells to run, names to fetch."""
    mine = fetched.setdefault(place, set())
    todo, seen = set(names), set()
    while todo:
        name = todo.pop()
        seen.add(name)
        for binder in _binders(name, place, cells, used):
            if cells[binder].kind == ANSWER:
                mine.add(name)
            if cells[binder].kind != GIVEN:
                continue  # what a test binds is there already: all tests run in one namespace
            todo |= used[binder].deferred - seen
            if binder not in given:
                given.add(binder)
                _need(used[binder].free, binder, cells, used, given, fetched)


def _need_solutions(names, place, cells, used, solutions):
    """Note the cells, solutions among them, that define what a test compares the learner's functions with."""
    todo = [(name, place) for name in names]
    while todo:
        name, before = todo.pop()
        for binder in _binders(name, before, cells, used):
            if binder not in solutions and cells[binder].kind != TEST:
                solutions.add(binder)
                todo += [(free, binder) for free in used[binder].free]
                todo += [(later, place) for later in used[binder].deferred]


def _binders(name, place, cells, used):
    """Return the place of the last cell above that binds a name, and those of the cells that change it after that."""
    found = []
    for i in range(place - 1, -1, -1):
        if cells[i].kind not in (GIVEN, ANSWER, TEST):
            continue
        if name in used[i].bound:
            return [i, *found]
        if name in used[i].changed:
            found.append(i)
    return found


@lru_cache(maxsize=4096)
def _used(source):
    try:
        tree = parse(source)
    except SyntaxError:
        return _NOTHING
    free, bound, changed = set(), set(), set()
    for node in tree.body:
        free |= _loads(node) - bound
        bound |= binds(node)
        changed |= _changes(node)
    return _Used(
        frozenset(free),
        frozenset(_deferred(_table(tree)) - bound),
        frozenset(bound),
        frozenset(changed),
    )


def parse(source):
    """Return the syntax tree of a cell, in which IPython's own commands stand for nothing.

    Args:
        source: the cell's text.

    Raises:
        SyntaxError: if it is no Python otherwise.
    """
    if source.lstrip().startswith("%%"):
        return ast.parse("")
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.parse(_COMMAND.sub(r"\1pass", source))


def loads(node):
    """Return the names of its cell that a statement uses, at once or in the functions that it defines."""
    return _loads(node) | _deferred(_table(node))


def binds(node):
    """Return the names that a statement of a cell binds."""
    return {symbol.get_name() for symbol in _table(node).get_symbols() if symbol.is_assigned() or symbol.is_imported()}


def _loads(node):
    """Return the names that a statement uses when it runs: not those in the bodies of functions that it defines."""
    table = _table(node)
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    # `x += 1` uses x, but is no reference for symtable.
    names |= {child.target.id for child in ast.walk(node) if _is_augmented(child)} & binds(node)
    for child in table.get_children():
        if child.get_type() == "class" or child.get_name() in ("listcomp", "setcomp", "dictcomp", "genexpr"):
            names |= _globals(child)
    return names


def _is_augmented(node):
    return isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)


def _table(node):
    return symtable.symtable(ast.unparse(node), "cell", "exec")


def _globals(table):
    """Return the global names that a scope uses, and those of the scopes in it that run at once."""
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return names.union(*(_globals(child) for child in table.get_children()))


def _deferred(table):
    return set().union(*(_globals(child) for child in table.get_children()))


def _changes(node):
    """Return the names whose objects a statement changes: by an item, an attribute, or a method called for itself."""
    changed = set()
    for child in ast.walk(node):
        if isinstance(child, (ast.Subscript, ast.Attribute)) and isinstance(child.ctx, (ast.Store, ast.Del)):
            changed.add(_base(child))
        elif isinstance(child, ast.AugAssign):
            changed.add(_base(child.target))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        changed.add(_base(node.value.func))
    return changed - {None}


def _base(node):
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
