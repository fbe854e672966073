//! Texts that are no list of places: a stand-in, a web page, TSPLIB.

/// How far a form is looked for.
const HEAD_BYTES: usize = 1 << 16;

/// The beginning of a text, without a mark.
fn head(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    &bytes[..bytes.len().min(HEAD_BYTES)]
}

/// Git LFS leaves such a text where it did not fetch the file.
pub(super) fn is_lfs_pointer(bytes: &[u8]) -> bool {
    head(bytes).starts_with(b"version https://git-lfs")
}

/// Whether the first tag is one of HTML, behind comments and a declaration of XML.
pub(super) fn is_web_page(bytes: &[u8]) -> bool {
    const TAGS: [&[u8]; 6] = [b"!doctype html", b"html", b"head", b"body", b"script", b"meta"];
    let Some(tag) = first_tag(head(bytes)) else { return false };
    TAGS.iter().any(|name| {
        let behind = tag.get(name.len()).copied().unwrap_or(b'>');
        tag.len() >= name.len()
            && tag[..name.len()].eq_ignore_ascii_case(name)
            && (behind.is_ascii_whitespace() || b">/".contains(&behind))
    })
}

/// What stands in the first angle bracket that is no comment and no declaration.
fn first_tag(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text.trim_ascii_start();
    loop {
        let tag = rest.strip_prefix(b"<")?;
        let end: &[u8] = match tag {
            [b'!', b'-', b'-', ..] => b"-->",
            [b'?', ..] => b"?>",
            _ => return Some(tag),
        };
        let at = memchr::memmem::find(rest, end)?;
        rest = rest[at + end.len()..].trim_ascii_start();
    }
}

/// Whether this is a problem of TSPLIB: keywords with colons, and then a section of numbers.
pub(super) fn is_tsplib(bytes: &[u8]) -> bool {
    const SECTIONS: [&[u8]; 3] =
        [b"NODE_COORD_SECTION", b"EDGE_WEIGHT_SECTION", b"DISPLAY_DATA_SECTION"];
    const KEYWORDS: [&str; 5] = ["NAME", "TYPE", "COMMENT", "DIMENSION", "EDGE_WEIGHT_TYPE"];
    let text = head(bytes);
    if !SECTIONS.iter().any(|section| memchr::memmem::find(text, section).is_some()) {
        return false;
    }
    let is_section = |line: &&[u8]| SECTIONS.iter().any(|section| line.starts_with(section));
    let is_keyword = |line: &[u8]| KEYWORDS.iter().any(|word| value(line, word).is_some());
    let mut lines = lines(text);
    let mut keywords =
        lines.by_ref().take_while(|line| !is_section(line)).filter(|line| is_keyword(line));
    keywords.by_ref().count() > 0
}

/// Whether it is one whose places are on the globe.
pub(super) fn is_tsplib_geo(bytes: &[u8]) -> bool {
    let mut types = lines(head(bytes)).filter_map(|line| value(line, "EDGE_WEIGHT_TYPE"));
    is_tsplib(bytes) && types.any(|kind| kind == b"GEO")
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n' || byte == b'\r').map(<[u8]>::trim_ascii)
}

/// The value of a line `KEYWORD : value`.
fn value<'a>(line: &'a [u8], keyword: &str) -> Option<&'a [u8]> {
    let behind = line.strip_prefix(keyword.as_bytes())?.trim_ascii_start();
    Some(behind.strip_prefix(b":")?.trim_ascii())
}
