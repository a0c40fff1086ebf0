"""On which side of a line a point lies: decided by doubles where they suffice, exactly where they do not."""

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Signs = NDArray[np.int8]
Places = NDArray[np.intp]

# J. R. Shewchuk, Adaptive Precision Floating-Point Arithmetic, 1997: the bound of the plain determinant's error.
BOUND: Final = (3 + 16 * 2.0**-53) * 2.0**-53
TINY: Final = 1e-280
# Between these, no product of two differences loses bits at either end of the doubles' range.
_SMALL, _LARGE = 1e-120, 1e120
_SPLIT: Final = 2.0**27 + 1


def turns(ax: Numbers, ay: Numbers, bx: Numbers, by: Numbers, px: Numbers, py: Numbers) -> tuple[Signs, Places]:
    """Tell on which side of the line from A to B each P lies: 1 left, -1 right, 0 on it; always right.

    Also gives the places in the arrays where doubles may not be enough, from whichever end they are taken.
    """
    along, up = bx - ax, by - ay
    ahead, aside = along * (py - ay), up * (px - ax)
    plain = ahead - aside
    # Beside an edge no product taken from its other end is larger than that of its whole length and height.
    products = np.abs(ahead) + np.abs(aside) + 3 * np.abs(along * up)
    unsure = np.flatnonzero(~(np.abs(plain) > BOUND * products + TINY))
    sign = np.sign(plain).astype(np.int8)
    if unsure.size:
        sign[unsure] = _exactly(*(each[unsure] for each in (ax, ay, bx, by, px, py)))
    return sign, unsure


def turn(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Tell on which side of the line from A to B one P lies: above 0 left, below 0 right, 0 on it; always right."""
    ahead, aside = (bx - ax) * (py - ay), (by - ay) * (px - ax)
    plain = ahead - aside
    if abs(plain) > BOUND * (abs(ahead) + abs(aside)) + TINY:
        return plain
    at_end = (px == ax and py == ay) or (px == bx and py == by)
    return 0 if at_end else _by_fractions(ax, ay, bx, by, px, py)


def doubted(
    sign: Signs, ax: Numbers, ay: Numbers, bx: Numbers, by: Numbers, px: Numbers, py: Numbers
) -> NDArray[np.bool_]:
    """Tell where plain doubles, as PostGIS takes them from either end of an edge, say something else."""
    there = (bx - ax) * (py - ay) - (px - ax) * (by - ay)
    back = (ax - bx) * (py - by) - (px - bx) * (ay - by)
    wrong: NDArray[np.bool_] = (np.sign(there) != sign) | (np.sign(back) != -sign)
    return wrong


def _exactly(ax: Numbers, ay: Numbers, bx: Numbers, by: Numbers, px: Numbers, py: Numbers) -> Signs:
    differences = [_difference(*pair) for pair in ((bx, ax), (py, ay), (by, ay), (px, ax))]
    along, over, up, beyond = (value for value, _ in differences)
    ahead, ahead_rest = _product(along, over)
    aside, aside_rest = _product(up, beyond)
    # Both products are exact sums of two doubles, the first the nearest one: they compare like two digits.
    sign = np.where(ahead != aside, np.sign(ahead - aside), np.sign(ahead_rest - aside_rest)).astype(np.int8)
    inexact = np.zeros(len(ax), dtype=bool)
    for value, rest in differences:
        inexact |= (rest != 0) | (np.abs(value) > _LARGE) | ((value != 0) & (np.abs(value) < _SMALL))
    for place in np.flatnonzero(inexact).tolist():
        sign[place] = _by_fractions(*(float(each[place]) for each in (ax, ay, bx, by, px, py)))
    return sign


def _difference(a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
    """Give a - b rounded, and what the rounding took."""
    value = a - b
    seen = a - value
    return value, (a - (value + seen)) + (seen - b)


def _product(a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
    """Give a · b rounded, and what the rounding took (T. J. Dekker, 1971)."""
    value = a * b
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    return value, a_low * b_low - (((value - a_high * b_high) - a_low * b_high) - a_high * b_low)


def _halves(a: Numbers) -> tuple[Numbers, Numbers]:
    large = _SPLIT * a
    high = large - (large - a)
    return high, a - high


def _by_fractions(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    x, y = Fraction(ax), Fraction(ay)
    turn = (Fraction(bx) - x) * (Fraction(py) - y) - (Fraction(by) - y) * (Fraction(px) - x)
    return (turn > 0) - (turn < 0)
