//! A wrong command line ends with 2, a wrong text file with 65: alone and on several ranks, as
//! text and as JSON, with exactly one message that says where, what was expected, what was found.

#![cfg(feature = "mpi")]

mod common;

use common::{Folder, Job, assert_error, pack};

const USAGE: i32 = 2;
const BAD_DATA: i32 = 65;

#[test]
fn a_wrong_command_line_of_pair_or_info_is_a_usage_error() {
    let cases: &[(&[&str], &str)] = &[
        (&["pair"], "<FILE>"),
        (&["info"], "<FILE>"),
        (&["pair", "a.txt", "b.txt", "c.txt"], "c.txt"),
        (&["pair", "a.txt", "--turbo"], "--turbo"),
        (&["pair", "a.txt", "--method", "magic"], "magic"),
        (&["pair", "a.txt", "--lat"], "--lat"),
        (&["discover", "a.txt"], "discover"),
    ];
    for (arguments, part) in cases {
        assert_error(arguments, USAGE, &[part]);
    }
}

/// What people type who know other programs, and what they are told.
#[test]
fn a_near_miss_is_told_the_option_that_was_meant() {
    for (words, meant) in [
        (&["pair", "a.csv", "--miles"][..], "--unit mi;"),
        (&["pair", "a.csv", "--ellipsoid"], "--metric wgs84 "),
        (&["pair", "a.csv", "--ellipsoid=wgs84"], "--metric wgs84 "),
        (&["pair", "a.csv", "--output", "x.json"], "--geojson FILE"),
        (&["pair", "a.csv", "-o", "x.json"], "--geojson FILE"),
        (&["pair", "a.csv", "--json"], "--format json"),
        (&["pair", "a.csv", "--from", "b.csv"], "farthest pair A B"),
        (&["pair", "a.csv", "-n", "4"], "mpirun -n N"),
        (&["pair", "a.csv", "--radius", "1737"], "--radius-km R"),
        (&["info", "a.csv", "--sep", ";"], "--delimiter C"),
        (&["shops.csv"], "farthest pair shops.csv"),
        (&["./shops"], "farthest pair ./shops"),
        (&["shops"], "farthest pair shops;"),
        (&["pair"], "farthest pair cities.csv"),
        (&["each", "a.csv"], "--out far.csv"),
        (&["each", "a.csv", "--output", "x.csv"], "--out OUT"),
        (&["each", "a.csv", "--miles", "--out", "x.csv"], "--unit mi;"),
        (&["generate"], "farthest generate 100000 cities.csv"),
        // What clap knows better is left to it.
        (&["pair", "a.csv", "--methd", "naive"], "'--method'"),
        (&["pear", "a.csv"], "'pair'"),
    ] {
        Job::alone().run(words).expect_error(USAGE, &[meant]);
    }
}

#[test]
fn a_wrong_command_line_of_any_other_command_is_a_usage_error() {
    let folder = Folder::new();
    let text = folder.file("out.txt");
    let unknown = folder.file("out.xyz");
    let generate = ["generate", "10", &text];
    let cases: &[(Vec<&str>, &str)] = &[
        (vec![], "command"),
        (vec!["--format", "json"], "--format"),
        (vec!["pack", "a.txt"], "<OUTPUT>"),
        (vec!["pair", "a.txt", "--format", "xml"], "xml"),
        (vec!["generate", "ten", &text], "ten"),
        (vec!["generate", "1", &text], "at least 2"),
        (vec!["generate", "10", &unknown], ".cities, .tsv, .csv or .txt"),
        ([&generate[..], &["--distribution", "flat"]].concat(), "flat"),
        ([&generate[..], &["--radius-km", "9"]].concat(), "--distribution cap"),
        ([&generate[..], &["--distribution", "cap", "--radius-km", "0"]].concat(), "found 0"),
        ([&generate[..], &["--distribution", "cap", "--radius-km", "NaN"]].concat(), "NaN"),
        ([&generate[..], &["--distribution", "cap", "--radius-km", "10001"]].concat(), "10001"),
    ];
    for (arguments, part) in cases {
        for job in Job::alone_and_on_ranks() {
            let outcome = job.run(arguments);
            if arguments.contains(&"json") {
                outcome.expect_json_error(USAGE, &[part]);
            } else {
                outcome.expect_error(USAGE, &[part]);
            }
        }
    }
    assert_eq!(folder.names(), [""; 0], "a usage error writes nothing");
}

