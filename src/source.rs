//! A path goes in, an atlas comes out, whatever kind of city file it is.
//!
//! Opening maps the file and tells by its first bytes which kind it is; a packed file is an atlas
//! as it lies, a text file becomes one in memory. The two steps are apart because between them
//! the ranks agree that they all opened the same bytes ([`Fingerprint`]).
//!
//! Architecture Invariant: after this module nobody knows whether the cities came as text.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::atlas::{Atlas, AtlasBuffer, Fault, looks_packed};
use crate::cities::{CityList, Coordinates};
use crate::error::{Error, Result};
use crate::map::MappedFile;
use crate::text::{self, Skipped, TextOptions};

/// A city file, mapped and known to be text or packed.
pub struct CityFile {
    path: PathBuf,
    map: MappedFile,
    fingerprint: OnceCell<Fingerprint>,
    packed: bool,
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
        let packed = looks_packed(&map) || (named_packed && !text::looks_like_text(&map));
        if packed {
            Atlas::open(&map).map_err(|fault| format_error(path, fault))?;
        }
        Ok(CityFile { path: path.to_path_buf(), map, fingerprint: OnceCell::new(), packed })
    }

    /// Length and checksum. A text file is read for it, once.
    pub fn fingerprint(&self) -> Fingerprint {
        let checksum = || match self.packed {
            true => self.mapped_atlas().checksum().expect("a packed file has one"),
            false => xxh3_64(&self.map),
        };
        let bytes = self.map.len() as u64;
        *self.fingerprint.get_or_init(|| Fingerprint { bytes, checksum: checksum() })
    }

    fn mapped_atlas(&self) -> Atlas<'_> {
        Atlas::open(&self.map).expect("opened before")
    }

    /// "packed" or "text".
    pub fn format(&self) -> &'static str {
        if self.packed { "packed" } else { "text" }
    }

    /// The path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The cities: a view of the map, or a text file parsed and its points made in memory.
    ///
    /// # Errors
    /// [`Error::Line`] or [`Error::Data`] for text that is no city list.
    pub fn load(&self, options: &TextOptions) -> Result<Cities<'_>> {
        if self.packed {
            self.require_no_column_names(options)?;
            return Ok(Cities {
                home: Home::Mapped(self.mapped_atlas()),
                skipped: Skipped::default(),
            });
        }
        let (list, skipped) = text::read(&self.path, &self.map, options)?;
        Ok(Cities { home: Home::Made(AtlasBuffer::new(list)), skipped })
    }

    /// Refuses options that a packed file cannot obey.
    fn require_no_column_names(&self, options: &TextOptions) -> Result<()> {
        if !options.names_a_column() {
            return Ok(());
        }
        let file = self.path.display();
        let message =
            format!("--lat, --lon and --name are for text, and {file} is packed; leave them out");
        Err(Error::Usage { message })
    }

    /// The cities as a list in the order of their rows, for packing them (again).
    ///
    /// # Errors
    /// As [`CityFile::load`]; and [`Error::Format`] if a packed file's content is damaged.
    pub fn list(&self, options: &TextOptions) -> Result<(CityList, Skipped)> {
        if !self.packed {
            return text::read(&self.path, &self.map, options);
        }
        let cities = self.load(options)?;
        cities.verify(&self.path)?;
        Ok((unpack(cities.atlas(), &self.path)?, Skipped::default()))
    }
}

/// The cities of a file, as an atlas somewhere in memory.
pub struct Cities<'a> {
    home: Home<'a>,
    /// Rows of a text file that were left out.
    pub skipped: Skipped,
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
            .map_err(|problem| refuse(format!("row {row}: {problem}")))?;
        list.skip_to(row);
        list.push(coordinates, atlas.name_bytes(position));
    }
    list.skip_to(atlas.source_rows());
    Ok(list)
}
