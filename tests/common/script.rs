//! Starting scripts of the repository, programs of others that start MPI jobs themselves, and jobs with mounts of
//! their own.

use std::process::{Command, Stdio};

use super::{Folder, Mpi};

/// A command in the folder that finds nothing of a job that these tests may run in. If it starts
/// `scripts/launch`, that is the launcher of the binary's own MPI.
pub fn command_in(folder: &Folder, program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder.path()).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SLURM_") {
            command.env_remove(name);
        }
    }
    let mpi = Mpi::of_binary();
    if mpi.own_launcher().is_some() {
        command.env("MPICC", mpi.compiler());
    }
    // A job that ends must not take away what another has in a common folder.
    command.env("TMPDIR", folder.path());
    command
}

/// The words that run a command with a mount namespace of its own, where that is allowed.
pub fn own_mounts() -> Option<Vec<&'static str>> {
    let is_allowed = |words: &[&str]| {
        let trial = Command::new(words[0])
            .args(&words[1..])
            .args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"])
            .stderr(Stdio::null())
            .status();
        trial.is_ok_and(|status| status.success())
    };
    [vec!["unshare", "-m"], vec!["unshare", "-rm"]].into_iter().find(|words| is_allowed(words))
}
