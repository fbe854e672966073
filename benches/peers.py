"""What others do for the same job, each as one process: python peers.py PEER FILE

  notebook FILE  the notebook's loop over all pairs, in plain Python
  ckdtree NPY    scipy's cKDTree over unit vectors: build, then the nearest of every antipode
  sliding NPY    the same with balanced_tree=False and compact_nodes=False
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


ALL = (notebook, ckdtree, sliding, text, pandas, polars, vectors)
PEERS = {peer.__name__: peer for peer in ALL}

if __name__ == "__main__":
    print(json.dumps(PEERS[sys.argv[1]](*sys.argv[2:])))
