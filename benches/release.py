"""Earlier versions, against which later ones are held: built from their commits, once."""

import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from datasets import say
from measure import Failed, NotAvailable

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Release:
    """A version by its commit, under the name that the table has for it."""

    name: str
    commit: str

    def built(self, folder):
        """The program below a folder, with the MPI of this build, and kept there."""
        # scripts/bench builds each MPI in a folder of its own.
        target = folder / Path(os.environ.get("CARGO_TARGET_DIR", "target")).name
        program = target / "release" / "farthest"
        if program.exists():
            return program
        source = folder / "source"
        if not source.exists():
            self.unpack(folder, source)
        say(f"building {self.name}")
        done = subprocess.run(
            ["cargo", "build", "--release", "--locked", "--quiet", "--bin", "farthest"],
            cwd=source,
            env={**os.environ, "CARGO_TARGET_DIR": str(target)},
            stdout=sys.stderr,
            check=False,
        )
        if done.returncode != 0:
            raise Failed(f"cargo could not build {self.name}; see what it says above")
        return program

    def unpack(self, folder, source):
        """The files of the commit, under their name when they are whole."""
        folder.mkdir(parents=True, exist_ok=True)
        archive = folder / "source.tar"
        command = ["git", "-C", ROOT, "archive", "--output", archive, self.commit]
        if subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0:
            commit = f"commit {self.commit[:7]} of {self.name}"
            raise NotAvailable(f"{commit} is not here; a full git clone has it")
        part = folder / "part-source"
        with tarfile.open(archive) as files:
            files.extractall(part, filter="data")
        os.replace(part, source)
        archive.unlink()


FIRST = Release("0.1.0", "42449cfff4eda9dfd4933d22dcd043073081c1cf")
# The last in which every rank read the whole text file for itself.
EACH_READS = Release("before shared reading", "ba6e37c57c23a8d081b4246f28847b596f9fe886")
