"""What others do for the same job, each as one process: python peers.py PEER FILE

  notebook FILE  the notebook's loop over all pairs, in plain Python
  ckdtree NPY    scipy's cKDTree over unit vectors: build, then the nearest of every antipode
  sliding NPY    the same with balanced_tree=False and compact_nodes=False
  geodesics FILE NPY  the tree's pairs within 34 km of the antipode, and PROJ's geodesic of each
  text FILE [THREADS]  numpy reading a text file, then the same tree
  pandas FILE    pandas' read_csv reading the text file (C engine)
  polars FILE THREADS  polars' read_csv reading the text file
  vectors FILE NPY   no peer: writes the unit vectors of a text file for `ckdtree`

Prints one line of JSON: seconds, and the answer (the farthest distance in kilometres, or the
number of rows), which the driver holds against ours. Imports and conversions that a peer would do
in any case (degrees to unit vectors) are not timed, in its favour.

Of numpy's readers, loadtxt with usecols is the one taken: since 1.23 it parses in C, genfromtxt is
several times slower, and fromfile and fromstring cannot skip the names. cKDTree's options are the
fastest for each set. For points spread evenly that is the default: `sliding` builds faster and
answers more slowly, and leaves of 8 or 32 make no difference beyond the noise. For the coastline it is
`sliding`: 15 s, where the default takes 480 s. Of THREADS only the tree's queries make use: neither
loadtxt nor the tree's build has threads. polars is told its number before it is imported, as it starts
them then.
"""

import csv
import json
import math
import os
import sys
import time

from exercise import RADIUS_KM, great_circle_km, pair_list, read_cities, unit_vectors


def notebook(path):
    """All pairs as a list of tuples, as the notebook has it, then the loop and its maximum. The
    list is not timed."""
    pairs = pair_list(read_cities(path))
    begun = time.perf_counter()
    distance_km = max([great_circle_km(pair) for pair in pairs])
    total_s = time.perf_counter() - begun
    return {"pairs": len(pairs), "total_s": total_s, "distance_km": distance_km}


def tree(vectors, threads=1, **options):
    """The city nearest to the antipode of p is the one farthest from p."""
    from scipy.spatial import cKDTree

    antipodes = -vectors
    begun = time.perf_counter()
    built = cKDTree(vectors, **options)
    build_s = time.perf_counter() - begun
    begun = time.perf_counter()
    sums, _ = built.query(antipodes, k=1, workers=threads)
    query_s = time.perf_counter() - begun
    distance_km = RADIUS_KM * (math.pi - 2.0 * math.asin(sums.min() / 2.0))
    return {
        "build_s": build_s,
        "query_s": query_s,
        "total_s": build_s + query_s,
        "distance_km": distance_km,
    }


def ckdtree(path):
    import numpy

    return tree(numpy.load(path))


def sliding(path):
    import numpy

    return tree(numpy.load(path), balanced_tree=False, compact_nodes=False)


# No pair that is farther from its antipode can be the farthest on WGS84 where the Earth is full of cities: the
# great circle's bound, a quarter of the cut locus' width each way.
NEAR_ANTIPODE_KM = 34.0
CITIES_AT_ONCE = 50_000


def geodesics(path, vectors_path):
    import numpy
    from pandas import read_csv
    from pyproj import Geod
    from scipy.spatial import cKDTree

    table = read_csv(path, sep="\t", usecols=[0, 1], quoting=csv.QUOTE_NONE)
    lat, lon = (numpy.ascontiguousarray(table.to_numpy()[:, axis]) for axis in (0, 1))
    vectors, geod = numpy.load(vectors_path), Geod(ellps="WGS84")
    reach = 2.0 * math.sin(NEAR_ANTIPODE_KM / RADIUS_KM / 2.0)
    begun = time.perf_counter()
    built = cKDTree(vectors)
    farthest_m = 0.0
    for first in range(0, len(vectors), CITIES_AT_ONCE):
        near = built.query_ball_point(-vectors[first : first + CITIES_AT_ONCE], reach, return_sorted=False)
        counts = numpy.fromiter(map(len, near), dtype=numpy.int64, count=len(near))
        if not counts.any():
            continue
        others = numpy.concatenate([numpy.asarray(each, dtype=numpy.int64) for each in near if each])
        ours = numpy.repeat(numpy.arange(first, first + len(near)), counts)
        # Each pair is found from both ends.
        is_first = ours < others
        i, j = ours[is_first], others[is_first]
        if len(i):
            _, _, meters = geod.inv(lon[i], lat[i], lon[j], lat[j])
            farthest_m = max(farthest_m, float(meters.max()))
    total_s = time.perf_counter() - begun
    return {"total_s": total_s, "distance_km": farthest_m / 1000.0}


def text(path, threads="1"):
    import numpy

    begun = time.perf_counter()
    lat_lon_deg = numpy.loadtxt(path, delimiter="\t", skiprows=1, usecols=(0, 1))
    read_s = time.perf_counter() - begun
    found = tree(unit_vectors(lat_lon_deg), int(threads))
    return {**found, "read_s": read_s, "total_s": read_s + found["total_s"]}


def pandas(path):
    from pandas import read_csv

    begun = time.perf_counter()
    table = read_csv(path, sep="\t", engine="c")
    total_s = time.perf_counter() - begun
    return {"total_s": total_s, "rows": len(table)}


def polars(path, threads):
    os.environ["POLARS_MAX_THREADS"] = threads
    from polars import read_csv, thread_pool_size

    begun = time.perf_counter()
    table = read_csv(path, separator="\t")
    total_s = time.perf_counter() - begun
    return {"total_s": total_s, "rows": len(table), "threads": thread_pool_size()}


def vectors(path, out):
    import numpy
    from pandas import read_csv

    options = {"quoting": csv.QUOTE_NONE, "float_precision": "round_trip"}
    table = read_csv(path, sep="\t", usecols=[0, 1], **options)
    with open(out, "wb") as file:
        numpy.save(file, unit_vectors(table.to_numpy()))
    return {"rows": len(table)}


ALL = (notebook, ckdtree, sliding, geodesics, text, pandas, polars, vectors)
PEERS = {peer.__name__: peer for peer in ALL}

if __name__ == "__main__":
    print(json.dumps(PEERS[sys.argv[1]](*sys.argv[2:])))
