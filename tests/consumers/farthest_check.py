"""A ReFrame check of `farthest pair`: that a run is valid, how long it took, how fast it was.

To be copied to your site. Systems, launchers and environments come from your own configuration:

    reframe -C SETTINGS.py -c farthest_check.py -r -S cities=/path/to/cities.tsv \\
        -S program=/path/to/farthest -S num_tasks=64

Every node must see the program and the city file. `-S modules=NAME` loads a module first, and
`-n report=json` runs one of the two reports alone. Set `reference` for the performance that a
partition must reach; without it the values are only recorded.
"""

import shlex

import reframe as rfm
import reframe.utility.sanity as sn
import reframe.utility.typecheck as typ

# Where each report says what this check reads. The JSON has all digits, the text milliseconds.
PATTERNS = {
    "text": {
        "verdict": r"^Result:\s+VALID$",
        "ranks": r"^ranks:\s+(\d+)$",
        "pairs": r"^pairs:\s+(\d+)$",
        "pairs_covered": r"^pairs covered:\s+(\d+)$",
        "execution_time": r"Computing time: (\S+) sec",
        "pairs_per_s": r"pairs/second:\s+(\S+)",
        "load_balance": r"load balance:\s+(\S+)",
    },
    "json": {
        "verdict": r'"status": "ok"',
        "ranks": r'"nproc": (\d+)',
        "pairs": r'"pairs": (\d+)',
        "pairs_covered": r'"pairs_covered": (\d+)',
        "execution_time": r'"execution_time": ([^\s,]+)',
        "pairs_per_s": r'"pairs_per_s": ([^\s,]+)',
        "load_balance": r'"load_balance": ([^\s,]+)',
    },
}


@rfm.simple_test
class FarthestPair(rfm.RunOnlyRegressionTest):
    """The farthest pair of a city file, once for each form of the report."""

    descr = "The farthest pair of cities"

    # A name in PATH or a path.
    program = variable(str, value="farthest")
    # A city file, text or packed.
    cities = variable(str)
    # More for `farthest pair`: -S pair_options=--method,exhaustive
    pair_options = variable(typ.List[str], value=[])

    report = parameter(PATTERNS)

    valid_systems = ["*"]
    valid_prog_environs = ["*"]
    sourcesdir = None
    num_tasks = 2
    time_limit = "10m"

    @run_before("run")
    def set_command(self):
        options = ["pair", self.cities, "--format", self.report, *self.pair_options]
        self.executable = shlex.quote(self.program)
        self.executable_opts = [shlex.quote(option) for option in options]

    def found(self, name, conversion=float):
        return sn.extractsingle(PATTERNS[self.report][name], self.stdout, 1, conversion)

    @sanity_function
    def is_valid(self):
        """The run says that it is valid, the ranks are as many as were started, and together they
        covered every pair."""
        verdict = PATTERNS[self.report]["verdict"]
        ranks = self.found("ranks", int)
        pairs, pairs_covered = self.found("pairs", int), self.found("pairs_covered", int)
        return sn.all([
            sn.assert_found(verdict, self.stdout, "the run is not valid"),
            sn.assert_eq(ranks, self.num_tasks, "expected {1} ranks, found {0}"),
            sn.assert_eq(pairs_covered, pairs, "expected {1} pairs covered, found {0}"),
            sn.assert_eq(self.job.exitcode, 0, "expected exit code 0, found {0}"),
        ])

    @performance_function("s")
    def execution_time(self):
        return self.found("execution_time")

    @performance_function("pairs/s")
    def pairs_per_s(self):
        return self.found("pairs_per_s")

    @performance_function("mean/max")
    def load_balance(self):
        return self.found("load_balance")
