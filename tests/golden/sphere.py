#!/usr/bin/env python3
"""Writes the golden values that tests/sphere.rs holds farthest's sphere against.

Purpose
    Unit vectors and great-circle distances on a sphere of 6371 km from a source that shares nothing
    with the crate: mpmath with 50 digits, and the formula atan2(|p x q|, p.q). The coordinates are
    decimal numbers; each is rounded to a double first, as any reader of a city list does, and
    everything after that is exact to 50 digits. So the rounding of the input is not counted.

Usage
    pip install mpmath
    python3 tests/golden/sphere.py [FOLDER]

Output
    FOLDER/sphere.tsv (by default beside this script), about 2000 pairs of points:
        case, lat_1, lon_1, lat_2, lon_2 (degrees), km, tail
    FOLDER/vectors.tsv, about 700 points:
        case, lat, lon (degrees), x, y, z, x_tail, y_tail, z_tail
    A value is a decimal number of 25 digits; its tail is what is left of it after rounding it to
    the nearest double; sizes below 1e-40 are written as zero, which on paper most of them are. The
    random cases have a fixed seed: the output is always the same.
"""

import os
import random
import sys

from mpmath import atan2, cos, mp, mpf, nstr, pi, sin, sqrt

mp.dps = 50
RADIUS_KM = 6371
RANDOM = random.Random(20240607)


def radians(degrees):
    """Exactly the double that the decimal text stands for, in radians."""
    return mpf(float(degrees)) * pi / 180


def vector(lat, lon):
    phi, lam = radians(lat), radians(lon)
    return (cos(phi) * cos(lam), cos(phi) * sin(lam), sin(phi))


def distance_km(a, b):
    p, q = vector(*a), vector(*b)
    cross = (
        p[1] * q[2] - p[2] * q[1],
        p[2] * q[0] - p[0] * q[2],
        p[0] * q[1] - p[1] * q[0],
    )
    dot = sum(x * y for x, y in zip(p, q))
    return RADIUS_KM * atan2(sqrt(sum(c * c for c in cross)), dot)


def value_and_tail(value):
    """25 digits, and what is left after rounding those to a double."""
    text = nstr(value, 25, strip_zeros=False, min_fixed=-30, max_fixed=30)
    tail = value - mpf(float(text))
    if abs(value) < mpf(10) ** -40:
        return "0.0", "0.0"
    return text, nstr(tail, 6, min_fixed=0, max_fixed=0)


def decimal(value, places):
    return f"{value:.{places}f}"


def anywhere(places=None):
    """A point spread evenly over the sphere, with 0 to 7 decimals, or `places`."""
    places = RANDOM.randint(0, 7) if places is None else places
    lat = float(mp.asin(RANDOM.uniform(-1, 1)) * 180 / pi)
    return decimal(lat, places), decimal(RANDOM.uniform(-180, 360), places)


def shifted(lat, lon, offset):
    """The point moved by about `offset` degrees in some direction, kept on the sphere."""
    angle = RANDOM.uniform(0, float(2 * pi))
    new_lat = max(-90.0, min(90.0, lat + offset * float(sin(angle))))
    new_lon = max(-180.0, min(360.0, lon + offset * float(cos(angle))))
    return repr(new_lat), repr(new_lon)


def antipode(lat, lon):
    return -lat, lon + 180 if lon <= 180 else lon - 180


