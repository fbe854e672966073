"""Reads the files of `farthest each` with pandas, and finds the farthest city of each anew, with scipy's k-d tree:
it is the one nearest to the antipode.

Usage: farthest_of_each.py CSV TSV, of one list without a header of its own. Prints the number of cities; where
anything differs it ends with what that is and code 1.
"""

import sys

import numpy
import pandas
from scipy.spatial import cKDTree

RADIUS_KM = 6371.0
# Of the tree's answer, near an antipode or not: its sums are rounded in the last place.
CLOSE_KM = 1e-6


def read(path, delimiter):
    return pandas.read_csv(path, sep=delimiter, keep_default_na=False, float_precision="round_trip")


def vectors(lat_deg, lon_deg):
    lat, lon = numpy.radians(lat_deg), numpy.radians(lon_deg)
    return numpy.stack([numpy.cos(lat) * numpy.cos(lon), numpy.cos(lat) * numpy.sin(lon), numpy.sin(lat)], 1)


def require(is_so, what):
    if not numpy.all(is_so):
        sys.exit(f"expected {what}")


def main(csv, tsv):
    table = read(csv, ",")
    require(table.equals(read(tsv, "\t")), "the same in CSV and TSV")
    require(table["row"] == numpy.arange(len(table)), "a line for each row, in order")
    far = table.iloc[table["far_row"]].reset_index(drop=True)
    for column in ("name", "lat", "lon"):
        require(table[f"far_{column}"] == far[column], f"far_{column} of the farthest city's row")
    points = vectors(table["lat"].to_numpy(), table["lon"].to_numpy())
    sums, nearest = cKDTree(points).query(-points)
    km = RADIUS_KM * (numpy.pi - 2.0 * numpy.arcsin(sums / 2.0))
    require(numpy.abs(table["distance_km"] - km) < CLOSE_KM, "the distances of the tree")
    same = (table["far_row"].to_numpy() == nearest).mean()
    require(same > 0.999, f"nearly all rows of the tree, found {same}")
    print(len(table))


if __name__ == "__main__":
    main(*sys.argv[1:])
