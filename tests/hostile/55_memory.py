"""Takes three gigabytes: in one process, after lifting its limits, or in many processes; it does not get them."""

TAKE = """
def take(gigabytes):
    taken = []
    for _ in range(int(gigabytes * 64)):
        taken.append(bytearray(16 << 20))
    print("HOSTILE", "took it all")
    return taken


"""

FAMILY = {
    "one": {"value": f"{TAKE}taken = take(3)\nvalue = 0.0"},
    "lifted": {
        "value": f"""{TAKE}
import resource

for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_RSS):
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (OSError, ValueError):
        _, most = resource.getrlimit(kind)
        resource.setrlimit(kind, (most, most))
taken = take(3)
value = 0.0
"""
    },
    "many": {
        "value": """
import os
import time

reading, writing = os.pipe()
for _ in range(15):
    if os.fork() == 0:
        try:
            taken = [bytearray(16 << 20) for _ in range(12)]
            os.write(writing, b".")
            time.sleep(2)
        finally:
            os._exit(0)
os.close(writing)
if len(b"".join(iter(lambda: os.read(reading, 99), b""))) > 5:
    print("HOSTILE", "took it all")
value = 0.0
"""
    },
}
SCORE = 8.0
STATE = ("graded", "graded, code raised", "stopped")
ABSENT = "HOSTILE took it all"  # in two words above, since a traceback may show the line
HARMS = "it takes 3 GB of memory"
