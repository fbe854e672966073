//! `--map`: what stands on the page, in numbers; the same bytes on any number of ranks, whole or not at all; and
//! another renderer, which sees what ours does.
//!
//! A picture is read as a page here: every number in it is a place on the page, and no two words overlap. Whether it is
//! handsome a test cannot tell.

#![cfg(feature = "mpi")]

mod common;

use std::fmt::Write;
use std::fs;
use std::process::Command;

use common::{Folder, Job, Random, SOME_RANKS, assert_error, left_out, pack};
use farthest::picture::{Azimuthal, Place, True, WORLD_REACH, equal_earth, land_around, words};
use resvg::tiny_skia::Pixmap;
use roxmltree::{Document, Node};

const CITIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/cities15000.tsv");
const CAPITALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/capitals.txt");

/// The picture that a command draws beside its answer.
fn drawn(job: &Job, words: &[&str], extension: &str) -> Vec<u8> {
    let folder = Folder::new();
    let file = folder.file(&format!("map.{extension}"));
    job.run(&[words, &["--map", &file, "--format", "json"]].concat()).expect_json();
    fs::read(&file).expect("it is written")
}

fn svg(words: &[&str]) -> String {
    String::from_utf8(drawn(&Job::alone(), words, "svg")).expect("UTF-8")
}

/// A rectangle: left, top, right, bottom.
type Room = [f64; 4];

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    let text = node.attribute(name).unwrap_or_else(|| panic!("{name} of {node:?}"));
    text.parse().unwrap_or_else(|_| panic!("{name}={text}"))
}

/// The room of the words of an element.
fn room_of_words(node: Node<'_, '_>) -> Room {
    let [x, y, size] = ["x", "y", "font-size"].map(|name| number(node, name));
    let width = words::width(node.text().unwrap_or_default(), size);
    let left = match node.attribute("text-anchor") {
        Some("middle") => x - 0.5 * width,
        Some("end") => x - width,
        _ => x,
    };
    [left, y - 0.74 * size, left + width, y + 0.22 * size]
}

/// The positions of the data of a path: M and L with places, h and v with steps, z.
fn positions(data: &str) -> Vec<[f64; 2]> {
    let mut positions = Vec::new();
    let mut rest = data;
    let mut at = [0.0, 0.0];
    while let Some(letter) = rest.chars().next() {
        let end =
            rest[1..].find(|c: char| c.is_ascii_alphabetic()).map_or(rest.len(), |end| end + 1);
        let numbers: Vec<f64> = rest[1..end]
            .split(' ')
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().expect(text))
            .collect();
        match (letter, &numbers[..]) {
            ('M' | 'L', &[x, y]) => at = [x, y],
            ('h', &[step]) => at[0] += step,
            ('v', &[step]) => at[1] += step,
            ('z' | 'Z', []) => {}
            _ => panic!("{letter} with {numbers:?}"),
        }
        positions.push(at);
        rest = &rest[end..];
    }
    positions
}

