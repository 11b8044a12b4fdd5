"""A confusion matrix."""

import numpy as np

from course.diagram import ORANGE, picture_of, text

CELL, MOST_CLASSES = 46, 20  # pixels of a cell of a confusion matrix; classes that it has room for


def confusion(matrix, classes=None, title="What is taken for what"):
    """Draw a confusion matrix: a row for each true class, a column for each class that was said.

    Right answers lie on the diagonal, framed; mistakes beside it are bold, on a ground that is the darker the more
    there are.

    Args:
        matrix: counts, shape (k, k), as scikit-learn's `confusion_matrix(truth, said)` gives them.
        classes: names of the classes; without them their numbers.
        title: what stands above.

    Returns:
        A Picture, which JupyterLab shows and `print` tells in words.

    Raises:
        ValueError: if it is no square table of counts, or has more than 20 classes.
    """
    matrix = np.asarray(matrix)
    k = len(matrix) if matrix.ndim == 2 else 0
    if matrix.shape != (k, k) or not 0 < k <= MOST_CLASSES or matrix.dtype.kind not in "biu" or np.any(matrix < 0):
        raise ValueError(f"A confusion matrix is a square table of counts, of {MOST_CLASSES} classes at most; "
                         f"this has shape {matrix.shape}.")
    names = [str(i) if classes is None else str(classes[i]) for i in range(k)]
    left = 58 + 7 * max(map(len, names))
    most = max(1, int(np.max(matrix - np.diag(np.diag(matrix)))))
    shapes, texts = [], [text(title, 0, 13, "start", strong=True),
                         text("what the network says", left + k * CELL / 2, 36, faded=False),
                         text("truth", 0, 66 + k * CELL / 2, "start", faded=False)]
    for i in range(k):
        down = 66 + (i + 0.62) * CELL
        texts += [text(names[i], left + (i + 0.5) * CELL, 56, faded=False),
                  text(names[i], left - 8, down, "end", faded=False),
                  text(_share(matrix[i, i], matrix[i].sum()), left + k * CELL + 12, down, "start", faded=False)]
        for j in range(k):
            x, count = left + j * CELL, int(matrix[i, j])
            shapes += _box(x, 66 + i * CELL, count / most, i == j)
            texts.append(text(str(count) if count or i == j else "·", x + CELL / 2, down,
                              strong=i != j and count > 0, faded=False))
    pairs = [(int(matrix[i, j]), names[i], names[j]) for i in range(k) for j in range(k) if i != j and matrix[i, j]]
    worst = [f"{count} times {truth} was read as {told}" for count, truth, told in sorted(pairs, key=lambda p: -p[0])]
    silent = [names[j] for j in range(k) if not matrix[:, j].any()]
    description = (f"{int(np.trace(matrix))} of {int(matrix.sum())} are right. "
                   + ("; ".join(worst[:5]) or "Nothing is mistaken") + "."
                   + (f" Never said: {', '.join(silent)}." if silent else ""))
    width, height = left + k * CELL + 150, 76 + k * CELL
    return picture_of(width, height, shapes, texts, title, description, round(0.75 * width))


def _box(x, y, share, is_right):
    """Return what a cell's number stands on: a frame if the answers are right, a ground if there are wrong ones."""
    if not (is_right or share):
        return []
    look = ('fill="none" stroke-width="1.4"' if is_right else
            f'fill="{ORANGE}" fill-opacity="{0.15 + 0.35 * share:.2g}" stroke="none"')
    return [f'<rect x="{x + 1}" y="{y + 1}" width="{CELL - 2}" height="{CELL - 2}" {look}/>']


def _share(part, whole):
    return f"{100 * part / whole:.0f} % of {whole}" if whole else "none"
