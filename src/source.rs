//! A path goes in, an atlas comes out, whatever kind of city file it is.
//!
//! Opening maps the file, or reads the pipe, and detects from its first bytes whether it is packed; a
//! packed file is an atlas as it lies, any other list becomes one in memory. The two steps are apart because between them
//! the ranks agree that they all opened the same bytes ([`Fingerprint`]).
//!
//! Architecture Invariant: after this module nobody knows whether the cities came as text.

use std::cell::OnceCell;
use std::io::Read;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::atlas::{Atlas, AtlasBuffer, Fault, looks_packed};
use crate::cities::{CityList, Coordinates};
use crate::error::{Error, Result};
use crate::formats::{self, ColumnFacts, ReadOptions, Reading, Skipped};
use crate::map::MappedFile;
use crate::notes;

/// What stands for standard input on the command line.
pub const STANDARD_INPUT: &str = "-";

/// A city file, in memory and known to be packed or not.
pub struct CityFile {
    path: PathBuf,
    bytes: Bytes,
    fingerprint: OnceCell<Fingerprint>,
    packed: bool,
}

/// Where the bytes of a city file lie.
enum Bytes {
    Mapped(MappedFile),
    /// What came through a pipe, which no rank can map.
    Read(Vec<u8>),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Read(bytes) => bytes,
        }
    }
}

/// What tells two files apart: ranks with equal fingerprints have the same cities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Length of the file.
    pub bytes: u64,
    /// XXH3-64 of the whole of a text file; of a packed file the checksum in its header, which
    /// covers those of all its sections.
    pub checksum: u64,
}

impl Fingerprint {
    /// As two words, for a message.
    pub fn to_words(self) -> [u64; 2] {
        [self.bytes, self.checksum]
    }

    /// From the two words of [`Fingerprint::to_words`].
    ///
    /// # Panics
    /// If there are not two.
    pub fn from_words(words: &[u64]) -> Fingerprint {
        Fingerprint { bytes: words[0], checksum: words[1] }
    }

    /// The checksum as reports have it.
    pub fn checksum_text(&self) -> String {
        format!("xxh3:{:016x}", self.checksum)
    }
}

/// Refuses different files under the same path; each rank's fingerprint comes with its host.
///
/// # Errors
/// [`Error::FilesDiffer`], which says which hosts see what.
pub fn require_same(path: &Path, ranks: impl Iterator<Item = (Fingerprint, String)>) -> Result<()> {
    let mut sights: Vec<(Fingerprint, Vec<String>)> = Vec::new();
    for (fingerprint, host) in ranks {
        match sights.iter_mut().find(|(other, _)| *other == fingerprint) {
            Some((_, hosts)) if hosts.contains(&host) => {}
            Some((_, hosts)) => hosts.push(host),
            None => sights.push((fingerprint, vec![host])),
        }
    }
    if sights.len() <= 1 {
        return Ok(());
    }
    let sights = sights.iter().map(|(fingerprint, hosts)| {
        let (bytes, checksum) = (fingerprint.bytes, fingerprint.checksum_text());
        format!("{bytes} bytes with checksum {checksum} on {}", hosts.join(", "))
    });
    let problem = format!(
        "expected the same file on every rank, found {}; copy one of them to every host, or put \
         it on a file system that all share",
        sights.collect::<Vec<_>>().join(" and ")
    );
    Err(Error::FilesDiffer { file: path.to_path_buf(), problem })
}

impl CityFile {
    /// Maps `path` and looks at it, which costs the same whatever its size.
    ///
    /// # Errors
    /// [`Error::NoInput`] or [`Error::Io`] if it cannot be mapped, [`Error::Format`] if it is
    /// packed and its header or section table is wrong.
    pub fn open(path: &Path) -> Result<CityFile> {
        let map = MappedFile::open(path)?;
        // The name is believed only to say what a file that is neither was meant to be.
        let named_packed = path.extension().is_some_and(|extension| extension == "cities");
        let packed = looks_packed(&map) || (named_packed && !formats::looks_like_text(&map));
        CityFile::of(path.to_path_buf(), Bytes::Mapped(map), packed)
    }

    /// Reads all of `pipe`, which is standard input.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read or held, [`Error::Format`] as [`CityFile::open`].
    pub fn read(pipe: impl Read, room_bytes: Option<u64>) -> Result<CityFile> {
        let path = PathBuf::from("standard input");
        let bytes = read_all(&path, pipe, room_bytes)?;
        let packed = looks_packed(&bytes);
        let bytes = match packed {
            // A packed file has to be aligned as a map is.
            true => Bytes::Mapped(MappedFile::of_bytes(&path, &bytes)?),
            false => Bytes::Read(bytes),
        };
        CityFile::of(path, bytes, packed)
    }

    fn of(path: PathBuf, bytes: Bytes, packed: bool) -> Result<CityFile> {
        if packed {
            Atlas::open(&bytes).map_err(|fault| format_error(&path, fault))?;
        }
        Ok(CityFile { path, bytes, fingerprint: OnceCell::new(), packed })
    }

    /// Length and checksum. A text file is read for it, once.
    pub fn fingerprint(&self) -> Fingerprint {
        let checksum = || match self.packed {
            true => self.mapped_atlas().checksum().expect("a packed file has one"),
            false => xxh3_64(&self.bytes),
        };
        let bytes = self.bytes.len() as u64;
        *self.fingerprint.get_or_init(|| Fingerprint { bytes, checksum: checksum() })
    }

