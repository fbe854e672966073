//! Proves that a text that is read in pieces gives what one reader of the whole gives, whatever stands in
//! it and wherever the cuts fall; and that a list that is read in batches is the same list.

use std::path::Path;

use farthest::cities::{CityList, Coordinates};
use farthest::columns::Wishes;
use farthest::error::Error;
use farthest::formats::{
    Cut, Encoding, Piece, PieceFacts, ReadOptions, Reading, Verdict, read, read_into,
};
use farthest::notes::ValueFacts;
use proptest::prelude::*;

/// All that a list says of its cities: row, bits of the coordinates, name.
type Cities = Vec<(u64, [u64; 2], Vec<u8>)>;

/// What comes of a list, or the words of its refusal.
#[derive(Debug, PartialEq)]
struct Outcome(Result<(Cities, String, ValueFacts), String>);

fn path() -> &'static Path {
    Path::new("cities.txt")
}

fn add_cities(list: &CityList, first_row: u64, cities: &mut Cities) {
    let city = |index: usize| {
        let name = list.name(index).to_vec();
        assert_eq!(list.index(list.row(index)), index);
        (first_row + list.row(index), list.degrees(index).map(f64::to_bits), name)
    };
    cities.extend((0..list.len()).map(city));
}

/// What a reading says beside its cities.
fn facts_of(reading: &Reading) -> String {
    let rows = reading.list.source_rows();
    format!("{rows} rows; {:?}; {:?}; {:?}", reading.skipped, reading.columns, reading.notes)
}

fn whole(text: &[u8], options: &ReadOptions) -> Outcome {
    let reading = read(path(), text, options).map_err(|error| error.to_string());
    Outcome(reading.map(|reading| {
        let mut cities = Cities::new();
        add_cities(&reading.list, 0, &mut cities);
        (cities, facts_of(&reading), ValueFacts::of(&reading.list))
    }))
}

fn in_batches(text: &[u8], options: &ReadOptions) -> Outcome {
    let (mut cities, mut values) = (Cities::new(), ValueFacts::default());
    let mut take = |list: &CityList| {
        assert!(!list.is_empty() && list.len() <= 4096, "{} cities in a batch", list.len());
        add_cities(list, 0, &mut cities);
        values.see(list);
        Ok(())
    };
    let reading = read_into(path(), text, options, &mut take).map_err(|error| error.to_string());
    Outcome(reading.map(|reading| {
        assert!(reading.list.is_empty());
        (cities, facts_of(&reading), values)
    }))
}

/// What a rank has of its piece.
struct Share {
    piece: Piece,
    cities: Cities,
    values: ValueFacts,
}

fn share(cut: &Cut<'_>, piece: usize, pieces: usize, start: Option<usize>) -> Share {
    let (mut cities, mut values) = (Cities::new(), ValueFacts::default());
    let mut take = |list: &CityList| {
        add_cities(list, 0, &mut cities);
        values.see(list);
        Ok(())
    };
    let piece = cut.read(piece, pieces, start, &mut take).expect("the taker never fails");
    Share { piece, cities, values }
}

/// Reads a text as so many ranks do. `None` if one has to read the whole.
fn in_pieces(text: &[u8], options: &ReadOptions, pieces: usize) -> Option<Outcome> {
    let cut = match Cut::of(path(), text, options) {
        Ok(cut) => cut?,
        Err(error) => return Some(Outcome(Err(error.to_string()))),
    };
    let mut shares: Vec<Share> =
        (0..pieces).map(|piece| share(&cut, piece, pieces, None)).collect();
    for _ in 0..=pieces {
        let facts: Vec<PieceFacts> = shares.iter().map(|share| share.piece.facts).collect();
        match cut.judge(&facts) {
            Verdict::Whole => return None,
            Verdict::Again(starts) => {
                assert!(starts.iter().any(Option::is_some));
                for (piece, start) in starts.into_iter().enumerate() {
                    if start.is_some() {
                        shares[piece] = share(&cut, piece, pieces, start);
                    }
                }
            }
            Verdict::Fault(piece) => {
                let fault = shares[piece].piece.fault.as_ref().expect("a fault");
                return Some(Outcome(Err(fault.to_string())));
            }
            Verdict::Sound => return Some(together(&cut, &facts, &shares)),
        }
    }
    panic!("read again more often than there are pieces: {:?}", text.escape_ascii().to_string());
}

