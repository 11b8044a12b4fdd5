"""A network's picture as a table: the same numbers for screen readers and terminals."""

from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from course.diagram.compose import compose
from course.diagram.fold import Gap
from course.diagram.parts import Part
from course.diagram.values import gradient_texts

_STYLE = "text-align:left;padding:2px 10px;vertical-align:top"


class Cell(NamedTuple):
    """One number of a table: the part that it belongs to, its name before it (or ""), its text, and its gradient."""

    part: Part
    name: str
    text: str
    gradient: str = ""

    def __str__(self):
        text = f"{self.name} = {self.text}" if self.name and self.text else self.name or self.text
        return f"{text} (dJ/d{self.part.kind} = {self.gradient})" if self.gradient else text


@dataclass(frozen=True, repr=False)
class Table:
    """A finished table: JupyterLab shows it as HTML, `print` as columns of text.

    Attributes:
        caption: which network, which sample.
        head: the columns' names.
        rows: for each neuron a tuple with a list of `Cell` or texts for each column; for what is not drawn, and for
            the cost, one with a single text.
    """

    caption: str
    head: tuple
    rows: tuple

    def html(self, hooks=False):
        """Return the table as HTML; with `hooks` its numbers say in `data-part` whose they are.

        Args:
            hooks: whether each number stands in a span with `data-part` and with the `data-role` "cell", or
                "gradient" for a derivative of J.
        """
        head = "".join(f'<th scope="col" style="{_STYLE}">{escape(name)}</th>' for name in self.head)
        rows = "".join(f"<tr>{self._html_row(row, hooks)}</tr>" for row in self.rows)
        return (f'<table style="border-collapse:collapse"><caption style="{_STYLE}">{escape(self.caption)}</caption>'
                f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")

    def _html_row(self, row, hooks):
        if len(row) == 1:
            return f'<td colspan="{len(self.head)}" style="{_STYLE}">{_html(row[0], hooks)}</td>'
        tags = ["th scope=\"row\"", "th scope=\"row\"", *["td"] * (len(row) - 2)]
        return "".join(f'<{tag} style="{_STYLE}">{_html(cells, hooks)}</{tag[:2]}>'
                       for tag, cells in zip(tags, row, strict=True))

    def _repr_html_(self):
        return f'<div style="max-width:100%;overflow-x:auto">{self.html()}</div>'

    def __repr__(self):
        texts = [self.head, *([", ".join(map(str, cells)) for cells in row] for row in self.rows)]
        full = [row for row in texts if len(row) > 1]
        widths = [max(len(row[i]) for row in full) for i in range(len(self.head))]
        lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False)) for row in texts]
        return "\n".join([self.caption, *(line.rstrip() for line in lines)])


def table(network, row=0, *, path=None, light=(), show="forward", z=None, x=None, gradients=False):
    """Tell a network with the numbers of one sample as a table, a row for each neuron.

    Args:
        network, row, path, light, show, z, x: as for `draw`; of a large network the same neurons are told.
        gradients: whether each weight and bias is followed by the derivative of J by it, for this sample.

    Returns:
        A `Table`.

    Raises:
        IndexError, ValueError: as `draw`.
    """
    composed = compose(network, row, path=path, light=light, show=show, z=z, x=x)
    view, values = composed.view, composed.values
    slopes = gradient_texts(network, row, view.all_parts()) if gradients else {}

    def cell(kind, layer, index, name=""):
        part = Part(kind, layer, index)
        return Cell(part, name and part.name, values.get(part, part.name if not name else ""), slopes.get(part, ""))

    rows = []
    for layer in view.columns:
        if isinstance(layer, Gap):
            rows.append(([f"layers {layer.first} to {layer.last}: … {layer.count} more layers"],))
            continue
        where = "input" if layer == 0 else f"layer {layer}"
        for neuron in view.rows(layer):
            if isinstance(neuron, Gap):
                rows.append(([f"{where}, neurons {neuron.first:,} to {neuron.last:,}: … {neuron.count:,} more"],))
                continue
            own = (neuron,)
            starts = view.neurons[layer - 1] if layer else ()
            rows.append((
                [_layer_name(view, layer)], [str(neuron)],
                [cell("z", layer, own)] if layer else [],
                [cell("x", layer, own)],
                [cell("b", layer, own)] if layer else [],
                [cell("w", layer, (start, neuron), "w") for start in starts],
            ))
    if values:
        targets = ", ".join(str(cell("y", view.last, (neuron,))) for neuron in view.neurons[view.last])
        more = " and more" if len(view.neurons[view.last]) < view.dims[-1] else ""
        rows.append(([f"target y = {targets}{more}"],))
        rows.append(([Cell(Part("J", view.last + 1), "cost J", values[Part("J", view.last + 1)])],))
    head = ("layer", "neuron", "z", "x", "b", "weights into it")
    return Table(composed.title, head, tuple(rows))


def _layer_name(view, layer):
    return "input" if layer == 0 else f"{layer} (output)" if layer == view.last else str(layer)


def _html(cells, hooks):
    """Return the HTML of what stands in one field of a table."""
    return ", ".join(_hooked(cell) if hooks and isinstance(cell, Cell) else escape(str(cell)) for cell in cells)


def _hooked(cell):
    """Return a number in a span that a script finds, and its gradient in another."""
    where = f'data-part="{cell.part.key}" data-role'
    text = f'{escape(cell.name)} = ' if cell.name else ""
    text += f'<span {where}="cell">{escape(cell.text)}</span>'
    if cell.gradient:
        text += f' (dJ/d{cell.part.kind} = <span {where}="gradient">{escape(cell.gradient)}</span>)'
    return text