/// A text file that is refused: its name, its bytes, and what the message must say, the place
/// first.
type BadText = (&'static str, &'static [u8], &'static [&'static str]);

fn assert_refused(cases: &[BadText]) {
    let folder = Folder::new();
    for (name, bytes, parts) in cases {
        let file = folder.write(name, bytes);
        // The place is the path as it was given, then the line if there is one.
        let place = file.replace(name, parts[0]);
        let parts = [&[&place[..], "expected ", "found "], &parts[1..]].concat();
        assert_error(&["pair", &file], BAD_DATA, &parts);
    }
}

#[test]
fn a_coordinate_that_is_none_is_refused_with_its_line() {
    assert_refused(&[
        ("word.txt", b"1 2 a\n3 4 b\nx 5 c\n", &["word.txt:3: ", "latitude", "\"x\""]),
        (
            "word.csv",
            b"# b\r\nlat,lon\r\n\r\n1,2\r\n3,y\r\n",
            &["word.csv:5: ", "longitude", "\"y\""],
        ),
        ("comma.csv", b"lat;lon\n1;2\n3;4,5,6\n", &["comma.csv:3: ", "longitude", "4,5,6"]),
        ("nan.txt", b"1 2 a\n3 4 b\nNaN 5 c\n", &["nan.txt:3: ", "latitude", "NaN"]),
        ("first.txt", b"nan 5 c\n1 2 a\n", &["first.txt:1: ", "latitude", "nan", "--lat"]),
        ("inf.txt", b"1 2 a\n3 4 b\n5 -inf c\n", &["inf.txt:3: ", "longitude", "-inf", "finite"]),
        ("huge.txt", b"1 2 a\n1e999 4 b\n", &["huge.txt:2: ", "latitude", "1e999", "finite"]),
        ("bytes.txt", b"1 2 a\n3 4\n\xff5 6 c\n", &["bytes.txt:3: ", "latitude", "UTF-8", "ÿ5"]),
        ("blank.csv", b"lat,lon\n1,2\n,3\n", &["blank.csv:3: ", "latitude", "found nothing"]),
        ("short.txt", b"1 2 a\n3 4\n5\n", &["short.txt:3: ", "longitude", "found nothing"]),
        ("short.csv", b"lat,lon\n1,2\n3\n", &["short.csv:3: ", "2 fields", "found 1"]),
    ]);
}

#[test]
fn a_coordinate_out_of_range_is_refused_with_its_line() {
    assert_refused(&[
        ("north.txt", b"1 2 a\n3 4 b\n95 200 c\n", &["north.txt:3: ", "[-90, 90]", "found 95"]),
        ("south.csv", b"lat\tlon\n1\t2\n-91\t0\n", &["south.csv:3: ", "[-90, 90]", "found -91"]),
        ("east.txt", b"1 2 a\n3 4 b\n5 361 c\n", &["east.txt:3: ", "[-180, 360]", "found 361"]),
        ("west.txt", b"1 2 a\n3 -180.5 b\n", &["west.txt:2: ", "[-180, 360]", "found -180.5"]),
        ("swap.txt", b"1 2 a\n3 4 b\n120 30 c\n", &["swap.txt:3: ", "found 120", "swapped?"]),
    ]);
}

#[test]
fn coordinates_that_swapping_would_not_mend_are_not_called_swapped() {
    let folder = Folder::new();
    let file = folder.write("north.txt", "1 2 a\n95 200 b\n");
    let outcome = Job::alone().run(&["pair", &file]);
    outcome.expect_error(BAD_DATA, &["found 95"]);
    assert!(!outcome.stderr.contains("swapped"), "{outcome:#?}");
}

#[test]
fn a_file_that_is_no_city_list_is_refused() {
    assert_refused(&[
        ("column.csv", b"name,lat,height\na,1,2\n", &["column.csv:1: ", "longitude", "--lon"]),
        ("quote.csv", b"lat,lon,name\n1,2,\"a\n3,4,b\n", &["quote.csv:2: ", "quotation mark"]),
        ("utf32.txt", b"\xff\xfe\0\x001\0\0\0", &["utf32.txt: ", "UTF-32", "iconv"]),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &["picture.png: ", "image"]),
        ("junk.bin", b"\x02\0\x83 \x99\n\xf0\xf1", &["junk.bin: ", "binary"]),
        ("words.txt", b"\x81\x82\x83 \x99\n\xf0\xf1", &["words.txt:1: ", "latitude", "iconv"]),
    ]);
}