fn together(cut: &Cut<'_>, facts: &[PieceFacts], shares: &[Share]) -> Outcome {
    let skipped: Vec<_> = shares.iter().flat_map(|share| share.piece.skipped.clone()).collect();
    let reading = cut.reading(facts, &skipped);
    assert!(reading.list.is_empty());
    let (mut cities, mut values, mut rows) = (Cities::new(), ValueFacts::default(), 0);
    for share in shares {
        assert!(share.piece.fault.is_none());
        let moved = |(row, place, name): &(u64, _, Vec<u8>)| (row + rows, *place, name.clone());
        cities.extend(share.cities.iter().map(moved));
        values.add(&share.values);
        rows += share.piece.facts.source_rows();
    }
    Outcome(Ok((cities, facts_of(&reading), values)))
}

/// What of the facts does not depend on when a reader stops to look.
fn seen(outcome: Outcome) -> Result<(Cities, String, u64, Vec<String>), String> {
    outcome.0.map(|(cities, facts, values)| (cities, facts, values.at_zero(), values.notes()))
}

/// Holds pieces against the whole; whether pieces did it.
fn check(text: &[u8], options: &ReadOptions, pieces: usize) -> bool {
    let Some(outcome) = in_pieces(text, options, pieces) else { return false };
    let (found, expected) = (seen(outcome), seen(whole(text, options)));
    assert_eq!(found, expected, "{pieces} pieces of {}", shown(text));
    true
}

fn shown(text: &[u8]) -> String {
    let text = &text[..text.len().min(2000)];
    text.escape_ascii().to_string()
}

fn skipping() -> ReadOptions {
    ReadOptions { skip_invalid: true, ..ReadOptions::default() }
}

fn by_number(lat: &str, lon: &str, name: Option<&str>) -> ReadOptions {
    let columns = Wishes {
        lat: Some(lat.into()),
        lon: Some(lon.into()),
        name: name.map(String::from),
        ..Wishes::default()
    };
    ReadOptions { columns, ..ReadOptions::default() }
}

