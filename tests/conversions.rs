//! Proves that the lines of conversion work which the README and the messages print: the real GDAL,
//! pandas, jq and unzip convert lists in forms that farthest refuses, and the cities come out as they
//! went in.
//!
//! `tests/conversions/make.py` writes one list in all forms of the README's table. The lines are taken
//! from there and run as they stand; the table and `make.py` must have the same forms, and the message
//! that refuses a form must have its line. [`MORE`] are the lines that messages alone have, for lists
//! that `more.py` writes.
//!
//! `FARTHEST_CONVERSIONS_PYTHON` names a Python that has pandas and its friends, as `scripts/test`
//! makes one where GDAL is installed.

#![cfg(feature = "mpi")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use common::{Folder, Outcome, REPOSITORY, Random, command_in, left_out, plain_answer};
use farthest::columns::Wishes;
use farthest::formats::{ReadOptions, read};
use farthest::sphere::{distance_km, unit_vector};
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_farthest");

/// The table of the README stands below this line.
const MARK: &str = "<!-- tests/conversions.rs runs every line of this table. -->";

/// Nothing here works longer than a few seconds.
const LIMIT_S: &str = "900";

/// Rounding on the way through a projection may move a city this far.
const ERROR_KM: f64 = 1e-6;

/// Names that tools take for something else, quote, or write in another encoding.
const AWKWARD: [&str; 22] = [
    "Paris, Ville",
    "5\" pipe",
    "\"quoted\"",
    "l'Été",
    "A;B",
    "A|B",
    "#5 Road",
    "007",
    "1,5",
    "1e5",
    "NA",
    "null",
    "None",
    "true",
    "C:\\new",
    "<b> & \"c\"",
    "Łódź",
    "Москва",
    "東京都",
    "القاهرة",
    "São Tomé e Príncipe",
    "100 %",
];

/// Where rounding could move a city out of range, or to the other side of the world.
const EDGES: [[&str; 2]; 7] = [
    ["89.9999999", "-180"],
    ["-89.9999999", "180"],
    ["12.5", "180.0"],
    ["-12.5", "-180.0"],
    ["0.0000001", "-179.9999999"],
    ["-0.0000001", "179.9999999"],
    ["0.0000001", "0.0000001"],
];

/// A city as the list has it: name, latitude, longitude.
struct City {
    name: String,
    lat: String,
    lon: String,
}

impl City {
    fn place(&self) -> [f64; 2] {
        [&self.lat, &self.lon].map(|text| text.parse().expect("a number"))
    }
}

/// Two hundred cities, none at a pole, where a projection would end.
fn cities() -> Vec<City> {
    let mut random = Random::new(20_261_125);
    let mut city = |row: usize| {
        let name = match AWKWARD.get(row) {
            Some(name) => name.to_string(),
            None => format!("{}, {row}", random.one_of(&AWKWARD)),
        };
        let [lat, lon] = EDGES.get(row).map(|edge| edge.map(String::from)).unwrap_or_else(|| {
            let digits = random.below(8);
            [89.4, 179.4].map(|limit| format!("{:.digits$}", random.between(-limit, limit)))
        });
        City { name, lat, lon }
    };
    (0..200).map(&mut city).collect()
}

fn as_csv(cities: &[City]) -> String {
    let row =
        |city: &City| format!("\"{}\",{},{}\n", city.name.replace('"', "\"\""), city.lat, city.lon);
    format!("name,lat,lon\n{}", cities.iter().map(row).collect::<String>())
}

/// A row of the README's table.
struct Conversion {
    form: String,
    line: String,
}

impl Conversion {
    /// The file that the line converts: `in.` and its extension.
    fn input(&self) -> &str {
        let begin = self.line.find("in.").expect("a line names its input");
        let rest = &self.line[begin..];
        &rest[..rest.find(' ').unwrap_or(rest.len())]
    }

    /// Whether a message has the line to copy.
    fn is_in(&self, message: &str) -> bool {
        message.contains(&format!("{} | farthest pack - OUT.cities", self.line))
    }

