//! Proves that a file made to do harm does none: bombs, endless lines, nests, entities and rows by the
//! million end the binary soon, in little memory, with one message that says where and what to do.
//!
//! Each job has an address space of what a tiny list takes and a few times the file. That bounds its
//! memory, and it fails its test where it would take more; a job that takes too long fails it as well.
//! No time is asserted beyond that: how fast a machine is, no test knows. The sizes are those at which
//! work that grows as the square of the file would take hours.

#![cfg(feature = "mpi")]

mod common;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::sync::OnceLock;

use common::{Folder, Job, Outcome, is_long};
use flate2::{Compress, Compression, FlushCompress, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

const BAD_DATA: i32 = 65;

/// Address space beside that of a tiny list and of the file: a header may have a megabyte, and each
/// of its columns takes some hundred bytes while the columns are sought.
const SLACK_KIB: usize = 256 << 10;

/// How often the file may stand in memory: its map, its text decoded, and what is made of that.
const COPIES: usize = 4;

/// No message is longer than this, whatever it shows of the file.
const MESSAGE_BYTES_MOST: usize = 2000;

/// A sound beginning, after which harm comes on line 4.
const SOUND: &[u8] = b"lat,lon,name\n1,2,a\n30,40,b\n";

/// How many bytes a large file has.
fn large() -> usize {
    if is_long() { 300 << 20 } else { 50 << 20 }
}

/// A part of a file: bytes, and how many times they stand there.
type Part<'a> = (&'a [u8], usize);

type Parts<'a> = &'a [Part<'a>];

/// As many of some bytes as a large file holds.
fn many(bytes: &[u8]) -> Part<'_> {
    (bytes, large() / bytes.len())
}

/// Writes a file part by part, as it may be larger than memory.
fn write(folder: &Folder, name: &str, parts: Parts) -> String {
    let path = folder.file(name);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).expect("a new file"));
    for &(bytes, times) in parts {
        let (block_times, block) = (times.min(1 + (1 << 16) / bytes.len().max(1)), bytes);
        let block = block.repeat(block_times);
        for _ in 0..times / block_times.max(1) {
            file.write_all(&block).expect("there is room for the file");
        }
        for _ in 0..times % block_times.max(1) {
            file.write_all(bytes).expect("there is room for the file");
        }
    }
    file.flush().expect("there is room for the file");
    path
}

/// A job with so much address space, as `ulimit` counts it.
fn in_kib(kib: usize) -> Job {
    Job::alone().inside(&["sh", "-c", &format!("ulimit -v {kib} && exec \"$@\""), "sh"])
}

/// The address space in which MPI starts and a tiny list is read.
fn least_kib() -> usize {
    static LEAST: OnceLock<usize> = OnceLock::new();
    *LEAST.get_or_init(|| {
        let folder = Folder::new();
        let file = folder.write("tiny.csv", SOUND);
        let is_enough = |&kib: &usize| in_kib(kib).run(&["info", &file]).code == 0;
        let steps = (0..7).map(|doublings| (200 << 10) << doublings);
        steps.into_iter().find(is_enough).expect("a tiny list takes little memory")
    })
}

/// Runs `info` on a file in the memory that it may take.
fn info(file: &str, options: &[&str]) -> Outcome {
    let file_bytes = fs::metadata(file).expect("the file is there").len() as usize;
    let kib = least_kib() + SLACK_KIB + COPIES * (file_bytes >> 10);
    in_kib(kib).run(&[&["info", file][..], options].concat())
}

/// Asserts one message about a file: its line, 0 for none, what was expected and found, all words,
/// and nothing that a terminal obeys.
#[track_caller]
fn assert_message(outcome: &Outcome, file: &str, line: u64, words: &[&str]) {
    let begin: String = outcome.stderr.chars().take(MESSAGE_BYTES_MOST).collect();
    assert!(outcome.stderr.len() <= MESSAGE_BYTES_MOST, "a long message: {begin}");
    let place = match line {
        0 => format!("farthest: {file}: "),
        line => format!("farthest: {file}:{line}: "),
    };
    outcome.expect_error(BAD_DATA, &[&[&place[..], "expected ", "found "], words].concat());
    let message = outcome.stderr.trim_end_matches('\n');
    assert!(!message.contains(char::is_control), "{message:?}");
}