/// Texts with whatever makes a reader stumble, and whether their pieces do without the whole.
fn nasty() -> Vec<(&'static str, Vec<u8>, bool)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let long = "x".repeat(3000);
    vec![
        ("plain", text("lat,lon,name\n1,2,a\n3,4,b\n5,6,c\n"), true),
        ("no final line end", text("lat,lon,name\n1,2,a\n3,4,b"), true),
        ("a header alone", text("lat,lon,name\n"), true),
        (
            "fields over lines",
            text("lat,lon,name\n1,2,\"a\nb\"\n3,4,\"c\n\n\nd\"\n5,6,\"e\n,,\"\n7,8,f\n"),
            true,
        ),
        (
            "doubled marks",
            text("name,lat,lon\n\"say \"\"hi\n\"\" now\",1,2\n\"\"\"\n\"\"\",3,4\n"),
            true,
        ),
        (
            "every field quoted",
            text("\"lat\",\"lon\",\"name\"\n\"1\",\"2\",\"a\nb\"\n\"3\",\"4\",\"c\"\n"),
            true,
        ),
        (
            "a mark that is a letter",
            text("lat,lon,name\n1,2,5\" pipe\n3,4,6\" pipe\n5,6,c\n"),
            true,
        ),
        ("a mark that stays open", text("lat,lon,name\n1,2,a\n3,4,\"b\n5,6,c\n7,8,d\n"), true),
        ("a row that is swallowed", text("lat,lon,name\n1,2,\"a\n3,4,b\n\"\n5,6,c\n"), true),
        ("CRLF", text("lat,lon,name\r\n1,2,a\r\n3,4,\"b\r\nc\"\r\n5,6,d\r\n"), true),
        ("a lone CR", text("lat,lon,name\n1,2,a\n3,4,b\rc\n5,6,d\n"), true),
        ("a CR at the end", text("lat,lon,name\n1,2,a\n3,4,b\r"), true),
        ("a mark of UTF-8", text("\u{feff}lat,lon,name\n1,2,ä\n3,4,\u{1f30d}\n"), true),
        ("blank lines", text("\n\nlat,lon,name\n\n1,2,a\n   \n\n3,4,b\n\n\n"), true),
        ("comments", text("# one\n# two\nlat,lon,name\n1,2,#\n#,3,4\n"), true),
        ("sep=;", text("sep=;\nlat;lon;name\n1,5;2,5;a\n3;4;b\n"), true),
        ("units", text("lat,lon,name\ndeg,deg,\n1,2,a\n3,4,b\n"), true),
        (
            "empty and long names",
            text(&format!("lat,lon,name\n1,2,\n3,4,{long}\n5,6,\n7,8,{long}\n")),
            true,
        ),
        (
            "a name over long lines",
            text(&format!("lat,lon,name\n1,2,\"{long}\n{long}\"\n5,6,\n")),
            true,
        ),
        ("tabs without marks", text("lat\tlon\tname\n1\t2\ta\n\t\t\n3\t4\tb\n"), true),
        (
            "tabs, marks are letters",
            text("lat\tlon\tname\n1\t2\t5\" a\n3\t4\t\"b\"\n5\t6\tc\n"),
            true,
        ),
        ("tabs, a mark stays open", text("lat\tlon\tname\n1\t2\t\"a\n3\t4\tb\n5\t6\tc\n"), true),
        (
            "tabs, one open before one that spans",
            text("name\tlat\tlon\n\"a\" b\t1\t2\n\"c\t3\t4\nd\te\"\t5\t6\n"),
            false,
        ),
        (
            "tabs, marks quote",
            text("lat\tlon\tname\n1\t2\t\"a\tb\"\n3\t4\t\"c\nd\"\n5\t6\te\n"),
            false,
        ),
        ("tabs, both ways", text("lat\tlon\tname\n1\t2\t\"a\n3\t4\tb\"\n5\t6\tc\n"), true),
        (
            "tabs, marks that would swallow a row",
            text("lat\tlon\tname\n1\t2\t\"a\n3\t4\tb 6\"\n5\t6\tc\n7\t8\td \"e\"\n"),
            true,
        ),
        (
            "tabs, marks over lines of too many fields",
            text("lat\tlon\tname\tend\n1\t2\t\"a\tx\n3\t4\tb\"\ty\n5\t6\tc\tz\n"),
            true,
        ),
        ("tabs, a fault and marks", text("lat\tlon\tname\n1\t2\t\"a\"\n3\tx\tb\n5\t6\tc\n"), false),
        ("tabs, a fault without marks", text("lat\tlon\tname\n1\t2\ta\n3\tx\tb\n5\t6\tc\n"), true),
        (
            "tabs, a quoted header",
            text("\"lat\"\t\"lon\"\t\"name\"\n1\t2\t\"a\nb\"\n3\t4\tc\n"),
            true,
        ),
        ("lines", text("1 2 a\n3 4 b c\n\n5 6 d\n7 8\n"), true),
        ("lines without names", text("1 2\n3 4\n5 6\n"), false),
        ("lines without names, one beyond", text("1 2\n3 4\n5 96\n"), false),
        (
            "lines with numbers for names",
            text("1 2 a\n3 4 b\n5 6 7\n8 9 10\n11 12 13\n14 15 16\n"),
            false,
        ),
        ("lines with angles", text("1 2 a\n3 4 b\nc\n5 6 N 2 21 E\n"), true),
        ("lines with a lone CR", text("1 2 a\n3 4 b\rc\n5 6 d\n"), true),
        ("two columns", text("1.5,2.5\n3.5,-120.25\n"), false),
        ("one column of two numbers", text("name,location\na,\"1, 2\"\nb,\"3, 120\"\n"), false),
        (
            "one column that says it",
            text("name,wkt\na,POINT(2 1)\nb,\"POINT(4 3)\"\nc,POINT EMPTY\n"),
            true,
        ),
        (
            "parts of angles",
            text("lat_deg,lat_min,lon_deg,lon_min,name\n1,30,2,30,a\n3,0,4,0,\"b\nc\"\n"),
            true,
        ),
        ("a header of one column", text("lat\n1\n2\n"), false),
        ("no place", text("lat,lon,name\n1,2,a\n,,b\nNA,NA,c\n5,6,d\n"), true),
        ("swapped", text("lat,lon,name\n1,2,a\n120,4,b\n5,6,d\n"), true),
        (
            "wrong rows",
            text("lat,lon,name\n1,2,a\nx,4,b\n5,6\n7,8,c,d,e\n,9,f\n99,0,g\n0,999,h\n1,1,i\n"),
            true,
        ),
        ("not UTF-8 late", [&b"lat,lon,name\n1,2,a\n3,4,b\n5,6,Z\xfcrich\n"[..]].concat(), false),
        (
            "not UTF-8 behind a fault",
            b"lat,lon,name\n1,2,a\nx,4,b\n5,6,c\n7,8,Z\xfcrich\n".to_vec(),
            false,
        ),
        ("cut within a character", b"lat,lon,name\n1,2,\xc3\xa4\n3,4,\xc3".to_vec(), false),
        ("a zero late", b"lat,lon,name\n1,2,a\n3,4,b\n5,6,\0\n".to_vec(), false),
        ("a zero behind a fault", b"lat,lon,name\n1,2,a\nx,4,b\n5,6,\"c\nd\0\"\n".to_vec(), false),
        ("not UTF-8 within marks", b"lat,lon,name\n1,2,\"a\n\xff\nb\"\n5,6,c\n".to_vec(), false),
        ("a comment in Windows-1252", b"# Z\xfcrich\nlat,lon,name\n1,2,a\n3,4,b\n".to_vec(), false),
        ("copies of zero", text("lat,lon\n0,0\n1,1\n0,0\n0.5,1\n1,0.25\n"), true),
        (
            "R's table",
            text("\"lat\" \"lon\" \"name\"\n\"1\" 1 2 \"a b\"\n\"2\" 3 4 \"c\nd\"\n"),
            true,
        ),
        ("bars", text("lat|lon|name\n1|2|\"a|b\"\n3|4|c\n"), true),
        ("old Macintosh", text("lat,lon,name\r1,2,a\r3,4,b\r"), false),
        ("one line", text("1 2 a"), false),
        ("nothing", text(""), false),
        ("JSON", text("{\"lat\":1,\"lon\":2}\n{\"lat\":3,\"lon\":4}\n"), false),
        ("a web page", text("<!DOCTYPE html>\n<html>\n</html>\n"), true),
    ]
}

