"""The ways to the farthest pair side by side: the table and chart that `scripts/compare` makes.

Each way runs as its user would start it, in processes of its own: the Python ways by `ways.py`,
ours by its report. The first run of a way warms up and has its memory watched; the others are
timed. A way that makes a list of all pairs is tried on a subset of the cities first. Where its list
cannot fit into memory, or its time would pass the limit, it is not started on all of them; any way
that passes a limit all the same is ended. Its row then shows the subset, and says why.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from compare_table import cells, table
from comparison import EXACT_ERROR_KM, LIST_BYTES_A_PAIR, WAYS, Listing, Outcome, answer
from exercise import read_cities
from measure import Failed, NotAvailable, private_kib, watched
from tables import facts, plural, short, size, write_record

HOME = Path(__file__).resolve().parent
ROOT = HOME.parent
CITIES = ROOT / "data" / "cities15000.tsv"
RECORD = HOME / "COMPARE.md"
CHART = "compare.svg"

# All processes that do the work; the launcher of MPI is none of them.
WORKER_NAMES = ("python", "farthest")
MEMORY_EVERY_S = 0.002
LIMITS_EVERY_S = 0.1
# A run that takes longer says so every so often.
TELL_EVERY_S = 10.0


class Stopped(Exception):
    """A way was ended, or not started, because it passes a limit."""


class Guard:
    """Watches a run: the most private memory of its workers together, and both limits."""

    def __init__(self, limit_s, limit_mib):
        self.limit_s = limit_s
        self.limit_mib = limit_mib
        self.begun = time.perf_counter()
        self.peak_mib = 0.0
        self.told_s = 0.0

    def __call__(self, pids):
        held_mib = sum(private_kib(pid, WORKER_NAMES) for pid in pids) / 1024
        self.peak_mib = max(self.peak_mib, held_mib)
        if held_mib > self.limit_mib:
            raise Stopped(f"ended when it held more than the limit of {size(self.limit_mib)}")
        passed_s = time.perf_counter() - self.begun
        if passed_s > self.limit_s:
            raise Stopped(f"ended after the limit of {self.limit_s:g} s")
        if passed_s - self.told_s > TELL_EVERY_S:
            self.told_s = passed_s
            say(f"    {passed_s:.0f} s of {self.limit_s:g} s at most, {size(held_mib)}")


class Compare:
    """Runs ways within the limits, on all cities or on the subset."""

    def __init__(self, options, scratch):
        self.options = options
        self.scratch = Path(scratch)
        self.whole = self.listing(options.file)

    @cached_property
    def few(self):
        """Cities from all over the list, a row each so many."""
        cities, wanted = self.whole.cities, self.options.subset
        if len(cities) <= wanted:
            return self.whole
        path = self.scratch / "subset.tsv"
        with open(path, "w", encoding="ascii") as out:
            out.write("lat\tlon\n")
            for row in range(wanted):
                lat, lon = cities[row * len(cities) // wanted]
                out.write(f"{lat!r}\t{lon!r}\n")
        return self.listing(path)

    def listing(self, path):
        """The cities of a file, with our answer, which must be as far as its two cities are."""
        listing = Listing(path, read_cities(path))
        ours = next(way for way in WAYS if way.name == "exhaustive")
        listing.reference, _ = self.run(ours, 1, listing, LIMITS_EVERY_S)
        distance_km = listing.reference["distance_km"]
        if abs(listing.exact_km(listing.reference["rows"]) - distance_km) > EXACT_ERROR_KM:
            raise Failed(f"our own answer on {path} is not the distance of its two cities")
        return listing

    def command(self, way, workers, listing):
        launch = [ROOT / "scripts" / "launch", workers]
        if way.is_ours:
            program = [self.options.program, "pair", "--format", "json", "--method", way.name]
            return [*launch, *program, listing.path]
        python = [sys.executable, HOME / "ways.py", way.name, listing.path, workers]
        return [*launch, *python] if way.name == "mpi4py" else python

    def run(self, way, workers, listing, every_s):
        """The report of one run, in the words of `ways.py`, and the peak of its memory."""
        guard = Guard(self.options.limit, self.options.memory)
        report = json.loads(watched(self.command(way, workers, listing), every_s, guard))
        if way.is_ours:
            report["total_s"] = report["execution_time"]
            report["read_s"] = report["times_s"]["read"]["max"]
            report["rows"] = [city["row"] for city in report["pair"]]
        return report, guard.peak_mib

    def measure(self, way, workers, listing):
        """Once for warmth and memory, then so often for time; every answer is checked."""
        warm, memory_mib = self.run(way, workers, listing, MEMORY_EVERY_S)
        runs = range(self.options.repeat)
        reports = [self.run(way, workers, listing, LIMITS_EVERY_S)[0] for _ in runs]
        answers = {answer(way, report, listing) for report in [warm, *reports]}
        return Outcome(way, workers, listing, reports, memory_mib, "; ".join(sorted(answers)))

    def row(self, way, workers):
        """The row of a way, whatever comes of it."""
        try:
            return self.within_limits(way, workers)
        except NotAvailable as reason:
            return Outcome(way, workers, remark=f"not available: {reason}")
        except Failed as reason:
            return Outcome(way, workers, remark=f"failed: {reason}", failed=True)

    def within_limits(self, way, workers):
        """Measured on all cities or, where the way is stopped there, on the subset."""
        tried = self.try_few(way, workers) if way.makes_list else None
        try:
            if way.makes_list:
                self.require_room(self.whole)
                self.require_time(tried)
            return self.measure(way, workers, self.whole)
        except Stopped as reason:
            tried = tried or self.try_few(way, workers)
            remark = f"all {len(self.whole.cities):,} cities: {reason}"
            if tried.estimate_s is not None:
                cities = len(tried.listing.cities)
                remark += f"; estimated from {cities:,} cities: {short(tried.estimate_s)} s"
            return replace(tried, remark=remark)

    def try_few(self, way, workers):
        """On the subset; without figures where that is all cities or too much as well."""
        if self.few is self.whole:
            return Outcome(way, workers)
        try:
            if way.makes_list:
                self.require_room(self.few)
            tried = self.measure(way, workers, self.few)
        except Stopped:
            return Outcome(way, workers)
        return replace(tried, estimate_s=self.estimate_s(tried))

    def require_room(self, listing):
        list_mib = listing.pairs * LIST_BYTES_A_PAIR / 2**20
        if list_mib > self.options.memory:
            raise Stopped(
                f"not started: its list of {listing.pairs:,} pairs alone would take"
                f" {size(list_mib)}, and {size(self.options.memory)} is the limit"
            )

    def require_time(self, tried):
        if tried.estimate_s is not None and tried.estimate_s > self.options.limit:
            raise Stopped(f"not started: {self.options.limit:g} s is the limit")

    def estimate_s(self, tried):
        """The time for all pairs at the pace of some, for a way that looks at all of them."""
        if not tried.way.looks_at_all_pairs:
            return None
        return tried.time_s * self.whole.pairs / tried.listing.pairs


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message):
        say(f"{message}; see scripts/compare --help")
        raise SystemExit(2)


def parse():
    parser = Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("file", nargs="?", type=Path, default=CITIES)
    parser.add_argument("--ways", type=lambda names: names.split(","))
    parser.add_argument("--workers", type=counts, default=[1, 2])
    parser.add_argument("--repeat", type=at_least_one, default=3)
    parser.add_argument("--limit", type=above_zero, default=120.0)
    parser.add_argument("--memory", type=above_zero, default=available_mib())
    parser.add_argument("--subset", type=at_least_two, default=1500)
    parser.add_argument("--out", type=Path, default=ROOT / "target" / "compare")
    parser.add_argument("--program", type=Path)
    # --check is for scripts/compare, before it builds and installs.
    for flag in ("--plain", "--record", "--list", "--check"):
        parser.add_argument(flag, action="store_true")
    options, more = parser.parse_known_args()
    if more:
        parser.error(f"expected FILE and options, found '{more[0]}'")
    known = {way.name: way for way in WAYS if not (options.plain and way.needs_packages)}
    unknown = set(options.ways or []) - set(known)
    if unknown:
        names = ", ".join(sorted(unknown))
        parser.error(f"expected ways out of {', '.join(known)}, found {names}")
    options.ways = [way for way in known.values() if not options.ways or way.name in options.ways]
    if options.plain and options.record:
        parser.error("expected all ways for --record, found --plain; leave one of the two out")
    if not options.list and not options.file.is_file():
        parser.error(f"expected a city file, found none at {options.file}")
    out = options.out.absolute()
    there = next(path for path in [out, *out.parents] if path.exists())
    if not there.is_dir():
        parser.error(f"expected a folder after --out, found a file at {there}")
    if options.program:
        # A launcher would look for a bare name in PATH.
        options.program = options.program.absolute()
        if not (options.program.is_file() and os.access(options.program, os.X_OK)):
            parser.error(f"expected a program after --program, found none at {options.program}")
    return options


def at_least(least):
    def number(text):
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"expected {least} or more, found '{text}'")
        return int(text)

    return number


at_least_one, at_least_two = at_least(1), at_least(2)


def above_zero(text):
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not value > 0:
        raise argparse.ArgumentTypeError(f"expected a number above 0, found '{text}'")
    return value


def counts(text):
    return sorted({at_least_one(word) for word in text.split(",")})


def available_mib():
    """What the system says it could still give away."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) / 1024