def distance_cases():
    offsets = [10.0**-k for k in range(1, 14)]
    for _ in range(500):
        yield "anywhere", anywhere(), anywhere()
    for offset in offsets:
        for _ in range(30):
            a = anywhere(RANDOM.choice([0, 2, 4, 5, 7]))
            lat, lon = float(a[0]), float(a[1])
            yield f"antipodal but {offset:g}", a, shifted(*antipode(lat, lon), offset)
            yield f"equal but {offset:g}", a, shifted(lat, lon, offset)
    for _ in range(150):
        places = RANDOM.randint(0, 7)
        scale = 10**places
        lat = RANDOM.randint(-90 * scale, 90 * scale)
        lon = RANDOM.randint(-180 * scale, 180 * scale)
        text = lambda number: f"{'-' if number < 0 else ''}{abs(number) // scale}" + (
            f".{abs(number) % scale:0{places}d}" if places else ""
        )
        yield "antipodal", (text(lat), text(lon)), (text(-lat), text(lon + 180 * scale))
    for _ in range(60):
        a = anywhere()
        yield "pole", a, (RANDOM.choice(["90", "-90", "90.0"]), anywhere()[1])
        near = repr(90 - 10 ** RANDOM.uniform(-13, -1))
        yield "near pole", (near, anywhere()[1]), ("-" + near, anywhere()[1])
    for _ in range(60):
        lat, other = anywhere()[0], anywhere()[0]
        east = RANDOM.choice(["180", "179.9999999", "-180", "360", "359.9999", "0", "-0.0000001"])
        west = RANDOM.choice(["-180", "-179.9999999", "180.0000001", "0", "360", "180"])
        yield "antimeridian", (lat, east), (other, west)
    for _ in range(100):
        # A point on the great circle whose pole is a, a quarter turn away.
        a = anywhere(7)
        lat, lon = float(a[0]), float(a[1])
        quarter = RANDOM.choice([(90 - abs(lat), lon + (180 if lat > 0 else 0)), (0.0, lon + 90)])
        turned = quarter[1] if quarter[1] <= 360 else quarter[1] - 360
        yield "quarter turn", a, shifted(quarter[0], turned, RANDOM.choice([0, 1e-9, 1e-13]))
    multiples = [m for step in (30, 45) for m in range(-180, 361, step)]
    lats = [m for m in multiples if -90 <= m <= 90]
    for _ in range(200):
        a = (str(RANDOM.choice(lats)), str(RANDOM.choice(multiples)))
        b = (str(RANDOM.choice(lats)), str(RANDOM.choice(multiples)))
        yield "multiples of 30 and 45", a, b


def vector_cases():
    multiples = sorted({m for step in (30, 45) for m in range(-180, 361, step)})
    for lat in [m for m in multiples if -90 <= m <= 90]:
        for lon in multiples:
            yield "multiples", (str(lat), str(lon))
    for _ in range(200):
        yield "anywhere", anywhere()
    for _ in range(100):
        # Beside the angles where the remainder changes its quarter turn.
        edge = RANDOM.choice([-135, -45, 45, 135, 225, 315])
        lon = repr(edge + RANDOM.choice([-1, 1]) * 10 ** RANDOM.uniform(-14, -3))
        lat = RANDOM.choice(["44.99999999999999", "45.00000000000001", "0", "30"])
        yield "beside 45", (lat, lon)
    for _ in range(100):
        tiny = repr(10 ** RANDOM.uniform(-300, -1) * RANDOM.choice([-1, 1]))
        near = repr(90 - 10 ** RANDOM.uniform(-13, -1))
        yield "tiny", (tiny, anywhere()[1])
        yield "near pole", (near, anywhere()[1])


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, "sphere.tsv"), "w", encoding="ascii") as out:
        out.write("case\tlat_1\tlon_1\tlat_2\tlon_2\tkm\ttail\n")
        for case, a, b in distance_cases():
            out.write("\t".join([case, *a, *b, *value_and_tail(distance_km(a, b))]) + "\n")
    with open(os.path.join(folder, "vectors.tsv"), "w", encoding="ascii") as out:
        out.write("case\tlat\tlon\tx\ty\tz\tx_tail\ty_tail\tz_tail\n")
        for case, a in vector_cases():
            pairs = [value_and_tail(value) for value in vector(*a)]
            fields = [text for text, _ in pairs] + [tail for _, tail in pairs]
            out.write("\t".join([case, *a, *fields]) + "\n")


if __name__ == "__main__":
    if any(argument in ("-h", "--help") for argument in sys.argv[1:]):
        print(__doc__.strip())
    else:
        main()
