//! A packed file that is cut short, foreign, older, newer or flipped in a bit is refused with 65
//! and a message that names the byte; flipped bits in the bulk may cost a right answer, never a
//! crash, and `--verify` finds them. It finds too what checksums that were made right again hide.

#![cfg(feature = "mpi")]

mod common;

use common::lists::random;
use common::{Folder, Job, Random, assert_error, pack};
use farthest::checksum;
use xxhash_rust::xxh3::xxh3_64;

const BAD_DATA: i32 = 65;

/// Of header and section table, which are checked always, as is the table of regions.
const HEADER_BYTES: usize = 128;
const TABLE_BYTES: usize = 7 * 32;

/// A sound packed file in a folder of its own, whose bytes the tests spoil.
struct Sound {
    folder: Folder,
    bytes: Vec<u8>,
}

impl Sound {
    fn new() -> Sound {
        let folder = Folder::new();
        Sound::of(folder, &random(200).text())
    }

    /// The packed form of a text.
    fn of(folder: Folder, text: &str) -> Sound {
        let packed = pack(&folder.write("sound.txt", text));
        let bytes = std::fs::read(packed).expect("the packed file is there");
        Sound { folder, bytes }
    }

    /// Writes a spoilt copy and returns its path.
    fn spoilt(&self, name: &str, spoil: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut bytes = self.bytes.clone();
        spoil(&mut bytes);
        assert!(bytes != self.bytes, "{name} is not spoilt");
        self.folder.write(&format!("{name}.cities"), bytes)
    }

    /// Where each section lies, as the section table says.
    fn sections(&self) -> Vec<std::ops::Range<usize>> {
        let number = |at: usize| {
            let bytes = self.bytes[at..at + 8].try_into().expect("eight bytes");
            u64::from_le_bytes(bytes) as usize
        };
        let entries = (HEADER_BYTES..HEADER_BYTES + TABLE_BYTES).step_by(32);
        entries.map(|entry| number(entry + 8)..number(entry + 8) + number(entry + 16)).collect()
    }
}

/// Asserts that the file is refused, by `pair` as by `info`, with a message about a byte.
fn assert_refused(file: &str, parts: &[&str]) {
    let place = format!("{file}: byte ");
    let parts = [&[&place[..], "expected ", "found "], parts].concat();
    assert_error(&["pair", file], BAD_DATA, &parts);
    Job::alone().run(&["info", file]).expect_error(BAD_DATA, &parts);
}

#[test]
fn a_sound_file_passes_every_check() {
    let sound = Sound::new();
    let file = sound.folder.file("sound.cities");
    for job in Job::alone_and_on_ranks() {
        job.run(&["pair", &file, "--verify", "--format", "json"]).expect_json();
    }
    let report = Job::alone().run(&["info", &file, "--verify", "--format", "json"]).expect_json();
    assert_eq!(report["cities"], 200);
}

#[test]
fn a_file_that_is_cut_short_or_too_long_is_refused() {
    let sound = Sound::new();
    let whole = sound.bytes.len();
    let table_end = HEADER_BYTES + TABLE_BYTES;
    for length in
        [0, 1, 7, 8, 63, 64, 65, 127, 128, 129, table_end - 1, table_end, whole / 2, whole - 1]
    {
        let file = sound.spoilt(&format!("cut-{length}"), |bytes| bytes.truncate(length));
        assert_refused(&file, &["farthest pack"]);
    }
    let file = sound.spoilt("long", |bytes| bytes.push(0));
    assert_refused(&file, &["farthest pack", &format!("{whole} bytes")]);
}

#[test]
fn a_foreign_file_under_the_usual_extension_is_refused() {
    let sound = Sound::new();
    let file = sound.spoilt("foreign", |bytes| bytes[..8].copy_from_slice(b"\x89PNG\r\n\x1a\n"));
    assert_refused(&file, &["byte 0:", "CITIES", "PNG"]);
    // A transfer in text mode makes CR LF of the line feed at the end of the magic.
    let file = sound.spoilt("text-mode", |bytes| bytes.insert(7, b'\r'));
    assert_refused(&file, &["byte 0:", "CITIES"]);
}

