//! A path goes in, an atlas comes out, whatever kind of city file it is.
//!
//! Every rank maps the file and detects from its first bytes whether it is packed; what comes through a pipe is
//! put where all ranks of the node can map it first. A packed file is an atlas as it lies; any other list is made
//! into one by the ranks of the node together (`intake`, [`crate::atlas`]). All ranks agree that they have
//! the same bytes ([`Fingerprint`]): of a packed file when it is opened, of a text when it was read, as the reader
//! stops at the first row that is wrong and the checksum only at the end.
//!
//! Another program may change a file at any time. What is made of a file counts only if it is still the same when
//! all of it was read. A text is looked at again when it is an atlas ([`CityFile::load`]), and any list when it is
//! in spools ([`CityFile::take_in`]). A packed file is read as long as its atlas is used; who used it looks again
//! ([`CityFile::require_unchanged`]), before anybody is told what came of it, an error too: it may come of the change.
//!
//! Architecture Invariant: after this module nobody knows whether the cities came as text.

mod room;

use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bytemuck::{Pod, Zeroable};

use crate::atlas::{Atlas, AtlasBuffer, Checksums, Fault, Head, Spool, arrange, looks_packed};
use crate::checksum;
use crate::cities::{CityList, Coordinates};
use crate::error::{Error, Result};
use crate::formats::{self, ColumnFacts, Mention, ReadOptions, Reading, Skipped};
use crate::intake::{Intake, take_in};
use crate::map::{self, MappedFile};
use crate::memory;
use crate::pause::{self, Place};
use crate::team::Team;
use crate::unnamed::{Room, Unnamed};

pub use self::room::{Need, room_for};

/// What stands for standard input on the command line.
pub const STANDARD_INPUT: &str = "-";

/// How much of what a list takes in memory or on a disk stands for each byte of its text, at most: its cities
/// on their way, and the atlas.
const ROOM_PER_BYTE: u64 = 2;

/// A list of so many bytes is read again by one rank within a quarter of a second, at 100 ns for a city of 32 bytes.
const SOON_BYTES: usize = 64 << 20;

/// A city file, mapped and known to be packed or not.
pub struct CityFile {
    path: PathBuf,
    map: MappedFile,
    /// That of a packed file.
    head: Option<Head>,
}

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// What the user said about a list.
    pub read: ReadOptions,
    /// Bytes of memory that a list may take; more goes to a disk. `None` is half of what is free.
    pub memory_bytes: Option<u64>,
}

/// What tells two files apart: ranks with equal fingerprints have the same cities. A message as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Fingerprint {
    /// Length of the file.
    pub bytes: u64,
    /// The [`checksum`] of the whole of a text file, XXH3-64 in blocks; of a packed file the
    /// one in its header, which covers those of all its sections.
    pub checksum: u64,
}

impl Fingerprint {
    /// The checksum as reports have it.
    pub fn checksum_text(&self) -> String {
        checksum::text_of(self.checksum)
    }
}

