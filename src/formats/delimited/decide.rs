//! From the beginning of a text to its layout: which delimiter, which header, which columns.
//!
//! Tab, comma, semicolon and bar each split the first record; the delimiter is the one under which it
//! is a header with the columns that are sought. If it is none under any of them, the last comment above
//! it may be, if it has as many fields. White space is tried after these four, since it stands in names.
//! To count characters instead was rejected: it misled GDAL, where a name in the header held a comma.
//!
//! Architecture Invariant: it looks at the first records alone.

use super::OPEN_QUOTE;
use super::dialect::{BLANK, Dialect, Record};
use super::draft::{Draft, Fields, MOST_COLUMNS, MOST_HEADER_BYTES, sample_of};
use super::head::Head;
use super::header::{COMMENT, Header, tail_of};
use super::headerless;
use super::layout::{Below, Layout, Width, below_header, delimiter_name};
use super::numbered;
use crate::columns::{self, Columns, Complaint};
use crate::error::Result;
use crate::formats::ReadOptions;
use crate::formats::text::Text;

/// Units and rules directly below the header.
const UNITS_ROWS: usize = 2;

/// The layout of a text; `None` if there is no record in it.
pub(super) fn decide(text: &Text<'_>, options: &ReadOptions) -> Result<Option<Layout>> {
    let head = Head::of(text.body);
    if let Some((offset, _)) = head.comments().find(|(_, comment)| comment.contains(&b'\r')) {
        let problem = "expected lines that end in LF or CRLF, found a CR within a comment, behind which a \
                       row may stand; write all line ends alike";
        return Err(text.error_at(offset, problem));
    }
    let Some(first) = head.first else { return Ok(None) };
    require_no_control_characters(text, first, head.line_end)?;
    let draft = Draft { text, options, head, first };
    draft.require_short_record()?;
    draft.layout().map(Some)
}

/// Refuses a first line with control characters, which no text has: it is some binary form.
fn require_no_control_characters(text: &Text<'_>, first: usize, line_end: u8) -> Result<()> {
    const LOOK_BYTES: usize = 4096;
    let end = super::end_of_line(text.body, first, line_end).min(first + LOOK_BYTES);
    let is_control = |byte: &u8| *byte < 0x20 && !b"\t\r\n\x0c".contains(byte);
    if text.body[first..end].iter().any(is_control) {
        let problem = "expected a city list, found control characters, as binary forms have them; convert it to \
                       CSV with the program that it comes from";
        return Err(text.error_at(first, problem));
    }
    Ok(())
}

/// Why a first record of so many bytes is refused.
fn too_long(bytes: usize) -> String {
    format!(
        "expected a header or a first row of at most {MOST_HEADER_BYTES} bytes, found a line of {bytes} bytes; \
         this is no city list, or its line ends are lost"
    )
}

