//! A path goes in, an atlas comes out, whatever kind of city file it is.
//!
//! Every rank maps the file and detects from its first bytes whether it is packed; what comes through a pipe is
//! put where all ranks of the node can map it first. A packed file is an atlas as it lies; any other list is made
//! into one by the ranks of the node together ([`crate::intake`], [`crate::atlas`]). Between the two steps all
//! ranks agree that they opened the same bytes ([`Fingerprint`]).
//!
//! Architecture Invariant: after this module nobody knows whether the cities came as text.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::atlas::{Atlas, AtlasBuffer, Checksums, Fault, Spool, arrange, looks_packed};
use crate::checksum;
use crate::cities::{CityList, Coordinates};
use crate::error::{Error, Result};
use crate::formats::{self, ColumnFacts, ReadOptions, Reading, Skipped};
use crate::intake::{Intake, take_in};
use crate::map::MappedFile;
use crate::memory;
use crate::team::Team;
use crate::unnamed::{Room, Unnamed};

/// What stands for standard input on the command line.
pub const STANDARD_INPUT: &str = "-";

/// How much of what a list takes in memory or on a disk stands for each byte of its text, at most: its cities
/// on their way, and the atlas.
const ROOM_PER_BYTE: u64 = 2;

/// A city file, mapped and known to be packed or not.
pub struct CityFile {
    path: PathBuf,
    map: MappedFile,
    packed: bool,
}

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// What the user said about a list.
    pub read: ReadOptions,
    /// Bytes of memory that a list may take; more goes to a disk. `None` is half of what is free.
    pub memory_bytes: Option<u64>,
}

