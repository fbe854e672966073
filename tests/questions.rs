//! The questions of `farthest pair` beside that for the farthest pair: the K farthest, two lists, other spheres and
//! units; on the command line, by every method, on any number of ranks, from text and packed.

#![cfg(feature = "mpi")]

mod common;

use common::{Folder, Job, SOME_RANKS, assert_error, pack};
use serde_json::{Value, json};

const CITIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/cities15000.tsv");
const CAPITALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/capitals.txt");

const METHODS: [&str; 3] = ["naive", "exhaustive", "pruned"];

/// The rows and kilometres of the ten farthest pairs of `data/cities15000.tsv`, computed with 34 digits from the decimal
/// numbers of the file by another program (mpmath).
const TEN: [([u64; 2], f64); 10] = [
    ([542, 6375], 20_014.361_316_639_952),
    ([5194, 6645], 20_014.002_805_501_83),
    ([2732, 24241], 20_013.744_936_918_005),
    ([9728, 13734], 20_013.649_495_159_58),
    ([9713, 13703], 20_013.647_518_545_38),
    ([13916, 33238], 20_012.903_985_142_093),
    ([538, 6395], 20_012.733_306_744_858),
    ([562, 6076], 20_012.394_520_194_837),
    ([7611, 13729], 20_011.890_171_055_325),
    ([2957, 24073], 20_011.700_568_911_24),
];

fn report(job: &Job, words: &[&str]) -> Value {
    job.run(&[&["pair"], words, &["--format", "json"]].concat()).expect_json()
}

fn rows(pair: &Value) -> [u64; 2] {
    [0, 1].map(|of| pair["pair"][of]["row"].as_u64().expect("a row"))
}

fn jobs() -> [Job; 3] {
    [Job::alone(), Job::on_ranks(2), Job::on_ranks(SOME_RANKS)]
}

#[test]
fn the_ten_farthest_pairs_of_the_world_are_known() {
    let folder = Folder::new();
    let packed = pack(&folder.write("cities.tsv", include_str!("../data/cities15000.tsv")));
    for file in [CITIES, &packed] {
        for job in jobs() {
            let report = report(&job, &[file, "--top", "10"]);
            let top = report["top"].as_array().expect("a list of pairs");
            assert_eq!(top.len(), TEN.len());
            for (found, (expected_rows, expected_km)) in top.iter().zip(TEN) {
                assert_eq!(rows(found), expected_rows);
                let km = found["distance_km"].as_f64().expect("a number");
                assert!((km - expected_km).abs() < 1e-9, "{km} km");
            }
            assert_eq!(json!([report["distance_km"], report["pair"]]), {
                json!([top[0]["distance_km"], top[0]["pair"]])
            });
            assert_eq!(report["pairs"], report["pairs_covered"]);
        }
    }
}

/// Copies, antipodes and ties: every method and number of ranks gives the same bytes.
#[test]
fn the_list_of_pairs_is_the_same_by_every_method_on_every_number_of_ranks() {
    let folder = Folder::new();
    let text: String = (0..120)
        .map(|i| format!("{} {} c{i}\n", [10, -10, 50, 0][i % 4], [20, -160, 7, 20][i / 3 % 4]))
        .collect();
    let file = folder.write("list.txt", text);
    let packed = pack(&file);
    for words in [&["--top", "50"][..], &["--top", "50", "--distinct"], &["--top", "1000000"]] {
        for method in METHODS {
            let list = |job: &Job, file: &str| {
                let words = [&[file, "--method", method], words].concat();
                report(job, &words)["top"].to_string()
            };
            let alone = list(&Job::alone(), &file);
            for job in jobs() {
                assert_eq!(list(&job, &file), alone, "{method}");
                assert_eq!(list(&job, &packed), alone, "{method}, packed");
            }
            if method != "naive" {
                let pruned = [&[&file[..]], words].concat();
                assert_eq!(report(&Job::alone(), &pruned)["top"].to_string(), alone, "{method}");
            }
        }
    }
}

