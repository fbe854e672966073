//! The fields of a column in the first few rows.
//!
//! Architecture Invariant: it knows no name of a column.

use crate::angle::{self, Notation};

/// The notation of the places in a column, if all that hold one have the same.
pub(super) fn notation_of(column: usize, sample: &[Vec<&[u8]>]) -> Option<Notation> {
    let mut fields = fields_of(column, sample).map(angle::notation);
    let first = fields.next()??;
    fields.all(|notation| notation == Some(first)).then_some(first)
}

/// The fields of a column that hold something.
pub(super) fn fields_of<'a>(
    column: usize,
    sample: &'a [Vec<&'a [u8]>],
) -> impl Iterator<Item = &'a [u8]> {
    let fields =
        sample.iter().filter_map(move |row| row.get(column)).map(|field| field.trim_ascii());
    fields.filter(|field| !angle::is_missing(field))
}