/// What tells two files apart: ranks with equal fingerprints have the same cities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Length of the file.
    pub bytes: u64,
    /// The [`checksum`] of the whole of a text file, XXH3-64 in blocks; of a packed file the
    /// one in its header, which covers those of all its sections.
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
        CityFile::of(path.to_path_buf(), map, packed)
    }

    /// Maps what came through a pipe to the first rank of a team.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be held, [`Error::Format`] as [`CityFile::open`].
    pub fn of_pipe(team: &dyn Team, bytes: Vec<u8>) -> Result<CityFile> {
        let path = PathBuf::from("standard input");
        let held = Unnamed::create(&Room::Memory);
        let held = held.and_then(|held| held.write_at(&bytes, 0).map(|()| held));
        drop(bytes);
        let (held, addresses) = team.tell(held, |held| vec![held.address()])?;
        let first = Unnamed::open(&Room::Memory, addresses[0][0]);
        let map = team.agree(first.and_then(|first| first.map()))?;
        drop(held);
        let packed = looks_packed(&map);
        CityFile::of(path, map, packed)
    }

    fn of(path: PathBuf, map: MappedFile, packed: bool) -> Result<CityFile> {
        if packed {
            Atlas::open(&map).map_err(|fault| format_error(&path, fault))?;
        }
        Ok(CityFile { path, map, packed })
    }

    /// Length and checksum. The ranks of a team read a text file for it, each a part if it is one file.
    ///
    /// # Errors
    /// That of any rank.
    pub fn fingerprint(&self, team: &dyn Team) -> Result<Fingerprint> {
        let bytes = self.map.len() as u64;
        if self.packed {
            return Ok(Fingerprint { bytes, checksum: self.mapped_atlas().checksum() });
        }
        let blocks = checksum::blocks(self.map.len());
        if !self.is_one_file(team)? {
            let all = checksum::blocks_of(&self.map, 0..blocks);
            return Ok(Fingerprint { bytes, checksum: checksum::of_blocks(&all) });
        }
        let part = team.part(blocks);
        let (_, blocks) = team.tell(Ok(()), |()| checksum::blocks_of(&self.map, part))?;
        Ok(Fingerprint { bytes, checksum: checksum::of_blocks(&blocks.concat()) })
    }

    /// Whether all ranks of a team have mapped one file, and not several by the same path.
    fn is_one_file(&self, team: &dyn Team) -> Result<bool> {
        let (_, all) = team.tell(Ok(()), |()| self.map.identity().to_vec())?;
        Ok(all.iter().all(|one| *one == all[0]))
    }

    /// Refuses different files under the same path on the ranks of a team. One file is not read for it.
    ///
    /// # Errors
    /// [`Error::FilesDiffer`], on all ranks.
    pub fn require_same(&self, team: &dyn Team) -> Result<()> {
        if self.is_one_file(team)? {
            return Ok(());
        }
        let mine = self.fingerprint(team)?;
        let (_, all) = team.tell(Ok(()), |()| mine.to_words().to_vec())?;
        let sights = all.iter().enumerate();
        let sights =
            sights.map(|(rank, words)| (Fingerprint::from_words(words), format!("rank {rank}")));
        require_same(&self.path, sights)
    }

    fn mapped_atlas(&self) -> Atlas<'_> {
        Atlas::reopen(&self.map).expect("opened before")
    }

    /// "packed" or "text".
    pub fn format(&self) -> &'static str {
        if self.packed { "packed" } else { "text" }
    }

    /// Length in bytes.
    pub fn bytes(&self) -> u64 {
        self.map.len() as u64
    }

    /// The path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The cities: a view of the map, or an atlas that the ranks of the team make together.
    ///
    /// # Errors
    /// [`Error::Line`] or [`Error::Data`] for text that is no city list, on all ranks.
    pub fn load(&self, team: &dyn Team, options: &LoadOptions) -> Result<Cities<'_>> {
        if self.packed {
            team.agree(self.require_no_options(&options.read))?;
            return Ok(Cities {
                home: Home::Mapped(self.mapped_atlas()),
                skipped: Skipped::default(),
                columns: packed_columns(),
                notes: Vec::new(),
                at_zero: None,
                read: ReadFacts::default(),
                times: LoadTimes::default(),
            });
        }
        let begun = Instant::now();
        let needed = self.map.len() as u64 * ROOM_PER_BYTE;
        let elsewhere = Room::Folder(std::env::temp_dir());
        let room = room_for(team, needed, options.memory_bytes, elsewhere)?;
        let intake = self.take_in(team, &options.read, &room)?;
        let Intake { spool, source_rows, bytes, reading, at_zero } = intake;
        let read = ReadFacts { bytes, rows: source_rows, cities: spool.cities() };
        let parse_s = begun.elapsed().as_secs_f64();
        let spools = spool.share(team, source_rows)?;
        let share_s = begun.elapsed().as_secs_f64() - parse_s;
        let out = shared_file(team, Unnamed::create(&room), &room)?;
        arrange(team, &spools, &out, Checksums::LeftOut)?;
        let buffer = team.agree(AtlasBuffer::of_file(&out))?;
        let order_s = begun.elapsed().as_secs_f64() - parse_s - share_s;
        let Reading { skipped, columns, notes, .. } = reading;
        Ok(Cities {
            home: Home::Made(buffer),
            skipped,
            columns,
            notes,
            at_zero: Some(at_zero),
            read,
            times: LoadTimes { parse_s, order_s, share_s },
        })
    }

    /// Reads the cities of a list, or of a packed file for packing it again.
    ///
    /// # Errors
    /// As [`CityFile::load`]; and [`Error::Format`] if a packed file's content is damaged.
    pub fn take_in(&self, team: &dyn Team, options: &ReadOptions, room: &Room) -> Result<Intake> {
        if self.packed {
            return self.unpack(team, options, room);
        }
        // The first rank alone unpacks, and may take all memory that there is.
        let options = ReadOptions { room_bytes: memory::available_bytes(), ..options.clone() };
        let intake = take_in(team, &self.path, &self.map, &options, room);
        self.map.release();
        intake
    }

    /// The cities as a list in the order of their rows, for whoever wants them all in memory.
    ///
    /// # Errors
    /// As [`CityFile::take_in`].
    pub fn list(&self, options: &ReadOptions) -> Result<Reading> {
        if !self.packed {
            return formats::read(&self.path, &self.map, options);
        }
        self.require_no_options(options)?;
        let atlas = self.mapped_atlas();
        atlas.verify().map_err(|fault| format_error(&self.path, fault))?;
        let mut list = CityList::default();
        in_rows(atlas, &self.path, &mut |batch| {
            list.append(batch);
            Ok(())
        })?;
        Ok(Reading { list, columns: packed_columns(), ..Reading::default() })
    }

    /// Refuses options that a packed file cannot obey.
    fn require_no_options(&self, options: &ReadOptions) -> Result<()> {
        let Some(flag) = options.given().into_iter().next() else { return Ok(()) };
        let (flag, file) = (flag.text(), self.path.display());
        let message = format!("{flag} cannot be obeyed: {file} is packed; leave the option out");
        Err(Error::Usage { message })
    }

    /// The cities of a packed file, all on the first rank.
    fn unpack(&self, team: &dyn Team, options: &ReadOptions, room: &Room) -> Result<Intake> {
        let atlas = self.mapped_atlas();
        let mine = self.require_no_options(options).and_then(|()| {
            let mut spool = Spool::new(room, atlas.cities() as u64, team.ranks())?;
            if team.rank() == 0 {
                atlas.verify().map_err(|fault| format_error(&self.path, fault))?;
                in_rows(atlas, &self.path, &mut |batch| spool.take(batch))?;
            }
            Ok(spool)
        });
        let spool = team.agree(mine)?;
        let [source_rows, at_zero] = match team.rank() {
            0 => [atlas.source_rows(), zeros(&atlas)],
            _ => [0; 2],
        };
        let reading = Reading { columns: packed_columns(), ..Reading::default() };
        let bytes = self.map.len() as u64;
        Ok(Intake { spool, source_rows, bytes, reading, at_zero })
    }
}

