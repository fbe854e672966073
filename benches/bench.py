"""Ours and theirs side by side: the rows of the table that `scripts/bench` prints.

Each row has a function that measures both sides in turn, several rounds, so that a neighbour on the
machine or a change of clock meets both; the table shows medians and their ratio. Where both sides
give a distance, the two must agree within SAME_KM in every round, or the row has failed. Whole
commands are run, as a user would; seconds are taken from what they report, or from the clock
around the command where the row says "whole command". Runs on one core are pinned to it. Where
theirs is 0.1.0, version 0.1.0 of this program runs on the same cities.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import replay
from datasets import say
from measure import Failed, NotAvailable, NotHere
from rows_beyond import (
    billion_again,
    billion_cold,
    billion_file,
    billion_make,
    billion_memory,
    text_memory,
    text_time,
)
from rows_earth import (
    earth_big,
    earth_cities,
    earth_disc,
    earth_exhaustive,
    earth_grid,
    earth_peer,
    earth_uniform,
    geodesic,
)
from rows_exhaustive import against_loop, avx2_old, notebook, replay_sum, two_ranks
from rows_files import big_memory, named_bytes, nameless_bytes, pack_memory, pack_time, start
from rows_pruned import (
    HARD_AT_MOST,
    big_time,
    clustered_old,
    coastline,
    gazetteer,
    growth,
    hard_old,
    memory_kiddo,
    packed_ckdtree,
    packed_kiddo,
    packed_s2,
    replay_fixed,
    text_ckdtree,
    text_old,
)
from rows_questions import (
    between_kiddo,
    each_kiddo,
    each_memory,
    each_two,
    top_one,
    top_thousand,
)
from rows_reading import (
    dump,
    pack_two,
    read_balance,
    read_memory,
    read_polars,
    read_processor,
    read_two,
    text_before,
    text_ckdtree_two,
    uniform_of_ten_million,
)
from sides import DATA, HOME, ROOT, Bench, built_programs
from tables import facts, markdown, short, write_record

RESULTS = HOME / "RESULTS.md"
NOT_AVAILABLE = "not available"


@dataclass
class Row:
    """A line of the table. `required` bounds the ratio from below, or with `at_most` from above."""

    name: str
    what: str
    required: float
    measure: Callable
    at_most: bool = False
    theirs: str = ""
    # The option without which the row is left out.
    behind: str = ""
    outcome: dict = field(default_factory=dict)

    def run(self, bench):
        say(f"{self.name} ...")
        try:
            self.settle(self.measure(bench))
        except NotHere as reason:
            self.outcome = {"verdict": NOT_AVAILABLE, "reason": str(reason), "is_excused": True}
        except NotAvailable as reason:
            self.outcome = {"verdict": NOT_AVAILABLE, "reason": str(reason)}
        except Failed as reason:
            self.outcome = {"verdict": "failed", "reason": str(reason)}
        say(f"{self.name}: {' | '.join(self.cells()[1:])}")

    def settle(self, measured):
        ours, theirs = statistics.median(measured.ours), statistics.median(measured.theirs)
        ratio = ours / theirs if self.at_most or measured.higher_is_better else theirs / ours
        is_ok = ratio <= self.required if self.at_most else ratio >= self.required
        self.outcome = {
            "verdict": "ok" if is_ok else "short",
            "unit": measured.unit,
            "ours": ours,
            "theirs": theirs,
            "ratio": ratio,
            "note": measured.note,
            "samples": {"ours": measured.ours, "theirs": measured.theirs},
            "details": measured.details,
        }

    def is_fine(self):
        return self.outcome["verdict"] == "ok" or self.outcome.get("is_excused", False)

    def cells(self):
        unit = self.outcome.get("unit")
        required = f"{'≤' if self.at_most else '≥'} {self.required:,g}"
        if unit is None:
            reason = self.outcome["reason"].replace("|", "/")
            return [self.what, "-", "-", "-", required, f"{self.outcome['verdict']}: {reason}"]
        ours, theirs = (f"{short(self.outcome[side])} {unit}" for side in ("ours", "theirs"))
        ratio = short(self.outcome["ratio"])
        words = ", ".join(filter(None, (self.theirs, self.outcome["note"])))
        theirs += f" ({words})" if words else ""
        return [self.what, ours, theirs, ratio, required, self.outcome["verdict"]]


# Of one kind after the other; {million} and the like are the sizes.
ROWS = [
    Row(
        "avx512-bare",
        "exhaustive, AVX-512, {million} cities, search phase (AMD)",
        0.93,
        against_loop("AMD", "--bare"),
        theirs="multiplications and copies, no minimum",
    ),
    Row(
        "avx512-peak",
        "exhaustive, AVX-512, {million} cities, search phase (Intel)",
        0.91,
        against_loop("Intel", "--peak"),
        theirs="peak, 2 FMA a vector",
    ),
    Row(
        "avx2",
        "exhaustive, AVX2, {study} cities, search phase",
        1.15,
        avx2_old,
        theirs="0.1.0",
    ),
    Row("notebook", "exhaustive, pairs per second", 15_000, notebook, theirs="notebook's loop"),
    Row("ranks", "exhaustive on 2 ranks", 1.9, two_ranks, theirs="1 rank"),
    *(
        Row(
            f"replay-{ranks}",
            f"exhaustive, {{million}} cities, replay: sum over {ranks:,} ranks",
            required,
            replay_sum(ranks),
            True,
            "1 rank",
        )
        for ranks, required in ((64, 1.15), (1024, 1.5), (16_384, 4))
    ),
    Row(
        "packed-ckdtree",
        "pruned, {million} uniform, packed: open + search",
        600,
        packed_ckdtree,
        theirs="cKDTree",
    ),
    Row(
        "packed-s2",
        "pruned, {million} uniform, packed: open + search",
        400,
        packed_s2,
        theirs="S2",
    ),
    Row(
        "packed-kiddo",
        "pruned, {million} uniform, packed: open + search",
        200,
        packed_kiddo,
        theirs="kiddo",
    ),
    Row(
        "memory-kiddo",
        "pruned, {million} uniform vectors in memory: all of it",
        60,
        memory_kiddo,
        theirs="kiddo",
    ),
    Row(
        "top-one",
        "pruned, {million} uniform, packed, --top 1: search",
        1.01,
        top_one,
        True,
        "without --top",
    ),
    Row(
        "top-thousand",
        "pruned, {million} uniform, packed, --top 1000: search",
        4,
        top_thousand,
        True,
        "--top 1",
    ),
    Row(
        "between-kiddo",
        "pruned, two lists of {million} uniform, packed: open + search",
        100,
        between_kiddo,
        theirs="kiddo",
    ),
    Row(
        "each-kiddo",
        "each, {million} uniform, packed: search",
        2.5,
        each_kiddo,
        theirs="kiddo",
    ),
    Row("each-ranks", "each, {million} uniform, packed, 2 ranks: search", 1.8, each_two, theirs="1 rank"),
    Row(
        "each-memory",
        "each, {big} uniform, packed, to CSV on 2 ranks: memory of all ranks together",
        1,
        each_memory,
        True,
        "limit",
        "big",
    ),
    Row(
        "clustered",
        "pruned, {million} clustered, packed: open + search",
        2.5,
        clustered_old,
        theirs="0.1.0",
    ),
    Row(
        "hard",
        "pruned, the hard set that is slowest against 0.1.0, packed: open + search",
        HARD_AT_MOST,
        hard_old,
        True,
        "0.1.0",
    ),
    Row(
        "text",
        "pruned, {million} uniform, from text: read + search",
        1.2,
        text_old,
        theirs="0.1.0",
    ),
    Row(
        "text-ckdtree",
        "pruned, {million} uniform, from text, all after MPI_Init",
        10,
        text_ckdtree,
        theirs="numpy + cKDTree",
    ),
    Row(
        "read-memory",
        "text of {3million}: memory of all ranks together, 8 ranks",
        1.3,
        read_memory,
        True,
        "1 rank",
    ),
    Row(
        "read-ranks",
        "text of {tenth}: read phase on 2 ranks",
        1.8,
        read_two(uniform_of_ten_million),
        theirs="1 rank",
    ),
    Row(
        "read-processor",
        "text of {3million}: processor time of reading, sum over 8 ranks",
        1.25,
        read_processor,
        True,
        "1 rank",
    ),
    Row(
        "read-balance",
        "text of {tenth}: processor time of reading, busiest of 16 ranks",
        1.2,
        read_balance,
        True,
        "mean",
    ),
    Row(
        "read-dump",
        "text of {13million} rows shaped as GeoNames' dump: read phase on 2 ranks",
        1.8,
        read_two(dump),
        theirs="1 rank",
    ),
    Row(
        "read-polars",
        "text of {tenth}: read phase on 2 ranks",
        1.5,
        read_polars,
        True,
        "polars read_csv, 2 threads",
    ),
    Row(
        "text-before",
        "pruned, {million} uniform, from text, all after MPI_Init",
        1,
        text_before,
        True,
        "before shared reading",
    ),
    Row(
        "text-ckdtree-ranks",
        "pruned, {million} uniform, from text on 2 ranks, all after MPI_Init",
        15,
        text_ckdtree_two,
        theirs="numpy + cKDTree, 2 threads",
    ),
    Row(
        "pack-ranks",
        "pack {tenth} rows of text on 2 ranks: whole command, synced",
        1.7,
        pack_two,
        theirs="1 rank",
    ),
    Row(
        "big-text-time",
        "pruned, {big} uniform, from text on 2 ranks, all after MPI_Init",
        1,
        text_time,
        theirs="polars read_csv + kiddo",
        behind="big",
    ),
    Row(
        "big-text-memory",
        "pruned, {big} uniform, from text on 2 ranks: memory of all ranks together",
        1,
        text_memory,
        True,
        "limit",
        "big",
    ),
    *(
        Row(
            f"billion-{name}",
            f"{{billion}} without names on 2 ranks: {what}",
            1,
            measure,
            True,
            "limit",
            "billion",
        )
        for name, what, measure in (
            ("make", "generate, packed, whole command", billion_make),
            ("memory", "memory of all ranks together, generate and pair", billion_memory),
            ("file", "the packed file", billion_file),
            ("cold", "pair, nothing cached: open + search, planted pair found", billion_cold),
            ("again", "pair again: open + search", billion_again),
        )
    ),
    Row(
        "earth-uniform",
        "pruned, {million} uniform, packed: search on WGS84",
        2,
        earth_uniform,
        True,
        "sphere",
    ),
    Row("earth-big", "pruned, {big} uniform, packed: search on WGS84", 2, earth_big, True, "sphere"),
    Row(
        "earth-cities",
        "pruned, data/cities15000.tsv, packed: open + search on WGS84",
        1,
        earth_cities,
        True,
        "limit",
    ),
    Row(
        "earth-disc",
        "pruned, {million} in a disc of 1600 km, packed: search on WGS84",
        2,
        earth_disc,
        True,
        "sphere",
    ),
    Row(
        "earth-grid",
        "pruned, {million} a quarter step off a grid, packed: search on WGS84",
        4,
        earth_grid,
        True,
        "sphere",
    ),
    Row(
        "earth-exhaustive",
        "exhaustive, {study} cities: search on WGS84",
        1.05,
        earth_exhaustive,
        True,
        "sphere",
    ),
    Row(
        "earth-peer",
        "pruned, {million} uniform, packed: open + search on WGS84",
        500,
        earth_peer,
        theirs="cKDTree + PROJ",
    ),
    Row(
        "geodesic",
        "a geodesic on WGS84, the slowest kind of pair",
        0.7,
        geodesic,
        True,
        "geographiclib-rs",
    ),
    Row(
        "coastline",
        "pruned, 10.6e6 coastline vertices, packed: open + search",
        100,
        coastline,
        theirs="cKDTree",
    ),
    Row(
        "big-time",
        "pruned, {big} uniform, packed and cached: open + search",
        1,
        big_time,
        True,
        "limit",
    ),
    Row(
        "big-memory",
        "pruned, {big} uniform: private memory of a rank of 2",
        1,
        big_memory,
        True,
        "limit",
    ),
    Row(
        "growth",
        "pruned, a hundred times the points, up to {big}: time",
        1,
        growth,
        True,
        "n log n",
    ),
    Row(
        "replay-fixed",
        "pruned, {tenth} uniform, replay: fixed cost of a rank of 1,024",
        1,
        replay_fixed,
        True,
        "limit",
    ),
    Row(
        "bytes-nameless",
        "packed, {tenth} uniform without names: bytes a city",
        1,
        nameless_bytes,
        True,
        "limit",
    ),
    Row(
        "bytes-named",
        "packed, data/cities15000.tsv with names: bytes a city",
        1,
        named_bytes,
        True,
        "limit",
    ),
    Row(
        "pack-time",
        "pack {million} rows of text: whole command, synced",
        1,
        pack_time,
        theirs="pandas read_csv",
    ),
    Row(
        "pack-memory",
        "pack {million} rows of text: private memory",
        3,
        pack_memory,
        True,
        "the packed file",
    ),
    Row(
        "start",
        "pair of data/cities15000.tsv, mpirun -n 2: whole command",
        1.15,
        start,
        True,
        "MPI alone",
    ),
    Row(
        "cities5000",
        "pruned, cities5000, packed: open + search",
        1,
        gazetteer("cities5000"),
        theirs="cKDTree",
    ),
    Row(
        "cities1000",
        "pruned, cities1000, packed: open + search",
        1,
        gazetteer("cities1000", 20014.983174577),
        theirs="cKDTree",
    ),
    Row(
        "cities500",
        "pruned, cities500, packed: open + search",
        1,
        gazetteer("cities500", 20015.025289501),
        theirs="cKDTree",
    ),
]


def table_rows(bench):
    """The rows with the sizes of this run in their words."""
    sizes = {"million": bench.million, "big": bench.big, "study": bench.study}
    sizes.update(tenth=bench.ten_million, billion=bench.billion)
    sizes.update({f"{few}million": few * bench.million for few in (3, 13)})
    words = {name: f"{size:.2g}".replace("e+0", "e") for name, size in sizes.items()}
    return [replace(row, what=row.what.format(**words)) for row in ROWS]


def table(rows):
    head = ["what", "ours", "theirs", "ratio", "required", ""]
    return markdown(head, [row.cells() for row in rows])


def record(rows):
    """Writes the table into RESULTS.md."""
    command = " ".join(["scripts/bench", *hand_typed(sys.argv[1:])])
    write_record(RESULTS, "scripts/bench", "Results", facts(command) + "\n" + table(rows))
    say(f"recorded in {RESULTS.relative_to(ROOT)}")


def hand_typed(arguments):
    """The arguments without those that scripts/bench has put in front."""
    return arguments[2:] if arguments[:1] == ["--programs"] else arguments


def replay_tables():
    """The other table of this script, with options of its own."""
    _, programs, *arguments = sys.argv[1:]
    return replay.main(built_programs(programs), DATA, arguments)


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench", add_help=False, allow_abbrev=False)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--rows", type=lambda names: names.split(","))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", type=int)
    for flag in ("--quick", "--record", "--fresh", "--list", "--big", "--billion"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    if options.quick and options.record:
        parser.error("--quick measures nothing that should be recorded; leave one of the two out")
    if options.rounds < 1:
        parser.error("expected --rounds of at least 1")
    return parser, options


def listed(row):
    """A line of --list."""
    behind = f" (with --{row.behind})" if row.behind else ""
    return f"{row.name:<20}{row.what}{behind}\n"


def asked_for(rows, options, parser):
    """The rows to run: those named, or all; those behind an option only with it."""
    unknown = set(options.rows or []) - {row.name for row in rows}
    if unknown:
        parser.error(f"there is no row {', '.join(sorted(unknown))}; see scripts/bench --list")
    if options.rows:
        rows = [row for row in rows if row.name in options.rows]
    left_out = [row for row in rows if row.behind and not getattr(options, row.behind)]
    if options.rows and left_out:
        parser.error(f"row {left_out[0].name} runs with --{left_out[0].behind}; add it")
    return [row for row in rows if row not in left_out]


def main():
    if "--replay" in sys.argv:
        return replay_tables()
    parser, options = parse()
    bench = Bench(options)
    rows = table_rows(bench)
    if options.list:
        print("".join(map(listed, rows)), end="")
        return 0
    rows = asked_for(rows, options, parser)
    for row in rows:
        row.run(bench)
    samples = [{"row": row.name, **row.outcome} for row in rows]
    (DATA / "samples.json").write_text(json.dumps(samples, indent=1) + "\n")
    print(table(rows), end="")
    if options.record:
        record(rows)
    return 0 if all(row.is_fine() for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
