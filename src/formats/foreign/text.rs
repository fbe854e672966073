//! Texts that are no list of places: a stand-in, a web page, a raster, TSPLIB and others.

/// How far a form is looked for.
const HEAD_BYTES: usize = 1 << 16;

/// The beginning of a text, without a mark.
fn head(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    &bytes[..bytes.len().min(HEAD_BYTES)]
}

/// Git LFS leaves such a text where it did not fetch the file; it had two other names before.
pub(super) fn is_lfs_pointer(bytes: &[u8]) -> bool {
    const SPECIFICATIONS: [&[u8]; 3] =
        [b"https://git-lfs", b"https://hawser.github.com/spec/", b"http://git-media.io/v/"];
    let Some(address) = head(bytes).strip_prefix(b"version ") else { return false };
    SPECIFICATIONS.iter().any(|specification| address.starts_with(specification))
}

/// git-annex leaves the path of the file in its store: from the root of the repository, or from the
/// folder of the file where it could make no link.
pub(super) fn is_annex_pointer(bytes: &[u8]) -> bool {
    let line = lines(head(bytes)).next().unwrap_or_default();
    let is_link =
        line.starts_with(b".") && memchr::memmem::find(line, b".git/annex/objects/").is_some();
    line.starts_with(b"/annex/objects/") || is_link
}

/// A reference system as text, which is one item in brackets.
pub(super) fn is_prj(bytes: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 7] = [
        b"GEOGCS[",
        b"PROJCS[",
        b"COMPD_CS[",
        b"LOCAL_CS[",
        b"GEOGCRS[",
        b"PROJCRS[",
        b"COMPOUNDCRS[",
    ];
    let text = head(bytes).trim_ascii();
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning)) && text.ends_with(b"]")
}

/// The name of an encoding and nothing else.
pub(super) fn is_cpg(bytes: &[u8]) -> bool {
    const NAMES: [&[u8]; 10] = [
        b"utf-8",
        b"utf8",
        b"65001",
        b"iso-8859-1",
        b"iso 8859-1",
        b"88591",
        b"1252",
        b"cp1252",
        b"ansi 1252",
        b"windows-1252",
    ];
    NAMES.iter().any(|name| head(bytes).trim_ascii().eq_ignore_ascii_case(name))
}

/// Numbers in rows, above which these two words stand with their values.
pub(super) fn is_esri_grid(bytes: &[u8]) -> bool {
    let mut lines = lines(head(bytes)).filter(|line| !line.is_empty());
    ["ncols", "nrows"].iter().all(|word| {
        let mut words = lines.next().unwrap_or_default().split(u8::is_ascii_whitespace);
        words.next().is_some_and(|first| first.eq_ignore_ascii_case(word.as_bytes()))
            && words.next_back().is_some_and(|count| count.iter().all(u8::is_ascii_digit))
    })
}

/// The name in a line of its own, and the format in the next.
pub(super) fn is_ply(bytes: &[u8]) -> bool {
    let text = head(bytes);
    text.starts_with(b"ply\nformat ") || text.starts_with(b"ply\r\nformat ")
}

/// Whether the first line is a sentence of a receiver: `$` or `!`, who speaks and of what in five
/// capital letters, and fields with the sum of the bytes behind them. A header `$PRICE,lat` has none.
pub(super) fn is_nmea(bytes: &[u8]) -> bool {
    let first = lines(head(bytes)).find(|line| !line.is_empty());
    let Some([b'$' | b'!', sentence @ ..]) = first else { return false };
    let Some((talker, fields)) = sentence.split_first_chunk::<5>() else { return false };
    let has_sum = matches!(fields, [b',', .., b'*', high, low]
        if high.is_ascii_hexdigit() && low.is_ascii_hexdigit());
    talker.iter().all(u8::is_ascii_uppercase) && has_sum
}

/// Whether one short line is all, and it is the status of a failed request or the words for it.
pub(super) fn is_server_error(bytes: &[u8]) -> bool {
    const WORDS: [&[u8]; 8] = [
        b"not found",
        b"page not found",
        b"file not found",
        b"forbidden",
        b"access denied",
        b"unauthorized",
        b"bad request",
        b"internal server error",
    ];
    let line = head(bytes).trim_ascii();
    if line.len() > 80 || line.contains(&b'\n') {
        return false;
    }
    let words = match line {
        [b'4' | b'5', b'0'..=b'9', b'0'..=b'9', b':' | b' ', words @ ..] => words.trim_ascii(),
        words => return WORDS.iter().any(|error| is_phrase(words, error)),
    };
    let is_word = |byte: &u8| byte.is_ascii_alphabetic() || b" .-!'".contains(byte);
    words.first().is_some_and(u8::is_ascii_alphabetic) && words.iter().all(is_word)
}

/// Whether these are the words, with or without a point behind.
fn is_phrase(text: &[u8], words: &[u8]) -> bool {
    text.strip_suffix(b".").unwrap_or(text).eq_ignore_ascii_case(words)
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
    lines(text).take_while(|line| !is_section(line)).any(is_keyword)
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
