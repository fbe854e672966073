"""What is compared: the ways, the city files they run on, and the outcome of a way on a file."""

import statistics
from dataclasses import dataclass, field
from pathlib import Path

from exercise import exact_km, pairs_of
from measure import Failed
from tables import plural

# A tuple of four numbers that others own (40 + 4 · 8 bytes) and its place in the list: the least
# that CPython spends on a pair, before any distance or copy of it.
LIST_BYTES_A_PAIR = 80
# How far the distance of a way may be from ours: haversine loses half its digits at the antipode.
HAVERSINE_ERROR_KM = 2e-4
EXACT_ERROR_KM = 1e-6


@dataclass(frozen=True)
class Way:
    """A way: its group in table and chart, and what it is made of."""

    name: str
    group: str
    label: str
    worker: str
    makes_list: bool = False
    is_haversine: bool = False
    looks_at_all_pairs: bool = True
    is_serial: bool = False
    needs_packages: bool = True

    @property
    def is_ours(self):
        return self.group == "farthest"

    @property
    def error_km(self):
        return HAVERSINE_ERROR_KM if self.is_haversine else EXACT_ERROR_KM


def notebook_way(name, label, worker, **more):
    return Way(name, "notebook", label, worker, makes_list=True, is_haversine=True, **more)


def our_way(name, **more):
    return Way(name, "farthest", f"farthest, {name}", "rank", needs_packages=False, **more)


WAYS = [
    notebook_way("serial", "serial loop", "process", is_serial=True, needs_packages=False),
    notebook_way("multiprocessing", "multiprocessing Pool.map", "process", needs_packages=False),
    notebook_way("ipyparallel", "ipyparallel map_sync", "engine"),
    notebook_way("mpi4py", "mpi4py scatter, gather", "rank"),
    Way("numpy", "careful Python", "numpy in chunks", "thread"),
    Way("numba", "careful Python", "numba, compiled loop", "thread"),
    Way("ckdtree", "careful Python", "scipy cKDTree", "thread", looks_at_all_pairs=False),
    our_way("naive", is_haversine=True),
    our_way("exhaustive"),
    our_way("pruned", looks_at_all_pairs=False),
]


@dataclass
class Listing:
    """A city file, and the answer that every way must give on it."""

    path: Path
    cities: list
    reference: dict = field(default_factory=dict)

    @property
    def pairs(self):
        return pairs_of(len(self.cities))

    def exact_km(self, rows):
        return exact_km(*(self.cities[row] for row in rows))


@dataclass
class Outcome:
    """What a row of the table says: samples on some listing, or why there are none."""

    way: Way
    workers: int
    listing: Listing | None = None
    reports: list = field(default_factory=list)
    memory_mib: float = 0.0
    answer: str = "-"
    remark: str = ""
    estimate_s: float | None = None
    failed: bool = False

    def median(self, value):
        return statistics.median(value(report) for report in self.reports)

    @property
    def time_s(self):
        return self.median(lambda report: report["total_s"])

    @property
    def whole_time_s(self):
        """The time on all cities: measured, or estimated; None if neither."""
        if self.remark:
            return self.estimate_s
        return self.time_s if self.reports else None

    @property
    def name(self):
        return f"{self.way.label}, {plural(self.workers, self.way.worker)}"


def answer(way, report, listing):
    """How a way's answer agrees with ours; one that does not is a failure."""
    reference = listing.reference
    distance_km = reference["distance_km"]
    if abs(report["distance_km"] - distance_km) > way.error_km:
        raise Failed(f"found {report['distance_km']!r} km instead of {distance_km!r} km")
    if report["rows"] == reference["rows"]:
        return "same pair"
    if abs(listing.exact_km(report["rows"]) - distance_km) > way.error_km:
        raise Failed(f"found rows {report['rows']}, which are nearer than {reference['rows']}")
    return f"as far within {way.error_km:g} km, rows {report['rows']}"