/// Refuses different files under the same path; each rank's fingerprint comes with its host. `of` says what the
/// checksums are of, if not of whole files: as " of their beginning".
///
/// # Errors
/// [`Error::FilesDiffer`], which says which hosts see what.
pub fn require_same(
    path: &Path,
    of: &str,
    ranks: impl Iterator<Item = (Fingerprint, String)>,
) -> Result<()> {
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
        format!("{bytes} bytes with checksum {checksum}{of} on {}", hosts.join(", "))
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
        pause::at(Place::Opened);
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
        if !packed {
            return Ok(CityFile { path, map, head: None });
        }
        let head = Head::read(&map).map_err(|fault| format_error(&path, fault));
        let head = head.or_else(|error| map.require_unchanged(&path).and(Err(error)))?;
        Ok(CityFile { path, map, head: Some(head) })
    }

    /// Refuses a packed file that is no longer as it was when it was opened. All that was read of a list was looked
    /// at by whoever read it, and what becomes of the file then is nobody's concern.
    ///
    /// # Errors
    /// As [`MappedFile::require_unchanged`].
    pub fn require_unchanged(&self) -> Result<()> {
        match self.head {
            Some(_) => self.map.require_unchanged(&self.path),
            None => Ok(()),
        }
    }

    /// When a packed file was last written to; nothing of a list, whose checksum is of all its bytes.
    pub fn last_modified(&self) -> Option<String> {
        self.head.as_ref().and_then(|_| self.map.last_modified())
    }

    /// What a team makes of the file, if that is afterwards still as it was when it was opened.
    fn while_unchanged<T>(
        &self,
        team: &dyn Team,
        read: impl FnOnce(&dyn Team) -> Result<T>,
    ) -> Result<T> {
        let team: &dyn Team = &Watchful { team, file: self };
        // All have agreed on an error, so that all return it.
        let made = read(team)?;
        team.agree(self.map.require_unchanged(&self.path).map(|()| made))
    }

    /// Length and checksum as far as the beginning tells, which costs the same whatever the size; and what the
    /// checksum is of, for [`require_same`].
    pub fn sight(&self) -> (Fingerprint, &'static str) {
        let bytes = self.map.len() as u64;
        if let Some(head) = &self.head {
            return (Fingerprint { bytes, checksum: head.checksum() }, "");
        }
        let blocks = checksum::blocks(self.map.len());
        let beginning = checksum::blocks_of(&self.map, 0..blocks.min(1));
        let of = if blocks > 1 { " of their beginning" } else { "" };
        (Fingerprint { bytes, checksum: checksum::of_blocks(&beginning) }, of)
    }

    /// Length and checksum. The ranks of a team read a text file for it, each a part if it is one file.
    ///
    /// # Errors
    /// That of any rank.
    pub fn fingerprint(&self, team: &dyn Team) -> Result<Fingerprint> {
        let bytes = self.map.len() as u64;
        if let Some(head) = &self.head {
            return Ok(Fingerprint { bytes, checksum: head.checksum() });
        }
        let blocks = checksum::blocks(self.map.len());
        if !self.is_one_file(team)? {
            let all = self.blocks_of(0..blocks);
            return Ok(Fingerprint { bytes, checksum: checksum::of_blocks(&all) });
        }
        let part = team.part(blocks);
        let (_, blocks) = team.tell(Ok(()), |()| self.blocks_of(part))?;
        Ok(Fingerprint { bytes, checksum: checksum::of_blocks(&blocks.concat()) })
    }

    /// The numbers of some blocks; none in the end, if the file was cut short meanwhile, which the next look tells.
    fn blocks_of(&self, part: Range<usize>) -> Vec<u64> {
        let there = part.take_while(|_| !map::is_torn());
        there.flat_map(|block| checksum::blocks_of(&self.map, block..block + 1)).collect()
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
        self.while_unchanged(team, |team| {
            let mine = self.fingerprint(team)?;
            let (_, all) = team.tell(Ok(()), |()| bytemuck::cast::<_, [u64; 2]>(mine).to_vec())?;
            let sights = all.iter().enumerate();
            let sights = sights.map(|(rank, words)| {
                (*bytemuck::from_bytes(bytemuck::cast_slice(words)), format!("rank {rank}"))
            });
            team.agree(require_same(&self.path, "", sights))
        })
    }

    /// "packed" or "text".
    pub fn format(&self) -> &'static str {
        if self.head.is_some() { "packed" } else { "text" }
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
        let cities = match &self.head {
            Some(head) => self.load_packed(team, head, options),
            None => self.load_list(team, options),
        };
        pause::at(Place::Loaded);
        cities
    }

    fn load_packed<'a>(
        &'a self,
        team: &dyn Team,
        head: &'a Head,
        options: &LoadOptions,
    ) -> Result<Cities<'a>> {
        team.agree(self.require_no_options(&options.read))?;
        Ok(Cities {
            home: Home::Mapped(head, &self.map),
            fingerprint: self.fingerprint(team)?,
            skipped: Skipped::default(),
            columns: packed_columns(),
            notes: Vec::new(),
            at_zero: None,
            read: ReadFacts::default(),
            times: LoadTimes::default(),
        })
    }

    fn load_list(&self, team: &dyn Team, options: &LoadOptions) -> Result<Cities<'_>> {
        self.require_same(team)?;
        let begun = Instant::now();
        let bytes = self.map.len() as u64 * ROOM_PER_BYTE;
        let need = Need { bytes, cities: self.cities_about() };
        let elsewhere = Room::Folder(std::env::temp_dir());
        let room = room_for(team, need, options.memory_bytes, elsewhere)?;
        let (intake, parse_s, fingerprint) = self.while_unchanged(team, |team| {
            let intake = self.read_list(team, &options.read, &room)?;
            let parse_s = begun.elapsed().as_secs_f64();
            Ok((intake, parse_s, self.fingerprint(team)?))
        })?;
        self.map.release();
        let Intake { spool, source_rows, bytes, reading, at_zero } = intake;
        let read = ReadFacts { bytes, rows: source_rows, cities: spool.cities() };
        let open_s = begun.elapsed().as_secs_f64() - parse_s;
        let spools = spool.share(team, source_rows)?;
        let share_s = begun.elapsed().as_secs_f64() - parse_s - open_s;
        let out = shared_file(team, Unnamed::create(&room), &room)?;
        arrange(team, &spools, &out, Checksums::LeftOut)?;
        let buffer = team.agree(AtlasBuffer::of_file(&out))?;
        let order_s = begun.elapsed().as_secs_f64() - parse_s - open_s - share_s;
        let Reading { skipped, columns, notes, .. } = reading;
        Ok(Cities {
            home: Home::Made(buffer),
            fingerprint,
            skipped,
            columns,
            notes,
            at_zero: Some(at_zero),
            read,
            times: LoadTimes { open_s, parse_s, order_s, share_s },
        })
    }

    /// How many cities there are, about and rather too few, by the mean length of the first lines. What has no lines
    /// seems to have few; and lines that are shorter than those of places are mostly no cities, as blank ones.
    pub fn cities_about(&self) -> u64 {
        const SAMPLE_BYTES: usize = 1 << 16;
        const SHORT_LINE_BYTES: u64 = 12;
        if let Some(head) = &self.head {
            return head.atlas(&self.map).cities() as u64;
        }
        let sample = &self.map[..self.map.len().min(SAMPLE_BYTES)];
        let lines = memchr::memchr_iter(b'\n', sample).count() as u64;
        let bytes = self.map.len() as u64;
        let by_lines = bytes.saturating_mul(lines) / sample.len().max(1) as u64;
        by_lines.min(bytes / SHORT_LINE_BYTES)
    }

    /// Reads the cities of a list, or of a packed file for packing it again.
    ///
    /// # Errors
    /// As [`CityFile::load`]; and [`Error::Format`] if a packed file's content is damaged.
    pub fn take_in(&self, team: &dyn Team, options: &ReadOptions, room: &Room) -> Result<Intake> {
        let intake = self.while_unchanged(team, |team| {
            let intake = match &self.head {
                Some(head) => self.unpack(team, head, options, room)?,
                None => self.read_list(team, options, room)?,
            };
            pause::at(Place::Taken);
            Ok(intake)
        });
        self.map.release();
        intake
    }

    /// Gives the memory back that holds what was read of the file. What is asked for again is read again.
    pub fn release(&self) {
        self.map.release();
    }

    /// Reads the cities of a list, and leaves it to the caller to look whether it has changed.
    fn read_list(&self, team: &dyn Team, options: &ReadOptions, room: &Room) -> Result<Intake> {
        // The first rank alone unpacks, and may take all memory that there is.
        let options = ReadOptions { room_bytes: memory::available_bytes(), ..options.clone() };
        take_in(team, &self.path, &self.map, &options, room)
    }

    /// Where some cities stand in a list, by their rows: their lines, and what the column of names has of them.
    ///
    /// # Errors
    /// As [`CityFile::take_in`], and [`Error::Usage`] for a packed file, which has no lines.
    pub fn mentions(&self, options: &ReadOptions, rows: Vec<u64>) -> Result<Vec<Mention>> {
        self.require_identifiers()?;
        let options = ReadOptions { room_bytes: memory::available_bytes(), ..options.clone() };
        let found = formats::mentions(&self.path, &self.map, &options, rows);
        self.map.require_unchanged(&self.path).and(found)
    }

    /// Refuses to look for identifiers in a packed file, which has none.
    ///
    /// # Errors
    /// [`Error::Usage`].
    pub fn require_identifiers(&self) -> Result<()> {
        if self.head.is_none() {
            return Ok(());
        }
        let message = format!(
            "expected a list for --id, found the packed file {}, which has rows, names and places alone; search \
             the list that it was packed from, or pack it with --name COLUMN",
            self.path.display()
        );
        Err(Error::Usage { message })
    }

    /// Whether it is told at once where some cities stand: of a list that is read again within a moment.
    pub fn is_read_soon(&self) -> bool {
        self.head.is_none() && self.map.len() <= SOON_BYTES && !formats::is_compressed(&self.map)
    }

    /// The cities as a list in the order of their rows, for whoever wants them all in memory.
    ///
    /// # Errors
    /// As [`CityFile::take_in`].
    pub fn list(&self, options: &ReadOptions) -> Result<Reading> {
        let list = self.list_as_it_is(options);
        self.map.require_unchanged(&self.path).and(list)
    }

    fn list_as_it_is(&self, options: &ReadOptions) -> Result<Reading> {
        let Some(head) = &self.head else {
            return formats::read(&self.path, &self.map, options);
        };
        self.require_no_options(options)?;
        let atlas = head.atlas(&self.map);
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
    fn unpack(
        &self,
        team: &dyn Team,
        head: &Head,
        options: &ReadOptions,
        room: &Room,
    ) -> Result<Intake> {
        let atlas = head.atlas(&self.map);
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

/// A team that reads a file. The error that a rank brings may come of bytes that somebody changed under it; then the
/// change is what it brings.
struct Watchful<'a> {
    team: &'a dyn Team,
    file: &'a CityFile,
}

impl Team for Watchful<'_> {
    fn rank(&self) -> usize {
        self.team.rank()
    }

    fn ranks(&self) -> usize {
        self.team.ranks()
    }

    fn share(&self, mine: Result<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
        let CityFile { map, path, .. } = self.file;
        self.team.share(mine.or_else(|error| map.require_unchanged(path).and(Err(error))))
    }
}