#[test]
fn of_cities_at_one_place_the_lowest_row_stands_for_all() {
    let folder = Folder::new();
    let file = folder.write("list.txt", "0 180 a\n0 0 b\n0 -180 c\n0 0 d\n10 0 e\n0 180 f\n");
    for method in METHODS {
        let words = [&file, "--method", method, "--top", "100", "--distinct"];
        let report = report(&Job::on_ranks(2), &words);
        let top: Vec<[u64; 2]> =
            report["top"].as_array().expect("pairs").iter().map(rows).collect();
        assert_eq!(top, [[0, 1], [0, 4], [1, 4]], "{method}");
        assert_eq!((&report["pairs"], &report["pairs_covered"]), (&json!(15), &json!(15)));
    }
}

#[test]
fn the_pairs_are_told_as_csv_and_as_a_table() {
    for job in jobs() {
        let csv = job.run(&["pair", CITIES, "--top", "3", "--format", "csv"]);
        let mut reader = csv::Reader::from_reader(csv.expect_ok().as_bytes());
        let header = "place,distance_km,row_1,name_1,lat_1,lon_1,row_2,name_2,lat_2,lon_2";
        let names: Vec<String> =
            reader.headers().expect("a header").iter().map(String::from).collect();
        assert_eq!(names.join(","), header);
        let records: Vec<csv::StringRecord> =
            reader.records().map(|row| row.expect("CSV")).collect();
        assert_eq!(records.len(), 3);
        for (place, (record, (expected_rows, km))) in (1..).zip(records.iter().zip(TEN)) {
            assert_eq!(record[0], i32::to_string(&place));
            assert!((record[1].parse::<f64>().expect("a number") - km).abs() < 1e-9);
            assert_eq!([&record[2], &record[6]], expected_rows.map(|row| row.to_string()));
        }
        assert_eq!(&records[0][3], "Las Varillas, AR");
        let one = job.run(&["pair", CITIES, "--format", "csv"]);
        assert_eq!(one.expect_ok().lines().count(), 2);
        let text = job.run(&["pair", CITIES, "--top", "2"]);
        let line = "2     20014.002805502 km  row 5194, Ovalle, CL (-30.60106, -71.19901) - row 6645, Baitu, CN \
                    (30.59722, 108.8114)";
        assert!(text.expect_ok().contains(line), "{text:#?}");
    }
}

#[test]
fn of_two_lists_a_pair_has_a_city_of_each() {
    let folder = Folder::new();
    let packed = pack(&folder.write("cities.tsv", include_str!("../data/cities15000.tsv")));
    let capitals =
        include_str!("../data/capitals.txt").lines().filter(|line| !line.starts_with('#'));
    for job in jobs() {
        for (file, other) in [(CITIES, CAPITALS), (&packed, CAPITALS)] {
            for method in METHODS {
                let report = report(&job, &[file, other, "--method", method, "--top", "2"]);
                assert_eq!(report["pairs"], json!(34_006 * capitals.clone().count()));
                assert_eq!(report["pairs"], report["pairs_covered"]);
                let files = report["files"].as_array().expect("two files");
                assert_eq!([&files[0]["path"], &files[1]["path"]], [file, other]);
                assert_eq!([&files[0]["cities"], &files[1]["cities"]], [34_006, 10]);
                assert!(report.get("file").is_none());
                let turned = self::report(&job, &[other, file, "--method", method]);
                assert_eq!(turned["distance_km"], report["distance_km"]);
                let [first, second] = rows(&report);
                assert_eq!(rows(&turned), [second, first]);
            }
        }
    }
    // A list with itself: each city is paired with itself too, and every pair is there in both orders.
    let itself = report(&Job::on_ranks(2), &[CITIES, CITIES, "--top", "2"]);
    assert_eq!(itself["pairs"], json!(34_006_u64 * 34_006));
    let top: Vec<[u64; 2]> = itself["top"].as_array().expect("pairs").iter().map(rows).collect();
    assert_eq!(top, [[542, 6375], [6375, 542]]);
}

#[test]
fn one_city_of_each_list_is_enough_and_may_be_the_same() {
    let folder = Folder::new();
    let [one, other] = ["one.txt", "other.txt"].map(|name| folder.write(name, "1 2 a\n"));
    for method in METHODS {
        let report = report(&Job::on_ranks(2), &[&one, &other, "--method", method]);
        assert_eq!((&report["distance_km"], &report["pairs"]), (&json!(0.0), &json!(1)));
        assert_eq!(rows(&report), [0, 0]);
    }
}

