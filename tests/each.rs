//! The farthest city of each: what a plain loop over all others finds, to the last bit and the lowest row, on every
//! instruction set and any number of ranks; and the file of `farthest each`, in all its forms, with the same bytes for
//! any number of ranks and nodes.

#![cfg(feature = "mpi")]

mod common;

use std::fs;

use common::lists::{others, touchy};
use common::{Folder, Job, Random, SOME_RANKS, assert_error, atlas_of, kernels, pack};
use farthest::bound::{Shortfall, tie_margin};
use farthest::kernel::Kernel;
use farthest::metric::Metric;
use farthest::pairs::Share;
use farthest::points::{PointBuffer, Points};
use farthest::quick::quick_vectors;
use farthest::search::Field;
use farthest::search::each::{BLOCK_CITIES, Each};
use farthest::sphere::{UnitVector, distance_km, unit_vector};
use serde_json::{Value, json};

const CITIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/cities15000.tsv");
const CAPITALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/capitals.txt");

type Places = Vec<[f64; 2]>;

// ---- The search ----

/// By row: the bits of the distance, and the row of the farthest city.
type Answers = Vec<(u64, u64)>;

/// What a plain loop finds for each of some places, among others or among themselves.
fn plain(places: &[[f64; 2]], others: Option<&[[f64; 2]]>) -> Answers {
    let vectors = |places: &[[f64; 2]]| -> Vec<UnitVector> {
        places.iter().map(|&[lat, lon]| unit_vector(lat, lon)).collect()
    };
    let (own, all) = (vectors(places), vectors(others.unwrap_or(places)));
    let answer = |(row, &p): (usize, &UnitVector)| {
        let mut best = (-1.0, 0);
        for (far_row, &q) in all.iter().enumerate() {
            let km = distance_km(p, q);
            if (others.is_some() || far_row != row) && km > best.0 {
                best = (km, far_row as u64);
            }
        }
        (best.0.to_bits(), best.1)
    };
    own.iter().enumerate().map(answer).collect()
}

/// What the shares of so many ranks find.
fn found(field: Field<'_>, kernel: Kernel, ranks: u64) -> Answers {
    let [own, others] = field.points();
    let mut answers = vec![(0, u64::MAX); own.len()];
    for rank in 0..ranks {
        let mut search = Each::new(field, Metric::Sphere, kernel).expect("sound bounds");
        for block in Share::new(rank, ranks, search.blocks()) {
            let found = search.settle(block).expect("sound cities").to_vec();
            for (place, far) in (block as usize * BLOCK_CITIES..).zip(found) {
                let row = own.row(search.position(place)) as usize;
                assert_eq!(answers[row].1, u64::MAX, "row {row} is answered twice");
                answers[row] = (far.distance_km.to_bits(), others.row(far.position as usize));
            }
        }
    }
    answers
}

fn field<'a>(own: &'a Points<'a>, others: Option<&'a Points<'a>>) -> Field<'a> {
    others.map_or(Field::within(own), |others| Field::between(own, others))
}

/// Every instruction set and number of ranks, on points of an atlas, finds what is expected; and so does one, on points
/// that do not stand along the curve.
fn assert_found(name: &str, places: &[[f64; 2]], others: Option<&[[f64; 2]]>) {
    let expected = plain(places, others);
    let atlas = atlas_of(places);
    let other_atlas = others.map(atlas_of);
    let points = atlas.atlas().points();
    let other_points = other_atlas.as_ref().map(|atlas| atlas.atlas().points());
    for kernel in kernels() {
        for ranks in [1, 2, 3, 7] {
            let found = found(field(&points, other_points.as_ref()), kernel, ranks);
            for (row, both) in found.iter().zip(&expected).enumerate() {
                assert_eq!(both.0, both.1, "{name}, row {row}, {:?}, {ranks} ranks", kernel.isa());
            }
        }
    }
    let vectors = |places: &[[f64; 2]]| -> Vec<UnitVector> {
        places.iter().map(|&[lat, lon]| unit_vector(lat, lon)).collect()
    };
    let (own, other) = (vectors(places), others.map(vectors));
    let buffer = PointBuffer::new(&own);
    let other_buffer = other.as_ref().map(|vectors| PointBuffer::new(vectors));
    let (points, other_points) = (buffer.points(), other_buffer.as_ref().map(PointBuffer::points));
    let found = found(field(&points, other_points.as_ref()), Kernel::best(), 1);
    assert!(found == expected, "{name}, by vectors");
}