    fn mapped_atlas(&self) -> Atlas<'_> {
        Atlas::reopen(&self.bytes).expect("opened before")
    }

    /// "packed" or "text".
    pub fn format(&self) -> &'static str {
        if self.packed { "packed" } else { "text" }
    }

    /// Whether the file has to be unpacked into memory.
    pub fn is_compressed(&self) -> bool {
        formats::is_compressed(&self.bytes)
    }

    /// The path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The cities: a view of the map, or a text file parsed and its points made in memory.
    ///
    /// # Errors
    /// [`Error::Line`] or [`Error::Data`] for text that is no city list.
    pub fn load(&self, options: &ReadOptions) -> Result<Cities<'_>> {
        if self.packed {
            self.require_no_options(options)?;
            return Ok(Cities {
                home: Home::Mapped(self.mapped_atlas()),
                skipped: Skipped::default(),
                columns: packed_columns(),
                notes: Vec::new(),
                at_zero: None,
            });
        }
        let Reading { list, skipped, columns, notes } = self.reading(options)?;
        let at_zero = Some(notes::at_zero(&list));
        Ok(Cities { home: Home::Made(AtlasBuffer::new(list)), skipped, columns, notes, at_zero })
    }

    fn reading(&self, options: &ReadOptions) -> Result<Reading> {
        let mut reading = formats::read(&self.path, &self.bytes, options)?;
        if let (true, Bytes::Mapped(map)) = (self.is_compressed(), &self.bytes) {
            map.release();
        }
        reading.notes.extend(notes::of_values(&reading.list));
        Ok(reading)
    }

    /// Refuses options that a packed file cannot obey.
    fn require_no_options(&self, options: &ReadOptions) -> Result<()> {
        let Some(flag) = options.given().into_iter().next() else { return Ok(()) };
        let (flag, file) = (flag.text(), self.path.display());
        let message = format!("{flag} cannot be obeyed: {file} is packed; leave the option out");
        Err(Error::Usage { message })
    }

    /// The cities as a list in the order of their rows, for packing them (again).
    ///
    /// # Errors
    /// As [`CityFile::load`]; and [`Error::Format`] if a packed file's content is damaged.
    pub fn list(&self, options: &ReadOptions) -> Result<Reading> {
        if !self.packed {
            return self.reading(options);
        }
        let cities = self.load(options)?;
        cities.verify(&self.path)?;
        let list = unpack(cities.atlas(), &self.path)?;
        Ok(Reading { list, columns: packed_columns(), ..Reading::default() })
    }
}

/// What a packed file says of columns: it has none.
fn packed_columns() -> ColumnFacts {
    ColumnFacts { form: "packed", ..ColumnFacts::default() }
}

/// All bytes of a pipe, at most a third of `room_bytes`: what is made of them takes as much again.
fn read_all(path: &Path, mut pipe: impl Read, room_bytes: Option<u64>) -> Result<Vec<u8>> {
    let fail = |source| Error::Io { file: path.to_path_buf(), action: "cannot read", source };
    let most_bytes = formats::most_bytes(room_bytes);
    let mut bytes = Vec::new();
    pipe.by_ref()
        .take((most_bytes as u64).saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    if bytes.len() > most_bytes {
        let problem = format!(
            "expected at most {most_bytes} bytes, a third of the free memory, found more; write them to a file, \
             which takes no memory, and name that"
        );
        return Err(Error::Data { file: path.to_path_buf(), problem });
    }
    Ok(bytes)
}

/// The cities of a file, as an atlas somewhere in memory.
pub struct Cities<'a> {
    home: Home<'a>,
    /// Rows that were left out.
    pub skipped: Skipped,
    /// What was taken for what.
    pub columns: ColumnFacts,
    /// What a reader should doubt.
    pub notes: Vec<String>,
    /// How many cities lie at exactly 0, 0; a packed file is not read through for it.
    pub at_zero: Option<u64>,
}

enum Home<'a> {
    Mapped(Atlas<'a>),
    Made(AtlasBuffer),
}

impl Cities<'_> {
    /// The view that searches work on.
    pub fn atlas(&self) -> Atlas<'_> {
        match &self.home {
            Home::Mapped(atlas) => *atlas,
            Home::Made(buffer) => buffer.atlas(),
        }
    }

    /// Checks the checksum of every section.
    ///
    /// # Errors
    /// [`Error::Format`], naming `path`.
    pub fn verify(&self, path: &Path) -> Result<()> {
        self.atlas().verify().map_err(|fault| format_error(path, fault))
    }
}

fn format_error(path: &Path, fault: Fault) -> Error {
    let Fault { byte, expected, found, remedy } = fault;
    Error::Format { file: path.to_path_buf(), byte, expected, found, remedy }
}

/// The cities of an atlas in the order of their rows.
fn unpack(atlas: Atlas<'_>, path: &Path) -> Result<CityList> {
    let refuse = |problem: String| Error::Data { file: path.to_path_buf(), problem };
    let mut positions: Vec<usize> = (0..atlas.cities()).collect();
    positions.sort_unstable_by_key(|&position| atlas.row(position));
    let mut list = CityList::default();
    for position in positions {
        let row = atlas.row(position);
        if row < list.source_rows() || row >= atlas.source_rows() {
            return Err(refuse(format!(
                "expected every row below {} at most once, found row {row} again or beyond",
                atlas.source_rows()
            )));
        }
        let [lat_deg, lon_deg] = atlas.degrees(position);
        let coordinates = Coordinates::new(lat_deg, lon_deg)
            .map_err(|error| refuse(format!("row {row}: {}", error.problem())))?;
        list.skip_to(row);
        list.push(coordinates, atlas.name_bytes(position));
    }
    list.skip_to(atlas.source_rows());
    Ok(list)
}
