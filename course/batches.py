"""Mini-batches as a learner's function cuts them, described in words for `check`."""

import numpy as np


def laid_out(batches, drawn=()):
    """Describe the mini-batches that a learner's function gave.

    Args:
        batches: anything; right are pairs (X_b, Y_b) of arrays of shape (n_b, inputs) and (n_b, outputs), in a list.
        drawn: the rows in the order that is asked for, shape (n, 2): the first entry of X's row beside that of Y's.

    Returns:
        A dict. Under "kind" stands what was given, in words. If that is "a list of pairs" there are also "order", in
        words, "sizes", a list, and "X_beside_Y", the rows as they came, like `drawn`.
    """
    if batches is None or batches is ...:
        return {"kind": batches}
    if not isinstance(batches, (list, tuple)):
        return {"kind": f"no list: {type(batches).__name__}"}
    if len(batches) == 2 and all(
            isinstance(one, list) and (len(one) != 2 or type(batches) is tuple) for one in batches):
        return {"kind": "two lists"}
    if not batches:
        return {"kind": "an empty list"}
    if not all(isinstance(one, (list, tuple)) and len(one) == 2 for one in batches):
        return {"kind": "no pairs"}
    tables = [table for pair in batches for table in pair]
    if any(isinstance(table, (list, tuple)) for table in tables):
        return {"kind": "pairs of lists"}
    if any(np.ndim(table) != 2 or not np.shape(table)[1] for table in tables) or any(
            len(X_b) != len(Y_b) for X_b, Y_b in batches):
        return {"kind": "pairs that do not fit together"}
    sizes = [len(X_b) for X_b, _ in batches]
    found = np.concatenate([np.column_stack([X_b[:, 0], Y_b[:, 0]]) for X_b, Y_b in batches])
    order = _order_of(found, np.reshape(drawn, (-1, 2)), sizes)
    return {"kind": "a list of pairs", "order": order, "sizes": sizes, "X_beside_Y": found}


def _order_of(found, drawn, sizes):
    """Say in words in which order rows come: those that were found, and those that were drawn."""
    rows, wanted = ([tuple(row) for row in table.tolist()] for table in (found, drawn))
    if not set(rows) <= set(wanted):
        if {row[::-1] for row in rows} <= set(wanted):
            return "Y before X"
        old = np.array_equal(found[:, 1], np.sort(drawn[:, 1]))
        return "rows of X beside the targets of others" + ", in their old order" * old
    if rows == wanted:
        return "each row once, in the order that was drawn"
    if sorted(rows) == sorted(wanted):
        return f"each row once, in {'the old' if rows == sorted(rows) else 'another'} order"
    if len(set(rows)) == len(rows):
        if rows == wanted[:len(rows)]:
            return "the last rows are missing"
        return f"{'the first' if rows == wanted[-len(rows):] else 'some'} rows are missing"
    if len(rows) == len(wanted):
        return "some rows come twice, others never"
    if rows[:len(wanted)] == wanted:
        return "each row once, as drawn, and then some of them again"
    again = rows == rows[:sizes[0]] * len(sizes)
    return "the same rows in each batch" if again else "some rows in more than one batch"
