//! Lists of every form, damaged in many ways: they are read or refused, and what comes out holds together.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Instant;

use farthest::cities::CityList;
use farthest::columns::Wishes;
use farthest::error::Error;
use farthest::formats::{Encoding, Layer, ReadOptions, Reading, Skipped, read};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::common::{REPOSITORY, Random};
use super::harness::{CASE_LIMIT, Target, attack, require, without_panic};

/// What a compressed file may take. A damaged one must not take more.
const ROOM_BYTES: u64 = 64 << 20;

/// No message says more. Its reader has to find what is wrong in it.
const MESSAGE_BYTES_MOST: usize = 2000;

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

pub fn zstandard(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// A text in UTF-16 without a mark, little-endian or big-endian.
pub fn utf16(text: &str, is_little: bool) -> Vec<u8> {
    let bytes = |unit: u16| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

// ---- What every reading must be ----

/// Everything that one call of `read` has to keep, whatever the bytes. The error is what it broke.
fn check(bytes: &[u8], options: &ReadOptions) -> Result<(), String> {
    let read = || read(Path::new("cities.txt"), bytes, options);
    let outcome = without_panic(read)?;
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

/// A line that no terminal obeys.
pub fn check_plain(text: &str) -> Result<(), String> {
    let turns = |c: char| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_plain = !text.chars().any(|c| c.is_control() || turns(c));
    require(is_plain, || format!("a character that a terminal obeys: {text:?}"))
}

/// A message is such a line, and not a long one.
pub fn check_text(text: &str) -> Result<(), String> {
    check_plain(text)?;
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

pub fn options(skip_invalid: bool) -> ReadOptions {
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

pub fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
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
    let columns = Wishes {
        lat: wish(2),
        lon: wish(2),
        name: wish(3),
        is_id: false,
        lat_lon: wish(6),
        lon_lat: wish(6),
    };
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

/// Lists under attack.
struct Lists {
    seeds: Vec<Vec<u8>>,
}

impl Target for Lists {
    type Case = (Vec<u8>, Check);

    fn case(&self, number: u64) -> Self::Case {
        case(number, &self.seeds)
    }

    fn check(&self, (bytes, check): &Self::Case) -> Result<(), String> {
        check.run(bytes)
    }

    /// Slices are left out as long as the case fails, and as there is time.
    fn shown(&self, (bytes, check): Self::Case, fails: &dyn Fn(&Self::Case) -> bool) -> String {
        let mut case = (bytes, check);
        let begin = Instant::now();
        let mut step = case.0.len() / 2;
        while step > 0 {
            let mut start = 0;
            while start < case.0.len() && begin.elapsed() < CASE_LIMIT / 10 {
                let end = (start + step).min(case.0.len());
                let fewer = ([&case.0[..start], &case.0[end..]].concat(), case.1.clone());
                if fails(&fewer) {
                    case = fewer;
                } else {
                    start = end;
                }
            }
            step /= 2;
        }
        let (bytes, check) = case;
        let shown: String = bytes.escape_ascii().to_string().chars().take(3000).collect();
        format!("{check:?}\n    b\"{shown}\"")
    }
}

#[test]
fn no_damage_to_a_list_of_any_form_does_harm() {
    attack(&Lists { seeds: seeds() }, 10_000);
}
