"""Rows of `scripts/bench` about the other questions: the K farthest pairs, two lists, the farthest of each.
Each takes a Bench and returns what it measured."""

from job import peak_memory
from measure import run_json
from rows_pruned import SLOW_PEER_ROUNDS
from sides import LAUNCH, Measured, in_turn, require_same_answer, seconds

# A sample takes milliseconds where a job has gigabytes.
SPARSE_EVERY_S = 0.1
GB = 1e9
EACH_LIMIT_GB = 12.0
# A search of a millisecond is run often, so that a percent can be seen.
RUNS_A_ROUND = 9


def each(bench, file, ranks=None):
    """The report of `each`, with what the other rows call distance and search."""
    out = bench.data.folder / "each.csv"
    command = [bench.farthest, "each", file, "--out", out, "--force", "--format", "json"]
    report = run_json(command, bench.core) if ranks is None else run_json([LAUNCH, ranks, *command])
    out.unlink()
    report["distance_km"] = report["greatest"]["distance_km"]
    report["search_s"] = report["times_s"]["search"]["max"]
    return report


def each_kiddo(bench):
    """The search alone, which begins with a packed file; the tree has all in memory before its clock starts."""
    file = bench.uniform(bench.million)
    sides = in_turn(
        lambda: each(bench, file), lambda: bench.program("kiddo", "theirs", file), bench.rounds
    )
    require_same_answer(sides)
    return seconds(sides, "search_s")


def each_two(bench):
    file = bench.uniform(bench.million)
    sides = in_turn(
        lambda: each(bench, file, 2), lambda: each(bench, file, 1), bench.rounds
    )
    require_same_answer(sides)
    return seconds(sides, "search_s", "search_s")


def each_memory(bench):
    """The peak of both ranks together, sampled (job.py says what counts)."""
    out = bench.data.folder / "each.csv"
    command = [bench.farthest, "each", bench.uniform(bench.big), "--out", out, "--force"]
    try:
        peak, _, facts = peak_memory(2, command, SPARSE_EVERY_S)
    finally:
        out.unlink(missing_ok=True)
    return Measured("GB", [peak / GB], [EACH_LIMIT_GB], details=facts)


def between_kiddo(bench):
    """Two lists: open and search, against the tree of one, asked for each antipode of the other."""
    file, other = bench.uniform(bench.million), bench.data.other(bench.million, "cities")
    sides = in_turn(
        lambda: bench.pair(file, "pruned", words=[other]),
        lambda: bench.program("kiddo", "theirs", file, other),
        min(bench.rounds, SLOW_PEER_ROUNDS),
        3,
    )
    require_same_answer(sides)
    return seconds(sides, "open_and_search_s")


def top(many, than):
    """The K farthest against another number of them, by search and reduction."""

    def measure(bench):
        file = bench.uniform(bench.million)
        sides = [[], []]
        # Both take about as long, so that they take turns one by one.
        for _ in range(RUNS_A_ROUND * bench.rounds):
            for side, words in zip(sides, (many, than), strict=True):
                side.append(bench.pair(file, "pruned", words=words))
        require_same_answer(sides)
        return seconds(sides, "execution_time", "execution_time")

    return measure


top_one = top(["--top", 1], [])
top_thousand = top(["--top", 1000], ["--top", 1])