#[test]
fn an_older_and_a_newer_version_are_told_apart() {
    let sound = Sound::new();
    let older = [0, 1, 2].map(|version| (version, "an older farthest"));
    for (version, age) in older.into_iter().chain([(4, "a newer farthest")]) {
        let file = sound.spoilt(&format!("version-{version}"), |bytes| bytes[8] = version);
        let found = format!("found version {version}");
        assert_refused(&file, &["byte 8:", "expected version 3", &found, age, "source again"]);
    }
}

/// A file of version 1 as 0.1.0 wrote it, of one city: a header of 64 bytes, a table, and seven
/// sections with vectors and boxes in f64.
fn version_1() -> Vec<u8> {
    let tags = ["LAT", "LON", "ROWS", "TILES", "BOUNDS", "NAMEENDS", "NAMES"];
    let (mut sections, mut offset) = (Vec::new(), 64_usize + 7 * 32);
    let mut table = Vec::new();
    for (tag, length) in tags.into_iter().zip([8, 8, 8, 1536, 56, 8, 0]) {
        offset = offset.next_multiple_of(64);
        let section = vec![0; length];
        let mut entry = tag.as_bytes().to_vec();
        entry.resize(8, 0);
        table.extend(entry);
        for number in [offset as u64, length as u64, xxh3_64(&section)] {
            table.extend(number.to_le_bytes());
        }
        sections.push((offset, section));
        offset += length;
    }
    let mut header = b"\x89CITIES\n".to_vec();
    header.extend([1_u32, 7].map(u32::to_le_bytes).concat());
    header.extend([1_u64, 1, offset as u64].map(u64::to_le_bytes).concat());
    header.extend([64_u32, 4, 0, 0].map(u32::to_le_bytes).concat());
    header.extend(xxh3_64(&[&header[..], &table].concat()).to_le_bytes());
    let mut bytes = [header, table].concat();
    for (offset, section) in sections {
        bytes.resize(offset, 0);
        bytes.extend(section);
    }
    bytes
}

/// Whatever is asked of it: the one line says which file, which byte, what was expected and found, and that
/// its source is to be packed again.
#[test]
fn a_whole_file_of_version_1_is_refused_with_the_way_out() {
    let sound = Sound::new();
    let file = sound.folder.write("old.cities", version_1());
    let message = format!(
        "{file}: byte 8: expected version 3, found version 1; an older farthest wrote this file: pack \
         its source again, with farthest pack --force SOURCE FILE"
    );
    assert_refused(&file, &[&message]);
    assert_error(&["pair", &file, "--verify"], BAD_DATA, &[&message]);
    let again = sound.folder.file("again.cities");
    Job::alone().run(&["pack", &file, &again]).expect_error(BAD_DATA, &[&message]);
    assert!(!sound.folder.names().contains(&"again.cities".to_string()));
}

/// A bit of every field of the header and of every column of the first and last table entry.
#[test]
fn a_flipped_bit_in_header_or_table_is_refused_without_verify() {
    let sound = Sound::new();
    let header_fields =
        [0, 7, 8, 12, 16, 23, 24, 32, 40, 48, 55, 56, 60, 64, 72, 76, 80, 84, 119, 120, 127];
    let entries = [HEADER_BYTES, HEADER_BYTES + TABLE_BYTES - 32];
    let table_fields = entries.iter().flat_map(|entry| [0, 8, 16, 24, 31].map(|at| entry + at));
    for byte in header_fields.into_iter().chain(table_fields) {
        let file = sound.spoilt(&format!("bit-{byte}"), |bytes| bytes[byte] ^= 0x10);
        let place = format!("{file}: byte ");
        let outcome = Job::alone().run(&["pair", &file]);
        outcome.expect_error(BAD_DATA, &[&place, "expected ", "found "]);
    }
    let file = sound.spoilt("bit", |bytes| bytes[HEADER_BYTES + 24] ^= 1);
    assert_refused(&file, &["byte 120:", "checksum"]);
}

