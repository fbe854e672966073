//! Commands that make a list that is read of what is not read, as messages print them.
//!
//! Each line prints the list, and `farthest pack` behind it reads that. The lines are those of the
//! README's table of conversions and some more for what is met less often; `tests/conversions.rs` runs
//! each of them with the real tools and compares the cities. A line that was never run is not printed.
//!
//! `{file}` stands for the file. Words in capitals are the reader's to fill in, with what only the file
//! tells: `LAYER` is one that `ogrinfo` lists.

use std::path::{Path, PathBuf};

use super::shell;
use super::unpack::Compression;

/// What GDAL reads, in degrees.
pub const GDAL: &str = "ogr2ogr -f GeoJSON /vsistdout/ {file} -t_srs EPSG:4326";
/// The same for a form that names no reference system, where GDAL refuses to change it.
pub const GDAL_AS_IT_IS: &str = "ogr2ogr -f GeoJSON /vsistdout/ {file}";
/// A shapefile in a zip archive, at `{inside}`.
pub const GDAL_ZIPPED: &str =
    "ogr2ogr -f GeoJSON /vsistdout/ /vsizip/{file}{inside} -t_srs EPSG:4326";
/// A feature for each point, where one feature has several.
pub const EXPLODED: &str =
    "ogr2ogr -f GeoJSON /vsistdout/ {file} -t_srs EPSG:4326 -explodecollections";
/// The centres of lines and areas.
pub const CENTRES: &str = "ogr2ogr -f GeoJSON /vsistdout/ {file} -t_srs EPSG:4326 -dialect sqlite -sql \
                           'select ST_Centroid(geometry), * from LAYER'";
/// What to know about [`CENTRES`].
pub const LAYER: &str = " (ogrinfo {file} lists the layers)";
/// The points of OpenStreetMap data.
pub const OSM: &str = "ogr2ogr -f GeoJSON /vsistdout/ {file} points";
/// A table of dBASE, which is also what a shapefile has beside it.
pub const DBASE: &str = "ogr2ogr -f CSV /vsistdout/ {file}";
/// A table of a database.
pub const SQLITE: &str = "ogr2ogr -f CSV /vsistdout/ {file} TABLE";

/// A spreadsheet, with the digits of numbers as they are and names that look like nothing kept.
pub const SHEET: &str = "python3 -c 'import sys, pandas as p; print(p.read_excel(sys.argv[1], dtype=str, \
                         keep_default_na=False).to_csv(index=False))' {file}";
/// Parquet without geometries. The index is printed too: it may be the names.
pub const PARQUET: &str =
    "python3 -c 'import sys, pandas as p; print(p.read_parquet(sys.argv[1]).to_csv())' {file}";
/// Parquet with geometries.
pub const GEO_PARQUET: &str = "python3 -c 'import sys, geopandas as g; \
                               print(g.read_parquet(sys.argv[1]).to_json(to_wgs84=True, default=str))' \
                               {file}";
/// Files of Arrow, which are Feather, and the older Feather.
pub const FEATHER: &str =
    "python3 -c 'import sys, pandas as p; print(p.read_feather(sys.argv[1]).to_csv())' {file}";
/// Arrow as it goes through a pipe.
pub const ARROW_STREAM: &str = "python3 -c 'import sys, pyarrow as a; \
                                print(a.ipc.open_stream(open(sys.argv[1], \"rb\")).read_pandas().to_csv())' \
                                {file}";

/// The list in a zip archive, `{member}`.
pub const ZIP: &str = "unzip -p {file} {member}";
/// The list in a tar archive.
pub const TAR: &str = "tar -xOf {file} MEMBER";
/// Compressed by xz.
pub const XZ: &str = "xz -dc {file}";
/// Compressed by bzip2.
pub const BZIP2: &str = "bzip2 -dc {file}";
/// Text in another encoding.
pub const ENCODED: &str = "iconv -f ENCODING -t UTF-8 {file}";

/// JSON whose places are inside of its records.
pub const NESTED: &str = "jq -c 'map({lat: .location.lat, lon: .location.lng, name})' {file}";

/// TSPLIB's degrees and minutes. Its nodes have numbers for names.
pub const TSPLIB: &str = "awk 'BEGIN {print \"lat,lon,name\"} function d(x) {return int(x) + (x - int(x)) \
                          / 0.6} /SECTION|EOF/ {on = /NODE_COORD/; next} on {printf \
                          \"%.9f,%.9f,%s\\n\", d($2), d($3), $1}' {file}";

/// The file that a command converts.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub path: &'a Path,
    /// How it is compressed, if it is in a way that we undo and the tools do not.
    pub compression: Option<Compression>,
}

impl<'a> Source<'a> {
    /// A file that is not compressed, or whose compression is what a command undoes.
    pub fn new(path: &'a Path) -> Source<'a> {
        Source { path, compression: None }
    }

    /// Puts the file's name into a template.
    pub fn fill(self, template: &str) -> String {
        template.replace("{file}", &self.file())
    }

    /// The file as a word of a shell: the unpacked one, if it is compressed.
    pub fn file(self) -> String {
        match self.compression {
            None => shell::word(self.path),
            Some(_) => shell::word(&unpacked_name(self.path)),
        }
    }

    /// The command that unpacks the file, if it is compressed.
    pub fn unpacking(self) -> Option<String> {
        let program = self.compression?.program();
        Some(format!("{program} -dc {} > {}", shell::word(self.path), self.file()))
    }

    /// A line to copy: the conversion and, behind it, `farthest pack`.
    pub fn packed(self, line: &str) -> String {
        let line = self.fill(line);
        let unpacking = self.unpacking().map_or_else(String::new, |first| first + " && ");
        format!("{unpacking}{line} | farthest pack - OUT.cities")
    }
}

/// Where an unpacked file may go: its name without the last extension, in this folder.
fn unpacked_name(path: &Path) -> PathBuf {
    match path.file_stem() {
        Some(stem) if path.extension().is_some() => PathBuf::from(stem),
        _ => PathBuf::from("unpacked"),
    }
}
