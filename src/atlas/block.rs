//! Cities on their way from the reader to their place in the atlas, some hundred in a block of bytes.
//!
//! A block is a header, then degrees, rows and names, each as compact as in a packed file: a block of a text
//! with seven decimals takes 12 bytes a city and the names.
//!
//! Architecture Invariant: a block does not know where its cities lie, nor where it lies itself.

use bytemuck::{Pod, Zeroable};

use super::decimals::DegreeRange;
use super::names;
use crate::sites::degrees_of;

/// Some cities, a column for each of their facts.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// Latitudes and longitudes in degrees.
    pub(super) degrees: Vec<[f64; 2]>,
    /// Rows in the source, or in a piece of it.
    pub(super) rows: Vec<u64>,
    /// Names, each behind its length, as in a packed file.
    pub(super) names: Vec<u8>,
}

/// What stands before the columns of a block.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Header {
    cities: u64,
    name_bytes: u64,
    /// What is added to each row.
    row_base: u64,
    lon_base_e7: i64,
    degree_bytes: u32,
    row_bytes: u32,
}

impl Columns {
    pub(super) fn len(&self) -> usize {
        self.degrees.len()
    }

    pub(super) fn clear(&mut self) {
        self.degrees.clear();
        self.rows.clear();
        self.names.clear();
    }

    /// Adds the block of these cities, which stand in the order of their rows, to some bytes. Returns what is
    /// known of their degrees.
    pub(super) fn encode(&self, bytes: &mut Vec<u8>) -> DegreeRange {
        let range = DegreeRange::of(&self.degrees);
        let form = range.form();
        let (degree_bytes, lon_base_e7) = form.shape();
        let [row_base, last] =
            [self.rows.first(), self.rows.last()].map(|row| row.map_or(0, |row| *row));
        let row_bytes = if last - row_base > u64::from(u32::MAX) { 8 } else { 4 };
        let header = Header {
            cities: self.len() as u64,
            name_bytes: self.names.len() as u64,
            row_base,
            lon_base_e7,
            degree_bytes,
            row_bytes,
        };
        bytes.extend_from_slice(bytemuck::bytes_of(&header));
        form.write(self.degrees.iter().copied(), bytes);
        let rows = self.rows.iter().map(|row| row - row_base);
        match row_bytes {
            4 => rows.for_each(|row| bytes.extend_from_slice(&(row as u32).to_le_bytes())),
            _ => rows.for_each(|row| bytes.extend_from_slice(&row.to_le_bytes())),
        }
        bytes.extend_from_slice(&self.names);
        range
    }

    /// Adds the cities of a block; rows count from `first_row`.
    pub(super) fn decode(&mut self, block: &[u8], first_row: u64) {
        let (header, rest) = block.split_at(size_of::<Header>());
        let header: Header = bytemuck::pod_read_unaligned(header);
        let cities = header.cities as usize;
        let (degrees, rest) = rest.split_at(cities * header.degree_bytes as usize);
        let (rows, names) = rest.split_at(cities * header.row_bytes as usize);
        match header.degree_bytes {
            8 => {
                self.degrees.extend(values(degrees).map(|one| degrees_of(one, header.lon_base_e7)))
            }
            _ => self.degrees.extend(values::<[f64; 2]>(degrees)),
        }
        let row_base = first_row + header.row_base;
        match header.row_bytes {
            4 => self.rows.extend(values::<u32>(rows).map(|row| row_base + u64::from(row))),
            _ => self.rows.extend(values::<u64>(rows).map(|row| row_base + row)),
        }
        self.names.extend_from_slice(names);
    }

    /// Where the written name of each city ends.
    pub(super) fn name_ends(&self, ends: &mut Vec<usize>) {
        ends.clear();
        let mut rest = &self.names[..];
        while let Some((_, behind)) = names::take(rest) {
            rest = behind;
            ends.push(self.names.len() - rest.len());
        }
    }
}

/// The values that lie in some bytes, at any address.
fn values<T: Pod>(bytes: &[u8]) -> impl Iterator<Item = T> {
    bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned)
}