#[test]
fn verify_finds_a_flipped_bit_in_every_section() {
    let sound = Sound::new();
    let tags = ["PLACES", "DEGREES", "ROWS", "BOUNDS", "NAMEAT", "NAMES", "REGIONS"];
    for (tag, section) in tags.iter().zip(sound.sections()) {
        // Of the regions a bit that leaves a table: where the second of three begins.
        let byte = if *tag == "REGIONS" { section.start + 40 } else { section.end - 1 };
        let file = sound.spoilt(tag, |bytes| bytes[byte] ^= 1);
        let place = format!("{file}: byte {}:", section.start);
        let parts = [&place[..], "expected section ", tag, "checksum", "found "];
        assert_error(&["pair", &file, "--verify"], BAD_DATA, &parts);
        Job::alone().run(&["info", &file, "--verify"]).expect_error(BAD_DATA, &parts);
    }
}

#[test]
fn verify_finds_a_flipped_bit_between_sections() {
    let sound = Sound::new();
    let sections = sound.sections();
    let gap = sections.windows(2).find(|pair| pair[0].end < pair[1].start);
    let gap = gap.expect("a section does not fill up its last cache line")[0].end;
    let file = sound.spoilt("gap", |bytes| bytes[gap] ^= 1);
    let place = format!("{file}: byte {gap}:");
    assert_error(&["pair", &file, "--verify"], BAD_DATA, &[&place, "expected zero", "found 0x01"]);
}

/// A table that is none would have pairs settled twice or not at all, so it is never used.
#[test]
fn a_damaged_table_of_regions_is_refused_without_verify() {
    let sound = Sound::new();
    let regions = sound.sections()[6].clone();
    assert_eq!(regions.len(), 3 * 40, "three faces of the cube");
    let second = regions.start + 40;
    let fields: [(&str, usize, &[u8]); 9] = [
        ("start-beyond", 0, &u64::MAX.to_le_bytes()),
        ("start-before", 8, &0_u64.to_le_bytes()),
        ("start-late", 8, &201_u64.to_le_bytes()),
        ("key", 16, &1_u64.to_le_bytes()),
        ("corner", 24, &1_u32.to_le_bytes()),
        ("corner-b", 28, &u32::MAX.to_le_bytes()),
        ("axis", 32, &7_u32.to_le_bytes()),
        ("axis-twice", 32, &0_u32.to_le_bytes()),
        ("level", 36, &4_000_000_000_u32.to_le_bytes()),
    ];
    for (name, at, value) in fields {
        let at = second + at;
        let file = sound.spoilt(name, |bytes| bytes[at..at + value.len()].copy_from_slice(value));
        assert_refused(&file, &["region", "farthest pack"]);
        Job::on_ranks(2)
            .run(&["pair", &file, "--method", "naive"])
            .expect_error(BAD_DATA, &[&file]);
    }
}

/// Without `--verify` damage may go unnoticed or be noticed as bad data; it may not crash, and
/// not break a promise of the program (70).
#[test]
fn a_damaged_section_is_survived_without_verify() {
    let mut bits = Random::new(1);
    // Degrees with more decimals than seven are f64.
    let texts = [random(200).text(), random(200).text() + "1.00000001 2 more decimals\n"];
    for text in texts {
        let sound = Sound::of(Folder::new(), &text);
        for (index, section) in sound.sections().into_iter().enumerate() {
            for filling in [Some(0x00), Some(0x7f), Some(0xff), None, None] {
                let name = format!("section-{index}");
                let mut byte = || filling.unwrap_or_else(|| bits.bits() as u8);
                let file = sound.spoilt(&name, |bytes| bytes[section.clone()].fill_with(&mut byte));
                for method in ["naive", "exhaustive", "pruned"] {
                    assert_survived(&Job::alone(), &["pair", &file, "--method", method]);
                }
                assert_survived(&Job::on_ranks(2), &["pair", &file]);
                assert_survived(&Job::alone(), &["info", &file]);
            }
        }
    }
}