fn hard_lists() -> Vec<(String, Places)> {
    let places = |list: &common::lists::List| list.cities.iter().map(|c| [c.lat, c.lon]).collect();
    touchy().iter().chain(&others()).map(|list| (list.name.clone(), places(list))).collect()
}

#[test]
fn on_hard_lists_each_finds_what_a_plain_loop_finds() {
    for (name, places) in hard_lists() {
        assert_found(&name, &places, None);
    }
}

#[test]
fn of_two_lists_each_finds_what_a_plain_loop_finds() {
    let lists = hard_lists();
    for (at, (name, places)) in lists.iter().enumerate() {
        let (other_name, others) = &lists[(at + 3) % lists.len()];
        assert_found(&format!("{name}, {other_name}"), places, Some(others));
        assert_found(&format!("{name} with itself"), places, Some(places));
        assert_found(&format!("{name}, a part of it"), places, Some(&places[..1]));
        assert_found(&format!("a part of {name}"), &places[..1], Some(places));
    }
}

/// Clusters with copies, around some centres and their antipodes, from nanometres to a tenth of a radian wide.
fn clusters(random: &mut Random, cities: usize) -> Places {
    let centres: Places = (0..1 + random.below(6)).map(|_| random.place()).collect();
    let width = 10_f64.powf(random.between(-9.0, 1.0));
    let mut places: Places = Vec::new();
    while places.len() < cities {
        let [lat, lon] = random.one_of(&centres);
        let near = |middle: f64, random: &mut Random| middle + width * random.between(-1.0, 1.0);
        let [lat, lon] = [near(lat, random).clamp(-90.0, 90.0), near(lon, random)];
        let place = [lat, lon.clamp(-180.0, 360.0)];
        let opposite =
            [-place[0], if place[1] > 0.0 { place[1] - 180.0 } else { place[1] + 180.0 }];
        let copies = if random.unit() < 0.1 { 1 + random.below(200) } else { 1 };
        let place = if random.unit() < 0.3 { opposite } else { place };
        places.extend(std::iter::repeat_n(place, copies.min(cities - places.len())));
    }
    random.shuffle(&mut places);
    places
}

#[test]
fn in_clusters_with_copies_and_antipodes_each_finds_what_a_plain_loop_finds() {
    let mut random = Random::new(5);
    let many = if common::is_long() { 400 } else { 40 };
    for case in 0..many {
        let cities = 1 + random.below(700);
        let places = clusters(&mut random, cities);
        if places.len() > 1 {
            assert_found(&format!("case {case}"), &places, None);
        }
        let others = clusters(&mut random, 1 + cities / 2);
        assert_found(&format!("case {case}, two lists"), &places, Some(&others));
    }
}

#[test]
fn caps_rings_and_poles_are_no_exception() {
    let mut random = Random::new(6);
    let cap: Places = (0..3000)
        .map(|_| [48.0 + random.between(-4.0, 4.0), 11.0 + random.between(-6.0, 6.0)])
        .collect();
    assert_found("cap", &cap, None);
    let ring: Places = (0..2000).map(|at| [30.0, at as f64 * 0.18 - 180.0]).collect();
    assert_found("ring", &ring, None);
    let poles: Places = (0..130).map(|at| [90.0, at as f64]).chain([[-90.0, 7.0]; 90]).collect();
    assert_found("poles", &poles, None);
    assert_found("poles and a ring", &poles, Some(&ring));
    assert_found("a ring and poles", &ring, Some(&poles));
    let world: Places = (0..5000).map(|_| random.place()).collect();
    assert_found("world", &world, None);
    assert_found("world and cap", &world, Some(&cap));
    assert_found("cap and world", &cap, Some(&world));
}

