"""What a picture shows, in words: its caption, its title, its description."""

import math

from course.diagram.fold import Gap
from course.diagram.parts import Part


def caption(network, row, show):
    """Return which network and which sample a picture shows."""
    return network.name if show == "names" else f"{network.name}, sample {row + 1} of {len(network.X)}"


def title(network, row, light, show):
    """Return the picture's title: which network, which sample, which path."""
    words = f"{caption(network, row, show)}: a {'-'.join(map(str, network.layers_dims))} network"
    return f"{words}, lit from J back to {light.downstream[0].name}" if light.downstream else words


def description(view, values, light, own):
    """Return in words what the picture shows: the numbers, layer by layer, and what is lit."""
    def listed(kind, layer):
        return ", ".join(values.get(part, part.name) for part in view.parts(kind, layer))

    def weights(layer):
        texts = [values.get(part, part.name) for part in view.parts("w", layer)]
        width = len(view.neurons[layer])
        rows = [", ".join(texts[i:i + width]) for i in range(0, len(texts), width)]
        return f"weights W, a row for each neuron they leave: {'; '.join(rows)}. " if rows else ""

    sentences = []
    for layer in view.columns:
        if isinstance(layer, Gap):
            sentences.append(f"Layers {layer.first} to {layer.last} are not drawn.")
        elif layer == 0:
            sentences.append(f"Input x{_drawn_of(view, 0)}: {listed('x', 0)}.")
        else:
            sentences.append(f"Layer {layer}{_drawn_of(view, layer)}: {weights(layer)}Biases b: {listed('b', layer)}. "
                             f"z: {listed('z', layer)}. x: {listed('x', layer)}.")
            if Part("d", layer, (1,)) in values:
                sentences.append(f"Deltas: {listed('d', layer)}.")
    if values:
        cost = values[Part("J", view.last + 1)]
        sentences.append(f"Target y: {listed('y', view.last)}. Cost J: {cost}.")
    if own:
        sentences.append(f"Your own numbers are shown for {' and '.join(own)}.")
    return " ".join(sentences + _lit_in_words(view, values, light))


def _drawn_of(view, layer):
    """Return which of a layer's neurons are drawn, where not all are."""
    if len(view.neurons[layer]) == view.dims[layer]:
        return ""
    return f" ({view.dims[layer]:,} neurons; drawn are {runs(view.neurons[layer])})"


def runs(numbers):
    """Return numbers in order as text: 1 to 8, 30, 61 to 64."""
    texts, start = [], None
    for number, after in zip(numbers, (*numbers[1:], None), strict=True):
        start = start or number
        if after != number + 1:
            texts.append(f"{start} to {number}" if start < number else str(number))
            start = None
    return ", ".join(texts)


def _lit_in_words(view, values, light):
    """Return sentences that name what is lit; a path is read from right to left, as a derivative is."""
    def told(parts):
        return ", ".join(f"{part.name} = {values[part]}" if part in values else part.name for part in parts)

    def backwards(path):
        return told(part for part in reversed(path) if part.kind != "J" or not part.index)

    sentences = []
    alone = light.named[1:] if light.downstream else light.named
    if light.paths:
        letters = ["path"] if len(light.paths) == 1 else ["path A", "path B"]
        sentences += [f"Lit {letter}, from right to left: {backwards(path)}."
                      for letter, path in zip(letters, light.paths, strict=True)]
    elif light.downstream:
        sentences.append(_paths_in_words(view, light.downstream[0].layer, told(light.downstream[:1])))
    if alone:
        sentences.append(f"Lit: {told(alone)}.")
    return sentences


def _paths_in_words(view, layer, start):
    """Return how many paths lead from J back to the start in a layer, and how many of them are not drawn."""
    count = math.prod(view.dims[layer + 1:])
    hidden = [each for each in view.columns if isinstance(each, Gap) and each.first > layer]
    drawn = 0 if hidden else math.prod(map(len, view.neurons[layer + 1:]))
    if drawn == count:
        return f"Lit: all {count} paths from J back to {start}."
    if not hidden:
        return (f"Lit: {drawn:,} of the {count:,} paths from J back to {start}; "
                f"the other {count - drawn:,} lead through neurons that are not drawn.")
    layers = " and ".join(f"{gap.first} to {gap.last}" for gap in hidden)
    return (f"Lit: what is drawn of the {count:,} paths from J back to {start}; "
            f"all of them lead through layers {layers}, which are not drawn.")
