"""The widget behind `diagram.live`; imported only where a browser will show it."""

import math

import traitlets

from course.diagram.alive import HERE, Alive, joined
from course.diagram.compose import compose
from course.diagram.parts import find

_SCRIPTS = ("live_numbers", "live_elements", "live_controls", "live_picture", "live_equation", "live_table", "alive",
            "live")


class LivePicture(Alive):
    """A network picture that computes in the browser.

    Attributes:
        row, x, weight, weight_value: what is chosen; they follow the sliders, and the sliders follow them.
        picture: the still Picture, with the paths of the first weight lit.
    """

    _esm = joined(*(HERE / f"{name}.js" for name in _SCRIPTS))
    _css = joined(HERE / "live.css")

    network = traitlets.Dict().tag(sync=True)
    row = traitlets.Int().tag(sync=True)
    x = traitlets.List(traitlets.Float()).tag(sync=True)
    weight = traitlets.Unicode().tag(sync=True)
    weight_value = traitlets.Float().tag(sync=True)

    def __init__(self, still, network):
        """Take the numbers of a Network and begin where a Still stands."""
        composed = compose(network, still.row, path=still.weight, live=True)
        self._network = network
        self._drawn = {part.name for part in composed.view.all_parts() if part.kind == "w"}
        super().__init__(
            still.picture,
            svg=composed.picture(hooks=True).svg,
            network=network_state(network),
            row=still.row,
            x=still.x,
            weight=still.weight,
            weight_value=still.weight_value,
        )

    @traitlets.validate("row")
    def _is_there(self, proposal):
        n = len(self._network.X)
        if not 0 <= proposal.value < n:
            raise traitlets.TraitError(f"There is no row {proposal.value} in {self._network.name}: 0 to {n - 1}.")
        return proposal.value

    @traitlets.validate("x")
    def _fits(self, proposal):
        n = self._network.layers_dims[0]
        if len(proposal.value) != n or not all(map(math.isfinite, proposal.value)):
            raise traitlets.TraitError(f"x is {proposal.value}: expected {n} numbers.")
        return proposal.value

    @traitlets.validate("weight")
    def _is_drawn(self, proposal):
        name = find(self._network, proposal.value, "w").name
        if name not in self._drawn:
            raise traitlets.TraitError(f"{name} is not drawn here: show it with diagram.live(..., weight={name!r}).")
        return name


def network_state(network):
    """Return what the browser needs of a Network: its name, layers_dims, samples, weights and biases as lists."""
    return {
        "name": network.name,
        "dims": list(network.layers_dims),
        "X": network.X.tolist(),
        "Y": network.Y.tolist(),
        "W": [W.tolist() for W in network.W],
        "b": [b.ravel().tolist() for b in network.b],
    }