/// Asserts that a file of these parts is refused.
#[track_caller]
fn assert_refused(name: &str, parts: Parts, line: u64, words: &[&str]) {
    let folder = Folder::new();
    let file = write(&folder, name, parts);
    assert_message(&info(&file, &[]), &file, line, words);
}

/// Asserts that a file of these parts is read, with so many cities and rows left out.
#[track_caller]
fn assert_reads(name: &str, parts: Parts, cities: u64, skipped: u64) {
    let folder = Folder::new();
    let file = write(&folder, name, parts);
    let options = ["--skip-invalid", "--format", "json"];
    let report = info(&file, &options[usize::from(skipped == 0)..]).expect_json();
    assert_eq!((&report["cities"], &report["skipped"]["count"]), (&cities.into(), &skipped.into()));
    let shown = report["skipped"]["first"].as_array().expect("a list of messages");
    assert_eq!(shown.len() as u64, skipped.min(5), "{shown:?}");
}

// ---- Compressed ----

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

/// A list that does not fit into one block of either compression.
fn long_list() -> Vec<u8> {
    let row = |number: u64| {
        let [lat, lon] = [number * 7919 % 90_000, number * 104_729 % 180_000];
        format!("{}.{:03},{}.{:03},city {number}\n", lat / 1000, lat % 1000, lon / 1000, lon % 1000)
    };
    format!("lat,lon,name\n{}", (0..50_000).map(row).collect::<String>()).into_bytes()
}

#[test]
fn compressed_files_that_are_cut_or_damaged_are_refused() {
    let list = long_list();
    let folder = Folder::new();
    for (name, bytes, test) in [
        ("a.gz", gzip(&list), "gzip -t"),
        ("a.zst", compress_to_vec(&list[..], CompressionLevel::Fastest), "zstd -t"),
    ] {
        let whole = folder.write(name, &bytes);
        let report = Job::alone().run(&["info", &whole, "--format", "json"]).expect_json();
        assert_eq!(report["cities"], 50_000);
        for end in [bytes.len() / 2, bytes.len() - 3, 20] {
            let file = folder.write(&format!("{end}-{name}"), &bytes[..end]);
            assert_message(&info(&file, &[]), &file, 0, &["its end too early", "cut short", test]);
        }
    }
    let mut bytes = gzip(&list);
    // Behind the data stand four bytes of checksum and four of length.
    let checksum = bytes.len() - 8;
    bytes[checksum] ^= 1;
    let file = folder.write("crc.gz", bytes);
    assert_message(&info(&file, &[]), &file, 0, &["sound gzip data", "damaged", "gzip -t"]);
}

#[test]
fn members_and_frames_by_the_million_are_unpacked() {
    const TIMES: usize = 1_000_000;
    let (list, nothing) = (gzip(SOUND), gzip(b""));
    assert_reads("members.gz", &[(&nothing, TIMES), (&list, 1), (&nothing, TIMES)], 2, 0);
    let (list, skipped) =
        (compress_to_vec(SOUND, CompressionLevel::Fastest), b"\x50\x2a\x4d\x18\0\0\0\0");
    assert_reads("skipped.zst", &[(skipped, TIMES), (&list, 1), (skipped, TIMES)], 2, 0);
    // A frame of one block without bytes.
    let empty = b"\x28\xb5\x2f\xfd\x00\x38\x01\x00\x00";
    assert_reads("frames.zst", &[(empty, TIMES), (&list, 1), (empty, TIMES)], 2, 0);
}

/// What the bombs unpack to.
const BOMB_BYTES: u64 = 10_000_000_000;