/// No loop over pairs could do this: two hundred thousand copies on either side of the Earth, and a few others.
#[test]
fn copies_by_the_hundred_thousand_take_a_moment() {
    let mut places: Places = vec![[10.0, 20.0]; 200_000];
    places.extend(vec![[-10.0, -160.0]; 200_000]);
    places.extend((0..100).map(|at| [at as f64 / 10.0, 50.0]));
    let atlas = atlas_of(&places);
    let points = atlas.atlas().points();
    let answers = found(Field::within(&points), Kernel::best(), 2);
    let half = 20_015.086_796_020_572_f64;
    assert!(answers[..400_000].iter().all(|&(bits, _)| (f64::from_bits(bits) - half).abs() < 1e-9));
    assert!(answers[..200_000].iter().all(|&(_, row)| row == 200_000));
    assert!(answers[200_000..400_000].iter().all(|&(_, row)| row == 0));
    let same = vec![[10.0, 20.0]; 300_000];
    let atlas = atlas_of(&same);
    let points = atlas.atlas().points();
    let answers = found(Field::within(&points), Kernel::best(), 2);
    assert_eq!(answers[0], (0, 1));
    assert!(answers[1..].iter().all(|&answer| answer == (0, 0)));
}

/// Whichever pair is as far as another has no greater shortfall than the margin allows; and the margin is not much
/// greater than it has to be.
#[test]
fn the_margin_of_a_tie_holds_what_rounding_does() {
    let mut random = Random::new(7);
    let quick = |[lat, lon]: [f64; 2]| quick_vectors(&[lat], &[lon]).map(|[x]| x);
    let mut greatest: f64 = 0.0;
    for _ in 0..if common::is_long() { 20_000_000 } else { 400_000 } {
        let p = random.place();
        let opposite = [-p[0], if p[1] > 0.0 { p[1] - 180.0 } else { p[1] + 180.0 }];
        let elsewhere = random.place();
        let base = random.one_of(&[p, opposite, elsewhere]);
        let near = |random: &mut Random, by: f64| {
            let [lat, lon] = [0, 1].map(|i| base[i] + by * random.tiny(-9.0));
            [lat.clamp(-90.0, 90.0), lon.clamp(-180.0, 360.0)]
        };
        let (by, between) = (random.tiny(-13.0), random.tiny(-15.0));
        let q = near(&mut random, by);
        let r = [0, 1].map(|i| q[i] + between * random.tiny(-3.0));
        let r = [r[0].clamp(-90.0, 90.0), r[1].clamp(-180.0, 360.0)];
        let [to_q, to_r] =
            [q, r].map(|q| distance_km(unit_vector(p[0], p[1]), unit_vector(q[0], q[1])));
        for sign in [1.0, -1.0] {
            let measure = Shortfall { sign, z_weight: 1.0, limit: 0.0, limit_beyond: 0.0 };
            let [of_q, of_r] = [q, r].map(|q| measure.of_cities(quick(p), quick(q)));
            for (far, near) in [((to_q, of_q), (to_r, of_r)), ((to_r, of_r), (to_q, of_q))] {
                if far.0 >= near.0 {
                    let excess = (far.1 - near.1) / tie_margin(near.1);
                    assert!(excess <= 1.0, "{p:?} {q:?} {r:?} {sign}: {excess}");
                    greatest = greatest.max(excess);
                }
            }
        }
    }
    println!("{greatest} of the margin was needed at most");
    assert!(greatest > 0.01);
}

// ---- The command ----

fn jobs() -> [Job; 3] {
    [Job::alone(), Job::on_ranks(2), Job::on_ranks(SOME_RANKS)]
}

/// The file that a job writes, and its report.
fn written(job: &Job, words: &[&str], extension: &str) -> (String, Value) {
    let folder = Folder::new();
    let out = folder.file(&format!("out.{extension}"));
    let outcome = job.run(&[&["each"], words, &["--out", &out, "--format", "json"]].concat());
    let report = outcome.expect_json();
    assert_eq!(folder.names(), [format!("out.{extension}")], "nothing else is left");
    (fs::read_to_string(&out).expect("the file is there"), report)
}

