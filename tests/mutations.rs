//! Proves that no bytes do harm: lists of every form, damaged in many ways, are read or refused, never
//! with a panic or a hang, and what comes out holds together. And that the form does not matter: one
//! list, written in every form by writers of others, has one reading.
//!
//! A case is its number: all that is random in it follows from that. A case that fails is made
//! smaller before it is shown, as far as it still fails in the same way.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use common::{REPOSITORY, Random, cities_of, is_long};
use csv::{QuoteStyle, Terminator, WriterBuilder};
use farthest::cities::CityList;
use farthest::columns::Wishes;
use farthest::error::Error;
use farthest::formats::{Encoding, Layer, ReadOptions, Reading, Skipped, read};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::json;
use serde_json::value::RawValue;

/// What a compressed file may take. A damaged one must not take more.
const ROOM_BYTES: u64 = 64 << 20;

/// No message says more. Its reader has to find what is wrong in it.
const MESSAGE_BYTES_MOST: usize = 2000;

/// A case takes far less than a millisecond; one that takes this long hangs.
const CASE_LIMIT: Duration = Duration::from_secs(120);

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// A text in UTF-16 without a mark, little-endian or big-endian.
fn utf16(text: &str, is_little: bool) -> Vec<u8> {
    let bytes = |unit: u16| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

// ---- What every reading must be ----

/// Everything that one call of `read` has to keep, whatever the bytes. The error is what it broke.
fn check(bytes: &[u8], options: &ReadOptions) -> Result<(), String> {
    let read = || read(Path::new("cities.txt"), bytes, options);
    let outcome = catch_unwind(AssertUnwindSafe(read)).map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        format!("a panic: {}", said.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?"))
    })?;
    let again = read();
    match (&outcome, &again) {
        (Ok(reading), Ok(again)) => {
            require(is_same(reading, again), || "another reading the second time".into())?;
            check_reading(reading, bytes, options)
        }
        (Err(error), Err(again)) => {
            let [error_text, again] = [error, again].map(Error::to_string);
            require(error_text == again, || format!("another message the second time: {again}"))?;
            check_error(error, bytes)
        }
        _ => Err("read once and refused once".into()),
    }
}

fn require(is_kept: bool, broken: impl FnOnce() -> String) -> Result<(), String> {
    if is_kept { Ok(()) } else { Err(broken()) }
}

fn is_same(a: &Reading, b: &Reading) -> bool {
    (&a.list, &a.skipped, &a.columns, &a.notes) == (&b.list, &b.skipped, &b.columns, &b.notes)
}

fn check_reading(reading: &Reading, bytes: &[u8], options: &ReadOptions) -> Result<(), String> {
    let Reading { list, skipped, columns, notes } = reading;
    let Skipped { count, without_coordinates, first } = skipped;
    require(count >= without_coordinates, || format!("counts that do not add up: {skipped:?}"))?;
    let faults = count - without_coordinates;
    require(options.skip_invalid || faults == 0, || "a row left out without being asked".into())?;
    require(first.len() as u64 == faults.min(5), || format!("{faults} faults, shown {first:?}"))?;
    require(list.len() as u64 + count == list.source_rows(), || {
        format!("{} cities and {count} rows of {}", list.len(), list.source_rows())
    })?;
    check_cities(list)?;
    check_rows(reading, bytes)?;
    let is_named = !columns.form.is_empty() && columns.encoding.is_some();
    require(is_named, || format!("a form without a name: {columns:?}"))?;
    for text in first.iter().chain(notes) {
        check_text(text)?;
    }
    for text in first {
        let line = text.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
        let line = line.and_then(|(line, _)| line.parse().ok());
        check_line(line.ok_or_else(|| format!("no line: {text}"))?, bytes)?;
    }
    Ok(())
}

fn check_cities(list: &CityList) -> Result<(), String> {
    let mut next_row = 0;
    for index in 0..list.len() {
        let place = list.coordinates(index);
        let is_sound = (-90.0..=90.0).contains(&place.lat_deg())
            && (-180.0..=360.0).contains(&place.lon_deg());
        require(is_sound, || format!("no place: {place:?}"))?;
        let row = list.row(index);
        require(row >= next_row && list.index(row) == index, || format!("a wrong row, {row}"))?;
        next_row = row + 1;
    }
    require(next_row <= list.source_rows(), || "a row beyond the last".into())
}

