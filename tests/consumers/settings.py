"""ReFrame's configuration for one machine without a scheduler, whose jobs `scripts/launch` starts.

A site has one of its own, with its scheduler and launcher; the check needs nothing of this file.
"""

import shlex
from pathlib import Path

from reframe.core.backends import register_launcher
from reframe.core.launchers import JobLauncher

LAUNCH = Path(__file__).resolve().parents[2] / "scripts" / "launch"


@register_launcher("launch")
class Launch(JobLauncher):
    """The mpirun of the MPI that MPICC names."""

    def command(self, job):
        return [shlex.quote(str(LAUNCH)), str(job.num_tasks)]


site_configuration = {
    "systems": [
        {
            "name": "machine",
            "descr": "This machine",
            "hostnames": [".*"],
            "partitions": [
                {
                    "name": "default",
                    "scheduler": "local",
                    "launcher": "launch",
                    "environs": ["none"],
                    # Waiting ranks spin, so that two jobs would mostly wait for each other.
                    "max_jobs": 1,
                }
            ],
        }
    ],
    "environments": [{"name": "none"}],
}
