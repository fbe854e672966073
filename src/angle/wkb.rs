//! Binary geometry in hexadecimal (WKB, PostGIS's EWKB, and what MySQL stores): known by its
//! beginning and its length, and not read.
//!
//! Who has it can have text from the same database, and a reader of it would be one more way to take
//! bytes for what they are not. The length is looked at because identifiers, hashes and numbers with
//! zeros before them are long hexadecimal digits too.

/// The marks of PostGIS in the type of a geometry.
const HAS_Z: u32 = 1 << 31;
const HAS_M: u32 = 1 << 30;
const HAS_SRID: u32 = 1 << 29;

/// A point has no count, and so one length.
const POINT: u32 = 1;

/// Less than this behind the type holds no geometry that has parts: their count and 8 bytes.
const LEAST_BYTES: usize = 4 + 8;

/// What a text in hexadecimal is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wkb {
    /// WKB, or EWKB.
    Plain,
    /// The number of a reference system in four bytes, and WKB.
    MySql,
}

impl Wkb {
    /// What a trimmed text is; `None` if it is no geometry.
    pub fn new(text: &[u8]) -> Option<Wkb> {
        let digits = match text {
            [b'\\' | b'0', b'x' | b'X', rest @ ..] => rest,
            _ => text,
        };
        let is_hexadecimal = digits.len() % 2 == 0 && digits.iter().all(u8::is_ascii_hexdigit);
        if !is_hexadecimal {
            return None;
        }
        if is_geometry(digits) {
            return Some(Wkb::Plain);
        }
        digits.get(8..).is_some_and(is_geometry).then_some(Wkb::MySql)
    }

    /// What to select in place of the geometry.
    pub fn query(self) -> &'static str {
        match self {
            Wkb::Plain => "ST_X(geom) and ST_Y(geom), or ST_AsText(geom)",
            // For SRID 4326 ST_X and ST_AsText have the latitude first since MySQL 8.
            Wkb::MySql => {
                "ST_Latitude(geom) and ST_Longitude(geom) or, in MariaDB and before MySQL 8, ST_Y(geom) and \
                 ST_X(geom)"
            }
        }
    }
}

/// Whether digits are the order of the bytes, a type of geometry, and as much as that type has.
fn is_geometry(digits: &[u8]) -> bool {
    let byte = |at: usize| {
        let digits = str::from_utf8(digits.get(2 * at..2 * at + 2)?).ok()?;
        u8::from_str_radix(digits, 16).ok()
    };
    let number = |at: usize| {
        let bytes = [byte(at)?, byte(at + 1)?, byte(at + 2)?, byte(at + 3)?];
        match byte(0)? {
            0 => Some(u32::from_be_bytes(bytes)),
            1 => Some(u32::from_le_bytes(bytes)),
            _ => None,
        }
    };
    let Some(code) = number(1) else { return false };
    // PostGIS marks Z, M and a reference system in the three highest bits, ISO adds thousands.
    let (kind, thousands) = ((code & 0x1fff_ffff) % 1000, (code & 0x1fff_ffff) / 1000);
    if !(1..=17).contains(&kind) || thousands > 3 {
        return false;
    }
    let begin = if code & HAS_SRID == 0 { 5 } else { 9 };
    let Some(body_bytes) = (digits.len() / 2).checked_sub(begin) else { return false };
    if kind == POINT {
        let marked = u32::from(code & HAS_Z != 0) + u32::from(code & HAS_M != 0);
        let iso = [0, 1, 1, 2][thousands as usize];
        return body_bytes == 8 * (2 + marked.max(iso) as usize);
    }
    // A geometry without parts has a count of zero and no more.
    number(begin).is_some_and(|count| match count {
        0 => body_bytes == 4,
        _ => body_bytes >= LEAST_BYTES,
    })
}