    /// What a user has to install.
    fn tool(&self) -> &str {
        let program = self.line.split(' ').next().expect("a line has a program");
        if program == "python3" { "pandas" } else { program }
    }
}

/// The rows of the README's table.
fn conversions() -> Vec<Conversion> {
    let readme = fs::read_to_string(format!("{REPOSITORY}/README.md")).expect("there is a README");
    let (_, below) = readme.split_once(MARK).expect("the README has the mark of the table");
    let rows = below.lines().skip_while(|line| line.is_empty());
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    let conversion = |row: &str| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [form, line] = cells[..] else { panic!("expected two cells in {row}") };
        let line = line.strip_prefix('`').and_then(|line| line.strip_suffix('`'));
        Conversion { form: form.into(), line: line.expect("the line is code").into() }
    };
    rows.map(conversion).collect()
}

/// A folder with the list, and a folder for each form of it.
struct Place {
    folder: Folder,
    cities: Vec<City>,
}

impl Place {
    /// `None`, and a line that says so, where no Python is named.
    fn new() -> Option<Place> {
        let Ok(python) = std::env::var("FARTHEST_CONVERSIONS_PYTHON") else {
            left_out(
                "conversions",
                "FARTHEST_CONVERSIONS_PYTHON names no Python with pandas, beside GDAL",
            );
            return None;
        };
        let place = Place { folder: Folder::new(), cities: cities() };
        place.folder.write("cities.csv", as_csv(&place.cities));
        // The lines name their programs as a user would.
        let python3 = format!("#!/bin/sh\nexec '{python}' \"$@\"\n");
        place.folder.write_program("bin/python3", python3);
        symlink(BINARY, place.folder.file("bin/farthest")).expect("it is not there yet");
        Some(place)
    }

    /// The same, with the list in all forms.
    fn with_forms() -> Option<Place> {
        let place = Place::new()?;
        let make = format!("python3 {REPOSITORY}/tests/conversions/make.py cities.csv forms");
        place.run("", &make, 0);
        Some(place)
    }

    fn path(&self, form: &str, file: &str) -> PathBuf {
        self.folder.path().join("forms").join(form).join(file)
    }

    /// Runs a line of the shell in a folder and asserts its exit code.
    fn run(&self, folder: impl AsRef<Path>, line: &str, code: i32) -> Outcome {
        let mut command = command_in(&self.folder, "timeout");
        // A conversion that fails must not pass for a short list.
        command.args(["--kill-after=5", LIMIT_S, "bash", "-o", "pipefail", "-c", line]);
        command.current_dir(self.folder.path().join(folder));
        let path = std::env::var("PATH").expect("there are programs");
        command.env("PATH", format!("{}:{path}", self.folder.file("bin")));
        // Nothing is written beside the sources.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        let output = command.output().expect("timeout(1) of coreutils is installed");
        let outcome = Outcome::of(line, output).expect_end();
        assert_eq!(outcome.code, code, "{outcome:#?}");
        outcome
    }

    /// The farthest pair of a file in a folder.
    fn pair(&self, folder: impl AsRef<Path>, file: &str) -> Pair {
        let outcome = self.run(folder, &format!("farthest pair {file} --format json"), 0);
        Pair::of(&outcome.expect_json())
    }

    /// Asserts that a file has all the cities of the list and no others. A form may have another
    /// order, and the form with several points has each city twice.
    fn assert_same_cities(&self, path: &Path, options: &ReadOptions, what: &str) {
        let bytes = fs::read(path).expect("the line has written it");
        let reading = read(path, &bytes, options);
        let list = reading.unwrap_or_else(|error| panic!("{what}: {error:?}")).list;
        let mut missing: BTreeSet<&str> = self.cities.iter().map(|city| &city.name[..]).collect();
        for index in 0..list.len() {
            let name = str::from_utf8(list.name(index)).expect("names are UTF-8");
            let city = self.cities.iter().find(|city| city.name == name);
            let city = city.unwrap_or_else(|| panic!("{what}: no city is called {name:?}"));
            let found = list.coordinates(index);
            let [lat_deg, lon_deg] = city.place();
            let moved_km = distance_km(
                unit_vector(lat_deg, lon_deg),
                unit_vector(found.lat_deg(), found.lon_deg()),
            );
            assert!(moved_km <= ERROR_KM, "{what}: {name} moved by {moved_km} km");
            missing.remove(name);
        }
        assert_eq!(missing, BTreeSet::new(), "{what}: cities are lost");
    }
}

