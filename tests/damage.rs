//! A packed file that is cut short, foreign, older, newer or flipped in a bit is refused with 65
//! and a message that names the byte; flipped bits in the bulk may cost a right answer, never a
//! crash, and `--verify` finds them.

mod common;

use common::lists::random;
use common::{Folder, Job, assert_error, pack};

const BAD_DATA: i32 = 65;

/// Of header and section table, which are checked always.
const HEADER_BYTES: usize = 64;
const TABLE_BYTES: usize = 7 * 32;

/// A sound packed file in a folder of its own, whose bytes the tests spoil.
struct Sound {
    folder: Folder,
    bytes: Vec<u8>,
}

impl Sound {
    fn new() -> Sound {
        let folder = Folder::new();
        let packed = pack(&folder.write("sound.txt", random(200).text()));
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
    for length in [0, 1, 7, 8, 63, 64, 65, table_end - 1, table_end, whole / 2, whole - 1] {
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
    let file = sound.spoilt("older", |bytes| bytes[8] = 0);
    assert_refused(&file, &["byte 8:", "version 1", "found version 0", "an older farthest"]);
    let file = sound.spoilt("newer", |bytes| bytes[8] = 2);
    assert_refused(&file, &["byte 8:", "version 1", "found version 2", "a newer farthest"]);
}

/// A bit of every field of the header and of every column of the first and last table entry.
#[test]
fn a_flipped_bit_in_header_or_table_is_refused_without_verify() {
    let sound = Sound::new();
    let header_fields = [0, 7, 8, 12, 16, 23, 24, 32, 40, 44, 48, 55, 56, 63];
    let entries = [HEADER_BYTES, HEADER_BYTES + TABLE_BYTES - 32];
    let table_fields = entries.iter().flat_map(|entry| [0, 8, 16, 24, 31].map(|at| entry + at));
    for byte in header_fields.into_iter().chain(table_fields) {
        let file = sound.spoilt(&format!("bit-{byte}"), |bytes| bytes[byte] ^= 0x10);
        let place = format!("{file}: byte ");
        let outcome = Job::alone().run(&["pair", &file]);
        outcome.expect_error(BAD_DATA, &[&place, "expected ", "found "]);
    }
    let file = sound.spoilt("bit", |bytes| bytes[HEADER_BYTES + 24] ^= 1);
    assert_refused(&file, &["byte 56:", "checksum"]);
}

#[test]
fn verify_finds_a_flipped_bit_in_every_section() {
    let sound = Sound::new();
    let tags = ["LAT", "LON", "ROWS", "TILES", "BOUNDS", "NAMEENDS", "NAMES"];
    for (tag, section) in tags.iter().zip(sound.sections()) {
        let file = sound.spoilt(tag, |bytes| bytes[section.end - 1] ^= 1);
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
    let gap = gap.expect("the bounds do not fill up their last cache line")[0].end;
    let file = sound.spoilt("gap", |bytes| bytes[gap] ^= 1);
    let place = format!("{file}: byte {gap}:");
    assert_error(&["pair", &file, "--verify"], BAD_DATA, &[&place, "expected zero", "found 0x01"]);
}

/// Without `--verify` damage may go unnoticed or be noticed as bad data; it may not crash, and
/// not break a promise of the program (70).
#[test]
fn a_damaged_section_is_survived_without_verify() {
    let sound = Sound::new();
    for (index, section) in sound.sections().into_iter().enumerate() {
        for filling in [0x00, 0x7f, 0xff] {
            let name = format!("section-{index}-{filling:02x}");
            let file = sound.spoilt(&name, |bytes| bytes[section.clone()].fill(filling));
            for method in ["naive", "exhaustive"] {
                assert_survived(&Job::alone(), &["pair", &file, "--method", method]);
            }
            assert_survived(&Job::on_ranks(2), &["pair", &file]);
            assert_survived(&Job::alone(), &["info", &file]);
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
fn vectors_that_are_no_numbers_are_bad_data_and_never_an_answer() {
    let sound = Sound::new();
    let tiles = sound.sections()[3].clone();
    let file = sound.spoilt("nan", |bytes| bytes[tiles].fill(0xff));
    assert_error(&["pair", &file], BAD_DATA, &[&file, "expected ", "found ", "--verify"]);
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