/// What the address space of a bomb's job is: far less than it unpacks to.
const BOMB_KIB: usize = 2_000_000;

/// A hundredth of a bomb, as deflate data that stands by itself and can be repeated.
fn deflated_zeros() -> Vec<u8> {
    let (zeros, mut data) = (vec![0; BOMB_BYTES as usize / 100], Vec::with_capacity(1 << 20));
    let mut compress = Compress::new(Compression::fast(), false);
    compress.compress_vec(&zeros, &mut data, FlushCompress::Full).expect("sound data");
    assert_eq!(compress.total_in(), zeros.len() as u64);
    assert!(data.len() < data.capacity(), "there was room for all of it");
    data
}

#[track_caller]
fn assert_defused(name: &str, parts: Parts, words: &[&str]) {
    let folder = Folder::new();
    let file = write(&folder, name, parts);
    assert!(fs::metadata(&file).expect("it was written").len() < 100 << 20, "a bomb is small");
    let outcome = in_kib(BOMB_KIB).run(&["info", &file]);
    let advice = ["unpacks to at most ", "a third of the memory", "-dc "];
    assert_message(&outcome, &file, 0, &[&advice, words].concat());
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let zeros = deflated_zeros();
    let head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff";
    // An empty last block; the checksum behind it is never come to, and the length is true.
    let length = (BOMB_BYTES as u32).to_le_bytes();
    let tail = [&b"\x03\x00\0\0\0\0"[..], &length].concat();
    assert_defused("one.gz", &[(head, 1), (&zeros, 100), (&tail, 1)], &["found more"]);
    let member = gzip(&vec![b'1'; 100_000_000]);
    assert_defused("many.gz", &[(&member, 100)], &["found more"]);
    // A frame of blocks that repeat one byte, with a window as large as a block.
    let (block, block_bytes) = (b"\x02\x00\x10\x31", 1 << 17);
    let blocks = (BOMB_BYTES / block_bytes) as usize;
    let last = b"\x03\x00\x10\x31";
    let frame = |name: &str, head: &[u8], words: &[&str]| {
        assert_defused(name, &[(head, 1), (block, blocks), (last, 1)], words);
    };
    frame("untold.zst", b"\x28\xb5\x2f\xfd\x00\x38", &["found more"]);
    let told = [&b"\x28\xb5\x2f\xfd\xc0\x38"[..], &BOMB_BYTES.to_le_bytes()].concat();
    frame("told.zst", &told, &["found 10000000000 bytes"]);
}

// ---- Endless lines, and bytes of one kind ----

const TOO_LONG: [&str; 2] = ["at most 1048576 bytes", "its line ends are lost"];

#[test]
fn a_file_of_one_character_is_refused() {
    for letter in [b"a", b"1", b"\"", b",", b";", b"|", b"(", b"-", b"<", b"\xff"] {
        assert_refused("line.csv", &[many(letter)], 1, &TOO_LONG);
    }
    let no_cities = ["at least 2 cities", "found 0", "a pair needs two"];
    for letter in [b" ", b"\t", b"\n", b"\r", b"#", b"\x1e"] {
        assert_refused("blank.csv", &[many(letter)], 0, &no_cities);
    }
    assert_refused("brackets.json", &[many(b"[")], 1, &["at most 128 brackets"]);
    assert_refused(
        "braces.json",
        &[many(b"{")],
        1,
        &["a key in quotation marks", "correct the file"],
    );
    assert_refused("marks.csv", &[many(b"\"\n")], 1, &["a column for latitude", "--lat COLUMN"]);
    assert_refused("pairs.csv", &[many(b"\"\"\n")], 1, &["a column for latitude", "--lat COLUMN"]);
    assert_refused("zeros.csv", &[many(b"\0")], 0, &["found other binary data", "farthest pack"]);
    assert_refused("wide.csv", &[(b"\xff\xfe", 1), many(b"a\0")], 1, &TOO_LONG);
}

