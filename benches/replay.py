"""The table of `scripts/bench --replay`: ranks of large jobs, one after the other on one core.

benches/replay.rs runs them and says how. Of the rounds of a share the least time counts, for a
neighbour on the machine only ever adds. From these times of the sampled ranks come

- the sum over ranks: the mean times the number of ranks. On one rank it is the search itself; what
  it grows by is work that the ranks do more than once;
- the worst over the mean: how even the shares are, and the job waits for the worst;
- what a rank takes beyond an even part: the mean less sum(1) / P. Where each rank pays the same before
  and beside its share, as in `pruned`, this is the fixed cost of a rank;
- the idle rank, of so many that nothing is left for it: the part of that which comes before the first
  block.
"""

import argparse
import json
from dataclasses import dataclass, replace

from datasets import Datasets, say
from measure import Failed, last_allowed_core, run
from tables import markdown, short

RANKS = (1, 64, 1024, 16_384)
ROUNDS = 3
SAMPLES = 33


@dataclass
class Plan:
    """What to replay, on how many cities, and how; `one_map` is for all shares."""

    method: str
    cities: int
    one_map: bool = False
    ranks: tuple = RANKS
    rounds: int = ROUNDS
    samples: int = SAMPLES


# The tables of --replay.
PLANS = (
    Plan("exhaustive", 1_000_000),
    Plan("pruned", 10_000_000),
    Plan("pruned", 10_000_000, one_map=True),
)


@dataclass
class Job:
    """The sampled ranks of a job: the least seconds of each."""

    ranks: int
    isa: str
    least_s: list
    samples: dict

    @property
    def mean_s(self):
        return sum(self.least_s) / len(self.least_s)

    @property
    def sum_s(self):
        return self.mean_s * self.ranks

    @property
    def worst_over_mean(self):
        return max(self.least_s) / self.mean_s

    def beyond_even_s(self, one_rank):
        return self.mean_s - one_rank.sum_s / self.ranks


def jobs(program, file, core, plan):
    """Runs the jobs of a plan; the last is that of the idle rank."""
    ranks = ",".join(map(str, plan.ranks))
    command = [program, file, plan.method, plan.rounds, plan.samples, ranks]
    output, _ = run([*command, "--one-map"] if plan.one_map else command, core)
    return [job(json.loads(line)) for line in output.splitlines()]


def job(line):
    """The job of a line of replay.rs, which has covered every pair if it replayed every rank."""
    cities, pairs = line["cities"], sum(line["pairs"])
    if len(line["sampled"]) == line["ranks"] and pairs != cities * (cities - 1) // 2:
        raise Failed(f"{line['ranks']} ranks covered {pairs} pairs of {cities} cities")
    return Job(line["ranks"], line["isa"], [min(rounds) for rounds in line["seconds"]], line)


def duration(seconds):
    """In a unit that needs no zeros."""
    for limit_s, factor, unit in ((1e-3, 1e6, "µs"), (1.0, 1e3, "ms")):
        if abs(seconds) < limit_s:
            return f"{short(seconds * factor)} {unit}"
    return f"{short(seconds)} s"


def table(replayed):
    """The jobs as Markdown; the first is held to be that of one rank, the last the idle rank's."""
    *jobs_of_table, idle = replayed
    one = jobs_of_table[0]
    rows = []
    for each in jobs_of_table:
        is_one = each.ranks == 1
        rows.append(
            [
                f"{each.ranks:,}",
                f"{len(each.least_s)}",
                duration(each.sum_s),
                f"{each.sum_s / one.sum_s:.3g}",
                duration(each.mean_s),
                "-" if is_one else f"{each.worst_over_mean:.3g}",
                "-" if is_one else duration(each.beyond_even_s(one)),
            ]
        )
    head = ["ranks", "replayed", "sum over ranks", "of one rank's", "mean rank", "worst / mean"]
    idle_text = f"\nAn idle rank takes {duration(idle.mean_s)}.\n"
    return markdown([*head, "beyond an even part"], rows) + idle_text


def ranks_of(text):
    return tuple(int(ranks) for ranks in text.split(","))


def parse(arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench", add_help=False, allow_abbrev=False)
    parser.add_argument("--replay", action="store_true")
    parser.add_argument("--method", choices=("exhaustive", "pruned"))
    parser.add_argument("--cities", type=lambda text: int(float(text)))
    parser.add_argument("--ranks", type=ranks_of, default=RANKS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    for flag in ("--quick", "--fresh", "--one-map"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--core", type=int)
    options = parser.parse_args(arguments)
    if options.rounds < 1 or options.samples < 2:
        parser.error("expected --rounds of at least 1 and --samples of at least 2")
    if options.ranks[0] != 1:
        parser.error("expected --ranks to begin with 1, which the others are compared with")
    return options


def plans(options):
    """What to replay: all, or what the options leave and change of it."""
    for plan in PLANS:
        if options.method not in (None, plan.method) or (options.one_map and not plan.one_map):
            continue
        yield replace(
            plan,
            cities=(options.cities or plan.cities) // (10 if options.quick else 1),
            ranks=options.ranks,
            rounds=1 if options.quick else options.rounds,
            samples=options.samples,
        )


def main(programs, folder, arguments):
    """Prints the tables."""
    options = parse(arguments)
    core = last_allowed_core() if options.core is None else options.core
    sets = folder / ("quick" if options.quick else "full")
    data = Datasets(sets, programs["farthest"], options.fresh)
    samples = []
    for plan in plans(options):
        file = data.generated(plan.cities, "cities")
        title = f"{plan.method}, {plan.cities:,} cities, uniform, packed"
        title += ", one map for all shares" if plan.one_map else ""
        say(f"replaying {title}")
        replayed = jobs(programs["replay"], file, core, plan)
        print(f"**{title}, {replayed[0].isa}**\n\n{table(replayed)}", flush=True)
        samples += [{"one_map": plan.one_map, **job.samples} for job in replayed]
    (folder / "replay.json").write_text(json.dumps(samples) + "\n")
    return 0