/// Number of cities of an atlas at exactly 0, 0.
fn zeros(atlas: &Atlas<'_>) -> u64 {
    (0..atlas.cities()).filter(|&position| atlas.degrees(position) == [0.0; 2]).count() as u64
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
    /// Making the checksum of a list, with the wait for the others.
    pub open_s: f64,
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
    /// Of the file as it was read.
    pub fingerprint: Fingerprint,
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
    Mapped(&'a Head, &'a [u8]),
    Made(AtlasBuffer),
}

impl Cities<'_> {
    /// The view that searches work on.
    pub fn atlas(&self) -> Atlas<'_> {
        match &self.home {
            Home::Mapped(head, bytes) => head.atlas(bytes),
            Home::Made(buffer) => buffer.atlas(),
        }
    }

    /// Holds the content of a packed file against what it means; what was made here is sound. The ranks of the team
    /// share the work, if they have mapped one file.
    ///
    /// # Errors
    /// [`Error::Format`], naming `file`, on all ranks.
    pub fn verify(&self, file: &CityFile, team: &dyn Team) -> Result<()> {
        let Home::Mapped(..) = &self.home else { return Ok(()) };
        let refuse = |fault| format_error(&file.path, fault);
        match file.is_one_file(team)? {
            true => self.atlas().verify_by(team, &refuse),
            false => team.agree(self.atlas().verify().map_err(refuse)),
        }
    }
}

