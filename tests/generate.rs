//! Proves that invented cities are the same for the same arguments everywhere, that they are spread
//! as their distribution says, and that a planted pair is what a search finds.

#![cfg(feature = "mpi")]

mod common;

use std::f64::consts::TAU;
use std::io::Cursor;
use std::path::Path;

use common::{Folder, Job};
use farthest::atlas::{self, AtlasBuffer};
use farthest::cities::CityList;
use farthest::driver::search;
use farthest::error::Error;
use farthest::formats::{ReadOptions, read};
use farthest::generate::{self, Distribution, Places, Recipe};
use farthest::kernel::Kernel;
use farthest::search::{Field, Method, Wanted};
use farthest::sphere::{
    HALF_CIRCUMFERENCE_KM, RESOLUTION_KM, UnitVector, distance_km, unit_vector,
};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use xxhash_rust::xxh3::xxh3_64;

const CAP: Distribution = Distribution::Cap { radius_km: 500.0 };

fn recipe(cities: u64, distribution: Distribution, seed: u64) -> Recipe {
    Recipe { cities, distribution, seed, plant: false }
}

fn planted(cities: u64, distribution: Distribution, seed: u64) -> Recipe {
    Recipe { plant: true, ..recipe(cities, distribution, seed) }
}

fn list(recipe: Recipe) -> CityList {
    generate::list(Places::new(recipe), true).expect("memory for a few cities")
}

fn packed(list: &CityList) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    atlas::write(list, &mut bytes).expect("memory takes it");
    bytes.into_inner()
}

fn text(recipe: Recipe, separator: char) -> Vec<u8> {
    let mut bytes = Vec::new();
    generate::write_text(Places::new(recipe), separator, true, &mut bytes)
        .expect("memory takes it");
    bytes
}

fn vectors(recipe: Recipe) -> Vec<UnitVector> {
    let vector = |place: generate::Place| {
        let c = place.coordinates();
        unit_vector(c.lat_deg(), c.lon_deg())
    };
    Places::new(recipe).map(vector).collect()
}

/// XXH3-64 of 1000 cities of seed 42, as text and packed. The former were taken from the first version,
/// the latter from the first writer of packed format 3. They stand for no truth but their own
/// constancy: a study that names its arguments can be repeated, on any machine. Only a generator or a
/// format that is meant to be new may change them.
const GOLDEN: [(Distribution, bool, [u64; 2]); 6] = [
    (Distribution::Uniform, false, [0xa4d9_61c0_d79b_7f4f, 0x9649_d3ec_69d4_a235]),
    (Distribution::Clustered, false, [0x9498_9642_0bf2_881a, 0xe268_9570_b7eb_c622]),
    (CAP, false, [0x3b84_4f98_033b_4d12, 0xaf6f_1f97_4788_2385]),
    (Distribution::Uniform, true, [0x6441_4b47_b540_ff30, 0xaffd_bcdc_8096_debc]),
    (Distribution::Clustered, true, [0xfd87_6a5f_ea6f_aaae, 0xabf7_3aba_213a_b1ab]),
    (CAP, true, [0xce3f_1c83_0327_7f90, 0xe9d0_e18b_5243_2190]),
];

#[test]
fn the_bytes_are_the_same_on_every_machine_and_for_ever() {
    let found = GOLDEN.map(|(distribution, plant, _)| {
        let recipe = Recipe { cities: 1000, distribution, seed: 42, plant };
        (distribution, plant, [xxh3_64(&text(recipe, ' ')), xxh3_64(&packed(&list(recipe)))])
    });
    assert_eq!(found, GOLDEN, "\nfound {found:#018x?}");
}

#[test]
fn the_same_arguments_give_the_same_bytes_and_others_do_not() {
    for distribution in [Distribution::Uniform, Distribution::Clustered, CAP] {
        for plant in [false, true] {
            let recipe = Recipe { cities: 300, distribution, seed: 7, plant };
            assert!(text(recipe, ',') == text(recipe, ','));
            assert!(packed(&list(recipe)) == packed(&list(recipe)));
            for seed in [0, 8, u64::MAX] {
                assert!(text(recipe, ',') != text(Recipe { seed, ..recipe }, ','));
            }
        }
    }
}

