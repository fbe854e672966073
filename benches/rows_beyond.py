"""Rows of `scripts/bench` about lists near and beyond the size of the memory, which are left out
unless they are asked for: they take minutes and much of the disk. Each takes a Bench and returns what
it measured."""

import os
import time

from job import peak_memory
from measure import Failed, NotAvailable, TookTooLong, run_json
from rows_reading import command_of, polars
from sides import SAME_KM, Measured

# A sample takes milliseconds where a job has gigabytes.
SPARSE_EVERY_S = 0.1
GB = 1e9
TEXT_LIMIT_GB = 6.0
# A tree that takes longer than so many times ours is stopped.
TIMES_AT_MOST = 20

# The packed file and, until it is there, the dealt cities.
DISK_BYTES_PER_CITY = 40
BILLION_LIMIT_S = 20 * 60.0
BILLION_LIMIT_GB = 4.0
BILLION_LIMIT_FILE_GB = 18.0
COLD_LIMIT_S = 60.0
AGAIN_LIMIT_S = 6.0
# What cities may take before they are dealt to the disk, 2 GB of a billion. The rest of the limit is for
# what is made of them.
MEMORY_BYTES_PER_CITY = 2


def once(job):
    """A job that several rows ask about and that runs once: what it gave or raised, each of them gets."""
    outcomes = []

    def ask(bench):
        if not outcomes:
            try:
                outcomes.append((job(bench), None))
            except (Failed, NotAvailable) as reason:
                outcomes.append((None, reason))
        result, reason = outcomes[0]
        if reason is not None:
            raise reason
        return result

    return ask


# A hundred million rows of text.


def text_time(bench):
    """All after MPI_Init on two ranks, against polars' read_csv with two threads and kiddo's tree, the
    fastest of those that other rows measure. It runs on one core, over vectors that it need not make;
    where it takes too long it is stopped, and the time until then counts."""
    text = bench.uniform_text(bench.big)
    report = bench.pair(text, "pruned", ranks=2)
    ours_s = report["open_and_search_s"]
    read = polars(bench, text)
    packed = bench.uniform(bench.big)
    limit_s = TIMES_AT_MOST * ours_s
    try:
        tree = run_json([bench.programs["kiddo"], "theirs", packed], bench.core, limit_s)
        if abs(tree["distance_km"] - report["distance_km"]) > SAME_KM:
            raise Failed(f"the answers differ: {tree['distance_km']}, {report['distance_km']}")
        tree_s, note = tree["total_s"], f"tree {tree['total_s']:.0f} s of it"
    except TookTooLong:
        tree_s, note = limit_s, f"tree stopped after {limit_s:.0f} s"
    details = {"ours": report["times_s"], "polars": read, "tree_s": tree_s}
    return Measured("s", [ours_s], [read["total_s"] + tree_s], note=note, details=details)


def text_memory(bench):
    """The peak of both ranks together, sampled (job.py says what counts)."""
    text = bench.uniform_text(bench.big)
    peak, _, facts = peak_memory(2, command_of(bench, text), SPARSE_EVERY_S)
    return Measured("GB", [peak / GB], [TEXT_LIMIT_GB], details=facts)


# A billion cities.


@once
def billion(bench):
    """Makes the packed file on two ranks, watched; searches it with nothing of it in the page cache,
    and again; once more for the memory; and takes it away."""
    out = bench.data.folder / "billion.cities"
    out.unlink(missing_ok=True)
    bench.require_disk(DISK_BYTES_PER_CITY * bench.billion)
    try:
        return facts_of_billion(bench, out)
    finally:
        out.unlink(missing_ok=True)


def facts_of_billion(bench, out):
    memory_bytes = MEMORY_BYTES_PER_CITY * bench.billion
    options = ["--no-names", "--plant", "--memory", memory_bytes]
    command = [bench.farthest, "generate", *options, bench.billion, out]
    began_s = time.perf_counter()
    made, text, made_facts = peak_memory(2, command, SPARSE_EVERY_S)
    made_s = time.perf_counter() - began_s
    forget(out)
    cold, again = (bench.pair(out, "pruned", ranks=2) for _ in range(2))
    for report in (cold, again):
        require_planted(report, text)
    searched, _, searched_facts = peak_memory(2, command_of(bench, out), SPARSE_EVERY_S)
    return {
        "made_s": made_s,
        "made": made_facts,
        "searched": searched_facts,
        "peak_gb": max(made, searched) / GB,
        "file_gb": out.stat().st_size / GB,
        "cold": cold,
        "again": again,
        "planted": text,
    }


def forget(path):
    """Takes a file out of the page cache; what is not on the disk yet is written first."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def require_planted(report, text):
    """Refuses an answer that is not the pair that `generate --plant` says it has made."""
    said = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    rows = [int(said[key].split()[1].rstrip(",")) for key in ("planted first", "planted second")]
    distance_km = float(said["distance"].split()[0])
    found = [city["row"] for city in report["pair"]]
    if found != rows or abs(report["distance_km"] - distance_km) > SAME_KM:
        raise Failed(f"expected the planted rows {rows} at {distance_km} km, found {found}")


def billion_row(unit, value_of, limit):
    def measure(bench):
        facts = billion(bench)
        return Measured(unit, [value_of(facts)], [limit], details=facts)

    return measure


billion_make = billion_row("s", lambda facts: facts["made_s"], BILLION_LIMIT_S)
billion_memory = billion_row("GB", lambda facts: facts["peak_gb"], BILLION_LIMIT_GB)
billion_file = billion_row("GB", lambda facts: facts["file_gb"], BILLION_LIMIT_FILE_GB)
billion_cold = billion_row("s", lambda facts: facts["cold"]["open_and_search_s"], COLD_LIMIT_S)
billion_again = billion_row("s", lambda facts: facts["again"]["open_and_search_s"], AGAIN_LIMIT_S)
