//! The names of columns: of the first record, or of the last comment above it.
//!
//! Architecture Invariant: a header knows its own line and the rows below it, and takes no columns.

use std::borrow::Cow;

use super::dialect::{Dialect, Record};
use super::draft::{Fields, field_of};
use super::layout::{Width, column_name};
use crate::columns::{self, Columns, Wishes};

/// What a header is that stands in a comment.
pub(super) const COMMENT: &str = "the comment";

/// The names of columns, and where they stand.
pub(super) struct Header {
    pub names: Vec<String>,
    pub width: Width,
    /// Whether every name is quoted, under tabs too: then quotation marks are no letters.
    pub is_quoted: bool,
    pub offset: usize,
    /// Where the first record below begins.
    pub first: usize,
    /// "the header" or "the comment".
    pub what: &'static str,
}

impl Header {
    pub fn of(line: &[u8], fields: &Fields<'_>, dialect: &Dialect) -> Header {
        let names = fields.iter().map(|field| column_name(field)).collect();
        let is_framed = |field: &Cow<'_, [u8]>| {
            let field = field.trim_ascii();
            field.len() > 1 && field.starts_with(b"\"") && field.ends_with(b"\"")
        };
        let is_quoted = match dialect.quoting {
            true => {
                let marks = memchr::memchr_iter(b'"', line).count();
                marks >= 2 * fields.len() && line.trim_ascii_start().starts_with(b"\"")
            }
            false => !fields.is_empty() && fields.iter().all(is_framed),
        };
        let width = Width::of_header(fields);
        Header { names, width, is_quoted, offset: 0, first: 0, what: "" }
    }

    /// Adds a first column without a name where every row has one field more than the header, as R's
    /// `write.table` and the tables that pandas prints have it: row names that are quoted, or that count.
    pub fn add_row_names(&mut self, rows: &[(Record, Fields<'_>)], body: &[u8], wishes: &Wishes) {
        let counts_from = |first: usize| {
            (first..).zip(rows).all(|(number, (_, row))| {
                row.first().is_some_and(|field| field.trim_ascii() == number.to_string().as_bytes())
            })
        };
        let is_one_more = rows.iter().all(|(_, row)| row.len() == self.names.len() + 1);
        let are_quoted = || rows.iter().all(|(record, _)| body[record.start] == b'"');
        // A number before unquoted fields may as well be the field that is one too many.
        let is_table = |line: &[u8]| !line.contains(&b',') && !line.contains(&b';');
        let is_of_r = self.is_quoted
            && (are_quoted()
                || (counts_from(1)
                    && rows.iter().all(|(record, _)| is_table(&body[record.start..record.end]))));
        let is_of_pandas = rows.len() > 2
            && counts_from(0)
            && rows.iter().all(|(record, _)| is_table(&body[record.start..record.end]));
        // If the rows are cities as they stand, the last field may be the one that is too many.
        let may_stand = || {
            let columns = columns::find(&self.names, &[], wishes).ok();
            columns.is_some_and(|columns| {
                rows.iter().all(|(_, row)| {
                    matches!(columns.place(|column| field_of(row, column)), Ok(Some(_)))
                })
            })
        };
        if !rows.is_empty() && is_one_more && (is_of_r || is_of_pandas) && !may_stand() {
            self.names.insert(0, String::new());
            let Width { least, most, in_all } = self.width;
            self.width = Width { least: least + 1, most: most + 1, in_all: in_all + 1 };
        }
    }
}

/// The column from which all the rest of a line is the name: behind latitude and longitude where these
/// come first and nothing but the name follows, or nothing at all in a comment.
pub(super) fn tail_of(columns: &Columns, count: usize, is_comment: bool) -> Option<usize> {
    let are_first = matches!(columns.lat_lon(), [0, 1] | [1, 0]);
    let is_name_last = (is_comment && count == 2) || (count == 3 && columns.name() == Some(2));
    (are_first && is_name_last).then_some(2)
}