#[test]
fn comments_alone_take_little_memory() {
    let no_cities = ["at least 2 cities", "found 0", "a pair needs two"];
    assert_refused("comments.csv", &[many(b"#\n")], 0, &no_cities);
}

#[test]
fn a_line_without_an_end_is_refused() {
    let bytes = if is_long() { 1 << 30 } else { large() };
    let [sound, a]: [Part; 2] = [(SOUND, 1), (b"a", bytes)];
    assert_refused("first.csv", &[a], 1, &[&format!("a line of {bytes} bytes"), TOO_LONG[1]]);
    assert_refused("later.csv", &[sound, a], 4, &["expected 3 fields", "correct the line"]);
    let angle: Parts = &[sound, many(b"1"), (b",2,x\n", 1)];
    assert_refused("angle.csv", angle, 4, &["longer than 256 bytes", "correct the line"]);
    let words: Parts = &[sound, many(b"1 "), (b",2,x\n", 1)];
    assert_refused("words.csv", words, 4, &["longer than 256 bytes", "correct the line"]);
    // Nothing is wrong with a long name.
    assert_reads("name.csv", &[sound, (b"5,6,", 1), a, (b"\n7,8,d\n", 1)], 4, 0);
}

#[test]
fn a_quotation_mark_that_never_closes_is_refused() {
    let [sound, row]: [Part; 2] = [(SOUND, 1), (b"5,6,\"", 1)];
    let words = ["a closing quotation mark", "close it"];
    assert_refused("row.csv", &[sound, row, many(b"a")], 4, &words);
    assert_refused("row.csv", &[sound, row, many(b"a\n")], 4, &words);
    assert_refused("row.csv", &[sound, row, many(b"\"\""), (b"\n", 1)], 4, &words);
    assert_refused("header.csv", &[(b"lat,lon,\"", 1), many(b"a\n")], 1, &words);
    // A name of a column that is as long as the file.
    let header: Parts = &[(b"lat,lon,\"", 1), many(b"a\n"), (b"\"\n1,2,3\n4,5,6\n", 1)];
    assert_refused("header.csv", header, 1, &["at most 1048576 bytes"]);
    // A mark that opens and one that does not close; the longest of tries is the number of columns.
    let marks: Parts = &[sound, row, many(b"\"\""), (b"\"x\n", 1)];
    assert_refused("odd.csv", &[marks, &[(b"a,b,c\n", 1)]].concat(), 5, &["found \"a\""]);
    assert_refused("fields.csv", &[sound, many(b"\",")], 4, &["more than 67", "correct the line"]);
}

#[test]
fn zero_bytes_are_refused_with_their_line() {
    let [sound, zeros]: [Part; 2] = [(SOUND, 1), many(b"\0")];
    assert_refused("early.csv", &[sound, zeros], 0, &["found other binary data"]);
    let later: Parts = &[sound, (b"5,6,c\n", 1000), (b"\0", 1), (b"5,6,c\n", 1000)];
    assert_refused("later.csv", later, 1004, &["found a zero byte", "copy it again"]);
}

// ---- Columns ----

#[test]
fn a_million_columns_are_refused() {
    let columns: Vec<String> = (0..1_000_000).map(|column| format!("c{column}")).collect();
    let header = columns.join(",");
    assert_refused("header.csv", &[(header.as_bytes(), 1)], 1, &TOO_LONG);
    let header: Parts = &[(b"lat,lon", 1), (b",c", 1_000_000), (b"\n1,2\n", 1)];
    assert_refused("pair.csv", header, 1, &TOO_LONG);
    let row: Parts = &[(SOUND, 1), (b"1,", 1_000_000), (b"2\n", 1)];
    assert_refused("row.csv", row, 4, &["expected 3 fields", "more than 67", "correct the line"]);
    let header: Parts = &[(b"c,", 520_000), (b"\n1,2\n", 1)];
    assert_refused("short.csv", header, 1, &["at most 65536 columns"]);
    // As many as a header can hold.
    let header: Parts = &[(b"c,", 65_000), (b"\n1,2\n", 1)];
    assert_refused("none.csv", header, 1, &["a column for latitude", "--lat COLUMN"]);
    let header: Parts = &[(b"lat,lon", 1), (b",c", 65_000), (b"\n1,2\n3,4\n", 1)];
    assert_refused(
        "fields.csv",
        header,
        2,
        &["expected 65002 fields", "found 2", "correct the line"],
    );
    let row: Parts = &[(b"7,", 500_000), (b"\n1,2\n", 1)];
    assert_refused("numbers.csv", row, 1, &["at most 65536 columns"]);
}

