//! Bytes in, cities out, whatever form the list has.
//!
//! What is compressed is unpacked first, what is not UTF-8 is decoded, and then the first form of
//! `FORMS` whose `sniff` knows the text reads it. A form looks at the content alone: extensions
//! lie, and a pipe of tools loses them. Forms that are not read are known by their first bytes
//! (`foreign`) and refused by name, with the command that converts them.
//!
//! A row that is no city is refused with its line. `skip_invalid` leaves such rows out instead;
//! rows that say that they have no place are left out always. Either way they are counted and the
//! first few are shown, so that nothing vanishes in silence.
//!
//! A new form is one file, with a `Form` in it, and one line of `FORMS`.
//!
//! Architecture Invariant: a form knows nothing of maps, packed files, ranks or other forms: text
//! and options come in, a [`Reading`] goes out.

mod buffer;
mod convert;
mod cut;
mod delimited;
mod encoding;
mod foreign;
mod geojson;
mod gpx;
mod json;
mod kml;
mod options;
mod reading;
mod records;
mod rows;
mod shell;
mod text;
mod unpack;
mod xml;

use std::path::Path;

use crate::error::{Error, Result};

pub use delimited::{Cut, Piece, PieceFacts, Verdict};
pub use encoding::Encoding;
pub use options::{Flag, Layer, ReadOptions, most_bytes};
pub use reading::{ColumnFact, ColumnFacts, Reading, Skipped};
pub use rows::{Mention, Taker};

use rows::{Mentions, Sink};
use text::Text;
use unpack::Compression;

/// A form of a city list.
struct Form {
    /// Its name, as reports have it.
    name: &'static str,
    /// The options that it obeys; others are refused.
    obeys: &'static [Flag],
    /// Whether the text is of this form, as its first characters tell.
    sniff: fn(&Text<'_>) -> bool,
    /// Reads all of it; the cities go to the sink.
    read: fn(&Text<'_>, &ReadOptions, Sink<'_>) -> Result<Reading>,
}

/// All forms that are read, in the order in which they are tried. The last takes what is left.
const FORMS: [Form; 6] =
    [gpx::FORM, kml::FORM, xml::OTHER, geojson::FORM, records::FORM, delimited::FORM];

/// Reads the cities of a list in any form. `path` is for the messages alone.
///
/// # Errors
/// [`Error::Line`] for the first line that is no city (unless such rows are to be skipped), and for
/// columns that are missing or could be read two ways; [`Error::Data`] for bytes that are no city
/// list; [`Error::Usage`] for options that the form cannot obey.
pub fn read(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Reading> {
    read_to(path, bytes, options, Sink::Keep)
}

/// As [`read`], but gives the cities to `take` in batches of some thousand and keeps none: the list of
/// the reading is empty, and counts the rows. Behind an error, what was given is void.
///
/// # Errors
/// As [`read`], and what `take` returns.
pub fn read_into(
    path: &Path,
    bytes: &[u8],
    options: &ReadOptions,
    take: &mut Taker<'_>,
) -> Result<Reading> {
    read_to(path, bytes, options, Sink::Give(take))
}

/// Where some cities stand in a list, by their rows: their lines, and what the column of names has of them.
///
/// # Errors
/// As [`read`].
pub fn mentions(
    path: &Path,
    bytes: &[u8],
    options: &ReadOptions,
    rows: Vec<u64>,
) -> Result<Vec<Mention>> {
    let mut mentions = Mentions::of(rows);
    read_to(path, bytes, options, Sink::Find(&mut mentions))?;
    Ok(mentions.into_found())
}

fn read_to(path: &Path, bytes: &[u8], options: &ReadOptions, sink: Sink<'_>) -> Result<Reading> {
    foreign::refuse(path, bytes, None)?;
    let unpacked = unpack::unpack(path, bytes, options.room_bytes)?;
    let compression = unpacked.compression;
    if compression.is_some() {
        foreign::refuse(path, &unpacked.bytes, compression)?;
    }
    let decoded = encoding::decode(path, unpacked.bytes, options.encoding)?;
    let text = Text { compression, ..Text::new(path, &decoded.body) };
    let form = FORMS.iter().find(|form| (form.sniff)(&text)).expect("the last takes all");
    options.require_obeyed(path, form.name, form.obeys)?;
    let is_guessed = decoded.note.is_some();
    let mut reading = (form.read)(&text, options, sink)
        .map_err(|error| if is_guessed { with_encoding(error) } else { error })?;
    if reading.columns.form.is_empty() {
        reading.columns.form = form.name;
    }
    reading.columns.encoding = Some(decoded.encoding.name());
    reading.columns.compression = compression.map(Compression::name);
    reading.notes.splice(0..0, decoded.note);
    Ok(reading)
}

/// The error of a text whose encoding was guessed, with a word on that.
fn with_encoding(error: Error) -> Error {
    match error {
        Error::Line { file, line, problem } => {
            let guess = "the text is not UTF-8 and was read as Windows-1252; if that is wrong, convert it with \
                         iconv -f ENCODING -t UTF-8";
            Error::Line { file, line, problem: format!("{problem} ({guess})") }
        }
        error => error,
    }
}

/// Whether bytes are compressed in a way that [`read`] unpacks, which takes memory for all of them.
pub fn is_compressed(bytes: &[u8]) -> bool {
    unpack::is_compressed(bytes)
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
