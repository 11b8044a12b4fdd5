"""Round numbers for the ticks of an axis, and how they are written."""

import math

DIGITS = 12  # significant, of ticks: 0.1 + 0.2 is 0.3
DECADES = 3  # a logarithmic axis that shows fewer has ticks at 2 and 5 as well
LARGEST, SMALLEST = 1e6, 1e-4  # that are not written with an exponent


def ticks(interval, most):
    """Return round numbers within an interval, at most about `most`."""
    low, high = interval
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    by = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * (1 - 1e-9))
    return [float(f"{k * by:.{DIGITS}g}") for k in range(math.ceil(low / by - 1e-9), math.floor(high / by + 1e-9) + 1)]


def logarithmic_ticks(interval, most):
    """Return powers of ten within an interval of positive numbers, at most about `most`; of a small one 1, 2, 5, 10."""
    low, high = interval
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if math.log10(high) - math.log10(low) < DECADES:
        found = [float(f"{each}e{k}") for k in range(first - 1, last + 1) for each in (1, 2, 5)]
        return [tick for tick in found if low <= tick * (1 + 1e-9) and tick <= high * (1 + 1e-9)]
    every = math.ceil((last - first + 1) / most)
    return [float(f"1e{k}") for k in range(first, last + 1) if k % every == 0]


def tick_text(tick):
    """Return a tick's number in full, with a true minus sign: 0.05, −2, 1e−5."""
    size = abs(tick)
    if size == 0 or SMALLEST <= size < LARGEST:
        digits = f"{size:.{DIGITS}g}"
    else:
        mantissa, _, exponent = f"{size:.{DIGITS - 1}e}".partition("e")
        digits = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return ("-" * (tick < 0) + digits).replace("-", "\u2212")
