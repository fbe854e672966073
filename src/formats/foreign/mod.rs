//! Forms that are not read: known by their first bytes, refused by name, with what converts them.
//!
//! To read them was rejected: each takes a library as large as the rest of this program, and most
//! leave open what the numbers mean, as a projection that has to be undone. A program that knows the
//! form settles that better.
//!
//! A new form is one line of [`TABLE`].

mod text;
mod zip;

use std::path::Path;

use super::convert::{self, Source};
use crate::error::{Error, Result};
use Remedy::{Do, Run};
use Sign::{At, By, Start};

/// What a form is known by.
enum Sign {
    /// Its first bytes.
    Start(&'static [u8]),
    /// Bytes that begin at an offset.
    At(usize, &'static [u8]),
    /// A closer look, which must be cheap for what is not of this form.
    By(fn(&[u8]) -> bool),
}

impl Sign {
    fn is_of(&self, bytes: &[u8]) -> bool {
        match *self {
            Start(magic) => bytes.starts_with(magic),
            At(offset, magic) => bytes.get(offset..).is_some_and(|bytes| bytes.starts_with(magic)),
            By(is_of) => is_of(bytes),
        }
    }
}

/// What to do with a form.
enum Remedy {
    /// A sentence; no command does it.
    Do(&'static str),
    /// The command that prints the list, and what else to know.
    Run(&'static str, &'static str),
}

const EXPORT: Remedy = Do(
    "export the places as CSV, latitude and longitude in degrees, from the program that made it",
);
const NO_LIST: Remedy = Do("it holds no list of places; name the table that the places stand in");
const UNPACK: Remedy = Do("unpack it, and name the list in it");
const GDAL: Remedy = Run(
    convert::GDAL,
    " (with the name of a layer behind {file} where there are several; without -t_srs where it has degrees \
     and names no reference system)",
);
const ZIPPED_SHAPEFILE: Remedy = Run(
    convert::GDAL_ZIPPED,
    " (without -t_srs where it has degrees and names no reference system)",
);
const GEO_PARQUET: Remedy = Run(
    convert::GEO_PARQUET,
    " (without to_wgs84 where it has degrees and names no reference system; an ogr2ogr that knows Parquet \
     does it too)",
);
const SQLITE: Remedy = Run(
    convert::SQLITE,
    " (where the places are geometries, put -f GeoJSON for -f CSV, and -t_srs EPSG:4326 behind the table)",
);
const SHEET: Remedy = Run(convert::SHEET, ", or save it as CSV from the program that made it");
const TAR: Remedy = Run(convert::TAR, " (tar -tf {file} lists the members)");
const PACKED: Remedy = Do("name the packed file itself");
const LFS: Remedy = Do("fetch the file that it stands for: git lfs pull");
const WEB_PAGE: Remedy = Do(
    "probably a login or error page was saved in place of the file: look at it in a browser, and download \
     the file again",
);
const TSPLIB_GEO: Remedy = Run(
    convert::TSPLIB,
    " (its numbers are DDD.MM, degrees and minutes: 48.51 is 48 degrees 51 minutes)",
);
const TSPLIB_PLANE: Remedy = Do(
    "its numbers are places in a plane and not degrees; only type GEO has latitude and longitude (as DDD.MM, \
     degrees and minutes)",
);

/// The name of each form, what it is known by, and what to do with it: `{file}` stands for the file,
/// `{member}` for the list in an archive. The first that fits counts.
const TABLE: &[(&str, Sign, Remedy)] = &[
    ("a packed file of farthest", Start(b"\x89CITIES\n"), PACKED),
    ("an Excel workbook (xlsx)", By(|bytes| zip::has(bytes, is_sheet)), SHEET),
    ("an OpenDocument spreadsheet (ods)", At(30, zip::ODS), SHEET),
    (
        "a KMZ file (KML in a zip archive)",
        By(|bytes| zip::has(bytes, is_kml)),
        Run(convert::ZIP, ""),
    ),
    ("a shapefile in a zip archive", By(|bytes| zip::has(bytes, is_shapefile)), ZIPPED_SHAPEFILE),
    ("an Office document", By(|bytes| zip::has(bytes, |name| name == zip::OFFICE)), EXPORT),
    ("a zip archive", By(zip::is_zip), Run(convert::ZIP, " (unzip -l {file} lists the members)")),
    ("an Excel workbook (xls), or another old Office file", Start(b"\xd0\xcf\x11\xe0"), EXPORT),
    ("GeoParquet", By(|bytes| is_parquet(bytes) && is_geo_parquet(bytes)), GEO_PARQUET),
    ("Parquet", By(is_parquet), Run(convert::PARQUET, "")),
    ("an Arrow file (Feather)", Start(b"ARROW1\0\0"), Run(convert::FEATHER, "")),
    ("a Feather file", By(is_old_feather), Run(convert::FEATHER, "")),
    ("a stream of Arrow data", By(is_arrow_stream), Run(convert::ARROW_STREAM, "")),
    ("a GeoPackage", By(|bytes| SQLITE_SIGN.is_of(bytes) && is_geopackage(bytes)), GDAL),
    ("an SQLite database", SQLITE_SIGN, SQLITE),
    ("FlatGeobuf", By(|bytes| matches!(bytes, [b'f', b'g', b'b', 1..=8, ..])), GDAL),
    ("a shapefile", Start(b"\0\0\x27\x0a"), GDAL),
    ("OpenStreetMap data (pbf)", At(4, b"\n\tOSMHeader"), Run(convert::OSM, "")),
    ("netCDF", By(|bytes| matches!(bytes, [b'C', b'D', b'F', 1 | 2 | 5, ..])), EXPORT),
    ("HDF5 or netCDF", Start(b"\x89HDF\r\n\x1a\n"), EXPORT),
    ("Avro", Start(b"Obj\x01"), EXPORT),
    ("an array of NumPy", Start(b"\x93NUMPY"), EXPORT),
    ("a data frame of R (rds)", Start(b"X\n\0\0\0"), EXPORT),
    ("a workspace of R (RData)", By(is_r_workspace), EXPORT),
    ("xz data", Start(b"\xfd7zXZ\0"), Run(convert::XZ, "")),
    ("bzip2 data", By(is_bzip2), Run(convert::BZIP2, "")),
    ("LZ4 data", Start(b"\x04\x22\x4d\x18"), UNPACK),
    ("data of compress(1)", Start(b"\x1f\x9d"), UNPACK),
    ("a 7z archive", Start(b"7z\xbc\xaf\x27\x1c"), UNPACK),
    ("a RAR archive", Start(b"Rar!\x1a\x07"), UNPACK),
    ("a tar archive", By(is_tar), TAR),
    ("a PDF document", Start(b"%PDF-"), EXPORT),
    ("a raster or image (TIFF)", By(is_tiff), NO_LIST),
    ("an image (PNG)", Start(b"\x89PNG\r\n\x1a\n"), NO_LIST),
    ("an image (JPEG)", Start(b"\xff\xd8\xff"), NO_LIST),
    ("a stand-in of Git LFS", By(text::is_lfs_pointer), LFS),
    ("a web page", By(text::is_web_page), WEB_PAGE),
    ("TSPLIB data of type GEO", By(text::is_tsplib_geo), TSPLIB_GEO),
    ("TSPLIB data", By(text::is_tsplib), TSPLIB_PLANE),
];

const SQLITE_SIGN: Sign = Start(b"SQLite format 3\0");

fn is_sheet(name: &[u8]) -> bool {
    name.starts_with(b"xl/")
}

fn is_kml(name: &[u8]) -> bool {
    name.to_ascii_lowercase().ends_with(b".kml")
}

fn is_shapefile(name: &[u8]) -> bool {
    name.to_ascii_lowercase().ends_with(b".shp")
}

/// Whether bytes that begin like text go on like none.
fn is_binary(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(4096)].contains(&0)
}

fn is_old_feather(bytes: &[u8]) -> bool {
    bytes.starts_with(b"FEA1") && is_binary(bytes)
}

fn is_parquet(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PAR1") && (bytes.ends_with(b"PAR1") || is_binary(bytes))
}

/// The description of the columns, at the end of the file, tells of geometries by these words.
fn is_geo_parquet(bytes: &[u8]) -> bool {
    let end = &bytes[bytes.len().saturating_sub(1 << 16)..];
    memchr::memmem::find(end, b"\"primary_column\"").is_some()
}

/// The application's number in the header of the database, of all versions.
fn is_geopackage(bytes: &[u8]) -> bool {
    [b"GPKG", b"GP10", b"GP11"].into_iter().any(|id| At(68, id).is_of(bytes))
}

/// The mark of a message and, in four bytes, the length of its description, which is not large.
fn is_arrow_stream(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xff, 0xff, 0xff, _, _, _, 0, ..])
}