/// Number of cities of an atlas at exactly 0, 0.
fn zeros(atlas: &Atlas<'_>) -> u64 {
    (0..atlas.cities()).filter(|&position| atlas.degrees(position) == [0.0; 2]).count() as u64
}

/// Where files without a name lie that take so many bytes: in memory, if there is so much or as the user said, or
/// elsewhere. The first rank decides for all.
///
/// # Errors
/// None of its own.
pub fn room_for(
    team: &dyn Team,
    needed_bytes: u64,
    memory_bytes: Option<u64>,
    elsewhere: Room,
) -> Result<Room> {
    let memory_bytes = memory_bytes.or_else(|| Some(memory::available_bytes()? / 2));
    let fits = memory_bytes.is_none_or(|memory_bytes| needed_bytes <= memory_bytes);
    let (_, all) = team.tell(Ok(()), |()| vec![u64::from(fits)])?;
    Ok(match all[0][0] {
        1 => Room::Memory,
        _ => elsewhere,
    })
}

/// The file of the first rank, on all; those of the others are given back.
///
/// # Errors
/// That of any rank.
pub fn shared_file(team: &dyn Team, mine: Result<Unnamed>, room: &Room) -> Result<Unnamed> {
    let (mine, addresses) = team.tell(mine, |mine| vec![mine.address()])?;
    if team.ranks() == 1 {
        return Ok(mine);
    }
    let opened = Unnamed::open(room, addresses[0][0]);
    // Before all have it, the first must not let go of it.
    let opened = team.agree(opened)?;
    Ok(if team.rank() == 0 { mine } else { opened })
}

/// What a packed file says of columns: it has none.
fn packed_columns() -> ColumnFacts {
    ColumnFacts { form: "packed", ..ColumnFacts::default() }
}

/// All bytes of a pipe, at most a third of the memory that can be had: what is made of them takes as much again.
///
/// # Errors
/// [`Error::Io`] if it cannot be read, [`Error::Data`] if there are too many.
pub fn read_pipe(mut pipe: impl Read) -> Result<Vec<u8>> {
    let path = PathBuf::from("standard input");
    let fail = |source: io::Error| Error::Io { file: path.clone(), action: "cannot read", source };
    let most_bytes = formats::most_bytes(memory::available_bytes());
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
        return Err(Error::Data { file: path, problem });
    }
    Ok(bytes)
}

impl From<ReadOptions> for LoadOptions {
    fn from(read: ReadOptions) -> LoadOptions {
        LoadOptions { read, memory_bytes: None }
    }
}

/// What one rank read of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReadFacts {
    /// Bytes of its part.
    pub bytes: u64,
    /// Rows in it.
    pub rows: u64,
    /// Cities in it.
    pub cities: u64,
}

/// Where the time went on one rank, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LoadTimes {
    /// Reading its part, with the wait for the others.
    pub parse_s: f64,
    /// Putting cities in order and writing them.
    pub order_s: f64,
    /// Learning what the others have, and dealing again what is too much for one.
    pub share_s: f64,
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
    /// What this rank read.
    pub read: ReadFacts,
    /// Where its time went.
    pub times: LoadTimes,
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

    /// Holds the content of a packed file against what it means; what was made here is sound. The ranks of the team
    /// share the work, if they have mapped one file.
    ///
    /// # Errors
    /// [`Error::Format`], naming `file`, on all ranks.
    pub fn verify(&self, file: &CityFile, team: &dyn Team) -> Result<()> {
        let Home::Mapped(atlas) = &self.home else { return Ok(()) };
        let refuse = |fault| format_error(&file.path, fault);
        match file.is_one_file(team)? {
            true => atlas.verify_by(team, &refuse),
            false => team.agree(atlas.verify().map_err(refuse)),
        }
    }
}

fn format_error(path: &Path, fault: Fault) -> Error {
    let Fault { byte, expected, found, remedy } = fault;
    Error::Format { file: path.to_path_buf(), byte, expected, found, remedy }
}

/// Gives the cities of an atlas to `take` in the order of their rows, in batches.
fn in_rows(
    atlas: Atlas<'_>,
    path: &Path,
    take: &mut dyn FnMut(&CityList) -> Result<()>,
) -> Result<()> {
    const BATCH_CITIES: usize = 4096;
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
        if list.len() == BATCH_CITIES {
            take(&list)?;
            list.restart();
        }
    }
    list.skip_to(atlas.source_rows());
    take(&list)
}
