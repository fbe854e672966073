//! Packed files, changed in many ways, with all checksums made right again: only a forger does that, or another
//! program that writes them wrongly.
//!
//! With `--verify` none is accepted that is no list of cities, or has another farthest pair than a plain loop over
//! its degrees finds. Without it there is no panic and no hang, all pairs are covered, and an answer that is given
//! has the distance of its two cities. The judge reads the file by itself, as `FORMAT.md` says.

mod changes;
mod file;
mod judge;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use farthest::atlas::{Atlas, write};
use farthest::cities::{CityList, Coordinates};
use farthest::commands::sound::find_unsound;
use farthest::driver::search;
use farthest::kernel::Kernel;
use farthest::metric::Metric;
use farthest::pairs::Pairing;
use farthest::search::{Damage, Field, Method, ShareResult, Wanted, haversine_km};
use farthest::sphere::{distance_km, unit_vector};

use super::common::Random;
use super::harness::{Target, attack, require};
use changes::mutate;
use file::File;

// ---- What is kept ----

/// Packed files under attack.
struct Packed {
    seeds: Vec<Vec<u8>>,
    /// The answers of the seeds, as far as they were asked for.
    answers: Vec<OnceLock<(f64, [u64; 2])>>,
    kernel: Kernel,
    opened: AtomicU64,
    verified: AtomicU64,
}

/// A file and the numbers of what is done to it.
#[derive(Clone, Debug)]
struct Case {
    seed: usize,
    mutations: Vec<u64>,
    method: Method,
}

impl Case {
    fn build(&self, seeds: &[Vec<u8>]) -> (File, Vec<String>) {
        let mut file = File::new(&seeds[self.seed]);
        let mutations = self.mutations.iter();
        let told = mutations.map(|&number| mutate(&mut file, &mut Random::new(number))).collect();
        file.repair();
        (file, told)
    }
}

impl Packed {
    fn new(seeds: Vec<Vec<u8>>) -> Packed {
        Packed {
            answers: seeds.iter().map(|_| OnceLock::new()).collect(),
            seeds,
            kernel: Kernel::choose(None).expect("there is always one"),
            opened: AtomicU64::new(0),
            verified: AtomicU64::new(0),
        }
    }

    /// The farthest pair of a file that was made of a seed. Where it has the same cities in the same order it is the
    /// same.
    fn farthest(&self, seed: usize, file: &File) -> (f64, [u64; 2]) {
        let sound = File::new(&self.seeds[seed]);
        let of = |file: &File| judge::farthest(&judge::degrees_of(file), &judge::rows_of(file));
        let columns = |file: &File| {
            let bits = |place: [f64; 2]| place.map(f64::to_bits);
            let degrees: Vec<_> = judge::degrees_of(file).into_iter().map(bits).collect();
            (degrees, judge::rows_of(file))
        };
        match columns(file) == columns(&sound) {
            true => *self.answers[seed].get_or_init(|| of(&sound)),
            false => of(file),
        }
    }
}

impl Target for Packed {
    type Case = Case;

    fn case(&self, number: u64) -> Case {
        let mut random = Random::new(number);
        // The last one is large.
        let seeds = if random.below(500) == 0 { self.seeds.len() } else { self.seeds.len() - 1 };
        let seed = if seeds == self.seeds.len() { seeds - 1 } else { random.below(seeds) };
        let count = 1 + random.below(3) / 2 + random.below(12) / 11 * 3;
        let mutations = (0..count).map(|_| random.bits()).collect();
        let methods = [Method::Naive, Method::Exhaustive, Method::Join, Method::Tree];
        Case { seed, mutations, method: random.one_of(&methods) }
    }

    fn check(&self, case: &Case) -> Result<(), String> {
        let (file, _) = case.build(&self.seeds);
        let Ok(atlas) = Atlas::open(file.bytes()) else { return Ok(()) };
        self.opened.fetch_add(1, Ordering::Relaxed);
        // The others may look at every pair, which takes too long where there are many cities.
        let methods = [Method::Pruned, case.method];
        let is_large = case.seed == self.seeds.len() - 1;
        let methods = if is_large { &methods[..1] } else { &methods[..] };
        let answers: Vec<_> = methods
            .iter()
            .map(|&method| {
                (
                    method,
                    search(
                        Field::within(&atlas.points()),
                        Wanted::default(),
                        method,
                        self.kernel,
                        0,
                        1,
                    ),
                )
            })
            .collect();
        for (method, found) in &answers {
            check_answer(&file, &atlas, *method, found)?;
        }
        if atlas.verify().is_err() {
            return Ok(());
        }
        self.verified.fetch_add(1, Ordering::Relaxed);
        if let Some(why) = judge::invalid(&file) {
            return Err(format!("verified, and an invalid list: {why}"));
        }
        if atlas.cities() < 2 {
            return Ok(());
        }
        let expected = self.farthest(case.seed, &file);
        for (method, found) in answers.iter().filter(|(method, _)| *method != Method::Naive) {
            let found =
                found.as_ref().map_err(|error| format!("verified, and refused; {error}"))?;
            let pair = found.farthest().map(|pair| (pair.distance_km, pair.rows));
            require(pair == Some(expected), || {
                format!("verified, and a wrong pair by {method:?}; {pair:?}, not {expected:?}")
            })?;
        }
        Ok(())
    }