fn is_r_workspace(bytes: &[u8]) -> bool {
    matches!(bytes, [b'R', b'D', b'X', b'2' | b'3', b'\n', b'A' | b'B' | b'X', b'\n', ..])
}

/// The letters alone are no proof: text of a city of Mustard would have them there, but no zero bytes.
fn is_tar(bytes: &[u8]) -> bool {
    At(257, b"ustar").is_of(bytes) && is_binary(bytes)
}

/// The magic is three letters and a digit; the first block, or the end, begins with π or its root.
fn is_bzip2(bytes: &[u8]) -> bool {
    let is_block = |bytes: &[u8]| {
        bytes.starts_with(b"\x31\x41\x59\x26\x53\x59")
            || bytes.starts_with(b"\x17\x72\x45\x38\x50\x90")
    };
    matches!(bytes, [b'B', b'Z', b'h', b'1'..=b'9', behind @ ..] if is_block(behind))
}

fn is_tiff(bytes: &[u8]) -> bool {
    matches!(bytes, [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..])
}

/// Refuses bytes of a form that is known and not read. `compression` is what they were inside of.
///
/// # Errors
/// [`Error::Data`].
pub(super) fn refuse(path: &Path, bytes: &[u8], compression: Option<&'static str>) -> Result<()> {
    let Some((name, _, remedy)) = TABLE.iter().find(|(_, sign, _)| sign.is_of(bytes)) else {
        return Ok(());
    };
    let source = Source { path, compression };
    let remedy = match *remedy {
        Do(sentence) => match source.unpacking() {
            None => sentence.to_string(),
            Some(unpacking) => format!("unpack it, with {unpacking}, and then: {sentence}"),
        },
        Run(line, more) => {
            let line = source.packed(&line.replace("{member}", &zip::list(bytes)));
            format!("convert it: {line}{}", source.fill(more))
        }
    };
    let inside =
        compression.map_or_else(String::new, |compression| format!(" inside {compression}"));
    let problem = format!("expected a city list, found {name}{inside}; {remedy}");
    Err(Error::Data { file: path.to_path_buf(), problem })
}
