//! What the forms of XML share: the name of the root, the walk over the elements, and the refusal of
//! XML that is no list of points.
//!
//! Text comes in, the pieces of [`Walker`] go out, one after the other: no tree is built, so memory
//! does not grow with the file. quick-xml splits the text into tags; it checks less than the
//! specification of XML asks for, and the walker checks what could hide a city. Rejected: the crates
//! `gpx` and `kml`, which build trees and refuse blanks inside KML's coordinates.
//!
//! Names of elements are compared without their prefixes. To resolve namespaces would refuse files
//! that leave out the declaration, of which there are many, and tell nothing more about points.
//!
//! Architecture Invariant: it knows what XML is, but no element of any form, and no city.

mod faults;
mod gathered;
mod reference;
mod tag;
mod walker;

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use super::reading::Reading;
use super::rows::Sink;
use super::text::Text;
use super::{Flag, Form, ReadOptions, convert, foreign};
use crate::angle::shown;
use crate::error::Result;

pub(super) use gathered::Gathered;
pub(super) use tag::Tag;
pub(super) use walker::{Piece, Walker};

/// Where the root must begin and its start tag end. Licences stand in comments above it.
const SNIFFED_BYTES: usize = 64 << 10;

/// XML that is no list of points, refused with what converts it. It obeys every option, for a
/// complaint about an option would hide what is wrong.
pub(super) const OTHER: Form = Form {
    name: "XML",
    obeys: &[Flag::Place, Flag::Name, Flag::Delimiter, Flag::Layer],
    sniff: |text| looks_like_xml(text.start()),
    read: refuse,
};

/// Whether a text begins as XML does. What begins with `<5 km` does not.
fn looks_like_xml(start: &[u8]) -> bool {
    match start {
        [b'<'] => true,
        [b'<', b'?' | b'!' | b'_' | b':', ..] => true,
        [b'<', first, ..] => first.is_ascii_alphabetic() || !first.is_ascii(),
        _ => false,
    }
}

/// The name of the root element without its prefix, as the first bytes of the text tell.
pub(super) fn root_name(start: &[u8]) -> Option<String> {
    if !looks_like_xml(start) {
        return None;
    }
    let mut reader = Reader::from_reader(&start[..start.len().min(SNIFFED_BYTES)]);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                return Some(tag.local_name().into_inner().to_string());
            }
            Ok(Event::Text(text)) if text.trim_ascii().is_empty() => {}
            Ok(Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_)) => {}
            _ => return None,
        }
    }
}

fn refuse(text: &Text<'_>, _options: &ReadOptions, _sink: Sink<'_>) -> Result<Reading> {
    let start = text.start();
    let problem = match root_name(start) {
        Some(root) => {
            let (remedy, root) = (remedy(&root, text), tag_shown(&root));
            format!("expected GPX or KML, found XML with the root <{root}>{remedy}")
        }
        None => format!(
            "expected GPX or KML, found XML without a root element in its first {} KiB (is the file \
             cut short?); fetch or write the file again",
            SNIFFED_BYTES >> 10
        ),
    };
    Err(text.error_at(text.body.len() - start.len(), problem))
}

/// What XML with this root is, where that is known, and what makes a list of points of it.
fn remedy(root: &str, text: &Text<'_>) -> String {
    let packed = |line| text.source().packed(line);
    match root {
        "osm" => format!("; convert it: {}", packed(convert::OSM)),
        "TrainingCenterDatabase" => "; export it as GPX; GPSBabel makes GPX of it too".into(),
        "Workbook" | "document" if is_spreadsheet(text.start()) => {
            ", a spreadsheet; save it as CSV from the program that made it".into()
        }
        root if root.eq_ignore_ascii_case("html") => format!(", a web page; {}", foreign::WEB_PAGE),
        root if is_error(root) => format!("; {}", foreign::SERVER_ERROR),
        _ => format!(
            "; export it as CSV from the program that it comes from or, where GDAL reads it, convert it: {}",
            packed(convert::GDAL)
        ),
    }
}

/// Whether Excel's XML of 2003, or an OpenDocument file that is no archive, is one of a spreadsheet.
fn is_spreadsheet(start: &[u8]) -> bool {
    let head = &start[..start.len().min(SNIFFED_BYTES)];
    [&b"schemas-microsoft-com:office:spreadsheet"[..], b"vnd.oasis.opendocument.spreadsheet"]
        .iter()
        .any(|name| memchr::memmem::find(head, name).is_some())
}

/// Whether a server answers with this root where it has no file: a store of files, or a service of
/// maps.
fn is_error(root: &str) -> bool {
    const ROOTS: [&str; 6] =
        ["Error", "Errors", "Exception", "ExceptionReport", "ServiceExceptionReport", "Fault"];
    ROOTS.iter().any(|name| root.eq_ignore_ascii_case(name))
}

/// The name of an element as messages show it, between angle brackets or beside them.
pub(super) fn tag_shown(name: &str) -> String {
    shown(name.as_bytes()).trim_matches('"').to_string()
}
