"""Rows of `scripts/bench` about the search of every pair. Each takes a Bench and returns what it
measured."""

from measure import NotHere, vendor
from sides import Measured, in_turn, require_same_answer, seconds

VENDORS = {"AMD": "AuthenticAMD", "Intel": "GenuineIntel"}


def against_loop(maker, option):
    """The search phase of AVX-512 alone, against a loop of `kernels` that this maker's processors
    cannot pass."""

    def measure(bench):
        if vendor() != VENDORS[maker]:
            raise NotHere(f"this is no processor of {maker}")
        file = bench.uniform(bench.million)
        ours, theirs = in_turn(
            lambda: bench.pair(file, "exhaustive", "avx512"),
            lambda: bench.program("kernels", option, "avx512"),
            bench.rounds,
        )
        rates = [r["search_pairs_per_s"] for r in ours], [r["pairs_per_s"] for r in theirs]
        return Measured("pairs/s", *rates, higher_is_better=True)

    return measure


def avx2_old(bench):
    """The search phase alone, each version on its own packed file of the same cities."""
    file, old_file = bench.uniform(bench.study), bench.old.uniform(bench.study)
    sides = in_turn(
        lambda: bench.pair(file, "exhaustive", "avx2"),
        lambda: bench.old.pair(old_file, "exhaustive", "avx2"),
        bench.rounds,
    )
    require_same_answer(sides)
    rates = [[r["search_pairs_per_s"] for r in side] for side in sides]
    return Measured("pairs/s", *rates, higher_is_better=True)


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


def replay_sum(ranks):
    """The work of all ranks of a job against that of one."""

    def measure(bench):
        jobs = bench.replay("exhaustive", bench.million)
        details = [job.samples for job in jobs.values()]
        return Measured("s", [jobs[ranks].sum_s], [jobs[1].sum_s], details=details)

    return measure
