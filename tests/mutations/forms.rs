//! One list in every form: the form does not matter. A list that writers of others have written in every form
//! has one reading.

use std::path::Path;

use csv::{QuoteStyle, Terminator, WriterBuilder};
use farthest::formats::{Reading, Skipped, read};
use proptest::prelude::*;
use serde_json::json;
use serde_json::value::RawValue;

use super::common::{cities_of, is_long};
use super::harness::require;
use super::lists::{gzip, options, utf16, zstandard};

/// A city as it is written: degrees in decimal text, and a name.
#[derive(Clone, Debug)]
struct City {
    lat: String,
    lon: String,
    name: String,
}

/// A number of units of 10^-`digits`, in decimal text.
fn decimal(units: i64, digits: u32) -> String {
    let (sign, scale) = (if units < 0 { "-" } else { "" }, 10_u64.pow(digits));
    let (whole, fraction) = (units.unsigned_abs() / scale, units.unsigned_abs() % scale);
    let fraction = format!(".{fraction:0digits$}", digits = digits as usize);
    format!("{sign}{whole}{}", if digits == 0 { "" } else { &fraction })
}

/// Coordinates of up to 14 digits behind the point.
fn any_degrees(least: i64, most: i64) -> impl Strategy<Value = String> {
    (0..15_u32).prop_flat_map(move |digits| {
        let scale = 10_i64.pow(digits);
        (least * scale..=most * scale).prop_map(move |units| decimal(units, digits))
    })
}

/// Names with all that a writer has to quote or escape. No digit is in them: a line of such a name is
/// no row.
fn any_name() -> impl Strategy<Value = String> {
    let text = "[a-zA-ZéüñßÖ ,;|&<>\"'#=.中Ж😀\n-]{0,12}";
    text.prop_map(|name| name.trim().to_string())
}

fn any_cities() -> impl Strategy<Value = Vec<City>> {
    let city = (any_degrees(-90, 90), any_degrees(-180, 360), any_name());
    prop::collection::vec(city.prop_map(|(lat, lon, name)| City { lat, lon, name }), 1..12)
}

/// The same with names of letters and a few blanks and points, none of them empty, all of them in
/// Windows-1252: some forms have no way to quote.
fn with_plain_names(cities: &[City]) -> Vec<City> {
    let is_plain = |c: &char| (c.is_alphabetic() && (*c as u32) < 0x100) || " '.-".contains(*c);
    let plain = |city: &City| {
        let name: String = city.name.chars().filter(is_plain).collect();
        City { name: format!("Ab{}", name.trim_end()), ..city.clone() }
    };
    cities.iter().map(plain).collect()
}

/// What `read` makes of bytes: coordinates in bits, and names.
fn places(bytes: &[u8]) -> Result<Vec<(u64, u64, String)>, String> {
    let reading = read(Path::new("cities.txt"), bytes, &options(false));
    let Reading { list, skipped, .. } = reading.map_err(|error| error.to_string())?;
    require(skipped == Skipped::default(), || format!("rows left out: {skipped:?}"))?;
    let in_bits = |(lat, lon, name): (f64, f64, String)| (lat.to_bits(), lon.to_bits(), name);
    Ok(cities_of(&list).into_iter().map(in_bits).collect())
}

/// Rows of fields, as the csv crate writes them.
fn table<'a>(
    rows: impl IntoIterator<Item = Vec<&'a str>>,
    delimiter: u8,
    quotes: QuoteStyle,
    end: Terminator,
) -> Vec<u8> {
    let mut builder = WriterBuilder::new();
    let builder = builder.delimiter(delimiter).quote_style(quotes).terminator(end);
    let mut writer = builder.from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("a vector takes all");
    }
    writer.into_inner().expect("a vector takes all")
}

const LF: Terminator = Terminator::Any(b'\n');

/// A table of three columns.
fn columns(cities: &[City], delimiter: u8, quotes: QuoteStyle, end: Terminator) -> Vec<u8> {
    let rows = cities.iter().map(|City { lat, lon, name }| vec![&lat[..], lon, name]);
    table([vec!["lat", "lon", "name"]].into_iter().chain(rows), delimiter, quotes, end)
}

fn plain_csv(cities: &[City]) -> Vec<u8> {
    columns(cities, b',', QuoteStyle::Necessary, LF)
}