#[test]
fn pieces_of_nasty_texts_make_what_the_whole_makes() {
    for (name, text, _) in nasty() {
        for options in [ReadOptions::default(), skipping()] {
            for pieces in 1..=17 {
                println!("{name}, {pieces} pieces");
                check(&text, &options, pieces);
            }
        }
    }
}

#[test]
fn pieces_do_without_the_whole_where_they_can() {
    for (name, text, is_cut) in nasty() {
        for pieces in [1, 2, 5, 17] {
            let is_done = in_pieces(&text, &ReadOptions::default(), pieces).is_some();
            assert_eq!(is_done, is_cut, "{name}, {pieces} pieces");
        }
    }
}

/// A row of growing length before all others moves every cut over every byte behind it.
#[test]
fn the_cuts_may_fall_on_any_byte() {
    for (name, text, is_cut) in
        nasty().into_iter().filter(|(_, text, is_cut)| *is_cut && text.len() < 200)
    {
        println!("{name}");
        let lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
        let Some(at) = (1..lines.len()).find(|&at| lines[at].starts_with(b"1")) else { continue };
        for length in 0..text.len() {
            let mut row = lines[at].to_vec();
            let end = row.iter().position(|byte| b"\r\n".contains(byte)).unwrap_or(row.len());
            let is_quoted = row[..end].contains(&b'"');
            if !is_quoted {
                row.splice(end..end, std::iter::repeat_n(b'x', length));
            }
            let padded = [lines[..at].concat(), row, lines[at..].concat()].concat();
            for pieces in [2, 3, 7] {
                for options in [ReadOptions::default(), skipping()] {
                    let is_done = check(&padded, &options, pieces);
                    assert!(is_done || is_quoted || !is_cut || options.skip_invalid, "{name}");
                }
            }
        }
    }
}

