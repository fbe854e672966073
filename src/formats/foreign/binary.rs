//! A closer look at binary forms whose first bytes are too few, or the beginning of text as well.

/// What an SQLite database begins with.
pub(super) const SQLITE: &[u8] = b"SQLite format 3\0";

/// What a shapefile and its index begin with.
pub(super) const SHAPEFILE: &[u8] = b"\0\0\x27\x0a";

/// Whether bytes that begin like text go on like none.
fn is_binary(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(4096)].contains(&0)
}

/// Whether these bytes stand at an offset.
pub(super) fn has_at(bytes: &[u8], offset: usize, magic: &[u8]) -> bool {
    bytes.get(offset..).is_some_and(|bytes| bytes.starts_with(magic))
}

pub(super) fn is_old_feather(bytes: &[u8]) -> bool {
    bytes.starts_with(b"FEA1") && is_binary(bytes)
}

pub(super) fn is_parquet(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PAR1") && (bytes.ends_with(b"PAR1") || is_binary(bytes))
}

/// Whether this is Parquet whose description, at the end of the file, is encrypted too.
pub(super) fn is_encrypted_parquet(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PARE") && (bytes.ends_with(b"PARE") || is_binary(bytes))
}

/// The description of the columns, at the end of the file, tells of geometries by these words.
pub(super) fn is_geo_parquet(bytes: &[u8]) -> bool {
    if !is_parquet(bytes) {
        return false;
    }
    let end = &bytes[bytes.len().saturating_sub(1 << 16)..];
    memchr::memmem::find(end, b"\"primary_column\"").is_some()
}

/// The application's number in the header of the database, of all versions.
pub(super) fn is_geopackage(bytes: &[u8]) -> bool {
    let id = bytes.get(68..72).unwrap_or_default();
    bytes.starts_with(SQLITE) && [b"GPKG", b"GP10", b"GP11"].iter().any(|known| id == *known)
}

/// The mark of a message and, in four bytes, the length of its description, which is not large.
pub(super) fn is_arrow_stream(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xff, 0xff, 0xff, _, _, _, 0, ..])
}

pub(super) fn is_r_workspace(bytes: &[u8]) -> bool {
    matches!(bytes, [b'R', b'D', b'X', b'2' | b'3', b'\n', b'A' | b'B' | b'X', b'\n', ..])
}

/// The letters alone are no proof: text of a city of Mustard would have them there, but no zero bytes.
pub(super) fn is_tar(bytes: &[u8]) -> bool {
    has_at(bytes, 257, b"ustar") && is_binary(bytes)
}

/// The magic is three letters and a digit; the first block, or the end, begins with π or its root.
pub(super) fn is_bzip2(bytes: &[u8]) -> bool {
    let is_block = |bytes: &[u8]| {
        bytes.starts_with(b"\x31\x41\x59\x26\x53\x59")
            || bytes.starts_with(b"\x17\x72\x45\x38\x50\x90")
    };
    matches!(bytes, [b'B', b'Z', b'h', b'1'..=b'9', behind @ ..] if is_block(behind))
}

pub(super) fn is_tiff(bytes: &[u8]) -> bool {
    matches!(bytes, [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..])
}

/// The index has the header of the shapefile, and then where the first record is: behind the header,
/// at the 50th word. The shapefile has the number of the record there.
pub(super) fn is_shx(bytes: &[u8]) -> bool {
    bytes.starts_with(SHAPEFILE) && has_at(bytes, 100, b"\0\0\0\x32")
}

/// A byte for the version, the date of the last change as year, month and day, the number of rows,
/// and the length of the header, which ends in a carriage return behind columns of 32 bytes each.
pub(super) fn is_dbase(bytes: &[u8]) -> bool {
    const VERSIONS: [u8; 6] = [0x03, 0x43, 0x83, 0x8b, 0xcb, 0xf5];
    let [version, _, 1..=12, 1..=31, _, _, _, _, low, high, ..] = *bytes else { return false };
    let header_bytes = usize::from(u16::from_le_bytes([low, high]));
    let mut ends = (64..header_bytes).step_by(32);
    VERSIONS.contains(&version) && ends.any(|end| bytes.get(end) == Some(&b'\r'))
}

/// The name of the program behind four bytes.
pub(super) fn is_access(bytes: &[u8]) -> bool {
    has_at(bytes, 4, b"Standard Jet DB\0") || has_at(bytes, 4, b"Standard ACE DB\0")
}

/// The files of version 5 and later begin with a sentence, and their zero bytes come behind it.
pub(super) fn is_matlab(bytes: &[u8]) -> bool {
    bytes.starts_with(b"MATLAB ") && is_binary(bytes)
}

/// The length of the header, which is 12 or 14, and seven bytes later the name.
pub(super) fn is_fit(bytes: &[u8]) -> bool {
    matches!(bytes, [12 | 14, ..]) && has_at(bytes, 8, b".FIT")
}

pub(super) fn is_las(bytes: &[u8]) -> bool {
    bytes.starts_with(b"LASF") && is_binary(bytes)
}