/// Asserts that all of a picture is on its page, and that no words are over others; gives the words.
fn assert_page(svg: &str) -> Vec<String> {
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "a number that is none");
    let document = Document::parse(svg).expect("SVG is XML");
    let root = document.root_element();
    let page = [0.0, 0.0, number(root, "width"), number(root, "height")];
    let holds = |[left, top, right, bottom]: Room| {
        let most = 0.6;
        left >= -most && top >= -most && right <= page[2] + most && bottom <= page[3] + most
    };
    let mut rooms: Vec<(Room, &str)> = Vec::new();
    for node in root.descendants() {
        match node.tag_name().name() {
            "path" => {
                for [x, y] in positions(node.attribute("d").expect("data")) {
                    assert!(holds([x, y, x, y]), "{x} {y} of {:?}", node.attribute("class"));
                }
            }
            "circle" => {
                let [x, y, r] = ["cx", "cy", "r"].map(|name| number(node, name));
                assert!(holds([x - r, y - r, x + r, y + r]), "{node:?}");
            }
            "rect" if node.attribute("x").is_some() => {
                let [x, y] = ["x", "y"].map(|name| number(node, name));
                let [width, height] = ["width", "height"].map(|name| number(node, name));
                assert!(holds([x, y, x + width, y + height]), "{node:?}");
            }
            "text" => {
                let (room, words) = (room_of_words(node), node.text().unwrap_or_default());
                assert!(holds(room), "{words} at {room:?}");
                let meets = |other: &Room| {
                    room[0] < other[2]
                        && other[0] < room[2]
                        && room[1] < other[3]
                        && other[1] < room[3]
                };
                let other = rooms.iter().find(|(other, _)| meets(other));
                assert!(other.is_none(), "{words} at {room:?} over {other:?}");
                rooms.push((room, words));
            }
            _ => {}
        }
    }
    rooms.into_iter().map(|(_, words)| words.to_string()).collect()
}

fn has(svg: &str, class: &str) -> bool {
    svg.contains(&format!("class=\"{class}\""))
}

/// A list with lines `lat,lon,name`.
fn list(folder: &Folder, name: &str, cities: &[(f64, f64, String)]) -> String {
    let mut text = String::from("lat,lon,name\n");
    for (lat, lon, name) in cities {
        let _ = writeln!(text, "{lat},{lon},\"{name}\"");
    }
    folder.write(name, text)
}

/// Cities around a place.
fn around(lat: f64, lon: f64, radius_deg: f64, many: u64) -> Vec<(f64, f64, String)> {
    let mut random = Random::new(many);
    let mut part = || radius_deg * (2.0 * random.unit() - 1.0);
    let turn = |lon: f64| lon - 360.0 * ((lon + 180.0) / 360.0).floor();
    (0..many)
        .map(|at| ((lat + part()).clamp(-90.0, 90.0), turn(lon + part()), format!("city {at}")))
        .collect()
}

#[test]
fn everything_is_on_the_page_and_no_words_are_over_others() {
    let folder = Folder::new();
    let one = |name: &str, cities: &[(f64, f64, String)]| list(&folder, name, cities);
    let poles = [
        (90.0, 0.0),
        (-90.0, 0.0),
        (89.9, 170.0),
        (-89.5, -170.0),
        (80.0, 179.99),
        (-80.0, -179.99),
    ];
    let poles: Vec<_> =
        (0..).zip(poles).map(|(at, (lat, lon))| (lat, lon, format!("pole {at}"))).collect();
    let long: Vec<_> = ["W", "ж", "東", "م", "ก", "<&"]
        .iter()
        .enumerate()
        .map(|(at, letter)| (-80.0 + 30.0 * at as f64, 179.9 - 60.0 * at as f64, letter.repeat(60)))
        .collect();
    let copies = vec![(48.85, 2.35, "Paris".to_string()); 40];
    let lists = [
        one("poles.csv", &poles),
        one("long.csv", &long),
        one("copies.csv", &copies),
        one("ends.csv", &[(10.0, 20.0, "one".into()), (-10.0, 200.0, "other".into())]),
        one("two.csv", &[(60.17, 24.94, "Helsinki".into()), (59.91, 10.75, "Oslo".into())]),
        one("islands.csv", &around(-15.0, 180.0, 9.0, 300)),
        one("arctic.csv", &around(89.0, 0.0, 8.0, 50)),
        one("street.csv", &around(48.8566, 2.3522, 0.01, 400)),
        one(
            "nameless.csv",
            &[(1.0, 2.0, String::new()), (3.0, 4.0, String::new()), (5.0, 6.0, String::new())],
        ),
        CITIES.to_string(),
    ];
    for file in &lists {
        for question in
            [&[][..], &["--top", "10", "--unit", "mi"], &["--top", "1000"], &["--metric", "wgs84"]]
        {
            let words = assert_page(&svg(&[&["pair", file], question].concat()));
            assert!(words.iter().any(|words| words.contains("Natural Earth")), "{words:?}");
        }
        let out = folder.file("out.csv");
        let picture = svg(&["each", file, "--out", &out, "--force"]);
        assert_page(&picture);
        assert!(has(&picture, "centre"), "{file}");
    }
    for two in lists.windows(2) {
        assert_page(&svg(&["pair", &two[0], &two[1]]));
        assert_page(&svg(&["pair", &two[0], &two[1], "--top", "7"]));
        let out = folder.file("out.tsv");
        assert_page(&svg(&["each", &two[0], &two[1], "--out", &out, "--force"]));
    }
}

