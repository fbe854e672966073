"""The Python ways to the farthest pair, one a process: python ways.py WAY FILE WORKERS

Those of the notebook, which make the list of all pairs of cities and map the haversine over it:

  serial           one loop
  multiprocessing  Pool.map on so many processes
  ipyparallel      map_sync of a direct view on so many engines
  mpi4py           scatter the list, loop, gather the distances; to be started on so many ranks

Those of somebody who knows the tools, on an array of unit vectors p, where the farthest pair is the
one with the least |p + q|:

  numpy            dot products in chunks that fit into the cache, on so many threads
  numba            the double loop, compiled, on so many threads
  ckdtree          scipy's tree: the city nearest to the antipode of each city, on so many threads

Prints one line of JSON: seconds for reading, seconds from the cities in memory to the farthest
pair, the distance, the rows of the pair. Imports, the start of processes, engines and MPI, the
conversion to unit vectors and the compiler of numba are not timed, in favour of each.
"""

import json
import logging
import os
import pickle
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from exercise import exact_km, great_circle_km, pair_list, read_cities, rows_of, unit_vectors

# Of a chunk of dot products: 2 MiB, which stays in the cache of a core.
CHUNK_VALUES = 2**18
# Three products of unit vectors, each off by an ulp or two, and their sum: 5e-16, taken fourfold.
DOT_ERROR = 2e-15
# So many pairs tell how many bytes one has when it is pickled.
PICKLED_PAIRS = 100_000


class Steps:
    """A stopwatch: seconds by the names of the steps that have ended."""

    def __init__(self):
        self.by_name = {}
        self.last = time.perf_counter()

    def end(self, name):
        now = time.perf_counter()
        self.by_name[name] = now - self.last
        self.last = now

    def report(self, distance_km, rows, **more):
        total_s = sum(self.by_name.values())
        answer = {"distance_km": distance_km, "rows": rows}
        return {"total_s": total_s, "steps_s": self.by_name, **answer, **more}


# The ways of the notebook: cities as a list of (latitude, longitude) in degrees.


def by_pair_list(cities, distances_of):
    """All pairs as a list, a distance for each by whichever way, and the maximum."""
    steps = Steps()
    pairs = pair_list(cities)
    steps.end("list")
    distances = distances_of(pairs)
    steps.end("distances")
    farthest_km = max(distances)
    rows = rows_of(distances.index(farthest_km), len(cities))
    steps.end("maximum")
    return steps.report(farthest_km, rows)


def serial(cities, _workers):
    return by_pair_list(cities, lambda pairs: [great_circle_km(pair) for pair in pairs])


def multiprocessing(cities, workers):
    from multiprocessing import Pool

    with Pool(workers) as pool:
        return by_pair_list(cities, lambda pairs: pool.map(great_circle_km, pairs))


def ipyparallel(cities, workers):
    # What the cluster notes down goes where temporary files go, and its engines find this folder.
    os.environ.setdefault("IPYTHONDIR", os.environ.get("TMPDIR", "/tmp") + "/ipython")
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    from ipyparallel import Cluster

    with Cluster(n=workers, log_level=logging.ERROR) as client:
        view = client[:]
        return by_pair_list(cities, lambda pairs: view.map_sync(great_circle_km, pairs))


