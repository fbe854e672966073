#!/usr/bin/env python3
"""Writes the golden values that tests/metric.rs holds farthest's geodesics against.

Purpose
    Geodesic distances on four oblate ellipsoids from a source that shares nothing with the crate: no series, but the
    integrals for longitude and length (Karney 2013, equations 7 and 8) by Gauss-Legendre quadrature with 40 digits,
    and the azimuth that gives the wanted longitude by bisection and secants. The degrees are decimal numbers; each
    is rounded to a double first, as any reader of a city list does, and everything after that is exact.

Usage
    pip install mpmath
    python3 tests/golden/geodesic.py [FOLDER]           (some minutes)

Output
    FOLDER/geodesic.tsv (by default beside this script), some 600 pairs, more than half of them near antipodes:
        case, a_km, inverse_flattening, lat_1, lon_1, lat_2, lon_2 (degrees), km, tail
    km has 25 digits; its tail is what is left of it after rounding it to the nearest double. The random cases have a
    fixed seed: the output is always the same.
"""

import os
import random
import sys

from mpmath import asin, atan2, cos, hypot, mp, mpf, nstr, pi, sin, sqrt

mp.dps = 40
RANDOM = random.Random(20130104)
ELLIPSOIDS = {
    "wgs84": ("6378.137", "298.257223563"),
    "grs80": ("6378.137", "298.257222101"),
    "mars": ("3396.19", "169.89444722361179"),
    "flat": ("6400", "50"),
}


def gauss_legendre(count):
    """Nodes and weights on [-1, 1], by Newton's method on the Legendre polynomial."""
    rule = []
    for i in range(count):
        x = cos(pi * (i + mpf(3) / 4) / (count + mpf(1) / 2))
        for _ in range(8):
            before, value = mpf(1), x
            for k in range(2, count + 1):
                before, value = value, ((2 * k - 1) * x * value - (k - 1) * before) / k
            slope = count * (x * value - before) / (x * x - 1)
            x -= value / slope
        rule.append((x, 2 / ((1 - x * x) * slope * slope)))
    return rule


RULE = gauss_legendre(36)


def integral(function, start, end):
    middle, half = (start + end) / 2, (end - start) / 2
    return half * sum(weight * function(middle + half * x) for x, weight in RULE)


class Ellipsoid:
    def __init__(self, a, inverse):
        self.a = mpf(float(a))
        self.f = 1 / mpf(float(inverse))
        self.b = self.a * (1 - self.f)
        self.second = self.f * (2 - self.f) / (1 - self.f) ** 2

    def line(self, beta1, beta2, alpha1):
        """Ends of the arc, sin of the azimuth at the equator, and k squared."""
        sin0 = sin(alpha1) * cos(beta1)
        cos0 = hypot(cos(alpha1), sin(alpha1) * sin(beta1))
        along1 = cos(alpha1) * cos(beta1)
        along2 = sqrt(max(mpf(0), along1 ** 2 + (cos(beta2) ** 2 - cos(beta1) ** 2)))
        sigma1 = atan2(sin(beta1), along1)
        sigma2 = atan2(sin(beta2), along2)
        omega1 = atan2(sin0 * sin(beta1), along1)
        omega2 = atan2(sin0 * sin(beta2), along2)
        return sigma1, sigma2, omega2 - omega1, sin0, self.second * cos0 ** 2

    def longitude(self, beta1, beta2, alpha1):
        sigma1, sigma2, omega, sin0, k2 = self.line(beta1, beta2, alpha1)
        f = self.f
        part = integral(
            lambda s: (2 - f) / (1 + (1 - f) * sqrt(1 + k2 * sin(s) ** 2)), sigma1, sigma2
        )
        return omega - f * sin0 * part

    def length(self, beta1, beta2, alpha1):
        sigma1, sigma2, _, _, k2 = self.line(beta1, beta2, alpha1)
        return self.b * integral(lambda s: sqrt(1 + k2 * sin(s) ** 2), sigma1, sigma2)

    def distance(self, first, second):
        # Differences of doubles in 40 digits are exact.
        (lat1, lon1), (lat2, lon2) = [[mpf(float(x)) for x in place] for place in (first, second)]
        turn = abs(lon1 - lon2) % 360
        wanted = min(turn, 360 - turn) * pi / 180
        if abs(lat2) > abs(lat1):
            lat1, lat2 = lat2, lat1
        if lat1 > 0:
            lat1, lat2 = -lat1, -lat2
        beta1, beta2 = [self.parametric(lat) for lat in (lat1, lat2)]
        if lat1 == -90 or wanted == 0:
            return self.length(beta1, beta2, mpf(0) if wanted == 0 or lat1 == -90 else pi)
        if wanted == pi:
            return self.length(beta1, beta2, pi)
        if lat1 == 0 and wanted <= pi * (1 - self.f):
            return self.a * wanted
        if lat1 == 0:
            # The limit from the south.
            beta1 = -mpf(10) ** -60
        return self.length(beta1, beta2, self.azimuth(beta1, beta2, wanted))

    def parametric(self, lat):
        if abs(lat) == 90:
            return pi / 2 if lat > 0 else -pi / 2
        phi = lat * pi / 180
        return atan2((1 - self.f) * sin(phi), cos(phi))

    def azimuth(self, beta1, beta2, wanted):
        """Illinois' variant of regula falsi, between azimuths that hold the only solution."""
        def off(alpha):
            return self.longitude(beta1, beta2, alpha) - wanted

        low, high = mpf(10) ** -45, pi - mpf(10) ** -45
        # Bisection first, so that the secants begin near the solution.
        for _ in range(24):
            middle = (low + high) / 2
            if off(middle) > 0:
                high = middle
            else:
                low = middle
        off_low, off_high = off(low), off(high)
        side = 0
        for _ in range(60):
            if off_high == off_low:
                break
            middle = (low * off_high - high * off_low) / (off_high - off_low)
            value = off(middle)
            if abs(value) < mpf(10) ** -36:
                break
            if value > 0:
                high, off_high = middle, value
                off_low = off_low / 2 if side == 1 else off_low
                side = 1
            else:
                low, off_low = middle, value
                off_high = off_high / 2 if side == -1 else off_high
                side = -1
        return middle


