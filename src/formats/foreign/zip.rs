//! The names in a zip archive, by which a spreadsheet is told from a list that was compressed.
//!
//! They stand in the directory at the end of the file. Of an archive without one, as it is
//! when it is cut short, the first name is known.

use crate::formats::shell;

/// The member that all new Office documents have.
pub(super) const OFFICE: &[u8] = b"[Content_Types].xml";

/// What an OpenDocument spreadsheet has behind the 30 bytes of its first header: the name of its
/// first member, and all of it.
pub(super) const ODS: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";

/// Lists have these extensions.
const LISTS: [&[u8]; 9] =
    [b".csv", b".tsv", b".txt", b".kml", b".gpx", b".json", b".geojson", b".geojsonl", b".tab"];

/// Whether bytes are an archive: a member, none, or the first part of several files.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].into_iter().any(|magic| bytes.starts_with(magic))
}

/// Whether a member has a name of some kind.
pub(super) fn has(bytes: &[u8], is_it: impl Fn(&[u8]) -> bool) -> bool {
    is_zip(bytes) && names(bytes).into_iter().any(is_it)
}

/// The member that is most likely the list, as a word of a shell; `MEMBER` if none is.
pub(super) fn list(bytes: &[u8]) -> String {
    let names = if is_zip(bytes) { names(bytes) } else { Vec::new() };
    let is_list = |name: &&[u8]| {
        let name = name.to_ascii_lowercase();
        LISTS.iter().any(|end| name.ends_with(end)) && !name.starts_with(b"__macosx/")
    };
    let name = names.iter().copied().find(is_list);
    // unzip takes some characters for patterns, and a terminal obeys others.
    let is_plain = |c: char| c.is_alphanumeric() || " ._-/()+,&'".contains(c);
    match name.map(std::str::from_utf8) {
        Some(Ok(name)) if name.chars().all(is_plain) && !name.starts_with('-') => {
            shell::word(name.as_ref())
        }
        _ => "MEMBER".into(),
    }
}

fn names(bytes: &[u8]) -> Vec<&[u8]> {
    match directory(bytes) {
        Some(directory) => names_in(directory),
        None => first_name(bytes).into_iter().collect(),
    }
}

/// The directory: its place stands in a record at the end, before a comment of any length.
fn directory(bytes: &[u8]) -> Option<&[u8]> {
    const RECORD_BYTES: usize = 22;
    let tail = &bytes[bytes.len().saturating_sub(RECORD_BYTES + usize::from(u16::MAX))..];
    let record = tail.get(memchr::memmem::rfind(tail, b"PK\x05\x06")?..)?;
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