impl Draft<'_> {
    fn layout(&self) -> Result<Layout> {
        if let Some(numbers) = self.options.columns.numbers() {
            return numbered::by_number(self, &numbers);
        }
        let mut complaints = Vec::new();
        let mut of_comments = Vec::new();
        for delimiters in [self.delimiters(), self.blank()] {
            if delimiters == [BLANK] && self.is_split() {
                break;
            }
            if let Some(layout) = self.best(&delimiters, false, &mut complaints)? {
                return Ok(layout);
            }
            if let Some(layout) = self.best(&delimiters, true, &mut of_comments)? {
                return Ok(layout);
            }
        }
        if let Some(complaint) = refused_by_most(&of_comments) {
            return Err(self.refuse(complaint));
        }
        if let Some(complaint) = refused_by_most(&complaints) {
            // A row that proves itself is no header, whatever the words in its name.
            return match headerless::proven(self) {
                Ok(Some(layout)) => Ok(layout),
                _ => Err(self.refuse(complaint)),
            };
        }
        complaints.extend(of_comments);
        headerless::by_shape(self, &complaints)
    }

    /// Whether another delimiter than white space splits the header and all of the first rows alike.
    fn is_split(&self) -> bool {
        self.delimiters().into_iter().any(|delimiter| {
            let rows = self.rows(&self.dialect(delimiter), self.first, usize::MAX);
            let width = rows.first().map(|(_, header)| Width::of_header(header));
            let fits = |width: Width| {
                width.most > 1 && rows.len() > 1 && rows[1..].iter().all(|(_, row)| width.fits(row))
            };
            width.is_some_and(fits)
        })
    }

    /// The layout under the one delimiter that makes a header of the first record, or of the last comment
    /// above it.
    fn best(
        &self,
        delimiters: &[u8],
        is_comment: bool,
        complaints: &mut Vec<(usize, Complaint)>,
    ) -> Result<Option<Layout>> {
        let mut found: Vec<Layout> = Vec::new();
        for &delimiter in delimiters {
            match self.headed(delimiter, is_comment)? {
                Some(Ok(layout)) => found.push(layout),
                Some(Err(complaint)) => complaints.push(complaint),
                None => {}
            }
        }
        let Some(best) = found.iter().map(|layout| layout.columns.rank()).min() else {
            return Ok(None);
        };
        found.retain(|layout| layout.columns.rank() == best);
        if found.len() > 1 && found.iter().any(|layout| self.fits(layout)) {
            found.retain(|layout| self.fits(layout));
        }
        // What a delimiter does not split is a header of one column only where none splits it, and then a
        // comma is as good as any.
        let is_split = |layout: &Layout| layout.width.most > 1;
        if found.iter().any(is_split) {
            found.retain(is_split);
        } else if complaints.iter().any(|(_, complaint)| matches!(complaint, Complaint::Refused(_)))
        {
            return Ok(None);
        } else {
            found.sort_by_key(|layout| layout.dialect.delimiter != b',');
            found.truncate(1);
        }
        match found.len() {
            0 => Ok(None),
            1 => Ok(found.pop()),
            _ => {
                let names: Vec<&str> =
                    found.iter().map(|layout| delimiter_name(layout.dialect.delimiter)).collect();
                let problem = format!(
                    "expected one delimiter under which the header names coordinates, found several: {}; say \
                     which with --delimiter",
                    names.join(" and ")
                );
                Err(self.text.error_at(self.first, problem))
            }
        }
    }

    /// Whether the first rows have the fields that a layout asks for.
    fn fits(&self, layout: &Layout) -> bool {
        let rows = self.rows(&layout.dialect, layout.first, layout.width.most + 64);
        rows.iter().all(|(_, fields)| layout.width.fits(fields))
    }

    /// The layout under a delimiter, if it makes a header of the first record or of the last comment.
    pub fn headed(&self, delimiter: u8, is_comment: bool) -> Result<Option<Attempt>> {
        let dialect = self.dialect(delimiter);
        let headers = match is_comment {
            true => self.comments(&dialect),
            false => match dialect.record(self.text.body, self.first) {
                Ok(record) if record.end - record.start > MOST_HEADER_BYTES => {
                    let problem = too_long(record.end - record.start);
                    return Ok(Some(Err((usize::MAX, Complaint::None(problem)))));
                }
                Ok(record) => {
                    let header = self.header_in(&dialect, record);
                    if header.names.len() > MOST_COLUMNS {
                        let problem =
                            format!("expected at most {MOST_COLUMNS} columns, found more");
                        return Ok(Some(Err((header.names.len(), Complaint::Refused(problem)))));
                    }
                    vec![header]
                }
                // It may still be a row whose quotation mark is a letter.
                Err(_) => return Ok(Some(Err((usize::MAX, Complaint::None(OPEN_QUOTE.into()))))),
            },
        };
        for header in headers {
            if let Some(attempt) = self.below(header, dialect)? {
                return Ok(Some(attempt));
            }
        }
        Ok(None)
    }

    /// The first record as a header.
    fn header_in(&self, dialect: &Dialect, record: Record) -> Header {
        let fields = self.fields(dialect, record);
        let line = &self.text.body[record.start..record.end];
        let what = "the header";
        Header {
            offset: record.start,
            first: record.next,
            what,
            ..Header::of(line, &fields, dialect)
        }
    }

    /// The last comment as a header: without its mark, or with the mark as the first name.
    fn comments(&self, dialect: &Dialect) -> Vec<Header> {
        let Some((offset, comment)) = self.head.last_comment else { return Vec::new() };
        let end = super::end_of_line(self.text.body, offset, self.head.line_end);
        let header = |line: &[u8]| {
            let whole = Record { start: 0, end: line.len(), next: line.len(), has_marks: true };
            let mut fields = Vec::new();
            dialect.split(line, whole, MOST_COLUMNS, &mut fields);
            let what = COMMENT;
            Header { offset, first: self.first, what, ..Header::of(line, &fields, dialect) }
        };
        vec![header(comment), header(self.text.body[offset..end].trim_ascii())]
    }

    /// The layout of the rows below a header, or why they have none; `None` if the header is a comment
    /// that does not fit them.
    fn below(&self, mut header: Header, mut dialect: Dialect) -> Result<Option<Attempt>> {
        dialect.quoting |= header.is_quoted;
        let mut rows = self.rows(&dialect, header.first, header.width.most + 64);
        let is_comment = header.what == COMMENT;
        // Words of white space may go on in a name.
        let may_fit = |row: &Fields<'_>| {
            let is_short = dialect.delimiter == BLANK && header.names.len() < 4;
            header.width.fits(row) || (is_short && row.len() > 1)
        };
        if is_comment && !rows.iter().any(|(_, row)| may_fit(row)) {
            return Ok(None);
        }
        header.add_row_names(&rows, self.text.body, &self.options.columns);
        header.width = header.width.with_ends(rows.iter().map(|(_, row)| row));
        let Header { names, width, is_quoted, offset, mut first, what } = header;
        let columns = match columns::find(&names, &sample_of(&rows), &self.options.columns) {
            Ok(found) => found,
            Err(complaint) => return Ok(Some(Err((names.len(), complaint)))),
        };
        let tail = tail_of(&columns, names.len(), is_comment);
        let tail = tail.filter(|_| dialect.delimiter == BLANK && !is_quoted);
        let fits = |row: &Fields<'_>| width.fits(row) || tail.is_some_and(|tail| row.len() >= tail);
        if is_comment && !rows.iter().any(|(_, row)| fits(row)) {
            return Ok(None);
        }
        for _ in 0..UNITS_ROWS {
            let Some((record, row)) = rows.first() else { break };
            match below_header(row, &columns) {
                Below::Units if !is_comment => first = rows.remove(0).0.next,
                Below::Strange(problem) => return Err(self.text.error_at(record.start, problem)),
                _ => break,
            }
        }
        let form = if tail.is_some() { headerless::SPACED } else { super::FORM.name };
        let columns = match (tail, columns.lat_lon()) {
            (Some(_), [lat, lon]) => Columns::numbered(lat, lon, Some(2)),
            (None, _) => columns,
        };
        let width_of = (self.text.line_at(offset), what);
        let header = Some(names);
        Ok(Some(Ok(Layout { form, dialect, header, columns, width, width_of, tail, first })))
    }

    /// Refuses a first line that is too long to be a header or a row.
    fn require_short_record(&self) -> Result<()> {
        let end = super::end_of_line(self.text.body, self.first, self.head.line_end);
        if end - self.first <= MOST_HEADER_BYTES {
            return Ok(());
        }
        Err(self.text.error_at(self.first, too_long(end - self.first)))
    }
}

/// The complaint that columns could be several or no degrees, which says more than that there are none;
/// under the delimiter that makes most of the header it says it best.
fn refused_by_most(complaints: &[(usize, Complaint)]) -> Option<&str> {
    let refused = complaints.iter().filter(|(_, c)| matches!(c, Complaint::Refused(_)));
    let best = refused.rev().max_by_key(|(fields, _)| *fields);
    best.map(|(_, complaint)| complaint.problem())
}

/// A layout, or why there is none, with the number of columns that were seen.
type Attempt = std::result::Result<Layout, (usize, Complaint)>;
