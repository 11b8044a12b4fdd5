"""Ignores every signal, catches every exception and goes on; it is ended all the same."""

ANSWERS = {
    "value": """
import signal

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
}
SCORE = 8.0
STATE = "stopped: timed out in value"
