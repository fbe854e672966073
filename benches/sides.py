"""What all rows of `scripts/bench` need: the programs and data of this version and of earlier ones, runs
of them and of their peers, and two sides measured in turn."""

import functools
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import replay
import s2
from datasets import Datasets
from measure import Failed, NotAvailable, last_allowed_core, run_json
from release import EACH_READS, FIRST

HOME = Path(__file__).resolve().parent
ROOT = HOME.parent
LAUNCH = ROOT / "scripts" / "launch"
DATA = ROOT / "target" / "bench-data"

SAME_KM = 1e-6


class Version:
    """A build of farthest with its own data, for packed files differ from version to version."""

    def __init__(self, farthest, folder, core, fresh):
        self.farthest = farthest
        self.core = core
        self.data = Datasets(folder, farthest, fresh)

    def uniform(self, cities):
        return self.data.generated(cities, "cities")

    def pair(self, file, method, isa=None, ranks=None, words=()):
        """The report on a file: on one core, or by mpirun on so many ranks that share them all. More words of the
        command line may follow the file."""
        command = [self.farthest, "pair", "--format", "json", "--method", method]
        command += ["--isa", isa] if isa else []
        command += [file, *words]
        if ranks is None:
            report = run_json(command, self.core)
        else:
            report = run_json([LAUNCH, ranks, *command])
        if isa and report["isa"] != isa:
            raise Failed(f"asked for {isa}, and {report['isa']} ran")
        report["open_and_search_s"] = report["times_s"]["read"]["max"] + report["execution_time"]
        report["search_pairs_per_s"] = report["pairs_covered"] / report["times_s"]["search"]["max"]
        return report


class Bench(Version):
    """This version, its peers, the number of rounds, the sizes of sets."""

    def __init__(self, options):
        self.programs = built_programs(options.programs)
        self.folder = DATA / ("quick" if options.quick else "full")
        self.fresh = options.fresh
        core = last_allowed_core() if options.core is None else options.core
        super().__init__(self.programs["farthest"], self.folder, core, options.fresh)
        self.is_quick = options.quick
        self.rounds = 1 if options.quick else options.rounds
        scale = 10 if options.quick else 1
        self.million = 1_000_000 // scale
        self.ten_million = 10 * self.million
        self.big = 100 * self.million
        self.billion = 1000 * self.million
        self.study = 400_000 // (4 if options.quick else 1)
        self.loop = 1500

    @functools.cached_property
    def old(self):
        """Version 0.1.0, built when a row first asks for it."""
        return self.release(FIRST, "0.1.0")

    @functools.cached_property
    def each_reads(self):
        """The last version of which each rank read the whole text file for itself."""
        return self.release(EACH_READS, "each-reads")

    def release(self, release, folder):
        farthest = release.built(DATA / folder)
        return Version(farthest, self.folder / folder, self.core, self.fresh)

    @functools.cached_property
    def s2_program(self):
        return s2.built(DATA)

    def uniform_text(self, cities):
        return self.data.generated(cities, "tsv")

    def vectors(self, cities):
        """Unit vectors of the uniform set for the peers."""
        return self.data.vectors(self.uniform_text(cities))

    def peer(self, name, *arguments):
        return run_json([sys.executable, HOME / "peers.py", name, *arguments], self.core)

    def peer_of_threads(self, threads, name, *arguments):
        """A peer that is told its number of threads, as its last argument, and may use all cores."""
        return run_json([sys.executable, HOME / "peers.py", name, *arguments, threads])

    def program(self, name, *arguments):
        return run_json([self.programs[name], *arguments], self.core)

    def require_disk(self, needed_bytes):
        """Refuses to fill the disk on which the data lies."""
        free_bytes = shutil.disk_usage(self.folder).free
        if free_bytes < needed_bytes:
            raise NotAvailable(
                f"needs {needed_bytes / 1e9:.0f} GB of disk at {self.folder}, "
                f"which has {free_bytes / 1e9:.0f} GB free"
            )

    @functools.cache  # noqa: B019, there is one Bench
    def replay(self, method, cities):
        """The replayed jobs of a uniform set by their numbers of ranks; several rows need them."""
        plan = replay.Plan(method, cities, rounds=min(self.rounds, replay.ROUNDS))
        file = self.uniform(cities)
        jobs = replay.jobs(self.programs["replay"], file, self.core, plan)
        return {job.ranks: job for job in jobs}


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
    """Two sides in one unit, all samples of each; what to add to the words of the table; and
    whatever else is worth keeping with the samples."""

    unit: str
    ours: list
    theirs: list
    higher_is_better: bool = False
    note: str = ""
    details: object = None


def seconds(sides, ours_key, theirs_key="total_s"):
    ours, theirs = sides
    return Measured("s", [r[ours_key] for r in ours], [r[theirs_key] for r in theirs])
