"""The widget behind `diagram.live`; imported only where a browser will show it."""

import traitlets

from course.diagram.alive import HERE, Alive, joined
from course.diagram.compose import compose

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
        super().__init__(
            still.picture,
            svg=compose(network, still.row, live=True).picture(hooks=True).svg,
            network=network_state(network),
            row=still.row,
            x=still.x,
            weight=still.weight,
            weight_value=still.weight_value,
        )


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