#[test]
fn options_are_obeyed_in_pieces_too() {
    let with = |delimiter, encoding| ReadOptions { delimiter, encoding, ..ReadOptions::default() };
    let cases: [(&[u8], ReadOptions); 9] = [
        (b"a,10,20\nb,-30.5,40.25\nc,1,2\n", by_number("2", "3", Some("1"))),
        (b"town,up,right\na,10,20\nb,-30.5,40.25\nc,1,2\n", by_number("2", "3", Some("1"))),
        (
            b"11 10 20 1 ST JOHNS\n12 -30.5 40.25 1 X\n13 1 2 3 Y Z\n",
            by_number("2", "3", Some("5")),
        ),
        (b"1 2\n3 4\n5 6\n", by_number("1", "2", None)),
        (b"lat,lon,name\n1,2,\xff\n3,4,b\n5,6,\xe4\n", with(None, Some(Encoding::Utf8))),
        (b"lat,lon,name\n1,2,\xff\n3,4,b\n5,6,\xe4\n", with(None, Some(Encoding::Windows1252))),
        (b"lat,lon,name\n1,2,a\0\n3,4,b\n5,6,c\n", with(None, Some(Encoding::Utf8))),
        (b"lat+lon+name\n1+2+a\n3+4+b\n5+6+c\n", with(Some(b'+'), None)),
        (b"lat,lon,name\n1,2,a\n3,4,b\n", with(Some(b';'), None)),
    ];
    for (text, options) in cases {
        for pieces in 1..=9 {
            check(text, &options, pieces);
        }
    }
    // An option that the form has not is refused by the reader of the whole.
    let layer = Some(farthest::formats::Layer::Tracks);
    let options = ReadOptions { layer, ..ReadOptions::default() };
    assert_eq!(in_pieces(b"lat,lon\n1,2\n", &options, 2), None);
}

/// Each piece alone has names enough, or too few, or only numbers: all of them together decide.
#[test]
fn the_names_of_all_pieces_count_together() {
    let names = |numbers: usize| {
        let row = |row: usize| {
            let name = if row < numbers { row.to_string() } else { "x".into() };
            format!("{}.5 {}.5 {name}\n", row % 80, row % 70)
        };
        // The first few rows must show names.
        let head: String = (0..3).map(|row| format!("{row} {row} y\n")).collect();
        head + &(0..400).map(row).collect::<String>()
    };
    for (numbers, is_sound) in [(0, true), (150, true), (201, true), (202, false), (400, false)] {
        let text = names(numbers);
        // The head of a text has 100 rows; where most of their names are numbers, it is another form.
        for pieces in [1, 2, 3, 11] {
            let is_done = check(text.as_bytes(), &ReadOptions::default(), pieces);
            let is_read = whole(text.as_bytes(), &ReadOptions::default()).0.is_ok();
            assert_eq!(is_done, is_read, "{numbers} numbers");
            assert!(is_sound || !is_done);
        }
    }
}

#[test]
fn rows_that_are_left_out_are_shown_with_the_lines_of_the_whole() {
    let row = |row: usize| match row % 7 {
        0 => "x,y,z\n".to_string(),
        3 => "1,2,\"a\nb\"\n".to_string(),
        5 => "1,2,3,4\n".to_string(),
        6 => ",,\n".to_string(),
        _ => format!("{},{},n{row}\n", row % 90, row % 180),
    };
    let text = "lat,lon,name\n".to_string() + &(1..500).map(row).collect::<String>();
    for pieces in [1, 2, 3, 8, 64, 1000] {
        assert!(check(text.as_bytes(), &skipping(), pieces));
        assert!(check(text.as_bytes(), &ReadOptions::default(), pieces));
    }
}

/// A long text, in which rows of every kind follow each other in no order.
fn long_text(rows: usize, mut seed: u64) -> String {
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut text = "name,lat,lon\n".to_string();
    for row in 0..rows {
        let (lat, lon) = (next(90), next(180));
        text += &match next(40) {
            0 => format!("\"{}\n{}\",{lat},{lon}\n", "a".repeat(next(99) as usize), row),
            1 => format!("\"one \"\"two\"\"\n\n\n\",{lat},{lon}\r\n"),
            2 => format!("5\" pipe,{lat},{lon}\n"),
            3 => "\n".into(),
            4 => ",,\n".into(),
            5 => format!("é{row},-{lat}.{row},{lon}.{row}\r\n"),
            _ => format!("n{row},{lat}.{row},-{lon}.{row}\n"),
        };
    }
    text
}

