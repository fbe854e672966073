"""Lists of the shape of real ones, for reading: invented, so that none has to be fetched.

`write_quarter_grid` and `write_disc` are hard for a search on an ellipsoid: a grid whose northern half is a quarter of
a step off the antipodes of the southern one, so that a quarter of a million pairs are alike but for their latitude; and
a disc whose rim is as far from its centre everywhere, by geodesics on WGS84. `write_countries` makes cities one country after the other, as exports of a database have them: whole
stretches of a file lie in one place of the Earth, and its rows are longer in some countries than in
others. `write_dump` makes rows of GeoNames' full dump (allCountries.txt, whose columns
https://download.geonames.org/export/dump/readme.txt names): 19 columns between tabs without a header,
some with alternate names of many alphabets, some with quotation marks that mean nothing.
"""

import itertools
import random

COUNTRIES = 200
# Rows of a country lie around so many towns.
TOWNS = 50
POOL = 5003
# One name of so many has quotation marks, and half of those a single one.
NAMES_PER_MARK = 500
# Half of the rows have no alternate names; the others mostly few, and some many.
MEAN_ALTERNATES = 5
MOST_ALTERNATES = 120
CLASSES = ("P\tPPL", "P\tPPLA", "H\tSTM", "T\tMT", "S\tFRM", "S\tHTL", "L\tLCTY")
LATIN = ("ka", "lo", "mün", "ster", "ville", "São ", "Å", "bad ", "ra", "-le-", "et")
SYLLABLES = (*LATIN, "чер", "ново", "京")


def place_near(rng, centre, spread_deg):
    """Degrees around a centre, within what latitude and longitude may be."""
    lat, lon = (rng.gauss(value, spread_deg) for value in centre)
    return max(-89.9, min(89.9, lat)), (lon + 180.0) % 360.0 - 180.0


def centre(rng):
    return rng.uniform(-55.0, 70.0), rng.uniform(-180.0, 180.0)


def name(rng):
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 5))).strip() or "ka"


def sizes(cities):
    """How many cities each country has: the k-th a share of about 1/k."""
    shares = [1.0 / k for k in range(1, COUNTRIES + 1)]
    ends = [round(cities * end / sum(shares)) for end in itertools.accumulate(shares)]
    return [end - begin for begin, end in zip([0, *ends], ends)]


def write_countries(cities, out):
    rng = random.Random(1)
    countries = sizes(cities)
    rng.shuffle(countries)
    with open(out, "w", encoding="utf-8") as text:
        text.write("country\tlat\tlon\tname\n")
        for country, size in enumerate(countries):
            middle = centre(rng)
            towns = [place_near(rng, middle, 3.0) for _ in range(TOWNS)]
            # Such differences are those of alphabets: a letter has one to four bytes.
            names = [name(rng) * rng.randint(1, 1 + country % 4) for _ in range(1000)]
            for _ in range(size):
                lat, lon = place_near(rng, rng.choice(towns), 0.2)
                text.write(f"C{country:03}\t{lat:.5f}\t{lon:.5f}\t{rng.choice(names)}\n")


def names_of_place(rng):
    """The columns name, asciiname and alternatenames."""
    spelt = name(rng)
    if rng.randrange(NAMES_PER_MARK) == 0:
        marked = (f'"{spelt}" {name(rng)}', f'Gasthof "{spelt}"', f'{spelt} 6"', f'"{spelt}')
        spelt = rng.choice(marked)
    plain = spelt.encode("ascii", "ignore").decode().strip() or "ka"
    alternates = 0
    if rng.random() < 0.5:
        alternates = min(MOST_ALTERNATES, 1 + int(rng.expovariate(1 / MEAN_ALTERNATES)))
    return f"{spelt}\t{plain}\t{','.join(name(rng) for _ in range(alternates))}"


def facts_of_place(rng):
    """The columns from feature class to modification date."""
    kind, code = rng.choice(CLASSES), f"{rng.randrange(100):02}"
    country = "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(2))
    people = rng.choice((0, 0, 0, rng.randrange(100_000)))
    metres = rng.randrange(-5, 4000)
    date = f"20{rng.randrange(6, 27):02}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    admins = f"{code}\t{rng.choice(('', code + '7'))}\t\t"
    return f"{kind}\t{country}\t\t{admins}\t{people}\t\t{metres}\tEurope/Zurich\t{date}"


def write_dump(rows, out):
    """The words of a row are drawn from a pool, for there are millions of rows."""
    rng = random.Random(1)
    names = [names_of_place(rng) for _ in range(POOL)]
    facts = [facts_of_place(rng) for _ in range(POOL)]
    # A stretch of the file is of one country, as contributors added them.
    stretch = max(1, rows // (10 * COUNTRIES))
    with open(out, "w", encoding="utf-8") as text:
        for row in range(rows):
            if row % stretch == 0:
                middle = centre(rng)
            lat, lon = place_near(rng, middle, 4.0)
            words = names[rng.randrange(POOL)], facts[rng.randrange(POOL)]
            text.write(f"{row + 1}\t{words[0]}\t{lat:.5f}\t{lon:.5f}\t{words[1]}\n")


def write_quarter_grid(cities, out):
    side = round(cities**0.5)
    with open(out, "w", encoding="ascii") as text:
        text.write("lat\tlon\n")
        for row in range(side):
            lat = 180.0 * (row + 0.5) / side - 90.0
            off = 0.25 if lat > 0.0 else 0.0
            lons = (360.0 * (column + off) / side - 180.0 for column in range(side))
            text.writelines(f"{lat!r}\t{lon!r}\n" for lon in lons)


DISC_KM = 1600.0
DISC_CENTRE = (47.0, 11.0)


def write_disc(cities, out):
    import numpy
    from pyproj import Geod

    rng = numpy.random.default_rng(1)
    turns = rng.uniform(-180.0, 180.0, cities)
    meters = 1000.0 * DISC_KM * numpy.sqrt(rng.uniform(0.0, 1.0, cities))
    lat, lon = (numpy.full(cities, value) for value in DISC_CENTRE)
    lon, lat, _ = Geod(ellps="WGS84").fwd(lon, lat, turns, meters)
    with open(out, "w", encoding="ascii") as text:
        text.write("lat\tlon\n")
        text.writelines(f"{float(y)!r}\t{float(x)!r}\n" for y, x in zip(lat, lon, strict=True))
