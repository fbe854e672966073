"""Builds benches/s2.cpp with g++ against Debian's libs2-dev, which root installs if it is missing."""

import os
import shutil
import subprocess
from pathlib import Path

from datasets import say
from measure import NotAvailable

PACKAGE = "libs2-dev"
SOURCE = Path(__file__).with_name("s2.cpp")
# -march=native makes no difference beyond the noise: the library is built already.
COMPILER = ["g++", "-std=c++17", "-O3", "-DNDEBUG"]


def built(folder):
    """The path of the program, below a folder; built again if its source is newer."""
    program = Path(folder) / "s2"
    if program.exists() and program.stat().st_mtime >= SOURCE.stat().st_mtime:
        return program
    if shutil.which(COMPILER[0]) is None:
        raise NotAvailable("S2 needs g++")
    if not has_headers():
        install()
    say("building s2")
    done = said([*COMPILER, "-o", str(program), str(SOURCE), "-ls2"])
    if done.returncode != 0:
        raise NotAvailable(f"s2.cpp does not compile with this S2: {last_line(done)}")
    return program


def has_headers():
    text = "#include <s2/s2closest_point_query.h>\n"
    return said([*COMPILER, "-fsyntax-only", "-x", "c++", "-"], text).returncode == 0


def install():
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NotAvailable(f"S2 is not here; install {PACKAGE}")
    say(f"installing {PACKAGE}")
    install_it = ["apt-get", "install", "-y", "--no-install-recommends", PACKAGE]
    for command in (["apt-get", "update"], install_it):
        done = said(command)
    if done.returncode != 0:
        raise NotAvailable(f"apt-get could not install {PACKAGE}: {last_line(done)}")


def said(command, text=""):
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, input=text, env=environment
    )


def last_line(done):
    return (done.stderr.strip().splitlines() or ["no message"])[-1]