#[test]
fn text_then_packed_is_packed_directly() {
    let path = Path::new("generated");
    for distribution in [Distribution::Uniform, Distribution::Clustered, CAP] {
        for (cities, seed, plant) in [(2, 1, true), (65, 2, false), (3000, 3, true)] {
            let recipe = Recipe { cities, distribution, seed, plant };
            let directly = packed(&list(recipe));
            for (separator, header) in
                [(' ', ""), (',', "lat,lon,name\n"), ('\t', "lat\tlon\tname\n")]
            {
                let bytes = [header.as_bytes(), &text(recipe, separator)].concat();
                let reading = read(path, &bytes, &ReadOptions::default()).expect("a city list");
                assert!(packed(&reading.list) == directly, "{recipe:?} {separator:?}");
            }
        }
    }
}

#[test]
fn decimals_are_the_coordinates() {
    for distribution in [Distribution::Uniform, Distribution::Clustered, CAP] {
        for place in Places::new(recipe(20_000, distribution, 5)) {
            let [lat, lon] = place.decimals();
            let c = place.coordinates();
            assert_eq!([lat.parse(), lon.parse()], [Ok(c.lat_deg()), Ok(c.lon_deg())]);
            assert!((-90.0..=90.0).contains(&c.lat_deg()));
            assert!((-180.0..=180.0).contains(&c.lon_deg()));
            assert_eq!(lat.split_once('.').map(|(_, places)| places.len()), Some(7));
        }
    }
}

#[test]
fn rows_are_named_in_order_and_counted() {
    for cities in [0, 1, 2, 77] {
        let list = list(recipe(cities, Distribution::Uniform, 3));
        assert_eq!(list.len() as u64, cities);
        for row in 0..cities {
            assert_eq!(list.name(row as usize), format!("c{row}").as_bytes());
        }
    }
}

#[test]
fn a_cap_stays_within_its_radius() {
    for (radius_km, seed) in [(1.0, 1), (50.0, 2), (500.0, 3), (5000.0, 4), (10_000.0, 5)] {
        let distribution = Distribution::Cap { radius_km };
        let points = vectors(recipe(3000, distribution, seed));
        // The centre is not told: whatever it is, no two cities are farther apart than two radii,
        // and the ends of a planted diameter show it.
        let marked = Places::new(planted(2, distribution, seed)).planted().expect("planted");
        let [p, q] = marked.places.map(|place| {
            let c = place.coordinates();
            unit_vector(c.lat_deg(), c.lon_deg())
        });
        let centre = middle(p, q);
        let rounding_km = 2e-5;
        assert!((distance_km(p, q) - 2.0 * radius_km).abs() < rounding_km, "{radius_km}");
        let from_centre: Vec<f64> = points.iter().map(|&v| distance_km(centre, v)).collect();
        let farthest = from_centre.iter().copied().fold(0.0, f64::max);
        assert!(farthest <= radius_km + rounding_km, "{farthest} > {radius_km}");
        assert!(farthest > 0.97 * radius_km, "the cap is filled to its rim: {farthest}");
        // Evenly: half of the cities in the inner half of the area.
        let half_km = 2.0 * ((radius_km / 2.0 / 6371.0).sin() / 2_f64.sqrt()).asin() * 6371.0;
        let inner = from_centre.iter().filter(|&&km| km < half_km).count();
        assert!((1350..=1650).contains(&inner), "{inner} of 3000");
    }
}

/// The unit vector halfway between two that are not opposite.
fn middle(p: UnitVector, q: UnitVector) -> UnitVector {
    let sum = [p[0] + q[0], p[1] + q[1], p[2] + q[2]];
    let norm = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
    sum.map(|x| x / norm)
}

