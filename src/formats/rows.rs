//! Where the rows of every form end: cities, rows without a place, and rows that are no city.

use super::reading::Skipped;
use super::text::Text;
use crate::cities::{CityList, Coordinates, RowError};
use crate::error::Result;

/// How many of the rows that are no city are shown with their line.
const SKIPPED_SHOWN: usize = 5;

/// Collects the rows of a file in their order.
pub(super) struct Rows<'a> {
    text: &'a Text<'a>,
    skip_invalid: bool,
    pub list: CityList,
    pub skipped: Skipped,
}

impl<'a> Rows<'a> {
    pub fn new(text: &'a Text<'a>, skip_invalid: bool) -> Rows<'a> {
        Rows { text, skip_invalid, list: CityList::default(), skipped: Skipped::default() }
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
            Ok(Some(coordinates)) => self.list.push(coordinates, name),
            Ok(None) => {
                self.skipped.without_coordinates += 1;
                self.leave_out();
            }
            Err(error) => self.refuse_or_skip(&error, offset)?,
        }
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
        if self.skipped.first.len() < SKIPPED_SHOWN {
            self.skipped.first.push(format!("line {}: {problem}", self.text.line_at(offset)));
        }
        self.leave_out();
        Ok(())
    }

    fn leave_out(&mut self) {
        self.skipped.count += 1;
        self.list.skip_to(self.list.source_rows() + 1);
    }
}
