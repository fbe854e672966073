//! Text in, cities out: the notebook's form or a delimited file with a header, told by looking.
//!
//! The first line that is neither blank nor a comment decides. If its first word is a number,
//! the file has no header and is the notebook's form, `lat lon name` (`text/notebook.rs`);
//! otherwise the line is a header and the file is delimited (`text/delimited.rs`). Guessing by the
//! file's extension was rejected: extensions lie, and a pipe of tools loses them.
//!
//! A row that is not a city is refused with its line. `skip_invalid` leaves such rows out
//! instead, counts them and keeps the first few messages, so that nothing vanishes in silence.
//!
//! Architecture Invariant: text knows nothing of maps, packed files or ranks: bytes and a path
//! for the messages come in, a [`CityList`] goes out.

mod columns;
mod delimited;
mod field;
mod notebook;

use std::path::Path;

use crate::cities::{CityList, Coordinates};
use crate::error::{Error, Result};

/// How to read a text file.
#[derive(Clone, Debug, Default)]
pub struct TextOptions {
    /// Name of the column with latitudes, where the usual names do not find it.
    pub lat_column: Option<String>,
    /// Name of the column with longitudes.
    pub lon_column: Option<String>,
    /// Name of the column with names.
    pub name_column: Option<String>,
    /// Leave out rows that are no city instead of refusing the file.
    pub skip_invalid: bool,
}

impl TextOptions {
    /// Whether the user named a column.
    pub fn names_a_column(&self) -> bool {
        self.lat_column.is_some() || self.lon_column.is_some() || self.name_column.is_some()
    }
}

/// The rows that were left out because the user asked for it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Skipped {
    /// How many.
    pub count: u64,
    /// What was wrong with the first few, each with its line.
    pub first: Vec<String>,
}

/// How many of the rows left out are shown with their line.
const SKIPPED_SHOWN: usize = 5;

/// Reads the cities of a text file. `path` is for the messages alone.
///
/// # Errors
/// [`Error::Line`] for the first line that is no city (unless rows are to be skipped) and for a
/// header without latitude or longitude; [`Error::Data`] for bytes that are no text.
pub fn read(path: &Path, bytes: &[u8], options: &TextOptions) -> Result<(CityList, Skipped)> {
    let text = Text::new(path, bytes)?;
    let mut rows = Rows::new(path, options.skip_invalid);
    match text.first_line() {
        None => {}
        Some(line) if field::looks_like_number(line) && !options.names_a_column() => {
            notebook::read(&text, &mut rows)?;
        }
        Some(_) => delimited::read(&text, options, &mut rows)?,
    }
    Ok((rows.list, rows.skipped))
}

/// Whether the first few kilobytes are UTF-8 without zero bytes. An empty file is no text.
pub fn looks_like_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4096)];
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The cut may have gone through the last character.
        Err(error) => error.error_len().is_none(),
    };
    is_utf8 && !head.is_empty() && !head.contains(&0)
}

/// The bytes of a text file after its byte order mark, if it has one.
struct Text<'a> {
    path: &'a Path,
    body: &'a [u8],
}

impl<'a> Text<'a> {
    fn new(path: &'a Path, bytes: &'a [u8]) -> Result<Text<'a>> {
        let refuse = |problem: &str| {
            Err(Error::Data { file: path.to_path_buf(), problem: problem.to_string() })
        };
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return refuse(
                "expected UTF-8 text or a packed file, found UTF-16 text; convert it, \
                 for example with iconv -f UTF-16 -t UTF-8",
            );
        }
        // Text has no zero bytes; a look at the beginning is enough to tell a picture or an
        // archive.
        if bytes[..bytes.len().min(4096)].contains(&0) {
            return refuse(
                "expected text or a packed file (which begins with the bytes 89 43 49 54 49 45 53 0a), \
                 found other binary data; name a city list, or pack it again with 'farthest pack'",
            );
        }
        Ok(Text { path, body: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) })
    }

    /// The first line that is neither blank nor a comment.
    fn first_line(&self) -> Option<&'a [u8]> {
        lines(self.body).map(<[u8]>::trim_ascii).find(|line| !is_skippable(line))
    }

    /// Number, counted from 1, of the line that holds the byte at `offset` of the body.
    fn line_at(&self, offset: usize) -> u64 {
        1 + self.body[..offset].iter().filter(|&&byte| byte == b'\n').count() as u64
    }
}

/// The lines of a text, without their ends of LF or CRLF.
fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b'\n', body).chain([body.len()]);
    ends.scan(0, |start, end| {
        let line = &body[*start..end];
        *start = end + 1;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

/// Whether a trimmed line carries no data.
fn is_skippable(line: &[u8]) -> bool {
    line.is_empty() || line[0] == b'#'
}

/// Collects rows, good and bad: both forms of text end here.
struct Rows<'a> {
    path: &'a Path,
    skip_invalid: bool,
    list: CityList,
    skipped: Skipped,
}

impl<'a> Rows<'a> {
    fn new(path: &'a Path, skip_invalid: bool) -> Rows<'a> {
        Rows { path, skip_invalid, list: CityList::default(), skipped: Skipped::default() }
    }

    /// Takes the next row of the source: a city, or what is wrong with it. `line` is only asked
    /// where it is wrong.
    fn take(
        &mut self,
        row: std::result::Result<(Coordinates, &[u8]), String>,
        line: impl FnOnce() -> u64,
    ) -> Result<()> {
        let problem = match row {
            Ok((coordinates, name)) => {
                self.list.push(coordinates, name);
                return Ok(());
            }
            Err(problem) => problem,
        };
        if !self.skip_invalid {
            let problem =
                format!("{problem}; correct the line, or leave such rows out with --skip-invalid");
            return Err(Error::Line { file: self.path.to_path_buf(), line: line(), problem });
        }
        if self.skipped.first.len() < SKIPPED_SHOWN {
            self.skipped.first.push(format!("line {}: {problem}", line()));
        }
        self.skipped.count += 1;
        self.list.skip_to(self.list.source_rows() + 1);
        Ok(())
    }
}