#[test]
fn a_planted_pair_is_what_a_search_finds() {
    let caps = [1.0, 500.0, 10_000.0].map(|radius_km| Distribution::Cap { radius_km });
    for distribution in [Distribution::Uniform, Distribution::Clustered].into_iter().chain(caps) {
        for (cities, seeds) in [(2, 0..20), (3, 0..20), (1000, 0..5)] {
            for seed in seeds {
                let recipe = planted(cities, distribution, seed);
                let expected = Places::new(recipe).planted().expect("planted");
                assert_eq!(expected.rows[0], 0);
                assert!(expected.rows[1] < cities);
                let buffer = AtlasBuffer::new(list(recipe));
                let atlas = buffer.atlas();
                let kernel = Kernel::choose(None).expect("there is always one");
                for method in [Method::Exhaustive, Method::Pruned] {
                    let found = search(
                        Field::within(&atlas.points()),
                        Wanted::default(),
                        method,
                        kernel,
                        0,
                        1,
                    )
                    .expect("sound");
                    let farthest = found.farthest().expect("two cities or more");
                    assert_eq!(farthest.rows, expected.rows, "{recipe:?}, {method:?}");
                }
                let places: Vec<_> = Places::new(recipe).collect();
                assert_eq!(expected.rows.map(|row| places[row as usize]), expected.places);
            }
        }
    }
}

#[test]
fn a_planted_pair_is_exactly_antipodal_and_has_no_rival() {
    let half_circumference_km = (HALF_CIRCUMFERENCE_KM / RESOLUTION_KM).round() * RESOLUTION_KM;
    for seed in 0..200 {
        for distribution in [Distribution::Uniform, Distribution::Clustered] {
            let marked = Places::new(planted(2, distribution, seed)).planted().expect("planted");
            let [p, q] = marked.places.map(|place| place.coordinates());
            assert_eq!(p.lat_deg(), -q.lat_deg());
            let [p, q] = [p, q].map(|c| unit_vector(c.lat_deg(), c.lon_deg()));
            assert_eq!(distance_km(p, q), half_circumference_km);
        }
    }
    // A kilometre is so small that many would come near the planted latitudes if they might.
    for seed in 0..5 {
        let recipe = planted(10_000, Distribution::Cap { radius_km: 1.0 }, seed);
        let marked = Places::new(recipe).planted().expect("planted");
        let lats = marked.places.map(|place| place.coordinates().lat_deg());
        for (place, row) in Places::new(recipe).zip(0..) {
            let lat = place.coordinates().lat_deg();
            let is_near = lats.iter().any(|planted| (planted - lat).abs() < 0.99e-5);
            assert_eq!(is_near, marked.rows.contains(&row), "seed {seed}, row {row}");
        }
    }
}

#[test]
fn planting_is_seen_only_where_it_is_asked_for() {
    assert!(Places::new(recipe(10, Distribution::Uniform, 1)).planted().is_none());
    let rows: Vec<u64> = (0..50)
        .map(|seed| Places::new(planted(1000, Distribution::Uniform, seed)).planted())
        .map(|planted| planted.expect("planted").rows[1])
        .collect();
    assert!(rows.iter().any(|&row| row < 300) && rows.iter().any(|&row| row > 700), "{rows:?}");
}

/// Cities in each of 18 × 36 cells of equal area.
fn cells(points: &[UnitVector]) -> Vec<u64> {
    let (bands, sectors) = (18, 36);
    let mut counts = vec![0; bands * sectors];
    for [x, y, z] in points {
        let share = |value: f64, cells: usize| ((value * cells as f64) as usize).min(cells - 1);
        let band = share((z + 1.0) / 2.0, bands);
        let sector = share(y.atan2(*x).rem_euclid(TAU) / TAU, sectors);
        counts[band * sectors + sector] += 1;
    }
    counts
}

fn chi_square(counts: &[u64]) -> f64 {
    let mean = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    counts.iter().map(|&count| (count as f64 - mean).powi(2) / mean).sum()
}

