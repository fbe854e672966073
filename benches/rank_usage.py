"""Starts a rank of a job and leaves in a folder what it used: processor seconds, of user and system, and
the most memory that was resident, in KiB.

  mpirun -n N python rank_usage.py FOLDER PROGRAM [ARGUMENT ...]

The file has the id of the rank's process as its name. What this script itself takes is not in it.
"""

import resource
import subprocess
import sys
from pathlib import Path


def main():
    folder, *command = sys.argv[1:]
    # Some launchers speak with a rank through descriptors that it inherits.
    rank = subprocess.Popen(command, close_fds=False)
    exit_code = rank.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    (Path(folder) / str(rank.pid)).write_text(f"{seconds!r} {used.ru_maxrss}\n")
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
