"""Ours and theirs side by side: the rows of the table that `scripts/bench` prints.

Each row is a function that measures both sides in turn, several rounds, so that a neighbour on the
machine or a change of clock meets both; the table shows medians and their ratio. Where both sides
give a distance, the two must agree within SAME_KM in every round, or the row has failed. Whole
commands are run, as a user would; seconds are taken from what they report, or from the clock
around the command where the row says "whole command". Runs on one core are pinned to it.
"""

import argparse
import json
import math
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from datasets import Datasets, say
from measure import (
    Failed,
    NotAvailable,
    last_allowed_core,
    peak_private_mib,
    run,
    run_json,
)
from tables import facts, markdown, short, write_record

HOME = Path(__file__).resolve().parent
ROOT = HOME.parent
DATA = ROOT / "target" / "bench-data"
RESULTS = HOME / "RESULTS.md"
CITIES = ROOT / "data" / "cities15000.tsv"

SAME_KM = 1e-6
BIG_LIMIT_S = 10.0
BIG_LIMIT_MIB = 64.0


class Bench:
    """What all rows need: programs, data, the core, the number of rounds, the sizes of sets."""

    def __init__(self, options):
        self.programs = built_programs(options.programs)
        self.farthest = self.programs["farthest"]
        self.core = last_allowed_core() if options.core is None else options.core
        self.rounds = 1 if options.quick else options.rounds
        scale = 10 if options.quick else 1
        self.million = 1_000_000 // scale
        self.big = 100_000_000 // scale
        self.study = 400_000 // (4 if options.quick else 1)
        self.loop = 1500
        folder = DATA / ("quick" if options.quick else "full")
        self.data = Datasets(folder, self.farthest, options.fresh)

    def uniform(self, cities):
        return self.data.generated(cities, "cities")

    def uniform_text(self, cities):
        return self.data.generated(cities, "tsv")

    def pair(self, file, method, isa=None, ranks=None):
        """Our report on a file: on one core, or by mpirun on so many ranks that share them all."""
        command = [self.farthest, "pair", "--format", "json", "--method", method]
        command += ["--isa", isa] if isa else []
        command += [file]
        if ranks is None:
            report = run_json(command, self.core)
        else:
            report = run_json([ROOT / "scripts" / "launch", ranks, *command])
        if isa and report["isa"] != isa:
            raise Failed(f"asked for {isa}, and {report['isa']} ran")
        report["open_and_search_s"] = report["times_s"]["read"]["max"] + report["execution_time"]
        report["search_pairs_per_s"] = report["pairs_covered"] / report["times_s"]["search"]["max"]
        return report

    def peer(self, name, *arguments):
        return run_json([sys.executable, HOME / "peers.py", name, *arguments], self.core)

    def program(self, name, *arguments):
        return run_json([self.programs[name], *arguments], self.core)


def built_programs(messages):
    """Paths of the programs by their names, from what cargo says with --message-format=json."""
    programs = {}
    for line in Path(messages).read_text().splitlines():
        message = json.loads(line)
        if message.get("executable"):
            programs[message["target"]["name"]] = message["executable"]
    return programs


def in_turn(ours, theirs, rounds, ours_a_round=1):
    """Reports of both sides, taken in turn. A side that takes a few milliseconds may run more than
    once in a round."""
    sides = ([], [])
    for _ in range(rounds):
        sides[0].extend(ours() for _ in range(ours_a_round))
        sides[1].append(theirs())
    return sides


def require_same_answer(sides):
    """Refuses two sides that found different distances."""
    distances = [report["distance_km"] for side in sides for report in side]
    if max(distances) - min(distances) > SAME_KM:
        raise Failed(f"the answers differ: {sorted(set(distances))}")


@dataclass
class Measured:
    """Two sides in one unit, all samples of each."""

    unit: str
    ours: list
    theirs: list
    higher_is_better: bool = False


def seconds(sides, ours_key, theirs_key="total_s"):
    ours, theirs = sides
    return Measured("s", [r[ours_key] for r in ours], [r[theirs_key] for r in theirs])


# The rows. Each takes a Bench and returns what it measured.


def peak_of(isa):
    """The search phase alone, against pure FMA loops of the same vectors."""

    def measure(bench):
        file = bench.uniform(bench.study)
        ours, theirs = in_turn(
            lambda: bench.pair(file, "exhaustive", isa),
            lambda: bench.program("kernels", "--peak", isa),
            bench.rounds,
        )
        rates = [r["search_pairs_per_s"] for r in ours], [r["pairs_per_s"] for r in theirs]
        return Measured("pairs/s", *rates, higher_is_better=True)

    return measure


