//! A checkpoint: what a search has done, in a file, so that the next run goes on from there.
//!
//! It holds the question (which cities, which method, which version of the program), the farthest pair so far, and
//! for each run one layer: the cursors of its ranks ([`Settled`]). The next run may have any number of ranks.
//! What is written is always true: a rank tells its cursor and its farthest pair in one message, so the
//! pair of the file is at least as far as any in a block that the file calls settled.
//!
//! The file is JSON, with the XXH3-64 of what it says beside it, so that a changed one is refused. It is written
//! whole or not at all ([`crate::output`]).
//!
//! Architecture Invariant: nothing here knows how pairs are settled, nor which rank asks.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_64;

use crate::checksum;
use crate::error::{Error, Result};
use crate::output::write_file;
use crate::pairs::Settled;
use crate::ranking::FarPair;

/// What a checkpoint answers: it goes on only where all of this is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Version of the program.
    pub version: String,
    /// Checksum of the city file, as reports have it.
    pub checksum: String,
    /// Length of the city file.
    pub bytes: u64,
    /// When it was last written to, unless the checksum is known to be that of its content.
    pub modified: Option<String>,
    /// Number of cities of each list.
    pub cities: Vec<u64>,
    /// Whether cities at one place count as one.
    pub is_distinct: bool,
    /// What was taken for what, and how many rows were left out: the same file can be read in several ways.
    pub reading: String,
    /// Checksum of the places that it came to, in their order.
    pub places: String,
    /// Name of the method.
    pub method: String,
    /// Name of the metric.
    pub metric: String,
}

/// How far a job is. Of the pair of a checkpoint that was read the distance may be off in its last bit, as numbers
/// in JSON may: who goes on measures it anew.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// Edge of a block of the pair space, as [`crate::search::block_edge`] said to the first run.
    pub block_edge: u64,
    /// The blocks that are settled.
    pub settled: Settled,
    /// The farthest pair so far.
    pub farthest: Option<FarPair>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Framed<'a> {
    checksum: String,
    #[serde(borrow)]
    checkpoint: &'a RawValue,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    question: Question,
    /// Its distance is for the reader's eyes: the next run computes it anew.
    farthest: Option<FarPair>,
    block_edge: u64,
    layers: Vec<Vec<u64>>,
}

/// A checkpoint has some 20 bytes for each rank of each run.
const MOST_BYTES: u64 = 1 << 30;

/// More ranks than MPI can number are none.
const MOST_RANKS: usize = i32::MAX as usize;

/// The bytes of a checkpoint.
pub fn to_bytes(question: &Question, done: &Done) -> Vec<u8> {
    let contents = Contents {
        question: question.clone(),
        farthest: done.farthest,
        block_edge: done.block_edge,
        layers: done.settled.layers().to_vec(),
    };
    let text = serde_json::to_string(&contents).expect("numbers and texts");
    let checksum = checksum_of(&text);
    let checkpoint = &*RawValue::from_string(text).expect("it was just made");
    let framed = Framed { checksum, checkpoint };
    let mut bytes = serde_json::to_vec(&framed).expect("numbers and texts");
    bytes.push(b'\n');
    bytes
}

fn checksum_of(text: &str) -> String {
    checksum::text_of(xxh3_64(text.as_bytes()))
}

/// Reads a checkpoint from its bytes, which came from `file`, and holds it against the question.
///
/// # Errors
/// [`Error::Data`] if they are no checkpoint, are changed, or are one of another question: then it says what
/// differs.
pub fn from_bytes(file: &Path, bytes: &[u8], question: &Question) -> Result<Done> {
    let refuse = |problem: String| Error::Data { file: file.to_path_buf(), problem };
    let strange = |found: String| strange(file, &found);
    let framed: Framed = serde_json::from_slice(bytes)
        .map_err(|error| strange(format!("something else ({error})")))?;
    let text = framed.checkpoint.get();
    if framed.checksum != checksum_of(text) {
        return Err(strange(format!(
            "one that was changed (checksum {} of {})",
            checksum_of(text),
            framed.checksum
        )));
    }
    let contents: Contents =
        serde_json::from_str(text).map_err(|error| strange(format!("another kind ({error})")))?;
    if let Some(difference) = difference(&contents.question, question) {
        return Err(refuse(format!(
            "expected a checkpoint of this run, found one of another: {difference}; name another file, or delete \
             it to begin anew"
        )));
    }
    if let Some(problem) = contents.find_fault() {
        return Err(strange(format!("one that cannot be ({problem})")));
    }
    let Contents { farthest, block_edge, layers, .. } = contents;
    Ok(Done { block_edge, settled: Settled::new(layers), farthest })
}

impl Contents {
    /// What no run can have written.
    fn find_fault(&self) -> Option<&'static str> {
        let is_cursor = |(rank, &cursor): (usize, &u64), ranks: u64| cursor % ranks == rank as u64;
        let is_layer = |cursors: &Vec<u64>| {
            let ranks = cursors.len();
            (1..=MOST_RANKS).contains(&ranks)
                && cursors.iter().enumerate().all(|cursor| is_cursor(cursor, ranks as u64))
        };
        let has_place = |pair: &FarPair| {
            let [a, b] = pair.positions;
            match self.question.cities[..] {
                [cities] => a != b && a.max(b) < cities,
                [first, second] => a < first && b < second,
                _ => false,
            }
        };
        if !self.layers.iter().all(is_layer) {
            Some("the cursor of a rank is none of its blocks")
        } else if !self.farthest.as_ref().is_none_or(has_place) {
            Some("its pair is none of so many cities")
        } else if self.block_edge > 1 << 32 {
            Some("its blocks are too large")
        } else {
            None
        }
    }
}