/// A table of a name and one column with both coordinates.
fn both_in_one(cities: &[City], header: &str, both: impl Fn(&City) -> String) -> Vec<u8> {
    let texts: Vec<String> = cities.iter().map(both).collect();
    let rows = cities.iter().zip(&texts).map(|(city, both)| vec![&city.name[..], both]);
    table([vec!["name", header]].into_iter().chain(rows), b',', QuoteStyle::Necessary, LF)
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("a test writes UTF-8")
}

/// A number of JSON, digit for digit.
fn number(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_string()).expect("it is a number of JSON")
}

fn feature(city: &City) -> String {
    #[derive(serde::Serialize)]
    struct Point {
        r#type: &'static str,
        coordinates: [Box<RawValue>; 2],
    }
    let geometry = Point { r#type: "Point", coordinates: [number(&city.lon), number(&city.lat)] };
    let geometry = serde_json::to_string(&geometry).expect("it is JSON");
    let properties = json!({ "id": 7, "name": city.name });
    format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
}

fn record(city: &City) -> String {
    let name = json!(city.name);
    format!(r#"{{"name":{name},"latitude":{},"longitude":{}}}"#, city.lat, city.lon)
}

/// The parts, each from a city, with something before, between and behind them.
fn joined(cities: &[City], part: impl Fn(&City) -> String, around: [&str; 3]) -> Vec<u8> {
    let [before, between, behind] = around;
    let parts: Vec<String> = cities.iter().map(part).collect();
    format!("{before}{}{behind}", parts.join(between)).into_bytes()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn waypoint(City { lat, lon, name }: &City) -> String {
    format!("<wpt lat=\"{lat}\" lon='{lon}'><ele>7</ele><name>{}</name></wpt>", escaped(name))
}

fn placemark(City { lat, lon, name }: &City) -> String {
    let point = format!("<Point><coordinates>{lon},{lat},0</coordinates></Point>");
    format!("<Placemark><name>{}</name>{point}</Placemark>", escaped(name))
}

/// A row of GeoNames.
fn geoname(City { lat, lon, name }: &City) -> String {
    format!("1\t{name}\t{name}\t\t{lat}\t{lon}\tP\tPPL\tAD\t\t\t\t\t\t0\t\t7\tEurope\t2012-11-03\n")
}

/// The list in every form that can hold any name.
fn in_forms_of_any_name(cities: &[City]) -> Vec<(&'static str, Vec<u8>)> {
    use QuoteStyle::{Always, Necessary, NonNumeric};
    let csv = || plain_csv(cities);
    let text = || text_of(csv());
    let commas: Vec<City> = cities
        .iter()
        .map(|city| {
            let [lat, lon] = [&city.lat, &city.lon].map(|degrees| degrees.replace('.', ","));
            City { lat, lon, ..city.clone() }
        })
        .collect();
    let collection = ["{\"type\":\"FeatureCollection\",\n\"features\":[", ",\n", "]}"];
    vec![
        ("CRLF", columns(cities, b',', Necessary, Terminator::CRLF)),
        ("all quoted", columns(cities, b',', Always, LF)),
        ("text quoted", columns(cities, b',', NonNumeric, LF)),
        ("semicolons", columns(cities, b';', Necessary, LF)),
        ("decimal commas", columns(&commas, b';', Necessary, Terminator::CRLF)),
        ("decimal commas, quoted", columns(&commas, b',', Always, LF)),
        ("bars", columns(cities, b'|', Necessary, LF)),
        ("tabs, all quoted", columns(cities, b'\t', Always, LF)),
        ("sep=", [b"sep=;\n", &columns(cities, b';', Necessary, LF)[..]].concat()),
        ("comments", [b"# lat,lon by hand\n\n#\n", &csv()[..]].concat()),
        ("a mark", [b"\xef\xbb\xbf", &csv()[..]].concat()),
        ("UTF-16", [&[0xff, 0xfe][..], &utf16(&text(), true)].concat()),
        ("UTF-16, big-endian", [&[0xfe, 0xff][..], &utf16(&text(), false)].concat()),
        ("gzip", gzip(&csv())),
        ("gzip, two members", {
            let csv = csv();
            let (one, two) = csv.split_at(csv.len() / 2);
            [gzip(one), gzip(two)].concat()
        }),
        ("Zstandard", zstandard(&csv())),
        ("UTF-16 in gzip", gzip(&[&[0xff, 0xfe][..], &utf16(&text(), true)].concat())),
        ("lat, lon", both_in_one(cities, "lat, lon", |c| format!("{}, {}", c.lat, c.lon))),
        ("lon lat", both_in_one(cities, "lonlat", |c| format!("({} {})", c.lon, c.lat))),
        ("WKT", both_in_one(cities, "geom", |c| format!("POINT ({} {})", c.lon, c.lat))),
        ("EWKT", both_in_one(cities, "x", |c| format!("SRID=4326;POINT Z({} {} 5)", c.lon, c.lat))),
        ("GeoJSON", joined(cities, feature, collection)),
        ("features by lines", joined(cities, feature, ["", "\n", "\n"])),
        ("features by separators", joined(cities, feature, ["\u{1e}", "\n\u{1e}", "\n"])),
        ("records", joined(cities, record, ["[", ", ", "]\n"])),
        ("records by lines", joined(cities, record, ["", "\r\n", ""])),
        ("GPX", joined(cities, waypoint, ["<?xml version='1.0'?>\n<gpx>", "\n", "</gpx>"])),
        ("KML", joined(cities, placemark, ["<kml><Document>", "\n", "</Document></kml>"])),
    ]
}

/// The list in every form that cannot quote, or has few letters.
fn in_forms_of_plain_names(cities: &[City]) -> Vec<(&'static str, Vec<u8>)> {
    use QuoteStyle::{Necessary, Never};
    let text = text_of(plain_csv(cities));
    let spaced = |City { lat, lon, name }: &City| format!("{lat} {lon} {name}\n");
    let windows_1252 =
        text.chars().map(|c| u8::try_from(c).expect("a letter of Latin-1")).collect();
    vec![
        ("tabs", columns(cities, b'\t', Never, LF)),
        ("tabs, CRLF", columns(cities, b'\t', Never, Terminator::CRLF)),
        ("CR alone", columns(cities, b',', Necessary, Terminator::Any(b'\r'))),
        ("lines", joined(cities, spaced, ["", "", ""])),
        ("GeoNames", joined(cities, geoname, ["", "", ""])),
        ("UTF-16 without a mark", utf16(&text, true)),
        ("UTF-16 without a mark, big-endian", utf16(&text, false)),
        ("Windows-1252", windows_1252),
    ]
}

/// An angle in units of 9 seconds, which are exactly 0.0025 degrees.
#[derive(Clone, Copy, Debug)]
struct Angle {
    units: i64,
    letters: [char; 2],
    degree_digits: usize,
}

impl Angle {
    fn new(units: i64, is_lat: bool) -> Angle {
        let letters = if is_lat { ['N', 'S'] } else { ['E', 'W'] };
        Angle { units, letters, degree_digits: if is_lat { 2 } else { 3 } }
    }

    fn decimal(self) -> String {
        decimal(25 * self.units, 4)
    }

    fn letter(self) -> char {
        self.letters[usize::from(self.units < 0)]
    }

    fn sign(self) -> char {
        if self.units < 0 { '-' } else { '+' }
    }

    /// Degrees, minutes and seconds with a mark behind each.
    fn marked(self, marks: [&str; 3]) -> String {
        let seconds = 9 * self.units.unsigned_abs();
        let [degree, minute, second] = marks;
        let (d, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{d:0digits$}{degree}{m:02}{minute}{s:02}{second}", digits = self.degree_digits)
    }
}

type Angles = Vec<[Angle; 2]>;

fn any_angles() -> impl Strategy<Value = Angles> {
    let angles = (-36_000..=36_000_i64, -72_000..=72_000_i64);
    let angles = angles.prop_map(|(lat, lon)| [Angle::new(lat, true), Angle::new(lon, false)]);
    prop::collection::vec(angles, 1..12)
}

/// The places in every notation of degrees, minutes and seconds.
fn in_notations(angles: &Angles) -> Vec<(&'static str, Vec<u8>)> {
    let two = |write: &dyn Fn(Angle) -> String| {
        let city = |&[lat, lon]: &[Angle; 2]| City {
            lat: write(lat),
            lon: write(lon),
            name: String::new(),
        };
        plain_csv(&angles.iter().map(city).collect::<Vec<_>>())
    };
    let one = |write: &dyn Fn([Angle; 2]) -> String| {
        let texts: Vec<String> = angles.iter().map(|&both| write(both)).collect();
        let rows = texts.iter().map(|text| vec!["", &text[..]]);
        let header = [vec!["name", "position"]].into_iter();
        table(header.chain(rows), b',', QuoteStyle::Necessary, LF)
    };
    let marks = |marks: [&'static str; 3]| move |angle: Angle| angle.marked(marks);
    let behind = |write: &dyn Fn(Angle) -> String| two(&|a| format!("{}{}", write(a), a.letter()));
    let before = |write: &dyn Fn(Angle) -> String| two(&|a| format!("{} {}", a.letter(), write(a)));
    let ascii = marks(["°", "'", "\""]);
    let primes = marks(["° ", "′ ", "″ "]);
    let iso = marks(["", "", ""]);
    vec![
        ("marks of ASCII", behind(&ascii)),
        ("primes", behind(&primes)),
        ("letters before", before(&primes)),
        ("two apostrophes", behind(&marks(["º", "’", "’’"]))),
        ("blanks", behind(&marks([" ", " ", " "]))),
        ("colons", behind(&marks([":", ":", ""]))),
        ("words", behind(&marks(["deg ", "min ", "sec "]))),
        ("no marks", behind(&iso)),
        ("signs", two(&|a| format!("{}{}", a.sign(), ascii(a)))),
        (
            "both in one",
            one(&|[lat, lon]| {
                format!("{}{}, {}{}", ascii(lat), lat.letter(), ascii(lon), lon.letter())
            }),
        ),
        (
            "longitude first",
            one(&|[lat, lon]| {
                format!("{} {}; {} {}", lon.letter(), primes(lon), lat.letter(), primes(lat))
            }),
        ),
        (
            "ISO 6709",
            one(&|[lat, lon]| format!("{}{}{}{}/", lat.sign(), iso(lat), lon.sign(), iso(lon))),
        ),
    ]
}

/// The first city of a list without a header may be called like a column.
#[test]
fn a_name_is_no_header() {
    for name in
        ["Northing", "UTM", "Ab x w", "Lat", "Longitude Ab", "Geohash", "Ra Dec", "Point", "Km Ab"]
    {
        let city =
            |lat: &str, name: &str| City { lat: lat.into(), lon: "100".into(), name: name.into() };
        let cities = [city("1.5", name), city("2.5", "Ab"), city("-3.5", name)];
        let expected = places(&plain_csv(&cities));
        for (form, bytes) in in_forms_of_plain_names(&cities) {
            assert_eq!(places(&bytes), expected, "{form}: {}", bytes.escape_ascii());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if is_long() { 20_000 } else { 500 }, failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_list_has_one_reading_in_every_form(cities in any_cities()) {
        let plain = with_plain_names(&cities);
        for (cities, forms) in [
            (&cities, in_forms_of_any_name(&cities)),
            (&plain, in_forms_of_plain_names(&plain)),
            (&plain, in_forms_of_any_name(&plain)),
        ] {
            let expected = places(&plain_csv(cities));
            let names: Vec<&str> = cities.iter().map(|city| &city.name[..]).collect();
            let found = expected.clone().unwrap_or_default();
            prop_assert_eq!(found.iter().map(|(.., name)| &name[..]).collect::<Vec<_>>(), names);
            for (form, bytes) in forms {
                let found = places(&bytes);
                prop_assert_eq!(&found, &expected, "{}: {}", form, bytes.escape_ascii());
            }
        }
    }

    #[test]
    fn a_list_has_one_reading_in_every_notation(angles in any_angles()) {
        let decimal = |&[lat, lon]: &[Angle; 2]| {
            City { lat: lat.decimal(), lon: lon.decimal(), name: String::new() }
        };
        let expected = places(&plain_csv(&angles.iter().map(decimal).collect::<Vec<_>>()));
        prop_assert_eq!(expected.as_ref().map(Vec::len), Ok(angles.len()));
        for (notation, bytes) in in_notations(&angles) {
            let found = places(&bytes);
            prop_assert_eq!(&found, &expected, "{}: {}", notation, bytes.escape_ascii());
        }
    }
}
