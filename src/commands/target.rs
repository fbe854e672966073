//! A file that the ranks of a node write together, which gets its name when all are done.
//!
//! Architecture Invariant: every rank of the node takes every step of the team.

use std::path::Path;

use crate::error::Result;
use crate::output::Output;
use crate::source::shared_file;
use crate::team::Team;
use crate::unnamed::{Room, Unnamed};

/// A file that a team writes.
pub(super) struct Target {
    /// That of the first rank is the one that gets its name.
    pub(super) output: Output,
    pub(super) out: Unnamed,
    /// Its disk, for what is not to be in memory.
    pub(super) room: Room,
}

impl Target {
    pub(super) fn create(team: &dyn Team, path: &Path, force: bool) -> Result<Target> {
        let output = team.agree(Output::create(path, force))?;
        let room = Room::Beside(output.place().to_path_buf());
        let out = shared_file(team, Unnamed::of(output.file(), &room), &room)?;
        Ok(Target { output, out, room })
    }

    pub(super) fn finish(self, team: &dyn Team) -> Result<()> {
        team.agree(if team.rank() == 0 { self.output.finish() } else { Ok(()) })
    }
}
