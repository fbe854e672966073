//! Proves that what a list comes in leaves the list whole: every compression, encoding and archive is
//! undone to the last byte or refused by name with what helps, and damage is never taken for a list.

mod common;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use common::cities_of;
use farthest::error::Error;
use farthest::formats::{Encoding, ReadOptions, Reading, read};
use farthest::memory::{available_bytes, available_bytes_below};
use flate2::write::GzEncoder;
use flate2::{Compression, FlushCompress, GzBuilder};
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// A city as a test writes it: latitude, longitude, name.
type City<'a> = (f64, f64, &'a str);

const CITIES: [City<'static>; 3] =
    [(12.5, -30.25, "Kerewick"), (-45.75, 100.0, "Züriçh"), (60.0, 179.5, "Vadeton")];

const LIST: &str = "name,lat,lon\nKerewick,12.5,-30.25\nZüriçh,-45.75,100\nVadeton,60,179.5\n";

/// [`LIST`] and six times Kerewick again, as zstd 1.5 packs the file: with its length and a checksum.
const ZSTD_OF_NINE: &[u8] = b"\x28\xb5\x2f\xfd\x24\xc5\x8d\x02\x00\x64\x04name,lat,lon\nKerewick,12.5,\
    -30.25\nZ\xc3\xbcri\xc3\xa7h,-45.75,100\nVadeton,60,179.5\x02\x00\x08\x67\x0a\x46\xa7\x95\x19\x6f\
    \x0b\x3d\xd9";

fn read_with(bytes: &[u8], options: &ReadOptions) -> Result<Reading, Error> {
    read(Path::new("cities.csv"), bytes, options)
}

fn in_room(bytes: &[u8], room_bytes: u64) -> Result<Reading, Error> {
    read_with(bytes, &ReadOptions { room_bytes: Some(room_bytes), ..ReadOptions::default() })
}

fn in_encoding(bytes: &[u8], encoding: Encoding) -> Result<Reading, Error> {
    read_with(bytes, &ReadOptions { encoding: Some(encoding), ..ReadOptions::default() })
}

#[track_caller]
fn assert_cities(outcome: Result<Reading, Error>, expected: &[City<'_>]) -> Reading {
    let reading = outcome.unwrap_or_else(|error| panic!("{error}"));
    let found = cities_of(&reading.list);
    let expected: Vec<_> =
        expected.iter().map(|&(lat, lon, name)| (lat, lon, name.into())).collect();
    assert_eq!(found, expected);
    reading
}

#[track_caller]
fn assert_reads(bytes: &[u8], expected: &[City<'_>]) -> Reading {
    assert_cities(read_with(bytes, &ReadOptions::default()), expected)
}

/// The message of a refusal, which must hold all words.
#[track_caller]
fn assert_refusal(outcome: Result<Reading, Error>, words: &[&str]) -> String {
    let error = match outcome {
        Ok(reading) => {
            panic!("taken for {} cities, not refused with {words:?}", reading.list.len())
        }
        Err(error) => error,
    };
    assert_eq!(error.exit_code(), 65, "{error}");
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
    message
}

#[track_caller]
fn assert_refused(bytes: &[u8], words: &[&str]) -> String {
    assert_refusal(read_with(bytes, &ReadOptions::default()), words)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// A frame that is to be skipped.
fn skippable(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_le_bytes();
    [&[0x50 + kind, 0x2a, 0x4d, 0x18], &length[..], content].concat()
}

// ---- gzip ----

#[test]
fn gzip_of_one_member_and_of_many() {
    assert_reads(LIST.as_bytes(), &CITIES);
    let reading = assert_reads(&gzip(LIST.as_bytes()), &CITIES);
    assert_eq!(reading.columns.compression, Some("gzip"));
    for split in 0..LIST.len() {
        let (one, two) = LIST.as_bytes().split_at(split);
        assert_reads(&[gzip(one), gzip(b""), gzip(two), gzip(b"")].concat(), &CITIES);
    }
    let bytes: Vec<u8> = LIST.bytes().flat_map(|byte| gzip(&[byte])).collect();
    assert_reads(&bytes, &CITIES);
}

#[test]
fn gzip_with_all_that_a_header_can_hold() {
    let header =
        GzBuilder::new().filename("cities.csv").comment("c").extra(b"xy".as_slice()).mtime(7);
    let mut encoder = header.write(Vec::new(), Compression::best());
    encoder.write_all(LIST.as_bytes()).expect("a vector takes all");
    assert_reads(&encoder.finish().expect("a vector takes all"), &CITIES);
}

#[test]
fn zeros_behind_the_last_member_are_padding_and_nothing_else_is() {
    let packed = gzip(LIST.as_bytes());
    for zeros in [1, 2, 511, 70_000] {
        assert_reads(&[&packed[..], &vec![0; zeros]].concat(), &CITIES);
    }
    for rest in [&b"x"[..], b"\0\0x", b"\x1f", b"\x1f\x8b", b"1,2,3\n", b"\0\x1f\x8b\x08\0\0\0"] {
        let words = ["gzip", "damaged or cut short", "gzip -t cities.csv"];
        assert_refused(&[&packed[..], rest].concat(), &words);
    }
    let with_padding_between = [&packed[..], &[0; 8], &packed].concat();
    assert_refused(&with_padding_between, &["what follows member 1"]);
}

#[test]
fn a_cut_gzip_file_is_refused() {
    let (one, two) = LIST.split_at(35);
    let first = gzip(one.as_bytes());
    let packed = [&first[..], &gzip(two.as_bytes())].concat();
    // A file that ends between two members is one that has only the first.
    for end in (2..packed.len()).filter(|&end| end != first.len()) {
        let member = if end < first.len() { "member 1" } else { "member" };
        assert_refused(&packed[..end], &["gzip", member, "damaged or cut short", "gzip -t"]);
    }
}

#[test]
fn a_changed_bit_of_gzip_is_refused_or_changes_nothing() {
    let packed = [gzip(&LIST.as_bytes()[..40]), gzip(&LIST.as_bytes()[40..])].concat();
    assert_every_changed_bit_is_seen(&packed, &CITIES);
}

#[track_caller]
fn assert_every_changed_bit_is_seen(packed: &[u8], expected: &[City<'_>]) {
    let mut refused = 0;
    for at in 0..packed.len() {
        for bit in 0..8 {
            let mut changed = packed.to_vec();
            changed[at] ^= 1 << bit;
            match read_with(&changed, &ReadOptions::default()) {
                Ok(_) => drop(assert_reads(&changed, expected)),
                Err(error) => {
                    assert_eq!(error.exit_code(), 65, "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 4 * packed.len(), "only {refused} changes were seen");
}

#[test]
fn a_wrong_checksum_and_a_wrong_length_of_gzip_are_told() {
    let packed = gzip(LIST.as_bytes());
    for back in 1..=8 {
        let mut changed = packed.clone();
        let at = packed.len() - back;
        changed[at] ^= 0x10;
        let words = ["gzip", "checksum", "member 1", &format!("byte {}", packed.len())];
        assert_refused(&changed, &words);
    }
}

// ---- Zstandard ----

#[test]
fn zstandard_of_one_frame_and_of_many() {
    let reading = assert_reads(&zstandard(LIST.as_bytes()), &CITIES);
    assert_eq!(reading.columns.compression, Some("Zstandard"));
    let nine: Vec<City<'_>> = CITIES.into_iter().chain([CITIES[0]; 6]).collect();
    assert_reads(ZSTD_OF_NINE, &nine);
    for split in 0..LIST.len() {
        let (one, two) = LIST.as_bytes().split_at(split);
        assert_reads(&[zstandard(one), zstandard(b""), zstandard(two)].concat(), &CITIES);
    }
}

#[test]
fn skippable_frames_of_zstandard_are_skipped_wherever_they_stand() {
    let (one, two) = LIST.as_bytes().split_at(50);
    let frames = [
        skippable(0, b""),
        zstandard(one),
        skippable(7, b"\x28\xb5\x2f\xfd not a frame"),
        skippable(15, &[0; 300]),
        zstandard(two),
        skippable(1, b"x"),
    ];
    assert_reads(&frames.concat(), &CITIES);
    let cut = frames.concat();
    assert_refused(&cut[..cut.len() - 1], &["Zstandard", "frame 6", "zstd -t"]);
    assert_refused(&skippable(0, b"abc")[..10], &["Zstandard", "frame 1"]);
}

#[test]
fn a_cut_zstandard_file_is_refused() {
    let packed = [ZSTD_OF_NINE, &zstandard(b"x,1,2\n")].concat();
    for end in (4..packed.len()).filter(|&end| end != ZSTD_OF_NINE.len()) {
        let words = ["Zstandard", "its end too early", "cut short", "zstd -t cities.csv"];
        assert_refused(&packed[..end], &words);
    }
    for rest in [&b"x"[..], b"\0", b"1,2,3\n", b"\x28\xb5\x2f"] {
        assert_refused(&[ZSTD_OF_NINE, rest].concat(), &["Zstandard", "frame 2"]);
    }
}

#[test]
fn a_changed_bit_of_zstandard_is_refused_or_changes_nothing() {
    let nine: Vec<City<'_>> = CITIES.into_iter().chain([CITIES[0]; 6]).collect();
    assert_every_changed_bit_is_seen(ZSTD_OF_NINE, &nine);
    assert_every_changed_bit_is_seen(&zstandard(LIST.as_bytes()), &CITIES);
}

/// Whatever is wrong, the message has no names of types and no code of the decoder.
#[test]
fn damage_is_told_in_plain_words() {
    for packed in [ZSTD_OF_NINE.to_vec(), gzip(LIST.as_bytes())] {
        for bit in 8 * 4..8 * packed.len() {
            let mut changed = packed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Err(error) = read_with(&changed, &ReadOptions::default()) {
                let message = error.to_string();
                let is_code =
                    ["Error", "{", "::", "kind:"].iter().any(|part| message.contains(part));
                assert!(!is_code, "{message}");
            }
        }
    }
}

#[test]
fn a_wrong_checksum_and_a_wrong_length_of_zstandard_are_told() {
    let mut changed = ZSTD_OF_NINE.to_vec();
    *changed.last_mut().expect("not empty") ^= 1;
    assert_refused(&changed, &["Zstandard", "a wrong checksum", "frame 1"]);
    let mut changed = ZSTD_OF_NINE.to_vec();
    changed[5] += 1;
    assert_refused(&changed, &["197 bytes where 198 are told"]);
    // Without a checksum the length alone shows it.
    let mut changed = ZSTD_OF_NINE[..ZSTD_OF_NINE.len() - 4].to_vec();
    changed[4] = 0x20;
    assert_eq!(read_with(&changed, &ReadOptions::default()).expect("sound").list.len(), 9);
    changed[5] += 1;
    assert_refused(&changed, &["197 bytes where 198 are told"]);
}

#[test]
fn zstandard_that_needs_a_dictionary_or_a_wide_window_is_refused_with_the_command() {
    let words = ["the dictionary 66051", "zstd -dc -D DICTIONARY cities.csv"];
    assert_refused(b"\x28\xb5\x2f\xfd\x23\x03\x02\x01\0\x01\x01\0\0", &words);
    let wide = b"\x28\xb5\x2f\xfd\x00\x90\x01\0\0";
    assert_refused(wide, &["window", "268435456", "zstd -dc --long=31 cities.csv"]);
}

// ---- Bombs ----

/// 10 GB of zeros in 10 MB of gzip: the first member of a file that never ends.
fn bomb() -> Vec<u8> {
    let zeros = vec![0; 10 << 20];
    let mut encoder = flate2::Compress::new(Compression::fast(), false);
    let mut block = Vec::with_capacity(1 << 20);
    let mut pack = |block: &mut Vec<u8>| {
        block.clear();
        encoder.compress_vec(&zeros, block, FlushCompress::Sync).expect("zeros can be packed");
    };
    pack(&mut block);
    let mut bomb = [b"\x1f\x8b\x08\0\0\0\0\0\0\x03", &block[..]].concat();
    // From here on each block refers to zeros before it and ends at a whole byte, so it repeats.
    pack(&mut block);
    for _ in 1..1000 {
        bomb.extend_from_slice(&block);
    }
    bomb
}

/// The most memory that this process has had.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(1024 * line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?)
}

#[test]
fn a_bomb_is_refused_in_little_memory() {
    let bomb = bomb();
    assert!(bomb.len() > 9 << 20, "{} bytes", bomb.len());
    let words =
        ["at most 10485760 bytes", "found more", "gzip -dc cities.csv > ", "farthest pack -"];
    assert_refusal(in_room(&bomb, 30 << 20), &words);
    // 80,000 blocks of 131,072 zeros, each in four bytes, in a frame that does not tell its length.
    let blocks = b"\x02\0\x10\0".repeat(80_000);
    let zstd_bomb = [b"\x28\xb5\x2f\xfd\x00\x58", &blocks[..]].concat();
    let words = ["at most 10485760 bytes", "found more", "zstd -dc cities.csv > "];
    assert_refusal(in_room(&zstd_bomb, 30 << 20), &words);
    if let Some(bytes) = peak_bytes() {
        assert!(bytes < 1 << 30, "{bytes} bytes");
    }
}

#[test]
fn a_frame_that_tells_too_great_a_length_is_refused_before_it_is_unpacked() {
    let told = (10_u64 << 30).to_le_bytes();
    let frame = [b"\x28\xb5\x2f\xfd\xc0\x58", &told[..], b"no block"].concat();
    assert_refusal(
        in_room(&frame, 30 << 20),
        &["found 10737418240 bytes", "a third of the memory"],
    );
    // Where no limit is known, it is no reason to ask for so much memory: the block is looked at.
    assert_refused(&frame, &["damaged"]);
}

#[test]
fn a_gzip_file_that_tells_a_false_length_gets_no_more_memory_than_it_can_fill() {
    let mut packed = gzip(LIST.as_bytes());
    let at = packed.len() - 4;
    packed[at..].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_refused(&packed, &["checksum"]);
    assert_refusal(in_room(&packed, 3000), &["checksum"]);
}

#[test]
fn a_list_of_exactly_a_third_of_the_room_is_read_and_a_longer_one_is_not() {
    let room_bytes = 3 * LIST.len() as u64;
    for packed in [gzip(LIST.as_bytes()), zstandard(LIST.as_bytes())] {
        assert_cities(in_room(&packed, room_bytes), &CITIES);
        assert_refusal(in_room(&packed, room_bytes - 1), &["at most", "a third of the memory"]);
        assert_refusal(in_room(&packed, 0), &["at most 0 bytes"]);
    }
    let (one, two) = LIST.as_bytes().split_at(60);
    for packed in [[gzip(one), gzip(two)].concat(), [zstandard(one), zstandard(two)].concat()] {
        assert_cities(in_room(&packed, room_bytes), &CITIES);
        assert_refusal(in_room(&packed, room_bytes - 1), &["at most", "a third of the memory"]);
    }
    // What is not compressed takes no room of its own.
    assert_cities(in_room(LIST.as_bytes(), 0), &CITIES);
}

#[test]
fn a_long_list_is_whole_whatever_its_length_has_to_do_with_the_buffers() {
    let mut list = String::from("name,lat,lon\n");
    for row in 0..200_000 {
        writeln!(list, "city {row},{}.5,{}", row % 90, row % 180).expect("a string takes all");
    }
    let names_are_whole = |reading: Reading| {
        assert_eq!(reading.list.len(), 200_000);
        (0..200_000).all(|row| reading.list.name(row) == format!("city {row}").as_bytes())
    };
    let many: Vec<u8> = list.as_bytes().chunks(65_280).flat_map(gzip).collect();
    let blocked = [&many[..], &gzip(b"")].concat();
    let frames: Vec<u8> = list.as_bytes().chunks(300_000).flat_map(zstandard).collect();
    for packed in [gzip(list.as_bytes()), blocked, zstandard(list.as_bytes()), frames] {
        let reading = read_with(&packed, &ReadOptions::default()).expect("a sound list");
        assert!(names_are_whole(reading));
    }
}

#[test]
fn what_is_compressed_twice_is_refused() {
    let twice = gzip(&gzip(LIST.as_bytes()));
    assert_refused(&twice, &["gzip inside gzip", "compressed twice", "gzip -dc cities.csv"]);
    let mixed = gzip(&zstandard(LIST.as_bytes()));
    assert_refused(&mixed, &["Zstandard inside gzip", "gzip -dc"]);
    let mixed = zstandard(&gzip(LIST.as_bytes()));
    assert_refused(&mixed, &["gzip inside Zstandard", "zstd -dc"]);
}

/// How fast it unpacks; `cargo test --release --test unpack -- --ignored --nocapture` shows it.
#[test]
#[ignore = "a measurement, for which gzip -dc and zstd -dc of the same bytes are the measure"]
fn speed_of_unpacking() {
    let mut list = String::from("name,lat,lon\n");
    let mut random = 1_u64;
    while list.len() < 100_000_000 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (lat, lon) = ((random >> 40) % 90_000, (random >> 20) % 180_000);
        let name = random >> 44;
        writeln!(
            list,
            "Ker{name:x}wick,{}.{:03},{}.{:03}",
            lat / 1000,
            lat % 1000,
            lon / 1000,
            lon % 1000
        )
        .expect("a string takes all");
    }
    // A web page is refused as soon as it is unpacked, so that nothing else is measured.
    let page = format!("<html>{list}");
    for packed in [gzip(page.as_bytes()), zstandard(page.as_bytes())] {
        let begun = Instant::now();
        assert_refused(&packed, &["a web page"]);
        let mb = page.len() as f64 / 1e6;
        println!("{:.0} MB/s of {} bytes", mb / begun.elapsed().as_secs_f64(), packed.len());
    }
}

// ---- Encodings ----

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn utf8_with_and_without_its_mark() {
    let reading = assert_reads(LIST.as_bytes(), &CITIES);
    assert_eq!((reading.columns.encoding, reading.notes), (Some("UTF-8"), vec![]));
    let marked = format!("\u{feff}{LIST}");
    assert_reads(marked.as_bytes(), &CITIES);
    assert_reads(&gzip(marked.as_bytes()), &CITIES);
    assert_cities(in_encoding(marked.as_bytes(), Encoding::Utf8), &CITIES);
}

#[test]
fn utf8_that_ends_in_half_a_character_is_cut_short() {
    let list = "name,lat,lon\nZürich,1,2\n1,3,4,Bø";
    let cut = &list.as_bytes()[..list.len() - 1];
    assert_refused(cut, &["cities.csv:3:", "half a character", "--encoding utf-8"]);
    // Without a letter of UTF-8 before, it is one of Windows-1252.
    assert_reads(b"lat,lon,name\n1,2,Orl\xe9", &[(1.0, 2.0, "Orlé")]);
}

#[test]
fn utf16_by_its_mark_and_by_its_zero_bytes() {
    // Ā is 0100: its lower byte is zero. 𝄞 takes two units.
    let list = "name,lat,lon\nĀbeļi,1.5,2\n東京𝄞,-3,4.25\nЙошкар-Ола,5,6\n";
    let cities = [(1.5, 2.0, "Ābeļi"), (-3.0, 4.25, "東京𝄞"), (5.0, 6.0, "Йошкар-Ола")];
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        for text in [list.to_string(), format!("\u{feff}{list}")] {
            let bytes = utf16(&text, order);
            let reading = assert_reads(&bytes, &cities);
            assert_eq!(reading.columns.encoding, Some("UTF-16"));
            assert_reads(&gzip(&bytes), &cities);
            assert_cities(in_encoding(&bytes, Encoding::Utf16), &cities);
        }
    }
    assert_reads(b"\xff\xfe", &[]);
    // Without a mark or digits there is nothing to tell the order by, so it is the usual one.
    let name = "東".repeat(60);
    let few = utf16(&format!("name,lat,lon\n{name},1,2\n"), u16::to_le_bytes);
    assert_cities(in_encoding(&few, Encoding::Utf16), &[(1.0, 2.0, &name)]);
}

#[test]
fn broken_utf16_is_refused_at_its_line() {
    let list = utf16("\u{feff}name,lat,lon\nx,1,2\ny,3,4\n", u16::to_le_bytes);
    let mut half = list.clone();
    half.truncate(list.len() - 1);
    assert_refused(&half, &["cities.csv:3:", "half a character", "UTF-16", "cut short"]);
    for surrogate in [0xd800_u16, 0xdc00, 0xdbff, 0xdfff] {
        let mut broken = list.clone();
        let y = list.iter().position(|&byte| byte == b'y').expect("the second city");
        broken[y..y + 2].copy_from_slice(&surrogate.to_le_bytes());
        let place = format!("byte {} of the text", y - 2);
        assert_refused(&broken, &["cities.csv:3:", "half a surrogate pair", &place]);
    }
    let ends_with_half = [&list[..], &0xd83d_u16.to_le_bytes()].concat();
    assert_refused(&ends_with_half, &["cities.csv:4:", "half a surrogate pair, d83d"]);
}

#[test]
fn utf32_is_refused_with_the_command() {
    let little: Vec<u8> =
        format!("\u{feff}{LIST}").chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
    let big: Vec<u8> =
        format!("\u{feff}{LIST}").chars().flat_map(|c| (c as u32).to_be_bytes()).collect();
    for bytes in [&little[..], &big[..]] {
        assert_refused(bytes, &["UTF-32", "iconv -f UTF-32 -t UTF-8 cities.csv | farthest pack -"]);
    }
}

#[test]
fn what_is_not_utf8_is_windows_1252_and_the_report_says_so() {
    let list =
        b"name,lat,lon\nplain,5,6\n\x8cuvre-Rufe\xe5ness l\x92\xc9t\xe9,1,2\nV\xfcegoria,3,4\n";
    let cities = [(5.0, 6.0, "plain"), (1.0, 2.0, "Œuvre-Rufeåness l’Été"), (3.0, 4.0, "Vüegoria")];
    let reading = assert_reads(list, &cities);
    assert_eq!(reading.columns.encoding, Some("Windows-1252"));
    let [note] = &reading.notes[..] else { panic!("{:?}", reading.notes) };
    for words in ["Windows-1252 assumed", "line 3 has the byte 0x8c", "--encoding utf-8"] {
        assert!(note.contains(words), "{note}");
    }
    assert_reads(&gzip(list), &cities);
    let reading = assert_cities(in_encoding(list, Encoding::Windows1252), &cities);
    assert_eq!(reading.notes, [""; 0]);
    let marked = [b"\xef\xbb\xbf", &list[..]].concat();
    assert_cities(in_encoding(&marked, Encoding::Windows1252), &cities);
    assert_refused(&marked, &["cities.csv:3:", "0x8c", "--encoding windows-1252"]);
}

#[test]
fn all_bytes_of_windows_1252() {
    // From Python's codec cp1252; the five bytes that it lacks are those of the Encoding Standard.
    let text = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    let latin_1: String = ('\u{a0}'..='\u{ff}').collect();
    let name = format!("x{text}{latin_1}x");
    let bytes: Vec<u8> = (0x80..=0xff).collect();
    let list = [b"name,lat,lon\nx", &bytes[..], b"x,1,2\n"].concat();
    assert_reads(&list, &[(1.0, 2.0, &name)]);
}

#[test]
fn the_user_is_obeyed() {
    let list = b"name,lat,lon\nZ\xfcrich,1,2\n";
    let reading = in_encoding(list, Encoding::Utf8).expect("a list");
    assert_eq!(reading.list.name(0), b"Z\xfcrich");
    assert_eq!((reading.columns.encoding, reading.notes.len()), (Some("UTF-8"), 0));
    let utf8_as_1252 = in_encoding("name,lat,lon\nZürich,1,2\n".as_bytes(), Encoding::Windows1252);
    assert_cities(utf8_as_1252, &[(1.0, 2.0, "ZÃ¼rich")]);
    for (name, encoding) in [
        ("utf-8", Some(Encoding::Utf8)),
        ("UTF-16", Some(Encoding::Utf16)),
        ("Windows-1252", Some(Encoding::Windows1252)),
        ("utf8", None),
        ("latin1", None),
        ("", None),
    ] {
        assert_eq!(Encoding::named(name), encoding);
    }
}

#[test]
fn zero_bytes_are_no_text() {
    let magic = "89 43 49 54 49 45 53 0a";
    for bytes in
        [&b"\0"[..], b"\x01\x02\0\x03", b"name,lat,lon\nx\0y,1,2\n", b"a\0\0b\0\0", &[0; 9000]]
    {
        assert_refused(bytes, &["expected text or a packed file", magic, "other binary data"]);
    }
    let long = LIST.to_string() + &"x,1,2\n".repeat(1000);
    for tail in [&b"y,1\0,2\n"[..], b"y\0y,1,2\n", b"\0", &[0; 4096]] {
        let bytes = [long.as_bytes(), tail].concat();
        assert_refused(&bytes, &["cities.csv:1005:", "a zero byte"]);
        for encoding in [Encoding::Utf8, Encoding::Windows1252] {
            assert_refusal(in_encoding(&bytes, encoding), &["cities.csv:1005:", "a zero byte"]);
        }
    }
    let in_utf16 = utf16(&format!("{long}y\0y,1,2\n"), u16::to_le_bytes);
    assert_refused(&in_utf16, &["cities.csv:1005:", "a zero byte"]);
    let as_utf8 = in_encoding(&utf16(LIST, u16::to_le_bytes), Encoding::Utf8);
    assert_refusal(as_utf8, &["other binary data"]);
}

proptest! {
    #[test]
    fn every_name_survives_every_encoding_and_compression(
        names in prop::collection::vec("[^\\p{C}\",\\p{Z}]{1,40}", 1..20),
    ) {
        let rows = names.iter().map(|name| format!("x{name}x,1.5,2\n"));
        let list = format!("name,lat,lon\n{}", rows.collect::<String>());
        let expected: Vec<String> = names.iter().map(|name| format!("x{name}x")).collect();
        let marked = format!("\u{feff}{list}");
        for bytes in [
            list.clone().into_bytes(),
            marked.clone().into_bytes(),
            utf16(&marked, u16::to_le_bytes),
            utf16(&marked, u16::to_be_bytes),
        ] {
            for packed in [gzip(&bytes), zstandard(&bytes), bytes] {
                let reading = read_with(&packed, &ReadOptions::default()).expect("a list");
                let found = cities_of(&reading.list).into_iter().map(|(.., name)| name);
                prop_assert_eq!(found.collect::<Vec<_>>(), &expected[..]);
            }
        }
    }

    #[test]
    fn any_bytes_end_in_an_answer(
        magic in prop::sample::select(MAGICS.as_slice()),
        tail in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let _ = in_room(&[magic, &tail[..]].concat(), 3 << 20);
    }
}

const MAGICS: [&[u8]; 12] = [
    b"",
    b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
    b"\x1f\x8b\x08\x1e",
    b"\x28\xb5\x2f\xfd",
    b"\x28\xb5\x2f\xfd\x24\x7f",
    b"\x50\x2a\x4d\x18",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"<!--",
    b"PAR1",
];

// ---- Forms that are not read ----

/// A zip archive of members that are not compressed (the checksums are left out).
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let lengths = [(content.len() as u32).to_le_bytes(); 2].concat();
        let name_length = (name.len() as u16).to_le_bytes();
        let offset = (archive.len() as u32).to_le_bytes();
        let common =
            [b"\x14\0\0\0\0\0\0\0\x21\x50\0\0\0\0", &lengths[..], &name_length, b"\0\0"].concat();
        archive.extend([b"PK\x03\x04", &common[..], name.as_bytes(), content].concat());
        directory.extend(
            [b"PK\x01\x02\x14\x03", &common[..], &[0; 10], &offset, name.as_bytes()].concat(),
        );
    }
    let count = (members.len() as u16).to_le_bytes();
    let lengths = [directory.len() as u32, archive.len() as u32].map(u32::to_le_bytes).concat();
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &lengths, b"\0\0"].concat();
    [archive, directory, end].concat()
}

/// Bytes of 300 zeros, and others at some places.
fn with_bytes_at(places: &[(usize, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0; 300];
    for (at, part) in places {
        bytes[*at..at + part.len()].copy_from_slice(part);
    }
    bytes
}

/// What makes a list of the places that GDAL finds.
const GDAL: &str =
    "ogr2ogr -f GeoJSON /vsistdout/ cities.csv -t_srs EPSG:4326 | farthest pack - OUT.cities";

#[test]
fn every_foreign_form_is_refused_by_name_with_its_command() {
    let sqlite = b"SQLite format 3\0";
    let forms: [(Vec<u8>, &[&str]); 43] = [
        (
            b"PAR1\x15\x04\x15\x60\x15\x62\x4c\x15\x08\x15\0\x12\0\0PAR1".into(),
            &["Parquet", "read_parquet", "cities.csv | farthest pack - OUT.cities"],
        ),
        (
            b"PAR1\x15\x04\0{\"primary_column\": \"geometry\"}PAR1".into(),
            &["GeoParquet", "to_wgs84=True", "cities.csv | farthest pack - OUT.cities"],
        ),
        (
            b"ARROW1\0\0\xff\xff\xff\xff\xd0\0\0\0\x10\0\0\0".into(),
            &["Arrow", "to_csv", "read_feather"],
        ),
        (b"FEA1\0\0\0\0\x04\0\0\0".into(), &["Feather", "read_feather"]),
        (b"\xff\xff\xff\xff\xd0\0\0\0\x10\0\0\0".into(), &["Arrow", "open_stream"]),
        (with_bytes_at(&[(0, sqlite), (68, b"GPKG")]), &["GeoPackage", GDAL]),
        (with_bytes_at(&[(0, sqlite), (68, b"GP10")]), &["GeoPackage", GDAL]),
        (
            with_bytes_at(&[(0, sqlite)]),
            &["SQLite", "ogr2ogr -f CSV /vsistdout/ cities.csv TABLE | farthest pack -"],
        ),
        (b"fgb\x03fgb\x01\x4c\x04\0\0".into(), &["FlatGeobuf", GDAL]),
        (b"\0\0\x27\x0a\0\0\0\0".into(), &["shapefile", GDAL, "without -t_srs where"]),
        (
            b"\0\0\0\x0d\x0a\x09OSMHeader\x18".into(),
            &[
                "OpenStreetMap",
                "ogr2ogr -f GeoJSON /vsistdout/ cities.csv points | farthest pack -",
            ],
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0".into(), &["Excel", "xls", "CSV"]),
        (b"II*\0\x08\0\0\0".into(), &["TIFF"]),
        (b"MM\0+\0\x08\0\0".into(), &["TIFF"]),
        (b"CDF\x01\0\0\0\0".into(), &["netCDF", "CSV"]),
        (b"\x89HDF\r\n\x1a\n\0".into(), &["HDF5", "CSV"]),
        (b"\xfd7zXZ\0\0\x04".into(), &["xz", "xz -dc cities.csv | farthest pack - OUT.cities"]),
        (
            b"BZh91AY&SY\x8f\xa1".into(),
            &["bzip2", "bzip2 -dc cities.csv | farthest pack - OUT.cities"],
        ),
        (b"BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0".into(), &["bzip2", "bzip2 -dc"]),
        (b"7z\xbc\xaf\x27\x1c\0\x04".into(), &["7z", "unpack it"]),
        (b"\x04\x22\x4d\x18\x64\x40".into(), &["LZ4", "unpack it"]),
        (b"\x1f\x9d\x90\x6e".into(), &["compress", "unpack it"]),
        (
            with_bytes_at(&[(0, b"cities.csv"), (257, b"ustar")]),
            &["tar archive", "tar -xOf cities.csv MEMBER | farthest pack - OUT.cities"],
        ),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".into(), &["PDF", "CSV"]),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0d".into(), &["image", "PNG"]),
        (b"\xff\xd8\xff\xe0\0\x10JFIF".into(), &["image", "JPEG"]),
        (b"X\n\0\0\0\x03".into(), &["of R", "CSV"]),
        (b"\x89CITIES\n\0\0".into(), &["packed file", "name the packed file itself"]),
        (b"PARE\x15\x04\x15\x60\0PARE".into(), &["encrypted Parquet", "has the keys"]),
        (b"{\\rtf1\\ansi lat".into(), &["RTF", "CSV"]),
        (
            // A column called name with 80 characters, of a table of the year 2026.
            with_bytes_at(&[
                (0, b"\x03\x7e\x0b\x19\x03\0\0\0\x41\0\x51\0"),
                (32, b"name"),
                (64, b"\r"),
            ]),
            &[
                "dBASE",
                "the places are in the .shp file of the same name",
                "ogr2ogr -f CSV /vsistdout/ cities.csv | farthest pack - OUT.cities",
            ],
        ),
        (
            with_bytes_at(&[(0, b"\0\0\x27\x0a"), (100, b"\0\0\0\x32\0\0\0\x0a")]),
            &["index of a shapefile", ".shp file of the same name"],
        ),
        (with_bytes_at(&[(0, b"\0\x01\0\0Standard Jet DB\0")]), &["Access", "CSV"]),
        (with_bytes_at(&[(0, b"MATLAB 5.0 MAT-file, Platform: GLNXA64")]), &["MATLAB", "CSV"]),
        (b"\x80\x04\x95\x1a\0\0\0\0\0\0\0\x8c\x06pandas\x94.".into(), &["pickle", "CSV"]),
        (b"<stata_dta><header><release>118".into(), &["Stata", "CSV"]),
        (b"$FL2@(#) SPSS DATA FILE".into(), &["SPSS", "CSV"]),
        (with_bytes_at(&[(12, b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92")]), &["SAS", "CSV"]),
        (b"GRIB\0\0\0\x02\0\0".into(), &["GRIB", "CSV"]),
        (b"\x0e\x10\x5c\x08\x10\0\0\0.FIT\0\0".into(), &["Garmin", "GPX"]),
        (b"LASF\0\0\0\0\x01\x02".into(), &["LAS", "CSV"]),
        (b"ply\nformat ascii 1.0\nelement vertex 8\n".into(), &["PLY", "CSV"]),
        (b"ncols         4\r\nnrows         6\r\nxllcorner 0.0\r\n".into(), &["grid"]),
    ];
    for (bytes, words) in &forms {
        let message = assert_refused(bytes, words);
        assert!(message.starts_with("cities.csv: expected a city list, found "), "{message}");
    }
}

#[test]
fn archives_are_told_by_the_names_in_them() {
    let plain =
        zip(&[("notes/", b""), ("notes/read.me", b"x"), ("notes/cities.csv", LIST.as_bytes())]);
    assert_refused(
        &plain,
        &[
            "zip archive",
            "unzip -p cities.csv notes/cities.csv | farthest pack - OUT.cities",
            "unzip it first (unzip cities.csv)",
        ],
    );
    let odd = zip(&[("my cities.CSV", LIST.as_bytes())]);
    assert_refused(&odd, &["zip archive", "unzip -p cities.csv 'my cities.CSV' | farthest"]);
    for name in ["a[1].csv", "-d.csv", "\u{1b}[2J.csv", "cities.dat"] {
        assert_refused(
            &zip(&[(name, b"")]),
            &["zip archive", "unzip -p cities.csv MEMBER | farthest"],
        );
    }
    let kmz = zip(&[("files/a.png", b""), ("doc.kml", b"<kml/>")]);
    assert_refused(
        &kmz,
        &["KMZ", "unzip -p cities.csv doc.kml | farthest", "unzip it first (unzip cities.csv)"],
    );
    let shapefile = zip(&[("a/cities.dbf", b""), ("a/cities.SHP", b"")]);
    assert_refused(
        &shapefile,
        &["shapefile", "zip", "ogr2ogr -f GeoJSON /vsistdout/ /vsizip/cities.csv"],
    );
    let xlsx = zip(&[
        ("[Content_Types].xml", b"<x/>"),
        ("docProps/app.xml", b""),
        ("xl/workbook.xml", b""),
    ]);
    assert_refused(&xlsx, &["Excel", "xlsx", "CSV", "read_excel"]);
    let docx = zip(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"")]);
    assert_refused(&docx, &["Office document in a zip archive", "CSV"]);
    let xlsb = zip(&[("[Content_Types].xml", b"<x/>"), ("xl/workbook.bin", b"")]);
    let message = assert_refused(&xlsb, &["Excel", "xlsb", "CSV"]);
    assert!(!message.contains("read_excel"), "{message}");
    let mime = b"application/vnd.oasis.opendocument.spreadsheet";
    let ods = zip(&[("mimetype", mime), ("content.xml", b"")]);
    assert_refused(&ods, &["OpenDocument spreadsheet", "CSV"]);
}

/// GDAL looks into the folder above all others alone, and takes one shapefile at a time.
#[test]
fn a_shapefile_in_a_folder_of_an_archive_is_named_with_its_path() {
    for (members, inside) in [
        (&["c.dbf", "c.shp"][..], " "),
        (&["c.shp", "__MACOSX/._c.shp"], " "),
        (&["a/c.dbf", "a/c.SHP"], "/a/c.SHP "),
        (&["my data/c.shp"], "/'my data/c.shp' "),
        (&["a.shp", "b.shp"], "/a.shp "),
        (&["a*/c.shp"], "/MEMBER "),
    ] {
        let members: Vec<(&str, &[u8])> = members.iter().map(|name| (*name, &b""[..])).collect();
        let line =
            format!("ogr2ogr -f GeoJSON /vsistdout/ /vsizip/cities.csv{inside}-t_srs EPSG:4326 |");
        let words = ["a shapefile in a zip archive", &line, "unzip it first (unzip cities.csv)"];
        assert_refused(&zip(&members), &words);
    }
}

#[test]
fn an_archive_that_is_cut_short_or_empty_is_called_so_and_no_member_is_named() {
    let message = assert_refused(&zip(&[]), &["an empty zip archive"]);
    assert!(!message.contains("unzip"), "{message}");
    for name in ["cities.csv", "xl/workbook.xml", "[Content_Types].xml", "doc.kml", "a.shp"] {
        let whole = zip(&[(name, LIST.as_bytes())]);
        for end in 4..whole.len() {
            let words = ["zip archive", "damaged or cut short", "unzip -t cities.csv"];
            let message = assert_refused(&whole[..end], &words);
            assert!(!message.contains("convert it"), "{message}");
        }
    }
}

#[test]
fn texts_that_are_no_list_are_refused_by_name() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:3e23\nsize 40213\n";
    assert_refused(pointer, &["Git LFS", "git lfs pull"]);
    for old in ["https://hawser.github.com/spec/v1", "http://git-media.io/v/2"] {
        let pointer = format!("version {old}\r\noid sha256:4d7a\r\nsize 12345\r\n");
        assert_refused(pointer.as_bytes(), &["Git LFS", "git lfs pull"]);
    }
    for path in ["/annex/objects/SHA256E-s4--3e23.csv\n", "../.git/annex/objects/x0/Q/SHA1-s4--3e"]
    {
        assert_refused(path.as_bytes(), &["git-annex", "git annex get cities.csv"]);
    }
    for system in [
        "GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]]]",
        "PROJCRS[\"WGS 84 / UTM zone 31N\",\n  BASEGEOGCRS[\"WGS 84\"]]\n",
    ] {
        assert_refused(system.as_bytes(), &["prj", ".shp file of the same name"]);
    }
    for encoding in ["UTF-8", "ISO 8859-1\r\n", "1252\n"] {
        assert_refused(encoding.as_bytes(), &["cpg", ".shp file of the same name"]);
    }
    for sentences in [
        "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n$GPRMC,1\r\n",
        "\n!AIVDM,1,1,,A,14eG;o@034o8sd<L9i:a;WF>062D,0*7D\n",
    ] {
        assert_refused(sentences.as_bytes(), &["NMEA", "GPX or CSV"]);
    }
    for answer in [
        "404: Not Found",
        "404 page not found\n",
        "429: Too Many Requests",
        "\u{feff}Not Found\r\n",
        "Access Denied.",
        "502 Bad Gateway",
    ] {
        assert_refused(answer.as_bytes(), &["an error", "error answer of a server", "download"]);
    }
    for page in [
        "<html>\n<head><title>Sign in</title>",
        "<!DOCTYPE html>\n<html lang=en>",
        "<!doctype HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">",
        "\u{feff}\r\n\t <!-- saved -->\n<!-- > --> <HTML class='x'>",
        "<?xml version='1.0'?><!DOCTYPE html><html/>",
        "<head>",
        "<script>",
    ] {
        let words = ["a web page", "login or error page", "a table was saved as HTML", "CSV"];
        assert_refused(page.as_bytes(), &words);
    }
    let tsplib = "NAME: ficta4\nTYPE: TSP\nDIMENSION: 4\nEDGE_WEIGHT_TYPE: GEO\nNODE_COORD_SECTION\n 1 13.11 8.08\n\
                  EOF\n";
    let words = [
        "TSPLIB",
        "DDD.MM",
        "degrees and minutes",
        "awk",
        "cities.csv | farthest pack - OUT.cities",
    ];
    assert_refused(tsplib.as_bytes(), &words);
    let spaced = tsplib.replace(": ", "   :   ").replace('\n', "\r\n");
    assert_refused(spaced.as_bytes(), &words);
    let plane = tsplib.replace("GEO", "EUC_2D");
    assert_refused(plane.as_bytes(), &["TSPLIB", "a plane"]);
}

#[test]
fn lists_that_look_like_other_forms_are_read() {
    let mustard = format!("{:257}", "name,lat,lon,n\nx,1,2,") + "ustard\n";
    for (header, row) in [
        ("PAR1,lat,lon", "x,1,2"),
        ("FEA1,lat,lon", "x,1,2"),
        ("BZh91,lat,lon", "x,1,2"),
        ("CDF,lat,lon", "x,1,2"),
        ("II*,lat,lon", "x,1,2"),
        ("MM,lat,lon", "x,1,2"),
        ("RDX3,lat,lon", "x,1,2"),
        ("PARE,lat,lon", "x,1,2"),
        ("MATLAB ,lat,lon", "x,1,2"),
        ("LASF,lat,lon", "x,1,2"),
        ("GRIB,lat,lon", "x,1,2"),
        ("ply,lat,lon", "format x,1,2"),
        ("$PRICE,lat,lon", "1,1,2"),
        ("ncols,lat,lon", "nrows,1,2"),
        ("version,lat,lon", "https://git-lfs,1,2"),
        ("UTF-8,lat,lon", "x,1,2"),
        ("/annex,lat,lon", "/annex/objects/x,1,2"),
        ("Not Found,lat,lon", "x,1,2"),
        ("404 lat,lat,lon", "x,1,2"),
        ("7z,lat,lon", "x,1,2"),
        ("name,lat,lon,NODE_COORD_SECTION", "x,1,2,NAME: x"),
        (mustard.trim_end(), ""),
    ] {
        let bytes = format!("{header}\n{row}\n");
        let reading = read_with(bytes.as_bytes(), &ReadOptions::default()).expect(header);
        assert_eq!(reading.list.len(), 1, "{header}");
    }
    for text in ["<htmlx>", "<gpx/>", "<kml/>", "<!-- html -->", "<", "<!--", "<?xml"] {
        if let Err(error) = read_with(text.as_bytes(), &ReadOptions::default()) {
            assert!(!error.to_string().contains("web page"), "{text}: {error}");
        }
    }
}

#[test]
fn a_foreign_form_inside_a_compression_is_named_with_both_commands() {
    let path = Path::new("data/cities.gpkg.gz");
    let bytes = gzip(&with_bytes_at(&[(0, b"SQLite format 3\0"), (68, b"GPKG")]));
    let words = [
        "a GeoPackage inside gzip",
        "gzip -dc data/cities.gpkg.gz > cities.gpkg && ogr2ogr -f GeoJSON /vsistdout/ cities.gpkg -t_srs",
    ];
    assert_refusal(read(path, &bytes, &ReadOptions::default()), &words);
    let packed = zstandard(b"\x89CITIES\n\0\0");
    let words = ["a packed file of farthest inside Zstandard", "zstd -dc cities.csv > cities"];
    assert_refused(&packed, &words);
    // What is done with the file itself is said once.
    let seven =
        assert_refused(&gzip(b"7z\xbc\xaf\x27\x1c\0\x04"), &["7z", "gzip -dc cities.csv > cities"]);
    assert_eq!(seven.matches("unpack it").count(), 1, "{seven}");
    let page = assert_refused(&gzip(b"<html>"), &["a web page inside gzip; probably a login"]);
    assert!(!page.contains("and then"), "{page}");
}

#[test]
fn commands_name_the_file_so_that_a_shell_takes_it() {
    let fgb = b"fgb\x03fgb\x01\x4c\x04\0\0";
    for (path, word) in [
        ("a/b_c-1.fgb", " /vsistdout/ a/b_c-1.fgb -t_srs"),
        ("東京.fgb", " /vsistdout/ 東京.fgb -t_srs"),
        ("my cities.fgb", " /vsistdout/ 'my cities.fgb' -t_srs"),
        ("it's.fgb", r" /vsistdout/ 'it'\''s.fgb' -t_srs"),
        ("$(x).fgb", " /vsistdout/ '$(x).fgb' -t_srs"),
        ("-x.fgb", " /vsistdout/ ./-x.fgb -t_srs"),
        ("-", " /vsistdout/ FILE -t_srs"),
    ] {
        assert_refusal(read(Path::new(path), fgb, &ReadOptions::default()), &[word]);
    }
}

// ---- Memory ----

/// What memory can be had on a system with these files.
fn available_with(files: &[(&str, &str)]) -> Option<u64> {
    let root = tempfile::tempdir().expect("a folder for temporary files");
    for (path, text) in files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    available_bytes_below(root.path())
}

const MEMINFO: (&str, &str) =
    ("proc/meminfo", "MemTotal:       16000 kB\nMemFree: 1 kB\nMemAvailable:    8000 kB\n");

#[test]
fn the_machine_tells_what_is_available() {
    assert_eq!(available_with(&[MEMINFO]), Some(8_192_000));
    assert_eq!(available_with(&[]), None);
    assert_eq!(available_with(&[("proc/meminfo", "MemAvailable: x kB\n")]), None);
    if cfg!(target_os = "linux") {
        let bytes = available_bytes().expect("Linux tells it");
        assert!(bytes > 1 << 20, "{bytes}");
    }
}

#[test]
fn the_limit_of_the_shell_counts() {
    let limits = |value: &str| {
        format!(
            "Limit                     Soft Limit           Hard Limit           Units\n\
                 Max stack size            8388608              unlimited            bytes\n\
                 Max address space         {value:<20} unlimited            bytes\n"
        )
    };
    let with = |value: &str| {
        let status = ("proc/self/status", "Name:\tx\nVmPeak:\t 900 kB\nVmSize:\t     500 kB\n");
        available_with(&[MEMINFO, ("proc/self/limits", &limits(value)), status])
    };
    assert_eq!(with("unlimited"), Some(8_192_000));
    assert_eq!(with("4096000"), Some(4_096_000 - 512_000));
    assert_eq!(with("99000000"), Some(8_192_000));
    assert_eq!(with("1000"), Some(0));
}

#[test]
fn the_limits_of_all_groups_above_count() {
    let group = ("proc/self/cgroup", "0::/slurm/job_1/step_0\n");
    let step = [
        ("sys/fs/cgroup/slurm/job_1/step_0/memory.max", "max\n"),
        ("sys/fs/cgroup/slurm/job_1/step_0/memory.current", "1000\n"),
    ];
    let job = [
        ("sys/fs/cgroup/slurm/job_1/memory.max", "5000000\n"),
        ("sys/fs/cgroup/slurm/job_1/memory.current", "3000000\n"),
    ];
    assert_eq!(available_with(&[MEMINFO, group, step[0], step[1]]), Some(8_192_000));
    let both = [MEMINFO, group, step[0], step[1], job[0], job[1]];
    assert_eq!(available_with(&both), Some(2_000_000));
    // Pages of files are given up when memory is needed.
    let statistics = "anon 1\nfile 900\ninactive_file 600000\nactive_file 400000\n";
    let stat = ("sys/fs/cgroup/slurm/job_1/memory.stat", statistics);
    assert_eq!(available_with(&[&both[..], &[stat]].concat()), Some(3_000_000));
}

#[test]
fn the_first_version_of_groups_counts_as_well() {
    let groups = "5:devices:/x\n4:cpu,memory:/job/1\n1:name=systemd:/\n0::/\n";
    let files = [
        MEMINFO,
        ("proc/self/cgroup", groups),
        ("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "6000000\n"),
        ("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "5000000\n"),
        ("sys/fs/cgroup/memory/job/memory.stat", "active_file 7\ntotal_inactive_file 1000\n"),
        ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
        ("sys/fs/cgroup/memory/memory.usage_in_bytes", "7000000\n"),
    ];
    assert_eq!(available_with(&files), Some(1_001_000));
    assert_eq!(available_with(&files[..4]), Some(1_000_000));
}
