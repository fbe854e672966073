//! Proves that angles and places are read as they were meant, or refused with the reason.
//!
//! The literal values come from Python's `fractions` (a quotient of whole numbers, rounded once). The
//! oracle of the property tests divides by hand, digit by digit.

mod common;

use common::Random;
use farthest::angle::Axis::{self, Latitude, Longitude};
use farthest::angle::{
    Notation, degrees, is_missing, is_no_place, notation, place, shown, two_numbers,
};
use proptest::prelude::*;

#[track_caller]
fn assert_degrees(field: &str, axis: Axis, expected: f64) {
    let found =
        degrees(field.as_bytes(), axis).unwrap_or_else(|error| panic!("{field:?}: {error}"));
    assert_eq!(found.to_bits(), expected.to_bits(), "{field:?}: {found} is not {expected}");
}

/// The words must stand in the message beside the words that every message has.
#[track_caller]
fn assert_no_degrees(field: impl AsRef<[u8]>, axis: Axis, words: &[&str]) {
    let shown = field.as_ref().escape_ascii().to_string();
    let Err(problem) = degrees(field.as_ref(), axis) else { panic!("{shown} was read") };
    let beginning = format!("expected a {} in degrees, found ", axis.name());
    assert!(problem.starts_with(&beginning), "{shown}: {problem}");
    for word in words {
        assert!(problem.contains(word), "{shown}: no {word:?} in {problem:?}");
    }
}

#[track_caller]
fn assert_place(text: &str, expected: Option<[f64; 2]>) {
    assert_eq!(place(text.as_bytes()), Ok(expected), "{text:?}");
}

#[track_caller]
fn assert_no_place_read(text: &str, words: &[&str]) {
    let Err(problem) = place(text.as_bytes()) else { panic!("{text:?} was read") };
    assert!(problem.starts_with("expected "), "{text:?}: {problem}");
    for word in words {
        assert!(problem.contains(word), "{text:?}: no {word:?} in {problem:?}");
    }
}

// ---- One angle ----