#[test]
fn a_note_says_which_of_two_lists_it_is_on() {
    let folder = Folder::new();
    let fine = folder.write("fine.txt", "1 2 a\n");
    let doubtful = folder.write("doubtful.txt", "0 0 nowhere\n50 8 b\n");
    let report = report(&Job::on_ranks(2), &[&fine, &doubtful]);
    let notes = report["notes"].as_array().expect("notes");
    let own = format!("{doubtful}: 1 city ");
    let is_own = |note: &Value| note.as_str().expect("a sentence").starts_with(&own);
    assert!(notes.iter().any(is_own), "{notes:?}");
    let fine = format!("{fine}: ");
    assert!(!notes.iter().any(|note| note.as_str().expect("a sentence").starts_with(&fine)));
}

#[test]
fn the_pair_is_the_same_on_every_sphere_and_in_every_unit() {
    let unit = |words: &[&str]| report(&Job::alone(), &[&[CITIES], words].concat());
    let earth = unit(&[]);
    let km = |report: &Value| report["distance_km"].as_f64().expect("a number");
    for radius in ["1737.4", "3389.5", "6371.0088", "1"] {
        let other = unit(&["--radius-km", radius]);
        assert_eq!(other["pair"], earth["pair"]);
        let radius: f64 = radius.parse().expect("a number");
        assert_eq!(other["radius_km"], json!(radius));
        assert!((km(&other) - km(&earth) * radius / 6371.0).abs() < 1e-11 * radius);
    }
    for (name, of_one_km) in [("mi", 1.0 / 1.609_344), ("nmi", 1.0 / 1.852), ("m", 1000.0)] {
        let report = unit(&["--unit", name]);
        assert_eq!(report["distance_km"], earth["distance_km"]);
        let found = report[format!("distance_{name}")].as_f64().expect("a number");
        assert!((found / (km(&earth) * of_one_km) - 1.0).abs() < 1e-15, "{found} {name}");
        let text = Job::alone().run(&["pair", CITIES, "--unit", name, "--quiet"]);
        let line = format!("Maximum distance: {found:.0} {name}\n");
        assert!(text.expect_ok().contains(&line), "{text:#?}");
    }
}

/// The same on WGS84, by PROJ.
const TEN_ON_WGS84: [([u64; 2], f64); 10] = [
    ([5194, 6645], 20_003.495_828_106_494),
    ([9713, 13703], 20_003.481_853_141_748),
    ([495, 6539], 20_003.220_453_048_91),
    ([542, 6375], 20_003.209_576_957_737),
    ([5141, 7148], 20_003.181_227_214_706),
    ([2957, 24073], 20_003.154_063_548_414),
    ([563, 5739], 20_003.097_827_759_91),
    ([7715, 13718], 20_003.000_559_081_653),
    ([9728, 13734], 20_002.823_969_697_51),
    ([2732, 24243], 20_002.787_254_592_33),
];

#[test]
fn the_ten_farthest_pairs_on_wgs84_are_known() {
    let folder = Folder::new();
    let packed = pack(&folder.write("cities.tsv", include_str!("../data/cities15000.tsv")));
    for (file, method) in [(CITIES, "pruned"), (&packed, "pruned"), (&packed, "exhaustive")] {
        for job in jobs() {
            let words = [file, "--top", "10", "--metric", "wgs84", "--method", method];
            let report = report(&job, &words);
            let top = report["top"].as_array().expect("a list of pairs");
            assert_eq!(top.len(), TEN_ON_WGS84.len());
            for (found, (expected_rows, expected_km)) in top.iter().zip(TEN_ON_WGS84) {
                assert_eq!(rows(found), expected_rows);
                let km = found["distance_km"].as_f64().expect("a number");
                assert!((km - expected_km).abs() < 1e-9, "{km} km");
            }
            assert_eq!(report["pairs"], report["pairs_covered"]);
        }
    }
}

