//! Cities dealt to squares: batches in the order of rows in, for every square the blocks of its cities out.
//!
//! Each rank has a spool, a file without a name into which it writes blocks, one behind the other; which blocks
//! belong to a square it remembers. The squares are those of one level of the quadtree over the cube's faces
//! ([`crate::regions`]), few enough that a batch meets the same blocks again. When all ranks have dealt all
//! their cities, they tell each other how many lie in each square; what is in a square that holds too many is
//! dealt once more to finer ones, by whoever has it, until none holds too many. So the work that follows can be
//! shared evenly however the cities lie, and no square has to fit into memory that does not.
//!
//! Architecture Invariant: all ranks have the same squares in the same order.

use super::block::Columns;
use super::dealer::{Dealer, Leaf};
use super::decimals::DegreeRange;
use super::names;
use super::share::{Share, add};
use super::split::{Split, levels};
use super::spools::Spools;
use crate::cities::CityList;
use crate::error::Result;
use crate::kernel::Kernel;
use crate::regions::DEEPEST;
use crate::team::Team;
use crate::unnamed::{Room, Unnamed};

/// Levels of the quadtree between a square that is too full and those that its cities are dealt to.
const LEVELS_DOWN: u32 = 3;

/// Bytes that are gathered before they are written.
const WRITE_BYTES: usize = 1 << 20;

/// The cities of one rank on their way to the atlas.
pub struct Spool {
    room: Room,
    file: Unnamed,
    /// Bytes behind those that are in the file.
    pending: Vec<u8>,
    written: u64,
    kernel: Kernel,
    dealer: Dealer,
    block_cities: usize,
    first: Split,
    cities: u64,
}

impl Spool {
    /// An empty one, where some number of cities is expected of all ranks together.
    ///
    /// # Errors
    /// [`crate::error::Error::Io`] if there is no room for it.
    pub fn new(room: &Room, expected: u64, ranks: usize) -> Result<Spool> {
        let first = Split::of_faces(levels(expected, ranks));
        let block_cities = block_cities(room, expected, ranks, first.squares.len());
        Ok(Spool {
            room: room.clone(),
            file: Unnamed::create(room)?,
            pending: Vec::new(),
            written: 0,
            kernel: Kernel::best(),
            dealer: Dealer::new(&first, block_cities),
            block_cities,
            first,
            cities: 0,
        })
    }

    /// Forgets all cities.
    pub fn restart(&mut self) {
        self.pending.clear();
        self.written = 0;
        self.dealer = Dealer::new(&self.first, self.block_cities);
        self.cities = 0;
    }

    /// Takes the cities of the next rows.
    ///
    /// # Errors
    /// [`crate::error::Error::Io`] if the room is full.
    pub fn take(&mut self, batch: &CityList) -> Result<()> {
        self.cities += batch.len() as u64;
        let mut rows = batch.rows();
        self.dealer.deal(self.kernel, batch.all_degrees(), |bucket, side, city| {
            let row = rows.next().expect("a row for each city");
            bucket.push(side, batch.degrees(city), row, batch.name(city));
        });
        self.close_full()
    }

    /// Number of cities taken.
    pub fn cities(&self) -> u64 {
        self.cities
    }

    /// Deals again what is too full, and tells the other ranks what there is; this one's part of the source
    /// has so many rows.
    ///
    /// # Errors
    /// That of any rank.
    pub fn share(mut self, team: &dyn Team, source_rows: u64) -> Result<Spools> {
        self.dealer.close_all(&mut self.pending, self.written);
        let flushed = self.flush();
        let degrees = self.dealer.degrees;
        let mut leaves = self.dealer.take_leaves();
        let mut shares = team.tell(flushed, |()| shares_of(&leaves))?.1;
        loop {
            let sums = add(&shares);
            let full = find_full(&sums, team.ranks(), |leaf| {
                sums[leaf].least_square(leaves[leaf].square.axis).level
            });
            if full.is_empty() {
                break;
            }
            let dealt = self.deal_again(leaves, &sums, &full);
            (leaves, shares) = team.tell(dealt, |leaves| shares_of(leaves))?;
        }
        let indexed = self.write_index(&mut leaves);
        let shares = team.tell(indexed, |()| shares_of(&leaves))?.1;
        let words = [&degrees.to_words()[..], &self.file.address(), &[source_rows]].concat();
        let told = team.tell(Ok(()), |()| words)?.1;
        let degrees =
            told.iter().map(|words| DegreeRange::from_words([words[0], words[1], words[2]]));
        Ok(Spools {
            room: self.room,
            mine: self.file,
            addresses: told.iter().map(|words| [words[3], words[4]]).collect(),
            squares: leaves.iter().map(|leaf| leaf.square).collect(),
            shares,
            source_rows: told.iter().map(|words| words[5]).collect(),
            degrees: degrees.fold(DegreeRange::NONE, DegreeRange::union),
        })
    }

