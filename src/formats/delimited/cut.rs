//! A text in pieces, which ranks read side by side.
//!
//! Each rank decides the layout from the head of the text by itself and takes a range of its bytes. Its
//! piece begins at the first line behind the cut. That is a guess, for the cut may be within a quoted
//! field that spans lines. So each piece tells where it began and where the next record begins; where the
//! two do not meet, a piece is read again from where the one before it ends. What comes of all pieces is
//! what one reader of the whole text makes of it, for any text.
//!
//! Some things only the whole can tell: bytes that are not UTF-8, or quotation marks under tabs that may
//! be letters or quote. The pieces find out whether there are any, and then the whole is read by one.
//!
//! Architecture Invariant: it does not know who reads which piece, nor what becomes of the cities.

use bytemuck::{Pod, Zeroable};

use super::decide;
use super::dialect::{Record, end_of_line};
use super::head::Head;
use super::headerless::TWO_COLUMNS;
use super::layout::Layout;
use super::name_counts::NameCounts;
use super::record::read_record;
use super::scan::Scan;
use super::stretch::Stretch;
use crate::cities::CityList;
use crate::error::{Error, Result};
use crate::formats::rows::{LeftOut, Rows, SKIPPED_SHOWN, Sink, Taker};
use crate::formats::text::Text;
use crate::formats::{Encoding, ReadOptions, Reading};

/// The first record of a text that is cut begins in so many bytes, and its first line ends in them.
const MOST_BYTES_ABOVE: usize = 1 << 20;

/// The layout is decided from so many bytes. The first record begins in the first of these MiB, and is
/// one long at most; so are the rows below it that are looked at, and they begin in a third MiB. A
/// longer record is seen as such in the fourth and the fifth.
const HEAD_BYTES: usize = 5 << 20;

/// A text that can be read in pieces.
pub struct Cut<'a> {
    text: Text<'a>,
    layout: Layout,
    /// The same layout with marks that quote, where they may be letters or quote.
    quoting: Option<Layout>,
    skip_invalid: bool,
    /// Whether bytes that are not UTF-8 are taken as they are.
    takes_any_bytes: bool,
}

/// What came of a piece.
#[derive(Debug)]
pub struct Piece {
    /// What all ranks must know.
    pub facts: PieceFacts,
    /// The first few rows that were left out because they are no city: where they begin in the text, and
    /// what is wrong with them.
    pub skipped: Vec<(u64, String)>,
    /// Why no more was read.
    pub fault: Option<Error>,
}

/// What all ranks must know of a piece, as plain numbers.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub struct PieceFacts {
    /// Where its first record begins, in bytes of the text.
    start: u64,
    /// Where the first record behind it begins.
    next: u64,
    /// Rows in it, those left out included.
    source_rows: u64,
    left_out: u64,
    without_coordinates: u64,
    names: NameCounts,
    flags: u64,
}

/// There is a fault in it.
const FAULT: u64 = 1;
/// It has bytes that only a reader of the whole text can explain.
const WHOLE: u64 = 2;
/// It has quotation marks.
const MARKS: u64 = 4;
/// They are letters: if they quoted, one would stay open, or a record over several lines be none, before any such
/// record is a row.
const LETTERS: u64 = 8;
/// If these quote, a record spans lines and is a row, before anything shows that they are letters.
const SPANS: u64 = 16;

impl PieceFacts {
    /// Bytes of its records.
    pub fn bytes(&self) -> u64 {
        self.next - self.start
    }

    /// Rows of the source in the piece, those left out included.
    pub fn source_rows(&self) -> u64 {
        self.source_rows
    }

    fn is(&self, flags: u64) -> bool {
        self.flags & flags != 0
    }
}

/// What to do after all pieces were read.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Pieces are to be read again, each from the byte that stands in its place.
    Again(Vec<Option<usize>>),
    /// One must read the whole text ([`crate::formats::read_into`]).
    Whole,
    /// The text is refused with the fault of this piece.
    Fault(usize),
    /// All is read.
    Sound,
}