    fn shown(&self, mut case: Case, fails: &dyn Fn(&Case) -> bool) -> String {
        let mut at = 0;
        while at < case.mutations.len() && case.mutations.len() > 1 {
            let mut fewer = case.clone();
            fewer.mutations.remove(at);
            if fails(&fewer) {
                case = fewer;
            } else {
                at += 1;
            }
        }
        format!("{case:?}: {:?}", case.build(&self.seeds).1)
    }
}

/// What is kept without `--verify`: an error, or an answer of all pairs whose distance is that of its two cities.
fn check_answer(
    file: &File,
    atlas: &Atlas<'_>,
    method: Method,
    found: &Result<ShareResult, Damage>,
) -> Result<(), String> {
    let Ok(found) = found else { return Ok(()) };
    let n = atlas.cities() as u128;
    require(found.covered == n * n.saturating_sub(1) / 2, || {
        format!("another number of pairs covered; {} of {n} cities", found.covered)
    })?;
    let Some(pair) = found.farthest() else { return Ok(()) };
    if find_unsound(&[*atlas; 2], Pairing::Within, method, &Metric::Sphere, &pair).is_some() {
        return Ok(());
    }
    let degrees = judge::degrees_of(file);
    let [p, q] = pair.positions.map(|position| degrees[position as usize]);
    let expected = match method {
        Method::Naive => haversine_km((p[0], p[1]), (q[0], q[1])),
        _ => distance_km(unit_vector(p[0], p[1]), unit_vector(q[0], q[1])),
    };
    require(expected.to_bits() == pair.distance_km.to_bits(), || {
        format!("a wrong distance by {method:?}; {} km, not {expected}", pair.distance_km)
    })
}

// ---- Sound files ----

fn packed(list: &CityList) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(list, &mut bytes).expect("memory takes it");
    bytes
}

fn list_of(places: impl IntoIterator<Item = [f64; 2]>, name: impl Fn(usize) -> String) -> CityList {
    let mut list = CityList::default();
    for (number, [lat, lon]) in places.into_iter().enumerate() {
        let place = Coordinates::new(lat, lon).expect("on the sphere");
        list.push(place, name(number).as_bytes());
    }
    list
}

fn decimal(place: [f64; 2]) -> [f64; 2] {
    place.map(|degrees| (degrees * 1e7).round() / 1e7)
}

fn west(lon: f64) -> f64 {
    if lon > 180.0 { lon - 360.0 } else { lon }
}

/// Files of every shape: of both kinds of degrees and of rows, with and without names, small and of several levels,
/// spread and crowded, with copies, poles and antipodes; the last with several regions on a face.
fn seeds() -> Vec<Vec<u8>> {
    let mut random = Random::new(77);
    let name = |number: usize| "x".repeat(number % 7) + &number.to_string();
    let none = |_| String::new();
    let spread = |count: usize, random: &mut Random| -> Vec<[f64; 2]> {
        (0..count).map(|_| random.place()).collect()
    };
    let of_west =
        |places: Vec<[f64; 2]>| places.into_iter().map(|[lat, lon]| decimal([lat, west(lon)]));
    let mut lists = vec![
        list_of(of_west(spread(300, &mut random)), name),
        list_of(of_west(spread(700, &mut random)), none),
        list_of(spread(400, &mut random), name),
        list_of(spread(70, &mut random).into_iter().map(decimal), none),
        list_of(of_west(spread(2, &mut random)), name),
        list_of(of_west(spread(65, &mut random)), none),
    ];
    let village = (0..300).map(|_| decimal([random.between(47.0, 47.1), random.between(8.0, 8.1)]));
    lists.push(list_of(village, none));
    let opposite = (0..400).map(|number| {
        let [lat, lon] = [random.between(20.0, 20.5), random.between(44.8, 45.3)];
        decimal(if number % 2 == 0 { [lat, lon] } else { [-lat, lon - 180.0] })
    });
    lists.push(list_of(opposite, none));
    let corners =
        [[90.0, 10.0], [-90.0, 300.0], [0.0, 180.0], [-0.0, -180.0], [0.0, 0.0], [45.0, -135.0]];
    let copies = (0..200).map(|_| random.one_of(&corners));
    lists.push(list_of(copies, name));
    let mut gaps = CityList::default();
    for _ in 0..200 {
        gaps.skip_to(gaps.source_rows() + (1 << random.below(30)));
        let [lat, lon] = random.place();
        gaps.push(Coordinates::new(lat, lon).expect("on the sphere"), b"n");
    }
    gaps.skip_to(1 << 40);
    lists.push(gaps);
    let crowd = (0..33_000).map(|number| {
        let [lat, lon] = [random.between(20.0, 40.0), random.between(5.0, 40.0)];
        decimal(if number % 2 == 0 { [lat, lon] } else { [-lat, lon - 180.0] })
    });
    lists.push(list_of(crowd, none));
    lists.iter().map(packed).collect()
}

#[test]
fn no_change_of_a_packed_file_does_harm() {
    let target = Packed::new(seeds());
    let tried = attack(&target, 20_000);
    let [opened, verified] =
        [&target.opened, &target.verified].map(|count| count.load(Ordering::Relaxed));
    println!("{opened} could be opened, {verified} of them verified");
    // A test of files that cannot be opened would prove nothing.
    let is_of_use = 2 * opened > tried && 50 * verified > tried;
    assert!(is_of_use || tried == 1, "{tried} tried, {opened} opened, {verified} verified");
}