/// No row vanishes: where it is plain how many a text holds, they are counted in another way. Quotation
/// marks, comments and the like make it less plain, and such texts are left out.
fn check_rows(reading: &Reading, bytes: &[u8]) -> Result<(), String> {
    let (Reading { list, columns, .. }, Some(text)) = (reading, unpacked(bytes)) else {
        return Ok(());
    };
    if columns.encoding == Some("UTF-16") {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&text);
    let text = text.trim_start_matches('\u{feff}');
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let expected = match columns.form {
        "GPX" if !has(&["<!", "extensions"]) => {
            let fact = columns.latitude.as_ref().and_then(|fact| fact.name.as_deref());
            fact.and_then(|fact| fact.strip_suffix("/@lat")).map(|element| tags(text, element))
        }
        "KML" if !has(&["<!", "ExtendedData", "Metadata", "PhotoOverlay", "Update"]) => {
            Some(tags(text, "Placemark"))
        }
        _ if columns.delimiter.is_some() && !text.contains('"') => Some(rows(text)),
        _ => None,
    };
    let Some(expected) = expected else { return Ok(()) };
    // A header, a line that names the delimiter, and two of units are no rows.
    let others = if columns.delimiter.is_some() { 4 } else { 0 };
    let range = expected.saturating_sub(others)..=expected;
    require(range.contains(&list.source_rows()), || {
        format!("{} rows where {expected} are counted", list.source_rows())
    })
}

/// Lines that are not blank, without the comments above the first of them.
fn rows(text: &str) -> u64 {
    let end = if text.contains('\n') { '\n' } else { '\r' };
    let is_blank = |line: &&str| line.trim_ascii().is_empty();
    let lines = text.split(end).filter(|line| !is_blank(line));
    lines.skip_while(|line| line.trim_ascii_start().starts_with('#')).count() as u64
}

/// How many elements of a name begin, whatever their prefix.
fn tags(text: &str, name: &str) -> u64 {
    let behind = |at: usize| text[at + name.len()..].chars().next();
    let begins = |at: usize| {
        let before = text[..at].rfind(['<', '>', '/', ' ', '\n', '"']);
        let is_border = |c: char| c.is_ascii_whitespace() || c == '>' || c == '/';
        before.is_some_and(|before| text[before..].starts_with('<'))
            && behind(at).is_some_and(is_border)
    };
    text.match_indices(name).filter(|&(at, _)| begins(at)).count() as u64
}

fn check_error(error: &Error, bytes: &[u8]) -> Result<(), String> {
    let message = error.to_string();
    let is_of_data = matches!(error, Error::Line { .. } | Error::Data { .. });
    let is_usage = matches!(error, Error::Usage { .. });
    require(is_of_data || is_usage, || format!("an error of another kind: {message}"))?;
    check_text(&message)?;
    if is_of_data {
        let has_all = message.contains("expected ") && message.contains("found ");
        require(has_all && message.starts_with("cities.txt:"), || format!("words: {message}"))?;
    }
    match error {
        Error::Line { line, .. } => check_line(*line, bytes),
        _ => Ok(()),
    }
}

/// A message is one line that no terminal obeys, and not a long one.
fn check_text(text: &str) -> Result<(), String> {
    let turns = |c: char| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_plain = !text.chars().any(|c| c.is_control() || turns(c));
    require(is_plain, || format!("a character that a terminal obeys: {text:?}"))?;
    require(text.len() <= MESSAGE_BYTES_MOST, || {
        let begin: String = text.chars().take(200).collect();
        format!("a message that is too long ({} bytes): {begin}", text.len())
    })
}

/// A line that a message tells is one of the text, or the end of it. The test does not know in
/// which encoding the text was taken, so the one with the most lines counts.
fn check_line(line: u64, bytes: &[u8]) -> Result<(), String> {
    let Some(text) = unpacked(bytes) else { return Ok(()) };
    let units = |from_bytes: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = text.as_chunks().0.iter().map(|&unit| from_bytes(unit)).collect();
        lines(&units, 0x0a, 0x0d)
    };
    let lines = [lines(&text, b'\n', b'\r'), units(u16::from_le_bytes), units(u16::from_be_bytes)];
    let lines = lines.into_iter().max().expect("there are three");
    require((1..=lines + 1).contains(&line), || format!("line {line} of {lines}"))
}