    fn close_full(&mut self) -> Result<()> {
        self.dealer.close_full(&mut self.pending, self.written);
        if self.pending.len() >= WRITE_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_at(&self.pending, self.written)?;
        self.written += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// The same leaves, but of each that is too full the squares that it is made of.
    fn deal_again(
        &mut self,
        leaves: Vec<Leaf>,
        sums: &[Share],
        full: &[usize],
    ) -> Result<Vec<Leaf>> {
        let mut finer = Vec::with_capacity(leaves.len());
        let mut full = full.iter().copied().peekable();
        let (mut bytes, mut columns) = (Vec::new(), Columns::default());
        for (at, leaf) in leaves.into_iter().enumerate() {
            if full.next_if_eq(&at).is_none() {
                finer.push(leaf);
                continue;
            }
            let least = sums[at].least_square(leaf.square.axis);
            let split = Split::new(&[least], LEVELS_DOWN.min(DEEPEST - least.level));
            self.dealer = Dealer::new(&split, self.block_cities);
            for block in leaf.blocks {
                columns.clear();
                self.read_block(block, &mut bytes, &mut columns)?;
                let mut names = names::all(&columns.names);
                self.dealer.deal(self.kernel, &columns.degrees, |bucket, side, city| {
                    let name = names.next().expect("a name for each city");
                    bucket.push(side, columns.degrees[city], columns.rows[city], name);
                });
                self.close_full()?;
            }
            self.dealer.close_all(&mut self.pending, self.written);
            self.flush()?;
            finer.extend(self.dealer.take_leaves());
        }
        Ok(finer)
    }

    fn read_block(
        &self,
        [at, length]: [u64; 2],
        bytes: &mut Vec<u8>,
        columns: &mut Columns,
    ) -> Result<()> {
        bytes.resize(length as usize, 0);
        self.file.read_at(bytes, at)?;
        columns.decode(bytes, 0);
        Ok(())
    }

    /// Writes where the blocks of each leaf are.
    fn write_index(&mut self, leaves: &mut [Leaf]) -> Result<()> {
        for leaf in leaves {
            let at = self.written + self.pending.len() as u64;
            leaf.share.blocks = [at, leaf.blocks.len() as u64];
            self.pending.extend_from_slice(bytemuck::cast_slice(&leaf.blocks));
        }
        self.flush()
    }
}

/// Cities of a block. In memory so many that all open blocks stay in a cache; on a disk, where long pieces are read
/// faster, so many that these are a small part of all that the rank will have.
fn block_cities(room: &Room, expected: u64, ranks: usize, squares: usize) -> usize {
    const BYTES_PER_CITY: u64 = 34;
    const CACHE_BYTES: u64 = 1 << 20;
    const PART: u64 = 16;
    let open_bytes = match room {
        Room::Memory => CACHE_BYTES,
        _ => (expected * BYTES_PER_CITY / PART / ranks as u64).clamp(CACHE_BYTES, 1 << 28),
    };
    ((open_bytes / BYTES_PER_CITY) as usize / squares).clamp(64, 4096)
}

/// Squares that hold so many cities that one rank could not take them without the others having to wait, or that
/// their cities would take too much memory at once.
fn find_full(sums: &[Share], ranks: usize, level: impl Fn(usize) -> u32) -> Vec<usize> {
    const LEAST_CITIES: u64 = 1 << 16;
    const MOST_CITIES: u64 = 1 << 20;
    const PARTS_PER_RANK: u64 = 8;
    let all: u64 = sums.iter().map(Share::cities).sum();
    let most = (all / (PARTS_PER_RANK * ranks as u64)).clamp(LEAST_CITIES, MOST_CITIES);
    // Cities of a square of the deepest level stay together, as they do in a region.
    let is_full = |&leaf: &usize| sums[leaf].cities() > most && level(leaf) < DEEPEST;
    (0..sums.len()).filter(is_full).collect()
}

fn shares_of(leaves: &[Leaf]) -> Vec<Share> {
    leaves.iter().map(|leaf| leaf.share).collect()
}