#[test]
fn it_tells_the_answer() {
    let picture = svg(&["pair", CITIES]);
    let told = assert_page(&picture);
    let tells = |told: &[String], words: &str| told.iter().any(|told| told.contains(words));
    for words in [
        "20014.361 km",
        "Las Varillas, AR – Hefei, CN",
        "the farthest of 34006 cities (cities15000.tsv) · sphere, R = 6371 km",
        "Hemisphere around the antipode of",
        "0.725 km from the antipode:",
        "every direction is as short, to a line's width",
        "cities in 10000 km²",
    ] {
        assert!(tells(&told, words), "{words} in {told:?}");
    }
    for class in ["land", "graticule", "cities", "ways", "marks", "labels", "rings"] {
        assert!(has(&picture, class), "{class}");
    }
    let told = assert_page(&svg(&["pair", CITIES, "--top", "1000"]));
    assert!(tells(
        &told,
        "Drawn: all 1000 pairs. Numbered on the map: 10. Listed: the 10 farthest."
    ));
    assert!(tells(&told, "Ovalle, CL – Baitu, CN"));
    let told = assert_page(&svg(&["pair", CITIES, "--metric", "wgs84", "--unit", "mi"]));
    assert!(tells(&told, "ellipsoid wgs84") && tells(&told, " mi from the antipode:"), "{told:?}");
    let told = assert_page(&svg(&["pair", CAPITALS, CITIES, "--radius-km", "1737.4"]));
    assert!(
        tells(&told, "R = 1737.4 km") && tells(&told, "capitals.txt: a dot is a city"),
        "{told:?}"
    );
}

/// The README shows what the program draws.
#[test]
fn the_picture_in_the_readme_is_the_one_that_is_drawn() {
    let shown = include_str!("../data/cities15000.svg");
    assert!(svg(&["pair", CITIES]) == shown, "draw data/cities15000.svg again (data/README.md)");
}

#[test]
fn a_map_of_each_has_the_distances_of_its_report() {
    let folder = Folder::new();
    let out = folder.file("out.csv");
    for (words, ends) in [
        (&[][..], ["16272.217 km", "20014.361 km"]),
        (&["--unit", "mi"], ["10111.087 mi", "12436.348 mi"]),
        (&["--radius-km", "1737.4"], ["4437.506 km", "5458.005 km"]),
    ] {
        let told =
            assert_page(&svg(&[&["each", CITIES, "--out", &out, "--force"], words].concat()));
        assert!(told.contains(&ends.join(" to ")), "{told:?}");
        assert!(ends.iter().all(|end| told.iter().any(|told| told == end)), "{told:?}");
        assert!(told.iter().any(|told| told == "centre: Velikiy Ustyug, RU"), "{told:?}");
    }
}

