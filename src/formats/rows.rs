//! Where the rows of every form end: cities, rows without a place, and rows that are no city.
//!
//! A list may be larger than memory. So its cities can be given away in batches: whoever takes them
//! sees each batch once, and nothing of it is kept.

use super::reading::Skipped;
use super::text::Text;
use crate::cities::{CityList, Coordinates, RowError};
use crate::error::Result;

/// How many of the rows that are no city are shown with their line.
pub(super) const SKIPPED_SHOWN: usize = 5;

/// Cities of a batch: few enough for a cache (some 130 KB with names), and enough that the call for
/// each batch costs nothing.
const BATCH_CITIES: usize = 4096;

/// Who takes batches of cities.
pub type Taker<'t> = dyn FnMut(&CityList) -> Result<()> + 't;

/// What becomes of the cities.
pub(super) enum Sink<'t> {
    /// They stay in the list.
    Keep,
    /// They are given away in batches.
    Give(&'t mut Taker<'t>),
    /// They are counted and no more, as in an attempt that may not hold.
    Count,
    /// Some are looked for, and no other is kept.
    Find(&'t mut Mentions),
}

/// Rows that are looked for, and where they stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Mentions {
    /// In ascending order, each once.
    rows: Vec<u64>,
    /// Where those that were found begin in the text, and their names.
    found: Vec<(usize, String)>,
    /// The lines in which they begin.
    lines: Vec<u64>,
}

/// A city as the text of its list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The row.
    pub row: u64,
    /// The line in which it begins, counted from 1.
    pub line: u64,
    /// What stands in the column of names.
    pub name: String,
}

impl Mentions {
    pub(super) fn of(mut rows: Vec<u64>) -> Mentions {
        rows.sort_unstable();
        rows.dedup();
        Mentions { rows, ..Mentions::default() }
    }

    /// Those that were found, by row.
    pub(super) fn into_found(self) -> Vec<Mention> {
        let found = self.rows.into_iter().zip(self.lines).zip(self.found);
        found.map(|((row, line), (_, name))| Mention { row, line, name }).collect()
    }

    /// The row that is looked for next; a number that no row has if there is none.
    fn next(&self) -> u64 {
        self.rows.get(self.found.len()).copied().unwrap_or(u64::MAX)
    }
}

/// Collects the rows of a file in their order.
pub(super) struct Rows<'a> {
    text: &'a Text<'a>,
    skip_invalid: bool,
    take: Option<&'a mut Taker<'a>>,
    find: Option<&'a mut Mentions>,
    /// The row that is looked for.
    next: u64,
    /// Cities of a batch; `usize::MAX` where all are kept.
    batch: usize,
    pub list: CityList,
    pub left_out: LeftOut,
    /// Whether the last error is that of the taker, and none of the text.
    pub taker_failed: bool,
}

/// The rows that were left out.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftOut {
    pub count: u64,
    /// How many of them say that they have no place.
    pub without_coordinates: u64,
    /// Where the first few of the others begin in the text, and what is wrong with them.
    pub first: Vec<(usize, String)>,
}

impl LeftOut {
    /// The same with lines of the text in place of bytes.
    pub fn in_lines(&self, text: &Text<'_>) -> Skipped {
        let lines = text.lines_at(self.first.iter().map(|(offset, _)| *offset));
        let first =
            lines.zip(&self.first).map(|(line, (_, problem))| format!("line {line}: {problem}"));
        let LeftOut { count, without_coordinates, .. } = *self;
        Skipped { count, without_coordinates, first: first.collect() }
    }
}

impl<'a> Rows<'a> {
    pub fn new<'t: 'a>(text: &'a Text<'a>, skip_invalid: bool, sink: Sink<'t>) -> Rows<'a> {
        // A taker that lives longer does as well.
        let (batch, take): (usize, Option<&'a mut Taker<'a>>) = match sink {
            Sink::Find(mentions) => {
                let next = mentions.next();
                let rows = Rows::new(text, skip_invalid, Sink::Count);
                return Rows { find: Some(mentions), next, ..rows };
            }
            Sink::Keep => (usize::MAX, None),
            Sink::Give(take) => (BATCH_CITIES, Some(take)),
            Sink::Count => (BATCH_CITIES, None),
        };
        let (list, left_out) = (CityList::default(), LeftOut::default());
        let (find, next) = (None, u64::MAX);
        Rows { text, skip_invalid, take, find, next, batch, list, left_out, taker_failed: false }
    }

    /// Takes the next row: a city, none because the row says that it has no place, or what is wrong
    /// with it. It begins at the byte `offset` of the text.
    #[inline]
    pub fn take(
        &mut self,
        row: std::result::Result<Option<Coordinates>, RowError>,
        name: &[u8],
        offset: usize,
    ) -> Result<()> {
        match row {
            Ok(Some(coordinates)) => {
                if self.list.source_rows() == self.next {
                    self.mention(name, offset);
                }
                self.list.push(coordinates, name);
                if self.list.len() >= self.batch {
                    self.give()?;
                }
            }
            Ok(None) => {
                self.left_out.without_coordinates += 1;
                self.leave_out();
            }
            Err(error) => self.refuse_or_skip(&error, offset)?,
        }
        Ok(())
    }

    /// Ends the rows: the rest of the cities goes where the others went.
    pub fn finish(mut self) -> Result<(CityList, Skipped)> {
        self.give()?;
        let skipped = self.left_out.in_lines(self.text);
        if let Some(mentions) = self.find {
            let offsets = mentions.found.iter().map(|(offset, _)| *offset);
            mentions.lines = self.text.lines_at(offsets).collect();
        }
        Ok((self.list, skipped))
    }

    /// Notes where a row stands that is looked for.
    #[cold]
    fn mention(&mut self, name: &[u8], offset: usize) {
        if let Some(mentions) = self.find.as_mut() {
            mentions.found.push((offset, String::from_utf8_lossy(name).into_owned()));
            self.next = mentions.next();
        }
    }

    /// Gives the batch away, unless the cities are kept.
    #[cold]
    pub fn give(&mut self) -> Result<()> {
        if self.batch == usize::MAX {
            return Ok(());
        }
        if let Some(take) = self.take.as_mut().filter(|_| !self.list.is_empty()) {
            let taken = take(&self.list);
            self.taker_failed = taken.is_err();
            taken?;
        }
        self.list.restart();
        Ok(())
    }

    #[cold]
    fn refuse_or_skip(&mut self, error: &RowError, offset: usize) -> Result<()> {
        let problem = match error {
            RowError::Source(problem) => {
                let remedy = "the fault is the file's and not this row's, so --skip-invalid does not \
                              leave it out; say which column is which, or correct the file";
                return Err(self.text.error_at(offset, format!("{problem}; {remedy}")));
            }
            RowError::Row(problem) if !self.skip_invalid => {
                let remedy = "correct the line, or leave such rows out with --skip-invalid";
                return Err(self.text.error_at(offset, format!("{problem}; {remedy}")));
            }
            RowError::Row(problem) => problem,
        };
        if self.left_out.first.len() < SKIPPED_SHOWN {
            self.left_out.first.push((offset, problem.clone()));
        }
        self.leave_out();
        Ok(())
    }

    fn leave_out(&mut self) {
        self.left_out.count += 1;
        self.list.skip_to(self.list.source_rows() + 1);
    }
}
