//! Where the cities of an answer stand in their lists: the lines, and the identifiers that `--id` names a column of.
//!
//! A search knows a city by its row, and an atlas keeps neither. So rank 0 reads the list once more, when it is known
//! which rows are asked for: any list for identifiers, and for the lines alone one that takes a moment, if they are
//! shown.

use std::collections::BTreeMap;

use super::lists::Files;
use crate::cli::{Format, PairOptions};
use crate::error::Result;
use crate::formats::{Mention, ReadOptions};
use crate::ranking::FarPair;
use crate::report::Origin;
use crate::source::CityFile;

/// Refuses a column of identifiers that a list has not, before anything is searched.
pub(super) fn require_ids(files: &Files, options: &PairOptions) -> Result<()> {
    if options.id.is_none() {
        return Ok(());
    }
    files.iter().try_for_each(|file| file.mentions(&reading(options), Vec::new()).map(|_| ()))
}

/// How a list is read in which identifiers stand for names.
fn reading(options: &PairOptions) -> ReadOptions {
    let mut read = options.load.read.clone();
    read.columns.name = options.id.clone().or(read.columns.name);
    read
}

/// Where the cities of each pair stand, as far as it is told.
pub(super) fn origins(
    files: &Files,
    options: &PairOptions,
    pairs: &[FarPair],
) -> Result<Vec<Origin>> {
    let many = files.iter().count();
    let shows_lines = match options.format {
        Format::Json => true,
        Format::Text => !options.quiet,
        Format::Csv => false,
    };
    let shows_lines = shows_lines || options.geojson.is_some();
    let of_list = |(at, file): (usize, &CityFile)| -> Result<BTreeMap<u64, Mention>> {
        let is_asked = options.id.is_some();
        let is_told = is_asked || shows_lines && file.is_read_soon();
        if !is_told {
            return Ok(BTreeMap::new());
        }
        let own = if many == 1 { &[0, 1][..] } else { &[at][..] };
        let rows = pairs.iter().flat_map(|pair| own.iter().map(|&of| pair.rows[of])).collect();
        match file.mentions(&reading(options), rows) {
            Ok(found) => Ok(found.into_iter().map(|mention| (mention.row, mention)).collect()),
            // What became of a list after it was read is nobody's concern, unless more of it was asked for.
            Err(_) if !is_asked => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
    };
    let lists = files.iter().enumerate().map(of_list).collect::<Result<Vec<_>>>()?;
    let mention = |pair: &FarPair, of: usize| lists[of.min(many - 1)].get(&pair.rows[of]);
    let of_pair = |pair: &FarPair| {
        let both = mention(pair, 0).zip(mention(pair, 1));
        Origin {
            lines: both.map(|(one, other)| [one.line, other.line]),
            ids: both
                .filter(|_| options.id.is_some())
                .map(|(one, other)| [one.name.clone(), other.name.clone()]),
        }
    };
    Ok(pairs.iter().map(of_pair).collect())
}
