//! The walk over the elements of an XML text, from its beginning to its end.
//!
//! The walk gives an error for everything that is not well-formed and could hide a city: an element
//! that is not closed or closed by another, a second root, text outside the root, `<` in a tag (a
//! quotation mark is missing, and the tags behind it would be an attribute), `--` in a comment (the
//! same with a comment), `&` without a meaning. It is laxer than XML where that hides nothing: names
//! may have odd characters, and attributes that nobody asks for may be broken or stand twice.
//!
//! Depth is a number and not a stack of our own. quick-xml keeps the names of the open elements, of
//! which there are at most [`DEPTH_MOST`].

use std::borrow::Cow;

use quick_xml::errors::Error as XmlError;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::reader::Reader;

use super::super::convert::{self, Source};
use super::super::text::Text;
use super::tag::Tag;
use super::{faults, reference};
use crate::angle::shown;
use crate::error::{Error, Result};

/// How many elements may be open at once. Folders of KML are the deepest in real files, some ten.
const DEPTH_MOST: usize = 1000;

/// A piece of XML.
pub enum Piece<'a> {
    /// An element begins.
    Open(Tag<'a>),
    /// Text, CDATA, or what a reference stands for.
    Text(Cow<'a, str>),
    /// The element at this depth ends; the root's is 1.
    Close(usize),
    /// The text ends, and everything is closed.
    End,
}

/// Where the walk is.
pub struct Walker<'a> {
    text: &'a Text<'a>,
    reader: Reader<&'a [u8]>,
    /// How many elements are open.
    depth: usize,
    has_root: bool,
    /// Whether the element that was opened last is of the kind `<a/>`, which ends at once.
    ends_at_once: bool,
    /// What a reader should doubt.
    pub note: Option<String>,
}

impl<'a> Walker<'a> {
    pub fn new(text: &'a Text<'a>) -> Walker<'a> {
        let mut reader = Reader::from_reader(text.body);
        reader.config_mut().check_comments = true;
        Walker { text, reader, depth: 0, has_root: false, ends_at_once: false, note: None }
    }

    /// The file, for commands that convert it.
    pub fn source(&self) -> Source<'a> {
        self.text.source()
    }

    /// Whether the text has these bytes anywhere.
    pub fn contains(&self, bytes: &[u8]) -> bool {
        memchr::memmem::find(self.text.body, bytes).is_some()
    }

    /// An error at the line that holds the byte at `offset`.
    pub fn error_at(&self, offset: usize, problem: impl Into<String>) -> Error {
        self.text.error_at(offset.min(self.text.body.len()), problem)
    }

    /// The next piece.
    pub fn next(&mut self) -> Result<Piece<'a>> {
        if std::mem::take(&mut self.ends_at_once) {
            return Ok(self.close());
        }
        loop {
            let offset = self.reader.buffer_position() as usize;
            let piece = match self.reader.read_event() {
                Ok(Event::Start(start)) => return self.open(start, offset),
                Ok(Event::Empty(start)) => {
                    self.ends_at_once = true;
                    return self.open(start, offset);
                }
                Ok(Event::End(_)) => return Ok(self.close()),
                Ok(Event::Text(piece)) => piece.xml10_content(),
                Ok(Event::CData(piece)) => piece.xml10_content(),
                Ok(Event::GeneralRef(name)) => reference::resolve(&name.into_inner())
                    .map_err(|problem| self.error_at(offset, problem))?,
                Ok(Event::Comment(_) | Event::PI(_)) => continue,
                Ok(Event::Decl(declaration)) => {
                    self.take_declaration(&declaration, offset)?;
                    continue;
                }
                Ok(Event::DocType(doctype)) => {
                    self.require_before_root("a document type", offset)?;
                    reference::require_no_declarations(&doctype.into_inner())
                        .map_err(|problem| self.error_at(offset, problem))?;
                    continue;
                }
                Ok(Event::Eof) => return self.end(),
                Err(error) => return Err(self.refusal(error, offset)),
            };
            if self.depth > 0 {
                return Ok(Piece::Text(piece));
            }
            self.require_blank(&piece, offset)?;
        }
    }

    /// Walks on to the end of the element at `depth`, which is open.
    pub fn skip(&mut self, depth: usize) -> Result<()> {
        while self.depth >= depth {
            self.next()?;
        }
        Ok(())
    }

    fn open(&mut self, start: BytesStart<'a>, offset: usize) -> Result<Piece<'a>> {
        if self.depth == 0 && self.has_root {
            let problem = "expected the end of the text behind the root element, found another root; \
                           split the file, one root each";
            return Err(self.error_at(offset, problem));
        }
        if self.depth == DEPTH_MOST {
            let problem = format!(
                "expected at most {DEPTH_MOST} elements inside each other, found more; correct the file"
            );
            return Err(self.error_at(offset, problem));
        }
        faults::require_well_formed(&start).map_err(|problem| self.error_at(offset, problem))?;
        self.depth += 1;
        self.has_root = true;
        Ok(Piece::Open(Tag { start, depth: self.depth, offset }))
    }

    fn close(&mut self) -> Piece<'a> {
        // quick-xml refuses an end without a beginning.
        self.depth -= 1;
        Piece::Close(self.depth + 1)
    }

    fn end(&self) -> Result<Piece<'a>> {
        if self.depth == 0 && self.has_root {
            return Ok(Piece::End);
        }
        let problem = format!(
            "expected the end of every element, found the end of the text inside {} of them: the XML is \
             cut short; fetch or write the file again",
            self.depth
        );
        Err(self.error_at(self.text.body.len(), problem))
    }

    fn require_blank(&self, piece: &str, offset: usize) -> Result<()> {
        if piece.trim_ascii().is_empty() {
            return Ok(());
        }
        let found = shown(piece.trim_ascii().as_bytes());
        let problem =
            format!("expected no text outside the root element, found {found}; delete it");
        Err(self.error_at(offset, problem))
    }

    fn require_before_root(&self, what: &str, offset: usize) -> Result<()> {
        if !self.has_root {
            return Ok(());
        }
        let problem = format!(
            "expected {what} above the root element alone, found one below; split the file, one root each"
        );
        Err(self.error_at(offset, problem))
    }

    #[cold]
    fn refusal(&self, error: XmlError, offset: usize) -> Error {
        // A tag that is not closed is at fault where it begins, which quick-xml keeps for these two.
        let at = match error {
            XmlError::Syntax(_) | XmlError::IllFormed(_) => self.reader.error_position() as usize,
            _ => offset,
        };
        self.error_at(at, faults::problem(error))
    }

    /// The text is decoded when it comes here, and not by what the declaration says: many programs
    /// write UTF-8 below any declaration. Names are at stake, never numbers.
    fn take_declaration(&mut self, declaration: &BytesDecl<'_>, offset: usize) -> Result<()> {
        self.require_before_root("the XML declaration", offset)?;
        let Some(Ok(encoding)) = declaration.encoding() else {
            return Ok(());
        };
        let known = ["utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "windows-1252"];
        let is_known = known.iter().any(|name| encoding.eq_ignore_ascii_case(name));
        if !is_known && !self.text.body.is_ascii() {
            self.note = Some(format!(
                "the XML declares the encoding {}, which is not decoded: if names look wrong, convert it: {}",
                shown(encoding.as_bytes()),
                self.source().packed(convert::ENCODED)
            ));
        }
        Ok(())
    }
}
