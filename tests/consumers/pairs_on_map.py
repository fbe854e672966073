"""Reads the GeoJSON of `farthest pair --geojson` with geopandas, and measures its lines with PROJ.

Usage: pairs_on_map.py FILE A_METRES INVERSE_FLATTENING. Prints the number of points and of lines; where a line is not as
long as its pair is said to be, or does not lead from the one city to the other, it ends with what that is and code 1.
"""

import sys

import geopandas
from pyproj import Geod

# Positions between the ends are rounded to a centimetre.
CLOSE_KM = 1e-6


def require(is_so, what):
    if not is_so:
        sys.exit(f"expected {what}")


def positions(line):
    pieces = getattr(line, "geoms", [line])
    return [position for piece in pieces for position in piece.coords]


def main(path, a, inverse_flattening):
    table = geopandas.read_file(path)
    require(table.crs.to_epsg() == 4326, f"longitude and latitude, found {table.crs}")
    inverse_flattening = float(inverse_flattening)
    earth = Geod(a=float(a), f=1 / inverse_flattening if inverse_flattening else 0.0)
    points = table[table.geom_type == "Point"]
    lines = table[table["way"].notna()]
    # Between places that are one there is no line.
    require((lines["distance_km"][lines.geometry.isna()] == 0).all(), "a line for each distance")
    lines = lines[lines.geometry.notna()]
    require(set(lines.geom_type) <= {"LineString", "MultiLineString"}, "points and lines alone")
    require(table.geometry.dropna().is_valid.all(), "valid geometries")
    for _, line in lines.iterrows():
        pair = points[points["place"] == line["place"]].sort_values("city")
        require(list(pair["city"]) == [1, 2], f"two cities of line {line['place']}")
        require([line["row_1"], line["row_2"]] == list(pair["row"]), "the rows of the cities")
        require([line["name_1"], line["name_2"]] == list(pair["name"]), "the names of the cities")
        on_line = positions(line.geometry)
        for end, city in zip((on_line[0], on_line[-1]), pair.geometry):
            off = earth.inv(end[0], end[1], city.x, city.y)[2]
            require(off < 1e-6, f"a line that ends at its city, found {off} m between them")
        km = earth.geometry_length(line.geometry) / 1000.0
        require(abs(km - line["distance_km"]) < CLOSE_KM, f"{line['distance_km']} km, found {km}")
    print(len(points), len(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
