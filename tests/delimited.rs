//! Proves that delimited text is read as it was meant or refused at the right line: with a header and
//! without, every way to write a file that people have, and each way to get it wrong.

mod common;

use std::path::Path;

use common::cities_of;
use csv::{QuoteStyle, Terminator, WriterBuilder};
use farthest::cities::CityList;
use farthest::columns::Wishes;
use farthest::error::Error;
use farthest::formats::{Encoding, ReadOptions, Skipped, looks_like_text, read};
use proptest::prelude::*;

/// A city as a test writes it: latitude, longitude, name.
type City<'a> = (f64, f64, &'a str);

const TWO: [City<'static>; 2] = [(10.0, 20.0, "a"), (-30.5, 40.25, "b")];

fn skipping() -> ReadOptions {
    ReadOptions { skip_invalid: true, ..ReadOptions::default() }
}

fn naming(lat: Option<&str>, lon: Option<&str>, name: Option<&str>) -> ReadOptions {
    let [lat, lon, name] = [lat, lon, name].map(|n| n.map(String::from));
    ReadOptions {
        columns: Wishes { lat, lon, name, ..Wishes::default() },
        ..ReadOptions::default()
    }
}

fn read_with(text: impl AsRef<[u8]>, options: &ReadOptions) -> Result<(CityList, Skipped), Error> {
    let reading = read(Path::new("cities.txt"), text.as_ref(), options)?;
    Ok((reading.list, reading.skipped))
}

#[track_caller]
fn list_of(text: impl AsRef<[u8]>) -> CityList {
    let shown = text.as_ref().escape_ascii().to_string();
    match read_with(text, &ReadOptions::default()) {
        Ok((list, skipped)) => {
            assert_eq!(skipped, Skipped::default());
            list
        }
        Err(error) => panic!("{shown}: {error}"),
    }
}

#[track_caller]
fn assert_cities(list: &CityList, expected: &[City<'_>]) {
    let expected: Vec<_> = expected.iter().map(|&(lat, lon, n)| (lat, lon, n.into())).collect();
    assert_eq!(cities_of(list), expected);
}

#[track_caller]
fn assert_reads(text: impl AsRef<[u8]>, expected: &[City<'_>]) {
    assert_cities(&list_of(text), expected);
}

/// The line and the problem for which a text is refused.
#[track_caller]
fn refusal_with(text: impl AsRef<[u8]>, options: &ReadOptions) -> (u64, String) {
    let shown = text.as_ref().escape_ascii().to_string();
    match read_with(text, options) {
        Err(Error::Line { file, line, problem }) => {
            assert_eq!(file, Path::new("cities.txt"));
            (line, problem)
        }
        Err(error) => panic!("{shown}: not the error of a line: {error}"),
        Ok((list, _)) => panic!("{shown}: taken for {} cities", list.len()),
    }
}

#[track_caller]
fn refusal(text: impl AsRef<[u8]>) -> (u64, String) {
    refusal_with(text, &ReadOptions::default())
}

#[track_caller]
fn assert_refused(text: impl AsRef<[u8]>, line: u64, words: &[&str]) {
    let (found, problem) = refusal(text);
    for word in words {
        assert!(problem.contains(word), "{word:?} is not in: {problem}");
    }
    assert_eq!(found, line, "{problem}");
}

// ---- The notebook's form ----

#[test]
fn the_notebooks_form_in_all_its_spellings() {
    assert_reads("10 20 a\n-30.5 40.25 b\n", &TWO);
    assert_reads("10 20 a\n-30.5 40.25 b", &TWO);
    assert_reads("10 20 a\r\n-30.5 40.25 b\r\n", &TWO);
    assert_reads("\u{feff}10 20 a\n-30.5 40.25 b\n", &TWO);
    assert_reads("\n\n10 20 a\n \t \n\n-30.5 40.25 b\n\n\n", &TWO);
    assert_reads("\r\n10 20 a\r\n\r\n-30.5 40.25 b\r\n\r\n", &TWO);
    assert_reads("# c\n\n  # 1 2 c\n10 20 a\n-30.5 40.25 b\n", &TWO);
    assert_reads("10,0 20,0 a\n-30,5 40,25 b\n", &TWO);
    assert_reads("  10\t20   a  \n\t-30.5  40.25\tb\t\n", &TWO);
    assert_reads("10\t20\ta\n-30.5\t40.25\tb\n", &TWO);
    assert_reads("+1e1 2.0E1 a\n-30.50 40.250 b\n", &TWO);
    assert_reads("10. 20 a\n-.305e2 040.25 b\n", &TWO);
}

#[test]
fn a_notebooks_name_is_all_that_follows() {
    assert_reads("1 2 São Paulo, BR\n", &[(1.0, 2.0, "São Paulo, BR")]);
    assert_reads("1 2 a\n3 4 \n", &[(1.0, 2.0, "a"), (3.0, 4.0, "")]);
    assert_reads("1 2 # 1\n", &[(1.0, 2.0, "# 1")]);
    assert_reads("1 2 \"x\" 3\n", &[(1.0, 2.0, "\"x\" 3")]);
    assert_reads("1 2 a  b\tc\n", &[(1.0, 2.0, "a  b\tc")]);
    // What is not UTF-8 is Windows-1252, unless the user says that it is UTF-8 after all.
    assert_reads(b"1 2 Z\xfcrich\n", &[(1.0, 2.0, "Zürich")]);
    let options = ReadOptions { encoding: Some(Encoding::Utf8), ..ReadOptions::default() };
    let (list, _) = read_with(b"1 2 Z\xfcrich\n", &options).expect("a list");
    assert_eq!(list.name(0), b"Z\xfcrich");
}

#[test]
fn nothing_at_all_is_no_city() {
    for text in ["", "\n", "  \r\n\t\n", "# only\n# comments", "\u{feff}", "\u{feff}# c\n"] {
        assert_reads(text, &[]);
    }
}

#[test]
fn coordinates_to_the_very_edge_are_taken() {
    let edges = [(90.0, 360.0, "a"), (-90.0, -180.0, ""), (0.0, 0.0, "")];
    assert_reads("90 360 a\n-90.0 -180\n0 0\n", &edges);
    let text = "-0.0 -0 a\n";
    assert!(list_of(text).coordinates(0).lat_deg().is_sign_negative());
    assert_refused("90.00000000000001 0 a\n", 1, &["latitude in [-90, 90]", "90.00000000000001"]);
    assert_refused("0 360.0000000000001 a\n", 1, &["longitude in [-180, 360]"]);
    assert_refused("0 -180.00000000000003 a\n", 1, &["longitude in [-180, 360]"]);
}

// ---- Delimited files ----

#[test]
fn every_delimiter_header_and_line_end() {
    for delimiter in ["\t", ",", ";"] {
        for end in ["\n", "\r\n"] {
            for start in ["", "\u{feff}", "# c\n", "\r\n", " \n", "\u{feff}# a,b\tc;d\n\n"] {
                for last in ["", end] {
                    let rows = ["lat,lon,name", "10,20,a", "-30.5,40.25,b"].join(end);
                    let text = format!("{start}{}{last}", rows.replace(',', delimiter));
                    assert_reads(text, &TWO);
                }
            }
        }
    }
}

#[test]
fn usual_columns_are_found_in_any_case_and_order() {
    let short =
        (["lat", "LAT_DEG", "Lat(DD)", "lat_wgs84"], ["lon", "LNG", "Long", "Lon_Deg", "lonDD"]);
    let long = (
        ["Latitude", "latitude_deg", "decimalLatitude", "Latitude [°WGS84]"],
        ["longitude", "LONGITUDE", "longitude_deg", "decimalLongitude", "Longitude (°E)"],
    );
    for (lats, lons) in [short, long] {
        for lat in lats {
            for lon in lons {
                assert_reads(format!("{lon},{lat}\n20,10\n"), &[(10.0, 20.0, "")]);
            }
        }
    }
    assert_reads("y,x\n10,20\n", &[(10.0, 20.0, "")]);
    // One word of each kind alone makes a pair as well, but never with x or y.
    assert_reads("longitude,lat\n20,10\n", &[(10.0, 20.0, "")]);
    assert_refused("x,lat\n20,10\n", 1, &["latitude", "--lat"]);
    let names =
        ["name", "City", "city_name", "CITYNAME", "place", "place_name", "Town", "label", "title"];
    for name in names {
        assert_reads(format!("id,{name},lon,lat\n7,x,20,10\n"), &[(10.0, 20.0, "x")]);
    }
    assert_reads(" lat , lon ,\"name\"\n 10 , 20 , a \n", &[(10.0, 20.0, "a")]);
    // The likeliest name wins, wherever it stands.
    assert_reads("y,x,city,name,lon,lat\n1,2,c,n,20,10\n", &[(10.0, 20.0, "n")]);
    assert_reads(",lat,lon,name\n0,10,20,a\n", &[(10.0, 20.0, "a")]);
}

#[test]
fn columns_can_be_named() {
    let text = "lat,lon,name,above,Across,Ort\n1,2,nn,10,20,o\n";
    let (list, _) = read_with(text, &naming(Some("Above"), Some("across"), Some("ort"))).unwrap();
    assert_cities(&list, &[(10.0, 20.0, "o")]);
    let (list, _) = read_with(text, &naming(None, Some("Across"), None)).unwrap();
    assert_cities(&list, &[(1.0, 20.0, "nn")]);
    for (options, flag, column) in [
        (naming(Some("b"), None, None), "--lat", "\"b\""),
        (naming(None, Some("l"), None), "--lon", "\"l\""),
        (naming(None, None, Some("o")), "--name", "\"o\""),
    ] {
        let (line, problem) = refusal_with(text, &options);
        assert_eq!(line, 1);
        assert!(problem.contains(flag) && problem.contains(column), "{problem}");
        assert!(problem.contains("above"), "the header is shown: {problem}");
    }
}

#[test]
fn columns_can_be_numbered_and_show_whether_there_is_a_header() {
    let numbered = naming(Some("2"), Some("3"), Some("1"));
    let rows = [(10.0, 20.0, "a"), (-30.5, 40.25, "b")];
    for delimiter in [",", ";", "\t", "|", " "] {
        for header in ["", "town,up,right,rest\n"] {
            let text = format!("{header}a,10,20,9\nb,-30.5,40.25,9\n").replace(',', delimiter);
            let (list, _) = read_with(&text, &numbered).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_cities(&list, &rows);
        }
    }
    // Numbers mean columns, not names.
    let (list, _) = read_with("1;2\n10;20\n", &naming(Some("1"), Some("2"), None)).unwrap();
    assert_cities(&list, &[(1.0, 2.0, ""), (10.0, 20.0, "")]);
    // Decimal commas leave one delimiter.
    let (list, _) = read_with("10,5;20,5\n", &naming(Some("1"), Some("2"), None)).unwrap();
    assert_cities(&list, &[(10.5, 20.5, "")]);
    // In white space a name that is the last column may hold blanks.
    let text = "11 10 20 1 ST JOHNS\n12 -30.5 40.25 1 X\n";
    let (list, _) = read_with(text, &naming(Some("2"), Some("3"), Some("5"))).unwrap();
    assert_cities(&list, &[(10.0, 20.0, "ST JOHNS"), (-30.5, 40.25, "X")]);
    let (_, problem) = refusal_with(text, &naming(Some("2"), Some("3"), None));
    assert!(problem.contains("fields") && problem.contains("--name"), "{problem}");
    for (text, options, words) in [
        ("a,b,c\nd,e,f\n", &numbered, "column 2 and 3"),
        ("a,1\nb,2\n", &numbered, "column 2 and 3"),
        ("0,1,2\na,10,20\n", &numbered, "numbers the columns"),
        ("Quito,O,-78.5\nRome,41.9,12.5\n", &numbered, "\"O\""),
        ("Paris,48.85x,2.35\nRome,41.9,12.5\n", &numbered, "48.85x"),
        ("Paris,,2.35\nRome,41.9,12.5\n", &numbered, "found nothing"),
        ("a,10,20\n", &naming(Some("2"), Some("3"), Some("9")), "column 9"),
        ("lat,lon\n1,2\n", &naming(Some("0"), None, None), "\"0\""),
    ] {
        let (line, problem) = refusal_with(text, options);
        assert!(line == 1 && problem.contains(words), "{text}: {problem}");
    }
}

#[test]
fn one_column_cannot_be_both() {
    let (_, problem) = refusal_with("a,b\n1,2\n", &naming(Some("a"), Some("1"), None));
    assert!(problem.contains("--lat-lon 1"), "{problem}");
}

#[test]
fn quoted_fields_hold_anything() {
    let text = "name,lat,lon\n\"a, b\",1,2\n\"say \"\"hi\"\"\",\"3\",\"4\"\n\"\",5,6\n";
    assert_reads(text, &[(1.0, 2.0, "a, b"), (3.0, 4.0, "say \"hi\""), (5.0, 6.0, "")]);
    let text = "name;lat;lon\n\"a;b\";1;2\n\"one\ntwo\r\n\nthree\";3;4\nlast;5;6\n";
    assert_reads(text, &[(1.0, 2.0, "a;b"), (3.0, 4.0, "one\ntwo\r\n\nthree"), (5.0, 6.0, "last")]);
    let text = "lat\tlon\tname\n1\t2\t\"a\tb\"\n3\t4\t\"x\n# y\n1\t2\"\n";
    assert_reads(text, &[(1.0, 2.0, "a\tb"), (3.0, 4.0, "x\n# y\n1\t2")]);
    let text = b"lat,lon,name\n1,2,\xff\xfe\n3,4,\"Z\xfc,rich\"\n";
    assert_reads(text, &[(1.0, 2.0, "ÿþ"), (3.0, 4.0, "Zü,rich")]);
}

#[test]
fn a_mark_inside_an_unquoted_name_is_a_mark() {
    assert_reads("lat,lon,name\n1,2,5\" gun\n3,4,b\n", &[(1.0, 2.0, "5\" gun"), (3.0, 4.0, "b")]);
}

#[test]
fn blank_lines_between_rows_are_no_rows() {
    let text = "# x\n\n  # made by x, y\nlat,lon,name\n\n10,20,a\n   \n\r\n-30.5,40.25,b\n\n";
    let list = list_of(text);
    assert_cities(&list, &TWO);
    assert_eq!((list.row(1), list.source_rows()), (1, 2));
    assert_reads("lat\tlon\tname\n10\t20\ta\n\t\t\n-30.5\t40.25\tb\n\t\n", &TWO);
}

/// The fifth cure: 0.1.0 loses the cities of such rows.
#[test]
fn below_the_header_a_line_that_begins_with_a_hash_is_a_row() {
    let reads = [(1.0, 2.0, "#1 City"), (3.0, 4.0, "b")];
    assert_reads("name,lat,lon\n#1 City,1,2\nb,3,4\n", &reads);
    assert_reads("name,lat,lon\n\"#1 City\",1,2\nb,3,4\n", &reads);
    assert_reads("name\tlat\tlon\nb\t3\t4\n#N/A\t1\t2\n", &[(3.0, 4.0, "b"), (1.0, 2.0, "#N/A")]);
    assert_reads("lat,lon,name\n1,2,#1 City\n", &[(1.0, 2.0, "#1 City")]);
    assert_refused("lat,lon,name\n1,2,a\n# moved\n3,4,b\n", 3, &["3 fields", "comment"]);
    assert_refused("1 2 a\n# moved\n3 4 b\n", 2, &["a latitude"]);
    assert_refused("name,lat,lon\n\"#1\",1,2\n\"#2\",x,2\n", 3, &["latitude"]);
}

/// The first cure: 0.1.0 reads what stands where the header has its coordinates.
#[test]
fn a_row_has_as_many_fields_as_the_header() {
    assert_refused("lat,lon,name\n81,17,19,08,a\n", 2, &["3 fields", "found 5", "decimal commas"]);
    assert_refused(
        "name,population,lat,lon\nb,1,2,3\na,1,034,31.5,-43.2\n",
        3,
        &["4 fields", "found 5"],
    );
    assert_refused("code;lat;lon;height\na;1;2;3\n4;5;6\n", 3, &["4 fields", "found 3"]);
    assert_refused("lat,lon,name\n1,2\n", 2, &["3 fields", "found 2"]);
    assert_refused("lat;lon;name\n1;2;a; b\n", 2, &["3 fields", "found 4"]);
    // Empty ones at the end of either are not counted.
    let both = [(1.0, 2.0, "a"), (3.0, 4.0, "")];
    assert_reads("lat,lon,name,,\n1,2,a\n3,4,,\n", &both);
    // A delimiter may end each row, or some of them where all are full.
    assert_reads("lat,lon,name\n1,2,a,\n3,4,,\n", &both);
    assert_reads("lat,lon,name\n1,2,a,\n3,4,b\n", &[(1.0, 2.0, "a"), (3.0, 4.0, "b")]);
    // Empty ones behind the header's hide a field that is too many.
    assert_refused("id,name,lat,lon,note,url\n1,Oslo,59,91,10,75,,\n", 2, &["6 fields", "found 8"]);
    let text =
        "name,elev,lat,lon,pop,note\nParis,35,48.85,2.35,2000000,\nFoo, Bar,12,45.5,7.1,1000,\n";
    assert_refused(text, 3, &["6 fields", "found 7"]);
    let text = "name,elev,lat,lon,pop\nA,500,48.1,11.2,7\nB,48.1,11.2,5,,\n";
    assert_refused(text, 3, &["5 fields", "found 6"]);
    let text = "name,lat,lon\na,1,2\nb, c,3,4\nd,5,6\n";
    let (list, skipped) = read_with(text, &skipping()).expect("skipped");
    assert_cities(&list, &[(1.0, 2.0, "a"), (5.0, 6.0, "d")]);
    assert_eq!((skipped.count, skipped.without_coordinates), (1, 0));
}

#[test]
fn tables_of_r_have_a_column_that_the_header_has_not() {
    for delimiter in ["\t", ",", " "] {
        let text = "\"name\",\"lat\",\"lon\"\n\"1\",\"a\",10,20\n\"2\",\"b\",-30.5,40.25\n";
        assert_reads(text.replace(',', delimiter), &TWO);
    }
    // Without quotation marks, or where the first field does not count, it is one field too many.
    assert_refused("lat,lon,name\n1,10,20,a\n2,-30,40,b\n", 2, &["3 fields"]);
    assert_refused("\"lat\",\"lon\",\"name\"\n81,17,19,08\n", 2, &["3 fields"]);
}

/// Two quotation marks that somebody forgot must not close each other over a city.
#[test]
fn a_row_within_quotation_marks_is_refused() {
    let text = "name,lat,lon\n\"a,1,2\nb,3,4\nc\",5,6\n";
    assert_refused(text, 2, &["row by itself on line 2"]);
    let text = "name,lat,lon\n\"a,1,2\nb\",3,4\n";
    assert_refused(text, 2, &["row by itself on line 2"]);
    let text = "lat,lon,name\n1,2,\"\n3,4,\"\n";
    assert_refused(text, 2, &["row by itself on line 3"]);
    let text = "lat,lon,name\n1,2,\"a\n3,4,b\n\"\n";
    assert_refused(text, 2, &["row by itself on line 3"]);
}

// ---- What is refused, and where ----

#[test]
fn each_wrong_coordinate_says_what_was_expected_and_found() {
    let cases: [(&str, &[&str]); 11] = [
        ("abc,20,", &["a latitude in degrees", "found \"abc\""]),
        ("10,xyz,", &["a longitude in degrees", "found \"xyz\""]),
        (",20,", &["a latitude in degrees", "found nothing"]),
        ("10,,", &["a longitude in degrees", "found nothing"]),
        ("NaN,20,", &["a latitude", "\"NaN\""]),
        ("10,-inf,", &["a longitude", "\"-inf\"", "not finite"]),
        ("1e999,20,", &["a latitude", "not finite"]),
        ("100,200,", &["a latitude in [-90, 90]", "found 100"]),
        ("10,361,", &["a longitude in [-180, 360]", "found 361"]),
        ("48.856.600,2,", &["a latitude in degrees", "thousands"]),
        ("10\u{b0}75',20,", &["a latitude", "minutes"]),
    ];
    for (row, words) in cases {
        assert_refused(format!("lat,lon,name\n1,2,ok\n{row}\n3,4,ok\n"), 3, words);
        let (_, problem) = refusal(format!("lat,lon,name\n{row}\n"));
        assert!(problem.starts_with("expected "), "{problem}");
        assert!(problem.contains("--skip-invalid"), "{problem}");
    }
    let (_, problem) = refusal("lat,lon\n100,200\n");
    assert!(!problem.contains("swapped"), "200 is no latitude: {problem}");
    assert_refused("lat,lon\n5975703.87,621947.19\n", 2, &["a latitude", "metres"]);
    assert_refused(format!("lat,lon\n{},2\n", "9x".repeat(500)), 2, &["9x9x", "\u{2026}"]);
    assert_refused("lat,lon\n\"\x1b[31m\",2\n", 2, &["\\u{1b}[31m"]);
}

/// Half of the fifth cure: 0.1.0 leaves out the rows that betray it and takes the rest.
#[test]
fn swapped_columns_are_never_skipped() {
    for text in ["lat,lon\n10,20\n100,20\n", "10 20 a\n100 20 b\n"] {
        for options in [ReadOptions::default(), skipping()] {
            let (line, problem) = refusal_with(text, &options);
            assert!(problem.contains("swapped?"), "{problem}");
            assert_eq!(line, 2 + u64::from(text.starts_with('l')));
        }
    }
    assert_refused("lat,lon\n100,20\n", 2, &["a latitude in [-90, 90]", "found 100", "swapped?"]);
}

#[test]
fn the_notebooks_form_is_refused_alike() {
    assert_refused("1 2 ok\n95 20 x\n", 2, &["latitude in [-90, 90]", "found 95", "swapped?"]);
    assert_refused("1 2 ok\n10 x\n", 2, &["a longitude", "\"x\""]);
    assert_refused("1 2 ok\n10\n", 2, &["a longitude", "found nothing"]);
    assert_refused("1 2 ok\n1,0,5 20 x\n", 2, &["a latitude", "\"1,0,5\""]);
    assert_refused("1 2 x\nnan 2 x\n", 2, &["a latitude", "\"nan\""]);
    assert_refused("1 2 x\n1 inf x\n", 2, &["a longitude", "not finite"]);
    assert_refused("1 2 ok\nParis 48.8 2.3\n", 2, &["a latitude", "\"Paris\""]);
}

/// The fourth cure: 0.1.0 takes the first two numbers of any line.
#[test]
fn a_line_without_a_header_is_read_only_where_it_proves_itself() {
    for (text, words) in [
        ("7 48.85 2.35\n8 51.5 -0.1\n", &["--lat 2 --lon 3", "number"][..]),
        ("1 48.85 2.35 Paris\n2 51.5 -0.1 London\n", &["--lat 2 --lon 3", "number"]),
        ("2.35 48.85 120\n-0.1 51.5 -5\n", &["--lat", "number"]),
        ("2.35 48.85 NaN\n-0.1 51.5 nan\n", &["--lat", "number"]),
        ("48 51 24 N 2 21 08 E\n51 30 0 N 0 7 5 W\n", &["degrees and minutes"]),
        ("14 23.40 N 060 59.13 E A\n12 26.40 N 008 52.13 W B\n", &["degrees and minutes"]),
        ("10 20\n30 40\n", &["--lat 1 --lon 2", "--lat 2 --lon 1"]),
        ("10.5,20.5\n30,40\n", &["--lat 1 --lon 2", "--lat 2 --lon 1"]),
        ("10,120\n30,40\n", &["--lat 1 --lon 2"]),
    ] {
        assert_refused(text, 1, words);
    }
    for comments in [
        "# sorted by lon and then by lat",
        "# lonlat",
        "# column 1: longitude\n# column 2: latitude",
    ] {
        let problem = refusal(format!("{comments}\n20 10 Paris, at home\n30 5 X\n")).1;
        assert!(problem.contains("longitude first") && problem.contains("--lat 2"), "{problem}");
    }
    assert_refused("# E N\n20 10 Paris\n", 2, &["projected"]);
    let problem = refusal("# lat_rad lon_rad name\n0.5 0.7 Paris\n0.1 0.2 Rome\n").1;
    assert!(problem.contains("radians"), "{problem}");
    // One row of degrees and minutes is enough.
    assert_refused("48.5 2.4 Paris\n48 51 N 2 21 E Aby\n", 2, &["minutes"]);
    // A value beyond ±90 tells which is the longitude.
    assert_reads("10.5,120.5\n-3.5,4\n", &[(10.5, 120.5, ""), (-3.5, 4.0, "")]);
    assert_reads("120.5\t10.5\n4\t-3.5\n", &[(10.5, 120.5, ""), (-3.5, 4.0, "")]);
    // A name may be a number, as long as most are none.
    assert_reads(
        "1 2 25 de Mayo\n3 4 Paris\n5 6\n",
        &[(1.0, 2.0, "25 de Mayo"), (3.0, 4.0, "Paris"), (5.0, 6.0, "")],
    );
    // A comment above that names both columns is the header.
    let reads = [(10.0, 20.0, "San José"), (-30.5, 40.25, "b")];
    for comment in
        ["# lon lat name", "# lon lat", "#lon\tlat\tname", "# c\n## Longitude Latitude City"]
    {
        assert_reads(format!("{comment}\n20 10 San José\n40.25 -30.5 b\n"), &reads);
    }
    assert_reads("lon lat name\n20 10 San José\n40.25 -30.5 b\n", &reads);
}

#[test]
fn a_header_may_be_the_last_comment_above_the_data() {
    let reads = [(10.0, 20.0, "a"), (-30.5, 40.25, "b")];
    for delimiter in [",", ";", "\t", "|"] {
        let text = "# made by hand\n# id,lon,lat,name\n0,20,10,a\n1,40.25,-30.5,b\n";
        assert_reads(text.replace(',', delimiter), &reads);
    }
    // With another number of fields it is a comment like others.
    assert_refused("# lon,lat\n0,20,10,a\n", 2, &["--lat"]);
}

#[test]
fn units_and_rules_below_the_header_are_no_rows() {
    let reads = [(10.0, 20.0, "a"), (-30.5, 40.25, "b")];
    for units in
        ["deg,deg,", "degrees_north,degrees_east,m", "---,----,", "deg,deg,\n---,---,---", "°,°,-"]
    {
        let list = list_of(format!("lat,lon,name\n{units}\n10,20,a\n-30.5,40.25,b\n"));
        assert_cities(&list, &reads);
        assert_eq!((list.row(0), list.source_rows()), (0, 2), "{units}");
    }
    assert_refused("lat,lon,name\n10,20,a\ndeg,deg,\n", 3, &["a latitude"]);
}

#[test]
fn rows_without_a_place_are_left_out_and_counted() {
    let nothing = ["", "NA", "NaN", "null", "NULL", "\\N", "n/a", "-"];
    for (lat, lon) in nothing.into_iter().flat_map(|a| nothing.map(|b| (a, b))) {
        let text = format!("lat,lon,name\n10,20,a\n{lat},{lon},x\n-30.5,40.25,b\n");
        let (list, skipped) = read_with(&text, &ReadOptions::default()).expect(&text);
        assert_cities(&list, &TWO);
        assert_eq!((list.row(1), list.source_rows()), (2, 3));
        assert_eq!(skipped, Skipped { count: 1, without_coordinates: 1, first: Vec::new() });
    }
    for (lat, lon) in
        [("91", "181"), ("91.0000", "181.000"), ("-999.99", "-999.99"), ("9999", "99999")]
    {
        let text = format!("lat,lon,name\n10,20,a\n{lat},{lon},x\n-30.5,40.25,b\n");
        let (list, skipped) = read_with(&text, &ReadOptions::default()).expect(&text);
        assert_cities(&list, &TWO);
        assert_eq!(skipped.without_coordinates, 1);
    }
    // Half a place is a fault.
    for half in [",20", "10,", "NA,20", "10,null", "-99.9,-99.9", "99,20"] {
        refusal(format!("lat,lon,name\n10,20,a\n{half},x\n"));
    }
}

#[test]
fn the_line_of_an_error_counts_every_line() {
    for end in ["\n", "\r\n"] {
        let at = |before: &str, line: u64| {
            let text = format!("{before}x,2,bad\n1,2,c\n").replace('\n', end);
            assert_refused(text, line, &["a latitude"]);
        };
        at("lat,lon,name\n", 2);
        at("\u{feff}lat,lon,name\n", 2);
        at("# c\n\nlat,lon,name\n", 4);
        at("# c\n# \"c\n#\nlat,lon,name\n", 5);
        at("lat,lon,name\n\n\n", 4);
        at("lat,lon,name\n   \n \t\n", 4);
        at("lat,lon,name\n1,2,a\n\n\n  \n", 6);
        at("lat,lon,name\n1,2,\"a\nb\nc\"\n", 5);
        at("lat,lon,name\n1,2,\"a\n\n# b\n\"\n\n", 7);
        at("\"lat\",\"lon\",\"name\"\n1,2,\"a\"\n", 3);
        let notebook = "# c\n\n1 2 a\n  \nx 2 bad\n".replace('\n', end);
        assert_refused(notebook, 5, &["a latitude"]);
    }
    // The row's own first line, where the row itself spans lines.
    assert_refused("lat,lon,name\n1,2,a\nx,2,\"b\nc\"\n", 3, &["a latitude"]);
    assert_refused("name,lat,lon\n\n\"b\n\nc\",x,2\n", 3, &["a latitude"]);
}

#[test]
fn the_line_of_an_error_is_that_of_a_row_without_a_beginning() {
    assert_refused("lat,lon,name\n1,2,a\n,4,\n3,4,b\n", 3, &["found nothing"]);
    assert_refused("name\tlat\tlon\na\t1\t2\n\tx\t2\n", 3, &["a latitude"]);
    assert_refused("name;lat;lon\na;1;2\n  ;x;2\nc;3;4\n", 3, &["a latitude"]);
}

#[test]
fn a_header_without_coordinates_says_what_it_looked_for() {
    for header in ["name,lon", "name,lat", "cities", "lat", "id;name;pop"] {
        let first = header.split([',', ';']).next().expect("a column");
        assert_refused(
            format!("# c\n\n{header}\na{}\n", header.replace(char::is_alphabetic, "")),
            3,
            &["latitude", "longitude", "lat lon name", "--lat", &format!("1 \"{first}\"")],
        );
    }
    // No header at all: the columns are numbered, and those that may be meant are named.
    for text in ["10.5,20.5,name\n", "10.5;20.5;a\n", "10.5|20.5|a\n", "10.5\t20.5\t5\n"] {
        assert_refused(text, 1, &["header", "1 \"10.5\" | 2 \"20.5\"", "--lat 1 --lon 2"]);
    }
    assert_refused("7,x,10.5,20.5\n8,y,1.5,2.5\n", 1, &["--lat 3 --lon 4"]);
    assert_refused("Paris 48.8 2.3\n", 1, &["lat lon name", "--lat 2 --lon 3"]);
    // Titles above the header.
    assert_refused("Stations\nof 2021\nname;lat;lon\na;1;2\n", 1, &["line 3 looks like one"]);
}

#[test]
fn a_quotation_mark_never_closed_is_refused_with_its_row() {
    // To the end of the file, with and without a last line feed, alone on the last line too.
    assert_refused("lat,lon,name\n1,2,a\n3,4,\"b\n5,6,c\n", 3, &["closing quotation mark"]);
    assert_refused("lat,lon,name\n1,2,a\n3,4,\"b\n5,6,c", 3, &["closing quotation mark"]);
    assert_refused("lat,lon,name\r\n1,2,a\r\n3,4,\"b\r\n5,6,c\r\n", 3, &["closing quotation mark"]);
    assert_refused("lat,lon,name\n1,2,\"a\n", 2, &["closing quotation mark"]);
    // Two of them in different rows: they must not close each other.
    assert_refused(
        "lat,lon,name\n1,2,\"a\n3,4,b\n5,6,\"c\n7,8,d\n",
        2,
        &["closing quotation mark"],
    );
    assert_refused("name,lat,lon\n\"a,1,2\nb,3,4\n\"c,5,6\n", 2, &["closing quotation mark"]);
    // One that closes too late.
    assert_refused("lat,lon,name\n1,2,\"a\n3,4,b\" x\n", 2, &["closing quotation mark"]);
    // Nor may skipping swallow the rows in between.
    let text = "lat,lon,name\n1,2,\"a\n3,4,b\n";
    assert_eq!(refusal_with(text, &skipping()).0, 2);
    // After comments, blank lines and well quoted line feeds the line is still right.
    let text = "# c\nlat,lon,name\n\n1,2,\"a\nb\"\n\n\n3,4,\"c\n5,6,d\n";
    assert_refused(text, 8, &["closing quotation mark"]);
}

/// Lines that end now in LF and now in CR: what one reading takes for a comment or a name, another takes for
/// the rest of the list. So no city may vanish.
#[test]
fn a_list_whose_lines_end_in_cr_is_read_whole_or_refused() {
    assert_reads("lat,lon,name\r10,20,a\r-30.5,40.25,b\r", &TWO);
    assert_reads("# made by x\rlat,lon,name\r10,20,a\r-30.5,40.25,b\r", &TWO);
    assert_refused(
        "lat,lon,name\r1,2,a\r2,3,b\r# x\r-1,-178,c\r",
        4,
        &["3 fields", "found 1", "comment"],
    );
    assert_refused(
        "lat,lon,name\r1,2,\"a\r-1,-178,b\r5,6,\"c\"\r7,8,d\r",
        2,
        &["closing quotation mark"],
    );
    let lone = ["lines that end in LF or CRLF", "a CR within a", "write all line ends alike"];
    assert_refused("lat,lon,name\n1,2,a\n2,3,b\n# moved\r-1,-178,c\n", 4, &lone);
    assert_refused("lat,lon,name\n1,2,\"a\r-1,-178,b\"x\n5,6,c\n", 2, &lone);
    assert_refused("# moved\r5,6,c\nlat,lon,name\n1,2,a\n2,3,b\n", 1, &lone);
}

#[test]
fn a_quotation_mark_never_closed_in_the_last_line_is_refused() {
    assert_refused("lat,lon,name\n1,2,a\n3,4,\"b", 3, &["closing quotation mark"]);
}

#[test]
fn a_quotation_mark_never_closed_in_the_header_is_refused() {
    assert_refused("lat,lon,\"name\n1,2,a\n3,4,b\n", 1, &["quotation mark"]);
    assert_refused("lat,lon,\"name\n1,2,a\n3,4,\"b\"\n5,6,c\n", 1, &["quotation mark"]);
}

#[test]
fn what_is_no_text_is_refused_as_a_whole() {
    let problem = |bytes: &[u8]| match read_with(bytes, &ReadOptions::default()) {
        Err(Error::Data { problem, .. }) => problem,
        other => panic!("not refused as a whole: {other:?}"),
    };
    assert!(problem(b"\x02\x03\x04\0\0\0").contains("binary"));
    assert!(!looks_like_text(b"") && !looks_like_text(b"a\0") && !looks_like_text(b"\x89PNG\r\n"));
    assert!(looks_like_text("lat lon".as_bytes()));
    // A character that the look at the beginning cuts in two.
    let long = format!("{}é", "a".repeat(4095));
    assert!(looks_like_text(long.as_bytes()));
}

// ---- Skipping ----

#[test]
fn skipped_rows_are_counted_shown_and_keep_their_numbers() {
    let text = "lat,lon,name\n95,361,a\n1,2,b\n\nx,2,c\n3,4,d\n";
    let (list, skipped) = read_with(text, &skipping()).expect("skipped");
    assert_cities(&list, &[(1.0, 2.0, "b"), (3.0, 4.0, "d")]);
    assert_eq!(([list.row(0), list.row(1)], list.source_rows()), ([1, 3], 4));
    assert_eq!(skipped.count, 2);
    assert!(skipped.first[0].starts_with("line 2: expected a latitude in [-90, 90], found 95"));
    assert!(skipped.first[1].starts_with("line 5: expected a latitude"));
    assert!(skipped.first.iter().all(|shown| !shown.contains("--skip-invalid")));
}

#[test]
fn only_the_first_few_skipped_rows_are_shown() {
    for header in ["", "lat,lon,name\n"] {
        let row = if header.is_empty() { "1 999 a\n" } else { "1,999,a\n" };
        let (list, skipped) =
            read_with(header.to_string() + &row.repeat(100), &skipping()).unwrap();
        assert_eq!((list.len(), list.source_rows(), skipped.count), (0, 100, 100));
        assert_eq!(skipped.first.len(), 5);
        let lines = u64::from(!header.is_empty()) + 5;
        assert!(skipped.first[4].starts_with(&format!("line {lines}: ")));
    }
}

#[test]
fn a_header_is_never_skipped() {
    assert_eq!(refusal_with("city;wo\n1;2\n", &skipping()).0, 1);
}

// ---- Whatever is written is read ----

/// A decimal number of degrees with up to 9 places, as text.
fn degrees(least: i64, most: i64) -> impl Strategy<Value = String> {
    (least..most, 0..1_000_000_000_u64, 0..=9_usize).prop_map(|(whole, rest, places)| {
        let rest = format!("{rest:09}");
        if places == 0 { whole.to_string() } else { format!("{whole}.{}", &rest[..places]) }
    })
}

/// Names with what delimited files trip over, but no white space at their ends: it is trimmed.
fn any_name() -> impl Strategy<Value = String> {
    let awkward =
        prop::sample::select(vec![",", ";", "\t", "\"", "\"\"", "#", "\n", "\r\n", "'", "é"]);
    let part = prop_oneof![2 => "\\PC{0,6}", 3 => awkward.prop_map(String::from)];
    prop::collection::vec(part, 0..6).prop_map(|parts| trimmed(&parts.concat()))
}

fn trimmed(name: &str) -> String {
    name.trim_matches(|c: char| c.is_ascii_whitespace()).to_string()
}

fn any_rows() -> impl Strategy<Value = Vec<(String, String, String)>> {
    prop::collection::vec((degrees(-89, 90), degrees(-179, 360), any_name()), 0..20)
}

fn assert_same(list: &CityList, rows: &[(String, String, String)]) {
    assert_eq!((list.len(), list.source_rows()), (rows.len(), rows.len() as u64));
    for (index, (lat, lon, name)) in rows.iter().enumerate() {
        let c = list.coordinates(index);
        assert_eq!(Ok(c.lat_deg()), lat.parse());
        assert_eq!(Ok(c.lon_deg()), lon.parse());
        assert_eq!(String::from_utf8_lossy(list.name(index)), *name);
        assert_eq!(list.row(index), index as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 10_000, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn what_the_csv_crate_writes_comes_back(
        rows in any_rows(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        crlf in any::<bool>(),
        always_quoted in any::<bool>(),
        name_first in any::<bool>(),
    ) {
        // Under tabs, quotation marks that do not frame the header are letters, unless every row needs them.
        let are_letters = delimiter == b'\t' && !always_quoted;
        let unmarked = |(lat, lon, name): (String, String, String)| (lat, lon, name.replace(['"', '\n', '\r', '\t'], "_"));
        let rows: Vec<_> = match are_letters {
            true => rows.into_iter().map(unmarked).collect(),
            false => rows,
        };
        let mut writer = WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if crlf { Terminator::CRLF } else { Terminator::Any(b'\n') })
            .quote_style(if always_quoted { QuoteStyle::Always } else { QuoteStyle::Necessary })
            .from_writer(Vec::new());
        let order = |lat, lon, name| if name_first { [name, lat, lon] } else { [lat, lon, name] };
        writer.write_record(order("lat", "lon", "name")).expect("memory");
        for (lat, lon, name) in &rows {
            writer.write_record(order(lat, lon, name)).expect("memory");
        }
        assert_same(&list_of(writer.into_inner().expect("memory")), &rows);
    }

    #[test]
    fn what_the_notebooks_form_holds_comes_back(rows in any_rows(), tabs in any::<bool>()) {
        let gap = if tabs { "\t" } else { " " };
        // "N 2" would be part of an angle.
        let one_line = |name: &str| match name.replace(['\n', '\r'], "") {
            name if name.starts_with(['N', 'S', 'E', 'W']) => format!("_{name}"),
            name => name,
        };
        let rows: Vec<_> =
            rows.into_iter().map(|(lat, lon, name)| (lat, lon, trimmed(&one_line(&name)))).collect();
        // Most names have to be none that could be a number or a hemisphere.
        let named = [("1", "2", "a"), ("-3", "4", "b")].map(|(a, b, c)| (a.into(), b.into(), c.into()));
        let more = named.into_iter().cycle().take(rows.len() + 1);
        let rows: Vec<_> = more.chain(rows.clone()).collect();
        let lines = rows.iter().map(|(lat, lon, name)| format!("{lat}{gap}{lon}{gap}{name}\n"));
        assert_same(&list_of(lines.collect::<String>()), &rows);
    }

    /// A quotation mark in the last row sends the file another way, on which the rows before it must
    /// come out alike, the refused ones with the same lines and words.
    #[test]
    fn a_file_without_quotation_marks_is_split_as_the_csv_crate_does(
        lines in prop::collection::vec("[0-9.,;\t #a-]{0,12}|[0-9]{1,2}\\.[0-9],[0-9]{1,2}(,a.?)?", 0..12),
        delimiter in prop::sample::select(vec![",", ";", "|"]),
        crlf in any::<bool>(),
        skip_invalid in any::<bool>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let lines = [&["lat,lon,name".to_string()], &lines[..]].concat();
        let rows = lines.join(end).replace(',', delimiter) + end;
        let [plain, quoted] = ["last", "\"last\""]
            .map(|last| format!("{rows}1{delimiter}2{delimiter}{last}{end}"));
        let options = ReadOptions { skip_invalid, ..ReadOptions::default() };
        let facts = |text: &str| read_with(text, &options).map(|(list, skipped)| {
            let city = |index| (list.row(index), list.coordinates(index), list.name(index).to_vec());
            ((0..list.len()).map(city).collect::<Vec<_>>(), skipped)
        });
        match (facts(&plain), facts(&quoted)) {
            (Ok(cities), Ok(others)) => prop_assert_eq!(cities, others),
            (plain, quoted) => {
                prop_assert_eq!(plain.unwrap_err().to_string(), quoted.unwrap_err().to_string());
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_but_never_a_panic(
        bytes in prop::collection::vec(prop_oneof![
            4 => prop::sample::select(b"1234567890.-+,;\t \"#\n\r".to_vec()),
            1 => any::<u8>(),
        ], 0..200),
        header in prop::sample::select(vec!["", "lat,lon,name\n", "y;x\n", "# c\n\n", "1 2 a\n"]),
        skip_invalid in any::<bool>(),
    ) {
        let text = [header.as_bytes(), &bytes].concat();
        let options = ReadOptions { skip_invalid, ..ReadOptions::default() };
        if let Err(Error::Line { line, .. }) = read_with(&text, &options) {
            let lines = 1 + text.iter().filter(|&byte| b"\r\n".contains(byte)).count() as u64;
            prop_assert!((1..=lines).contains(&line), "line {} of {}", line, lines);
        }
    }
}
