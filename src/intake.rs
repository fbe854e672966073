//! The ranks of a node read one list together: bytes in any form in, the cities in spools out.
//!
//! A delimited text is cut into as many pieces as there are ranks, and each reads its own. A piece begins at the
//! first line behind its cut, which is a guess, as a quoted field may hold line ends; where it is wrong, the piece
//! before tells where the next record begins, and the piece is read again from there. Any other list, and one in
//! which something is amiss that only the whole can tell, is read from its first byte to its last by the first
//! rank, while the others wait. Either way cities go into the spool as they are read, some thousand at a time, and
//! no rank ever has a list of its own.
//!
//! Architecture Invariant: it knows neither the grammar of a form nor what becomes of the cities.

use std::path::Path;

use crate::atlas::Spool;
use crate::cities::CityList;
use crate::error::{Error, Result};
use crate::formats::{self, Cut, Piece, PieceFacts, ReadOptions, Reading, Verdict};
use crate::notes::ValueFacts;
use crate::team::Team;
use crate::unnamed::Room;

/// What a team has read.
pub struct Intake {
    /// The cities of this rank.
    pub spool: Spool,
    /// Rows of its part.
    pub source_rows: u64,
    /// Bytes of its part.
    pub bytes: u64,
    /// What the list is, what was left out and what is to be doubted; no cities. On other ranks than the first
    /// the rows that were left out are counted and not shown.
    pub reading: Reading,
    /// How many cities of the list lie at exactly 0, 0.
    pub at_zero: u64,
}

/// Bytes of a row with a city, about: by these it is guessed how many there are.
const BYTES_PER_CITY: u64 = 24;

/// Reads a list, of which every rank has the bytes.
///
/// # Errors
/// On all ranks that of the first row of the file that is wrong.
pub fn take_in(
    team: &dyn Team,
    path: &Path,
    bytes: &[u8],
    options: &ReadOptions,
    room: &Room,
) -> Result<Intake> {
    let begun = Cut::of(path, bytes, options).and_then(|cut| {
        let spool = Spool::new(room, bytes.len() as u64 / BYTES_PER_CITY, team.ranks())?;
        Ok((cut, Harvest { spool, values: ValueFacts::default() }))
    });
    let ((cut, mut harvest), marks) =
        team.tell(begun, |(cut, _)| vec![cut.as_ref().map_or(0, Cut::mark)])?;
    team.agree(require_same(path, &marks.concat()))?;
    let pieces = match &cut {
        Some(cut) => read_pieces(team, cut, &mut harvest)?,
        None => None,
    };
    let (source_rows, bytes, reading) = match pieces {
        Some(pieces) => pieces,
        None => read_whole(team, path, bytes, options, &mut harvest)?,
    };
    let Harvest { spool, values } = harvest;
    let (_, all) = team.tell(Ok(()), |()| vec![values])?;
    let mut values = ValueFacts::default();
    all.concat().iter().for_each(|of_rank| values.add(of_rank));
    let mut reading = reading;
    reading.notes.extend(values.notes());
    Ok(Intake { spool, source_rows, bytes, reading, at_zero: values.at_zero() })
}

/// Refuses a text that ranks took for different ones; all ranks see the same marks.
fn require_same(path: &Path, marks: &[u64]) -> Result<()> {
    if marks.iter().all(|mark| mark == &marks[0]) {
        return Ok(());
    }
    let problem = "expected a file that stays as it is while it is read, found a beginning that ranks see \
                   differently; start again when nobody writes to it";
    Err(Error::Data { file: path.to_path_buf(), problem: problem.into() })
}

/// Where the cities of a rank go as they are read.
struct Harvest {
    spool: Spool,
    values: ValueFacts,
}

impl Harvest {
    fn take(&mut self, batch: &CityList) -> Result<()> {
        self.values.see(batch);
        self.spool.take(batch)
    }

    /// Forgets all cities.
    fn restart(&mut self) {
        self.spool.restart();
        self.values = ValueFacts::default();
    }
}

/// Rows and bytes of this rank's part, and the reading of all.
type Read = (u64, u64, Reading);

/// Reads each its piece, until all meet. `None` if the whole must be read by one.
fn read_pieces(team: &dyn Team, cut: &Cut<'_>, harvest: &mut Harvest) -> Result<Option<Read>> {
    let read = |start, harvest: &mut Harvest| {
        harvest.restart();
        cut.read(team.rank(), team.ranks(), start, &mut |batch| harvest.take(batch))
    };
    let mut piece = read(None, harvest);
    loop {
        let (mine, facts) = team.tell(piece, |piece| vec![piece.facts])?;
        let facts: Vec<PieceFacts> = facts.concat();
        piece = match cut.judge(&facts) {
            Verdict::Again(starts) => match starts[team.rank()] {
                Some(start) => read(Some(start), harvest),
                None => Ok(mine),
            },
            Verdict::Fault(rank) => {
                let mine = if rank == team.rank() { mine.fault } else { None };
                return Err(fault_of_all(team, mine));
            }
            Verdict::Whole => {
                harvest.restart();
                return Ok(None);
            }
            Verdict::Sound => {
                let skipped = share_skipped(team, &mine)?;
                let rows = mine.facts.source_rows();
                return Ok(Some((rows, mine.facts.bytes(), cut.reading(&facts, &skipped))));
            }
        };
    }
}

/// The fault that one rank has, on all.
fn fault_of_all(team: &dyn Team, mine: Option<Error>) -> Error {
    let shared = team.share(mine.map_or(Ok(Vec::new()), Err));
    let unknown = || Error::Internal { problem: "a piece with a fault that nobody has".into() };
    shared.err().unwrap_or_else(unknown)
}

/// The rows that the pieces show, on the first rank, which alone counts the lines above them.
fn share_skipped(team: &dyn Team, mine: &Piece) -> Result<Vec<(u64, String)>> {
    let mut bytes = Vec::new();
    for (offset, problem) in &mine.skipped {
        bytes.extend_from_slice(&offset.to_le_bytes());
        bytes.extend_from_slice(&(problem.len() as u64).to_le_bytes());
        bytes.extend_from_slice(problem.as_bytes());
    }
    let all = team.share(Ok(bytes))?.concat();
    let mut skipped = Vec::new();
    let mut rest = &all[..];
    while let (0, Some((head, behind))) = (team.rank(), rest.split_first_chunk::<16>()) {
        let [offset, length]: [u64; 2] = bytemuck::pod_read_unaligned(head);
        let (problem, behind) = behind.split_at(length as usize);
        skipped.push((offset, String::from_utf8_lossy(problem).into_owned()));
        rest = behind;
    }
    Ok(skipped)
}

/// Reads the whole on the first rank.
fn read_whole(
    team: &dyn Team,
    path: &Path,
    bytes: &[u8],
    options: &ReadOptions,
    harvest: &mut Harvest,
) -> Result<Read> {
    let read = match team.rank() {
        0 => formats::read_into(path, bytes, options, &mut |batch| harvest.take(batch)),
        _ => Ok(Reading::default()),
    };
    let reading = team.agree(read)?;
    let bytes = if team.rank() == 0 { bytes.len() as u64 } else { 0 };
    Ok((reading.list.source_rows(), bytes, reading))
}
