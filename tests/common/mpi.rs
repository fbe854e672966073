//! The two families of MPI and their launchers.

use std::ffi::OsString;
use std::sync::OnceLock;

use super::{Folder, Job};

/// More ranks than cores, on whichever core is free, through shared memory alone; and without the
/// second of grace that mpirun gives the other ranks when one of them has failed.
const OPEN_MPI_OPTIONS: &str = "--map-by slot:OVERSUBSCRIBE --bind-to none --mca pml ob1 \
                                --mca odls_base_sigkill_timeout 0";

/// The two families of MPI libraries, each with a launcher of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mpi {
    OpenMpi,
    /// MPICH and all that are made of it.
    Mpich,
}

impl Mpi {
    /// The family that the binary was built with, which it tells when it runs alone.
    pub fn of_binary() -> Mpi {
        static MPI: OnceLock<Mpi> = OnceLock::new();
        *MPI.get_or_init(|| {
            let folder = Folder::new();
            let file = folder.write("tiny.txt", "0 0 here\n0 1 there\n");
            let report = Job::alone().run(&["pair", &file, "--format", "json"]).expect_json();
            let name = report["mpi"].as_str().expect("the report names the MPI library");
            if name.starts_with("Open MPI") { Mpi::OpenMpi } else { Mpi::Mpich }
        })
    }

    pub fn other(self) -> Mpi {
        match self {
            Mpi::OpenMpi => Mpi::Mpich,
            Mpi::Mpich => Mpi::OpenMpi,
        }
    }

    /// The launcher by the name that belongs to this family alone, if it is installed.
    pub fn own_launcher(self) -> Option<&'static str> {
        let name = match self {
            Mpi::OpenMpi => "mpirun.openmpi",
            Mpi::Mpich => "mpiexec.mpich",
        };
        is_installed(name).then_some(name)
    }

    /// The compiler by the name that belongs to this family alone, from which `scripts/launch` knows the launcher.
    pub fn compiler(self) -> &'static str {
        match self {
            Mpi::OpenMpi => "mpicc.openmpi",
            Mpi::Mpich => "mpicc.mpich",
        }
    }

    /// The words that start `ranks` ranks of what follows them.
    pub fn launcher_words(self, ranks: u64) -> Vec<OsString> {
        let (common_name, options) = match self {
            Mpi::OpenMpi => ("mpirun", OPEN_MPI_OPTIONS),
            Mpi::Mpich => ("mpiexec", ""),
        };
        let launcher = self.own_launcher().unwrap_or(common_name);
        let words = format!("{launcher} {options} -n {ranks}");
        words.split_whitespace().map(OsString::from).collect()
    }
}

pub fn is_installed(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}
