"""Rows of `scripts/bench` about one reading for all ranks. Each takes a Bench and returns what it
measured."""

import statistics
from dataclasses import replace

from job import peak_memory, used_by_ranks
from measure import Failed, run
from rows_pruned import against_version, ratio
from sides import LAUNCH, Measured, in_turn, require_same_answer, seconds

MANY_RANKS = 8
BALANCED_RANKS = 16


def command_of(bench, file):
    return [bench.farthest, "pair", "--format", "json", "--method", "pruned", file]


def read_memory(bench):
    """The peak of all ranks together, sampled (job.py says what counts); the details have it for
    1, 2, 4 and 8 ranks."""
    text = bench.uniform_text(3 * bench.million)
    jobs = {ranks: peak_memory(ranks, command_of(bench, text)) for ranks in (1, 2, 4, MANY_RANKS)}
    details = {ranks: facts for ranks, (_, _, facts) in jobs.items()}
    ours, theirs = (jobs[ranks][0] / 2**20 for ranks in (MANY_RANKS, 1))
    return Measured("MiB", [ours], [theirs], details=details)


def read_two(file_of):
    """The read phase of the slowest rank of two, against that of one by the same launcher."""

    def measure(bench):
        file = file_of(bench)
        sides = in_turn(
            lambda: bench.pair(file, "pruned", ranks=2),
            lambda: bench.pair(file, "pruned", ranks=1),
            bench.rounds,
        )
        require_same_answer(sides)
        details = [[report["times_s"] for report in side] for side in sides]
        return Measured("s", *map(read_times, sides), details=details)

    return measure


def uniform_of_ten_million(bench):
    return bench.uniform_text(bench.ten_million)


def dump(bench):
    return bench.data.dump(13 * bench.million)


def read_times(reports):
    return [report["times_s"]["read"]["max"] for report in reports]


def reading_s(bench, ranks, file):
    """Processor seconds of each rank, user and system, less the mean of a rank on a list of two
    cities. What is left is reading: the pruned search takes a hundredth of it."""
    start, whole = (processor_s(bench, ranks, text) for text in (bench.uniform_text(2), file))
    return [used_s - statistics.mean(start) for used_s in whole]


def processor_s(bench, ranks, file):
    used, _ = used_by_ranks(ranks, command_of(bench, file))
    return [rank.processor_s for rank in used]


def read_processor(bench):
    """All ranks together, though they share two cores."""
    text = bench.uniform_text(3 * bench.million)
    sides = in_turn(
        lambda: sum(reading_s(bench, MANY_RANKS, text)),
        lambda: sum(reading_s(bench, 1, text)),
        bench.rounds,
    )
    return Measured("s", *sides)


def read_balance(bench):
    """The busiest rank against the mean of all, on the set where that is worst.

    Ten million rows, so that a rank's part is many times what the start of a rank varies by.
    """
    rows = bench.ten_million
    sets = {
        "uniform": bench.uniform_text(rows),
        "clustered": bench.data.generated(rows, "tsv", "clustered"),
        "by country": bench.data.countries(rows),
    }
    measured = {}
    for name, text in sets.items():
        runs = [reading_s(bench, BALANCED_RANKS, text) for _ in range(bench.rounds)]
        most, means = [max(run) for run in runs], [statistics.mean(run) for run in runs]
        measured[name] = Measured("s", most, means, note=name, details=runs)
    worst = max(measured.values(), key=ratio)
    details = {name: {"ratio": ratio(each), **vars(each)} for name, each in measured.items()}
    return replace(worst, details=details)


def text_before(bench):
    """All after MPI_Init, on one core each."""
    text = bench.uniform_text(bench.million)
    return against_version(bench, bench.each_reads, text, text, 2 * bench.rounds)


def text_ckdtree_two(bench):
    """All after MPI_Init on two ranks; theirs may use two threads."""
    text = bench.uniform_text(bench.million)
    sides = in_turn(
        lambda: bench.pair(text, "pruned", ranks=2),
        lambda: bench.peer_of_threads(2, "text", text),
        bench.rounds,
        3,
    )
    require_same_answer(sides)
    return seconds(sides, "open_and_search_s")


def read_polars(bench):
    """The read phase on two ranks, which makes the atlas, against read_csv, which only reads."""
    text = bench.uniform_text(bench.ten_million)
    sides = in_turn(
        lambda: bench.pair(text, "pruned", ranks=2), lambda: polars(bench, text), bench.rounds
    )
    if {report["rows"] for report in sides[1]} != {bench.ten_million}:
        raise Failed("polars did not read every row")
    return Measured("s", read_times(sides[0]), [report["total_s"] for report in sides[1]])


def polars(bench, text):
    return bench.peer_of_threads(2, "polars", text)


def pack_two(bench):
    """Whole commands with the file synced, both by the launcher."""
    text, out = bench.uniform_text(bench.ten_million), bench.data.folder / "pack.cities"

    def pack_anew(ranks):
        # A file that is replaced has to be given back to the disk, which is not what is measured.
        out.unlink(missing_ok=True)
        return run([LAUNCH, ranks, bench.farthest, "pack", text, out])[1]

    sides = in_turn(lambda: pack_anew(2), lambda: pack_anew(1), bench.rounds)
    out.unlink()
    return Measured("s", *sides)
