//! Which files can be read in pieces.
//!
//! Architecture Invariant: it looks at the head of a file and at its last page alone, so that it costs the same for any size.

use std::path::Path;

use super::delimited::{self, Cut};
use super::text::Text;
use super::{FORMS, ReadOptions, encoding, foreign, unpack};
use crate::error::Result;

/// How much of the end of a file is looked at: a page.
const END_BYTES: usize = 4096;

impl<'a> Cut<'a> {
    /// Decides from the head of a file how it is read in pieces; `None` if it is to be read as a whole:
    /// because it is compressed, of another form than delimited text or in another encoding than UTF-8, or
    /// because only the whole tells what is in its columns, or what is wrong with it.
    ///
    /// # Errors
    /// [`crate::error::Error::Data`] for a form that is known and not read.
    pub fn of(path: &'a Path, bytes: &'a [u8], options: &ReadOptions) -> Result<Option<Cut<'a>>> {
        foreign::refuse(path, bytes, None)?;
        // Who reads the whole looks for zero bytes first. Of a file that was never written to its end, pieces may
        // hold nothing else, and hours go by until a reader comes to the end of such a line.
        let end = &bytes[bytes.len().saturating_sub(END_BYTES)..];
        if unpack::is_compressed(bytes) || end.contains(&0) {
            return Ok(None);
        }
        let Some(body) = encoding::as_utf8(bytes, options.encoding) else { return Ok(None) };
        let Some(head) = Cut::head_of(body) else { return Ok(None) };
        let head = Text::new(path, head);
        let form = FORMS.iter().find(|form| (form.sniff)(&head)).expect("the last takes all");
        let delimited = &delimited::FORM;
        let is_read = form.name == delimited.name
            && options.require_obeyed(path, delimited.name, delimited.obeys).is_ok();
        Ok(is_read.then(|| Cut::of_text(Text::new(path, body), options)).flatten())
    }
}
