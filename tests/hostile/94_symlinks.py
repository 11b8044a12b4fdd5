"""Hands in a link to another's notebook, to the instructor's source, or to a device without end; nobody follows it."""

from hostile.corpus import FILE


def linked_to(*parts):
    return lambda released, folder: (folder / FILE).symlink_to(folder.parents[2].joinpath(*parts))


FAMILY = {
    "neighbour": linked_to("submitted", "00_honest", "60-target", FILE),
    "source": linked_to("source", "60-target", FILE),
    "device": linked_to("/dev/zero"),
}
SCORE = None
STATE = ("refused: ", "unreadable: ", "missing: ")
