//! Which rank took which blocks, how many pairs, and how long: a table for people, and its JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::printable;

/// What one rank did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankShare {
    /// The rank, from 0.
    pub rank: u64,
    /// Its host.
    pub host: String,
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

/// A row for each rank, under a heading; an empty line stands before.
pub(super) fn table(shares: &[RankShare]) -> String {
    let widest = shares.iter().map(|share| printable(&share.host).chars().count()).max();
    let width = widest.unwrap_or(0).max("host".len());
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
             {search_s:>8.4} s | {percent:>8.1} % | {blocks:>10} | {}",
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
