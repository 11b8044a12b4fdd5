"""Connects to a service of this machine, to its abstract sockets, and to the internet; reaches nobody."""


def connecting(family, address):
    return [
        (
            "data",
            f"""
import socket

link = socket.socket(socket.{family})
link.settimeout(1)
try:
    link.connect({address})
    print("connected to", {address!r})
except OSError as error:
    print(error)
""",
        )
    ]


FAMILY = {
    "loopback": connecting("AF_INET", "('127.0.0.1', @PORT@)"),
    "outside": connecting("AF_INET", "('1.1.1.1', 53)"),
    "abstract": connecting("AF_UNIX", "'\\0HOSTILE-@PORT@'"),
}
SCORE = 10.0
STATE = ("graded", "graded, code raised")
ABSENT = "connected to"
