//! Forms that are not read: known by their first bytes, refused by name, with what converts them.
//!
//! To read them was rejected: each takes a library as large as the rest of this program, and most
//! leave open what the numbers mean, as a projection that has to be undone. A program that knows the
//! form settles that better.
//!
//! A new form is one line of [`TABLE`].

mod binary;
mod text;
mod zip;

use std::path::Path;

use super::convert::{self, Source};
use super::unpack::Compression;
use crate::error::{Error, Result};
use Remedy::{Do, Either, Run};
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
            At(offset, magic) => binary::has_at(bytes, offset, magic),
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
    /// What is better than a command, and the command.
    Either(&'static str, &'static str),
}

const EXPORT: Remedy = Do(
    "export the places as CSV, latitude and longitude in degrees, from the program that made it",
);
const OFFICE: Remedy = Do(
    "export the places as CSV, latitude and longitude in degrees, from the program that made it (unzip gives \
     the XML of the document, and no list)",
);
const SAVE_AS_CSV: Remedy = Do("save it as CSV from the program that made it");
const NO_LIST: Remedy = Do("it holds no list of places; name the table that the places stand in");
const UNPACK: Remedy = Do("unpack it, and name the list in it");
const GDAL: Remedy = Run(
    convert::GDAL,
    " (with the name of a layer behind {file} where there are several; without -t_srs where it has degrees \
     and names no reference system)",
);
const SHAPEFILE: Remedy = Run(
    convert::GDAL,
    " (without -t_srs where it has degrees and no .prj is beside it, which names the reference system)",
);
const SHAPEFILE_PART: Remedy =
    Do("the places are in the .shp file of the same name: name that, to learn what converts it");
const DBASE: Remedy = Either(
    "if it belongs to a shapefile, the places are in the .shp file of the same name: name that",
    convert::DBASE,
);
const ZIP: Remedy = Run(
    convert::ZIP,
    " (unzip -l {file} lists the members), or unzip it first (unzip {file}) and name the list",
);
const KMZ: Remedy = Run(convert::ZIP, ", or unzip it first (unzip {file}) and name the KML");
const ZIPPED_SHAPEFILE: Remedy = Run(
    convert::GDAL_ZIPPED,
    " (unzip -l {file} lists the members, where it has several shapefiles; without -t_srs where it has degrees \
     and no .prj in it names the reference system), or unzip it first (unzip {file}) and name the .shp",
);
const ZIP_CUT: Remedy = Do(
    "it is damaged or cut short, or the first part of several: copy or download it again, and test it with \
     unzip -t {file}",
);
const ZIP_EMPTY: Remedy = Do("nothing was put into it: fetch or make it again");
const GEO_PARQUET: Remedy = Run(
    convert::GEO_PARQUET,
    " (without to_wgs84 where it has degrees and names no reference system; an ogr2ogr that knows Parquet \
     does it too)",
);
const ENCRYPTED: Remedy = Do(
    "export the places as CSV, latitude and longitude in degrees, with a program that has the keys",
);
const SQLITE: Remedy = Run(
    convert::SQLITE,
    " (ogrinfo {file} lists the tables; where the places are geometries, put -f GeoJSON for -f CSV, and \
     -t_srs EPSG:4326 behind the table)",
);
const SHEET: Remedy = Run(convert::SHEET, ", or save it as CSV from the program that made it");
const TAR: Remedy = Run(convert::TAR, " (tar -tf {file} lists the members)");
const PACKED: Remedy = Do("name the packed file itself");
const LFS: Remedy = Do("fetch the file that it stands for: git lfs pull");
const ANNEX: Remedy = Do("fetch the file that it stands for: git annex get {file}");
const TSPLIB_GEO: Remedy = Run(
    convert::TSPLIB,
    " (its numbers are DDD.MM, degrees and minutes: 48.51 is 48 degrees 51 minutes)",
);
const TSPLIB_PLANE: Remedy = Do(
    "its numbers are places in a plane and not degrees; only type GEO has latitude and longitude (as DDD.MM, \
     degrees and minutes)",
);
const SENTENCES: Remedy = Do(
    "they are no table: save the places or the track as GPX or CSV with the program that reads the receiver",
);

