//! A packed file in memory, by its numbers: where a section lies, how wide its elements are, and its checksums.

use std::ops::Range;

use farthest::atlas::{Shape, plan};
use farthest::checksum;
use xxhash_rust::xxh3::xxh3_64;

pub const HEADER_BYTES: usize = 128;
pub const TABLE_BYTES: usize = 7 * 32;

pub const PLACES: usize = 0;
pub const DEGREES: usize = 1;
pub const ROWS: usize = 2;
pub const BOUNDS: usize = 3;
pub const NAME_STARTS: usize = 4;
pub const NAMES: usize = 5;
pub const REGIONS: usize = 6;

/// Bytes that begin at a multiple of 64 in memory, as a map does.
pub struct File {
    room: Vec<u64>,
    start: usize,
    pub length: usize,
}

impl File {
    pub fn new(bytes: &[u8]) -> File {
        let mut file = File { room: vec![0; bytes.len() / 8 + 16], start: 0, length: bytes.len() };
        file.start = bytemuck::cast_slice::<u64, u8>(&file.room).as_ptr().align_offset(64);
        file.bytes_mut().copy_from_slice(bytes);
        file
    }

    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.room)[self.start..][..self.length]
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.room)[self.start..][..self.length]
    }

    pub fn number(&self, at: usize, width: usize) -> u64 {
        let mut word = [0; 8];
        let Some(bytes) = self.bytes().get(at..at + width) else { return 0 };
        word[..width].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    }

    pub fn set(&mut self, at: usize, width: usize, value: u64) {
        if let Some(bytes) = self.bytes_mut().get_mut(at..at + width) {
            bytes.copy_from_slice(&value.to_le_bytes()[..width]);
        }
    }

    /// The number of cities, as far as the file has degrees of them.
    pub fn cities(&self) -> usize {
        (self.number(16, 8) as usize).min(self.section(DEGREES).len() / self.width(DEGREES))
    }

    pub fn degree_bytes(&self) -> usize {
        self.number(56, 4) as usize
    }

    pub fn row_bytes(&self) -> usize {
        self.number(60, 4) as usize
    }

    /// Where a section lies, as far as the file reaches.
    pub fn section(&self, section: usize) -> Range<usize> {
        let entry = HEADER_BYTES + 32 * section;
        let start = (self.number(entry + 8, 8) as usize).min(self.length);
        start..start.saturating_add(self.number(entry + 16, 8) as usize).min(self.length)
    }

    /// The bytes of an element of a section.
    pub fn width(&self, section: usize) -> usize {
        match section {
            DEGREES => self.degree_bytes().clamp(1, 16),
            ROWS => self.row_bytes().clamp(1, 8),
            PLACES => 4,
            BOUNDS => 32,
            NAME_STARTS => 8,
            NAMES => 1,
            _ => 40,
        }
    }

    /// Makes all checksums right.
    pub fn repair(&mut self) {
        for section in 0..7 {
            let checksum = checksum::of(&self.bytes()[self.section(section)]);
            self.set(HEADER_BYTES + 32 * section + 24, 8, checksum);
        }
        let bytes = self.bytes();
        if let Some(table) = bytes.get(HEADER_BYTES..HEADER_BYTES + TABLE_BYTES) {
            let checksum = xxh3_64(&[&bytes[..HEADER_BYTES - 8], table].concat());
            self.set(HEADER_BYTES - 8, 8, checksum);
        }
    }

    /// The same content in a file of another shape: sections are cut off or filled up with zeros.
    pub fn reshaped(&self, shape: Shape) -> Option<File> {
        let (mut header, table) = plan(shape)?;
        if header.file_bytes > 4 * self.length as u64 + 4096 {
            return None;
        }
        header.origin = [88, 96, 104].map(|at| f64::from_bits(self.number(at, 8)));
        let mut bytes = vec![0; header.file_bytes as usize];
        bytes[..HEADER_BYTES].copy_from_slice(bytemuck::bytes_of(&header));
        bytes[HEADER_BYTES..][..TABLE_BYTES].copy_from_slice(bytemuck::cast_slice(&table));
        for (section, entry) in table.iter().enumerate() {
            let old = &self.bytes()[self.section(section)];
            let length = old.len().min(entry.bytes as usize);
            bytes[entry.offset as usize..][..length].copy_from_slice(&old[..length]);
        }
        Some(File::new(&bytes))
    }

    pub fn shape(&self) -> Shape {
        bytemuck::pod_read_unaligned(&self.bytes()[16..64])
    }
}
