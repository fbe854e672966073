"""Running commands: pinned to a core, timed, their JSON read, their memory watched.

A command that ends with exit code 2 does not know an option: this build cannot do it yet, which is
NotAvailable and no failure.
"""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

USAGE_EXIT_CODE = 2
# How long a process that is told to end may take to do so.
GRACE_S = 3.0


class NotAvailable(Exception):
    """This build or this machine cannot do what was asked."""


class NotHere(NotAvailable):
    """What was asked is about another kind of processor: this machine is not the place for it."""


class Failed(Exception):
    """A command failed, or the two sides do not agree."""


class TookTooLong(Exception):
    """A command was stopped at its limit."""


def run(command, core=None, limit_s=None):
    """Runs a command, on one core if one is named; returns its standard output and the seconds
    from its start to its end. A limit is for commands of one process."""
    command = [str(word) for word in command]
    if core is not None:
        command = ["taskset", "-c", str(core), *command]
    begun = time.perf_counter()
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=limit_s
        )
    except subprocess.TimeoutExpired as stopped:
        raise TookTooLong(f"{command[0]} took longer than {limit_s:.0f} s") from stopped
    elapsed_s = time.perf_counter() - begun
    check(command, done.returncode, done.stdout, done.stderr)
    return done.stdout, elapsed_s


def check(command, exit_code, output, errors):
    """Raises what the exit code of a command means."""
    if exit_code == 0:
        return
    reason = message(output) or " / ".join((errors or output).strip().splitlines()[-3:])
    if exit_code == USAGE_EXIT_CODE:
        raise NotAvailable(reason)
    raise Failed(f"exit code {exit_code} of {' '.join(command)}: {reason}")


def message(output):
    """What an error that is reported as JSON says, in one line; None if it is no such report."""
    try:
        return " ".join(json.loads(output)["message"].split())
    except (ValueError, KeyError, TypeError):
        return None


def run_json(command, core=None, limit_s=None):
    """The JSON object that a command prints, with the seconds of the whole command in it."""
    output, elapsed_s = run(command, core, limit_s)
    return {**json.loads(output), "command_s": elapsed_s}


def watched(command, every_s, look):
    """Runs a command and calls `look` with the ids of its processes every so often; returns its
    standard output. What `look` raises ends them all."""
    command = [str(word) for word in command]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    texts = []
    reader = threading.Thread(target=lambda: texts.extend(started.communicate()))
    reader.start()
    try:
        while reader.is_alive():
            look(family(started.pid))
            reader.join(every_s)
    except BaseException:
        end(family(started.pid))
        reader.join()
        raise
    check(command, started.returncode, *texts)
    return texts[0]


def end(pids):
    """Ends processes: first so that a launcher can tidy up, and whoever is still there for good."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal_number)
        deadline = time.perf_counter() + GRACE_S
        while any(map(is_running, pids)) and time.perf_counter() < deadline:
            time.sleep(0.01)


def is_running(pid):
    """Whether a process is there and no zombie, which waits for its parent alone."""
    return process_status(pid).get("State", "Z")[0] != "Z"


def peak_private_mib(command, program, core=None):
    """The most private memory, in MiB, that any process of this name held under a command.

    It is sampled each millisecond, in a run that is not timed, so a peak of less than that is not
    seen.
    """
    if core is not None:
        command = ["taskset", "-c", core, *command]
    peak_kib = 0

    def look(pids):
        nonlocal peak_kib
        peak_kib = max(peak_kib, *(private_kib(pid, program) for pid in pids))

    watched(command, 0.001, look)
    if peak_kib == 0:
        raise Failed(f"no process {program} was seen under {' '.join(map(str, command))}")
    return peak_kib / 1024


def family(pid):
    """A process and all below it that are still there."""
    pids = [pid]
    for parent in pids:
        try:
            for children in Path(f"/proc/{parent}/task").glob("*/children"):
                pids.extend(int(child) for child in children.read_text().split())
        except OSError:
            continue
    return pids


def private_kib(pid, program):
    """The private memory of a process whose name begins with this (one word or a tuple of
    several); of any other, 0.

    Private is RssAnon of /proc/PID/status: memory that the process alone has and that no file
    backs. A mapped city file is not in it, nor is what the ranks share.
    """
    status = process_status(pid)
    if not status.get("Name", "").startswith(program) or "RssAnon" not in status:
        return 0
    return int(status["RssAnon"].split()[0])


def process_status(pid):
    """The fields of /proc/PID/status; none if the process is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return {}
    fields = (line.split(":", 1) for line in status.splitlines() if ":" in line)
    return {name: value.strip() for name, value in fields}


def last_allowed_core():
    """The last core that this process may use; the first is busiest with everything else."""
    return max(os.sched_getaffinity(0))


def processor():
    """The first processor of /proc/cpuinfo, field by field."""
    facts = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    return facts


def vendor():
    """Who made the processor, as it says itself: GenuineIntel, AuthenticAMD; else nothing."""
    return processor().get("vendor_id", "")


def machine():
    """Lines that say what was measured on: processor, cores, vector extensions, system."""
    facts = processor()
    wanted = ("avx", "fma", "amx")
    flags = [flag for flag in facts.get("flags", "").split() if flag.startswith(wanted)]
    identity = ", ".join(
        f"{key} {facts[key]}" for key in ("cpu family", "model", "stepping") if key in facts
    )
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"processor: {facts.get('model name', 'unknown')} ({identity})",
        f"cores: {os.cpu_count()}; memory: {memory_gib:.0f} GiB",
        f"vector extensions: {' '.join(flags)}",
    ]