fn lines<T: PartialEq>(text: &[T], lf: T, cr: T) -> u64 {
    let count = |end: &T| text.iter().filter(|&unit| unit == end).count() as u64;
    1 + if text.contains(&lf) { count(&lf) } else { count(&cr) }
}

/// The bytes unpacked, as far as these decoders can; they were unpacked once already.
fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        // What pads the last member is an error to this decoder, but all of the text is there then.
        let _ = MultiGzDecoder::new(bytes).take(ROOM_BYTES).read_to_end(&mut text);
        return Some(text);
    }
    let is_skippable = matches!(bytes, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
    if !is_skippable && !bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Some(bytes.to_vec());
    }
    // Several frames are for the unit tests of the unpacking.
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(bytes).ok()?;
    decoder.read_to_end(&mut text).ok()?;
    decoder.into_inner().is_empty().then_some(text)
}

/// What two calls have to keep: a list that is read whole is read so too where rows may be left out,
/// and one that is refused whole has a row to leave out, if it is read at all then.
fn check_both(bytes: &[u8]) -> Result<(), String> {
    let [strict, lenient] = [false, true].map(options).map(|options| {
        check(bytes, &options)?;
        Ok::<_, String>(read(Path::new("cities.txt"), bytes, &options))
    });
    match (strict?, lenient?) {
        (Ok(strict), Ok(lenient)) => {
            require(is_same(&strict, &lenient), || "--skip-invalid changes a sound list".into())
        }
        (Ok(_), Err(error)) => Err(format!("--skip-invalid refuses a sound list: {error}")),
        (Err(error), Ok(Reading { skipped, .. })) => {
            require(skipped.count > skipped.without_coordinates, || {
                format!("--skip-invalid takes all of what is refused without it: {error}")
            })
        }
        (Err(_), Err(_)) => Ok(()),
    }
}

fn options(skip_invalid: bool) -> ReadOptions {
    ReadOptions { skip_invalid, room_bytes: Some(ROOM_BYTES), ..ReadOptions::default() }
}

// ---- Lists that are damaged ----