#[test]
fn a_header_of_pairs_alone_is_refused() {
    let words = ["one pair of coordinates", "--lat 1 --lon 2"];
    let header: Parts = &[(b"lat,lon,", 2000), (b"\n", 1)];
    assert_refused("pairs.csv", header, 1, &words);
    let header: Parts = &[(b"lat,lon,", 32_000), (b"\n", 1)];
    assert_refused("pairs.csv", header, 1, &words);
    let header: Parts = &[(b"lat_a,lon_a,lat_b,lon_b,", 16_000), (b"\n", 1)];
    assert_refused("qualified.csv", header, 1, &["one pair of coordinates"]);
    let below: Parts = &[(b"x\n", 1), (&b"lat,lon,".repeat(120_000), 5), (b"\n", 1)];
    assert_refused("below.csv", below, 1, &["expected a header"]);
    let title: Parts = &[(b"x\n", 1), (b"lat", 1)];
    let long: Parts = &[(b"a", 1_000_000), (b",lon\nlat", 1)];
    let below = [title, &long.repeat(40), &[(b",b\n", 1)]].concat();
    assert_refused("long.csv", &below, 1, &["expected a header"]);
    let records: Parts = &[(b"[{", 1), (b"\"lat\":1,\"lon\":2,", 4900), (b"\"x\":1}]", 1)];
    assert_refused("keys.json", records, 1, &["the key", "once", "found it twice"]);
}

#[test]
fn names_of_columns_that_are_long_do_not_fill_a_message() {
    for column in ["northing", "easting_", "lat_rad", "mgrs", "geohash"] {
        let header: Parts = &[(column.as_bytes(), 1), (b"\xe2\x80\x8b", 300_000), (b"\n1\n", 1)];
        assert_refused("stop.csv", header, 1, &["expected "]);
    }
    let header: Parts = &[(b"lat,lon,lat_min", 1), (b"\xe2\x80\x8b", 300_000), (b"\n1,2,3\n", 1)];
    assert_refused("part.csv", header, 1, &["minutes"]);
    let header: Parts = &[(b"position", 1), (b"\xe2\x80\x8b", 300_000), (b"\n\"1, 2\"\n", 1)];
    assert_refused("open.csv", header, 2, &["--lat-lon"]);
    assert_refused(
        "listed.csv",
        &[(&[b"\xe2\x80\x8b".repeat(40), b",".to_vec()].concat(), 100)],
        1,
        &["--lat"],
    );
}

#[test]
fn a_geometry_without_an_end_is_refused() {
    let head: Part = (b"name,geom\na,POINT (1 2)\nb,\"", 1);
    let point: Parts = &[head, (b"POINT(", 1), many(b"("), (b"\"\n", 1)];
    assert_refused("point.csv", point, 3, &["longer than 512 bytes", "correct the line"]);
    let area: Parts = &[head, (b"POLYGON((", 1), many(b"1 2,"), (b"1 2))\"\n", 1)];
    assert_refused("area.csv", area, 3, &["found POLYGON", "ST_Centroid"]);
    // In the first row, where it stands before the columns are known.
    let head: Part = (b"name,geom\nb,\"", 1);
    let point: Parts = &[head, (b"POINT(", 1), many(b"("), (b"\"\n", 1)];
    assert_refused("first.csv", point, 1, &["expected "]);
    let area: Parts = &[head, (b"POLYGON((", 1), many(b"1 2,"), (b"1 2))\"\n", 1)];
    assert_refused("first.csv", area, 1, &["expected "]);
}

