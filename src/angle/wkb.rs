//! Binary geometry in hexadecimal (WKB, and PostGIS's EWKB): known by its beginning, and not read.
//!
//! Who has it can have text from the same database, and a reader of it would be one more way to take
//! bytes for what they are not.

/// Whether a trimmed text is WKB in hexadecimal: the order of its bytes, then a type of geometry.
pub(super) fn is_wkb(text: &[u8]) -> bool {
    let digits = match text {
        [b'\\' | b'0', b'x' | b'X', rest @ ..] => rest,
        _ => text,
    };
    let byte = |at: usize| {
        let digits = std::str::from_utf8(digits.get(2 * at..2 * at + 2)?).ok()?;
        u8::from_str_radix(digits, 16).ok()
    };
    let type_bytes = [byte(1), byte(2), byte(3), byte(4)];
    let [Some(a), Some(b), Some(c), Some(d)] = type_bytes else { return false };
    let code = match byte(0) {
        Some(0) => u32::from_be_bytes([a, b, c, d]),
        Some(1) => u32::from_le_bytes([a, b, c, d]),
        _ => return false,
    };
    // PostGIS marks Z, M and a reference system in the three highest bits, ISO adds thousands.
    let code = code & 0x1fff_ffff;
    let has_type = (1..=17).contains(&(code % 1000)) && code / 1000 <= 3;
    // An empty collection, the shortest geometry of all, has nine bytes.
    has_type
        && digits.len() >= 18
        && digits.len() % 2 == 0
        && digits.iter().all(u8::is_ascii_hexdigit)
}