fn records(text: &str, delimiter: u8) -> Vec<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let header: Vec<&str> = reader.headers().expect("a header").iter().collect();
    let names = "row,name,lat,lon,far_row,far_name,far_lat,far_lon,distance_km";
    assert_eq!(header.join(","), names);
    reader.records().map(|row| row.expect("a record")).collect()
}

/// A list in which rows are left out, names want quoting, and longitudes go up to 360.
const LIST: &str = "lat\tlon\tname\n\
    10\t20\tplain\n\
    none\t20\tno city\n\
    -10\t200\tcomma, and \"marks\"\n\
    -10.5\t-160.25\tÅngström\n\
    0.0000001\t359.5\t\n\
    10\t20\tcopy\n";

#[test]
fn a_line_for_each_city_in_the_order_of_rows() {
    let folder = Folder::new();
    let file = folder.write("list.tsv", LIST);
    let degrees = [[10.0, 20.0], [-10.0, 200.0], [-10.5, -160.25], [1e-7, 359.5], [10.0, 20.0]];
    let rows = [0, 2, 3, 4, 5];
    let names = ["plain", "comma, and \"marks\"", "Ångström", "", "copy"];
    let expected = plain(&degrees, None);
    for job in jobs() {
        let words = [&file[..], "--skip-invalid"];
        for (extension, delimiter) in [("csv", b','), ("tsv", b'\t')] {
            let (text, _) = written(&job, &words, extension);
            let records = records(&text, delimiter);
            assert_eq!(records.len(), 5);
            for (at, record) in records.iter().enumerate() {
                let number = |field: usize| record[field].parse::<f64>().expect("a number");
                let far = expected[at].1 as usize;
                assert_eq!(number(0), f64::from(rows[at]));
                assert_eq!((&record[1], [number(2), number(3)]), (names[at], degrees[at]));
                assert_eq!(number(4), f64::from(rows[far]));
                assert_eq!((&record[5], [number(6), number(7)]), (names[far], degrees[far]));
                assert_eq!(number(8).to_bits(), expected[at].0);
            }
        }
        let (text, _) = written(&job, &words, "geojson");
        let collection: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(collection["type"], "FeatureCollection");
        let features = collection["features"].as_array().expect("features");
        assert_eq!((features.len(), text.lines().count()), (5, 7));
        for (at, feature) in features.iter().enumerate() {
            let ([lat, lon], far) = (degrees[at], expected[at].1 as usize);
            let on_map = if lon > 180.0 { lon - 360.0 } else { lon };
            assert_eq!(feature["geometry"], json!({"type": "Point", "coordinates": [on_map, lat]}));
            let km = f64::from_bits(expected[at].0);
            assert_eq!(
                feature["properties"],
                json!({
                    "row": rows[at], "name": names[at], "lat": lat, "lon": lon,
                    "far_row": rows[far], "far_name": names[far], "far_lat": degrees[far][0],
                    "far_lon": degrees[far][1], "distance_km": km,
                })
            );
        }
    }
}

/// Two lists, each with its own column of that name. A row without a place has none to tell, and a city may have none.
const WITH_IDS: &str =
    "id,lat,lon,name\nS1,10,20,plain\nS2,,,gone\n\"S,3\",-10,200,far\n,0,0,nameless id\n";

