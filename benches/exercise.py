"""The exercise in Python: a city file in memory, its list of pairs, the distance of a pair.

What the peers of `scripts/bench` and the ways of `scripts/compare` have in common. All but
`unit_vectors` needs nothing but Python itself, so that the ways of the notebook can run anywhere.
"""

import math

RADIUS_KM = 6371.0


def read_cities(path):
    """Latitude and longitude in degrees of each city, by data rows counted from 0.

    Reads the two forms of text that are in data/: white space between latitude, longitude and
    name; or, behind a header, fields between tabs, of which two are called lat and lon.
    """
    with open(path, encoding="utf-8-sig") as lines:
        lines = [line for line in lines if line.strip() and not line.startswith("#")]
    header = [name.strip().lower() for name in lines[0].split("\t")]
    if "lat" not in header or "lon" not in header:
        return [coordinates(line.split()[:2], line, path) for line in lines]
    lat, lon = header.index("lat"), header.index("lon")
    rows = ((line.split("\t"), line) for line in lines[1:])
    return [coordinates([row[lat], row[lon]], line, path) for row, line in rows]


def coordinates(fields, line, path):
    try:
        lat_deg, lon_deg = map(float, fields)
    except ValueError:
        raise SystemExit(
            f"{path}: expected latitude and longitude between white space, or a header with lat"
            f" and lon between tabs; found {line.strip()[:60]!r}"
        ) from None
    return lat_deg, lon_deg


def pair_list(cities):
    """Every pair of cities as the notebook has it: (latitude, latitude, longitude, longitude)."""
    return [
        (lat_1, lat_2, lon_1, lon_2)
        for i, (lat_1, lon_1) in enumerate(cities)
        for lat_2, lon_2 in cities[i + 1 :]
    ]


def pairs_of(cities):
    """How many pairs so many cities have."""
    return cities * (cities - 1) // 2


def rows_of(index, cities):
    """The two cities of a position in the list of pairs."""
    row, behind = 0, cities - 1
    while index >= behind:
        index -= behind
        row += 1
        behind -= 1
    return [row, row + 1 + index]


def great_circle_km(pair):
    """Haversine of (latitude, latitude, longitude, longitude) in degrees, with the operations of
    the notebook, one by one."""
    phi_1 = pair[0] / 180.0 * math.pi
    phi_2 = pair[1] / 180.0 * math.pi
    cos_1 = math.cos(phi_1)
    cos_2 = math.cos(phi_2)
    d_phi = phi_2 - phi_1
    d_lambda = (pair[2] - pair[3]) / 180.0 * math.pi
    a = math.sin(d_phi / 2) ** 2 + cos_1 * cos_2 * math.sin(d_lambda / 2) ** 2
    c = 2.0 * math.atan2(math.sqrt(a), math.sqrt(1.0 - a))
    return RADIUS_KM * c


def unit_vector(city):
    """The point of the unit sphere of (latitude, longitude) in degrees."""
    lat, lon = map(math.radians, city)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def exact_km(city_1, city_2):
    """The distance of two cities, accurate everywhere: from |p + q| where they are farther than a
    quarter turn apart, for there the haversine and the dot product lose half their digits, and
    from |p - q| where they are nearer."""
    p, q = unit_vector(city_1), unit_vector(city_2)
    sum_of_both = math.dist(p, [-x for x in q])
    difference = math.dist(p, q)
    if sum_of_both < difference:
        return RADIUS_KM * (math.pi - 2.0 * math.asin(sum_of_both / 2.0))
    return RADIUS_KM * 2.0 * math.asin(difference / 2.0)


def unit_vectors(lat_lon_deg):
    """The points of the unit sphere, a row each, of a numpy array with a city in each row."""
    import numpy

    lat, lon = numpy.radians(lat_lon_deg.T)
    columns = [numpy.cos(lat) * numpy.cos(lon), numpy.cos(lat) * numpy.sin(lon), numpy.sin(lat)]
    return numpy.ascontiguousarray(numpy.stack(columns, axis=1))
