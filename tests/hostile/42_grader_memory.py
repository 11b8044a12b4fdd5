"""Searches the memory of the process above, and its own, for what the grader knows; finds nothing."""

SEARCH = """
import re
import time

until = time.monotonic() + 1.5


def regions(pid):
    with open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            place, rights, *_ = line.split()
            begin, end = (int(part, 16) for part in place.split("-"))
            if rights.startswith("rw") and end - begin < 1 << 26:
                yield begin, end - begin


def search(pid, read):
    try:
        for begin, size in regions(pid):
            if time.monotonic() > until:
                break
            for found in set(re.findall(rb"CANARY-[a-z]+", read(pid, begin, size))):
                print(pid, found.decode())
    except OSError as error:
        print(pid, error)
"""

READ_FILE = """
import os


def read_file(pid, begin, size):
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        memory.seek(begin)
        return memory.read(size)


for pid in {os.getppid(), os.getpid()} - {0}:
    search(pid, read_file)
"""

READ_DIRECTLY = """
import ctypes
import os


class Piece(ctypes.Structure):
    _fields_ = [("begin", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def read_directly(pid, begin, size):
    buffer = ctypes.create_string_buffer(size)
    here, there = Piece(ctypes.addressof(buffer), size), Piece(begin, size)
    call = ctypes.CDLL(None, use_errno=True).process_vm_readv
    if call(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "process_vm_readv")
    return buffer.raw


if os.getppid():
    search(os.getppid(), read_directly)
"""

FAMILY = {"file": [("data", SEARCH + READ_FILE)], "call": [("data", SEARCH + READ_DIRECTLY)]}
SCORE = 10.0
STATE = "graded"
