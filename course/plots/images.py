"""Images and what a network says that they are."""

import numpy as np

from course.diagram import ORANGE, path, picture_of, px, text
from course.plots.panel import NARROWEST

TILE, GAP, COLUMNS, MOST_TILES = 66, 14, 10, 30  # pixels of a digit, between two, digits in a row, digits in all
LEVELS = 8  # of grey: a pixel is drawn with the nearest


def digits(images, labels, said=None, *, shape=None, classes=None, most=MOST_TILES, title=None):
    """Draw images in a grid, each with what it is; with `said` the wrongly read ones come first, framed and crossed.

    Args:
        images: shape (n, d), values from 0 (paper) to 1 (ink).
        labels: what they are, shape (n,), whole numbers.
        said: what a network says that they are, shape (n,).
        shape: height and width of an image; without it they are square.
        classes: names of the classes; without them their numbers.
        most: how many to draw.
        title: what stands above; without it, how many are wrong.

    Returns:
        A Picture, which JupyterLab shows and `print` tells in words.

    Raises:
        ValueError: if the shapes do not fit each other.
    """
    images, labels, said, shape = _as_images(images, labels, said, shape)
    name = (lambda k: str(classes[k])) if classes is not None else str
    is_wrong = np.zeros(len(labels), dtype=bool) if said is None else said != labels
    chosen = np.argsort(~is_wrong, kind="stable")[:most]
    count = int(is_wrong.sum())
    if title is None:
        title = f"{len(chosen)} images" if said is None else (
            f"{count} of {len(labels)} are wrong" + ("; these come first" if 0 < count < len(chosen) else ""))
    shapes, texts, told = [], [text(title, 0, 13, "start", strong=True)], []
    inks = [[] for _ in range(LEVELS + 1)]
    for place, i in enumerate(chosen):
        x, y = place % COLUMNS * (TILE + GAP) + 2, place // COLUMNS * (TILE + 2.6 * GAP) + 26
        _ink(inks, images[i].reshape(shape), x, y)
        look = f'stroke="{ORANGE}" stroke-width="2.6"' if is_wrong[i] else 'stroke-width="0.6"'
        shapes.append(f'<rect x="{x}" y="{px(y)}" width="{TILE}" height="{TILE}" fill="none" {look}/>')
        label = f"✘ {name(said[i])}, is {name(labels[i])}" if is_wrong[i] else name(labels[i])
        texts.append(text(label, x + TILE / 2, y + TILE + 15, strong=bool(is_wrong[i]), faded=False))
        told.append(f"{name(labels[i])} read as {name(said[i])}" if is_wrong[i] else name(labels[i]))
    greys = [path("".join(ink), fill="currentColor", fill_opacity=f"{level / LEVELS:g}", stroke="none",
                  shape_rendering="crispEdges") for level, ink in enumerate(inks) if ink]
    rows = -(-len(chosen) // COLUMNS)
    size = (COLUMNS * (TILE + GAP), 26 + rows * (TILE + 2.6 * GAP))
    description = f"{title}. Drawn, row by row: {'; '.join(told)}."
    return picture_of(*size, [*greys, *shapes], texts, title, description, NARROWEST)


def _as_images(images, labels, said, shape):
    """Return images, labels, what was said and the shape of an image, as they fit each other.

    Raises:
        ValueError: if they do not.
    """
    images, labels = np.asarray(images, dtype=np.float64), np.asarray(labels)
    if images.ndim != 2 or labels.shape != images.shape[:1]:
        raise ValueError(f"There should be a row and a label for each image; images have shape {images.shape}, "
                         f"labels {labels.shape}.")
    said = None if said is None else np.asarray(said)
    if said is not None and said.shape != labels.shape:
        raise ValueError(f"What is said has shape {said.shape}; expected {labels.shape}, one for each image.")
    side = int(round(images.shape[1] ** 0.5))
    shape = tuple(shape or (side, side))
    if len(shape) != 2 or shape[0] * shape[1] != images.shape[1]:
        raise ValueError(f"An image of {images.shape[1]} pixels has not the shape {shape}: give shape=(height, width).")
    return images, labels, said, shape


def _ink(inks, image, x, y):
    """Add an image's pixels to the paths of their greys: runs of one grey in a row are one rectangle."""
    height, width = image.shape
    side = TILE / max(height, width)
    x, y = x + (TILE - side * width) / 2, y + (TILE - side * height) / 2
    greys = np.nan_to_num(np.clip(image, 0, 1) * LEVELS).round().astype(int)
    for row, line in enumerate(greys):
        starts = [0, *(np.flatnonzero(np.diff(line)) + 1), width]
        for start, end in zip(starts[:-1], starts[1:], strict=True):
            if line[start]:
                inks[line[start]].append(f"M{x + side * start:.4g} {y + side * row:.4g}h{side * (end - start):.4g}"
                                         f"v{side:.4g}h-{side * (end - start):.4g}z")