/// The two names, in the order of the alphabet, and the distance.
#[derive(Debug)]
struct Pair {
    names: [String; 2],
    distance_km: f64,
}

impl Pair {
    fn of(report: &Value) -> Pair {
        assert_eq!(report["skipped"]["count"], 0, "{report:#}");
        let name = |at: usize| report["pair"][at]["name"].as_str().expect("a name").to_string();
        let mut names = [0, 1].map(name);
        names.sort();
        Pair { names, distance_km: report["distance_km"].as_f64().expect("a number") }
    }

    fn assert_is(&self, expected: &Pair, what: &str) {
        let is_as_far = (self.distance_km - expected.distance_km).abs() <= ERROR_KM;
        assert!(self.names == expected.names && is_as_far, "{what}: {self:?}, not {expected:?}");
    }
}

#[test]
fn every_line_of_the_readme_converts_its_form_without_changing_a_city() {
    let Some(place) = Place::with_forms() else { return };
    let conversions = conversions();
    let told: BTreeSet<String> = conversions.iter().map(|row| row.form.clone()).collect();
    let made = fs::read_dir(place.folder.path().join("forms")).expect("make.py has made it");
    let made = made.map(|entry| entry.expect("an entry").file_name().into_string());
    assert_eq!(made.collect::<Result<BTreeSet<_>, _>>(), Ok(told), "the table and make.py");

    let expected = place.pair("", "cities.csv");
    let places: Vec<[f64; 2]> = place.cities.iter().map(City::place).collect();
    let plain = plain_answer(&places);
    let mut names = plain.rows.map(|row| place.cities[row as usize].name.clone());
    names.sort();
    expected.assert_is(&Pair { names, distance_km: plain.distance_km() }, "the list itself");
    println!(
        "CSV: {} and {}, {:.6} km",
        expected.names[0], expected.names[1], expected.distance_km
    );

    let mut tools = BTreeSet::new();
    for row in &conversions {
        let Conversion { form, line } = row;
        let folder = Path::new("forms").join(form);
        place.run(&folder, &format!("{line} | tee out.txt | farthest pack - out.cities"), 0);
        place.assert_same_cities(&place.path(form, "out.txt"), &ReadOptions::default(), form);
        place.pair(&folder, "out.txt").assert_is(&expected, form);
        let pair = place.pair(&folder, "out.cities");
        pair.assert_is(&expected, form);
        println!("{form}: {} and {}, {:.6} km", pair.names[0], pair.names[1], pair.distance_km);
        // How a pipe comes to the ranks does not depend on the form, so one of each tool will do.
        if tools.insert(row.tool()) {
            let launch = format!("{REPOSITORY}/scripts/launch 2");
            place.run(&folder, &format!("{line} | {launch} farthest pack - ranks.cities"), 0);
            let [alone, ranks] = ["out.cities", "ranks.cities"]
                .map(|file| fs::read(place.path(form, file)).expect("it was written"));
            assert!(alone == ranks, "{form}: two ranks pack what one does");
        }
    }
}