fn format_error(path: &Path, fault: Fault) -> Error {
    let Fault { byte, expected, found, remedy } = fault;
    Error::Format { file: path.to_path_buf(), byte, expected, found, remedy }
}

/// Row and position of each city of an atlas, in the order of rows. They are sorted in a copy: rows that change under
/// a sort may end it by a panic.
fn by_row(atlas: &Atlas<'_>) -> Box<dyn Iterator<Item = [u64; 2]>> {
    fn sorted<I: Copy + Ord>(mut all: Vec<[I; 2]>) -> std::vec::IntoIter<[I; 2]> {
        all.sort_unstable();
        all.into_iter()
    }
    let all = || (0..atlas.cities()).map(|position| [atlas.row(position), position as u64]);
    // Rows are below their number; one that is not is damaged, and the greatest that there is.
    match u32::try_from(atlas.source_rows()) {
        Ok(_) => {
            let short = |number| u32::try_from(number).unwrap_or(u32::MAX);
            let pairs = all().map(|pair| pair.map(short)).collect();
            Box::new(sorted::<u32>(pairs).map(|pair| pair.map(u64::from)))
        }
        Err(_) => Box::new(sorted::<u64>(all().collect())),
    }
}

/// Gives the cities of an atlas to `take` in the order of their rows, in batches.
fn in_rows(
    atlas: Atlas<'_>,
    path: &Path,
    take: &mut dyn FnMut(&CityList) -> Result<()>,
) -> Result<()> {
    const BATCH_CITIES: usize = 4096;
    let refuse = |problem: String| Error::Data { file: path.to_path_buf(), problem };
    let mut list = CityList::default();
    for [row, position] in by_row(&atlas) {
        let position = position as usize;
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
