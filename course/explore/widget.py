"""The widget behind the explorers; imported only where a browser will show it."""

from pathlib import Path

import traitlets

from course.diagram import alive
from course.diagram.live_widget import network_state
from course.networks import Network

_HERE = Path(__file__).parent
_SHARED = ("live_numbers", "live_elements", "live_controls", "alive")
_SCRIPTS = ("base", "slope", "surface", "region", "explore")


class Explorer(alive.Alive):
    """An explorer that computes in the browser."""

    _esm = alive.joined(*(alive.HERE / f"{name}.js" for name in _SHARED), *(_HERE / f"{name}.js" for name in _SCRIPTS))
    _css = alive.joined(alive.HERE / "live.css", _HERE / "base.css")

    kind = traitlets.Unicode().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, still):
        """Begin where a Still stands."""
        state = {name: network_state(value) if isinstance(value, Network) else value
                 for name, value in still.state.items()}
        super().__init__(still.picture, svg=still.picture.svg, kind=still.kind, state=state)