#[test]
fn a_form_that_is_not_read_is_refused_with_the_line_of_the_readme() {
    let Some(place) = Place::with_forms() else { return };
    let conversions = conversions();
    for row in &conversions {
        let folder = Path::new("forms").join(&row.form);
        // A wrong guess of an encoding hurts names alone, so such text is read, with a note.
        if row.tool() == "iconv" {
            let report = place.run(&folder, "farthest info in.csv", 0);
            assert!(report.stdout.contains("iconv"), "{report:#?}");
            continue;
        }
        // An extension may stand for several forms that look alike from outside.
        let alike = conversions.iter().filter(|other| other.input() == row.input());
        let refusal = place.run(&folder, &format!("farthest pair {}", row.input()), 65);
        let message = filled_in(&refusal.stderr, row.input());
        let is_told = alike.clone().any(|other| other.is_in(&message));
        assert!(is_told, "{}: the line is not in {message}", row.form);
        if row.form.contains("only links") {
            let line = "unzip -p in.kmz doc.kml | farthest info -";
            let refusal = place.run(&folder, line, 65);
            let message = refusal.stderr.replace("FILE.kmz", "in.kmz");
            assert!(row.is_in(&message), "{}: the line is not in {message}", row.form);
        }
    }
}

/// A message with the words in capitals filled in that a user has to know. The lists have this layer,
/// these columns and this projection.
fn filled_in(message: &str, file: &str) -> String {
    const WORDS: [(&str, &str); 7] = [
        ("LAYER", "cities"),
        ("TABLE", "cities"),
        ("MEMBER", "cities.csv"),
        ("COLUMN", "place"),
        ("EASTING", "easting"),
        ("NORTHING", "northing"),
        ("EPSG:N", "EPSG:3857"),
    ];
    let message = message.replace(" FILE ", &format!(" {file} "));
    WORDS.iter().fold(message, |message, (word, meaning)| message.replace(word, meaning))
}