impl<'a> Cut<'a> {
    /// Decides from the head how a text is laid out, or that only the whole can tell.
    pub(in crate::formats) fn of_text(text: Text<'a>, options: &ReadOptions) -> Option<Cut<'a>> {
        let head = Text::new(text.path, beginning_of(text.body, HEAD_BYTES));
        // What is wrong with the head is told by the reader of the whole, which looks elsewhere first.
        let layout = decide::decide(&head, options).ok()??;
        if layout.columns.open().is_some() || layout.form == TWO_COLUMNS {
            return None;
        }
        Some(Cut {
            quoting: layout.may_quote().then(|| layout.quoting()),
            layout,
            text,
            skip_invalid: options.skip_invalid,
            takes_any_bytes: options.encoding == Some(Encoding::Utf8),
        })
    }

    /// The beginning of a text that may be cut: its lines end in LF, and its first record begins there.
    pub(in crate::formats) fn head_of(body: &[u8]) -> Option<&[u8]> {
        let head = beginning_of(body, MOST_BYTES_ABOVE);
        (head.contains(&b'\n') && Head::of(head).first.is_some()).then_some(head)
    }

    /// A number that tells one layout from another: ranks that have the same read the same text alike.
    pub fn mark(&self) -> u64 {
        let facts = (self.text.body.len(), &self.layout);
        xxhash_rust::xxh3::xxh3_64(format!("{facts:?}").as_bytes())
    }

    /// Reads the records that begin in a piece, and gives their cities to `take` in batches; their rows
    /// count from 0. Without `start` the piece begins at its first line.
    ///
    /// # Errors
    /// What `take` returns. A fault of the text is in the piece.
    pub fn read(
        &self,
        piece: usize,
        pieces: usize,
        start: Option<usize>,
        take: &mut Taker<'_>,
    ) -> Result<Piece> {
        let end = self.cut(piece + 1, pieces);
        let start = start.unwrap_or_else(|| self.line_from(self.cut(piece, pieces)));
        let mut rows = Rows::new(&self.text, self.skip_invalid, Sink::Give(take));
        let mut scan = Scan::new(&self.text, &self.layout, start);
        let mut look = Look { cut: self, flags: 0, end: if piece == 0 { 0 } else { start } };
        // Nobody else looks at what stands above the first row.
        look.at_bytes_until(start);
        let mut fault = None;
        while let Some(stretch) = scan.stretch(end).filter(|_| !look.has(WHOLE)) {
            look.at(&stretch);
            fault = scan.read(&stretch, &mut rows).err();
            if rows.taker_failed || fault.is_some() {
                break;
            }
            look.at_bytes_until(scan.at);
        }
        match fault {
            Some(error) if rows.taker_failed => return Err(error),
            // What is wrong in the rest may count for more.
            Some(_) => look.at_rest(self.line_from(end)),
            None => rows.give()?,
        }
        let facts = self.facts(&rows.list, &rows.left_out, &scan, start);
        let flags = look.flags | if fault.is_some() { FAULT } else { 0 };
        let skipped = rows.left_out.first.into_iter();
        let skipped = skipped.map(|(offset, problem)| (offset as u64, problem)).collect();
        Ok(Piece { facts: PieceFacts { flags, ..facts }, skipped, fault })
    }

    fn facts(
        &self,
        list: &CityList,
        left_out: &LeftOut,
        scan: &Scan<'_, '_>,
        start: usize,
    ) -> PieceFacts {
        PieceFacts {
            start: start as u64,
            next: scan.at as u64,
            source_rows: list.source_rows(),
            left_out: left_out.count,
            without_coordinates: left_out.without_coordinates,
            names: scan.names,
            flags: 0,
        }
    }

    /// What follows from the facts of all pieces, in their order. All who have these facts come to the
    /// same.
    pub fn judge(&self, pieces: &[PieceFacts]) -> Verdict {
        if pieces.iter().any(|piece| piece.is(WHOLE)) {
            return Verdict::Whole;
        }
        let again: Vec<Option<usize>> = (0..pieces.len())
            .map(|piece| {
                let before = pieces[..piece].last().filter(|before| !before.is(FAULT))?;
                (before.next != pieces[piece].start).then_some(before.next as usize)
            })
            .collect();
        let fault = pieces.iter().position(|piece| piece.is(FAULT));
        let read = fault.map_or(pieces.len(), |fault| fault + 1);
        if again[..read].iter().any(Option::is_some) {
            return Verdict::Again(again);
        }
        if self.needs_whole(pieces) {
            return Verdict::Whole;
        }
        fault.map_or(Verdict::Sound, Verdict::Fault)
    }

    /// Whether pieces that are read are to be read otherwise, or refused for what all of them are.
    fn needs_whole(&self, pieces: &[PieceFacts]) -> bool {
        let is_faulty = pieces.iter().any(|piece| piece.is(FAULT));
        if self.quoting.is_some() {
            // The rule of `read`, in which letters hold if no row is wrong and no record spans lines.
            let has_marks = pieces.iter().any(|piece| piece.is(MARKS));
            let is_wrong =
                is_faulty || pieces.iter().any(|piece| piece.left_out > piece.without_coordinates);
            let first = pieces.iter().find(|piece| piece.is(LETTERS | SPANS));
            return has_marks && (is_wrong || first.is_some_and(|piece| piece.is(SPANS)));
        }
        let mut names = NameCounts::default();
        for piece in pieces {
            names += piece.names;
        }
        !is_faulty && self.layout.require_names(&self.text, names).is_err()
    }

    /// The reading that sound pieces make together, without the cities. `skipped` are the rows that all
    /// pieces show, in the order of pieces.
    pub fn reading(&self, pieces: &[PieceFacts], skipped: &[(u64, String)]) -> Reading {
        let sum = |count: fn(&PieceFacts) -> u64| pieces.iter().map(count).sum::<u64>();
        let first = skipped.iter().take(SKIPPED_SHOWN);
        let left_out = LeftOut {
            count: sum(|piece| piece.left_out),
            without_coordinates: sum(|piece| piece.without_coordinates),
            first: first.map(|(offset, problem)| (*offset as usize, problem.clone())).collect(),
        };
        let mut list = CityList::default();
        list.skip_to(sum(|piece| piece.source_rows));
        list.restart();
        let mut columns = self.layout.facts();
        columns.encoding = Some(Encoding::Utf8.name());
        Reading {
            list,
            skipped: left_out.in_lines(&self.text),
            columns,
            notes: self.layout.notes(),
        }
    }

    /// Where a piece begins if the bytes are dealt evenly.
    fn cut(&self, piece: usize, pieces: usize) -> usize {
        let first = self.layout.first;
        let bytes = (self.text.body.len() - first) as u128;
        first + (bytes * piece as u128 / pieces as u128) as usize
    }

    /// The first line that begins at a byte or behind it.
    fn line_from(&self, at: usize) -> usize {
        let body = self.text.body;
        if at == self.layout.first {
            return at;
        }
        (end_of_line(body, at - 1, b'\n') + 1).min(body.len())
    }
}

fn beginning_of(body: &[u8], bytes: usize) -> &[u8] {
    &body[..body.len().min(bytes)]
}

/// Looks at all bytes of a piece for what only the whole can tell.
struct Look<'c, 'a> {
    cut: &'c Cut<'a>,
    flags: u64,
    /// Where the bytes begin that were not looked at.
    end: usize,
}

impl Look<'_, '_> {
    fn has(&self, flags: u64) -> bool {
        self.flags & flags != 0
    }