/// The first few things in which two questions differ.
fn difference(theirs: &Question, ours: &Question) -> Option<String> {
    let copies = |question: &Question| match question.is_distinct {
        true => "as one".to_string(),
        false => "each".to_string(),
    };
    let pairs = [
        ("version", &theirs.version, &ours.version),
        ("checksum of the cities", &theirs.checksum, &ours.checksum),
        ("reading", &theirs.reading, &ours.reading),
        ("places", &theirs.places, &ours.places),
        ("copies", &copies(theirs), &copies(ours)),
        ("method", &theirs.method, &ours.method),
        ("metric", &theirs.metric, &ours.metric),
    ];
    let texts = pairs.into_iter().filter(|(_, theirs, ours)| theirs != ours);
    let texts =
        texts.map(|(what, theirs, ours)| format!("{what} {}, here {}", few(theirs), few(ours)));
    let cities = |question: &Question| {
        question.cities.iter().map(u64::to_string).collect::<Vec<_>>().join(" and ")
    };
    let numbers = [
        (theirs.bytes.to_string(), ours.bytes.to_string(), "bytes"),
        (cities(theirs), cities(ours), "cities"),
    ];
    let numbers = numbers.into_iter().filter(|(theirs, ours, _)| theirs != ours);
    let numbers = numbers.map(|(theirs, ours, unit)| format!("{theirs} {unit}, here {ours}"));
    let modified = ours.modified.as_ref().filter(|ours| Some(*ours) != theirs.modified.as_ref());
    let modified = modified.map(|ours| {
        let theirs =
            theirs.modified.as_deref().map_or("a file whose content was checked".into(), few);
        format!("{theirs}, here {ours}, which may be the same content: --verify finds out")
    });
    let all: Vec<String> = texts.chain(numbers).chain(modified).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// The bytes of an earlier run's checkpoint; none if there is no file.
///
/// # Errors
/// [`Error::Data`] if what is there is no file, or [`Error::Io`].
pub fn read(file: &Path) -> Result<Vec<u8>> {
    match fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::opening(file, error)),
        Ok(there) if !there.is_file() => Err(strange(file, "something else than a file")),
        Ok(there) if there.len() == 0 => Err(strange(file, "an empty file")),
        Ok(there) if there.len() > MOST_BYTES => {
            Err(strange(file, &format!("a file of {} bytes", there.len())))
        }
        Ok(_) => fs::read(file).map_err(|error| Error::opening(file, error)),
    }
}

/// The refusal of a file that no run has written. Of what was found a few words are shown.
pub fn strange(file: &Path, found: &str) -> Error {
    let found = few(found);
    let problem =
        format!("expected a checkpoint that --checkpoint wrote, found {found}; name another file");
    Error::Data { file: file.to_path_buf(), problem }
}

/// The first words of a text.
fn few(text: &str) -> String {
    const SHOWN: usize = 200;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_string(),
    }
}

/// Writes the checkpoint of a job while it runs. Rank 0 has one.
#[derive(Debug)]
pub struct Saver {
    file: PathBuf,
    question: Question,
    /// What earlier runs did, and the farthest pair so far.
    done: Done,
    /// Of this run, the cursor of each rank.
    cursors: Vec<u64>,
    /// What is in the file, as this run knows it.
    there: Vec<u8>,
}

impl Saver {
    /// For a run of so many ranks, which goes on from what is done; `there` is what was read of the file.
    pub fn new(
        file: PathBuf,
        question: Question,
        (done, there): (Done, Vec<u8>),
        ranks: u64,
    ) -> Saver {
        Saver { file, question, done, cursors: (0..ranks).collect(), there }
    }

    /// Takes in how far a rank is, and the farthest pair that it knows.
    pub fn note(&mut self, rank: u64, cursor: u64, farthest: Option<FarPair>) {
        let Some(known) = self.cursors.get_mut(rank as usize) else { return };
        *known = cursor.max(*known);
        let all = self.done.farthest.into_iter().chain(farthest);
        self.done.farthest = all.max_by(FarPair::compare);
    }

    /// Writes the file.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Data`] if it is not what this run knows any more: another job may write there, too.
    /// The file that was there before is there still.
    pub fn save(&mut self) -> Result<()> {
        self.require_ours()?;
        let mut layers = self.done.settled.layers().to_vec();
        layers.push(self.cursors.clone());
        let done = Done { settled: Settled::new(layers), ..self.done.clone() };
        let bytes = to_bytes(&self.question, &done);
        write_file(&self.file, true, |out| io::Write::write_all(out, &bytes))?;
        self.there = bytes;
        Ok(())
    }

    /// The file, which is of no use any more when the job is done.
    ///
    /// # Errors
    /// [`Error::Data`] if it is not that of this run.
    pub fn leftover(&self) -> Result<PathBuf> {
        self.require_ours()?;
        Ok(self.file.clone())
    }

    /// Refuses a file that is there and is not as this run left it.
    fn require_ours(&self) -> Result<()> {
        let found = read(&self.file)?;
        if found.is_empty() || found == self.there {
            return Ok(());
        }
        let problem = "expected the checkpoint as this run left it, found another: two jobs must not share one";
        Err(Error::Data { file: self.file.clone(), problem: problem.into() })
    }
}

/// Deletes a checkpoint whose job is done.
///
/// # Errors
/// [`Error::Io`].
pub fn remove(file: &Path) -> Result<()> {
    // A link stays, as it does when the file is written.
    let place = fs::canonicalize(file);
    match fs::remove_file(place.as_deref().unwrap_or(file)) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(Error::Io { file: file.to_path_buf(), action: "cannot delete", source })
        }
        _ => Ok(()),
    }
}