fn assert_survived(job: &Job, arguments: &[&str]) {
    let outcome = job.run(arguments);
    match outcome.code {
        0 => assert_eq!(outcome.stderr, "", "{outcome:#?}"),
        _ => outcome.expect_error(BAD_DATA, &["expected ", "found "]),
    }
}

#[test]
fn degrees_that_are_no_numbers_are_bad_data_and_never_an_answer() {
    let text = random(200).text() + "1.00000001 2 more decimals than an integer holds\n";
    let sound = Sound::of(Folder::new(), &text);
    let degrees = sound.sections()[1].clone();
    assert_eq!(degrees.len(), 201 * 16, "as f64");
    let file = sound.spoilt("nan", |bytes| bytes[degrees].fill(0xff));
    for method in ["naive", "exhaustive", "pruned"] {
        let parts = [&file, "expected ", "found ", "--verify"];
        assert_error(&["pair", &file, "--method", method], BAD_DATA, &parts);
    }
}

#[test]
fn an_answer_that_no_list_has_is_bad_data_without_verify() {
    let sound = Sound::of(Folder::new(), &random(200).text());
    // Degrees, then rows: a latitude of 214 degrees, one row for all cities, and rows beyond the last.
    for (section, byte) in [(1, 0x7f), (2, 0x00), (2, 0xff)] {
        let range = sound.sections()[section].clone();
        let file = sound.spoilt("no-answer", |bytes| bytes[range].fill(byte));
        for method in ["naive", "exhaustive", "pruned", "join", "tree"] {
            let parts = [&file, "expected ", "found ", "--verify"];
            assert_error(&["pair", &file, "--method", method], BAD_DATA, &parts);
        }
    }
}

/// Boxes that hold nothing would rule out every pair, and the tree would call them covered.
#[test]
fn bounds_that_hold_nothing_are_bad_data_without_verify() {
    let sound = Sound::of(Folder::new(), &random(2000).text());
    let range = sound.sections()[3].clone();
    let last = range.end - 32;
    let nothing: [(&str, std::ops::Range<usize>, u8); 3] = [
        ("no-numbers", range.clone(), 0xff),
        ("one-box", range.start..range.start + 12, 0x3f),
        ("root", last..last + 24, 0x00),
    ];
    for (name, range, byte) in nothing {
        let file = sound.spoilt(name, |bytes| bytes[range].fill(byte));
        let parts = [&file, "expected bounds", "--verify"];
        assert_error(&["pair", &file, "--method", "tree"], BAD_DATA, &parts);
        Job::on_ranks(2).run(&["pair", &file, "--method", "join"]).expect_ok();
    }
}

#[test]
fn what_a_file_is_decides_its_content_and_not_its_name() {
    let sound = Sound::new();
    let packed = sound.folder.write("packed.txt", &sound.bytes);
    let text = sound.folder.write("text.cities", random(200).text());
    for (file, form) in [(packed, "packed"), (text, "text")] {
        let report = Job::on_ranks(2).run(&["pair", &file, "--format", "json"]).expect_json();
        assert_eq!(report["file"]["format"], form);
    }
}

// ---- Content that is wrong although all checksums are right ----