#[test]
fn antipodes_have_circles_and_no_way_that_is_one_of_many() {
    let folder = Folder::new();
    let file = folder.write("list.csv", "lat,lon,name\n10,20,a\n-10,200,b\n0,0,c\n");
    for (metric, words, ways) in [
        ("sphere", "Circles: every direction is as short", 0),
        ("wgs84", "Circles: over the south pole is as short", 1),
    ] {
        let picture = svg(&["pair", &file, "--metric", metric]);
        assert!(assert_page(&picture).iter().any(|told| told == words));
        let document = Document::parse(&picture).expect("XML");
        let groups = document.descendants().filter(|node| node.attribute("class") == Some("ways"));
        let lines = groups.map(|group| {
            usize::from(group.has_children() && group.children().any(|node| node.is_element()))
        });
        // On the world and on both hemispheres.
        assert_eq!(lines.collect::<Vec<_>>(), [ways; 3], "{metric}");
    }
}

#[test]
fn the_bytes_are_the_same_on_any_number_of_ranks_and_packed() {
    let folder = Folder::new();
    let street = list(&folder, "street.csv", &around(48.8566, 2.3522, 0.01, 4000));
    fs::copy(CITIES, folder.file("world.tsv")).expect("a copy");
    let packed = [pack(&folder.file("world.tsv")), pack(&street)];
    // The name of the file is on the page.
    let lists = [folder.file("world.tsv"), street];
    for (text, packed) in lists.iter().zip(packed) {
        let same_name = folder.file("packed/") + text.rsplit('/').next().expect("a name");
        fs::create_dir_all(folder.file("packed")).expect("a folder");
        fs::copy(packed, &same_name).expect("a copy");
        let out = folder.file("far.csv");
        for command in [&["pair"][..], &["pair", "--top", "3"], &["each", "--out", &out, "--force"]]
        {
            for extension in ["svg", "png"] {
                let alone = drawn(&Job::alone(), &[command, &[text]].concat(), extension);
                assert!(alone.len() > 10_000);
                for job in [Job::alone(), Job::on_ranks(2), Job::on_ranks(SOME_RANKS)] {
                    let job = job.with("FARTHEST_RANKS_ON_NODE", "2");
                    for file in [text, &same_name] {
                        assert!(
                            drawn(&job, &[command, &[file]].concat(), extension) == alone,
                            "{command:?} {file}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn the_answer_is_what_it_is_without_a_map_by_every_method() {
    let folder = Folder::new();
    let file = folder.write("list.csv", "lat,lon,name\n10,20,a\n-10,190,b\n0,0,c\n50,60,d\n");
    let checkpoint = folder.file("checkpoint");
    for words in [
        &["--format", "csv"][..],
        &["--format", "csv", "--method", "naive"],
        &["--format", "csv", "--dist", "scatter"],
        &["--format", "csv", "--method", "exhaustive", "--checkpoint", &checkpoint],
    ] {
        let words = [&["pair", &file], words].concat();
        let map = folder.file("map.svg");
        let plain = Job::on_ranks(2).run(&words).expect_ok().to_string();
        let drawn = Job::on_ranks(2).run(&[&words[..], &["--map", &map, "--force"]].concat());
        assert_eq!(drawn.expect_ok(), plain, "{words:?}");
        assert_page(&fs::read_to_string(&map).expect("a map"));
    }
}

#[test]
fn wrong_files_are_told_before_the_search_and_nothing_is_left() {
    let folder = Folder::new();
    let list = folder.write("list.csv", "lat,lon\n1,2\n3,4\n");
    let there = folder.write("there.svg", "old");
    let [out, svg] = ["out.csv", "out.svg"].map(|name| folder.file(name));
    let pair = |words: &[&str], code, parts: &[&str]| {
        assert_error(&[&["pair"], words].concat(), code, parts)
    };
    pair(&[CITIES, "--map", "out.pdf"], 2, &["out.pdf", ".svg or .png", "--map"]);
    pair(&[CITIES, "--map", "svg"], 2, &[".svg or .png"]);
    pair(&[CITIES, "--map", &there], 74, &["there.svg", "--force"]);
    pair(&[CITIES, "--map", &svg, "--geojson", &svg], 2, &["a file of its own"]);
    pair(&[CITIES, "--map", &svg, "--checkpoint", &svg], 2, &["a file of its own"]);
    pair(&[CITIES, "--map", "/nowhere/out.png"], 74, &["/nowhere/out.png"]);
    let link = folder.file("list.svg");
    std::os::unix::fs::symlink(&list, &link).expect("a link");
    pair(&[&list, "--map", &link, "--force"], 2, &["a file of its own"]);
    for (map, code, part) in [(&there, 74, "--force"), (&link, 2, "a file of its own")] {
        let words = ["each", &list, "--out", &out, "--map", map];
        Job::on_ranks(2).run(&words).expect_error(code, &[part]);
    }
    let each = ["each", &list, "--out", &svg.replace(".svg", ".csv"), "--map", "out.gif"];
    Job::alone().run(&each).expect_error(2, &[".svg or .png"]);
    // Of a search that was stopped there is no answer to draw.
    let stopped = ["pair", CITIES, "--method", "naive", "--max-seconds", "0.001", "--map", &svg];
    assert_eq!(Job::on_ranks(2).run(&stopped).code, 75);
    assert_eq!(folder.names(), ["list.csv", "list.svg", "there.svg"]);
    assert_eq!(fs::read_to_string(&there).expect("it is there"), "old");
    Job::on_ranks(2).run(&["pair", CITIES, "--map", &there, "--force"]).expect_ok();
    assert!(fs::read_to_string(&there).expect("it is there").starts_with("<svg"));
}

/// The part of the pixels that are nearly of a colour.
fn part_of(picture: &Pixmap, color: [u8; 3]) -> f64 {
    let is_near = |pixel: &&resvg::tiny_skia::PremultipliedColorU8| {
        let channels = [pixel.red(), pixel.green(), pixel.blue()];
        channels.iter().zip(color).all(|(&a, b)| a.abs_diff(b) <= 12)
    };
    picture.pixels().iter().filter(is_near).count() as f64 / picture.pixels().len() as f64
}

#[test]
fn another_renderer_sees_the_same() {
    let folder = Folder::new();
    let (svg, png, other) =
        (folder.file("map.svg"), folder.file("map.png"), folder.file("other.png"));
    for words in
        [&["pair", CITIES][..], &["pair", CITIES, "--top", "10"], &["pair", CAPITALS, CITIES]]
    {
        for file in [&svg, &png] {
            Job::alone().run(&[words, &["--map", file, "--force", "--quiet"]].concat()).expect_ok();
        }
        let ours = Pixmap::load_png(&png).expect("PNG");
        assert_eq!(ours.width(), 2400);
        let done = Command::new("rsvg-convert").args(["-w", "2400", "-o", &other, &svg]).status();
        match done {
            Ok(status) => assert!(status.success()),
            Err(error) => {
                return left_out("other", &format!("rsvg-convert did not start: {error}"));
            }
        }
        let theirs = Pixmap::load_png(&other).expect("PNG");
        let size = |picture: &Pixmap| [picture.width(), picture.height()];
        assert_eq!(size(&ours), size(&theirs));
        // Paper, sea, land, and the lines and marks of the pairs.
        for color in [[255, 255, 255], [243, 246, 249], [221, 219, 212], [213, 94, 0]] {
            let [mine, other] = [&ours, &theirs].map(|picture| part_of(picture, color));
            assert!(
                (mine - other).abs() <= 0.002 + 0.03 * mine,
                "{words:?} {color:?}: {mine} {other}"
            );
        }
    }
}

/// The corners are those that PROJ's cs2cs gives for EPSG:8857, Equal Earth on the sphere with the area of WGS84.
#[test]
fn the_projection_is_equal_earth_and_areas_are_true() {
    const AUTHALIC_M: f64 = 6_371_007.180_918_475;
    for (place, expected) in [
        ([0.0, 180.0], [17243959.06, 0.0]),
        ([90.0, 180.0], [10216474.79, 8392927.60]),
        ([90.0, 0.0], [0.0, 8392927.60]),
        ([-90.0, 0.0], [0.0, -8392927.60]),
    ] {
        let found = equal_earth(place).map(|part| part * AUTHALIC_M);
        assert!((0..2).all(|axis| (found[axis] - expected[axis]).abs() < 0.01), "{found:?}");
    }
    assert!((equal_earth([0.0, 180.0])[0] - WORLD_REACH[0]).abs() < 1e-12);
    assert!((equal_earth([90.0, 0.0])[1] - WORLD_REACH[1]).abs() < 1e-12);
    let azimuthal = Azimuthal::new([40.0, -100.0], True::Areas);
    let mut random = Random::new(7);
    for _ in 0..2000 {
        let place = [170.0 * (random.unit() - 0.5), 360.0 * (random.unit() - 0.5)];
        let is_behind = azimuthal.polar(place).0 > 3.0;
        let maps: [&dyn Fn(Place) -> [f64; 2]; 2] = [&equal_earth, &|place| azimuthal.place(place)];
        for map in &maps[..if is_behind { 1 } else { 2 }] {
            let step = 1e-4;
            let part = |axis: usize| {
                let moved = |by: f64| {
                    let mut place = place;
                    place[axis] += by;
                    map(place)
                };
                let (ahead, behind) = (moved(step), moved(-step));
                [0, 1].map(|of| (ahead[of] - behind[of]) / (2.0 * step).to_radians())
            };
            let [of_lat, of_lon] = [part(0), part(1)];
            let area = (of_lon[0] * of_lat[1] - of_lon[1] * of_lat[0]).abs();
            let expected = place[0].to_radians().cos();
            assert!((area - expected).abs() < 1e-6, "{place:?}: {area} {expected}");
        }
    }
}

#[test]
fn land_is_land_on_a_map_around_any_place() {
    const LAND: [Place; 10] = [
        [23.0, 10.0],
        [62.0, 100.0],
        [-10.0, -55.0],
        [-80.0, 60.0],
        [-25.0, 135.0],
        [38.0, -98.0],
        [72.0, -40.0],
        [67.0, -179.0],
        [-88.0, 170.0],
        [20.0, 78.0],
    ];
    const SEA: [Place; 9] = [
        [0.0, -150.0],
        [30.0, -45.0],
        [-20.0, 80.0],
        [88.0, 0.0],
        [42.0, 51.0],
        [-60.0, -150.0],
        [5.0, 180.0],
        [35.0, 18.0],
        [-40.0, -20.0],
    ];
    let mut random = Random::new(3);
    for step in 0..400 {
        let centre = match step {
            0 => [90.0, 0.0],
            1 => [-90.0, 0.0],
            2 => [0.0, 180.0],
            3 => [0.0, 90.0],
            step if step % 3 == 0 => LAND[step % LAND.len()],
            _ => [180.0 * (random.unit() - 0.5), 360.0 * (random.unit() - 0.5)],
        };
        let map = Azimuthal::new(centre, True::Distances);
        for rim in [0.4, 1.55, 2.2] {
            let lines = land_around(&map, rim);
            let places = LAND
                .iter()
                .map(|place| (place, true))
                .chain(SEA.iter().map(|place| (place, false)));
            for (place, is_land) in places.filter(|(place, _)| map.polar(**place).0 < 0.97 * rim) {
                let [x, y] = map.place(*place);
                let crossings = lines.iter().flat_map(|line| {
                    (0..line.len()).filter(move |&at| {
                        let (a, b) = (line[at], line[(at + 1) % line.len()]);
                        (a[1] > y) != (b[1] > y)
                            && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
                    })
                });
                assert_eq!(
                    crossings.count() % 2 == 1,
                    is_land,
                    "{place:?} around {centre:?} within {rim}"
                );
            }
        }
    }
}