/// What to do with HTML.
pub(super) const WEB_PAGE: &str = "probably a login or error page was saved in place of the file (look at it in a browser, and download the \
     file again), or a table was saved as HTML (open it in a spreadsheet program, and save it as CSV)";
/// What to do with what a server said where it could not send a file.
pub(super) const SERVER_ERROR: &str = "it looks like the error answer of a server that was saved in place of the file: read it, and download \
     the file again";

/// The name of each form, what it is known by, and what to do with it: `{file}` stands for the file,
/// `{member}` for the list in an archive. The first that fits counts.
const TABLE: &[(&str, Sign, Remedy)] = &[
    ("a packed file of farthest", Start(b"\x89CITIES\n"), PACKED),
    (
        "a zip archive without its directory (xlsx, ods and KMZ files are such archives)",
        By(zip::is_cut),
        ZIP_CUT,
    ),
    ("an empty zip archive", By(zip::is_empty), ZIP_EMPTY),
    ("a binary Excel workbook (xlsb)", By(|bytes| zip::has(bytes, zip::is_xlsb)), SAVE_AS_CSV),
    ("an Excel workbook (xlsx)", By(|bytes| zip::has(bytes, zip::is_sheet)), SHEET),
    ("an OpenDocument spreadsheet (ods)", At(30, zip::ODS), SHEET),
    ("a KMZ file (KML in a zip archive)", By(|bytes| zip::has(bytes, zip::is_kml)), KMZ),
    (
        "a shapefile in a zip archive",
        By(|bytes| zip::has(bytes, zip::is_shapefile)),
        ZIPPED_SHAPEFILE,
    ),
    (
        "an Office document in a zip archive",
        By(|bytes| zip::has(bytes, |name| name == zip::OFFICE)),
        OFFICE,
    ),
    ("a zip archive", By(zip::is_zip), ZIP),
    ("an Excel workbook (xls), or another old Office file", Start(b"\xd0\xcf\x11\xe0"), EXPORT),
    ("a text document (RTF)", Start(b"{\\rtf"), EXPORT),
    ("GeoParquet", By(binary::is_geo_parquet), GEO_PARQUET),
    ("Parquet", By(binary::is_parquet), Run(convert::PARQUET, "")),
    ("encrypted Parquet", By(binary::is_encrypted_parquet), ENCRYPTED),
    ("an Arrow file (Feather)", Start(b"ARROW1\0\0"), Run(convert::FEATHER, "")),
    ("a Feather file", By(binary::is_old_feather), Run(convert::FEATHER, "")),
    ("a stream of Arrow data", By(binary::is_arrow_stream), Run(convert::ARROW_STREAM, "")),
    ("a GeoPackage", By(binary::is_geopackage), GDAL),
    ("an SQLite database", Start(binary::SQLITE), SQLITE),
    ("a database of Access", By(binary::is_access), EXPORT),
    ("FlatGeobuf", By(|bytes| matches!(bytes, [b'f', b'g', b'b', 1..=8, ..])), GDAL),
    ("the index of a shapefile (shx)", By(binary::is_shx), SHAPEFILE_PART),
    ("a shapefile", Start(binary::SHAPEFILE), SHAPEFILE),
    ("a dBASE table (dbf)", By(binary::is_dbase), DBASE),
    ("OpenStreetMap data (pbf)", At(4, b"\n\tOSMHeader"), Run(convert::OSM, "")),
    ("netCDF", By(|bytes| matches!(bytes, [b'C', b'D', b'F', 1 | 2 | 5, ..])), EXPORT),
    ("HDF5 or netCDF", Start(b"\x89HDF\r\n\x1a\n"), EXPORT),
    ("GRIB", By(|bytes| matches!(bytes, [b'G', b'R', b'I', b'B', _, _, _, 1 | 2, ..])), EXPORT),
    ("Avro", Start(b"Obj\x01"), EXPORT),
    ("an array of NumPy", Start(b"\x93NUMPY"), EXPORT),
    ("a pickle of Python", By(|bytes| matches!(bytes, [0x80, 2..=5, .., b'.'])), EXPORT),
    ("data of MATLAB (mat)", By(binary::is_matlab), EXPORT),
    ("a data frame of R (rds)", Start(b"X\n\0\0\0"), EXPORT),
    ("a workspace of R (RData)", By(binary::is_r_workspace), EXPORT),
    ("data of Stata (dta)", Start(b"<stata_dta>"), EXPORT),
    ("data of SPSS (sav)", Start(b"$FL2@(#)"), EXPORT),
    ("data of SAS (sas7bdat)", At(12, b"\xc2\xea\x81\x60\xb3\x14\x11\xcf"), EXPORT),
    (
        "a track of Garmin (fit)",
        By(binary::is_fit),
        Do("export it as GPX from the program that made it"),
    ),
    ("xz data", Start(b"\xfd7zXZ\0"), Run(convert::XZ, "")),
    ("bzip2 data", By(binary::is_bzip2), Run(convert::BZIP2, "")),
    ("LZ4 data", Start(b"\x04\x22\x4d\x18"), UNPACK),
    ("data of compress(1)", Start(b"\x1f\x9d"), UNPACK),
    ("a 7z archive", Start(b"7z\xbc\xaf\x27\x1c"), UNPACK),
    ("a RAR archive", Start(b"Rar!\x1a\x07"), UNPACK),
    ("a tar archive", By(binary::is_tar), TAR),
    ("a PDF document", Start(b"%PDF-"), EXPORT),
    ("a raster or image (TIFF)", By(binary::is_tiff), NO_LIST),
    ("a raster (ESRI ASCII grid)", By(text::is_esri_grid), NO_LIST),
    ("an image (PNG)", Start(b"\x89PNG\r\n\x1a\n"), NO_LIST),
    ("an image (JPEG)", Start(b"\xff\xd8\xff"), NO_LIST),
    ("a cloud of points (LAS or LAZ)", By(binary::is_las), EXPORT),
    ("a cloud or mesh of points (PLY)", By(text::is_ply), EXPORT),
    ("a stand-in of Git LFS", By(text::is_lfs_pointer), LFS),
    ("a stand-in of git-annex", By(text::is_annex_pointer), ANNEX),
    ("the reference system of a shapefile (prj)", By(text::is_prj), SHAPEFILE_PART),
    ("the encoding of a shapefile (cpg)", By(text::is_cpg), SHAPEFILE_PART),
    ("a web page", By(text::is_web_page), Do(WEB_PAGE)),
    (
        "the words of an error (404 Not Found or the like)",
        By(text::is_server_error),
        Do(SERVER_ERROR),
    ),
    ("sentences of a GPS or AIS receiver (NMEA 0183)", By(text::is_nmea), SENTENCES),
    ("TSPLIB data of type GEO", By(text::is_tsplib_geo), TSPLIB_GEO),
    ("TSPLIB data", By(text::is_tsplib), TSPLIB_PLANE),
];

/// Refuses bytes of a form that is known and not read. `compression` is what they were inside of.
///
/// # Errors
/// [`Error::Data`].
pub(super) fn refuse(path: &Path, bytes: &[u8], compression: Option<Compression>) -> Result<()> {
    let Some((name, _, remedy)) = TABLE.iter().find(|(_, sign, _)| sign.is_of(bytes)) else {
        return Ok(());
    };
    let source = Source { path, compression };
    let line = |line: &str| {
        let line = line.replace("{member}", &zip::list(bytes));
        source.packed(&line.replace("{inside}", &zip::shapefile_inside(bytes)))
    };
    let remedy = match *remedy {
        Do(sentence) => match source.unpacking() {
            None => source.fill(sentence),
            Some(unpacking) => format!("{}; {unpacking} takes it out", source.fill(sentence)),
        },
        Run(command, more) => format!("convert it: {}{}", line(command), source.fill(more)),
        Either(sentence, command) => format!("{sentence}; otherwise convert it: {}", line(command)),
    };
    let inside = compression.map_or_else(String::new, |outer| format!(" inside {}", outer.name()));
    let problem = format!("expected a city list, found {name}{inside}; {remedy}");
    Err(Error::Data { file: path.to_path_buf(), problem })
}