#[test]
fn fewer_than_two_cities_are_refused() {
    assert_refused(&[
        ("one.txt", b"1 2 a\n", &["one.txt: ", "at least 2 cities", "found 1"]),
        ("header.csv", b"lat,lon,name\n", &["header.csv: ", "at least 2 cities", "found 0"]),
        ("empty.txt", b"", &["empty.txt: ", "at least 2 cities", "found 0"]),
        ("comments.txt", b"# no\n\n# city\n", &["comments.txt: ", "at least 2 cities", "found 0"]),
    ]);
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let folder = Folder::new();
    let file = folder.write("cities.csv", "breite,lon\n1,2\n3,4\n");
    let place = format!("{file}:1: ");
    assert_error(&["pair", &file, "--lat", "hoehe"], BAD_DATA, &[&place, "\"hoehe\"", "breite"]);
    assert_error(&["pair", &file, "--name", "ort"], BAD_DATA, &[&place, "\"ort\"", "breite"]);
    assert_error(&["pair", &file, "--lat", "4"], BAD_DATA, &[&place, "column 4", "breite"]);
}

#[test]
fn too_few_cities_because_of_flaws_say_how_many_were_left_out() {
    let folder = Folder::new();
    let file = folder.write("flaws.txt", "1 2 a\nx 5 c\nx 3\n");
    let place = format!("{file}: ");
    let parts = [&place[..], "at least 2 cities", "found 1", "2 rows were left out"];
    assert_error(&["pair", &file, "--skip-invalid"], BAD_DATA, &parts);
}

#[test]
fn pack_and_info_refuse_a_bad_line_as_pair_does() {
    let folder = Folder::new();
    let file = folder.write("word.txt", "1 2 a\nx 5 c\n");
    let place = format!("{file}:2: ");
    assert_error(&["info", &file], BAD_DATA, &[&place, "expected", "found \"x\""]);
    let packed = folder.file("word.cities");
    for job in Job::alone_and_on_ranks() {
        let outcome = job.run(&["pack", &file, &packed]);
        outcome.expect_error(BAD_DATA, &[&place, "expected", "found \"x\""]);
    }
    assert_eq!(folder.names(), ["word.txt"], "what is refused is not packed");
}

