//! References such as `&amp;` and `&#233;`, and the refusal of all that could grow or fetch.
//!
//! An entity is a text that the file declares, or that lies in another file. A few lines of entities
//! that name each other grow to gigabytes ("billion laughs"), and others read files of this machine.
//! Lists of points have no use for them, so they are neither expanded nor fetched but refused, as is
//! the list of declarations that makes them.

use std::borrow::Cow;

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::BytesRef;

use crate::angle::shown;

/// The text that a reference stands for; `name` is what stands between `&` and `;`.
///
/// # Errors
/// What was expected, what was found, what to do.
pub fn resolve(name: &str) -> Result<Cow<'static, str>, String> {
    if let Some(predefined) = resolve_xml_entity(name) {
        return Ok(Cow::Borrowed(predefined));
    }
    let written = shown(format!("&{name};").as_bytes());
    match BytesRef::new(name).resolve_char_ref() {
        Ok(Some(character)) => Ok(Cow::Owned(character.to_string())),
        Ok(None) => Err(format!(
            "expected one of &amp; &lt; &gt; &quot; &apos; or the number of a character, found the \
             entity {written}, which is neither expanded nor fetched; write its text instead"
        )),
        Err(_) => Err(format!(
            "expected the number of a character between &# and ;, found {written}; write the \
             character itself"
        )),
    }
}

/// The value of an attribute, or the inside of a tag, with its references resolved.
///
/// # Errors
/// What was expected, what was found, what to do.
pub fn resolve_all(raw: &str) -> Result<Cow<'_, str>, String> {
    let Some(first) = memchr::memchr(b'&', raw.as_bytes()) else {
        return Ok(Cow::Borrowed(raw));
    };
    let (mut text, mut rest) = (raw[..first].to_string(), &raw[first..]);
    while let Some(behind) = rest.strip_prefix('&') {
        let Some(end) = memchr::memchr3(b';', b'&', b'<', behind.as_bytes()) else {
            return Err(without_end());
        };
        let Some(after) = behind[end..].strip_prefix(';') else {
            return Err(without_end());
        };
        text.push_str(&resolve(&behind[..end])?);
        let plain = memchr::memchr(b'&', after.as_bytes()).unwrap_or(after.len());
        text.push_str(&after[..plain]);
        rest = &after[plain..];
    }
    Ok(Cow::Owned(text))
}

/// What is wrong with an `&` that begins no reference.
pub fn without_end() -> String {
    "expected a reference that ends in a semicolon, found a bare &; write &amp; for the character, or \
     fetch the file again if it is cut short"
        .to_string()
}

/// Refuses a document type that declares anything. One that only gives a name or an address changes
/// nothing, for the address is never fetched.
///
/// # Errors
/// What was expected, what was found, what to do.
pub fn require_no_declarations(doctype: &str) -> Result<(), String> {
    // Both are single bytes of ASCII, so a quoted address that holds them is refused too: harmless.
    if memchr::memchr2(b'[', b'<', doctype.as_bytes()).is_none() {
        return Ok(());
    }
    Err("expected XML without declarations, found <!DOCTYPE … [ … ]>, which can declare entities; \
         they are neither expanded nor fetched; delete the declarations"
        .to_string())
}