/// Stretches are of 128 KiB, so that a text of a few megabytes has several in each piece.
#[test]
fn long_texts_are_read_alike_in_pieces_and_in_batches() {
    for (rows, seed) in [(5_000, 1), (60_000, 2), (200_000, 3)] {
        let text = long_text(rows, seed);
        let options = ReadOptions::default();
        let expected = seen(whole(text.as_bytes(), &options));
        assert!(expected.is_ok(), "{expected:?}");
        assert_eq!(seen(in_batches(text.as_bytes(), &options)), expected);
        for pieces in [1, 2, 3, 7, 16] {
            let found = in_pieces(text.as_bytes(), &options, pieces).expect("pieces do");
            assert_eq!(seen(found), expected, "{rows} rows in {pieces} pieces");
        }
    }
}

/// A field of megabytes leaves pieces empty, and those behind it begin where it ends.
#[test]
fn a_field_may_be_longer_than_a_piece() {
    let field = "line of a name\n".repeat(100_000);
    let text = format!("lat,lon,name\n1,2,a\n3,4,\"{field}\"\n5,6,b\n7,8,c\n");
    for pieces in [2, 5, 17] {
        assert!(check(text.as_bytes(), &ReadOptions::default(), pieces));
    }
    let line = "x".repeat(1 << 20);
    let text = format!("lat,lon,name\n1,2,a\n3,4,{line}\n5,6,\n7,8,c\n");
    for pieces in [2, 5, 17] {
        assert!(check(text.as_bytes(), &ReadOptions::default(), pieces));
    }
}

#[test]
fn every_form_of_a_list_comes_in_batches() {
    let rows = 0..9_000_u32;
    let place = |row: u32| (row % 90, row % 180);
    let lines = |line: &dyn Fn(u32) -> String| rows.clone().map(line).collect::<String>();
    let csv = lines(&|row| format!("{},{},n{row}\n", place(row).0, place(row).1));
    let tsv = lines(&|row| format!("{}\t{}\t\"n\" {row}\n", place(row).0, place(row).1));
    let quoted = lines(&|row| format!("{}\t{}\t\"n\n{row}\"\n", place(row).0, place(row).1));
    let spaced = lines(&|row| format!("{} {} n{row}\n", place(row).0, place(row).1));
    let json = lines(&|row| format!("{{\"lat\":{},\"lon\":{}}}\n", place(row).0, place(row).1));
    let geojson = lines(&|row| {
        format!("{{\"type\":\"Point\",\"coordinates\":[{},{}]}}\n", place(row).1, place(row).0)
    });
    let gpx = lines(&|row| format!("<wpt lat=\"{}\" lon=\"{}\"/>\n", place(row).0, place(row).1));
    let kml = lines(&|row| {
        format!(
            "<Placemark><Point><coordinates>{},{}</coordinates></Point></Placemark>\n",
            place(row).1,
            place(row).0
        )
    });
    let texts = [
        format!("lat,lon,name\n{csv}"),
        format!("lat,lon,name\n{csv}x,y,z\n"),
        format!("lat\tlon\tname\n{tsv}"),
        format!("lat\tlon\tname\n{quoted}"),
        format!("lat\tlon\tname\n{tsv}1\t2\t\"a\nb\"\n"),
        spaced,
        json,
        geojson,
        format!("<gpx>{gpx}</gpx>"),
        format!("<kml>{kml}</kml>"),
        String::new(),
    ];
    for text in texts {
        for options in [ReadOptions::default(), skipping()] {
            let found = seen(in_batches(text.as_bytes(), &options));
            let expected = seen(whole(text.as_bytes(), &options));
            assert!(found == expected, "{}", shown(text.as_bytes()));
        }
    }
}