/// The lines that messages alone have: the form, its file, the line, and what stands behind
/// `farthest pack`.
const MORE: [(&str, &str, &str, &str); 36] = [
    ("GeoJSON of several points", "in.geojson", EXPLODED, ""),
    ("GeoJSON of areas", "in.geojson", CENTRES, ""),
    ("GeoJSON in metres", "in.geojson", GDAL, ""),
    (
        "collections of GeoJSON",
        "in.json",
        "jq -c '.. | objects | select(.type == \"Feature\")' in.json",
        "",
    ),
    ("KML of several points", "in.kml", EXPLODED, ""),
    ("KML of lines", "in.kml", CENTRES, ""),
    ("old KML", "in.kml", GDAL, ""),
    ("Esri's JSON", "in.json", GDAL, ""),
    ("OpenStreetMap", "in.osm", "ogr2ogr -f GeoJSON /vsistdout/ in.osm points", ""),
    ("GML", "in.gml", GDAL, ""),
    ("dBASE", "in.dbf", "ogr2ogr -f CSV /vsistdout/ in.dbf", ""),
    (
        "shapefile in a folder of a zip archive",
        "in.zip",
        "ogr2ogr -f GeoJSON /vsistdout/ /vsizip/in.zip/data/in.shp -t_srs EPSG:4326",
        "",
    ),
    ("SQLite", "in.sqlite", "ogr2ogr -f CSV /vsistdout/ in.sqlite cities", ""),
    (
        "a stream of Arrow",
        "in.arrows",
        "python3 -c 'import sys, pyarrow as a; \
         print(a.ipc.open_stream(open(sys.argv[1], \"rb\")).read_pandas().to_csv())' in.arrows",
        "",
    ),
    (
        "old Feather",
        "in.feather",
        "python3 -c 'import sys, pandas as p; print(p.read_feather(sys.argv[1]).to_csv())' in.feather",
        "",
    ),
    ("tar", "in.tar", "tar -xOf in.tar cities.csv", ""),
    ("JSON in an object", "in.json", "jq -c '.data[]' in.json", ""),
    ("JSON by keys", "in.json", "jq -c '.[]' in.json", ""),
    ("JSON of columns", "in.json", ROWS_OF_COLUMNS, ""),
    ("JSON of lists", "in.json", ROWS_OF_COLUMNS, ""),
    // The order that the message tells is the user's to see.
    ("JSON of rows", "in.json", "jq -r '.[] | @csv' in.json", " --lat 2 --lon 3 --name 1"),
    (
        "nested JSON, a record a line",
        "in.json",
        "jq -c '{lat: .at.lat, lon: .at.lon, name}' in.json",
        "",
    ),
    (
        "JSON deep in an object",
        "in.json",
        "jq -c '.response.venues | map({lat: .at.lat, lon: .at.lng, name: .title})' in.json",
        "",
    ),
    (
        "nested JSON by keys",
        "in.json",
        "jq -c '[.[]] | map({lat: .at.lat, lon: .at.lon, name})' in.json",
        "",
    ),
    (
        "JSON with its types",
        "in.json",
        "jq -c '{lat: (.lat | .[]? // .), lon: (.lon | .[]? // .), name}' in.json",
        "",
    ),
    (
        "JSON in ten millionths",
        "in.json",
        "jq -c '.locations | map({lat: (.latE7 | if . then . / 1e7 else . end), lon: (.lonE7 | if . then . / \
         1e7 else . end), name})' in.json",
        "",
    ),
    ("JSON of a header and rows", "in.json", "jq -r '.[] | @csv' in.json", ""),
    ("JSON of pandas, split", "in.json", "jq -r '.columns, .data[] | @csv' in.json", ""),
    (
        "results of SPARQL",
        "in.json",
        "jq -c '.results.bindings[] | map_values(.value)' in.json",
        "",
    ),
    (
        "Overpass",
        "in.json",
        "jq -c '.elements[] | (.center // .) + {name: .tags.name} | {lat, lon, name}' in.json",
        "",
    ),
    ("UTF-32", "in.csv", "iconv -f UTF-32 -t UTF-8 in.csv", ""),
    (
        "WKT of several points",
        "cities.csv",
        "ogr2ogr -f GeoJSON /vsistdout/ cities.csv -oo GEOM_POSSIBLE_NAMES=place -explodecollections",
        "",
    ),
    (
        "WKT of areas",
        "cities.csv",
        "ogr2ogr -f GeoJSON /vsistdout/ cities.csv -oo GEOM_POSSIBLE_NAMES=place -dialect sqlite -sql \
         'select ST_Centroid(geometry), * from cities'",
        "",
    ),
    (
        "EWKT in metres",
        "cities.csv",
        "ogr2ogr -f GeoJSON /vsistdout/ cities.csv -dialect sqlite -sql \
         'select ST_Transform(GeomFromEWKT(place), 4326), * from cities'",
        "",
    ),
    (
        "GeoPackage in gzip",
        "in.gpkg.gz",
        "gzip -dc in.gpkg.gz > in.gpkg && ogr2ogr -f GeoJSON /vsistdout/ in.gpkg -t_srs EPSG:4326",
        "",
    ),
    (
        "GeoJSON in Zstandard",
        "in.geojson.zst",
        "zstd -dc in.geojson.zst > in.geojson && ogr2ogr -f GeoJSON /vsistdout/ in.geojson -t_srs \
         EPSG:4326 -explodecollections",
        "",
    ),
];

/// Lines of several rows, with FILE for the file.
const GDAL: &str = "ogr2ogr -f GeoJSON /vsistdout/ FILE -t_srs EPSG:4326";
const EXPLODED: &str = "ogr2ogr -f GeoJSON /vsistdout/ FILE -t_srs EPSG:4326 -explodecollections";
const CENTRES: &str = "ogr2ogr -f GeoJSON /vsistdout/ FILE -t_srs EPSG:4326 -dialect sqlite -sql \
                       'select ST_Centroid(geometry), * from cities'";
const ROWS_OF_COLUMNS: &str = "jq -c 'map_values([.[]]) | . as $c | range(.lat | length) as $i | \
                               map_values(.[$i])' in.json";