#[test]
fn identifiers_stand_behind_the_lines() {
    let folder = Folder::new();
    let file = folder.write("shops.csv", WITH_IDS);
    let depots = folder.write("depots.txt", "id lat lon\nD1 10 21\nD2 -10 -159\n");
    let by_row = [(0, "S1"), (2, "S,3"), (3, "")];
    let id_of = |row: &str| by_row.iter().find(|(of, _)| of.to_string() == row).expect("a city").1;
    for job in jobs().into_iter().chain([Job::on_ranks(2).with("FARTHEST_RANKS_ON_NODE", "1")]) {
        let (plain, _) = written(&job, &[&file], "csv");
        let (text, report) = written(&job, &[&file, "--id", "id"], "csv");
        let lines: Vec<_> = plain.lines().zip(text.lines()).collect();
        assert_eq!(lines[0].1, format!("{},id,far_id", lines[0].0));
        for (plain, line) in lines {
            assert!(line.starts_with(plain), "{line} goes on from {plain}");
        }
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for record in reader.records().map(|record| record.expect("a record")) {
            assert_eq!([&record[9], &record[10]], [id_of(&record[0]), id_of(&record[4])]);
        }
        assert_eq!(report["greatest"]["ids"], json!(["S1", "S,3"]));
        let (tsv, report) = written(&job, &[&depots, &file, "--id", "id"], "tsv");
        let ids: Vec<&str> =
            tsv.lines().filter_map(|line| line.split_once("\tD")).map(|x| x.1).collect();
        assert_eq!(ids, ["1\tS,3", "2\tS1"], "{tsv}");
        assert_eq!(report["centre"]["ids"], json!(["D1", "S,3"]));
        let (text, _) = written(&job, &[&file, "--id", "id"], "geojson");
        let collection: Value = serde_json::from_str(&text).expect("JSON");
        let own = &collection["features"][0]["properties"];
        assert_eq!([&own["id"], &own["far_id"]], [&json!("S1"), &json!("S,3")]);
        let (text, _) = written(&job, &[&file], "geojson");
        assert!(!text.contains("far_id"));
    }
    let out = folder.file("out.csv");
    let text = Job::on_ranks(2).run(&["each", &file, "--id", "1", "--out", &out]);
    assert!(text.expect_ok().contains(", plain (10, 20), id S1 - row 2, far"), "{text:#?}");
    let packed = pack(&folder.write("world.tsv", include_str!("../data/cities15000.tsv")));
    let out = folder.file("none.csv");
    assert_error(&["each", &packed, "--id", "name", "--out", &out], 2, &["--id", "packed"]);
    assert_error(
        &["each", &file, "--id", "nothing", "--out", &out],
        65,
        &["nothing", "(from --id)"],
    );
    assert!(!folder.names().contains(&"none.csv".into()));
}

/// Of a list that ranks cut and put in order, each identifier is that of its row.
#[test]
fn identifiers_of_a_real_list_stand_beside_their_cities() {
    let ids =
        |job: &Job, words: &[&str]| written(job, &[words, &["--id", "name"]].concat(), "csv").0;
    let alone = ids(&Job::alone(), &[CITIES]);
    for line in csv::Reader::from_reader(alone.as_bytes()).records() {
        let line = line.expect("a record");
        assert_eq!([&line[9], &line[10]], [&line[1], &line[5]]);
    }
    assert!(ids(&Job::on_ranks(SOME_RANKS), &[CITIES]) == alone);
}

/// What is written is read again: the first line of features is a city of the list, under its name.
#[test]
fn the_file_is_a_city_list_itself() {
    let folder = Folder::new();
    let file = folder.write("list.tsv", LIST);
    for extension in ["csv", "tsv", "geojson"] {
        let out = folder.file(&format!("out.{extension}"));
        let words = ["each", &file, "--skip-invalid", "--out", &out];
        Job::alone().run(&words).expect_ok();
        let list =
            ["pair", &out, "--format", "json", "--lat", "lat", "--lon", "lon", "--name", "name"];
        let words = if extension == "geojson" { &list[..4] } else { &list[..] };
        let report = Job::alone().run(words).expect_json();
        assert_eq!(report["cities"], 5, "{extension}");
    }
}

