//! The names in a zip archive, by which a spreadsheet is told from a list that was compressed.
//!
//! They stand in the directory at the end of the file. An archive without one was cut short.

use crate::formats::shell;

/// The member that all new Office documents have.
pub(super) const OFFICE: &[u8] = b"[Content_Types].xml";

/// What an OpenDocument spreadsheet has behind the 30 bytes of its first header: the name of its
/// first member, and all of it.
pub(super) const ODS: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";

/// What the record at the end begins with.
const END: &[u8] = b"PK\x05\x06";

/// Lists have these extensions.
const LISTS: [&[u8]; 9] =
    [b".csv", b".tsv", b".txt", b".kml", b".gpx", b".json", b".geojson", b".geojsonl", b".tab"];

/// Whether bytes are an archive: a member, none, or the first part of several files.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].into_iter().any(|magic| bytes.starts_with(magic))
}

/// Whether the record at the end is missing, which tells where the directory is.
pub(super) fn is_cut(bytes: &[u8]) -> bool {
    is_zip(bytes) && end_record(bytes).is_none()
}

/// Whether the record at the end is all that there is.
pub(super) fn is_empty(bytes: &[u8]) -> bool {
    bytes.starts_with(END)
}

pub(super) fn is_xlsb(name: &[u8]) -> bool {
    name == b"xl/workbook.bin"
}

pub(super) fn is_sheet(name: &[u8]) -> bool {
    name.starts_with(b"xl/")
}

pub(super) fn is_kml(name: &[u8]) -> bool {
    name.to_ascii_lowercase().ends_with(b".kml")
}

pub(super) fn is_shapefile(name: &[u8]) -> bool {
    name.to_ascii_lowercase().ends_with(b".shp")
}

/// Whether a member has a name of some kind.
pub(super) fn has(bytes: &[u8], is_it: impl Fn(&[u8]) -> bool) -> bool {
    is_zip(bytes) && names(bytes).into_iter().any(is_it)
}

/// The member that is most likely the list, as a word of a shell; `MEMBER` if none is.
pub(super) fn list(bytes: &[u8]) -> String {
    let is_list = |name: &&[u8]| {
        let name = name.to_ascii_lowercase();
        LISTS.iter().any(|end| name.ends_with(end)) && !name.starts_with(b"__macosx/")
    };
    let name = names(bytes).into_iter().find(is_list);
    name.and_then(plain_word).unwrap_or_else(|| "MEMBER".into())
}

/// What leads to the first shapefile of an archive, behind the archive's name and as a word of a
/// shell. GDAL finds one that stands alone and in no folder, and so there it is nothing.
pub(super) fn shapefile_inside(bytes: &[u8]) -> String {
    let is_own = |name: &&[u8]| is_shapefile(name) && !name.starts_with(b"__MACOSX/");
    let names: Vec<&[u8]> = names(bytes).into_iter().filter(is_own).collect();
    match names[..] {
        [name] if !name.contains(&b'/') => String::new(),
        [name, ..] => plain_word(name).map_or_else(|| "/MEMBER".into(), |word| format!("/{word}")),
        [] => String::new(),
    }
}

/// A name as a word of a shell; `None` where it has what a tool or a terminal takes for more.
fn plain_word(name: &[u8]) -> Option<String> {
    // unzip takes some characters for patterns, and a terminal obeys others.
    let is_plain = |c: char| c.is_alphanumeric() || " ._-/()+,&'".contains(c);
    let name = str::from_utf8(name).ok()?;
    let is_plain = name.chars().all(is_plain) && !name.starts_with('-');
    is_plain.then(|| shell::word(name.as_ref()))
}

/// The names in the directory; of one that is in no usual place, that of the first member.
fn names(bytes: &[u8]) -> Vec<&[u8]> {
    match directory(bytes) {
        Some(directory) => names_in(directory),
        None => first_name(bytes).into_iter().collect(),
    }
}

/// The record at the end, which is before a comment of any length.
fn end_record(bytes: &[u8]) -> Option<&[u8]> {
    const RECORD_BYTES: usize = 22;
    let tail = &bytes[bytes.len().saturating_sub(RECORD_BYTES + usize::from(u16::MAX))..];
    let record = &tail[memchr::memmem::rfind(tail, END)?..];
    (record.len() >= RECORD_BYTES).then_some(record)
}

fn directory(bytes: &[u8]) -> Option<&[u8]> {
    let record = end_record(bytes)?;
    let offset = u32::from_le_bytes(*record.get(16..)?.first_chunk()?);
    let directory = bytes.get(offset as usize..)?;
    directory.starts_with(b"PK\x01\x02").then_some(directory)
}

fn names_in(mut directory: &[u8]) -> Vec<&[u8]> {
    let mut names = Vec::new();
    while let Some((name, behind)) = entry(directory) {
        names.push(name);
        directory = behind;
    }
    names
}

/// The name of the first entry of a directory, and what follows the entry.
fn entry(directory: &[u8]) -> Option<(&[u8], &[u8])> {
    const HEAD_BYTES: usize = 46;
    if !directory.starts_with(b"PK\x01\x02") {
        return None;
    }
    let (name_bytes, extra_bytes) = (number(directory, 28)?, number(directory, 30)?);
    let comment_bytes = number(directory, 32)?;
    let name = directory.get(HEAD_BYTES..HEAD_BYTES + name_bytes)?;
    let behind = directory.get(HEAD_BYTES + name_bytes + extra_bytes + comment_bytes..)?;
    Some((name, behind))
}

/// The name in the header of the first member.
fn first_name(bytes: &[u8]) -> Option<&[u8]> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    bytes.get(30..30 + number(bytes, 26)?)
}

/// The number of two bytes at an offset.
fn number(bytes: &[u8], offset: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(*bytes.get(offset..)?.first_chunk()?)))
}