#[test]
fn uniform_is_uniform() {
    for seed in 0..5 {
        let chi_square = chi_square(&cells(&vectors(recipe(100_000, Distribution::Uniform, seed))));
        // 647 degrees of freedom: mean 647, standard deviation 36; six of them either way.
        assert!((431.0..863.0).contains(&chi_square), "seed {seed}: {chi_square}");
    }
}

/// Share of the cities that the fullest tenth of the cells holds.
fn share_of_fullest_tenth(points: &[UnitVector]) -> f64 {
    let mut counts = cells(points);
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let fullest: u64 = counts[..counts.len() / 10].iter().sum();
    fullest as f64 / points.len() as f64
}

/// Distances to the nearest other city in kilometres, in ascending order.
fn nearest_km(points: &[UnitVector]) -> Vec<f64> {
    let nearest = |i: usize| {
        let others = points.iter().enumerate().filter(|&(j, _)| j != i);
        others.map(|(_, &q)| distance_km(points[i], q)).fold(f64::INFINITY, f64::min)
    };
    let mut all: Vec<f64> = (0..points.len()).map(nearest).collect();
    all.sort_by(f64::total_cmp);
    all
}

#[test]
fn clustered_is_heavy_tailed_like_real_cities() {
    for seed in 0..3 {
        let uniform = vectors(recipe(20_000, Distribution::Uniform, seed));
        let clustered = vectors(recipe(20_000, Distribution::Clustered, seed));
        let (even, uneven) = (share_of_fullest_tenth(&uniform), share_of_fullest_tenth(&clustered));
        assert!(even < 0.2 && uneven > 0.5, "seed {seed}: {even} and {uneven}");
        let counts = cells(&clustered);
        assert!(counts.iter().filter(|&&count| count == 0).count() > counts.len() / 10);

        // Most neighbours are far nearer than in an even spread, a few are as far and farther.
        let even = nearest_km(&uniform[..3000]);
        let uneven = nearest_km(&clustered[..3000]);
        assert!(uneven[1500] < even[1500] / 3.0, "{} and {}", uneven[1500], even[1500]);
        let spread = |sorted: &[f64]| sorted[2970] / sorted[1500].max(1e-3);
        assert!(spread(&uneven) > 3.0 * spread(&even), "{} {}", spread(&uneven), spread(&even));
    }
}

/// The cities from a row on, by skipping; in two steps, so that a skip begins amid the rows too.
fn skipped(recipe: Recipe, row: u64, count: usize) -> Vec<generate::Place> {
    let mut places = Places::new(recipe);
    places.skip_to(row / 3);
    places.skip_to(row);
    places.take(count).collect()
}

#[test]
fn skipping_to_a_row_is_walking_there() {
    for distribution in [Distribution::Uniform, Distribution::Clustered, CAP] {
        for (plant, seed) in [(false, 1), (true, 2), (true, 3)] {
            let recipe = Recipe { cities: 600, distribution, seed, plant };
            let all: Vec<_> = Places::new(recipe).collect();
            for row in 0..=600 {
                assert_eq!(skipped(recipe, row, 2), all[row as usize..600.min(row as usize + 2)]);
            }
        }
    }
}

/// How many of the draws on the sphere come near to a planted latitude, counted anew: two random numbers for a
/// centre, two for the planted pair and one for its row are before them.
fn rivals(recipe: Recipe) -> usize {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(recipe.seed);
    let mut unit = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    (0..5).for_each(|_| {
        unit();
    });
    let planted = Places::new(recipe).planted().expect("planted").places;
    let lat = planted[0].coordinates().lat_deg().abs();
    let draws = (0..recipe.cities - 2).map(|_| [unit(), unit()]);
    let near = |sine: f64| (sine.asin().to_degrees().abs() - lat).abs() < 0.99e-5;
    draws.filter(|[u, _]| near(2.0 * u - 1.0)).count()
}