#[test]
fn the_bytes_are_the_same_on_any_number_of_ranks_and_nodes() {
    let folder = Folder::new();
    let packed = pack(&folder.write("cities.tsv", include_str!("../data/cities15000.tsv")));
    for words in [&[CITIES][..], &[CAPITALS, CITIES], &[CITIES, CAPITALS]] {
        for extension in if words[0] == CITIES { &["csv"][..] } else { &["csv", "geojson"] } {
            let (alone, report) = written(&Job::alone(), words, extension);
            for ranks in [2, 3] {
                for job in [
                    Job::on_ranks(ranks),
                    Job::on_ranks(ranks).with("FARTHEST_RANKS_ON_NODE", "1"),
                    Job::on_ranks(ranks).with("FARTHEST_RANKS_ON_NODE", "2"),
                ] {
                    let (other, other_report) = written(&job, words, extension);
                    assert!(other == alone, "{words:?} {extension} {job:?}");
                    for fact in ["greatest", "centre", "histogram"] {
                        assert_eq!(other_report[fact], report[fact]);
                    }
                }
            }
            let words: Vec<&str> =
                words.iter().map(|&word| if word == CITIES { &packed } else { word }).collect();
            for isa in ["scalar", "avx2", "avx512"] {
                let is_here = kernels().iter().any(|kernel| kernel.isa().name() == isa);
                if is_here {
                    let words = [&words[..], &["--isa", isa]].concat();
                    assert!(written(&Job::on_ranks(2), &words, extension).0 == alone, "{isa}");
                }
            }
        }
    }
}

#[test]
fn the_report_has_the_pair_the_centre_and_a_histogram() {
    let pair = Job::alone().run(&["pair", CITIES, "--format", "json"]).expect_json();
    for job in jobs() {
        let (text, report) = written(&job, &[CITIES], "csv");
        let records = records(&text, b',');
        assert_eq!((records.len(), &report["cities"]), (34_006, &json!(34_006)));
        let greatest = &report["greatest"];
        assert_eq!(
            [&greatest["distance_km"], &greatest["pair"]],
            [&pair["distance_km"], &pair["pair"]]
        );
        let km = |record: &csv::StringRecord| record[8].parse::<f64>().expect("a number");
        let nearest = records.iter().min_by(|a, b| km(a).total_cmp(&km(b))).expect("cities");
        let centre = &report["centre"];
        assert_eq!(centre["distance_km"], json!(km(nearest)));
        let rows = [0, 1].map(|of| centre["pair"][of]["row"].to_string());
        assert_eq!(rows, [&nearest[0], &nearest[4]]);
        let histogram = &report["histogram"];
        let number = |key: &str| histogram[key].as_f64().expect("a number");
        let counts = histogram["counts"].as_array().expect("counts");
        let mut expected = vec![0; counts.len()];
        for record in &records {
            expected[((km(record) - number("from")) / number("width")) as usize] += 1;
        }
        assert_eq!(json!(expected), json!(counts));
        assert!((10..=21).contains(&counts.len()), "{counts:?}");
    }
}

#[test]
fn other_spheres_and_units_change_numbers_and_no_city() {
    let (earth, _) = written(&Job::alone(), &[CAPITALS], "csv");
    let (moon, report) =
        written(&Job::alone(), &[CAPITALS, "--radius-km", "1737.4", "--unit", "mi"], "csv");
    for (earth, moon) in records(&earth, b',').iter().zip(&records(&moon, b',')) {
        assert_eq!(
            earth.iter().take(8).collect::<Vec<_>>(),
            moon.iter().take(8).collect::<Vec<_>>()
        );
        let [earth, moon] = [earth, moon].map(|record| record[8].parse::<f64>().expect("km"));
        assert!((moon - earth * 1737.4 / 6371.0).abs() < 1e-9);
    }
    let [km, miles] = ["distance_km", "distance_mi"]
        .map(|key| report["greatest"][key].as_f64().expect("a number"));
    assert!((miles * 1.609_344 - km).abs() < 1e-9);
    assert_eq!(report["histogram"]["unit"], "mi");
    let folder = Folder::new();
    let out = folder.file("out.csv");
    let text = Job::on_ranks(2).run(&["each", CAPITALS, "--out", &out, "--unit", "mi"]);
    let bars = text.expect_ok().lines().filter(|line| line.contains("| #")).count();
    assert!(bars > 1 && text.stdout.contains("from mi"), "{text:#?}");
}

