"""Rows of `scripts/bench` about files, memory and the start. Each takes a Bench and returns what it
measured."""

from measure import Failed, peak_private_mib, run
from rows_pruned import big_file
from sides import LAUNCH, ROOT, Measured, in_turn

CITIES = ROOT / "data" / "cities15000.tsv"
BIG_LIMIT_MIB = 16.0
NAMELESS_LIMIT_BYTES = 18.0
NAMED_LIMIT_BYTES = 34.0


def big_memory(bench):
    """The greater of two ranks."""
    file = big_file(bench)
    command = [bench.farthest, "pair", "--quiet", "--method", "pruned", file]
    peak_mib = peak_private_mib([LAUNCH, 2, *command], "farthest")
    return Measured("MiB", [peak_mib], [BIG_LIMIT_MIB])


def nameless_bytes(bench):
    """A list without names; a tenth of the big set, for a header is all that more would spread."""
    cities = bench.big // 10
    text = bench.data.nameless(bench.uniform_text(cities))
    return bytes_a_city(bench.data.packed(text), cities, NAMELESS_LIMIT_BYTES)


def named_bytes(bench):
    packed = bench.data.packed(CITIES)
    return bytes_a_city(packed, bench.pair(packed, "pruned")["cities"], NAMED_LIMIT_BYTES)


def bytes_a_city(packed, cities, limit):
    return Measured("bytes", [packed.stat().st_size / cities], [limit])


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
    ours, theirs = in_turn(
        lambda: run([LAUNCH, 2, bench.farthest, "pair", CITIES])[1],
        lambda: run([LAUNCH, 2, bench.programs["mpi_floor"]])[1],
        3 * bench.rounds,
    )
    return Measured("s", ours, theirs)
