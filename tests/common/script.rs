//! Starting scripts of the repository, and programs of others that start MPI jobs themselves.

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
    let (mpi, compiler) = match Mpi::of_binary() {
        mpi @ Mpi::OpenMpi => (mpi, "mpicc.openmpi"),
        mpi @ Mpi::Mpich => (mpi, "mpicc.mpich"),
    };
    if mpi.own_launcher().is_some() {
        command.env("MPICC", compiler);
    }
    // A job that ends must not take away what another has in a common folder.
    command.env("TMPDIR", folder.path());
    command
}
