#!/usr/bin/env bash
# slurm/interactive.sh: a session in an allocation, ready for studies and for mpirun.
#
# Usage:  slurm/interactive.sh [SALLOC-OPTION ...]
#         slurm/interactive.sh --nodes 4 --time 02:00:00
#
# Asks salloc for two whole nodes for an hour, unless options say otherwise, with account, partition
# and modules of slurm/site.conf, prints the job's facts, and opens a shell in the repository. It
# reads commands from standard input if that is no terminal.
#
# Output: that of the session; exit code likewise.
set -euo pipefail

case ${1:-} in
    -h | --help) sed -n '2,/^set -/{/^set -/!s/^# \{0,1\}//p}' "$0"; exit 0 ;;
esac
if ! command -v salloc > /dev/null; then
    echo "slurm/interactive.sh: expected salloc in PATH, found none; start it where Slurm is" >&2
    exit 2
fi
cd "$(dirname "$0")/.."
. slurm/site.conf

# shellcheck disable=SC2016 # the shell of the session expands this
begin='
    . slurm/site.conf
    . slurm/job.sh
    load_modules
    print_facts
    echo "ready: scripts/study strong, scripts/study weak; exit ends the allocation"
    exec bash
'
exec salloc --job-name=farthest --nodes=2 --exclusive --time=01:00:00 "$@" bash -c "$begin"