impl Sound {
    /// Writes a spoilt copy with all checksums made right again.
    fn forged(&self, name: &str, spoil: impl FnOnce(&mut Vec<u8>)) -> String {
        let sections = self.sections();
        self.spoilt(name, |bytes| {
            spoil(bytes);
            for (entry, section) in (HEADER_BYTES..).step_by(32).zip(sections) {
                let checksum = checksum::of(&bytes[section]);
                bytes[entry + 24..entry + 32].copy_from_slice(&checksum.to_le_bytes());
            }
            let table = &bytes[HEADER_BYTES..HEADER_BYTES + TABLE_BYTES];
            let checksum = xxh3_64(&[&bytes[..HEADER_BYTES - 8], table].concat());
            bytes[HEADER_BYTES - 8..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
        })
    }
}

/// Asserts that `--verify` finds the fault, on one rank and several, and that the file is not packed again. The
/// message names a byte of the section, if there is one, and says what was expected.
fn assert_found(sound: &Sound, file: &str, section: Option<usize>, expected: &str) {
    let parts = [file, ": byte ", "expected ", expected, ", found ", "farthest pack"];
    let on_ranks = Job::on_ranks(3);
    on_ranks.run(&["pair", file, "--verify"]).expect_error(BAD_DATA, &parts);
    Job::alone().run(&["info", file, "--verify"]).expect_error(BAD_DATA, &parts);
    let outcome = Job::alone().run(&["pack", file, &sound.folder.file("again.cities")]);
    outcome.expect_error(BAD_DATA, &parts);
    let message = outcome.stderr.split_once(": byte ").expect("a byte").1;
    let byte: usize = message.split(':').next().expect("a number").parse().expect("a number");
    let range = section.map_or(0..HEADER_BYTES, |section| sound.sections()[section].clone());
    assert!(range.contains(&byte), "byte {byte} of {range:?}: {}", outcome.stderr);
    assert!(!sound.folder.names().contains(&"again.cities".to_string()));
}

fn f32_at(bytes: &[u8], at: usize) -> f32 {
    f32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

#[test]
fn verify_finds_bounds_and_places_that_are_not_of_the_cities() {
    let sound = Sound::of(Folder::new(), &random(2000).text());
    let [places, bounds] = [0, 3].map(|section| sound.sections()[section].clone());
    // Boxes that are their middles are within each other, and rule out nearly every pair.
    let file = sound.forged("boxes-are-points", |bytes| {
        for face in bounds.clone().step_by(32).flat_map(|node| [node, node + 4, node + 8]) {
            let middle = (f32_at(bytes, face) + f32_at(bytes, face + 12)) / 2.0;
            bytes[face..face + 4].copy_from_slice(&middle.to_le_bytes());
            bytes[face + 12..face + 16].copy_from_slice(&middle.to_le_bytes());
        }
    });
    assert_found(&sound, &file, Some(3), "Bounds");
    for (name, at) in [("row-of-a-tile", bounds.start + 24), ("row-of-the-root", bounds.end - 8)] {
        let file = sound.forged(name, |bytes| bytes[at] ^= 1);
        assert_found(&sound, &file, Some(3), "Bounds");
    }
    let file = sound.forged("origin", |bytes| bytes[88] ^= 1);
    assert_found(&sound, &file, None, "the origin");
    let file = sound.forged("place", |bytes| bytes[places.start + 4001] ^= 0x40);
    assert_found(&sound, &file, Some(0), "as the place of city 1000");
    let file = sound.forged("all-places", |bytes| bytes[places].fill(0));
    assert_found(&sound, &file, Some(0), "as the place of city 0");
}

#[test]
fn verify_finds_degrees_off_the_earth_and_cities_out_of_order() {
    let sound = Sound::of(Folder::new(), &(random(200).text() + "1.00000001 2 more decimals\n"));
    let degrees = sound.sections()[1].clone();
    assert_eq!(degrees.len(), 201 * 16, "as f64");
    for (name, degrees_there) in [("1e300", 1e300_f64), ("nan", f64::NAN), ("90.1", 90.1)] {
        let at = degrees.start + 100 * 16;
        let file = sound.forged(name, |bytes| {
            bytes[at..at + 8].copy_from_slice(&degrees_there.to_le_bytes());
        });
        assert_found(&sound, &file, Some(1), "a latitude in [-90, 90]");
    }
    // A city that is elsewhere now, and is not where its place says.
    let at = degrees.start + 100 * 16;
    let file = sound.forged("elsewhere", |bytes| bytes[at..at + 8].fill(0));
    assert_found(&sound, &file, Some(0), "the place of city 100");

    // Copies stand in the order of their rows.
    let sound = Sound::of(Folder::new(), "lat,lon\n1,2\n1,2\n-3,4\n");
    let rows = sound.sections()[2].clone();
    let file = sound.forged("rows-exchanged", |bytes| {
        let copies = (rows.start..).step_by(4).take(3).collect::<Vec<_>>();
        let row = |at: &usize| bytes[*at];
        let [one, other] = [0, 1].map(|n| copies.iter().position(|at| row(at) == n));
        let [one, other] = [one, other].map(|place| copies[place.expect("the row is there")]);
        bytes.swap(one, other);
    });
    assert_found(&sound, &file, Some(1), "behind the one before");
}

#[test]
fn verify_finds_a_row_twice_and_names_that_begin_elsewhere() {
    let sound = Sound::of(Folder::new(), &random(200).text());
    let [rows, starts, names, regions] =
        [2, 4, 5, 6].map(|section| sound.sections()[section].clone());
    // Neither may be the lowest of its tile, which the bounds tell.
    let row = |city: usize| sound.bytes[rows.start + 4 * city];
    let high: Vec<usize> = (0..64).filter(|&city| row(city) > 150).collect();
    let file = sound.forged("row-twice", |bytes| {
        bytes.copy_within(
            rows.start + 4 * high[0]..rows.start + 4 * high[0] + 4,
            rows.start + 4 * high[1],
        );
    });
    assert_found(&sound, &file, Some(2), "each row once");
    let file = sound.forged("row-beyond", |bytes| bytes[rows.start + 4 * high[0]] = 200);
    assert_found(&sound, &file, Some(2), "a row below 200");
    let file = sound.forged("names-begin-early", |bytes| bytes[starts.start + 8] -= 1);
    assert_found(&sound, &file, Some(4), "64 names");
    let file = sound.forged("a-longer-name", |bytes| bytes[names.start] += 1);
    assert_found(&sound, &file, Some(4), "64 names");
    // A region that is a quarter of what it was has no room for its cities, or was split without need.
    let file = sound.forged("a-deep-region", |bytes| bytes[regions.end - 4] = 1);
    assert_found(&sound, &file, Some(0), "the place of city");
}

/// What is wrong may stand in the part of any rank.
#[test]
fn each_rank_verifies_its_part() {
    let sound = Sound::of(Folder::new(), &random(2000).text());
    let [rows, bounds] = [2, 3].map(|section| sound.sections()[section].clone());
    for part in 0..4 {
        let node = bounds.start + bounds.len() / 32 * part / 4 * 32;
        let file = sound.forged("bounds", |bytes| bytes[node] ^= 1);
        let job = Job::on_ranks(3);
        job.run(&["pair", &file, "--verify"]).expect_error(BAD_DATA, &["byte", "Bounds"]);
        let city = 2000 * part / 4;
        let file = sound.forged("row", |bytes| {
            let at = rows.start + 4 * city;
            bytes[at..at + 4].copy_from_slice(&2000_u32.to_le_bytes());
        });
        job.run(&["pair", &file, "--verify"]).expect_error(BAD_DATA, &["a row below 2000"]);
    }
    let file = sound.folder.file("sound.cities");
    for ranks in [1, 2, 3, 7] {
        Job::on_ranks(ranks).run(&["pair", &file, "--verify"]).expect_ok();
    }
}
