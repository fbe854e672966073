"""The lists on which a search that prunes could lose its way: the kinds of tests/hard.rs, larger.

SETS has for each name how many cities and a function of a random generator and that number, which
yields latitude and longitude in degrees. Sizes are such that version 0.1.0 takes 5 ms or more, so
that what is compared is the search and not the start of it. Some sets are too easy for that at any
size that is practical: copies, opposite places, half a meridian, the equator and a metre take less
than a millisecond at a million cities. All pairs of `pole-arc-ties` that join its two kinds are exact
ties and are looked at one by one, so that it stays small.
"""

import math
import random


def copies(_, cities):
    """One place."""
    return ((47.654321, 8.123456) for _ in range(cities))


def opposite(rng, cities):
    """Two places exactly opposite, in any order."""
    places = [(12.5, -70.25), (-12.5, 109.75)]
    return (rng.choice(places) for _ in range(cities))


def opposite_clusters(rng, cities):
    """The same with some ten kilometres around each, and no exact ties."""

    def near(lat, lon):
        return lat + rng.gauss(0.0, 0.05), lon + rng.gauss(0.0, 0.05)

    places = [(12.5, -70.25), (-12.5, 109.75)]
    return (near(*rng.choice(places)) for _ in range(cities))


def anywhere(rng):
    return math.degrees(math.asin(rng.uniform(-1.0, 1.0))), rng.uniform(-180.0, 180.0)


def hundred_places(rng, cities):
    """Copies of a few places."""
    few = [anywhere(rng) for _ in range(100)]
    return (rng.choice(few) for _ in range(cities))


def three_corners(rng, cities):
    """Three places of the equator, one of them in two notations."""
    return ((0.0, rng.choice((0.0, 120.0, 240.0, -120.0))) for _ in range(cities))


def pole_arc_ties(rng, cities):
    """Half of them on the pole, half on an arc of the equator: each pair of the two kinds ties."""

    def place():
        if rng.random() < 0.5:
            return 90.0, float(rng.randrange(360))
        return 0.0, rng.randrange(300) / 10.0

    return (place() for _ in range(cities))


def parallel_even(lat):
    """Evenly on a parallel, in any order."""

    def places(rng, cities):
        order = list(range(cities))
        rng.shuffle(order)
        return ((lat, 360.0 * at / cities - 180.0) for at in order)

    return places


def parallel_random(rng, cities):
    return ((-66.5, rng.uniform(-180.0, 180.0)) for _ in range(cities))


def half_meridian(rng, cities):
    return ((rng.uniform(-90.0, 90.0), 11.25) for _ in range(cities))


def whole_meridian(rng, cities):
    return ((rng.uniform(-90.0, 90.0), rng.choice((11.25, -168.75))) for _ in range(cities))


def on_small_circle(turn):
    """A place on the circle of 30 degrees around 35 degrees north, 20 degrees east: north of the
    centre at 0, by the formula of the destination point (Snyder, Map Projections, 5-5 and 5-6)."""
    lat, radius, azimuth = math.radians(35.0), math.radians(30.0), turn * math.tau
    up = math.sin(lat) * math.cos(radius)
    up += math.cos(lat) * math.sin(radius) * math.cos(azimuth)
    east = math.sin(radius) * math.sin(azimuth)
    out = math.cos(lat) * math.cos(radius)
    out -= math.sin(lat) * math.sin(radius) * math.cos(azimuth)
    return math.degrees(math.asin(up)), 20.0 + math.degrees(math.atan2(east, out))


def circle_even(rng, cities):
    order = list(range(cities))
    rng.shuffle(order)
    return (on_small_circle(at / cities) for at in order)


def circle_random(rng, cities):
    return (on_small_circle(rng.random()) for _ in range(cities))


def pole_against(arc_deg):
    """A cluster of a few kilometres at the pole, and as many cities on an arc of the equator."""

    def places(rng, cities):
        for at in range(cities):
            if at % 2 == 0:
                yield 90.0 - 0.05 * rng.random(), rng.uniform(-180.0, 180.0)
            else:
                yield 0.0, arc_deg * rng.random() - 180.0

    return places


def grid(rng, cities):
    """A grid of the world with twice as many columns as rows: every city has an exact antipode."""
    rows = math.isqrt(cities // 2)
    step = 180.0 / rows
    order = [(row, column) for row in range(rows) for column in range(2 * rows)]
    rng.shuffle(order)
    return ((row * step - 90.0 + step / 2, column * step - 180.0) for row, column in order)


def in_metre(rng, cities):
    return ((48.0 + rng.uniform(0, 9e-6), 11.0 + rng.uniform(0, 9e-6)) for _ in range(cities))


def metre_in_centimetres(rng, cities):
    """The same on a grid, so that thousands tie."""
    return ((round(lat, 7), round(lon, 7)) for lat, lon in in_metre(rng, cities))


def cap(radius_km):
    """Evenly within a radius of a place in the Alps, drawn in a plane: good enough to be hard."""

    def places(rng, cities):
        radius_deg = math.degrees(radius_km / 6371.0)
        for _ in range(cities):
            r, turn = radius_deg * math.sqrt(rng.random()), rng.random() * math.tau
            east = r * math.cos(turn) / math.cos(math.radians(47.0))
            yield 47.0 + r * math.sin(turn), 8.0 + east

    return places


SETS = {
    "copies": (1_000_000, copies),
    "opposite": (1_000_000, opposite),
    "opposite-clusters": (1_000_000, opposite_clusters),
    "hundred-places": (1_000_000, hundred_places),
    "three-corners": (1_000_000, three_corners),
    "pole-arc-ties": (4_000, pole_arc_ties),
    "equator-even": (1_000_000, parallel_even(0.0)),
    "parallel-even": (1_000_000, parallel_even(40.0)),
    "parallel-random": (100_000, parallel_random),
    "half-meridian": (1_000_000, half_meridian),
    "whole-meridian": (1_000_000, whole_meridian),
    "circle-even": (100_000, circle_even),
    "circle-random": (100_000, circle_random),
    "pole-ring": (1_000_000, pole_against(360.0)),
    "pole-arc": (100_000, pole_against(60.0)),
    "grid": (1_000_000, grid),
    "metre": (1_000_000, in_metre),
    "metre-centimetres": (1_000_000, metre_in_centimetres),
    "cap-1-km": (1_000_000, cap(1.0)),
    "cap-30-km": (1_000_000, cap(30.0)),
    "cap-200-km": (1_000_000, cap(200.0)),
    "cap-3000-km": (1_000_000, cap(3000.0)),
}


def write(name, cities, out):
    """Writes a set of so many cities as text."""
    _, places = SETS[name]
    with open(out, "w", encoding="ascii") as text:
        text.write("lat\tlon\n")
        text.writelines(f"{lat!r}\t{lon!r}\n" for lat, lon in places(random.Random(1), cities))
