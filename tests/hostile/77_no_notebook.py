"""Hands in a list, a web page or a notebook without cells; it is unreadable."""

from hostile.corpus import FILE

FAMILY = {
    "list": lambda released, folder: (folder / FILE).write_text("[1, 2, 3]"),
    "page": lambda released, folder: (folder / FILE).write_text("<!DOCTYPE html><title>Please sign in</title>"),
    "cells": lambda released, folder: (folder / FILE).write_text('{"nbformat": 4, "cells": {"value": "value = 1"}}'),
}
SCORE = None
STATE = "unreadable: "
