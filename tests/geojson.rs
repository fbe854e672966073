//! `farthest pair --geojson`: the pairs of the report for maps, the same bytes on any number of ranks, whole or not at all,
//! and never over what is there.

#![cfg(feature = "mpi")]

mod common;

use std::fs;

use common::{Folder, Job, SOME_RANKS, assert_error};
use serde_json::{Value, json};

const CITIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/cities15000.tsv");
const CAPITALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/capitals.txt");

/// The file that a job writes, as bytes and as JSON, and its report.
fn drawn(job: &Job, words: &[&str]) -> (Vec<u8>, Value, Value) {
    let folder = Folder::new();
    let file = folder.file("pairs.geojson");
    let words = [&["pair"], words, &["--geojson", &file, "--format", "json"]].concat();
    let report = job.run(&words).expect_json();
    assert_eq!(folder.names(), ["pairs.geojson"]);
    let bytes = fs::read(&file).expect("it is written");
    let object = serde_json::from_slice(&bytes).expect("JSON");
    (bytes, object, report)
}

/// The pairs of a report, one or those of `--top`.
fn pairs(report: &Value) -> Vec<Value> {
    report["top"].as_array().cloned().unwrap_or_else(|| vec![report.clone()])
}

/// The longitude of a list as that of a map.
fn on_map(lon: &Value) -> f64 {
    let lon = lon.as_f64().expect("a longitude");
    if lon > 180.0 { lon - 360.0 } else { lon }
}

#[test]
fn it_has_of_each_pair_of_the_report_two_points_and_a_line() {
    for words in [
        &[CITIES][..],
        &[CITIES, "--top", "20"],
        &[CAPITALS, CITIES, "--top", "3"],
        &[CITIES, "--metric", "wgs84", "--top", "5", "--unit", "mi"],
        &[CITIES, "--dist", "mapped", "--radius-km", "1737.4"],
    ] {
        let (alone, object, report) = drawn(&Job::alone(), words);
        for ranks in [2, SOME_RANKS] {
            assert!(drawn(&Job::on_ranks(ranks), words).0 == alone, "{words:?}");
        }
        assert_eq!(object["type"], "FeatureCollection");
        let features = object["features"].as_array().expect("features");
        let pairs = pairs(&report);
        assert_eq!(features.len(), 3 * pairs.len());
        for ((place, pair), features) in (1..).zip(&pairs).zip(features.chunks(3)) {
            for (of, feature) in features.iter().enumerate().take(2) {
                let (city, own) = (&pair["pair"][of], &feature["properties"]);
                let position = json!([on_map(&city["lon"]), city["lat"]]);
                assert_eq!(feature["geometry"], json!({"type": "Point", "coordinates": position}));
                assert_eq!((&own["place"], &own["city"]), (&json!(place), &json!(of + 1)));
                for key in ["row", "name", "lat", "lon"] {
                    assert_eq!(own[key], city[key]);
                }
                for key in ["distance_km", "distance_mi"] {
                    assert_eq!(own.get(key), pair.get(key));
                }
            }
            let own = &features[2]["properties"];
            let rows = [&pair["pair"][0]["row"], &pair["pair"][1]["row"]];
            assert_eq!([&own["row_1"], &own["row_2"]], rows);
            assert_eq!(own["name_2"], pair["pair"][1]["name"]);
            assert_eq!((&own["place"], &own["metric"]), (&json!(place), &report["metric"]));
            assert_eq!(own["way"], "the shortest way");
            let kind = features[2]["geometry"]["type"].as_str().expect("a type");
            assert!(["LineString", "MultiLineString"].contains(&kind));
        }
    }
}

#[test]
fn of_exact_antipodes_it_has_one_way_of_many() {
    let folder = Folder::new();
    let list = folder.write("list.csv", "lat,lon,name\n10,20,a\n-10,200,b\n0,0,c\n");
    for (metric, way) in [
        ("sphere", "over the north pole; every direction is as short"),
        ("wgs84", "over the north pole; over the south pole is as short"),
    ] {
        let (_, object, _) = drawn(&Job::alone(), &[&list, "--metric", metric]);
        let line = &object["features"][2];
        assert_eq!(line["properties"]["way"], way);
        let pieces = line["geometry"]["coordinates"].as_array().expect("pieces");
        assert_eq!(pieces.len(), 2);
        assert_eq!((&pieces[0][0], &pieces[1][0]), (&json!([20.0, 10.0]), &json!([-160.0, 90.0])));
    }
}

#[test]
fn wrong_files_are_told_before_the_search_and_nothing_is_left() {
    let folder = Folder::new();
    let list = folder.write("list.csv", "lat,lon\n1,2\n3,4\n");
    let there = folder.write("there.geojson", "old");
    let out = folder.file("out.geojson");
    for (words, code, parts) in [
        (&[CITIES, "--geojson", &there][..], 74, &["there.geojson", "--force"][..]),
        (&[&list, "--geojson", &list, "--force"], 2, &["list.csv", "a file of its own"]),
        (&[CITIES, &list, "--geojson", &list, "--force"], 2, &["list.csv", "a file of its own"]),
        (&[CITIES, "--geojson", &out, "--checkpoint", &out], 2, &["a file of its own"]),
        (&[CITIES, "--geojson", "/nowhere/out.geojson"], 74, &["/nowhere/out.geojson"]),
        (&["nowhere.txt", "--geojson", &out], 66, &["nowhere.txt"]),
    ] {
        assert_error(&[&["pair"], words].concat(), code, parts);
    }
    // Of a search that was stopped there is no answer to draw.
    let stopped = ["pair", CITIES, "--method", "naive", "--max-seconds", "0.001"];
    let stopped = Job::alone().run(&[&stopped[..], &["--geojson", &out]].concat());
    assert_eq!(stopped.code, 75, "{stopped:#?}");
    assert_eq!(folder.names(), ["list.csv", "there.geojson"]);
    assert_eq!(fs::read_to_string(&there).expect("it is there"), "old");
    Job::on_ranks(2).run(&["pair", CITIES, "--geojson", &there, "--force"]).expect_ok();
    assert!(fs::read_to_string(&there).expect("it is there").starts_with("{\"type\":"));
}