#[test]
fn every_line_of_a_message_converts_the_file_that_was_refused() {
    let Some(place) = Place::new() else { return };
    place.run("", &format!("python3 {REPOSITORY}/tests/conversions/more.py cities.csv forms"), 0);
    let made =
        fs::read_dir(place.folder.path().join("forms")).expect("more.py has made it").count();
    assert_eq!(made, MORE.len(), "the table and more.py");
    let expected = place.pair("", "cities.csv");
    for (form, file, line, flags) in MORE {
        let folder = Path::new("forms").join(form);
        let conversion =
            Conversion { form: form.into(), line: line.replace(" FILE ", &format!(" {file} ")) };
        let refusal = place.run(&folder, &format!("farthest pair {file}"), 65);
        let message = filled_in(&refusal.stderr, file);
        assert!(conversion.is_in(&message), "{form}: the line is not in {message}");

        let line = conversion.line;
        let is_packing = format!("({line}) | tee out.txt | farthest pack - out.cities{flags}");
        place.run(&folder, &is_packing, 0);
        let wish = |flag: &str| {
            let value = flags.split(' ').skip_while(|&word| word != flag).nth(1);
            value.map(String::from)
        };
        let [lat, lon, name] = ["--lat", "--lon", "--name"].map(wish);
        let columns = Wishes { lat, lon, name, ..Wishes::default() };
        let options = ReadOptions { columns, ..ReadOptions::default() };
        place.assert_same_cities(&place.path(form, "out.txt"), &options, form);
        place.pair(&folder, "out.cities").assert_is(&expected, form);
    }
}

/// Nodes have numbers for names there, so that the other lists will not do.
#[test]
fn degrees_and_minutes_of_tsplib_are_converted_to_the_minute() {
    let Some(place) = Place::new() else { return };
    let list = "NAME: odd\nTYPE: TSP\nDIMENSION: 3\nEDGE_WEIGHT_TYPE: GEO\nNODE_COORD_SECTION\n1 38.24 20.42\n \
                2 -13.30 -0.45\n3 0.06 -179.59\nEOF\n";
    for (file, text) in [("in.tsp", list.to_string()), ("crlf.tsp", list.replace('\n', "\r\n"))] {
        place.folder.write(file, text);
        let refusal = place.run("", &format!("farthest pair {file}"), 65).stderr;
        let (_, line) = refusal.split_once("convert it: ").expect("there is a command");
        let (line, _) = line.split_once(" | farthest pack - OUT.cities").expect("it packs");
        place.run("", &format!("{line} > out.csv"), 0);
        let bytes = fs::read(place.folder.file("out.csv")).expect("it was written");
        let list = read(Path::new("out.csv"), &bytes, &ReadOptions::default()).expect(file).list;
        let expected = [
            [38.0 + 24.0 / 60.0, 20.0 + 42.0 / 60.0, 1.0],
            [-13.0 - 30.0 / 60.0, -45.0 / 60.0, 2.0],
            [6.0 / 60.0, -179.0 - 59.0 / 60.0, 3.0],
        ];
        assert_eq!(list.len(), expected.len(), "{file}");
        for (index, [lat_deg, lon_deg, name]) in expected.into_iter().enumerate() {
            let found = list.coordinates(index);
            let errors_deg = [found.lat_deg() - lat_deg, found.lon_deg() - lon_deg];
            assert!(errors_deg.iter().all(|error| error.abs() < 1e-9), "{file}: {found:?}");
            assert_eq!(list.name(index), name.to_string().as_bytes(), "{file}");
        }
    }
}

/// What the usual programs compress is read without any conversion, in several parts too.
#[test]
fn what_gzip_and_zstd_write_is_read_as_it_is() {
    let Some(place) = Place::new() else { return };
    let expected = place.pair("", "cities.csv");
    for program in ["gzip", "zstd"] {
        let parts =
            ["head -n 90", "tail -n +91"].map(|part| format!("{part} cities.csv | {program}"));
        place.run("", &format!("({}; {}) > in.csv", parts[0], parts[1]), 0);
        let packed = place.folder.file("in.csv");
        place.assert_same_cities(Path::new(&packed), &ReadOptions::default(), program);
        place.pair("", "in.csv").assert_is(&expected, program);
    }
}