#[test]
fn standard_input_without_a_city_is_refused_by_its_name() {
    assert_error(&["pair", "-"], BAD_DATA, &["standard input: ", "at least 2 cities", "found 0"]);
    let folder = Folder::new();
    let packed = folder.file("empty.cities");
    for job in Job::alone_and_on_ranks() {
        let outcome = job.run(&["pack", "-", &packed]);
        outcome.expect_error(BAD_DATA, &["standard input: ", "at least 2 cities", "found 0"]);
    }
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn options_that_cannot_be_obeyed_are_usage_errors() {
    let folder = Folder::new();
    let text = folder.write("cities.csv", "lat,lon\n1,2\n3,4\n");
    let json = folder.write("points.geojson", r#"{"type":"FeatureCollection","features":[]}"#);
    let cases: &[(&[&str], &[&str])] = &[
        (&["pair", &text, "--lat", "a", "--lon", "A"], &["--lat-lon a"]),
        (&["pair", &text, "--lat", "lat", "--lon", "lat"], &["--lat-lon lat"]),
        (&["pair", &text, "--lat", "a", "--lat-lon", "b"], &["--lat-lon"]),
        (&["pair", &text, "--lon-lat", "a", "--lat-lon", "b"], &["--lon-lat"]),
        (&["pair", &text, "--delimiter", "ab"], &["one character"]),
        (&["pair", &text, "--encoding", "gbk"], &["utf-8", "windows-1252"]),
        (&["pair", &text, "--layer", "cities"], &["waypoints"]),
        (&["pair", &text, "--layer", "tracks"], &["--layer", "delimited text"]),
        (&["info", &json, "--lat", "y"], &["--lat", "GeoJSON"]),
        (&["info", &json, "--delimiter", "tab"], &["--delimiter", "GeoJSON"]),
    ];
    for (arguments, parts) in cases {
        assert_error(arguments, USAGE, parts);
    }
}

#[test]
fn a_column_is_taken_for_one_thing() {
    let folder = Folder::new();
    let text = folder.write("cities.csv", "lat,lon,both\n1,2,\"1 2\"\n3,4,\"3 4\"\n");
    for (options, parts) in [
        (&["--lat", "1", "--lon", "lat"][..], &["found column 1", "--lat-lon 1"][..]),
        (&["--lat", "lat", "--lon", "lon", "--name", "1"], &["found column 1", "--name"]),
        (&["--name", "lon"], &["found column 2", "--name"]),
        (&["--lat-lon", "both", "--name", "3"], &["found column 3", "--name"]),
    ] {
        assert_error(&[&["info", &text][..], options].concat(), BAD_DATA, parts);
    }
}

#[test]
fn a_packed_file_has_no_columns_to_name() {
    let folder = Folder::new();
    let packed = pack(&folder.write("cities.txt", "1 2 a\n-1 -178 b\n"));
    assert_error(&["pair", "--lat", "y", &packed], 2, &["--lat", "packed"]);
    assert_error(&["info", "--name", "y", &packed], 2, &["--name", "packed"]);
}

/// What must not reach a terminal, or a log, from a path, a word or a file: colours, a line that looks like ours,
/// text that runs the other way, ends of lines that only some programs know, and what no XML can hold.
const STEERING: &str = "\u{1b}[31m\nfarthest: all is well\r\u{9b}1m\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{2029}\u{fffe}\u{ffff}\u{7f}";

#[track_caller]
fn assert_harmless(message: &str) {
    let turns = |c: char| {
        let is_mark = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}');
        is_mark || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let harms = |c: char| c.is_control() || turns(c) || matches!(c, '\u{fffe}' | '\u{ffff}');
    let line = message.strip_suffix('\n').unwrap_or(message);
    assert!(!line.contains(harms), "{message:?}");
}

#[test]
fn what_steers_a_terminal_is_shown_harmlessly_in_every_message() {
    let folder = Folder::new();
    let list = folder.write("cities.csv", "lat,lon,name\n1,2,a\n-1,-178,b\n");
    let row = folder
        .write("row.csv", format!("lat,lon,name\n1,{},a\n", STEERING.replace(['\n', '\r'], "")));
    let quoted = folder.write("quoted.csv", format!("lat,lon,name\n1,\"{STEERING}\",a\n"));
    let path = folder.file(STEERING);
    let option = format!("--{STEERING}");
    let commands: [&[&str]; 9] = [
        &["pair", &path],
        &["info", STEERING],
        &["pair", &row],
        &["pair", &quoted],
        &["pair", &list, "--lat", STEERING],
        &["pair", &list, "--name", STEERING],
        &["pair", &list, &option],
        &["pair", &list, "--method", STEERING],
        &["pair", &list, STEERING],
    ];
    for job in Job::alone_and_on_ranks() {
        for command in commands {
            let outcome = job.run(command);
            outcome.expect_error(outcome.code, &[]);
            assert_ne!(outcome.code, 0, "{outcome:#?}");
            // The launcher has lines of its own.
            assert_harmless(&outcome.stderr.replace('\n', " "));
            let outcome = job.run(&[command, &["--format", "json"]].concat());
            outcome.expect_json_error(outcome.code, &[]);
            let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
            assert_harmless(report["message"].as_str().expect("a message"));
        }
    }
    for command in [[STEERING, &list], ["pack", &path], ["generate", STEERING], ["scaling", &path]]
    {
        let outcome = Job::alone().run(&[&command[..], &[&path]].concat());
        outcome.expect_error(outcome.code, &[]);
        assert_harmless(&outcome.stderr);
    }
}

#[test]
fn a_wrong_command_line_is_told_in_one_line() {
    for arguments in [
        &["pair"][..],
        &["pair", "a", "--turbo"],
        &["pair", "a", "--method", "magic"],
        &["discover"],
    ] {
        let outcome = Job::alone().run(arguments);
        outcome.expect_error(USAGE, &["; "]);
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:#?}");
    }
}