def text(value):
    return f"{value:.9f}"


def place():
    return float(asin(RANDOM.uniform(-1, 1)) * 180 / pi), RANDOM.uniform(-180, 180)


def bounded(lat, lon):
    lon = lon - 360 if lon > 360 else lon + 360 if lon < -180 else lon
    return text(max(-90.0, min(90.0, lat))), text(lon)


def tiny():
    return 10 ** RANDOM.uniform(-8, 0.5) * RANDOM.choice([-1, 1])


def case(kind, spread):
    lat, lon = place()
    if kind == "anywhere":
        other = place()
    elif kind == "antipode":
        angle = RANDOM.uniform(0, float(2 * pi))
        size = abs(tiny())
        other = -lat + size * float(cos(angle)), lon + 180 + size * float(sin(angle))
    elif kind == "cut":
        # Mirrored latitude: along the cut locus, its end, and beyond.
        other = -lat, lon + 180 - RANDOM.uniform(0, 1.2) * spread
    elif kind == "nearly_cut":
        other = -lat + tiny() * 1e-3, lon + 180 - RANDOM.uniform(0.8, 1.1) * spread
    elif kind == "exact":
        other = -lat, lon + 180
    elif kind == "equator":
        lat, other = 0.0, (0.0, lon + RANDOM.uniform(0, 1) ** 0.2 * 180)
    elif kind == "near_equator":
        lat = tiny() * 1e-4
        other = tiny() * 1e-4, lon + RANDOM.uniform(0, 1) ** 0.2 * 180
    elif kind == "equator_cut":
        lat = RANDOM.choice([0.0, tiny() * 1e-3])
        other = RANDOM.choice([-lat, lat]), lon + 180 - RANDOM.uniform(0, 1.1) * spread
    elif kind == "pole":
        lat = RANDOM.choice([90.0, 90.0 - abs(tiny())])
        other = RANDOM.choice([place()[0], -90.0, -90.0 + abs(tiny())]), RANDOM.uniform(-180, 180)
    elif kind == "meridian":
        other = place()[0], lon + RANDOM.choice([0, 180])
    else:
        other = lat + tiny(), lon + tiny()
    return bounded(lat, lon), bounded(*other)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    counts = {
        "antipode": 90, "cut": 40, "nearly_cut": 30, "exact": 10, "equator_cut": 15,
        "anywhere": 50, "equator": 10, "near_equator": 15, "pole": 20, "meridian": 10, "near": 30,
    }
    rows = []
    for name, (a, inverse) in ELLIPSOIDS.items():
        ellipsoid = Ellipsoid(a, inverse)
        share = 1 if name == "wgs84" else 3
        for kind, count in counts.items():
            for _ in range(-(-count // share)):
                first, second = case(kind, 180 * float(ellipsoid.f))
                km = ellipsoid.distance(first, second)
                digits = nstr(km, 25, strip_zeros=False, min_fixed=-30, max_fixed=30)
                tail = nstr(km - mpf(float(digits)), 6, min_fixed=0, max_fixed=0)
                rows.append([f"{name}_{kind}", a, inverse, *first, *second, digits, tail])
    with open(os.path.join(folder, "geodesic.tsv"), "w", encoding="utf-8") as out:
        out.write("case\ta_km\tinverse_flattening\tlat_1\tlon_1\tlat_2\tlon_2\tkm\ttail\n")
        for row in rows:
            out.write("\t".join(row) + "\n")


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ("-h", "--help"):
        print(__doc__)
    else:
        main()