/// One of each form and of each way to write it, beside the corpus.
const HAND_MADE: [&str; 30] = [
    "lat,lon,name\n10.5,20.25,Ab\n-30,40,\"C, d\"\n91,181,gone\n0,0,\n",
    "name;lat;lon\r\nAb;10,5;20,25\r\nCd;-30,0;40,0\r\n",
    "lat\tlon\tname\n10.5\t20.25\tA \"b\"\n-30\t40\t5\" pipe\n\t\tnowhere\n",
    "\"id\"\t\"lat\"\t\"lon\"\n\"1\"\t\"10.5\"\t\"20.25\"\n\"2\"\t\"-30\"\t\"40\"\n",
    "id|stop_lat|stop_lon|stop_name\n1|10.5|20.25|Ab\n2|-30|40|Cd\n",
    "sep=;\nlat;lon;name\n10.5;20.25;Ab\n-30;40;Cd\n",
    "# made by hand\n# lat lon\n10.5 20.25 New Ab on Sea\n-30 40 Cd  \n  3 4 \t Ef\n",
    "lat lon name\n10.5 20.25 \"A b\"\n-30 40 Cd\n",
    "lat,lon,name\r10.5,20.25,Ab\r-30,40,Cd\r",
    "10.5,20.25\n-30.5,140.75\n3.25,-170.5\n",
    "3039154\tEl Tarter\tEl Tarter\tEl T\t42.57952\t1.65362\tP\tPPL\tAD\t\t02\t\t\t\t1052\t\t1721\tEurope/Andorra\t2012-11-03\n\
     3039163\tSant Julia\tSant Julia\t\t42.46372\t1.49129\tP\tPPLA\tAD\t\t06\t\t\t\t8022\t\t921\tEurope/Andorra\t2013-11-23\n",
    "name,geom\nAb,POINT (20.25 10.5)\nCd,SRID=4326;POINT(40 -30)\nEf,POINT EMPTY\n",
    "name,geom\nAb,POINT Z (20.25 10.5 7)\nCd,\"MULTIPOINT ((40 -30))\"\nEf,\"POLYGON ((0 0, 1 1, 0 1, 0 0))\"\n",
    "name,position\nAb,\"48°51'24\"\"N, 2°21'03\"\"E\"\nCd,\"33°51′54.5″S 151°12′34″W\"\n",
    "name,lat,lon\nAb,48 51 24 N,2 21 03 E\nCd,\"N 33° 51.9'\",W151:12:34\nEf,4851N,00221E\n",
    "name,lat,lat_dir,lon,lon_dir\nAb,48.5,N,2.25,E\nCd,33.5,S,151.25,W\n",
    "name,lat_deg,lat_min,lat_sec,lon_deg,lon_min,lon_sec\nAb,48,51,24,2,21,3\nCd,-33,51,54.5,151,12,34\n",
    "name,coordinates\nAb,+48.8577+002.295/\nCd,-0548-04420/\nEf,+485130+0022100+035CRSWGS_84/\n",
    "name,\"lat, lon\"\nAb,\"48.5, 2.25\"\nCd,\"(-33.5, 151.25)\"\nEf,\"[1;2]\"\n",
    "time,latitude,longitude\nUTC,degrees_north,degrees_east\n2001,10.5,20.25\n2002,-30,40\n",
    r#"{"type":"FeatureCollection","crs":null,"features":[{"type":"Feature","properties":{"name":"Ab","n":1},"geometry":{"type":"Point","coordinates":[20.25,10.5]}},{"type":"Feature","properties":null,"geometry":null},{"type":"Feature","properties":{"name":"Cd"},"geometry":{"type":"MultiPoint","coordinates":[[40,-30,7]]}}]}"#,
    "\u{1e}{\"type\":\"Feature\",\"properties\":{\"name\":\"\\u00c4b\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":[20.25,10.5]}}\n\
     \u{1e}{\"type\":\"Point\",\"coordinates\":[40,-30]}\n",
    r#"[{"lat":10.5,"lon":20.25,"name":"Ab"},{"lon":"40","lat":"-30","name":"C\"d","tags":[1,{"a":null}]},{"name":"gone"}]"#,
    "{\"latitude\":10.5,\"longitude\":20.25,\"city\":\"Ab\"}\n{\"latitude\":null,\"longitude\":null}\n{\"latitude\":-30,\"longitude\":40}\n",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"x\"><metadata><name>m</name></metadata>\n\
     <wpt lat=\"10.5\" lon=\"20.25\"><name>A &amp; b</name><extensions><wpt/></extensions></wpt>\n\
     <wpt lat='-30' lon='40'><name><![CDATA[C<d]]></name></wpt></gpx>\n",
    "<gpx><trk><trkseg><trkpt lat=\"10.5\" lon=\"20.25\"/><trkpt lat=\"-30\" lon=\"40\"/></trkseg></trk>\n\
     <rte><rtept lat=\"1\" lon=\"2\"/></rte></gpx>",
    "<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><Folder>\n<Placemark><name>Ab</name><Point><coordinates>20.25,10.5,0</coordinates></Point></Placemark>\n\
     <Placemark><name>C &#228;</name><MultiGeometry><Point><coordinates> 40 , -30 </coordinates></Point></MultiGeometry></Placemark>\n\
     <Placemark><name>none</name></Placemark></Folder></Document></kml>",
    "<kml><!-- c --><Placemark><LineString><coordinates>1,2 3,4</coordinates></LineString></Placemark><NetworkLink/></kml>",
    "\u{feff}Breite;Länge;Ort\n10,5;20,25;Züriçh\n-30,0;40,0;Köln\n",
    "lat,lon,name\n1,2,\"two\nlines\"\n3,4,\"a \"\"b\"\"\"\n",
];