#[test]
fn a_taker_that_fails_ends_the_reading() {
    let text = "lat,lon\n".to_string() + &"1,2\n".repeat(10_000);
    let mut batches = 0;
    let mut take = |_: &CityList| {
        batches += 1;
        Err(Error::Internal { problem: "full".into() })
    };
    let error = read_into(path(), text.as_bytes(), &ReadOptions::default(), &mut take).unwrap_err();
    assert!(error.to_string().contains("full"), "{error}");
    let cut = Cut::of(path(), text.as_bytes(), &ReadOptions::default()).expect("a list");
    let error = cut.expect("it can be cut").read(1, 2, None, &mut take).unwrap_err();
    assert!(error.to_string().contains("full"), "{error}");
    assert_eq!(batches, 2);
}

fn list_of(places: &[[f64; 2]]) -> CityList {
    let mut list = CityList::default();
    for &[lat_deg, lon_deg] in places {
        list.push(Coordinates::new(lat_deg, lon_deg).expect("in range"), b"");
    }
    list
}

/// Zeros, radians, and degrees and minutes are told of the whole, however it is dealt out.
#[test]
fn notes_on_values_add_up() {
    let lists: [(&[[f64; 2]], &[&str]); 6] = [
        (&[[0.5, 1.0]; 5], &["radians"]),
        (&[[0.5, 1.0]; 4], &[]),
        (&[[0.0, 0.0]; 9], &[]),
        (&[[10.25, 20.59]; 10], &["minutes"]),
        (&[[10.25, 20.59]; 9], &[]),
        (&[[1.0, 2.0]; 30], &["radians"]),
    ];
    for (places, words) in lists {
        for spoiled in [None, Some(0), Some(places.len() / 2), Some(places.len())] {
            let mut places = places.to_vec();
            if let Some(at) = spoiled {
                places.insert(at, [48.777, 3.0]);
            }
            for parts in 1..=places.len() {
                let mut all = ValueFacts::default();
                for part in places.chunks(places.len().div_ceil(parts)) {
                    let mut facts = ValueFacts::default();
                    for batch in part.chunks(2) {
                        facts.see(&list_of(batch));
                    }
                    all.add(&facts);
                }
                let notes = all.notes().join(";");
                assert_eq!(all.notes(), ValueFacts::of(&list_of(&places)).notes());
                assert_eq!(notes.is_empty(), words.is_empty() || spoiled.is_some(), "{notes}");
                assert!(spoiled.is_some() || words.iter().all(|word| notes.contains(word)));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 20_000, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_read_alike_in_pieces(
        bytes in prop::collection::vec(prop::sample::select(b"\",\n\r\t;1.9 -ax#\",\n1".to_vec()), 0..120),
        header in prop::sample::select(vec![
            "lat,lon,name\n", "lat\tlon\tname\n", "lat;lon\n", "\"lat\",\"lon\"\r\n", "1 2 a\n", "name,lat,lon\n1,2,3\n", "",
        ]),
        pieces in 1_usize..8,
        skip_invalid in any::<bool>(),
    ) {
        let text = [header.as_bytes(), &bytes].concat();
        let options = ReadOptions { skip_invalid, ..ReadOptions::default() };
        check(&text, &options, pieces);
        prop_assert_eq!(seen(in_batches(&text, &options)), seen(whole(&text, &options)));
    }

    /// Random bytes seldom make rows; these do.
    #[test]
    fn any_rows_are_read_alike_in_pieces(
        rows in prop::collection::vec(prop::sample::select(vec![
            "1,2,a\n", "3,4,\"b\n", "\",5,6\n", "7,8,\"c\"\n", "\"\"\n", "x,1,2\n", "\n", "9,9,5\" d\r\n", "1,2,\"\n\"\n", "é,\n",
            "\"1\",2,\"\"\"\"\n", ",,\n", "1,2,\"a\"\"\n\",\n", "#\n",
        ]), 0..25),
        tabs in any::<bool>(),
        pieces in 1_usize..12,
        skip_invalid in any::<bool>(),
    ) {
        let text = format!("lat,lon,name\n{}", rows.concat());
        let text = if tabs { text.replace(',', "\t") } else { text };
        let options = ReadOptions { skip_invalid, ..ReadOptions::default() };
        check(text.as_bytes(), &options, pieces);
        prop_assert_eq!(seen(in_batches(text.as_bytes(), &options)), seen(whole(text.as_bytes(), &options)));
    }
}