/// A city that comes near to a planted latitude is drawn again, which shifts all draws behind it. In a small cap
/// it happens often; the seeds of the others were searched for.
#[test]
fn skipping_over_cities_that_are_drawn_again_is_walking() {
    for seed in [251, 295, 349, 383] {
        let recipe = planted(40_000, Distribution::Uniform, seed);
        assert!(rivals(recipe) > 0, "no city of seed {seed} is drawn again");
        let all: Vec<_> = Places::new(recipe).collect();
        for row in (0..40_000).step_by(997).chain([39_999]) {
            assert_eq!(skipped(recipe, row, 3), all[row as usize..40_000.min(row as usize + 3)]);
        }
    }
    let small = Distribution::Cap { radius_km: 1.0 };
    for (distribution, seed) in [(small, 1), (small, 2), (Distribution::Clustered, 1295)] {
        let recipe = planted(40_000, distribution, seed);
        let all: Vec<_> = Places::new(recipe).take(5000).collect();
        for row in (0..4990).step_by(499) {
            assert_eq!(skipped(recipe, row, 3), all[row as usize..row as usize + 3]);
        }
    }
}

#[test]
fn batches_of_some_rows_are_these_rows() {
    let cities = 2 * generate::BATCH_CITIES + 5;
    for plant in [false, true] {
        let recipe = Recipe { cities, distribution: Distribution::Uniform, seed: 9, plant };
        let all = list(recipe);
        for rows in [0..cities, 0..0, 1..2, 4095..4098, 70..cities, cities..cities] {
            for with_names in [false, true] {
                let mut next = 0;
                let mut look = |batch: &CityList| {
                    assert!((1..=generate::BATCH_CITIES as usize).contains(&batch.len()));
                    for city in 0..batch.len() {
                        assert_eq!(batch.row(city), next);
                        let whole = (rows.start + next) as usize;
                        assert_eq!(batch.degrees(city), all.degrees(whole));
                        let name = if with_names { all.name(whole) } else { b"" };
                        assert_eq!(batch.name(city), name);
                        next += 1;
                    }
                    Ok(())
                };
                generate::batches(recipe, rows.clone(), with_names, &mut look).expect("looked at");
                assert_eq!(next, rows.end - rows.start);
            }
        }
    }
}

#[test]
fn a_batch_that_is_refused_is_the_last() {
    let mut looks = 0;
    let mut refuse = |_: &CityList| {
        looks += 1;
        Err(Error::Usage { message: "enough".into() })
    };
    let recipe = recipe(20_000, Distribution::Uniform, 1);
    generate::batches(recipe, 0..20_000, true, &mut refuse).expect_err("refused");
    assert_eq!(looks, 1);
}

/// The same places, as text with a header and packed; lines of two numbers would not say which is which.
#[test]
fn cities_without_names_are_the_same_places() {
    let folder = Folder::new();
    let file = |name: &str| folder.file(name);
    for (name, header) in [("a.tsv", "lat\tlon\n"), ("a.csv", "lat,lon\n"), ("a.cities", "")] {
        let arguments = ["generate", "300", &file(name), "--no-names", "--plant"];
        let outcome = Job::alone().run(&arguments);
        let said = outcome.expect_ok();
        assert!(said.contains("row 0 (") && !said.contains("c0"), "{said}");
        let text =
            String::from_utf8_lossy(&std::fs::read(file(name)).expect("written")).into_owned();
        assert!(text.starts_with(header) && !text.contains("c1"), "{name}");
        assert!(header.is_empty() || text.lines().count() == 301, "{name}");
    }
    for (text, packed) in [("a.tsv", "b.cities"), ("a.csv", "c.cities")] {
        Job::alone().run(&["pack", &file(text), &file(packed)]).expect_ok();
        let bytes = |name| std::fs::read(file(name)).expect("written");
        assert!(bytes(packed) == bytes("a.cities"), "{text}");
    }
    let lines = file("a.txt");
    let parts = ["--no-names", "'lat lon name'", ".tsv, .csv or .cities"];
    Job::alone().run(&["generate", "300", &lines, "--no-names"]).expect_error(2, &parts);
    assert!(!folder.names().contains(&"a.txt".to_string()));
}