#[test]
fn a_report_says_which_earth_it_is() {
    let sphere = report(&Job::alone(), &[CITIES]);
    assert_eq!((&sphere["metric"], &sphere["radius_km"]), (&json!("sphere"), &json!(6371.0)));
    for absent in ["a_km", "inverse_flattening", "azimuths_deg"] {
        assert!(sphere.get(absent).is_none(), "{absent}");
    }
    for (typed, name, inverse) in [
        ("WGS84", "wgs84", 298.257223563),
        ("grs80", "grs80", 298.257222101),
        ("6378.137,1/298.257223563", "wgs84", 298.257223563),
        ("3396.19,169.89", "3396.19,169.89", 169.89),
        ("1737.4,0", "1737.4,0", 0.0),
    ] {
        let report = report(&Job::on_ranks(2), &[CITIES, CAPITALS, "--metric", typed]);
        assert_eq!(
            (&report["metric"], &report["inverse_flattening"]),
            (&json!(name), &json!(inverse))
        );
        assert!(report.get("radius_km").is_none() && report["a_km"].is_number());
        let azimuths = report["azimuths_deg"].as_array().expect("two azimuths");
        assert!(
            azimuths
                .iter()
                .all(|azimuth| (0.0..360.0).contains(&azimuth.as_f64().expect("a number")))
        );
    }
    // What the other Earth says of the pair costs nothing, and is for people alone.
    for (words, note) in [
        (
            &[][..],
            "note:            on WGS84 this pair is 20003.209576958 km apart; --metric wgs84 finds",
        ),
        (
            &["--metric", "wgs84"],
            "note:            on the sphere this pair is 20014.002805502 km apart",
        ),
        (&["--unit", "mi"], "on WGS84 this pair is 12429.418183407 mi apart"),
    ] {
        let outcome = Job::alone().run(&[&["pair", CITIES], words].concat());
        assert!(outcome.expect_ok().contains(note), "{outcome:#?}");
        assert!(
            report(&Job::alone(), &[&[CITIES], words].concat())
                .to_string()
                .matches("this pair")
                .count()
                == 0
        );
    }
    for words in [["--metric", "grs80"], ["--radius-km", "1737.4"]] {
        let outcome = Job::alone().run(&[&["pair", CITIES], &words[..]].concat());
        assert!(!outcome.expect_ok().contains("this pair"), "{outcome:#?}");
    }
    let folder = Folder::new();
    let antipodes = folder.write("antipodes.txt", "0 0 a\n0 180 b\n");
    let text = Job::alone().run(&["pair", &antipodes, "--metric", "wgs84"]);
    let text = text.expect_ok();
    assert!(text.contains("azimuths:        over either pole, by half a meridian\n"), "{text}");
    assert!(
        text.contains("metric:          wgs84, a = 6378.137 km, 1/f = 298.257223563\n"),
        "{text}"
    );
}

#[test]
fn quiet_prints_the_answer_and_then_the_notebooks_lines() {
    for job in jobs() {
        let outcome = job.run(&["pair", CITIES, "--quiet"]);
        let lines: Vec<&str> = outcome.expect_ok().lines().collect();
        let answer = [
            "first:           row 542, Las Varillas, AR (-31.8704, -62.71968)",
            "second:          row 6375, Hefei, CN (31.86389, 117.28083)",
            "distance:        20014.361316640 km",
            "Maximum distance: 20014 km",
        ];
        assert_eq!(lines[..4], answer);
        assert!(lines.len() == 5 && lines[4].starts_with("Computing time: "), "{lines:?}");
    }
}

#[test]
fn wrong_questions_are_told_with_what_to_do() {
    let folder = Folder::new();
    let empty = folder.write("empty.txt", "# lat lon name\n");
    for (words, code, parts) in [
        (&[CITIES, "--top", "0"][..], 2, &["--top", "1..=1000000"][..]),
        (&[CITIES, "--top", "1000001"], 2, &["--top", "1..=1000000"]),
        (&[CITIES, "--top", "many"], 2, &["--top", "many"]),
        (&["-", "-"], 2, &["- twice", "name the other one's file"]),
        (&[CITIES, "--radius-km", "0"], 2, &["--radius-km", "a radius in kilometres"]),
        (&[CITIES, "--radius-km", "-1"], 2, &["--radius-km", "a radius in kilometres"]),
        (&[CITIES, "--radius-km", "nan"], 2, &["--radius-km", "a radius in kilometres"]),
        (&[CITIES, "--unit", "ft"], 2, &["--unit", "ft"]),
        (&[CITIES, "--metric", "flat"], 2, &["--metric", "sphere, wgs84, grs80, or A,1/F"]),
        (&[CITIES, "--metric", "6378,20"], 2, &["--metric", "50 or more"]),
        (&[CITIES, "--metric", "6378,-300"], 2, &["--metric", "prolate"]),
        (&[CITIES, "--metric", "wgs84", "--method", "naive"], 2, &["--method naive", "leave one"]),
        (&[CITIES, "--metric", "wgs84", "--dist", "scatter"], 2, &["--method naive", "leave one"]),
        (&[CITIES, "--metric", "wgs84", "--radius-km", "1"], 2, &["--radius-km", "leave one"]),
        (&[CITIES, "--top", "2", "--checkpoint", "c"], 2, &["--checkpoint", "--top 2"]),
        (&[CITIES, &empty], 65, &["empty.txt"]),
        (&[&empty, CITIES], 65, &["empty.txt"]),
        (&[CITIES, "nowhere.txt"], 66, &["nowhere.txt"]),
    ] {
        assert_error(&[&["pair"], words].concat(), code, parts);
    }
    for job in jobs() {
        job.run(&["info", CITIES, "--format", "csv"]).expect_error(2, &["text or json"]);
    }
}