#[test]
fn decimal_degrees_are_read_in_every_way_to_write_them() {
    let cases = [
        ("48.8566", 48.8566),
        ("+100.07193", 100.07193),
        ("-027.33245", -27.33245),
        ("0048.5", 48.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("4.88566e1", 48.8566),
        ("4,88566E+1", 48.8566),
        ("\u{2212}1,5e\u{2212}1", -0.15),
        ("  48.5\t", 48.5),
        ("\u{a0}48.5\u{202f}", 48.5),
        ("\u{2009}48.5\u{3000}", 48.5),
        ("\u{feff}48.5", 48.5),
        ("\u{200e}48.5\u{200f}", 48.5),
        ("\u{2212}37.3605", -37.3605),
        ("\u{2013}37.3605\u{a0}", -37.3605),
        ("\u{2010}37.3605", -37.3605),
        ("\u{2011}37.3605", -37.3605),
        ("\u{ff0d}37.3605", -37.3605),
        ("- 37.3605", -37.3605),
        ("-19,4546", -19.4546),
        ("+ 19,4546", 19.4546),
        (",25", 0.25),
        ("1,034", 1.034),
        ("48.85°", 48.85),
        ("-48,85 º", -48.85),
        ("48.85\u{2da}", 48.85),
        ("48.85 deg", 48.85),
        ("48.85 Degrees", 48.85),
        ("-0", -0.0),
        ("-0.0°", -0.0),
        ("\u{2212}0,0", -0.0),
    ];
    for (field, expected) in cases {
        assert_degrees(field, Longitude, expected);
    }
    // More digits than an f64 holds are rounded, and correctly: this is half a unit above 1.
    assert_degrees(
        "1,00000000000000011102230246251565404236316680908203126",
        Latitude,
        1.0 + f64::EPSILON,
    );
    assert_degrees("1,00000000000000011102230246251565404236316680908203125", Latitude, 1.0);
}

/// The value of a field that Rust's own parser reads, which rounds correctly.
#[track_caller]
fn assert_nearest(field: &[u8]) {
    let expected = std::str::from_utf8(field).ok().and_then(|text| text.parse::<f64>().ok());
    let found = degrees(field, Longitude);
    let shown = field.escape_ascii();
    match expected {
        Some(value) if value.is_finite() => {
            assert_eq!(found.map(f64::to_bits), Ok(value.to_bits()), "{shown}");
        }
        Some(_) => assert!(found.is_err(), "{shown}: {found:?}"),
        // These are in no notation.
        None if field.iter().any(|byte| b"/\0\xff;".contains(byte)) => {
            assert!(found.is_err(), "{shown}: {found:?}");
        }
        None => {}
    }
}

/// Most fields are read eight digits at a time; with `FARTHEST_LONG` twenty times as many are tried.
#[test]
fn decimals_of_every_length_are_the_nearest_numbers() {
    let mut random = Random::new(10);
    let fields = if common::is_long() { 20_000_000 } else { 1_000_000 };
    let mut field = Vec::new();
    for _ in 0..fields {
        field.clear();
        let whole = random.below(18);
        let decimals = random.below(18);
        field.extend_from_slice([&b""[..], b"-", b"+"][random.below(3)]);
        field.extend((0..whole).map(|_| b'0' + random.below(10) as u8));
        field.extend_from_slice(if random.below(9) == 0 { b"" } else { b"." });
        field.extend((0..decimals).map(|_| b'0' + random.below(10) as u8));
        assert_nearest(&field);
    }
    // One byte of such a field is another.
    for _ in 0..fields {
        let length = 1 + random.below(20);
        let mut field: Vec<u8> = (0..length).map(|_| b'0' + random.below(10) as u8).collect();
        for _ in 0..random.below(3) {
            let at = random.below(length);
            field[at] = random.one_of(b"..--+e/:\0\xff ;\xb0\x80");
        }
        assert_nearest(&field);
    }
}

#[test]
fn decimals_at_the_borders_of_the_fast_way_are_the_nearest_numbers() {
    let nines = |count: usize| "9".repeat(count);
    for whole in 0..20 {
        for decimals in 0..20 {
            for sign in ["", "-"] {
                for digits in ["0", "1", "9"] {
                    let [whole, behind] = [whole, decimals].map(|count| digits.repeat(count));
                    assert_nearest(format!("{sign}{whole}.{behind}").as_bytes());
                    assert_nearest(format!("{sign}{whole}{behind}").as_bytes());
                    assert_nearest(format!("{sign}{whole}.{behind}5").as_bytes());
                }
            }
        }
    }
    let integers = [1_u64 << 52, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, (1 << 53) + 3, u64::MAX];
    for integer in integers {
        let digits = integer.to_string();
        for point in 0..=digits.len() {
            let (whole, behind) = digits.split_at(point);
            assert_nearest(format!("{whole}.{behind}").as_bytes());
            assert_nearest(format!("-{whole}.{behind}").as_bytes());
        }
    }
    assert_nearest(format!("{}.{}", nines(7), nines(8)).as_bytes());
    assert_nearest(b"-0.0");
    assert_nearest(b"-0.0000000");
}

#[test]
fn a_letter_gives_decimal_degrees_their_sign() {
    let cases = [
        ("24.0466N", Latitude, 24.0466),
        ("67.9999S", Latitude, -67.9999),
        ("159.7745W", Longitude, -159.7745),
        ("176.5375 e", Longitude, 176.5375),
        ("n 24,0466", Latitude, 24.0466),
        ("S24.0466", Latitude, -24.0466),
        ("W 5", Longitude, -5.0),
        ("005E", Longitude, 5.0),
        ("12E", Longitude, 12.0),
        ("7 S", Latitude, -7.0),
        ("51s", Latitude, -51.0),
        ("48.85° N", Latitude, 48.85),
        ("48.85 deg South", Latitude, -48.85),
        ("2.35 east", Longitude, 2.35),
        ("WEST 2.35", Longitude, -2.35),
        ("0.0S", Latitude, -0.0),
        // With a degree mark the count of digits says nothing.
        ("0048°N", Latitude, 48.0),
    ];
    for (field, axis, expected) in cases {
        assert_degrees(field, axis, expected);
    }
}

#[test]
fn degrees_minutes_and_seconds_are_read_with_every_mark() {
    let (lat, lon) = (48.85666666666667, 2.352222222222222);
    for field in [
        "48°51'24\"N",
        "48° 51' 24\" N",
        "48º51′24″N",
        "48˚51’24”N",
        "48°51‘24“ N",
        "48°51´24''N",
        "N 48°51’24’’",
        "N48 51′24′′",
        "n48°51'24",
        "48 deg 51' 24.00\" N",
        "48d51'24\"N",
        "48°51\u{2bc}24\u{2ba}N",
        "48°51'24,0\" north",
        "48 51 24 N",
        "48:51:24 N",
        "N 48:51:24",
        "48°51'24\"",
        "+48 51 24",
        "48:51:24",
        "048:51:24",
        "48 degrees 51 minutes 24 seconds North",
        "48\u{a0}°\u{a0}51\u{202f}′\u{2009}24\u{2009}″\u{a0}N",
        "48° 51 24 N",
        "48 51 24\"",
        "485124N",
        "N485124",
        "485124.0 N",
        "485124,00N",
    ] {
        assert_degrees(field, Latitude, lat);
    }
    for field in ["2°21'08\"E", "2 21 8", "E 2:21:8", "002°21'08\" E", "0022108E", "E0022108.000"]
    {
        assert_degrees(field, Longitude, lon);
    }
}

#[test]
fn golden_angles_are_rounded_once() {
    let cases = [
        ("31º50′1.7″ N", Latitude, 31.833805555555557),
        ("E18 14’ 8.3’’", Longitude, 18.23563888888889),
        ("22°34.310'S", Latitude, -22.571833333333334),
        ("034°28.343'W", Longitude, -34.47238333333333),
        ("59 59 58,4", Latitude, 59.99955555555555),
        ("100:20:10.25", Longitude, 100.33618055555556),
        ("41:25:1.5", Latitude, 41.41708333333333),
        ("-70:40:1.5", Longitude, -70.66708333333334),
        ("-77 52 8", Latitude, -77.86888888888889),
        ("\u{2212}33°51′35,9″", Latitude, -33.859972222222225),
        ("151°12′40″ E", Longitude, 151.2111111111111),
        ("74°02.4′", Longitude, 74.04),
        ("2155S", Latitude, -21.916666666666668),
        ("15916E", Longitude, 159.26666666666668),
        ("0°0'0.000000001\"", Latitude, 2.777777777777778e-13),
        // The usual example of an NMEA sentence: 48 deg 07.038' N, 11 deg 31.000' E.
        ("4807.038N", Latitude, 48.1173),
        ("01131.000E", Longitude, 11.516666666666667),
        ("N 4807,038", Latitude, 48.1173),
        // Wikipedia's Eiffel Tower, which is 48.858222, 2.2945 in decimal degrees.
        ("2°17′40.2″E", Longitude, 2.2945),
        ("48°51′29.6″N", Latitude, 48.858222222222224),
    ];
    for (field, axis, expected) in cases {
        assert_degrees(field, axis, expected);
    }
}

#[test]
fn the_sign_of_zero_degrees_survives() {
    assert_degrees("-0:30:15.5", Latitude, -0.5043055555555556);
    assert_degrees("-0:52:45.5", Longitude, -0.8793055555555556);
    assert_degrees("−0° 30′ 15.5″", Latitude, -0.5043055555555556);
    assert_degrees("-00 30 15.5", Latitude, -0.5043055555555556);
    assert_degrees("0°30'15.5\"S", Latitude, -0.5043055555555556);
    assert_degrees("00030W", Longitude, -0.5);
    assert_degrees("0°30'15.5\"s", Latitude, -0.5043055555555556);
    assert_degrees("-0:0:0", Latitude, -0.0);
}

#[test]
fn what_has_no_one_reading_is_refused_with_the_reason() {
    let cases: [(&str, Axis, &[&str]); 55] = [
        ("", Latitude, &["found nothing"]),
        (" \u{a0} ", Longitude, &["found nothing"]),
        ("abc", Latitude, &["\"abc\""]),
        ("NA", Latitude, &["\"NA\""]),
        ("NaN", Latitude, &["\"NaN\"", "not finite"]),
        ("-inf", Longitude, &["\"-inf\"", "not finite"]),
        ("1e999", Latitude, &["not finite"]),
        ("48.856.600", Latitude, &["two points or commas", "thousands sign"]),
        ("1,234,567", Latitude, &["thousands sign"]),
        ("1.234,5", Latitude, &["two points or commas"]),
        ("48°1.234,5'", Latitude, &["two points or commas"]),
        ("1 034", Longitude, &["minutes have one or two digits"]),
        ("48°75'24\"N", Latitude, &["minutes are below 60"]),
        ("48°60'", Latitude, &["minutes are below 60"]),
        ("48°51'60\"N", Latitude, &["seconds are below 60"]),
        ("48 51 75.5", Latitude, &["seconds are below 60"]),
        ("4875N", Latitude, &["minutes are below 60"]),
        ("0022175E", Longitude, &["seconds are below 60"]),
        ("48.5°30'", Latitude, &["only the last"]),
        ("48°30.5'10\"", Latitude, &["only the last"]),
        ("48,85 2,35", Latitude, &["only the last"]),
        ("48.85 2.35", Latitude, &["only the last"]),
        ("1048°51'", Latitude, &["up to three digits"]),
        (".5°30'", Latitude, &["only the last"]),
        ("48°.5'", Latitude, &["minutes have one or two digits"]),
        ("-22.5 S", Latitude, &["a sign and a letter"]),
        ("S -22.5", Latitude, &["a sign and a letter"]),
        ("\u{2212}58.8163S", Latitude, &["a sign and a letter"]),
        ("+22.5 N", Latitude, &["a sign and a letter"]),
        ("48.85E", Latitude, &["N or S, not E or W"]),
        ("2.35 N", Longitude, &["E or W, not N or S"]),
        ("13° 24' O", Longitude, &["O is west in French and Spanish", "east in German", "W or E"]),
        ("O 13 24", Longitude, &["write W or E"]),
        ("3.5 Oeste", Longitude, &["write W or E"]),
        ("3.5 OUEST", Longitude, &["write W or E"]),
        ("13.4 Ost", Longitude, &["write W or E"]),
        ("13.4 O", Latitude, &["write W or E"]),
        ("N 48 N", Latitude, &["more than one of N, S, E and W"]),
        ("48N 2E", Latitude, &["more than one of N, S, E and W"]),
        ("123N", Latitude, &["up to 2 digits", "4 with minutes", "6 with seconds"]),
        ("12345N", Latitude, &["up to 2 digits"]),
        ("1234567S", Latitude, &["up to 2 digits"]),
        ("4807.038E", Longitude, &["up to 3 digits", "5 with minutes", "7 with seconds"]),
        ("948172W", Longitude, &["up to 3 digits"]),
        ("51'", Latitude, &["minutes without degrees"]),
        ("48° 24\"", Latitude, &["seconds without minutes"]),
        ("48°0.0000000000000000001'", Latitude, &["more than 18 digits"]),
        ("48:51'24\"", Latitude, &[]),
        ("48 51:24", Latitude, &[]),
        ("48°51'24\"10", Latitude, &[]),
        ("48'51°", Latitude, &["minutes without degrees"]),
        ("12.5-", Latitude, &[]),
        ("4N8", Latitude, &[]),
        ("48°51'24s", Latitude, &["seconds or south"]),
        ("48 51 24 s", Latitude, &["seconds or south"]),
    ];
    for (field, axis, words) in cases {
        assert_no_degrees(field, axis, words);
    }
    for field in [
        "--5",
        "+-5",
        "-+5 30",
        "5°°",
        "5:",
        ":5",
        "5::6",
        "5;6",
        "5, 6",
        "5,",
        "5/6",
        "N",
        "-",
        "°",
        "N°",
        "48.85degN",
        "0x10",
        "1_000",
        "12E",
        "1.5e1°",
        "5 e",
        "48..5",
        "48° - 5'",
        "½",
        "٤٨",
        "48m",
        "48°51m",
        "48° 51' 24' N",
        "(48.5)",
        "\"48.5\"",
        "1 2 3 4",
    ] {
        assert_no_degrees(field, Latitude, &[]);
    }
    assert_no_degrees(b"1\xff", Latitude, &["\"1\\xff\"", "not UTF-8"]);
    assert_no_degrees(b"48\xb030'", Latitude, &["not UTF-8"]);
    assert_no_degrees("9x".repeat(500), Latitude, &["9x9x", "\u{2026}", "longer than 256 bytes"]);
    assert_no_degrees("\x1b[31m", Latitude, &["\\u{1b}[31m"]);
}

#[test]
fn what_is_shown_of_a_field_is_short_and_obeys_no_terminal() {
    assert_eq!(shown(b"Paris"), "\"Paris\"");
    assert_eq!(shown("48°51'\"".as_bytes()), "\"48°51'\\\"\"");
    assert_eq!(shown(b"\x1b[2J\0\r\n"), "\"\\u{1b}[2J\\0\\r\\n\"");
    assert_eq!(shown("\u{202e}gpj".as_bytes()), "\"\\u{202e}gpj\"");
    assert_eq!(shown(b"1\xff"), "\"1\\xff\"");
    assert_eq!(shown("x".repeat(41).as_bytes()), format!("\"{}…\"", "x".repeat(40)));
    // A character that does not fit is left out whole.
    let long = format!("{}°{}", "x".repeat(39), "y".repeat(9));
    assert_eq!(shown(long.as_bytes()), format!("\"{}…\"", "x".repeat(39)));
    assert_eq!(shown("°".repeat(20).as_bytes()), format!("\"{}\"", "°".repeat(20)));
    assert_eq!(shown("語".repeat(999).as_bytes()), format!("\"{}…\"", "語".repeat(13)));
    assert_eq!(shown(&[0xff; 50]), format!("\"{}…\"", "\\xff".repeat(40)));
}

// ---- No value, no place ----

#[test]
fn a_field_may_say_that_it_has_no_value() {
    for field in [
        "",
        "  ",
        "\u{a0}",
        "\u{feff}",
        "NA",
        "N/A",
        "n/a",
        "na",
        "#N/A",
        "<NA>",
        "NaN",
        "nan",
        "-nan",
        "null",
        "NULL",
        "(null)",
        "None",
        "nil",
        "\\N",
        "-",
        "--",
        "---",
        "–",
        "\u{2014}",
        ".",
        "..",
        " NA ",
        "\u{a0}NaN\u{a0}",
    ] {
        assert!(is_missing(field.as_bytes()), "{field:?}");
    }
    for field in [
        "0",
        "-0",
        "0.0",
        "N",
        "S",
        "\"\"",
        "Nantes",
        "-1",
        "-.",
        "----",
        "...",
        "unknown",
        "inf",
        "x",
        "#VALUE!",
        "#REF!",
        "NA NA",
        "POINT EMPTY",
    ] {
        assert!(!is_missing(field.as_bytes()), "{field:?}");
    }
    assert!(!is_missing(b"\xff") && !is_missing(b"NA\xff"));
}

#[test]
fn two_fields_may_say_that_there_is_no_place() {
    for (lat, lon) in [
        ("", ""),
        (" ", "\t"),
        ("NA", "NA"),
        ("NaN", ""),
        ("\\N", "null"),
        ("-", "-"),
        ("91", "181"),
        ("91.00000", "181.00000"),
        ("+091.0", "181"),
        ("91,0", "181,0"),
        (" 91", " 181"),
        ("-999.99", "-999.99"),
        ("9999", "9999"),
        ("-99.9", "-999.9"),
        ("+99.999", "999"),
        ("-9999.0", "-9999.0"),
        ("-999,90", "-999,90"),
        ("\u{2212}999", "\u{2212}999"),
        ("99.99", "-99999"),
    ] {
        assert!(is_no_place(lat.as_bytes(), lon.as_bytes()), "{lat:?}, {lon:?}");
    }
    for (lat, lon) in [
        ("", "1"),
        ("1", ""),
        ("NA", "2.5"),
        ("48.5", "NaN"),
        ("0", "0"),
        ("-0", "NA"),
        (".", "5"),
        ("91", "180"),
        ("91.1", "181"),
        ("181", "91"),
        ("-91", "-181"),
        ("90", "181"),
        ("9.9", "99.9"),
        ("-9", "-999"),
        ("99", "99"),
        ("-99.9", "-99.9"),
        ("-99.9", "359.9"),
        ("999", "9"),
        ("99.09", "999"),
        ("9990", "9990"),
        ("-999.99", "-998.99"),
        ("999e9", "999e9"),
        ("99", "abc"),
        ("9N", "9E"),
        ("99.9.9", "9999"),
        ("--99", "--999"),
        ("00", ""),
        ("0.", "NA"),
    ] {
        assert!(!is_no_place(lat.as_bytes(), lon.as_bytes()), "{lat:?}, {lon:?}");
    }
}

// ---- Places in one text ----

#[test]
fn wkt_is_read_longitude_first() {
    let there = Some([48.85, 2.35]);
    for text in [
        "POINT(2.35 48.85)",
        "POINT (2.35 48.85)",
        "Point(2.35 48.85)",
        "point ( 2.35  48.85 )",
        " POINT(2.35 48.85)\u{a0}",
        "POINT Z (2.35 48.85 120)",
        "POINTZ(2.35 48.85 120)",
        "POINT M (2.35 48.85 7)",
        "POINT ZM (2.35 48.85 120 7)",
        "pointzm(2.35 48.85 120 7)",
        "POINT(2.35 48.85 120)",
        "POINT Z (2.35 48.85 nan)",
        "POINT (235e-2 +48.85)",
        "SRID=4326;POINT(2.35 48.85)",
        "srid = 4326 ; POINT (2.35 48.85)",
        "SRID=4979;POINT Z (2.35 48.85 120)",
        "MULTIPOINT(2.35 48.85)",
        "MULTIPOINT ((2.35 48.85))",
        "MULTIPOINT Z ((2.35 48.85 120))",
        "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(2.35 48.85)",
        "<https://www.opengis.net/def/crs/OGC/0/CRS84>Point(2.35 48.85)",
        "<urn:ogc:def:crs:OGC:1.3:CRS84> POINT(2.35 48.85)",
        "<http://www.wikidata.org/entity/Q2> Point(2.35 48.85)",
    ] {
        assert_eq!(notation(text.as_bytes()), Some(Notation::Geometry), "{text:?}");
        assert_place(text, there);
    }
    // The range is the caller's: whoever wrote the latitude first must be told so.
    assert_place("POINT(28.7 -151.1)", Some([-151.1, 28.7]));
}

#[test]
fn wkt_may_say_that_there_is_no_place() {
    for text in [
        "POINT EMPTY",
        "point empty",
        "POINT Z EMPTY",
        "SRID=4326;POINT EMPTY",
        "MULTIPOINT EMPTY",
        "GEOMETRYCOLLECTION EMPTY",
        "POINT(NaN NaN)",
        "POINT(nan nan)",
        "POINT (181 91)",
        "POINT (-999.9 -999.9)",
    ] {
        assert_eq!(notation(text.as_bytes()), Some(Notation::Geometry), "{text:?}");
        assert_place(text, None);
    }
    for text in ["", " ", "NA", "null", "\\N", "-"] {
        assert_eq!(notation(text.as_bytes()), None, "{text:?}");
        assert_place(text, None);
    }
}

#[test]
fn geometry_that_is_no_place_in_degrees_is_refused_by_name() {
    let each = "FILE -oo GEOM_POSSIBLE_NAMES=COLUMN -explodecollections | farthest pack -";
    let centre = "select ST_Centroid(geometry), * from LAYER' | farthest pack -";
    let elsewhere = "where it comes from";
    let cases: [(&str, &[&str]); 30] = [
        ("LINESTRING (1 1, 2 2)", &["LINESTRING", centre]),
        ("linestring(1 1,2 2)", &["LINESTRING", centre]),
        ("POLYGON ((0 0, 1 0, 1 1, 0 0))", &["POLYGON", centre]),
        ("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))", &["MULTIPOLYGON", centre]),
        ("MULTILINESTRING Z ((1 1 1, 2 2 2))", &["MULTILINESTRING", centre]),
        ("GEOMETRYCOLLECTION (POINT (1 2))", &["GEOMETRYCOLLECTION", each]),
        ("CIRCULARSTRING(0 0, 1 1, 2 0)", &["CIRCULARSTRING", centre]),
        ("COMPOUNDCURVE(CIRCULARSTRING(0 0, 1 1, 2 0), (2 0, 3 0))", &["COMPOUNDCURVE", centre]),
        ("BOX(1 2,3 4)", &["BOX", centre]),
        ("SRID=4326;LINESTRING(1 1,2 2)", &["LINESTRING", elsewhere, "ST_Centroid"]),
        ("MULTIPOINT(1 2, 3 4)", &["MULTIPOINT of several points", each]),
        ("MULTIPOINT((1 2), (3 4))", &["MULTIPOINT of several points", each]),
        ("SRID=25832;POINT (621947.19 5975703.87)", &["SRID=25832", "EPSG:4326", "ST_Transform"]),
        ("SRID=3857;POINT EMPTY", &["SRID=3857", "ST_Transform(GeomFromEWKT(COLUMN), 4326)"]),
        ("SRID=0;POINT(1 2)", &["SRID=0", "no reference system"]),
        ("SRID=43260;POINT(1 2)", &["SRID=43260"]),
        ("SRID=;POINT(1 2)", &["SRID="]),
        (
            "<http://www.wikidata.org/entity/Q405> Point(1 2)",
            &["wikidata.org/entity/Q405", "another globe"],
        ),
        (
            "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(48.85 2.35)",
            &["EPSG/0/4326", "latitude first", "CRS84"],
        ),
        ("<http://www.opengis.net/def/crs/EPSG/0/25832> POINT(1 2)", &["25832", elsewhere]),
        ("POINT(2.35, 48.85)", &["a point in degrees", "a blank parts"]),
        ("POINT(2,35 48,85)", &["the decimal sign is a point"]),
        ("POINT(2.35)", &["a longitude and a latitude"]),
        ("POINT(1 2 3 4 5)", &["Z and M"]),
        ("POINT(1 2 x)", &["Z and M"]),
        ("POINT(1 x)", &["decimal numbers"]),
        ("POINT(1 inf)", &["not finite"]),
        ("POINT(1 NaN)", &["not finite"]),
        ("POINT(1 2", &["brackets"]),
        ("POINT(1 2) x", &["brackets"]),
    ];
    for (text, words) in cases {
        assert_eq!(notation(text.as_bytes()), Some(Notation::Geometry), "{text:?}");
        assert_no_place_read(text, words);
    }
    let long = format!("LINESTRING ({}1 1)", "1 1, ".repeat(100_000));
    assert_no_place_read(&long, &["LINESTRING", "ST_Centroid"]);
    let long = format!("POINT ({}1 1)", " ".repeat(1000));
    assert_no_place_read(&long, &["longer than 512 bytes"]);
}

#[test]
fn binary_geometry_is_refused_with_the_query_that_helps() {
    for text in [
        "\\x010100000029cb10c7bae8344085eb51b81e9534c0",
        "010100000029cb10c7bae8344085eb51b81e9534c0",
        "0x0101000000000000000000F03F0000000000000040",
        // EWKB with SRID 4326, big-endian WKB, ISO's point with Z, an empty collection.
        "0101000020E610000029CB10C7BAE8344085EB51B81E9534C0",
        "00000000013FF00000000000004000000000000000",
        "01E9030000000000000000F03F00000000000000400000000000000840",
        "010700000000000000",
        // PostGIS's point with Z and SRID, ISO's with Z and M, a line of two points.
        "01010000A0E6100000000000000000F03F00000000000000400000000000000840",
        "01B90B0000000000000000F03F000000000000004000000000000008400000000000001040",
        "010200000002000000000000000000F03F000000000000004000000000000008400000000000001040",
    ] {
        assert_eq!(notation(text.as_bytes()), Some(Notation::Geometry), "{text}");
        assert_no_place_read(text, &["WKB", "ST_X(geom)", "ST_Y(geom)", "ST_AsText(geom)"]);
    }
    // MySQL has the SRID, here 4326 and 3857, before it.
    for text in [
        "0xE6100000010100000029CB10C7BAE8344085EB51B81E9534C0",
        "E6100000010100000029CB10C7BAE8344085EB51B81E9534C0",
        "0x110F0000010100000029cb10c7bae8344085eb51b81e9534c0",
    ] {
        assert_eq!(notation(text.as_bytes()), Some(Notation::Geometry), "{text}");
        assert_no_place_read(text, &["WKB", "ST_Latitude(geom)", "ST_X(geom)"]);
    }
    for text in [
        "0101000000",
        "01010000000000000",
        "019900000000000000",
        "020100000000000000",
        "01000000000000000000",
        "000000000000000000",
        "010100000029cb10c7bae8344085eb51b81e9534cg",
        // A point of a byte less and of one more, and one of MySQL without its last byte.
        "010100000029cb10c7bae8344085eb51b81e9534",
        "010100000029cb10c7bae8344085eb51b81e9534c000",
        "0xE6100000010100000029CB10C7BAE8344085EB51B81E9534",
        // Numbers with zeros before them; a UUID without dashes, MD5, SHA-1 and SHA-256.
        "00000000000000000042",
        "000000000100000042",
        "00000000010000000000000000000042",
        "0000000003000000010000000000",
        "01020000000200000000000000000042",
        "d41d8cd98f00b204e9800998ecf8427e",
        "0101000000550e8400e29b41d4a71644",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "01010000009da39a3ee5e6b4b0d3255bfef95601",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "0101000000fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "#0101FF",
        "0x0101FF",
    ] {
        assert_eq!(notation(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn two_angles_with_letters_are_read_in_either_order() {
    let cases = [
        ("2155S 15916E", [-21.916666666666668, 159.26666666666668]),
        ("15916E 2155S", [-21.916666666666668, 159.26666666666668]),
        ("26.9826N 88.9391E", [26.9826, 88.9391]),
        ("88.9391E26.9826N", [26.9826, 88.9391]),
        ("48°51'24\"N 2°21'08\"E", [48.85666666666667, 2.352222222222222]),
        ("48°51′24″ N, 2°21′08″ E", [48.85666666666667, 2.352222222222222]),
        ("48°51'24\"N2°21'8\"E", [48.85666666666667, 2.352222222222222]),
        ("485124N0022108E", [48.85666666666667, 2.352222222222222]),
        ("N485124 E0022108", [48.85666666666667, 2.352222222222222]),
        ("48 51 24 N 2 21 8 E", [48.85666666666667, 2.352222222222222]),
        ("48:51:24 N; 2:21:08 E", [48.85666666666667, 2.352222222222222]),
        ("(48°51'24\"N, 2°21'08\"E)", [48.85666666666667, 2.352222222222222]),
        ("N 48 51.5, E 2 21.0", [48.858333333333334, 2.35]),
        ("N48 51,5 E2 21,0", [48.858333333333334, 2.35]),
        ("E 2 21.0 N 48 51.5", [48.858333333333334, 2.35]),
        ("N48.85W2.35", [48.85, -2.35]),
        ("48.85 N / 2.35 E", [48.85, 2.35]),
        ("48,85 N, 2,35 E", [48.85, 2.35]),
        ("48,85N,2,35E", [48.85, 2.35]),
        ("48.85N,.5W", [48.85, -0.5]),
        ("48.85 north, 2.35 west", [48.85, -2.35]),
        ("48.85° N 2.35° W", [48.85, -2.35]),
        ("\u{a0}48.85°\u{a0}S,\u{a0}2.35°\u{a0}W", [-48.85, -2.35]),
        ("0°0'S 0°0'W", [-0.0, -0.0]),
    ];
    for (text, expected) in cases {
        assert_eq!(notation(text.as_bytes()), Some(Notation::Marked), "{text:?}");
        assert_place(text, Some(expected));
    }
}

#[test]
fn two_angles_with_letters_that_have_no_one_reading_are_refused() {
    let marked = [
        ("48°75'N 2°21'E", "minutes are below 60"),
        ("48°51'N 2°21'60\"E", "seconds are below 60"),
        ("52° 31' N, 13° 24' O", "O is west in French and Spanish"),
        ("2155S 15916O", "write W or E"),
        ("-22.5 S, 45 E", "a sign and a letter"),
        ("123N 45E", "up to 2 digits"),
        ("48.5.5N 2E", "two points or commas"),
        ("N 48 51 24 10 E 2", ""),
    ];
    for (text, words) in marked {
        assert_eq!(notation(text.as_bytes()), Some(Notation::Marked), "{text:?}");
        assert_no_place_read(text, &["a latitude and a longitude in degrees", words]);
    }
    let others = [
        ("48N 52N", "exactly one of N and S"),
        ("2E 3W", "exactly one of N and S"),
        ("N 48", "exactly one of N and S"),
        ("48N 2E 3E", "exactly one of N and S"),
        ("N48 2E", "before both angles or behind both"),
        ("48N 2 E 3", "before both angles or behind both"),
        ("48,, N 2 E", ""),
        ("48N,, 2E", ""),
        ("48.85, 2.35", "which of the two numbers is the latitude is not said"),
        ("48.85", ""),
        ("N E", ""),
        ("Paris", ""),
        ("S E corner of 5th", ""),
    ];
    for (text, words) in others {
        assert_ne!(notation(text.as_bytes()), Some(Notation::Marked), "{text:?}");
        assert_no_place_read(text, &["a latitude and a longitude in degrees", words]);
    }
}

#[test]
fn iso_6709_is_read_by_the_count_of_digits() {
    let cases = [
        ("+0548-04420", [5.8, -44.333333333333336]),
        ("-7752+16643", [-77.86666666666666, 166.71666666666667]),
        ("+485130+0022100/", [48.858333333333334, 2.35]),
        ("+48.8577+002.295/", [48.8577, 2.295]),
        ("+48,8577+002,295/", [48.8577, 2.295]),
        ("+4851.5+00221.0/", [48.858333333333334, 2.35]),
        ("+48+002", [48.0, 2.0]),
        ("-00-000", [-0.0, -0.0]),
        ("\u{2212}0030\u{2212}00030", [-0.5, -0.5]),
        // With a height, with a reference system.
        ("+27.5916+086.5640+8850CRSWGS_84/", [27.5916, 86.5640]),
        ("+352139+1384339+3776CRSWGS_84/", [35.36083333333333, 138.7275]),
        ("-90+000+2800CRSWGS_84/", [-90.0, 0.0]),
        ("+40.20361-075.00417CRSWGS_84/", [40.20361, -75.00417]),
    ];
    for (text, expected) in cases {
        assert_eq!(notation(text.as_bytes()), Some(Notation::Marked), "{text:?}");
        assert_place(text, Some(expected));
    }
    for (text, words) in
        [("+4875+00221", "minutes are below 60"), ("+48+002CRSOTHER/", "not WGS_84 but \"OTHER\"")]
    {
        assert_eq!(notation(text.as_bytes()), Some(Notation::Marked), "{text:?}");
        assert_no_place_read(text, &[words]);
    }
    for text in ["+48+2", "+485+0021", "+0548-044", "+48-04420", "+33-612345678", "-5-3"] {
        assert_eq!(notation(text.as_bytes()), None, "{text:?}");
        assert_no_place_read(text, &["2, 4 or 6 digits"]);
    }
    for text in ["0548-04420", "+48 +002", "2024-03-05", "+48+002+", "+49-30-123-456"] {
        assert_ne!(notation(text.as_bytes()), Some(Notation::Marked), "{text:?}");
    }
}

#[test]
fn two_numbers_are_read_in_their_order() {
    let cases = [
        ("48.9, 2.4", [48.9, 2.4]),
        ("48.9,2.4", [48.9, 2.4]),
        ("48.9 ,2.4", [48.9, 2.4]),
        ("48.9 2.4", [48.9, 2.4]),
        ("48.9\t2.4", [48.9, 2.4]),
        ("(48.9 2.4)", [48.9, 2.4]),
        ("(77.36821, -13.77265)", [77.36821, -13.77265]),
        ("[5.94559,42.58276]", [5.94559, 42.58276]),
        ("[48.9; 2.4]", [48.9, 2.4]),
        ("{48, 2}", [48.0, 2.0]),
        ("(48,2)", [48.0, 2.0]),
        ("48, 2", [48.0, 2.0]),
        ("48,-2", [48.0, -2.0]),
        ("48.5,2", [48.5, 2.0]),
        ("48;2", [48.0, 2.0]),
        ("48,85 2,35", [48.85, 2.35]),
        ("(48,85 2,35)", [48.85, 2.35]),
        ("48,85;2,35", [48.85, 2.35]),
        ("48,85; -2,35", [48.85, -2.35]),
        ("48,85 2", [48.85, 2.0]),
        ("48 2,35", [48.0, 2.35]),
        ("\u{2212}48.9,\u{a0}\u{2212}2.4", [-48.9, -2.4]),
        ("-0, 0", [-0.0, 0.0]),
        ("1e1, 2", [10.0, 2.0]),
    ];
    for (text, expected) in cases {
        assert_eq!(two_numbers(text.as_bytes()), Ok(Some(expected)), "{text:?}");
        assert_eq!(notation(text.as_bytes()), Some(Notation::TwoNumbers), "{text:?}");
    }
    for text in [
        "",
        " ",
        "NA",
        "NA, NA",
        "null,null",
        "(NaN NaN)",
        "[null, null]",
        ",",
        "()",
        "[ ]",
        ", ",
        ";",
        "91.0, 181.0",
        "181 91",
        "-999.9;-999.9",
    ] {
        assert_eq!(two_numbers(text.as_bytes()), Ok(None), "{text:?}");
        assert_eq!(notation(text.as_bytes()), None, "{text:?}");
    }
}

#[test]
fn two_numbers_that_have_no_one_reading_are_refused() {
    for (text, words) in [
        ("48,85, 2,35", "which commas are decimal signs"),
        ("48,85,2,35", "which commas are decimal signs"),
        ("(48,85, 2,35)", "which commas are decimal signs"),
        ("48.9, 2.4, 120", "commas"),
        ("48, 85 2", ""),
        ("48 85, 2", ""),
        ("48,85", "one number with a decimal comma, or two"),
        ("-48,85", "one number with a decimal comma, or two"),
        ("48.85", "one number"),
        ("1 2 3", "more than two numbers"),
        ("1;2;3", "more than two numbers"),
        ("1e999, 2", "not finite"),
        ("48.9, ", ""),
        ("48.9, NA", ""),
        ("(48.9, 2.4", ""),
        ("[48.9, 2.4)", ""),
        ("((48.9, 2.4))", ""),
        ("48.9, 2.4.1", ""),
        ("48.9 N, 2.4", ""),
        ("Paris, France", ""),
    ] {
        let problem = two_numbers(text.as_bytes()).expect_err(text);
        assert!(problem.starts_with("expected two numbers in degrees, found "), "{problem}");
        assert!(problem.contains(words), "{text:?}: {problem}");
        assert_eq!(notation(text.as_bytes()), None, "{text:?}");
    }
}

#[test]
fn names_and_other_words_are_no_place() {
    for text in [
        "Paris",
        "Point Arena",
        "Point (old)",
        "POINT",
        "POINT(",
        "Box",
        "Triangle (hill)",
        "48.85",
        "48",
        "-48,85",
        "48°51'24\"N",
        "2155S",
        "SRID=4326",
        "<p>",
        "<http://x> y",
        "2024-03-05",
        "12:30",
        "1 034",
        "E. Coli",
        "S.E.",
        "№ 5",
        "New York, NY",
    ] {
        let found = notation(text.as_bytes());
        assert!(found.is_none() || text == "1 034", "{text:?}: {found:?}");
    }
    assert_eq!(notation(b"\xff\xfe 1 2"), None);
    assert_eq!(notation("1 2".repeat(100).as_bytes()), None);
}

// ---- Whatever is written ----

/// What Rust's own correctly rounded parser makes of `numerator / denominator` with 70 digits, which
/// long division writes out.
fn divided(numerator: u128, denominator: u128) -> f64 {
    let mut text = format!("{}.", numerator / denominator);
    let mut rest = numerator % denominator;
    for _ in 0..70 {
        text.push(char::from(b'0' + (rest * 10 / denominator) as u8));
        rest = rest * 10 % denominator;
    }
    text.parse().expect("digits")
}

/// Whether a value above zero is within 1.5 units in its last place of `numerator / denominator`, in
/// whole numbers: the value is m·2^-k, so |m·denominator − numerator·2^k| ≤ 1.5·denominator.
fn is_within_one_and_a_half_units(value: f64, numerator: u128, denominator: u128) -> bool {
    let m = u128::from((value.to_bits() & ((1 << 52) - 1)) | (1 << 52));
    let k = 1075 - (value.to_bits() >> 52);
    2 * (m * denominator).abs_diff(numerator << k) <= 3 * denominator
}

/// Bytes of a valid text with a few of them replaced, left out or doubled.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let valid = prop::sample::select(vec![
        "48°51'24.5\"N",
        "N 48 51.5, E 2 21.0",
        "2155S 15916E",
        "+485130+0022100+35CRSWGS_84/",
        "SRID=4326;POINT Z (2.35 48.85 120)",
        "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(1 2)",
        "MULTIPOINT((1 2),(3 4))",
        "\\x010100000029cb10c7bae8344085eb51b81e9534c0",
        "(48,85; 2,35)",
        "\u{2212}48,5 deg",
        "48 degrees 51 minutes 24 seconds south",
        "-999.99",
        "NA, NA",
        "4807.038,N",
    ]);
    let piece = prop_oneof![
        2 => any::<u8>().prop_map(|byte| vec![byte]),
        3 => prop::sample::select(b"0159.,;:-+ '\"NSEWO()<>/eZM".to_vec()).prop_map(|byte| vec![byte]),
        1 => prop::sample::select(vec!["°", "′", "\u{2212}", "\u{a0}", "''", "nan", "EMPTY", "99"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => Just(vec![]),
    ];
    let change = (any::<prop::sample::Index>(), 0..3_usize, piece);
    (valid, prop::collection::vec(change, 0..5)).prop_map(|(text, changes)| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, replaced, piece) in changes {
            let at = at.index(bytes.len() + 1);
            let end = (at + replaced).min(bytes.len());
            bytes.splice(at..end, piece);
        }
        bytes
    })
}

/// Calls everything, and checks what holds for any bytes at all.
fn check_any_bytes(bytes: &[u8]) {
    for axis in [Latitude, Longitude] {
        match degrees(bytes, axis) {
            Ok(value) => assert!(value.is_finite()),
            Err(problem) => {
                assert!(problem.contains("in degrees, found") && problem.len() < 500, "{problem}");
                assert!(!problem.contains(char::is_control), "{problem:?}");
            }
        }
    }
    let (found, there, two) = (notation(bytes), place(bytes), two_numbers(bytes));
    for result in [&there, &two] {
        match result {
            Ok(Some(values)) => assert!(values.iter().all(|value| value.is_finite())),
            Ok(None) => {}
            Err(problem) => assert!(problem.len() < 700 && !problem.contains(char::is_control)),
        }
    }
    // The shape and the readers agree.
    match found {
        Some(Notation::TwoNumbers) => assert!(matches!(two, Ok(Some(_))) && there.is_err()),
        Some(_) => assert!(!is_missing(bytes)),
        None => assert!(!matches!(there, Ok(Some(_))) && !matches!(two, Ok(Some(_)))),
    }
    assert_eq!(is_no_place(bytes, bytes) && is_missing(bytes), is_missing(bytes));
}

#[test]
fn long_fields_are_refused_at_once() {
    for part in [
        "1", "0", "9", " ", "\u{a0}", "(", "-", ",", ".", "'", "N", "N ", "1 ", "POINT(",
        "\u{feff}", "\0", "<", "1°",
    ] {
        let long = part.repeat(1_000_000);
        for before in ["", "x", "SRID=", "<", "POINT(", "MULTIPOINT((", "0101000000", "1 ", "-"] {
            check_any_bytes(format!("{before}{long}").as_bytes());
        }
        check_any_bytes(format!("1{long}1").as_bytes());
    }
}

#[test]
fn bytes_above_ascii_behind_digits_are_refused() {
    for strange in [&b"\xa0\xa9"[..], b"\xff\xff\xff\xff", b"\x80", b"::::"] {
        for plain in ["4807.038", "48.07038", "1.5", "-48.0703", "4807.0381234"] {
            check_any_bytes(&[plain.as_bytes(), strange].concat());
            check_any_bytes(&[strange, plain.as_bytes()].concat());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100_000, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_read_or_refused_but_never_a_panic(
        bytes in prop::collection::vec(prop_oneof![
            6 => prop::sample::select("0123456789.,;: -+'\"NSEWOnsewdg()/".as_bytes().to_vec()),
            1 => any::<u8>(),
        ], 0..40),
    ) {
        check_any_bytes(&bytes);
    }

    #[test]
    fn any_text_is_read_or_refused_but_never_a_panic(text in "\\PC{0,30}") {
        check_any_bytes(text.as_bytes());
    }

    #[test]
    fn what_is_nearly_right_is_read_or_refused_but_never_a_panic(bytes in mutated()) {
        check_any_bytes(&bytes);
    }

    #[test]
    fn up_to_nine_digits_of_seconds_are_rounded_correctly(
        d in 0..=999_u128, m in 0..60_u128, s in 0..60_u128, places in 1..=9_u32, f in any::<u64>(),
    ) {
        let scale = 10_u128.pow(places);
        let f = u128::from(f) % scale;
        let seconds = format!("{s}.{f:0width$}", width = places as usize);
        let expected = divided(((d * 60 + m) * 60 + s) * scale + f, 3600 * scale);
        assert_degrees(&format!("{d} {m} {seconds}"), Longitude, expected);
        let minutes = format!("{m},{f:0width$}", width = places as usize);
        let expected = divided((d * 60 + m) * scale + f, 60 * scale);
        assert_degrees(&format!("-{d}°{minutes}'"), Longitude, -expected);
    }

    #[test]
    fn up_to_eighteen_digits_of_seconds_are_within_one_and_a_half_units(
        d in 0..=999_u128, m in 0..60_u128, s in 0..60_u128, places in 10..=18_u32, f in any::<u64>(),
    ) {
        let scale = 10_u128.pow(places);
        let f = u128::from(f) % scale;
        let text = format!("{d}:{m}:{s}.{f:0width$}", width = places as usize);
        let found = degrees(text.as_bytes(), Longitude).expect("an angle");
        let (numerator, denominator) = (((d * 60 + m) * 60 + s) * scale + f, 3600 * scale);
        prop_assert!(
            is_within_one_and_a_half_units(found, numerator, denominator) || numerator == 0,
            "{}: {}", text, found
        );
    }

    #[test]
    fn every_notation_of_a_place_gives_the_same_degrees(
        lat in (0..90_u128, 0..60_u128, 0..60_u128), lon in (0..180_u128, 0..60_u128, 0..60_u128),
        is_south in any::<bool>(), is_west in any::<bool>(),
    ) {
        let value = |(d, m, s): (u128, u128, u128), is_negative: bool| {
            let value = divided((d * 60 + m) * 60 + s, 3600);
            if is_negative { -value } else { value }
        };
        let expected = [value(lat, is_south), value(lon, is_west)];
        let ((a, b, c), (d, e, f)) = (lat, lon);
        let (ns, ew) = (if is_south { 'S' } else { 'N' }, if is_west { 'W' } else { 'E' });
        let sign = |is_negative| if is_negative { '-' } else { '+' };
        for text in [
            format!("{a}°{b}'{c}\"{ns} {d}°{e}'{f}\"{ew}"),
            format!("{ew} {d} {e} {f}, {ns} {a} {b} {c}"),
            format!("{a}:{b:02}:{c:02} {ns}; {d}:{e:02}:{f:02} {ew}"),
            format!("{a:02}{b:02}{c:02}{ns}{d:03}{e:02}{f:02}{ew}"),
            format!("{}{a:02}{b:02}{c:02}{}{d:03}{e:02}{f:02}/", sign(is_south), sign(is_west)),
        ] {
            prop_assert_eq!(place(text.as_bytes()), Ok(Some(expected)), "{}", text);
            prop_assert_eq!(notation(text.as_bytes()), Some(Notation::Marked));
        }
        assert_degrees(&format!("{}{a} {b} {c}", sign(is_south)), Latitude, expected[0]);
        let wkt = format!("SRID=4326;POINT({} {})", expected[1], expected[0]);
        prop_assert_eq!(place(wkt.as_bytes()), Ok(Some(expected)));
    }
}