/// What does harm in one form or another, to be put anywhere.
const ODD: [&[u8]; 48] = [
    b"\0",
    b"\r",
    b"\n",
    b"\r\n",
    b"\t",
    b"\"",
    b"\"\"",
    b"'",
    b",",
    b";",
    b"|",
    b" ",
    b"#",
    b"<",
    b">",
    b"&",
    b"&amp;",
    b"&x;",
    b"]]>",
    b"-->",
    b"<!--",
    b"<![CDATA[",
    b"<!DOCTYPE x [",
    b"</wpt>",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\x1b[31m",
    b"\x1e",
    b"\xff",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"\xe2\x80\xae",
    b"\xc2\x85",
    b"\xc2\xb0",
    b"\xe2\x80\xb2",
    b"POINT(",
    b"SRID=",
    b"N",
    b"O",
    b"null",
    b"sep=;\n",
];

/// What may stand in the place of a number.
const NUMBERS: [&str; 28] = [
    "",
    "-",
    "-0",
    "1e5",
    "1e400",
    "-1e-400",
    "nan",
    "inf",
    "91",
    "181",
    "-999",
    "9999.9",
    "90",
    "-90.0",
    "90.00000000000001",
    "360",
    "-180.5",
    "1,5",
    "1.2.3",
    "48°75'",
    "0x10",
    "−5",
    "1_000",
    "00000000001",
    "4851N",
    "true",
    "5\"",
    "123456789012345678901234567890.5",
];

/// The files of the corpus, and the hand-made lists as they are, in UTF-16 and compressed.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let corpus = fs::read_dir(format!("{REPOSITORY}/tests/forms")).expect("the corpus is there");
    let mut folders: Vec<_> = corpus.flatten().map(|entry| entry.path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    for folder in &folders {
        let files = fs::read_dir(folder).expect("it is a folder").flatten();
        let mut files: Vec<_> = files.map(|entry| entry.path()).collect();
        files.sort();
        seeds.extend(files.iter().map(|file| fs::read(file).expect("a file of the corpus")));
    }
    assert!(folders.len() >= 130, "the whole corpus is there");
    for (number, text) in HAND_MADE.iter().enumerate() {
        seeds.push(text.as_bytes().to_vec());
        seeds.push(match number % 4 {
            0 => gzip(text.as_bytes()),
            1 => zstandard(text.as_bytes()),
            2 => [&[0xff, 0xfe][..], &utf16(text, true)].concat(),
            _ => utf16(text, false),
        });
    }
    seeds
}

/// The bytes of a case.
fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(4) {
        mutate(&mut bytes, seeds, random);
    }
    // What is damaged comes compressed and encoded as well.
    match (random.below(24), std::str::from_utf8(&bytes)) {
        (0, _) => gzip(&bytes),
        (1, _) => zstandard(&bytes),
        (2, Ok(text)) => utf16(text, true),
        (3, Ok(text)) => [&[0xfe, 0xff][..], &utf16(text, false)].concat(),
        _ => bytes,
    }
}

fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let (start, end) = slice_of(bytes, random);
    let slice = bytes[start..end].to_vec();
    match random.below(16) {
        0 if start < bytes.len() => bytes[start] ^= 1 << random.below(8),
        1 => drop(bytes.drain(start..end)),
        2 => insert(bytes, start, random.one_of(&ODD)),
        3 => insert(bytes, start, &slice),
        4 => {
            let other = &seeds[random.below(seeds.len())];
            let (from, _) = slice_of(other, random);
            bytes.truncate(start);
            bytes.extend_from_slice(&other[from..]);
        }
        5 => bytes.truncate(start),
        6 => replace_digit(bytes, random),
        7 => replace_number(bytes, random),
        8 => insert(bytes, start, &run(random)),
        9 => swap_lines(bytes, random),
        10 => replace_all(bytes, random),
        11 => insert(bytes, start, &slice.repeat(1 + random.below(50))),
        12 => {
            let other = &seeds[random.below(seeds.len())];
            let (from, to) = slice_of(other, random);
            insert(bytes, start, &other[from..to]);
        }
        13 => bytes[start..end].reverse(),
        14 => {
            let tail = bytes.split_off(start);
            bytes.splice(0..0, tail);
        }
        _ => bytes[start..end].fill(random.bits() as u8),
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, what: &[u8]) {
    bytes.splice(at..at, what.iter().copied());
}

