//! What launchers leave in the environment of the ranks that they start, and what MPI is to find
//! there.
//!
//! Architecture Invariant: it works before MPI starts, and without it.

use std::env;

/// Where launchers tell how many ranks they started, and which of them this is.
const LAUNCHER_VARIABLES: [[&str; 2]; 3] = [
    ["OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"],
    ["PMI_SIZE", "PMI_RANK"],
    ["SLURM_STEP_NUM_TASKS", "SLURM_PROCID"],
];

/// What srun's plugins leave to the ranks, so that they find each other.
const PLUGIN_VARIABLES: [&str; 3] = ["PMIX_RANK", "PMI_RANK", "PMI_FD"];

/// What a launcher left in the environment.
pub(super) struct Launcher {
    /// The variable that tells the number of ranks.
    pub(super) variable: &'static str,
    /// How many ranks it started.
    pub(super) ranks: u64,
    /// Which of them this is.
    pub(super) rank: u64,
}

impl Launcher {
    /// That of this process, if it was started by one.
    pub(super) fn of_this_process() -> Option<Launcher> {
        LAUNCHER_VARIABLES.iter().find_map(|&[variable, rank]| {
            let number = |name| env::var(name).ok()?.parse().ok();
            Some(Launcher { variable, ranks: number(variable)?, rank: number(rank).unwrap_or(0) })
        })
    }

    /// Whether it is MPICH's own launcher, under which the ranks of Open MPI do not find each other: each starts as
    /// if it were alone, and is told so ([`check_launcher`](super::World::check_launcher)).
    fn is_foreign(&self) -> bool {
        let is_slurm = ["SLURM_PROCID", "PMIX_RANK"].iter().any(|name| env::var_os(name).is_some());
        self.variable == "PMI_SIZE" && !is_slurm
    }

    /// Whether it is srun without any of its plugins for MPI.
    fn is_bare_srun(&self) -> bool {
        let has_plugin = PLUGIN_VARIABLES.iter().any(|plugin| env::var_os(plugin).is_some());
        self.variable == "SLURM_STEP_NUM_TASKS" && !has_plugin
    }
}

/// Whether this process is the first of those that a launcher started, or was started without one:
/// who speaks where MPI does not run.
pub fn is_first_of_launcher() -> bool {
    Launcher::of_this_process().is_none_or(|launcher| launcher.rank == 0)
}

/// Whether a launcher started this process beside others, which may have started MPI to meet it there.
pub fn is_one_of_several() -> bool {
    Launcher::of_this_process().is_some_and(|launcher| launcher.ranks > 1)
}

/// Whether the launcher may be srun, which passes its standard input to all ranks.
pub(super) fn passes_input_to_all() -> bool {
    env::var_os("SLURM_STEP_NUM_TASKS").is_some()
}

/// Prepares the environment for the start of MPI.
pub(super) fn prepare(launcher: Option<&Launcher>) {
    let is_bare_srun = launcher.is_some_and(Launcher::is_bare_srun);
    if is_bare_srun {
        hide_srun();
    }
    if launcher.is_none_or(Launcher::is_foreign) || is_bare_srun {
        prepare_to_run_alone();
    }
}

/// Lets Open MPI start each rank alone where srun started several without a plugin, so that
/// [`check_launcher`](super::World::check_launcher) can say what is wrong. Left alone, it takes srun
/// for its launcher by this variable, misses the plugin, and ends each rank with a page of its own.
fn hide_srun() {
    // SAFETY: called before MPI starts, when this process has one thread; nobody reads the
    // environment at the same time.
    unsafe { env::remove_var("SLURM_NODELIST") };
}

/// What Open MPI is told where a rank runs without a launcher. Other libraries do not read these.
const TO_RUN_ALONE: [(&str, &str); 3] = [
    // Not to start a daemon for more ranks, and not to look for networks: 0.03 s instead of 0.37 s.
    ("OMPI_MCA_ess_singleton_isolated", "1"),
    ("OMPI_MCA_pml", "ob1"),
    // Not to make folders where ranks find each other. All that run alone share these, and one that ends takes
    // them away while another begins, which then ends with a page of Open MPI's; and where the folder for
    // temporary files cannot be written, nobody starts at all.
    ("OMPI_MCA_orte_create_session_dirs", "0"),
];

/// Spares a rank without a launcher what Open MPI would set up for more of them. What the user has set stays.
fn prepare_to_run_alone() {
    for (variable, value) in TO_RUN_ALONE {
        if env::var_os(variable).is_none() {
            // SAFETY: called before MPI starts, when this process has one thread; nobody reads the
            // environment at the same time.
            unsafe { env::set_var(variable, value) };
        }
    }
}
