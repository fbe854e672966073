//! What is wrong with a text that is no well-formed XML, in the shape of our errors.
//!
//! Names that stand in the file are shown escaped; quick-xml would print them as they are.

use quick_xml::errors::{Error as XmlError, IllFormedError};
use quick_xml::events::BytesStart;

use super::{reference, tag_shown};

const FETCH: &str = "fetch or write the file again";

/// What was expected, what was found, what to do.
pub fn problem(error: XmlError) -> String {
    match error {
        XmlError::Syntax(fault) => {
            format!("expected well-formed XML, found it cut short or broken ({fault}); {FETCH}")
        }
        XmlError::IllFormed(fault) => ill_formed_problem(fault),
        XmlError::Encoding(fault) => format!(
            "expected UTF-8, found other bytes ({fault}); leave --encoding out, or say --encoding \
             windows-1252"
        ),
        other => format!("expected well-formed XML, found a fault ({other}); {FETCH}"),
    }
}

fn ill_formed_problem(fault: IllFormedError) -> String {
    match fault {
        IllFormedError::MismatchedEndTag { expected, found } => {
            let (expected, found) = (tag_shown(&expected), tag_shown(&found));
            format!("expected the end tag </{expected}>, found </{found}>; correct the tags, or {FETCH}")
        }
        IllFormedError::UnmatchedEndTag(found) => {
            let found = tag_shown(&found);
            format!("expected no end tag here, found </{found}>; correct the tags, or {FETCH}")
        }
        IllFormedError::UnclosedReference => reference::without_end(),
        IllFormedError::DoubleHyphenInComment => {
            "expected a comment without --, found one with it (was an earlier --> forgotten?); delete \
             the comment"
                .to_string()
        }
        other => format!("expected well-formed XML, found: {other}; {FETCH}"),
    }
}

/// Refuses tags that swallow others, and references that mean nothing.
///
/// # Errors
/// What was expected, what was found, what to do.
pub fn require_well_formed(start: &BytesStart<'_>) -> Result<(), String> {
    let name = start.name().into_inner();
    let begins = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte == b':';
    let goes_on = |byte: u8| begins(byte) || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    let is_name = name.bytes().next().is_some_and(|first| begins(first) || !first.is_ascii())
        && name.bytes().all(|byte| goes_on(byte) || !byte.is_ascii());
    if !is_name {
        let found = tag_shown(name);
        return Err(format!(
            "expected the name of an element behind <, found <{found}; write &lt; for the character, \
             or correct the tag"
        ));
    }
    let attributes = start.attributes_raw();
    if memchr::memchr(b'<', attributes.as_bytes()).is_some() {
        let name = tag_shown(name);
        return Err(format!(
            "expected the end of the tag <{name} …>, found another < inside it; close its quotation \
             marks, or write &lt; for the character"
        ));
    }
    reference::resolve_all(attributes).map(|_| ())
}
