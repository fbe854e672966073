#!/usr/bin/env python3
"""Prints the coefficients of the polynomials in src/quick.rs.

Purpose
    Taylor's series of sine and cosine for an angle r in degrees, as polynomials in z = r^2 (the
    sine divided by r), economized on |r| <= 45: the highest power z^n is replaced by z^n less
    Z^n T(z/Z) / 2^(2n-1), where Z = 45^2 and T is the Chebyshev polynomial of degree n shifted to
    [0, 1]. All with 60 digits, by mpmath.

Usage
    pip install mpmath
    python3 tests/golden/quick.py

Output
    For each replaced power what it costs, at most, in the sine or the cosine. For each coefficient
    the nearest double, and how far it is from the coefficient, relatively. Both in units of 2^-53.
    The first coefficient of the cosine is taken to be 1, which costs what its line says.
"""

import sys

from mpmath import chebyt, factorial, mp, mpf, nstr, pi, taylor

mp.dps = 60
UNIT = mpf(2) ** -53
GREATEST_Z = mpf(45) ** 2


def in_units(value):
    return nstr(value / UNIT, 4)


def economize(name, coefficients, scale):
    """The coefficients, lowest first, without the highest power."""
    degree = len(coefficients) - 1
    shifted = [mpf(round(c)) for c in taylor(lambda s: chebyt(degree, 2 * s - 1), 0, degree)]
    assert shifted[degree] == 2 ** (2 * degree - 1) and abs(sum(shifted)) == 1
    cost = coefficients[degree] * GREATEST_Z**degree / shifted[degree]
    print(f"{name}: z^{degree} replaced, at most {in_units(abs(cost) * scale)}")
    replacement = [cost * t / GREATEST_Z**power for power, t in enumerate(shifted)]
    return [c - r for c, r in zip(coefficients, replacement)][:-1]


def show(name, coefficients):
    for power, value in enumerate(coefficients):
        error = in_units((float(value) - value) / value)
        print(f"{name}: z^{power} {float(value)!r}, off by {error}")


def main():
    if len(sys.argv) > 1:
        print(__doc__)
        return
    degree = pi / 180
    sine = [(-1) ** j * degree ** (2 * j + 1) / factorial(2 * j + 1) for j in range(9)]
    cosine = [(-1) ** j * degree ** (2 * j) / factorial(2 * j) for j in range(9)]
    show("sine", economize("sine", economize("sine", sine, 45), 45))
    show("cosine", economize("cosine", cosine, 1))


if __name__ == "__main__":
    main()
