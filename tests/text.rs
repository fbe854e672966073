//! Proves that text is read as it was meant or refused at the right line: both forms, every way to
//! write a file that people have, and each way to get it wrong.

use std::path::Path;

use csv::{QuoteStyle, Terminator, WriterBuilder};
use farthest::cities::CityList;
use farthest::error::Error;
use farthest::text::{Skipped, TextOptions, looks_like_text, read};
use proptest::prelude::*;

/// A city as a test writes it: latitude, longitude, name.
type City<'a> = (f64, f64, &'a str);

const TWO: [City<'static>; 2] = [(10.0, 20.0, "a"), (-30.5, 40.25, "b")];

fn skipping() -> TextOptions {
    TextOptions { skip_invalid: true, ..TextOptions::default() }
}

fn naming(lat: Option<&str>, lon: Option<&str>, name: Option<&str>) -> TextOptions {
    let [lat_column, lon_column, name_column] = [lat, lon, name].map(|n| n.map(String::from));
    TextOptions { lat_column, lon_column, name_column, skip_invalid: false }
}

fn read_with(text: impl AsRef<[u8]>, options: &TextOptions) -> Result<(CityList, Skipped), Error> {
    read(Path::new("cities.txt"), text.as_ref(), options)
}

#[track_caller]
fn list_of(text: impl AsRef<[u8]>) -> CityList {
    let shown = text.as_ref().escape_ascii().to_string();
    match read_with(text, &TextOptions::default()) {
        Ok((list, skipped)) => {
            assert_eq!(skipped, Skipped::default());
            list
        }
        Err(error) => panic!("{shown}: {error}"),
    }
}

#[track_caller]
fn assert_cities(list: &CityList, expected: &[City<'_>]) {
    let found: Vec<_> = (0..list.len())
        .map(|index| {
            let c = list.coordinates(index);
            let name = String::from_utf8_lossy(list.name(index)).into_owned();
            (c.lat_deg(), c.lon_deg(), name)
        })
        .collect();
    let expected: Vec<_> = expected.iter().map(|&(lat, lon, n)| (lat, lon, n.into())).collect();
    assert_eq!(found, expected);
}

#[track_caller]
fn assert_reads(text: impl AsRef<[u8]>, expected: &[City<'_>]) {
    assert_cities(&list_of(text), expected);
}

/// The line and the problem for which a text is refused.
#[track_caller]
fn refusal_with(text: impl AsRef<[u8]>, options: &TextOptions) -> (u64, String) {
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
    refusal_with(text, &TextOptions::default())
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
    assert_reads("# c\n10 20 a\n  # 1 2 c\n-30.5 40.25 b\n#\n", &TWO);
    assert_reads("  10\t20   a  \n\t-30.5  40.25\tb\t\n", &TWO);
    assert_reads("10\t20\ta\n-30.5\t40.25\tb\n", &TWO);
    assert_reads("+1e1 2.0E1 a\n-30.50 40.250 b\n", &TWO);
    assert_reads("10. 20 a\n-.305e2 040.25 b\n", &TWO);
}

#[test]
fn a_notebooks_name_is_all_that_follows() {
    assert_reads("1 2 São Paulo, BR\n", &[(1.0, 2.0, "São Paulo, BR")]);
    assert_reads("1 2\n3 4 \n", &[(1.0, 2.0, ""), (3.0, 4.0, "")]);
    assert_reads("1 2 # 1\n", &[(1.0, 2.0, "# 1")]);
    assert_reads("1 2 \"x\" 3\n", &[(1.0, 2.0, "\"x\" 3")]);
    assert_reads("1 2 a  b\tc\n", &[(1.0, 2.0, "a  b\tc")]);
    let list = list_of(b"1 2 Z\xfcrich\n");
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
    let edges = [(90.0, 360.0, ""), (-90.0, -180.0, ""), (0.0, 0.0, "")];
    assert_reads("90 360\n-90.0 -180\n0 0\n", &edges);
    let text = "-0.0 -0\n";
    assert!(list_of(text).coordinates(0).lat_deg().is_sign_negative());
    assert_refused("90.00000000000001 0\n", 1, &["latitude in [-90, 90]", "90.00000000000001"]);
    assert_refused("0 360.0000000000001\n", 1, &["longitude in [-180, 360]"]);
    assert_refused("0 -180.00000000000003\n", 1, &["longitude in [-180, 360]"]);
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
    for lat in ["lat", "Latitude", "LAT_DEG", "latitude_deg", "y"] {
        for lon in ["lon", "LNG", "Long", "longitude", "Lon_Deg", "longitude_deg", "X"] {
            assert_reads(format!("{lon},{lat}\n20,10\n"), &[(10.0, 20.0, "")]);
        }
    }
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
    let text = "lat,lon,name,breite,Laenge,Ort\n1,2,n,10,20,o\n";
    let (list, _) = read_with(text, &naming(Some("Breite"), Some("laenge"), Some("ort"))).unwrap();
    assert_cities(&list, &[(10.0, 20.0, "o")]);
    let (list, _) = read_with(text, &naming(None, Some("Laenge"), None)).unwrap();
    assert_cities(&list, &[(1.0, 20.0, "n")]);
    // A header that begins with a number is a header if a column is named.
    let (list, _) = read_with("1;2\n10;20\n", &naming(Some("1"), Some("2"), None)).unwrap();
    assert_cities(&list, &[(10.0, 20.0, "")]);
    for (options, flag, column) in [
        (naming(Some("b"), None, None), "--lat", "\"b\""),
        (naming(None, Some("l"), None), "--lon", "\"l\""),
        (naming(None, None, Some("o")), "--name", "\"o\""),
    ] {
        let (line, problem) = refusal_with(text, &options);
        assert_eq!(line, 1);
        assert!(problem.contains(flag) && problem.contains(column), "{problem}");
        assert!(problem.contains("breite"), "the header is shown: {problem}");
    }
}

#[test]
fn quoted_fields_hold_anything() {
    let text = "name,lat,lon\n\"a, b\",1,2\n\"say \"\"hi\"\"\",\"3\",\"4\"\n\"\",5,6\n";
    assert_reads(text, &[(1.0, 2.0, "a, b"), (3.0, 4.0, "say \"hi\""), (5.0, 6.0, "")]);
    let text = "name;lat;lon\n\"a;b\";1;2\n\"one\ntwo\r\n\nthree\";3;4\nlast;5;6\n";
    assert_reads(text, &[(1.0, 2.0, "a;b"), (3.0, 4.0, "one\ntwo\r\n\nthree"), (5.0, 6.0, "last")]);
    let text = "lat\tlon\tname\n1\t2\t\"a\tb\"\n3\t4\t\"x\n# y\n1\t2\"\n";
    assert_reads(text, &[(1.0, 2.0, "a\tb"), (3.0, 4.0, "x\n# y\n1\t2")]);
    let list = list_of(b"lat,lon,name\n1,2,\xff\xfe\n3,4,\"Z\xfc,rich\"\n");
    assert_eq!([list.name(0), list.name(1)], [&b"\xff\xfe"[..], b"Z\xfc,rich"]);
}

#[test]
fn a_mark_inside_an_unquoted_name_is_a_mark() {
    assert_reads("lat,lon,name\n1,2,5\" gun\n3,4,b\n", &[(1.0, 2.0, "5\" gun"), (3.0, 4.0, "b")]);
}

#[test]
fn blank_lines_and_comments_between_rows_are_no_rows() {
    let text = "# x\nlat,lon,name\n\n10,20,a\n# 1,2,c\n   \n\r\n-30.5,40.25,b\n#\n";
    let list = list_of(text);
    assert_cities(&list, &TWO);
    assert_eq!((list.row(1), list.source_rows()), (1, 2));
}

#[test]
fn a_comment_may_be_indented_whatever_it_says() {
    let text = "  # made by x, y\nlat,lon,name\n10,20,a\n\t# 1,2,c\n-30.5,40.25,b\n";
    assert_reads(text, &TWO);
}

#[test]
fn a_line_of_white_space_is_blank_under_tabs_too() {
    assert_reads("lat\tlon\tname\n10\t20\ta\n\t\t\n-30.5\t40.25\tb\n\t\n", &TWO);
}

#[test]
fn a_row_may_have_no_name_and_fields_too_many() {
    assert_reads(
        "lat,lon,name\n1,2\n3,4,\n5,6,a,b,c\n",
        &[(1.0, 2.0, ""), (3.0, 4.0, ""), (5.0, 6.0, "a")],
    );
}

#[test]
fn a_name_that_begins_with_a_hash_is_a_name() {
    assert_reads("lat,lon,name\n1,2,#1 City\n", &[(1.0, 2.0, "#1 City")]);
    assert_reads(
        "name,lat,lon\n\"#1 City\",1,2\nb,3,4\n",
        &[(1.0, 2.0, "#1 City"), (3.0, 4.0, "b")],
    );
    // Unquoted at the start of a line it is a comment, as the README says of all such lines.
    assert_reads("name,lat,lon\n#1 City,1,2\nb,3,4\n", &[(3.0, 4.0, "b")]);
    assert_refused("name,lat,lon\n\"#1\",1,2\n\"#2\",x,2\n", 3, &["latitude"]);
}

// ---- What is refused, and where ----

#[test]
fn each_wrong_coordinate_says_what_was_expected_and_found() {
    let cases: [(&str, &[&str]); 12] = [
        ("abc,20", &["a latitude in decimal degrees", "found \"abc\""]),
        ("10,xyz", &["a longitude in decimal degrees", "found \"xyz\""]),
        (",20", &["a latitude in decimal degrees", "found nothing"]),
        ("10,", &["a longitude in decimal degrees", "found nothing"]),
        ("10", &["a longitude in column 2", "found 1 column"]),
        ("NaN,20", &["a latitude", "\"NaN\"", "not finite"]),
        ("10,-inf", &["a longitude", "\"-inf\"", "not finite"]),
        ("1e999,20", &["a latitude", "not finite"]),
        ("100,20", &["a latitude in [-90, 90]", "found 100", "swapped?"]),
        ("10,361", &["a longitude in [-180, 360]", "found 361"]),
        ("\"10,5\",20", &["a latitude", "\"10,5\"", "decimal sign is a point, not a comma"]),
        ("10\u{b0},20", &["a latitude", "10\u{b0}"]),
    ];
    for (row, words) in cases {
        assert_refused(format!("lat,lon,name\n1,2,ok\n{row}\n3,4,ok\n"), 3, words);
        let (_, problem) = refusal(format!("lat,lon,name\n{row}\n"));
        assert!(problem.starts_with("expected "), "{problem}");
        assert!(problem.contains("--skip-invalid"), "{problem}");
    }
    let (_, problem) = refusal("lat,lon\n100,200\n");
    assert!(!problem.contains("swapped"), "200 is no latitude: {problem}");
    assert_refused(b"lat,lon\n1\xff,2\n", 2, &["not UTF-8", "1\\xff"]);
    assert_refused(format!("lat,lon\n{},2\n", "9x".repeat(500)), 2, &["9x9x", "\u{2026}"]);
    assert_refused("lat,lon\n\"\x1b[31m\",2\n", 2, &["\\u{1b}[31m"]);
}

#[test]
fn the_notebooks_form_is_refused_alike() {
    assert_refused("1 2 ok\n95 20 x\n", 2, &["latitude in [-90, 90]", "found 95", "swapped?"]);
    assert_refused("1 2 ok\n10 x\n", 2, &["a longitude", "\"x\""]);
    assert_refused("1 2 ok\n10\n", 2, &["a longitude", "found nothing"]);
    assert_refused("1 2 ok\n10,5 20,5 x\n", 2, &["a latitude", "not a comma"]);
    assert_refused("nan 2 x\n", 1, &["a latitude", "not finite"]);
    assert_refused("1 inf x\n", 1, &["a longitude", "not finite"]);
    assert_refused("1 2 ok\nParis 48.8 2.3\n", 2, &["a latitude", "\"Paris\""]);
    assert_refused(b"1 2\n1 \xff\n", 2, &["a longitude", "not UTF-8"]);
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
        at("lat,lon,name\n# c\n", 3);
        at("lat,lon,name\n# \"c\n#\n", 4);
        at("lat,lon,name\n\n\n", 4);
        at("lat,lon,name\n   \n \t\n", 4);
        at("lat,lon,name\n1,2,a\n\n# c\n\n  \n", 7);
        at("lat,lon,name\n1,2,\"a\nb\nc\"\n", 5);
        at("lat,lon,name\n1,2,\"a\n\n# b\n\"\n# c\n\n", 8);
        at("\"lat\",\"lon\",\"name\"\n1,2,\"a\"\n", 3);
        let notebook = "# c\n\n1 2 a\n  \n# d\nx 2 bad\n".replace('\n', end);
        assert_refused(notebook, 6, &["a latitude"]);
    }
    // The row's own first line, where the row itself spans lines.
    assert_refused("lat,lon,name\n1,2,a\nx,2,\"b\nc\"\n", 3, &["a latitude"]);
    assert_refused("name,lat,lon\n\n\"b\n\nc\",x,2\n", 3, &["a latitude"]);
}

#[test]
fn the_line_of_an_error_is_that_of_a_row_without_a_beginning() {
    assert_refused("lat,lon,name\n1,2,a\n,,\n3,4,b\n", 3, &["found nothing"]);
    assert_refused("name\tlat\tlon\na\t1\t2\n\tx\t2\n", 3, &["a latitude"]);
    assert_refused("name;lat;lon\na;1;2\n  ;x;2\nc;3;4\n", 3, &["a latitude"]);
}

#[test]
fn a_header_without_coordinates_says_what_it_looked_for() {
    assert_refused(
        "name,lon\na,2\n",
        1,
        &["latitude column", "lat, latitude", "name | lon", "--lat"],
    );
    assert_refused("name,lat\na,2\n", 1, &["longitude column", "lon, lng", "--lon"]);
    assert_refused("# c\n\ncity;wo\n", 3, &["city | wo"]);
    // No header at all, and a single column: the way out is named.
    let without_header = ["10.0,20.0,name\n", "10.0;20.0;a\n", "10.0, 20.0, a\n"];
    for text in without_header {
        assert_refused(text, 1, &["lat lon name", "header", "10.0"]);
    }
    assert_refused("cities\na\nb\n", 1, &["header", "cities"]);
    assert_refused("lat\n10\n", 1, &["longitude column", "--lon"]);
    assert_refused("Paris 48.8 2.3\n", 1, &["lat lon name", "Paris 48.8 2.3"]);
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
    let text = "# c\nlat,lon,name\n\n1,2,\"a\nb\"\n# c\n\n3,4,\"c\n5,6,d\n";
    assert_refused(text, 8, &["closing quotation mark"]);
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
    let problem = |bytes: &[u8]| match read_with(bytes, &TextOptions::default()) {
        Err(Error::Data { problem, .. }) => problem,
        other => panic!("not refused as a whole: {other:?}"),
    };
    assert!(problem(b"\xff\xfel\0a\0t\0").contains("UTF-16"));
    assert!(problem(b"\xfe\xff\0l\0a\0t").contains("UTF-16"));
    assert!(problem(b"PK\x03\x04\0\0\0").contains("binary"));
    assert!(!looks_like_text(b"") && !looks_like_text(b"a\0") && !looks_like_text(b"\x89PNG\r\n"));
    assert!(looks_like_text("lat lon".as_bytes()));
    // A character that the look at the beginning cuts in two.
    let long = format!("{}é", "a".repeat(4095));
    assert!(looks_like_text(long.as_bytes()));
}

// ---- Skipping ----

#[test]
fn skipped_rows_are_counted_shown_and_keep_their_numbers() {
    let text = "lat,lon,name\n95,1,a\n1,2,b\n# c\nx,2,c\n3,4,d\n";
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
        let row = if header.is_empty() { "1 999\n" } else { "1,999\n" };
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
        let mut writer = WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if crlf { Terminator::CRLF } else { Terminator::Any(b'\n') })
            .quote_style(if always_quoted { QuoteStyle::Always } else { QuoteStyle::Necessary })
            .comment(Some(b'#'))
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
        let one_line = |name: &str| name.replace(['\n', '\r'], "");
        let rows: Vec<_> =
            rows.into_iter().map(|(lat, lon, name)| (lat, lon, trimmed(&one_line(&name)))).collect();
        let lines = rows.iter().map(|(lat, lon, name)| format!("{lat}{gap}{lon}{gap}{name}\n"));
        assert_same(&list_of(lines.collect::<String>()), &rows);
    }

    /// A quotation mark in the last row sends the file another way, on which the rows before it must
    /// come out alike, the refused ones with the same lines and words.
    #[test]
    fn a_file_without_quotation_marks_is_split_as_the_csv_crate_does(
        lines in prop::collection::vec("[0-9.,;\t #a-]{0,12}|[0-9]{1,2}\\.[0-9],[0-9]{1,2}(,a.?)?", 0..12),
        delimiter in prop::sample::select(vec![",", ";", "\t"]),
        crlf in any::<bool>(),
        skip_invalid in any::<bool>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let lines = [&["lat,lon,name".to_string()], &lines[..]].concat();
        let plain = lines.join(end).replace(',', delimiter) + end;
        let quoted = format!("{plain}1{delimiter}2{delimiter}\"last\"{end}");
        let options = TextOptions { skip_invalid, ..TextOptions::default() };
        let facts = |text: &str| read_with(text, &options).map(|(list, skipped)| {
            let city = |index| (list.row(index), list.coordinates(index), list.name(index).to_vec());
            ((0..list.len()).map(city).collect::<Vec<_>>(), skipped)
        });
        match (facts(&plain), facts(&quoted)) {
            (Ok((cities, skipped)), Ok((mut others, other_skipped))) => {
                prop_assert_eq!(&others.pop().expect("the last").2[..], b"last");
                prop_assert_eq!((cities, skipped), (others, other_skipped));
            }
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
        let options = TextOptions { skip_invalid, ..TextOptions::default() };
        if let Err(Error::Line { line, .. }) = read_with(&text, &options) {
            let lines = 1 + text.iter().filter(|&&byte| byte == b'\n').count() as u64;
            prop_assert!((1..=lines).contains(&line), "line {} of {}", line, lines);
        }
    }
}
