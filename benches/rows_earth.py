"""Rows of `scripts/bench` about distances on the ellipsoid WGS84. Each takes a Bench and returns what it measured."""

from measure import run_json
from rows_pruned import SLOW_PEER_ROUNDS, big_file
from sides import ROOT, Measured, in_turn, require_same_answer, seconds

WGS84 = ("--metric", "wgs84")
CITIES_LIMIT_MS = 3.0
CITIES_RUNS = 15
RUNS_A_ROUND = 5


def against_sphere(file_of, method="pruned", isa=None):
    """The search on WGS84 against the same on the sphere. Both take about as long, and take turns one by one."""

    def measure(bench):
        file = file_of(bench)
        sides = [[], []]
        for _ in range(RUNS_A_ROUND * bench.rounds):
            for side, words in zip(sides, (WGS84, ()), strict=True):
                side.append(bench.pair(file, method, isa, words=words))
        for side in sides:
            require_same_answer([side])
        return seconds(sides, "execution_time", "execution_time")

    return measure


def disc(bench):
    return bench.data.packed(bench.data.disc(bench.million))


def quarter_grid(bench):
    return bench.data.packed(bench.data.quarter_grid(bench.million))


def study(bench):
    return bench.uniform(bench.study)


earth_uniform = against_sphere(lambda bench: bench.uniform(bench.million))
earth_big = against_sphere(big_file)
earth_disc = against_sphere(disc)
earth_grid = against_sphere(quarter_grid)
earth_exhaustive = against_sphere(study, "exhaustive")


def earth_cities(bench):
    file = bench.data.packed(ROOT / "data" / "cities15000.tsv")
    reports = [bench.pair(file, "pruned", words=WGS84) for _ in range(CITIES_RUNS)]
    times_ms = [1000.0 * report["open_and_search_s"] for report in reports]
    return Measured("ms", times_ms, [CITIES_LIMIT_MS])


def earth_peer(bench):
    """What a careful user does: all pairs within 34 km of the antipode by the tree, and PROJ's geodesic of each."""
    text, file = bench.uniform_text(bench.million), bench.uniform(bench.million)
    sides = in_turn(
        lambda: bench.pair(file, "pruned", words=WGS84),
        lambda: bench.peer("geodesics", text, bench.vectors(bench.million)),
        min(bench.rounds, SLOW_PEER_ROUNDS),
        3,
    )
    require_same_answer(sides)
    return seconds(sides, "open_and_search_s")


def geodesic(bench):
    """Nanoseconds a geodesic, the kind of pairs where ours is worst against geographiclib-rs."""
    kinds = run_json([bench.programs["geodesic"], "--json"], bench.core)["kinds"]
    worst = max(kinds, key=lambda kind: kind["ours_ns"] / kind["theirs_ns"])
    return Measured("ns", [worst["ours_ns"]], [worst["theirs_ns"]], note=worst["kind"], details=kinds)
