# shellcheck shell=bash
# slurm/job.sh: what the files in this folder have in common. Each job reads it after site.conf.

# Loads the modules of the site.
load_modules() {
    if [ -z "$MODULES" ]; then return; fi
    module purge
    # shellcheck disable=SC2086 # a list of names
    module load $MODULES
}

# Prints where and with what this job runs.
print_facts() {
    local launcher=mpirun
    command -v mpirun > /dev/null || launcher=srun
    printf '%-12s %s\n' \
        date: "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
        job: "${SLURM_JOB_NAME:-} ${SLURM_JOB_ID:-}, restarts: ${SLURM_RESTART_COUNT:-0}" \
        account: "${SLURM_JOB_ACCOUNT:-default}, partition: ${SLURM_JOB_PARTITION:-default}" \
        nodes: "${SLURM_JOB_NUM_NODES:-1} (${SLURM_JOB_NODELIST:-$(hostname)})" \
        tasks: "${SLURM_NTASKS:-not given}, processors on this node: ${SLURM_CPUS_ON_NODE:-$(nproc)}" \
        MPI: "$({ "$launcher" --version 2>&1 || true; } | sed -n '/[0-9]/{p;q}')" \
        commit: "$(git rev-parse --short HEAD 2> /dev/null || echo unknown)"
}

# Makes the job's folder, moves its log there, and prints the facts. Slurm opened the log before there
# was such a folder; it goes on writing to the moved file.
begin_job() { # FOLDER LOG: as named after --output
    mkdir -p "$1"
    if [ -f "$2" ]; then
        mv "$2" "$1/$(basename "$2" .out)${SLURM_RESTART_COUNT:+-restart-$SLURM_RESTART_COUNT}.log"
    fi
    load_modules
    print_facts
}

# Runs scripts/study with the settings of the site. Returns its exit code, as run_until_limit.
run_study() { # strong|weak FOLDER [STUDY-OPTION ...]
    local options=(--out "$2")
    if [ -n "$LAUNCHER" ]; then options+=(--launcher "$LAUNCHER"); fi
    if [ -n "$MPI" ]; then options+=(--mpi "$MPI"); fi
    if [ -n "$FARTHEST" ]; then options+=(--farthest "$FARTHEST"); fi
    if [ -n "$LIMIT_S" ]; then options+=(--limit "$LIMIT_S"); fi
    run_until_limit scripts/study "$1" "${options[@]}" "${@:3}"
}

# Runs farthest pair on all processors of the job, or as many as --ntasks says, with a checkpoint in the folder.
# Returns its exit code, as run_until_limit. A run that was stopped leaves report-stopped.json, another one report.json.
run_pair() { # FOLDER FILE [PAIR-OPTION ...]
    local farthest=${FARTHEST:-$(scripts/build)} nodes=${SLURM_JOB_NUM_NODES:-1} code=0
    local ranks=${SLURM_NTASKS:-$((nodes * ${SLURM_CPUS_ON_NODE:-1}))} line=$LAUNCHER launcher
    if [ -z "$line" ]; then
        # srun is told the plugin for the MPI of the program, which scripts/study finds out as well.
        case $nodes in
            1) line="scripts/launch {ranks}" ;;
            *) line="srun -n {ranks} -N {nodes} --mpi=${MPI:-$(plugin_of "$farthest")}" ;;
        esac
    fi
    line=${line//'{ranks}'/$ranks}
    read -ra launcher <<< "${line//'{nodes}'/$nodes}"
    # A job that was stopped before is at its next part: the report is of the whole in the end.
    rm -f "$1"/report*.json
    run_until_limit "${launcher[@]}" "$farthest" pair "${@:2}" --format json --progress 60 \
        --checkpoint "$1/checkpoint" > "$1/report-stopped.json" || code=$?
    if [ "$code" = 0 ]; then mv "$1/report-stopped.json" "$1/report.json"; fi
    return "$code"
}

# The plugin of srun for the MPI of a program.
plugin_of() { # FARTHEST
    local tiny
    tiny=$(mktemp)
    printf '0 0 here\n0 1 there\n' > "$tiny"
    if "$1" pair "$tiny" --allow-singletons --format json | grep -q '"mpi": "Open MPI'; then
        echo pmix
    else
        echo pmi2
    fi
    rm "$tiny"
}

# Runs a command and forwards the time limit's signal to it. Returns its exit code: 75 if it was stopped; if the
# site says so, the job is then queued again.
run_until_limit() { # COMMAND [ARGUMENT ...]
    local pid signal='' code=0
    "$@" &
    pid=$!
    trap 'signal=USR1; kill -USR1 "$pid"' USR1
    trap 'signal=TERM; kill -TERM "$pid"' TERM
    wait "$pid" || code=$?
    # A signal ends `wait` at once, while the command still ends its work.
    while [ "$code" -gt 128 ] && kill -0 "$pid" 2> /dev/null; do
        code=0
        wait "$pid" || code=$?
    done
    trap - USR1 TERM
    if [ "$code" = 75 ] && [ "$signal" = USR1 ] && [ "$REQUEUE" = yes ]; then
        echo "the time limit is near: queued again, to go on from here" >&2
        scontrol requeue "$SLURM_JOB_ID"
    fi
    return "$code"
}