#[test]
fn wrong_uses_are_told_with_what_to_do() {
    let folder = Folder::new();
    let out = folder.file("out.csv");
    let empty = folder.write("empty.txt", "# lat lon name\n");
    let one = folder.write("one.txt", "1 2 a\n");
    let list = folder.write("list.csv", "lat,lon\n1,2\n3,4\n");
    let there = folder.write("there.csv", "old");
    for (words, code, parts) in [
        (&[CITIES][..], 2, &["--out"][..]),
        (&[CITIES, "--out", "x.txt"], 2, &["x.txt", ".geojson", "--out"]),
        (&[CITIES, "--out", "x"], 2, &[".csv"]),
        (&[&list, "--out", &list, "--force"], 2, &["list.csv", "a file of its own"]),
        (&[CITIES, &list, "--out", &list, "--force"], 2, &["list.csv", "a file of its own"]),
        (&[&one, "--out", &out], 65, &["one.txt", "at least 2 cities"]),
        (&[CITIES, &empty, "--out", &out], 65, &["empty.txt"]),
        (&[&empty, CITIES, "--out", &out], 65, &["empty.txt"]),
        (&["nowhere.txt", "--out", &out], 66, &["nowhere.txt"]),
        (&[CITIES, "--out", &there], 74, &["there.csv", "--force"]),
        (&[CITIES, "--out", "/nowhere/out.csv"], 74, &["/nowhere/out.csv"]),
        (&["-", "-", "--out", &out], 2, &["- twice"]),
        (&[CITIES, "--out", &out, "--radius-km", "0"], 2, &["--radius-km"]),
    ] {
        assert_error(&[&["each"], words].concat(), code, parts);
    }
    let csv = ["each", CITIES, "--out", &out, "--format", "csv"];
    Job::alone().run(&csv).expect_error(2, &["text or json of each"]);
    assert_eq!(folder.names(), ["empty.txt", "list.csv", "one.txt", "there.csv"]);
    assert_eq!(fs::read_to_string(&there).expect("it is there"), "old");
    Job::on_ranks(2).run(&["each", CAPITALS, "--out", &there, "--force"]).expect_ok();
    assert!(fs::read_to_string(&there).expect("it is there").starts_with("row,"));
}

#[test]
fn on_an_ellipsoid_the_lines_have_geodesics() {
    let wgs84 = Metric::wgs84();
    let pair = Job::alone().run(&["pair", CITIES, "--metric", "wgs84", "--format", "json"]);
    let pair = pair.expect_json();
    let words = [CITIES, "--metric", "wgs84"];
    let (alone, report) = written(&Job::alone(), &words, "csv");
    let facts = ["metric", "a_km", "inverse_flattening"].map(|key| &report[key]);
    assert_eq!(facts, [&json!("wgs84"), &json!(6378.137), &json!(298.257223563)]);
    assert!(report.get("radius_km").is_none());
    let greatest = &report["greatest"];
    let found = [&greatest["distance_km"], &greatest["pair"]];
    assert_eq!(found, [&pair["distance_km"], &pair["pair"]]);
    for record in records(&alone, b',') {
        let number = |field: usize| record[field].parse::<f64>().expect("a number");
        let [p, q] = [[2, 3], [6, 7]].map(|[lat, lon]| wgs84.vector(number(lat), number(lon)));
        assert_eq!(number(8).to_bits(), wgs84.distance_km(p, q).to_bits());
    }
    for job in jobs() {
        assert!(written(&job, &words, "csv").0 == alone, "{job:?}");
    }
    let folder = Folder::new();
    let words = ["each", CITIES, "--metric", "wgs84", "--out", &folder.file("out.csv")];
    let text = Job::alone().run(&words);
    assert!(
        text.expect_ok().contains("wgs84, a = 6378.137 km, 1/f = 298.257223563\n"),
        "{text:#?}"
    );
    let two = [&words[..], &["--radius-km", "1"]].concat();
    assert_error(&two, 2, &["--radius-km", "leave one"]);
}