/// The borders of a slice, most often a short one, and half of the time near the beginning, where a
/// form is decided.
fn slice_of(bytes: &[u8], random: &mut Random) -> (usize, usize) {
    let head = if random.below(2) == 0 { bytes.len() } else { bytes.len().min(200) };
    let start = random.below(head + 1);
    let longest = if random.below(4) == 0 { bytes.len() } else { 12 };
    (start, (start + random.below(longest + 1)).min(bytes.len()))
}

fn replace_digit(bytes: &mut Vec<u8>, random: &mut Random) {
    let digits: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at].is_ascii_digit()).collect();
    if !digits.is_empty() {
        let at = random.one_of(&digits);
        bytes.splice(at..=at, random.one_of(&ODD).iter().copied());
    }
}

fn replace_number(bytes: &mut Vec<u8>, random: &mut Random) {
    let is_part = |byte: u8| byte.is_ascii_digit() || b".-+".contains(&byte);
    let begins = |&at: &usize| is_part(bytes[at]) && (at == 0 || !is_part(bytes[at - 1]));
    let starts: Vec<usize> = (0..bytes.len()).filter(begins).collect();
    if !starts.is_empty() {
        let start = random.one_of(&starts);
        let length = bytes[start..].iter().take_while(|&&byte| is_part(byte)).count();
        bytes.splice(start..start + length, random.one_of(&NUMBERS).bytes());
    }
}

/// The same few bytes many times over; seldom very many times.
fn run(random: &mut Random) -> Vec<u8> {
    let times = match random.below(200) {
        0 => 100_000,
        1..=20 => 5000,
        _ => 100,
    };
    random.one_of(&ODD).repeat(1 + random.below(times))
}

fn swap_lines(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    let (a, b) = (random.below(lines.len()), random.below(lines.len()));
    lines.swap(a, b);
    *bytes = lines.join(&b'\n');
}

/// Another byte wherever one of them stands, such as another delimiter.
fn replace_all(bytes: &mut [u8], random: &mut Random) {
    let places = b",;\t| \n\"{}[]<>:.";
    let (from, to) = (random.one_of(places), random.one_of(places));
    for byte in bytes.iter_mut().filter(|byte| **byte == from) {
        *byte = to;
    }
}

/// Options that a user may have typed, fitting or not.
fn odd_options(random: &mut Random) -> ReadOptions {
    let columns =
        ["lat", "lon", "name", "geom", "1", "2", "3", "5", "0", "99999999999999999999", ""];
    let mut wish = |one_in: usize| {
        let is_given = random.below(one_in) == 0;
        is_given.then(|| random.one_of(&columns).to_string())
    };
    let columns =
        Wishes { lat: wish(2), lon: wish(2), name: wish(3), lat_lon: wish(6), lon_lat: wish(6) };
    let delimiters = [b'\t', b',', b';', b'|', b' ', b':', b'1', b'\0', 0x7f];
    let encodings = [Encoding::Utf8, Encoding::Utf16, Encoding::Windows1252];
    let layers = [Layer::Waypoints, Layer::Tracks, Layer::Routes];
    ReadOptions {
        columns,
        delimiter: (random.below(3) == 0).then(|| random.one_of(&delimiters)),
        encoding: (random.below(3) == 0).then(|| random.one_of(&encodings)),
        layer: (random.below(6) == 0).then(|| random.one_of(&layers)),
        ..options(random.below(2) == 0)
    }
}

/// Which check of its bytes a case is for.
#[derive(Clone, Debug)]
enum Check {
    Both,
    With(ReadOptions),
}

impl Check {
    fn run(&self, bytes: &[u8]) -> Result<(), String> {
        match self {
            Check::Both => check_both(bytes),
            Check::With(options) => check(bytes, options),
        }
    }
}

fn case(number: u64, seeds: &[Vec<u8>]) -> (Vec<u8>, Check) {
    let mut random = Random::new(number);
    let bytes = mutated(seeds, &mut random);
    let check = match random.below(4) {
        0 => Check::With(odd_options(&mut random)),
        _ => Check::Both,
    };
    (bytes, check)
}