// ---- JSON ----

const POINT: &[u8] = br#""geometry":{"type":"Point","coordinates":[1,2]}}"#;

#[test]
fn json_of_any_depth_is_refused() {
    const DEPTH: usize = 100_000;
    let [open, close]: [Part; 2] = [(b"[", DEPTH), (b"]", DEPTH)];
    let [objects, ends]: [Part; 2] = [(b"{\"a\":", DEPTH), (b"}", DEPTH)];
    let words = ["at most 128 brackets", "found more"];
    let files: [Parts; 9] = [
        &[open],
        &[open, close],
        &[objects],
        &[objects, (b"1", 1), ends],
        &[(br#"{"type":"Point","coordinates":"#, 1), open, close, (b"}", 1)],
        &[
            (br#"{"type":"Feature","properties":"#, 1),
            objects,
            (b"1", 1),
            ends,
            (b",", 1),
            (POINT, 1),
        ],
        &[(br#"{"type":"FeatureCollection","x":"#, 1), open, close, (br#","features":[]}"#, 1)],
        &[(br#"[{"lat":1,"lon":2},{"lat":"#, 1), objects, (b"1", 1), ends, (b"}]", 1)],
        &[(br#"[{"lat":1,"lon":2,"x":"#, 1), open, close, (b"}]", 1)],
    ];
    for parts in files {
        assert_refused("deep.json", parts, 1, &words);
    }
}

#[test]
fn json_of_any_length_is_read_or_refused() {
    let bytes = 2 * large();
    let (feature, name): (&[u8], &[u8]) = (br#"{"type":"Feature","properties":"#, br#"{"id":""#);
    let (behind, line): (&[u8], &[u8]) = (b"\"},", b"\n");
    let whole: Parts =
        &[(feature, 1), (name, 1), (b"a", bytes), (behind, 1), (POINT, 1), (line, 1)];
    let small: Parts = &[(feature, 1), (b"{},", 1), (POINT, 1), (line, 1)];
    assert_reads("string.json", &[whole, small].concat(), 2, 0);
    let open: Parts = &[(feature, 1), (name, 1), (b"a", bytes)];
    assert_refused("open.json", open, 1, &["feature 1", "cut short"]);
    let escapes: Parts =
        &[(feature, 1), (name, 1), many(b"\\u0061"), (behind, 1), (POINT, 1), (line, 1)];
    assert_reads("escapes.json", &[escapes, small].concat(), 2, 0);
    let number: Parts = &[(br#"[{"lat":"#, 1), many(b"1"), (br#","lon":2}]"#, 1)];
    assert_refused("number.json", number, 1, &["record 1", "longer than 256 bytes"]);
    let points: Parts =
        &[(br#"{"type":"MultiPoint","coordinates":["#, 1), many(b"[1,2],"), (b"[1,2]]}", 1)];
    assert_refused("points.json", points, 1, &["MultiPoint of ", "-explodecollections"]);
}

#[test]
fn json_with_keys_by_the_million_is_read_or_refused() {
    let keys: Vec<String> = (0..1_000_000).map(|key| format!("\"k{key}\":1")).collect();
    let keys = keys.join(",");
    let keys: Part = (keys.as_bytes(), 1);
    let first: Parts = &[(b"[{", 1), keys, (b"}]", 1)];
    assert_refused("first.json", first, 1, &["an object of over 10000 keys"]);
    let second: Parts = &[(b"[{\"lat\":1,\"lon\":2},\n{", 1), keys, (b"}]", 1)];
    assert_refused("second.json", second, 2, &["record 2", "give all records the same keys"]);
    let place: Parts = &[(b"[{\"lat\":1,\"lon\":2},\n{", 1), keys, (b",\"lat\":3,\"lon\":4}]", 1)];
    assert_reads("place.json", place, 2, 0);
    let feature: Parts =
        &[(br#"{"type":"Feature","properties":{"#, 1), keys, (b"},", 1), (POINT, 1), (b"\n", 1)];
    assert_reads("feature.json", &[feature, feature].concat(), 2, 0);
    let same: Parts = &[
        (b"[{\"lat\":1,\"lon\":2", 1),
        (b",\"x\":1", 1_000_000),
        (b"},\n{\"lat\":3,\"lon\":4}]", 1),
    ];
    assert_reads("same.json", same, 2, 0);
}

// ---- XML ----

#[test]
fn entities_are_neither_expanded_nor_fetched() {
    let laughs: String = (1..12)
        .map(|number| {
            format!("<!ENTITY l{number} \"{}\">\n", format!("&l{};", number - 1).repeat(10))
        })
        .collect();
    let secret = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let secret = secret.lines().next().unwrap_or("no such line").to_string();
    let point = |name: &str| {
        format!("<gpx>\n<wpt lat='1' lon='2'><name>{name}</name></wpt><wpt lat='3' lon='4'/></gpx>")
    };
    let outside = "SYSTEM \"file:///etc/passwd\"";
    let folder = Folder::new();
    for (doctype, name, line, words) in [
        (format!("[<!ENTITY l0 \"lol\">\n{laughs}]"), "&l11;", 1, "delete the declarations"),
        (format!("[<!ENTITY x {outside}>]"), "&x;", 1, "delete the declarations"),
        (format!("[<!ENTITY % x {outside}> %x;]"), "a", 1, "delete the declarations"),
        (outside.to_string(), "&x;", 2, "neither expanded nor fetched"),
    ] {
        for root in ["gpx", "kml"] {
            let text = format!("<!DOCTYPE {root} {doctype}>{}", point(name).replace("gpx", root));
            let file = folder.write(&format!("a.{root}"), text);
            let outcome = info(&file, &[]);
            assert_message(&outcome, &file, line, &[words]);
            assert!(!outcome.stderr.contains(&secret), "{outcome:#?}");
        }
    }
    // An address that is only named is not fetched, and hurts nothing.
    let file = folder.write("b.gpx", format!("<!DOCTYPE gpx {outside}>{}", point("a")));
    let stdout = info(&file, &[]);
    assert!(!stdout.expect_ok().contains(&secret), "{stdout:#?}");
}

#[test]
fn xml_of_any_depth_or_length_is_read_or_refused() {
    const DEPTH: usize = 100_000;
    let [head, tail]: [Part; 2] = [(b"<gpx>\n", 1), (b"</gpx>", 1)];
    let deep = ["at most 1000 elements", "found more"];
    assert_refused("a.gpx", &[head, (b"<a>", DEPTH)], 2, &deep);
    assert_refused("a.gpx", &[head, (b"<a>", DEPTH), (b"</a>", DEPTH), tail], 2, &deep);
    let folders: Parts = &[(b"<Folder>", DEPTH), (b"</Folder>", DEPTH)];
    assert_refused("a.kml", &[&[(&b"<kml>\n"[..], 1)], folders].concat(), 2, &deep);
    let cut = ["cut short", "fetch or write the file again"];
    assert_refused("a.gpx", &[head, many(b"<")], 2, &cut);
    assert_refused("a.gpx", &[head, (b"<wpt lat=\"", 1), many(b"<a ")], 2, &cut);
    assert_refused("a.gpx", &[head, (b"<!--", 1), many(b"-")], 2, &cut);
    assert_refused("a.gpx", &[head, many(b"</a>")], 2, &["</gpx>, found </a>"]);
    assert_refused("a.gpx", &[head, many(b"&"), tail], 2, &["&amp;"]);
    let number: Parts = &[head, (b"<wpt lat='", 1), many(b"1"), (b"' lon='2'/>", 1), tail];
    assert_refused("a.gpx", number, 2, &["expected a latitude", "correct the line"]);
    let places: Parts = &[
        (b"<kml>\n<Placemark><Point><coordinates>", 1),
        many(b"1,2 "),
        (b"</coordinates></Point></Placemark></kml>", 1),
    ];
    assert_refused("a.kml", places, 2, &["one longitude,latitude", "correct the line"]);
    let two: Part = (b"<wpt lat='1' lon='2'/><wpt lat='3' lon='4'/>", 1);
    assert_reads("a.gpx", &[head, many(b"<!---->"), two, tail], 2, 0);
    let attributes: Parts =
        &[head, two, (b"<wpt ", 1), many(b"a='1' "), (b"lat='1' lon='2'/>", 1), tail];
    assert_reads("a.gpx", attributes, 3, 0);
    let references: Parts = &[head, two, (b"<x y='", 1), many(b"&amp;"), (b"'/>", 1), tail];
    assert_reads("a.gpx", references, 2, 0);
    assert_refused("a.xml", &[(b"<?xml version='1.0'?>", 1), many(b"<!---->")], 1, &["found XML"]);
}

// ---- Rows by the million ----

/// Rows that are no city, beside two that are. To look for the line of each from the beginning would
/// be work of 10^13 bytes.
#[test]
fn a_million_rows_that_are_no_city_are_left_out() {
    const ROWS: usize = 1_000_000;
    let files: [(&str, [&[u8]; 3]); 13] = [
        ("word.csv", [SOUND, b"up,down,z\n", b""]),
        ("wide.csv", [SOUND, b"1,2,3,4\n", b""]),
        ("quoted.csv", [SOUND, b"\"up\",down,\"z\"\n", b""]),
        ("lines.csv", [SOUND, b"up,down,\"a\nb\"\n", b""]),
        ("range.csv", [SOUND, b"95,190,z\n", b""]),
        ("cr.csv", [b"lat,lon,name\r1,2,a\r3,4,b\r", b"up,down,z\r", b""]),
        ("tabs.tsv", [b"lat\tlon\tname\n1\t2\ta\n3\t4\tb\n", b"up\tdown\t\"z\n", b""]),
        ("spaced.txt", [b"1 2 a\n3 4 b\n", b"up down z\n", b""]),
        ("dms.csv", [b"lat,lon\n1 2 3 N,1 2 3 E\n1 2 4 N,1 2 4 E\n", b"1 75 2 N,3 4 5 E\n", b""]),
        (
            "a.jsonl",
            [br#"{"lat":1,"lon":2}{"lat":3,"lon":4}"#, b"{\"lat\":\"x\",\"lon\":2}\n", b""],
        ),
        (
            "a.geojsonl",
            [
                br#"{"type":"Point","coordinates":[1,2]}{"type":"Point","coordinates":[3,4]}"#,
                b"{\"type\":\"Point\",\"coordinates\":[\"x\",2]}\n",
                b"",
            ],
        ),
        (
            "a.gpx",
            [
                b"<gpx><wpt lat='1' lon='2'/><wpt lat='3' lon='4'/>",
                b"<wpt lat='x' lon='4'/>\n",
                b"</gpx>",
            ],
        ),
        (
            "a.kml",
            [
                b"<kml><Placemark><Point><coordinates>1,2</coordinates></Point></Placemark>\
                  <Placemark><Point><coordinates>3,4</coordinates></Point></Placemark>",
                b"<Placemark><Point><coordinates>1;2</coordinates></Point></Placemark>\n",
                b"</kml>",
            ],
        ),
    ];
    for (name, [head, row, tail]) in files {
        assert_reads(name, &[(head, 1), (row, ROWS), (tail, 1)], 2, ROWS as u64);
    }
}
