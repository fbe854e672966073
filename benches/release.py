"""Version 0.1.0, against which later ones are held: built from its commit, once."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

from datasets import say
from measure import Failed, NotAvailable

COMMIT = "42449cfff4eda9dfd4933d22dcd043073081c1cf"
ROOT = Path(__file__).resolve().parent.parent


def built_release(folder):
    """The program of that commit below a folder, with the MPI of this build, and kept there."""
    # scripts/bench builds each MPI in a folder of its own.
    target = folder / Path(os.environ.get("CARGO_TARGET_DIR", "target")).name
    program = target / "release" / "farthest"
    if program.exists():
        return program
    source = folder / "source"
    if not source.exists():
        unpack(folder, source)
    say("building version 0.1.0")
    done = subprocess.run(
        ["cargo", "build", "--release", "--locked", "--quiet", "--bin", "farthest"],
        cwd=source,
        env={**os.environ, "CARGO_TARGET_DIR": str(target)},
        stdout=sys.stderr,
        check=False,
    )
    if done.returncode != 0:
        raise Failed("cargo could not build version 0.1.0; see what it says above")
    return program


def unpack(folder, source):
    """The files of the commit, under their name when they are whole."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "source.tar"
    command = ["git", "-C", ROOT, "archive", "--output", archive, COMMIT]
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0:
        raise NotAvailable(f"commit {COMMIT[:7]} of 0.1.0 is not here; a full git clone has it")
    part = folder / "part-source"
    with tarfile.open(archive) as files:
        files.extractall(part, filter="data")
    os.replace(part, source)
    archive.unlink()