    /// Looks at lines.
    fn at(&mut self, stretch: &Stretch) {
        self.at_encoding(stretch.has_zeros, stretch.end);
        if stretch.has_marks {
            self.flags |= MARKS;
            self.at_marks(stretch);
        }
    }

    /// Looks at the rest of a record that ends behind its stretch, or at what stands above the rows.
    fn at_bytes_until(&mut self, end: usize) {
        if end > self.end {
            let bytes = &self.cut.text.body[self.end..end];
            self.at_encoding(bytes.contains(&0), end);
        }
    }

    /// Looks at the lines up to `end` that are not read because one before them is refused.
    fn at_rest(&mut self, end: usize) {
        while self.end < end && !self.has(WHOLE) {
            let stretch = Stretch::of(self.cut.text.body, self.end, end, b'\n');
            self.at(&stretch);
        }
    }

    fn at_encoding(&mut self, has_zeros: bool, end: usize) {
        let bytes = &self.cut.text.body[self.end..end];
        let is_utf8 = || self.cut.takes_any_bytes || std::str::from_utf8(bytes).is_ok();
        if has_zeros || !is_utf8() {
            self.flags |= WHOLE;
        }
        self.end = end;
    }

    /// Finds the first record that would be no line if quotation marks quoted. Up to there, lines are
    /// records.
    fn at_marks(&mut self, stretch: &Stretch) {
        let Some(quoting) = self.cut.quoting.as_ref().filter(|_| !self.has(LETTERS | SPANS)) else {
            return;
        };
        let body = self.cut.text.body;
        let mut at = stretch.start;
        while let Some(mark) = memchr::memchr(b'"', &body[at..stretch.end]) {
            let line = memchr::memrchr(b'\n', &body[at..at + mark]).map_or(at, |end| at + end + 1);
            match quoting.dialect.record(body, line) {
                Err(_) => self.flags |= LETTERS,
                Ok(record) if quoting.dialect.spans_lines(body, record) => {
                    self.flags |= if self.is_row(quoting, record) { SPANS } else { LETTERS };
                }
                Ok(record) => {
                    at = record.next;
                    continue;
                }
            }
            return;
        }
    }

    /// Whether a record is a row under a layout. If not, the reading under that layout has a fault.
    fn is_row(&self, layout: &Layout, record: Record) -> bool {
        let text = &self.cut.text;
        let mut rows = Rows::new(text, false, Sink::Count);
        read_record(text, layout, record, &mut Vec::new(), &mut rows).is_ok()
    }
}
