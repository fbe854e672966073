"""The words of `scripts/compare`: the cells of its table, the legend, and the lesson of the run."""

from comparison import EXACT_ERROR_KM, HAVERSINE_ERROR_KM, LIST_BYTES_A_PAIR
from tables import markdown, plural, short, size


HEAD = "way,workers,cities,time,pairs/s,memory,reading,times pruned,answer,remark".split(",")


def table(outcomes, whole, repeat):
    """The table with all that is said below it."""
    rows = [cells(*pair) for pair in zip(outcomes, times_pruned(outcomes))]
    return markdown(HEAD, rows) + legend(whole, repeat) + lesson(outcomes, whole)


def times_pruned(outcomes):
    """For each row the ratio of its time on all cities to that of `pruned` on as many ranks."""
    pruned = {o.workers: o.whole_time_s for o in outcomes if o.way.name == "pruned"}
    for outcome in outcomes:
        ours, theirs = pruned.get(outcome.workers), outcome.whole_time_s
        if ours is None or theirs is None:
            yield "-"
        else:
            yield ("≈ " if outcome.remark else "") + short(theirs / ours)


def cells(outcome, ratio):
    start = [outcome.way.name, plural(outcome.workers, outcome.way.worker)]
    if not outcome.reports:
        return [*start, "-", "-", "-", "-", "-", ratio, "-", outcome.remark]
    return [
        *start,
        f"{len(outcome.listing.cities):,}",
        f"{short(outcome.time_s)} s",
        short(outcome.listing.pairs / outcome.time_s),
        f"{outcome.memory_mib:.1f} MiB",
        f"{short(outcome.median(lambda report: report['read_s']))} s",
        ratio,
        outcome.answer,
        outcome.remark,
    ]


def legend(whole, repeat):
    rows = whole.reference["rows"]
    return f"""
Answer: rows {rows[0]} and {rows[1]}, {whole.reference["distance_km"]:.9f} km.

- *Time*: median of {repeat}, from the cities in memory to the farthest pair: a list of degrees for
  the ways of the notebook, unit vectors for numpy, numba and scipy, our points for ours
  (`execution_time`). The start of Python, of its processes and engines, of MPI, and the compiler
  of numba are not in it.
- *Reading* comes before: text to what is said above. Ours orders its points and cuts them into
  tiles there, where cKDTree builds its tree within its time.
- *Memory*: the most private memory (RssAnon) that all workers held together, seen in a run of its
  own. What a forked worker shares with its parent counts twice; a mapped file does not count.
- *Times pruned*: the time on all cities, measured or (≈) estimated from the pairs per second of the
  row, over that of `pruned` on as many ranks.
- *Answer*: the rows are those of `exhaustive` on one rank and the distance is within
  {EXACT_ERROR_KM:g} km of it, or {HAVERSINE_ERROR_KM:g} km for a haversine, which can do no better
  near the antipode. Other rows are accepted where they are as far within that error, and are shown.
"""


def lesson(outcomes, whole):
    """Why scatter and gather of a list of pairs lose, by the numbers of this run."""
    rows = [o for o in outcomes if o.way.name == "mpi4py" and o.reports]
    if not rows:
        return ""
    outcome = max(rows, key=lambda o: o.workers)
    distances_s = outcome.median(lambda report: report["steps_s"]["distances"])
    moving = ("list", "scatter", "gather")
    list_s, scatter_s, gather_s = (
        outcome.median(lambda report, step=step: report["steps_s"][step]) for step in moving
    )
    pickled = outcome.median(lambda report: report["pickled_bytes_a_pair"])
    n = len(whole.cities)
    list_mib = whole.pairs * LIST_BYTES_A_PAIR / 2**20
    return (
        f"\nWhy scatter and gather of a list of pairs lose: on {plural(outcome.workers, 'rank')}"
        f" rank 0 spent {short(list_s)} s on making the list of {outcome.listing.pairs:,} pairs,"
        f" {short(scatter_s)} s on scattering it ({pickled:.0f} bytes a pair, pickled) and"
        f" {short(gather_s)} s on gathering the distances and waiting for them, beside"
        f" {short(distances_s)} s on its share of the distances, the one step that more ranks make"
        f" shorter; and as every city stands in the list n - 1 times, that of all {n:,} cities takes"
        f" {size(list_mib)} on one rank, where {size(n * 16 / 2**20)} of coordinates say as much.\n"
    )