def mpi4py(cities, workers):
    """Seconds are those of rank 0, the one that has the list; the other ranks report nothing."""
    from mpi4py import MPI

    world = MPI.COMM_WORLD
    if world.Get_size() != workers:
        raise SystemExit(
            f"expected {workers} ranks, found {world.Get_size()}: mpi4py was compiled with another"
            " MPI than that of the launcher; remove its folder below target/"
        )
    is_root = world.Get_rank() == 0
    world.barrier()
    steps = Steps()
    slices = None
    if is_root:
        pairs = pair_list(cities)
        share = -(-len(pairs) // workers)
        slices = [pairs[rank * share : (rank + 1) * share] for rank in range(workers)]
    steps.end("list")
    mine = world.scatter(slices, root=0)
    steps.end("scatter")
    distances = [great_circle_km(pair) for pair in mine]
    steps.end("distances")
    gathered = world.gather(distances, root=0)
    steps.end("gather")
    if not is_root:
        return None
    distances = [distance for part in gathered for distance in part]
    farthest_km = max(distances)
    rows = rows_of(distances.index(farthest_km), len(cities))
    steps.end("maximum")
    some = pairs[:PICKLED_PAIRS]
    bytes_a_pair = len(pickle.dumps(some, pickle.HIGHEST_PROTOCOL)) / len(some)
    return steps.report(farthest_km, rows, pickled_bytes_a_pair=bytes_a_pair)


# The ways of somebody who knows the tools: unit vectors as an array, a row each.


def numpy(vectors, workers):
    """A dot product is blind near the antipode, where it compares 1 with 1 - x²/2; so it chooses
    the pairs that could be the farthest, and |p + q|² decides."""
    import numpy

    rows_at_once = max(1, CHUNK_VALUES // len(vectors))
    least_dots = [1.0]

    def farthest_of(start):
        dots = vectors[start : start + rows_at_once] @ vectors[start:].T
        least = dots.min()
        if least > least_dots[0] + DOT_ERROR:
            return (float("inf"), [])
        # Threads may overwrite each other's least: then more pairs are looked at, and never fewer.
        least_dots[0] = min(least_dots[0], least)
        i, j = (positions + start for positions in numpy.nonzero(dots <= least + DOT_ERROR))
        sums = ((vectors[i] + vectors[j]) ** 2).sum(axis=1)
        best = sums.argmin()
        return (sums[best], sorted([int(i[best]), int(j[best])]))

    steps = Steps()
    with ThreadPoolExecutor(workers) as pool:
        _, rows = min(pool.map(farthest_of, range(0, len(vectors), rows_at_once)))
    steps.end("search")
    return steps, rows


def numba(vectors, workers):
    import numpy
    from numba import njit, prange, set_num_threads

    # fastmath lets the compiler take the least of several pairs at once; no number here is NaN.
    @njit(fastmath=True)
    def least_of_row(x, y, z, i):
        least = 5.0
        for j in range(i + 1, len(x)):
            squared = (x[i] + x[j]) ** 2 + (y[i] + y[j]) ** 2 + (z[i] + z[j]) ** 2
            least = min(least, squared)
        return least

    # A short row goes with a long one, so that threads have equally much to do.
    @njit(parallel=True)
    def least_of_rows(x, y, z):
        n = len(x)
        least = numpy.empty(n)
        for i in prange((n + 1) // 2):
            least[i] = least_of_row(x, y, z, i)
            least[n - 1 - i] = least_of_row(x, y, z, n - 1 - i)
        return least

    set_num_threads(workers)
    x, y, z = numpy.ascontiguousarray(vectors.T)
    least_of_rows(x[:2], y[:2], z[:2])
    steps = Steps()
    i = int(least_of_rows(x, y, z).argmin())
    sums = ((vectors[i + 1 :] + vectors[i]) ** 2).sum(axis=1)
    steps.end("search")
    return steps, [i, i + 1 + int(sums.argmin())]


def ckdtree(vectors, workers):
    from scipy.spatial import cKDTree

    steps = Steps()
    tree = cKDTree(vectors)
    steps.end("tree")
    sums, nearest = tree.query(-vectors, workers=workers)
    i = int(sums.argmin())
    steps.end("search")
    return steps, sorted([i, int(nearest[i])])


LIST_WAYS = {way.__name__: way for way in (serial, multiprocessing, ipyparallel, mpi4py)}
ARRAY_WAYS = {way.__name__: way for way in (numpy, numba, ckdtree)}


def on_vectors(way, cities, workers):
    import numpy

    begun = time.perf_counter()
    vectors = unit_vectors(numpy.array(cities))
    convert_s = time.perf_counter() - begun
    steps, rows = way(vectors, workers)
    return steps.report(exact_km(*(cities[row] for row in rows)), rows, convert_s=convert_s)


def main(name, path, workers):
    # The threads are those of the way: numpy's chunks bring their own, and BLAS adds none.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ["NUMBA_NUM_THREADS"] = str(workers)
    begun = time.perf_counter()
    cities = read_cities(path)
    read_s = time.perf_counter() - begun
    if name in LIST_WAYS:
        report = LIST_WAYS[name](cities, workers)
    else:
        report = on_vectors(ARRAY_WAYS[name], cities, workers)
    if report is not None:
        report["read_s"] = read_s + report.pop("convert_s", 0.0)
        print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
