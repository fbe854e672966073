//! Which rank read how much, took which blocks, how many pairs, and how long: tables for people, and
//! their JSON.

use std::fmt::Write as _;

use bytemuck::{Pod, Zeroable};
use serde::Serialize;

use super::printable;
use super::times::seconds;

/// What one rank did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankShare {
    /// The rank, from 0.
    pub rank: u64,
    /// Its host.
    pub host: String,
    /// What it read of the list.
    #[serde(flatten)]
    pub read: ReadShare,
    /// Seconds until it could search.
    pub read_s: f64,
    /// Number of blocks of pairs that it took.
    pub blocks: u64,
    /// The first few: of each its rows and its columns, as the first position and the one behind
    /// the last. Positions count the cities in the order in which the search has them, not in that
    /// of the source.
    pub first_blocks: Vec<[[u64; 2]; 2]>,
    /// Pairs of its blocks.
    pub pairs_covered: u128,
    /// Pairs that it looked at one by one.
    pub pairs_evaluated: u128,
    /// Seconds that it searched.
    pub search_s: f64,
}

/// What one rank read of a list; of a packed file, which is mapped as it is, nothing. A message as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Pod, Zeroable)]
#[repr(C)]
pub struct ReadShare {
    /// Bytes of the list as it lies.
    pub bytes_read: u64,
    /// Rows, those that were left out included.
    pub rows_read: u64,
    /// Cities.
    pub cities_read: u64,
}

/// A row for each rank, under a heading; an empty line stands before. What each read comes first, but not
/// where none read anything.
pub(super) fn tables(shares: &[RankShare]) -> String {
    let widest = shares.iter().map(|share| printable(&share.host).chars().count()).max();
    let width = widest.unwrap_or(0).max("host".len());
    let has_read = shares.iter().any(|share| share.read != ReadShare::default());
    let reading = if has_read { reading(shares, width) } else { String::new() };
    reading + &searching(shares, width)
}

fn reading(shares: &[RankShare], width: usize) -> String {
    let mut text = format!(
        "\n{:<8} | {:<width$} | {:>20} | {:>20} | {:>20} | {:>10}\n",
        "rank", "host", "bytes read", "rows read", "cities read", "read"
    );
    for share in shares {
        let RankShare { rank, read_s, read, .. } = share;
        let ReadShare { bytes_read, rows_read, cities_read } = read;
        let host = printable(&share.host);
        let _ = writeln!(
            text,
            "{rank:<8} | {host:<width$} | {bytes_read:>20} | {rows_read:>20} | {cities_read:>20} | \
             {:>8} s",
            seconds(*read_s)
        );
    }
    text
}

fn searching(shares: &[RankShare], width: usize) -> String {
    let longest_s = shares.iter().map(|share| share.search_s).fold(0.0, f64::max);
    let mut text = format!(
        "\n{:<8} | {:<width$} | {:>20} | {:>20} | {:>10} | {:>10} | {:>10} | first blocks: rows x columns\n",
        "rank", "host", "pairs covered", "pairs evaluated", "search", "of longest", "blocks"
    );
    for share in shares {
        let RankShare { rank, blocks, pairs_covered, pairs_evaluated, search_s, .. } = share;
        let host = printable(&share.host);
        let percent = if longest_s > 0.0 { 100.0 * search_s / longest_s } else { 100.0 };
        let _ = writeln!(
            text,
            "{rank:<8} | {host:<width$} | {pairs_covered:>20} | {pairs_evaluated:>20} | \
             {:>8} s | {percent:>8.1} % | {blocks:>10} | {}",
            seconds(*search_s),
            share.first_blocks_text()
        );
    }
    text
}

impl RankShare {
    fn first_blocks_text(&self) -> String {
        let block = |[rows, columns]: &[[u64; 2]; 2]| {
            format!("{}..{} x {}..{}", rows[0], rows[1], columns[0], columns[1])
        };
        let mut shown: Vec<String> = self.first_blocks.iter().map(block).collect();
        if self.blocks > shown.len() as u64 {
            shown.push("...".into());
        }
        shown.join(", ")
    }
}