/// What is broken, without the part that differs from one case to the next.
fn kind_of(broken: &str) -> String {
    broken.chars().filter(|c| !c.is_ascii_digit()).take(72).collect()
}

/// Fewer bytes for which the check fails in the same way: slices are left out as long as it does, and
/// as there is time.
fn shrunk(mut bytes: Vec<u8>, check: &Check, kind: &str) -> Vec<u8> {
    let fails = |bytes: &[u8]| check.run(bytes).is_err_and(|broken| kind_of(&broken) == kind);
    let begin = Instant::now();
    let mut step = bytes.len() / 2;
    while step > 0 {
        let mut start = 0;
        while start < bytes.len() && begin.elapsed() < CASE_LIMIT / 10 {
            let end = (start + step).min(bytes.len());
            let fewer = [&bytes[..start], &bytes[end..]].concat();
            if fails(&fewer) {
                bytes = fewer;
            } else {
                start = end;
            }
        }
        step /= 2;
    }
    bytes
}

/// What some cases broke, the first of each kind.
type Failures = BTreeMap<String, String>;

/// Runs cases by their numbers. `at` always holds the number of the one at work; the slowest is told
/// with its time.
fn failures(
    numbers: impl Iterator<Item = u64>,
    seeds: &[Vec<u8>],
    at: &AtomicU64,
) -> (Failures, (Duration, u64)) {
    let (mut failures, mut slowest) = (Failures::new(), (Duration::ZERO, 0));
    for number in numbers {
        at.store(number, Ordering::Relaxed);
        let (bytes, check) = case(number, seeds);
        let begin = Instant::now();
        let outcome = check.run(&bytes);
        slowest = slowest.max((begin.elapsed(), number));
        if let Err(broken) = outcome {
            failures.entry(kind_of(&broken)).or_insert_with_key(|kind| {
                let bytes = shrunk(bytes, &check, kind);
                let shown: String = bytes.escape_ascii().to_string().chars().take(3000).collect();
                format!("case {number}: {broken}\n    {check:?}\n    b\"{shown}\"")
            });
        }
    }
    (failures, slowest)
}

/// Ends the process if a case does not end, for nothing else can end it.
fn watch(workers: &[AtomicU64], is_over: &mpsc::Receiver<()>) {
    let mut before = vec![u64::MAX; workers.len()];
    while is_over.recv_timeout(CASE_LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
        for (worker, before) in workers.iter().zip(&mut before) {
            let number = worker.load(Ordering::Relaxed);
            if number == std::mem::replace(before, number) && number != u64::MAX {
                // Straight to standard error: what a test prints is shown when it ends, and this does not.
                let _ = writeln!(std::io::stderr(), "case {number} hangs");
                std::process::abort();
            }
        }
    }
}

#[test]
fn no_damage_to_a_list_of_any_form_does_harm() {
    let cases: u64 = if is_long() { 1_000_000 } else { 10_000 };
    let seeds = seeds();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let at: Vec<AtomicU64> = (0..workers).map(|_| AtomicU64::new(u64::MAX)).collect();
    let begin = Instant::now();
    let (mut all, mut slowest) = (Failures::new(), (Duration::ZERO, 0));
    thread::scope(|scope| {
        let (over, is_over) = mpsc::channel::<()>();
        let (seeds, at) = (&seeds, &at);
        let work = |worker: usize| {
            let over = over.clone();
            scope.spawn(move || {
                let numbers = (worker as u64..cases).step_by(workers);
                let found = failures(numbers, seeds, &at[worker]);
                at[worker].store(u64::MAX, Ordering::Relaxed);
                drop(over);
                found
            })
        };
        let working: Vec<_> = (0..workers).map(work).collect();
        drop(over);
        watch(at, &is_over);
        for worker in working {
            let (failures, slow) = worker.join().expect("a worker catches all panics");
            all.extend(failures);
            slowest = slowest.max(slow);
        }
    });
    println!("{cases} cases in {:?}; the slowest is {slowest:?}", begin.elapsed());
    let shown: Vec<&str> = all.values().map(String::as_str).collect();
    assert!(all.is_empty(), "{} kinds of failures:\n{}", all.len(), shown.join("\n"));
}

// ---- One list in every form ----

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