def notebook(bench):
    """Rates; the loop runs on a small set, on which both must find the same distance."""
    few = bench.uniform_text(bench.loop)
    many = bench.uniform(bench.study // 2)
    sides = in_turn(
        lambda: bench.pair(many, "exhaustive"), lambda: bench.peer("notebook", few), bench.rounds
    )
    require_same_answer(([bench.pair(few, "exhaustive")], sides[1]))
    ours = [r["pairs_per_s"] for r in sides[0]]
    theirs = [r["pairs"] / r["total_s"] for r in sides[1]]
    return Measured("pairs/s", ours, theirs, higher_is_better=True)


def two_ranks(bench):
    """Search and reduction, from a barrier: what a scaling study times."""
    file = bench.uniform(bench.study)
    sides = in_turn(
        lambda: bench.pair(file, "exhaustive", ranks=2),
        lambda: bench.pair(file, "exhaustive", ranks=1),
        bench.rounds,
    )
    require_same_answer(sides)
    return seconds(sides, "execution_time", "execution_time")


def against_ckdtree(bench, packed, vectors, peer="ckdtree"):
    sides = in_turn(
        lambda: bench.pair(packed, "pruned"),
        lambda: bench.peer(peer, vectors),
        bench.rounds,
        3,
    )
    require_same_answer(sides)
    return seconds(sides, "open_and_search_s")


def packed_ckdtree(bench):
    text = bench.uniform_text(bench.million)
    packed = bench.uniform(bench.million)
    return against_ckdtree(bench, packed, bench.data.vectors(text))


def packed_kiddo(bench):
    file = bench.uniform(bench.million)
    sides = in_turn(
        lambda: bench.pair(file, "pruned"),
        lambda: bench.program("kiddo", "theirs", file),
        bench.rounds,
        3,
    )
    require_same_answer(sides)
    return seconds(sides, "open_and_search_s")


def memory_kiddo(bench):
    file = bench.uniform(bench.million)
    sides = in_turn(
        lambda: bench.program("kiddo", "ours", file),
        lambda: bench.program("kiddo", "theirs", file),
        bench.rounds,
    )
    require_same_answer(sides)
    return seconds(sides, "total_s")


def text_ckdtree(bench):
    """Everything after MPI_Init: reading, parsing, order, tiles, search, reduction."""
    text = bench.uniform_text(bench.million)
    sides = in_turn(
        lambda: bench.pair(text, "pruned"), lambda: bench.peer("text", text), bench.rounds
    )
    require_same_answer(sides)
    return seconds(sides, "open_and_search_s")


def coastline(bench):
    """Antipodes lie far from any coast, where cKDTree's default is thirty times slower yet."""
    text = bench.data.coastline()
    packed, vectors = bench.data.packed(text), bench.data.vectors(text)
    return against_ckdtree(bench, packed, vectors, "sliding")


def big_file(bench):
    """The big set, in the page cache if there is room for it."""
    file = bench.uniform(bench.big)
    with open(file, "rb") as bytes_of_file:
        while bytes_of_file.read(1 << 24):
            pass
    return file


def big_time(bench):
    """The whole command, from exec to exit."""
    file = big_file(bench)
    ours = [bench.pair(file, "pruned")["command_s"] for _ in range(min(bench.rounds, 3))]
    return Measured("s", ours, [BIG_LIMIT_S])


def big_memory(bench):
    """The greater of two ranks."""
    file = big_file(bench)
    command = [bench.farthest, "pair", "--quiet", "--method", "pruned", file]
    launch = [ROOT / "scripts" / "launch", 2]
    return Measured("MiB", [peak_private_mib([*launch, *command], "farthest")], [BIG_LIMIT_MIB])


def growth(bench):
    """How many times longer a hundred times the points take."""
    many, few = big_file(bench), bench.uniform(bench.big // 100)
    sides = in_turn(
        lambda: bench.pair(few, "pruned"),
        lambda: bench.pair(many, "pruned"),
        min(bench.rounds, 3),
        3,
    )
    few_s, many_s = ([r["open_and_search_s"] for r in side] for side in sides)
    n_log_n = 100 * math.log(bench.big) / math.log(bench.big / 100)
    return Measured("times", [many / statistics.median(few_s) for many in many_s], [n_log_n])


def pack_command(bench):
    text = bench.uniform_text(bench.million)
    out = bench.data.folder / "pack.cities"
    return [bench.farthest, "pack", text, out], text, out


def pack_time(bench):
    """The whole command with the file synced, against read_csv without the start of Python."""
    command, text, out = pack_command(bench)

    def pack_anew():
        # A file that is replaced has to be given back to the disk, which is not what is measured.
        out.unlink(missing_ok=True)
        return run(command, bench.core)[1]

    ours, theirs = in_turn(pack_anew, lambda: bench.peer("pandas", text), bench.rounds)
    if {report["rows"] for report in theirs} != {bench.million}:
        raise Failed("pandas did not read every row")
    out.unlink()
    return Measured("s", ours, [report["total_s"] for report in theirs])


def pack_memory(bench):
    command, _, out = pack_command(bench)
    out.unlink(missing_ok=True)
    peak_mib = peak_private_mib(command, "farthest", bench.core)
    packed_mib = out.stat().st_size / 2**20
    out.unlink()
    return Measured("MiB", [peak_mib], [packed_mib])


def start(bench):
    """Whole commands, with the launcher."""
    launch = [ROOT / "scripts" / "launch", 2]
    ours, theirs = in_turn(
        lambda: run([*launch, bench.farthest, "pair", CITIES])[1],
        lambda: run([*launch, bench.programs["mpi_floor"]])[1],
        3 * bench.rounds,
    )
    return Measured("s", ours, theirs)


def gazetteer(name, known_km=None):
    """A fetched list, whose farthest distance is known from an independent source or is the
    peer's."""

    def measure(bench):
        text = bench.data.gazetteer(name)
        packed, vectors = bench.data.packed(text), bench.data.vectors(text)
        if known_km is not None:
            found = [bench.pair(packed, "pruned")]
            require_same_answer((found, [{"distance_km": known_km}]))
        return against_ckdtree(bench, packed, vectors)

    return measure


@dataclass
class Row:
    """A line of the table. `required` bounds the ratio from below, or with `at_most` from above."""

    name: str
    what: str
    required: float
    measure: Callable
    at_most: bool = False
    theirs: str = ""
    outcome: dict = field(default_factory=dict)

    def run(self, bench):
        say(f"{self.name} ...")
        try:
            self.settle(self.measure(bench))
        except NotAvailable as reason:
            self.outcome = {"verdict": "not available", "reason": str(reason)}
        except Failed as reason:
            self.outcome = {"verdict": "failed", "reason": str(reason)}
        say(f"{self.name}: {' | '.join(self.cells()[1:])} {self.outcome.get('reason', '')}")

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
            "samples": {"ours": measured.ours, "theirs": measured.theirs},
        }

    def cells(self):
        unit = self.outcome.get("unit")
        required = f"{'≤' if self.at_most else '≥'} {self.required:,g}"
        if unit is None:
            return [self.what, "-", "-", "-", required, self.outcome["verdict"]]
        ours, theirs = (f"{short(self.outcome[side])} {unit}" for side in ("ours", "theirs"))
        ratio = short(self.outcome["ratio"])
        theirs += f" ({self.theirs})" if self.theirs else ""
        return [self.what, ours, theirs, ratio, required, self.outcome["verdict"]]


# In the order of the table, then the fetched lists; {million} and the like are the sizes.
ROWS = [
    Row(
        "avx512",
        "exhaustive, AVX-512, {study} cities, search phase",
        0.90,
        peak_of("avx512"),
        theirs="peak, 2 FMA a vector",
    ),
    Row(
        "avx2",
        "exhaustive, AVX2, {study} cities, search phase",
        0.85,
        peak_of("avx2"),
        theirs="peak, 2 FMA a vector",
    ),
    Row("notebook", "exhaustive, pairs a second", 15_000, notebook, theirs="notebook's loop"),
    Row("ranks", "exhaustive on 2 ranks", 1.9, two_ranks, theirs="1 rank"),
    Row(
        "packed-ckdtree",
        "pruned, {million} uniform, packed: open + search",
        100,
        packed_ckdtree,
        theirs="cKDTree",
    ),
    Row(
        "packed-kiddo",
        "pruned, {million} uniform, packed: open + search",
        40,
        packed_kiddo,
        theirs="kiddo",
    ),
    Row(
        "memory-kiddo",
        "pruned, {million} uniform, in memory: order + tiles + search",
        10,
        memory_kiddo,
        theirs="kiddo",
    ),
    Row(
        "text-ckdtree",
        "pruned, {million} uniform, from text, all after MPI_Init",
        10,
        text_ckdtree,
        theirs="numpy + cKDTree",
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
        "pruned, {big} uniform, packed and cached: whole command",
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
    words = {name: f"{size:.0e}".replace("e+0", "e") for name, size in sizes.items()}
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


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench", add_help=False, allow_abbrev=False)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--rows", type=lambda names: names.split(","))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", type=int)
    for flag in ("--quick", "--record", "--fresh", "--list"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    if options.quick and options.record:
        parser.error("--quick measures nothing that should be recorded; leave one of the two out")
    if options.rounds < 1:
        parser.error("expected --rounds of at least 1")
    return parser, options


def main():
    parser, options = parse()
    bench = Bench(options)
    rows = table_rows(bench)
    if options.list:
        print("".join(f"{row.name:<16}{row.what}\n" for row in rows), end="")
        return 0
    if options.rows:
        unknown = set(options.rows) - {row.name for row in rows}
        if unknown:
            parser.error(f"there is no row {', '.join(sorted(unknown))}; see scripts/bench --list")
        rows = [row for row in rows if row.name in options.rows]
    for row in rows:
        row.run(bench)
    samples = [{"row": row.name, **row.outcome} for row in rows]
    (DATA / "samples.json").write_text(json.dumps(samples, indent=1) + "\n")
    print(table(rows), end="")
    if options.record:
        record(rows)
    return 0 if all(row.outcome["verdict"] == "ok" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
