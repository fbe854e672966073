//! Where the cities of an answer stand in their lists: the lines, and the identifiers that `--id` names a column of.
//!
//! A search knows a city by its row, and an atlas keeps neither. So rank 0 reads the list once more, when it is known
//! which rows are asked for: any list for identifiers, and for the lines alone one that takes a moment, if they are
//! shown.
//!
//! `each` wants the identifiers of all cities. There the ranks that write read the list once more together, with
//! identifiers for names: a city's position does not depend on its name.

use std::collections::BTreeMap;

use super::lists::{Files, Lists};
use crate::atlas::Atlas;
use crate::cli::{Format, PairOptions};
use crate::error::{Error, Result};
use crate::formats::{Mention, ReadOptions};
use crate::ranking::FarPair;
use crate::report::Origin;
use crate::source::{Cities, CityFile, LoadOptions};
use crate::team::Team;

/// Refuses a column of identifiers that a list has not, before anything is searched.
pub(super) fn require_ids(files: &Files, options: &PairOptions) -> Result<()> {
    if options.id.is_none() {
        return Ok(());
    }
    let reading = reading(&options.load.read, options.id.as_ref());
    files.iter().try_for_each(|file| file.mentions(&reading, Vec::new()).map(|_| ()))
}

/// How a list is read in which identifiers stand for names.
fn reading(options: &ReadOptions, id: Option<&String>) -> ReadOptions {
    let mut read = options.clone();
    read.columns.is_id = id.is_some();
    read.columns.name = id.cloned().or(read.columns.name);
    read
}

/// The lists of a command with identifiers for names, one or two.
pub(super) struct Ids<'a>(Vec<Cities<'a>>);

impl<'a> Ids<'a> {
    /// Reads them, by the ranks of a team together. Cities and positions are those of `lists`.
    pub(super) fn read(
        team: &dyn Team,
        (files, lists): (&'a Files, &Lists<'_>),
        options: &LoadOptions,
        id: &String,
    ) -> Result<Ids<'a>> {
        let read = reading(&options.read, Some(id));
        let options = LoadOptions { read, ..options.clone() };
        let ids = files.iter().map(|file| file.load(team, &options));
        let ids = Ids(ids.collect::<Result<_>>()?);
        let many = |atlases: [Atlas<'_>; 2]| atlases.map(|atlas| atlas.cities());
        let same = match many(ids.atlases()) == many(lists.atlases()) {
            true => Ok(ids),
            false => {
                Err(Error::Internal { problem: "a list had other cities the second time".into() })
            }
        };
        team.agree(same)
    }

    /// The atlas of the cities that stand first in pairs, and of those that stand second.
    pub(super) fn atlases(&self) -> [Atlas<'_>; 2] {
        [0, self.0.len() - 1].map(|at| self.0[at].atlas())
    }

    /// The identifiers of the two cities of a pair.
    pub(super) fn of(&self, pair: &FarPair) -> [String; 2] {
        let (atlases, positions) = (self.atlases(), Lists::positions(pair));
        [0, 1].map(|of| atlases[of].name(positions[of]).into_owned())
    }
}

/// Where the cities of each pair stand, as far as it is told.
pub(super) fn origins(
    files: &Files,
    options: &PairOptions,
    pairs: &[FarPair],
) -> Result<Vec<Origin>> {
    let many = files.iter().count();
    let reading = reading(&options.load.read, options.id.as_ref());
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
        match file.mentions(&reading, rows) {
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