def say(text):
    print(f"scripts/compare: {text}", file=sys.stderr, flush=True)


def measured_rows(compare):
    options = compare.options
    rows = [(way, n) for way in options.ways for n in ([1] if way.is_serial else options.workers)]
    runs = plural(options.repeat + 1, "run")
    say(f"{plural(len(rows), 'row')} of {runs} each; a run ends after {options.limit:g} s at most (--limit)")
    for number, (way, workers) in enumerate(rows, 1):
        say(f"{number} of {len(rows)}: {Outcome(way, workers).name} ...")
        outcome = compare.row(way, workers)
        say(" | ".join(cells(outcome, "")[2:]))
        yield outcome


def write(options, outcomes, text):
    """The table, all samples and the chart; with --record the table and the chart once more."""
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "table.md").write_text(text, encoding="utf-8")
    samples = [
        {"way": o.way.name, "workers": o.workers, "remark": o.remark, "memory_mib": o.memory_mib}
        | {"cities": len(o.listing.cities) if o.listing else None, "reports": o.reports}
        for o in outcomes
    ]
    (options.out / "samples.json").write_text(json.dumps(samples, indent=1) + "\n")
    if options.plain:
        return
    from chart import draw

    draw(outcomes, options.out / CHART)
    if options.record:
        command = " ".join(["scripts/compare", *hand_typed(sys.argv[1:])])
        image = f"\n![Time of each way, on a logarithmic scale]({CHART})\n"
        body = facts(command) + "\n" + text + image
        write_record(RECORD, "scripts/compare", "The Python ways beside ours", body)
        draw(outcomes, HOME / CHART)


def hand_typed(arguments):
    """The arguments without those that scripts/compare has put in front."""
    return arguments[2:] if arguments[:1] == ["--program"] else arguments


def main():
    options = parse()
    if options.check:
        return 0
    if options.list:
        print("".join(f"{way.name:<17}{way.group}: {way.label}\n" for way in WAYS), end="")
        return 0
    with tempfile.TemporaryDirectory(prefix="farthest-compare-") as scratch:
        # What a way that is ended leaves behind goes with this folder.
        os.environ["TMPDIR"] = scratch
        try:
            compare = Compare(options, scratch)
            outcomes = list(measured_rows(compare))
        except (Failed, NotAvailable, Stopped) as reason:
            raise SystemExit(f"scripts/compare: {reason}") from None
    text = table(outcomes, compare.whole, options.repeat)
    write(options, outcomes, text)
    print(text, end="")
    say(f"table, samples and chart are in {options.out}")
    return 1 if any(outcome.failed for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
