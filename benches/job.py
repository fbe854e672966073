"""What a job of several ranks takes: the memory of all of them together, and what each used.

Memory is what the job brings into being: private pages, and those that the ranks share, each once. The
pages of files on a disk are not in it, be it the list, the packed file or a temporary one: they are the
system's, which takes them back when it needs room.
"""

import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from measure import Failed, process_status, run, watched
from sides import HOME, LAUNCH

# How a mapping of memory that processes share is called in /proc/PID/smaps. The ranks' own are files
# without a name; in the others MPI passes messages.
UNNAMED = b"/memfd:"
SHARED = (UNNAMED, b"/dev/shm/", b"/dev/zero", b"/SYSV")
MAPPING = re.compile(
    rb"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ (\d+) *(.*)\n"
    rb"(?:.*\n)*?Pss: +(\d+) kB\n(?:.*\n)*?Anonymous: +(\d+) kB\n",
    re.MULTILINE,
)
BLOCK_BYTES = 512
EVERY_S = 0.003


@dataclass(frozen=True)
class Memory:
    """Bytes of all ranks together at one moment."""

    private: int
    shared: int

    @property
    def total(self):
        return self.private + self.shared


class Watch:
    """Looks at the ranks of a job again and again, and keeps the most that they had together.

    Files in memory count by their blocks, whether mapped or not, as long as any rank has them open or
    mapped. The blocks of one that is only mapped are those that it had when it was last open, for its
    pages that nobody has touched yet are in no list of /proc.
    """

    def __init__(self, program):
        self.program = program
        self.peak = Memory(0, 0)
        self.unnamed_bytes = {}

    def look(self, pids):
        ranks = [pid for pid in pids if process_status(pid).get("Name", "") == self.program]
        private = shared = 0
        mapped = {}
        for pid in ranks:
            for inode, name, pss_kib, anonymous_kib in mappings(pid):
                private += 1024 * anonymous_kib
                if name.startswith(UNNAMED):
                    mapped[inode] = mapped.get(inode, 0) + 1024 * pss_kib
                elif name.startswith(SHARED):
                    shared += 1024 * pss_kib
        is_open = {inode: size for pid in ranks for inode, size in unnamed_files(pid)}
        self.unnamed_bytes.update(is_open)
        for inode in is_open.keys() | mapped.keys():
            shared += max(self.unnamed_bytes.get(inode, 0), mapped.get(inode, 0))
        self.peak = max(self.peak, Memory(private, shared), key=lambda memory: memory.total)


def mappings(pid):
    """Inode, name, proportional share and anonymous memory (both in KiB) of each mapping; none if the
    process is gone."""
    try:
        smaps = Path(f"/proc/{pid}/smaps").read_bytes()
    except OSError:
        return []
    found = MAPPING.findall(smaps)
    return [(int(inode), name, int(pss), int(own)) for inode, name, pss, own in found]


def unnamed_files(pid):
    """Inode and bytes of each file in memory that a process has open."""
    files = []
    try:
        descriptors = list(os.scandir(f"/proc/{pid}/fd"))
    except OSError:
        return []
    for descriptor in descriptors:
        try:
            if os.readlink(descriptor.path).encode().startswith(UNNAMED):
                facts = os.stat(descriptor.path)
                files.append((facts.st_ino, facts.st_blocks * BLOCK_BYTES))
        except OSError:
            continue
    return files


@dataclass(frozen=True)
class Used:
    """What a rank used from its start to its end."""

    processor_s: float
    most_resident_kib: int


def used_by_ranks(ranks, command, start=run):
    """What each of so many ranks used, and what `start` gives, which runs the job. Each rank is started
    by rank_usage.py, which asks the system."""
    with tempfile.TemporaryDirectory() as folder:
        rank = [sys.executable, HOME / "rank_usage.py", folder, *command]
        given = start([LAUNCH, ranks, *rank])
        texts = [file.read_text().split() for file in Path(folder).iterdir()]
    if len(texts) != ranks:
        raise Failed(f"expected what {ranks} ranks used, found it of {len(texts)}")
    return [Used(float(seconds), int(kib)) for seconds, kib in texts], given


def peak_memory(ranks, command, every_s=EVERY_S):
    """The most memory that so many ranks had together under a command; what it printed; and facts to
    keep with the samples. It is sampled, in a run that is not to be timed to the millisecond."""
    watch = Watch(Path(command[0]).name)
    used, output = used_by_ranks(ranks, command, lambda job: watched(job, every_s, watch.look))
    if watch.peak.total == 0:
        raise Failed(f"no rank was seen under {' '.join(map(str, command))}")
    facts = {**vars(watch.peak), "total": watch.peak.total, "ranks": list(map(vars, used))}
    return watch.peak.total, output, facts