/// Shops with an identifier: a comment above, a field over two lines, a row without a place.
const SHOPS: &str =
    "# shops\nshop_id,shop_name,lat,lon\nS1,\"a\nb\",10,20\nS2,gone,,\nS3,c,-10,-160\nS4,d,0,0\n";

#[test]
fn lines_and_identifiers_stand_beside_rows() {
    let folder = Folder::new();
    let file = folder.write("shops.csv", SHOPS);
    let geojson = folder.file("shops.geojson");
    for job in jobs() {
        let told = report(&job, &[&file, "--id", "shop_id", "--top", "3"]);
        assert_eq!(rows(&told), [0, 2]);
        assert_eq!([&told["lines"], &told["ids"]], [&json!([3, 6]), &json!(["S1", "S3"])]);
        assert_eq!(told["pair"][0]["name"], "a\nb");
        assert_eq!(told["top"][1]["ids"], json!(["S3", "S4"]), "{told:#}");
        let words = ["pair", &file, "--id", "1", "--geojson", &geojson, "--force"];
        let text = job.run(&words);
        let lines: Vec<&str> = text.expect_ok().lines().collect();
        let second = lines.iter().find(|line| line.starts_with("second:")).expect("a line");
        assert!(second.ends_with("row 2, c (-10, -160), line 6, id S3"), "{second}");
        let csv = job.run(&["pair", &file, "--id", "shop_id", "--format", "csv"]);
        let csv: Vec<&str> = csv.expect_ok().lines().collect();
        assert!(csv[0].ends_with(",lon_2,id_1,id_2") && csv[2].ends_with(",S1,S3"), "{csv:?}");
        let map = std::fs::read_to_string(&geojson).expect("a map");
        let map: Value = serde_json::from_str(&map).expect("JSON");
        let own = &map["features"][1]["properties"];
        assert_eq!([&own["id"], &own["line"]], [&json!("S3"), &json!(6)]);
    }
    // Without being asked, and of two lists each its own.
    let other = folder.write("depots.csv", "lat,lon,depot\n-10,-160,x\n");
    let two = report(&Job::alone(), &[&file, &other]);
    assert_eq!([&two["lines"], &two["pair"][1]["row"]], [&json!([3, 2]), &json!(0)]);
    assert!(two.get("ids").is_none());
    let packed = pack(&folder.write("world.tsv", include_str!("../data/cities15000.tsv")));
    assert!(report(&Job::alone(), &[&packed]).get("lines").is_none());
    let words = |file: &str, id: &str| Job::alone().run(&["pair", file, "--id", id]);
    words(&packed, "id").expect_error(2, &["--id", "packed"]);
    words(&file, "nothing").expect_error(65, &["nothing", "(from --id)"]);
}

/// A list that many ranks cut has its lines where one reader counts them.
#[test]
fn the_lines_of_a_real_list_are_where_the_cities_stand() {
    let report = report(&Job::on_ranks(SOME_RANKS), &[CITIES]);
    let text: Vec<&str> = include_str!("../data/cities15000.tsv").lines().collect();
    for of in [0, 1] {
        let line = report["lines"][of].as_u64().expect("a line") as usize;
        let name = report["pair"][of]["name"].as_str().expect("a name");
        assert!(text[line - 1].contains(name), "{name} is not in line {line}");
    }
}
