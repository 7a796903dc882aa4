"""Chance that repeats on every machine.

Only `random.Random(int).random()`, which Python guarantees to repeat, and + - * / on it: no
result depends on a maths library, on the hash seed, or on the order of a set.
"""

from __future__ import annotations

import random
from itertools import pairwise

SEED = 20250301


class Dice:
    """Repeatable draws; each `stream` is a sequence of its own."""

    def __init__(self, stream: int) -> None:
        self.unit = random.Random(SEED + stream).random

    def chance(self, probability: float) -> bool:
        """Return true with the given probability."""
        return self.unit() < probability

    def between(self, low: float, high: float) -> float:
        """Return a number in [low, high)."""
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """Return a whole number in low .. high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def pick(self, weighted):
        """Return the value of one of the (value, weight) pairs."""
        left = self.unit() * sum(weight for _, weight in weighted)
        for value, weight in weighted:
            left -= weight
            if left < 0:
                return value
        return weighted[-1][0]

    def quantile(self, table) -> float:
        """Return a draw from a distribution given as (probability, value) pairs."""
        return interpolate(table, self.unit())

    def hexadecimal(self, length: int) -> str:
        """Return that many hexadecimal digits, the first of them not 0."""
        digits = [self.whole(1, 15)] + [self.whole(0, 15) for _ in range(length - 1)]
        return "".join("0123456789abcdef"[digit] for digit in digits)


def interpolate(table, x: float) -> float:
    """Return y at x of a piecewise linear function given as (x, y) pairs."""
    for (x0, y0), (x1, y1) in pairwise(table):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return table[-1][1]
