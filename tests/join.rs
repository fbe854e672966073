//! The join and the tree, each by itself and both together, on the seams of their geometry: edges, corners
//! and middle lines of the cube's faces, borders of regions of every level, edges of cells, poles and the
//! antimeridian, with near antipodes from nanometres to a tenth of a radian, exact ones by the thousand,
//! copies, ties, and cities on one side alone. All give what a plain loop gives, or `exhaustive` where there
//! are tens of thousands of cities, and cover each pair once.
//!
//! Small sets are also cut into regions much finer than the crate would cut them ([`Fine`]), so that
//! a plain loop can judge borders of every level. Some hundred small sets by default, ten thousand in
//! the long mode of `scripts/test --long`. The name of a failing case holds its seed.

mod common;

use std::io::Cursor;

use common::{
    Random, Verdict, atlas_of, is_long, kernels, plain_answer, plain_top, search_in_shares,
    top_in_shares,
};
use farthest::atlas::{self, Atlas};
use farthest::cities::{CityList, Coordinates};
use farthest::curve::{CELLS_PER_UNIT, OTHERS, Spots, chart, farthest_from_axis};
use farthest::deal::{Dealt, SpotList, deal};
use farthest::driver::search;
use farthest::kernel::Kernel;
use farthest::numbers::Numbers;
use farthest::order::bounds_along;
use farthest::points::{PointBuffer, Points};
use farthest::ranking::FarPair;
use farthest::regions::{DEEPEST, MOST_CITIES, Place, Region, Regions, Square, Window};
use farthest::search::{Field, Method, ShareResult, Wanted};
use farthest::sites::Sites;
use farthest::sphere::{UnitVector, distance_km, unit_vector};
use farthest::tiles::{Bounds, TILE_CITIES, Tile};

type Places = Vec<[f64; 2]>;

const SETTLERS: [Method; 3] = [Method::Join, Method::Tree, Method::Pruned];

const RANK_COUNTS: [u64; 4] = [1, 2, 3, 7];

/// Sets of a kind: as many as are worth it by default, or `long`.
fn sets(short: u64, long: u64) -> u64 {
    if is_long() { long } else { short }
}

// ---- Ways to search ----

/// The answer of all shares, and how many regions the tree settled of how many.
fn search_points(
    points: &Points<'_>,
    method: Method,
    kernel: Kernel,
    ranks: u64,
) -> (Verdict, [u128; 2]) {
    let share = |rank| {
        search(Field::within(points), Wanted::default(), method, kernel, rank, ranks)
            .expect("sound cities")
    };
    let shares: Vec<ShareResult> = (0..ranks).map(share).collect();
    let farthest = shares.iter().filter_map(|share| share.farthest()).max_by(FarPair::compare);
    let farthest = farthest.expect("there is a pair");
    let covered = shares.iter().map(|share| share.covered).sum();
    let by_tree = shares.iter().map(|share| share.regions_by_tree).sum();
    let verdict = Verdict::new(farthest.distance_km, farthest.rows, covered);
    (verdict, [by_tree, points.regions().len() as u128])
}

/// The bytes of a packed file, aligned as a map is.
struct Packed {
    room: Vec<u8>,
    start: usize,
    length: usize,
}

impl Packed {
    fn new(places: &Places) -> Packed {
        let mut list = CityList::default();
        for &[lat, lon] in places {
            list.push(Coordinates::new(lat, lon).expect("a place is on the sphere"), b"");
        }
        let mut file = Cursor::new(Vec::new());
        atlas::write(&list, &mut file).expect("memory takes it");
        let bytes = file.into_inner();
        let mut room = vec![0; bytes.len() + 64];
        let start = room.as_ptr().align_offset(64);
        room[start..start + bytes.len()].copy_from_slice(&bytes);
        Packed { room, start, length: bytes.len() }
    }

    fn atlas(&self) -> Atlas<'_> {
        Atlas::open(&self.room[self.start..][..self.length]).expect("it was just written")
    }
}

fn vectors_of(places: &Places) -> Vec<UnitVector> {
    places.iter().map(|&[lat, lon]| unit_vector(lat, lon)).collect()
}

/// Calls `check` with the points of the list, of its packed file and of its vectors.
fn in_every_form(places: &Places, mut check: impl FnMut(&str, &Points<'_>)) {
    let listed = atlas_of(places);
    check("list", &listed.atlas().points());
    let packed = Packed::new(places);
    check("packed", &packed.atlas().points());
    let vectors = vectors_of(places);
    check("vectors", &PointBuffer::new(&vectors).points());
}

/// Every form by every method with every instruction set on every number of ranks.
fn assert_in_all_ways(name: &str, places: &Places, expected: Verdict) {
    let kernels = kernels();
    in_every_form(places, |form, points| {
        for method in SETTLERS {
            for &kernel in &kernels {
                for ranks in RANK_COUNTS {
                    let (found, _) = search_points(points, method, kernel, ranks);
                    let isa = kernel.isa();
                    assert_eq!(
                        found, expected,
                        "{name}, {form}, {method:?}, {isa:?}, {ranks} ranks"
                    );
                }
            }
        }
    });
}

/// Every form by every method, each with an instruction set and a number of ranks at random.
fn assert_in_some_ways(random: &mut Random, name: &str, places: &Places, expected: Verdict) {
    assert_by(&SETTLERS, random, name, places, expected);
}

/// The same by some methods.
fn assert_by(
    methods: &[Method],
    random: &mut Random,
    name: &str,
    places: &Places,
    expected: Verdict,
) {
    let kernels = kernels();
    in_every_form(places, |form, points| {
        for &method in methods {
            let (kernel, ranks) = (random.one_of(&kernels), random.one_of(&RANK_COUNTS));
            let (found, _) = search_points(points, method, kernel, ranks);
            let isa = kernel.isa();
            assert_eq!(found, expected, "{name}, {form}, {method:?}, {isa:?}, {ranks} ranks");
        }
    });
}

/// The answer of `exhaustive`.
fn exhaustive_answer(places: &Places) -> Verdict {
    let buffer = atlas_of(places);
    search_in_shares(&buffer.atlas(), Method::Exhaustive, kernels()[0], 1).0
}

// ---- Regions as fine as a test wants them ----

/// Cities in regions that are split further than the crate splits them.
struct Fine {
    vectors: Vec<UnitVector>,
    regions: Vec<Region>,
    places: Vec<Place>,
    order: Vec<u32>,
    bounds: (Vec<Bounds>, UnitVector),
}

/// How regions are split: while they hold more than `most` cities, up to `deepest`; some further,
/// some not at all.
struct Splitting {
    most: usize,
    deepest: u32,
    whim: f64,
}

impl Fine {
    fn new(random: &mut Random, vectors: Vec<UnitVector>, splitting: &Splitting) -> Fine {
        let spots: Vec<(u8, [u32; 2])> = vectors.iter().map(|&v| spot(v)).collect();
        let mut leaves = Vec::new();
        for axis in 0..3 {
            let members = (0..spots.len()).filter(|&i| u32::from(spots[i].0 % 3) == axis).collect();
            let square = Square { axis, level: 0, corner: [0, 0] };
            split(random, splitting, &spots, (square, members), &mut leaves);
        }
        leaves.sort_by_key(|(square, _)| (square.axis, Region::new(*square, [0, 0]).key));
        let mut fine = Fine {
            vectors,
            regions: leaves.iter().map(|(square, _)| Region::new(*square, [0, 0])).collect(),
            places: Vec::new(),
            order: Vec::new(),
            bounds: (Vec::new(), [0.0; 3]),
        };
        for side in 0..2 {
            for (region, (square, members)) in fine.regions.iter_mut().zip(&leaves) {
                region.starts[side] = fine.order.len() as u64;
                for &city in members.iter().filter(|&&i| usize::from(spots[i].0 / 3) == side) {
                    fine.order.push(city as u32);
                    fine.places.push(Place::of(spots[city].1, square.level));
                }
            }
        }
        fine.bounds = bounds_along(&fine.sites(), |place| place);
        fine
    }

    fn sites(&self) -> Sites<'_> {
        Sites::Vectors(Numbers::Short(&self.order), &self.vectors)
    }

    fn points(&self) -> Points<'_> {
        Points::new(&self.regions, &self.places, self.sites(), (&self.bounds.0, self.bounds.1))
    }
}

/// The face and the cell of a vector.
fn spot(vector: UnitVector) -> (u8, [u32; 2]) {
    let spots = Spots::of_tile(&Tile::new(&[vector]));
    (spots.faces[0], [spots.cells[0][0], spots.cells[1][0]])
}

fn holds(square: &Square, cell: [u32; 2]) -> bool {
    let shift = 32 - square.level;
    (0..2).all(|i| u64::from(cell[i]) >> shift == u64::from(square.corner[i]) >> shift)
}

fn split(
    random: &mut Random,
    splitting: &Splitting,
    spots: &[(u8, [u32; 2])],
    (square, members): (Square, Vec<usize>),
    leaves: &mut Vec<(Square, Vec<usize>)>,
) {
    let is_split = members.len() > splitting.most || random.unit() < splitting.whim;
    if members.is_empty() {
        return;
    }
    if square.level == splitting.deepest || !is_split {
        leaves.push((square, members));
        return;
    }
    let (level, half) = (square.level + 1, 1 << (31 - square.level));
    for [a, b] in [[0, 0], [0, half], [half, 0], [half, half]] {
        let corner = [square.corner[0] + a, square.corner[1] + b];
        let quarter = Square { level, corner, ..square };
        let within = members.iter().copied().filter(|&i| holds(&quarter, spots[i].1)).collect();
        split(random, splitting, spots, (quarter, within), leaves);
    }
}

// ---- Places on seams ----

/// The place of a vector of any length.
fn place_of([x, y, z]: UnitVector) -> [f64; 2] {
    let lat = libm::atan2(z, libm::sqrt(x * x + y * y)).to_degrees();
    [lat.clamp(-90.0, 90.0), libm::atan2(y, x).to_degrees().clamp(-180.0, 180.0)]
}

/// The vector at (a, b) of a face; not of length 1.
fn at(axis: usize, sign: f64, [a, b]: [f64; 2]) -> UnitVector {
    let mut vector = [sign; 3];
    vector[OTHERS[axis][0]] = sign * a;
    vector[OTHERS[axis][1]] = sign * b;
    vector
}

/// A value of a or b on a seam or a few units beside it: an edge of the face, the middle, a border of
/// a region of some level, an edge of a cell, or the most cells that may be cut in one.
fn seam(random: &mut Random, level: u32) -> f64 {
    let unit = 2_f64.powi(16 - level as i32);
    let cell = match random.below(6) {
        0 => 0.0,
        1 => 2.0 * CELLS_PER_UNIT,
        2 => CELLS_PER_UNIT,
        3 => random.below(1 << level) as f64 * 65536.0 * unit,
        4 => random.below(512 << level) as f64 * 128.0 * unit,
        _ => return random.between(-1.0, 1.0),
    };
    let beside = (random.below(5) as f64 - 2.0) * random.one_of(&[0.0, 0.5, 1.0, unit, 3.0 * unit]);
    ((cell + beside) / CELLS_PER_UNIT - 1.0).clamp(-1.0 - 1e-6, 1.0 + 1e-6)
}

fn on_seam(random: &mut Random, level: u32) -> UnitVector {
    let (axis, sign) = (random.below(3), random.one_of(&[-1.0, 1.0]));
    at(axis, sign, [seam(random, level), seam(random, level)])
}

fn antipode([lat, lon]: [f64; 2]) -> [f64; 2] {
    [-lat, if lon > 0.0 { lon - 180.0 } else { lon + 180.0 }]
}

/// The antipode of a place moved by `size` in radians, anywhere or along one coordinate.
fn near_antipode(random: &mut Random, place: [f64; 2], size: f64) -> [f64; 2] {
    let [lat, lon] = place;
    let p = unit_vector(lat, lon);
    let mut step = random.vector();
    if random.unit() < 0.5 {
        step = [0.0; 3];
        step[random.below(3)] = random.one_of(&[-1.0, 1.0]);
    }
    place_of([0, 1, 2].map(|axis| size * step[axis] - p[axis]))
}

/// A set around seams of one level: cities, antipodes of some about 10^`exponent` beside, exact ones and copies.
fn seam_set(random: &mut Random, most: usize, exponent: f64) -> Places {
    let level = random.below(17) as u32;
    let (ties, copies) = (random.one_of(&[0.0, 0.0, 0.0, 0.1, 0.5]), random.one_of(&[0.0, 0.1]));
    let cities = 2 + random.below(most - 1);
    let mut places: Places = vec![place_of(on_seam(random, level))];
    while places.len() < cities {
        let earlier = places[random.below(places.len())];
        let size = 10_f64.powf(exponent) * random.between(1.0, 2.0);
        let kind = random.unit();
        places.push(match kind {
            _ if kind < copies => earlier,
            _ if kind < 0.2 + copies => place_of(on_seam(random, level)),
            _ if kind < 0.3 + copies => random.place(),
            _ if random.unit() < ties => antipode(earlier),
            _ => near_antipode(random, earlier, size),
        });
    }
    random.shuffle(&mut places);
    places
}

// ---- Small sets against a plain loop ----

#[test]
fn small_sets_on_seams_have_the_plain_loops_answer() {
    for set in 0..sets(300, 10_000) {
        let mut random = Random::new(0x5ea1_0000 + set);
        let exponent = random.between(-9.0, -1.0);
        let places = seam_set(&mut random, 200, exponent);
        let name = format!("seed {set}, {} cities, 1e{exponent:.1}", places.len());
        let expected = plain_answer(&places);
        assert_in_some_ways(&mut random, &name, &places, expected);
    }
}

#[test]
fn small_sets_in_fine_regions_have_the_plain_loops_answer() {
    let mut settled = [0; 2];
    for set in 0..sets(1000, 10_000) {
        let mut random = Random::new(0xf1_0000 + set);
        let exponent = random.between(-9.0, -1.3);
        let places = seam_set(&mut random, 150, exponent);
        let expected = plain_answer(&places);
        let splitting = Splitting {
            most: random.one_of(&[1, 4, 16, 64]),
            deepest: random.one_of(&[1, 2, 4, 8, DEEPEST, DEEPEST]),
            whim: random.one_of(&[0.0, 0.3, 0.7, 1.0]),
        };
        let fine = Fine::new(&mut random, vectors_of(&places), &splitting);
        for method in SETTLERS {
            let ranks = random.one_of(&RANK_COUNTS);
            let kernel = random.one_of(&kernels());
            let (found, regions) = search_points(&fine.points(), method, kernel, ranks);
            let name = format!("seed {set}, {} cities, 1e{exponent:.1}", places.len());
            assert_eq!(
                found, expected,
                "{name}, {method:?}, {} regions, {ranks} ranks",
                regions[1]
            );
            if method == Method::Join {
                settled = [settled[0] + regions[0], settled[1] + regions[1]];
            }
        }
    }
    let [by_tree, of_all] = settled;
    println!("the join gave {by_tree} of {of_all} regions up");
    assert!(2 * by_tree < of_all, "the join settled but {} of {of_all} regions", of_all - by_tree);
}

/// One pair across a seam, and one not as good that the start finds; nothing else is anywhere near.
#[test]
fn no_pair_across_a_seam_is_lost() {
    let kernel = kernels()[0];
    for set in 0..sets(10_000, 200_000) {
        let mut random = Random::new(0xac_0055 + set);
        let level = random.below(17) as u32;
        let size = 10_f64.powf(random.between(-9.0, -1.45));
        let place = place_of(on_seam(&mut random, level));
        let mut places = vec![place, near_antipode(&mut random, place, size)];
        // Both of the worse pair lie in one region, however fine the regions are.
        let axis = random.below(3);
        let cell: u32 = (1 << 31) + (1 << 20) + 77;
        let a = f64::from(cell) / CELLS_PER_UNIT - 1.0;
        let worse = at(axis, 1.0, [a, a]);
        let aside = random.between(1.05, 1.3) * size.max(1e-8);
        let deepest = ((0.2 / aside).log2() as u32).min(DEEPEST);
        let moved = at(axis, -1.0, [a + aside, a]);
        for _ in 0..3 {
            places.extend([place_of(worse), place_of(moved)]);
        }
        random.shuffle(&mut places);
        let expected = plain_answer(&places);
        let splitting = Splitting { most: 6, deepest, whim: 0.8 };
        let fine = Fine::new(&mut random, vectors_of(&places), &splitting);
        let ranks = random.one_of(&RANK_COUNTS);
        let (found, regions) = search_points(&fine.points(), Method::Join, kernel, ranks);
        assert_eq!(found, expected, "seed {set}, size {size:e}, level {level}, {ranks} ranks");
        assert_eq!(regions[0], 0, "seed {set}, size {size:e}: the join settled all regions");
    }
}

/// Deals places to two lists.
fn dealt(random: &mut Random, places: &Places, share: f64) -> [Places; 2] {
    let mut lists = [Vec::new(), Vec::new()];
    for (at, &place) in places.iter().enumerate() {
        let of = if at < 2 { at } else { usize::from(random.unit() < share) };
        lists[of].push(place);
    }
    lists
}

/// The farthest pairs of two lists, each in regions as fine as it likes, are those of a plain loop.
fn assert_between(random: &mut Random, lists: &[Places; 2], methods: &[Method], name: &str) {
    let pairs = random.one_of(&[1, 1, 5]);
    let wanted = Wanted { pairs, ..Wanted::default() };
    let expected = plain_top(wanted, &lists[0], Some(&lists[1]));
    let fine = lists.each_ref().map(|places| {
        let most = random.one_of(&[1, 6, 1000]);
        let deepest = random.below(DEEPEST as usize + 1) as u32;
        let splitting = Splitting { most, deepest, whim: random.one_of(&[0.0, 0.5, 0.9]) };
        Fine::new(random, vectors_of(places), &splitting)
    });
    let points = fine.each_ref().map(Fine::points);
    let field = Field::between(&points[0], &points[1]);
    for &method in methods {
        let (kernel, ranks) = (random.one_of(&kernels()), random.one_of(&RANK_COUNTS));
        let (found, covered) = top_in_shares(field, wanted, method, kernel, ranks);
        assert_eq!(found, expected, "{name}, {method:?}, {ranks} ranks");
        assert_eq!(covered, field.space(1).pairs(), "{name}, {method:?}");
    }
}

/// Regions of one list are larger or smaller than those of the other, and cities lie on the borders of both.
#[test]
fn two_lists_in_different_regions_have_the_plain_loops_answer() {
    for set in 0..sets(1500, 40_000) {
        let mut random = Random::new(0x2_1157 + set);
        let level = random.below(17) as u32;
        let mut places = Places::new();
        for _ in 0..2 + random.below(60) {
            let size = 10_f64.powf(random.between(-9.0, -1.45));
            let place = place_of(on_seam(&mut random, level));
            places.extend([place, near_antipode(&mut random, place, size)]);
        }
        random.shuffle(&mut places);
        let share = random.one_of(&[0.5, 0.1, 0.9]);
        let lists = dealt(&mut random, &places, share);
        assert_between(&mut random, &lists, &SETTLERS, &format!("seed {set}"));
    }
}

/// The only good pair of two lists lies across a seam, and one not as good gives the join something to begin with.
#[test]
fn no_pair_of_two_lists_across_a_seam_is_lost() {
    for set in 0..sets(6000, 200_000) {
        let mut random = Random::new(0x2_5ea3 + set);
        let level = random.below(17) as u32;
        let size = 10_f64.powf(random.between(-9.0, -1.45));
        let place = place_of(on_seam(&mut random, level));
        let partner = near_antipode(&mut random, place, size);
        let a = 2.0_f64.powi(-11);
        let aside = random.between(1.05, 1.3) * size.max(1e-8);
        let axis = random.below(3);
        let worse = [at(axis, 1.0, [a, a]), at(axis, -1.0, [a + aside, a])].map(place_of);
        let lists = [vec![place, worse[0]], vec![worse[1], partner]];
        assert_between(&mut random, &lists, &[Method::Join], &format!("seed {set}, size {size:e}"));
    }
}

/// Where the bound of the join is sharp: a pair in the corner of a face, apart in the direction that moves
/// a or b most, often with a border between, and one hardly as good on another face, which the start finds.
#[test]
fn pairs_at_the_very_reach_are_found() {
    let kernel = kernels()[0];
    for set in 0..sets(3000, 100_000) {
        let mut random = Random::new(0x4eac_0000 + set);
        let size = 10_f64.powf(random.between(-7.0, -1.4));
        let axis = random.below(3);
        let inwards = [0, 1].map(|_| 1.0 - 2.5 * size * random.one_of(&[0.0, 0.1, 1.0]));
        let p = at(axis, 1.0, [random.one_of(&[-1.0, 1.0]) * inwards[0], inwards[1]]);
        let norm = p.iter().map(|x| x * x).sum::<f64>().sqrt();
        let moved = OTHERS[axis][random.below(2)];
        let mut step = [0.0; 3];
        let sign = random.one_of(&[-1.0, 1.0]) * size / p[moved].hypot(p[axis]);
        (step[axis], step[moved]) = (-sign * p[moved], sign * p[axis]);
        let mut places = vec![place_of(p), place_of([0, 1, 2].map(|k| -p[k] / norm - step[k]))];
        let a = 1.0 / 2048.0;
        let aside = size * random.one_of(&[1.0001, 1.002]);
        for _ in 0..3 {
            places.push(place_of(at((axis + 1) % 3, 1.0, [a, a])));
            places.push(place_of(at((axis + 1) % 3, -1.0, [a + aside, a])));
        }
        random.shuffle(&mut places);
        let expected = plain_answer(&places);
        let splitting = Splitting { most: 100, deepest: random.below(7) as u32, whim: 0.9 };
        let fine = Fine::new(&mut random, vectors_of(&places), &splitting);
        let (found, _) = search_points(&fine.points(), Method::Join, kernel, 1);
        assert_eq!(found, expected, "seed {set}, size {size:e}");
    }
}

/// All cities on one side of the Earth: no antipode anywhere, the join has nothing to begin with.
#[test]
fn one_sided_sets_have_the_plain_loops_answer() {
    for set in 0..sets(40, 1000) {
        let mut random = Random::new(0x0e_51de + set);
        let centre = on_seam(&mut random, 1);
        let norm = centre.iter().map(|x| x * x).sum::<f64>().sqrt();
        let radius = random.one_of(&[1e-9, 1e-5, 0.1, 0.5, 1.0]);
        let cities = 2 + random.below(200);
        let city = |random: &mut Random| {
            let step = random.vector();
            place_of([0, 1, 2].map(|k| centre[k] / norm + radius * step[k] * random.unit()))
        };
        let places: Places = (0..cities).map(|_| city(&mut random)).collect();
        let expected = plain_answer(&places);
        assert_in_some_ways(&mut random, &format!("seed {set}, {cities}"), &places, expected);
    }
}

/// Cities in places where coordinates are whole numbers: many exact ties, and exactly on every seam.
#[test]
fn sets_on_whole_degrees_have_the_plain_loops_answer() {
    for set in 0..sets(60, 2000) {
        let mut random = Random::new(0xde_9ee + set);
        let step = random.one_of(&[45.0, 15.0, 5.0, 1.0]);
        let cities = 2 + random.below(300);
        let mut angle = |half: f64| {
            let steps = (half / step) as usize;
            (random.below(2 * steps + 1) as f64 - steps as f64) * step
        };
        let places: Places = (0..cities).map(|_| [angle(90.0), angle(180.0)]).collect();
        let expected = plain_answer(&places);
        let name = format!("seed {set}, {cities} cities, {step}°");
        assert_in_some_ways(&mut random, &name, &places, expected);
        let splitting = Splitting { most: 2, deepest: DEEPEST, whim: 0.5 };
        let fine = Fine::new(&mut random, vectors_of(&places), &splitting);
        for method in SETTLERS {
            let (found, _) = search_points(&fine.points(), method, kernels()[0], 3);
            assert_eq!(found, expected, "{name}, fine, {method:?}");
        }
    }
}

/// One set of each size in all ways.
#[test]
fn all_ways_agree() {
    for (set, most) in [(0, 2), (1, 3), (2, 70), (3, 300), (4, 1000)] {
        let mut random = Random::new(0xa11 + set);
        let places = seam_set(&mut random, most, -4.0);
        assert_in_all_ways(&format!("most {most}"), &places, plain_answer(&places));
    }
}

// ---- Large sets, which are split ----

/// Seams by name: the vector of a point on each, of any length.
fn seams() -> Vec<(&'static str, UnitVector)> {
    let eighth = at(0, 1.0, [0.25, 0.5]);
    vec![
        ("middle of a face", [1.0, 0.0, 0.0]),
        ("pole", [0.0, 0.0, 1.0]),
        ("antimeridian", [-1.0, 1e-9, 0.3]),
        ("corner", [1.0, 1.0, 1.0]),
        ("another corner", [-1.0, 1.0, -1.0]),
        ("edge x, y", [1.0, -1.0, 0.2]),
        ("edge x, z", [0.7, 0.1, 0.7]),
        ("edge y, z", [-0.3, 0.6, -0.6]),
        ("middle of an edge", [0.0, 1.0, 1.0]),
        ("middle line", [0.0, 1.0, 0.37]),
        ("border of level 3", eighth),
        ("anywhere", [0.3, -0.5, 0.8]),
    ]
}

/// Clusters in opposite places: deep regions on both sides, or on one.
#[test]
fn clusters_on_seams_have_the_exhaustive_answer() {
    for (index, (name, centre)) in seams().into_iter().enumerate() {
        for long in 0..sets(2, 20) {
            let mut random = Random::new(0xc1_0000 + 100 * long + index as u64);
            let norm = centre.iter().map(|x| x * x).sum::<f64>().sqrt();
            let centre = centre.map(|x| x / norm);
            let radius = 10_f64.powf(random.between(-7.0, -0.5));
            // `exhaustive` decides one by one what is within 40 km of the antipode: not too many.
            let share = random.one_of(&[if radius < 0.01 { 0.01 } else { 0.5 }, 0.01, 0.001]);
            let cities = 40_000 + random.below(20_000);
            let city = |random: &mut Random| {
                let sign = if random.unit() < share { -1.0 } else { 1.0 };
                let (step, size) = (random.vector(), radius * random.unit());
                place_of([0, 1, 2].map(|k| sign * centre[k] + size * step[k]))
            };
            let places: Places = (0..cities).map(|_| city(&mut random)).collect();
            let expected = exhaustive_answer(&places);
            let name = format!("{name}, round {long}, radius {radius:e}, share {share}");
            // What the join gives up, where it may, takes it minutes where it may not.
            let buffer = atlas_of(&places);
            let points = buffer.atlas().points();
            let (found, [by_tree, _]) = search_points(&points, Method::Pruned, kernels()[0], 1);
            assert_eq!(found, expected, "{name}");
            let methods = if by_tree == 0 { &SETTLERS[..] } else { &SETTLERS[1..] };
            assert_by(methods, &mut random, &name, &places, expected);
        }
    }
}

/// A point on the border of a region or within two units of it; not of length 1.
fn on_border(random: &mut Random, square: Square) -> UnitVector {
    let side = 2_f64.powi(32 - square.level as i32);
    let unit = side / 65536.0;
    let value = |random: &mut Random, first: u32, share: f64| {
        let beside = (random.below(5) as f64 - 2.0) * random.one_of(&[0.0, 0.5, 1.0, unit]);
        ((f64::from(first) + share * side + beside) / CELLS_PER_UNIT - 1.0).clamp(-1.0, 1.0)
    };
    let along = random.unit();
    let mut shares = [random.one_of(&[0.0, 1.0]), random.one_of(&[0.0, 1.0, along, along])];
    random.shuffle(&mut shares);
    let values = [0, 1].map(|i| value(random, square.corner[i], shares[i]));
    at(square.axis as usize, random.one_of(&[-1.0, 1.0]), values)
}

/// A planted pair across each seam, and across borders of regions, among cities all over the Earth or in two
/// opposite clusters, which are split into regions.
#[test]
fn planted_pairs_on_seams_are_found() {
    let mut random = Random::new(0x91a);
    let everywhere: Places = (0..130_000).map(|_| random.place()).collect();
    let clusters: Places = (0..70_000)
        .map(|_| {
            let (sign, size) = (random.one_of(&[-1.0, 1.0]), 0.03 * random.unit());
            let step = random.vector();
            place_of([0, 1, 2].map(|k| sign * [0.6, 0.5, -0.62][k] + size * step[k]))
        })
        .collect();
    for mut places in [everywhere, clusters] {
        let buffer = atlas_of(&places);
        let regions = buffer.atlas().points().regions();
        assert!(regions.len() > 6, "regions that are split");
        let borders = (0..sets(24, 300)).map(|_| {
            let square = regions.square(random.below(regions.len()));
            ("border of a region", on_border(&mut random, square))
        });
        let spots: Vec<_> = seams().into_iter().chain(borders.collect::<Vec<_>>()).collect();
        for (index, (name, centre)) in spots.into_iter().enumerate() {
            try_planted(&mut random, &format!("{name}, {index}"), &mut places, centre);
        }
    }
}

/// Plants a pair at `centre` in place of two cities, looks for it, and puts the two back.
fn try_planted(random: &mut Random, name: &str, places: &mut Places, centre: UnitVector) {
    let size = 10_f64.powf(random.between(-12.0, -9.0));
    let jitter = random.one_of(&[0.0, 0.0, 1e-10, 1e-9]);
    let step = random.vector();
    let first = place_of([0, 1, 2].map(|k| centre[k] + jitter * step[k]));
    let second = near_antipode(random, first, size);
    let half = places.len() / 2;
    let rows = [random.below(half), half + random.below(half)];
    let before = rows.map(|row| places[row]);
    (places[rows[0]], places[rows[1]]) = (first, second);
    let [p, q] = [first, second].map(|[lat, lon]| unit_vector(lat, lon));
    let n = places.len() as u128;
    // Far beyond all others: these are a thousand million pairs, of which none should be within 1e-7 or so.
    let expected = Verdict::new(distance_km(p, q), rows.map(|row| row as u64), n * (n - 1) / 2);
    for method in SETTLERS {
        let (kernel, ranks) = (random.one_of(&kernels()), random.one_of(&RANK_COUNTS));
        let vectors;
        let (listed, in_memory);
        let points = if random.unit() < 0.5 {
            listed = atlas_of(places);
            listed.atlas().points()
        } else {
            vectors = vectors_of(places);
            in_memory = PointBuffer::new(&vectors);
            in_memory.points()
        };
        let (found, [by_tree, _]) = search_points(&points, method, kernel, ranks);
        assert_eq!(found, expected, "{name}, {method:?}, {ranks} ranks");
        assert!(method == Method::Tree || by_tree == 0, "{name}: the join settled all regions");
    }
    (places[rows[0]], places[rows[1]]) = (before[0], before[1]);
}

/// Exact antipodes by the thousand, and pairs that are equally far but not antipodal: rows alone decide,
/// across regions and ranks.
#[test]
fn of_ties_by_the_thousand_the_lowest_rows_win() {
    for (set, offset_deg) in [(0, 0.0), (1, 0.5), (2, 1e-3)] {
        for cities in [3_000, 50_000] {
            let mut random = Random::new(0x71e5 + set);
            let mut places = Places::new();
            while places.len() < cities {
                let [lat, lon] = random.place().map(|angle| (angle * 8.0).round() / 8.0);
                let lat = lat.clamp(-80.0, 80.0);
                places.push([lat, lon]);
                let [lat, lon] = antipode([lat, lon]);
                places.push([lat + offset_deg, lon]);
            }
            random.shuffle(&mut places);
            let expected = exhaustive_answer(&places);
            let name = format!("{cities} cities, {offset_deg}° from the antipode");
            assert_in_some_ways(&mut random, &name, &places, expected);
        }
    }
}

/// Copies: of two opposite places alone, and among others, more than a region holds.
#[test]
fn copies_by_the_thousand_have_the_exhaustive_answer() {
    let mut random = Random::new(0xc0_91e5);
    for (copies, opposite) in [(1_000, 1_000), (MOST_CITIES as usize + 5, 3), (40_000, 0)] {
        for place in [[90.0, 0.0], [0.0, 180.0], [35.264_389_682_754_654, 45.0], [12.5, 77.1]] {
            let mut places = vec![place; copies];
            places.extend(vec![antipode(place); opposite]);
            places.extend((0..500).map(|_| random.place()));
            random.shuffle(&mut places);
            let expected = exhaustive_answer(&places);
            let name = format!("{copies} and {opposite} copies at {place:?}");
            assert_in_some_ways(&mut random, &name, &places, expected);
        }
    }
}

// ---- Regions ----

/// Face and cell of a city.
type Spot = (u8, [u32; 2]);

/// Spots anywhere, at the ends of the numbers, and in clusters so dense that only the deepest level ends them.
fn spots_of(random: &mut Random, cities: usize) -> Vec<Spot> {
    let centres: Vec<[u32; 2]> = (0..4).map(|_| [0, 1].map(|_| random.bits() as u32)).collect();
    let cluster = random.one_of(&[0.0, 0.0, 0.5, 0.99]);
    let size_bits = random.below(32);
    let spot = |_| {
        let mut cell = [0, 1].map(|_| random.bits() as u32);
        if random.unit() < cluster {
            let centre = random.one_of(&centres);
            cell = [0, 1].map(|i| centre[i] ^ (cell[i] & ((1 << size_bits) - 1)));
        } else if random.unit() < 0.1 {
            let end = random.one_of(&[0, u32::MAX, 1 << 31, (1 << 31) - 1]);
            cell[random.below(2)] = end;
        }
        (random.below(6) as u8, cell)
    };
    (0..cities).map(spot).collect()
}

/// The same by tiles.
fn list_of(spots: &[Spot]) -> SpotList {
    SpotList::new(spots.len(), |cities| {
        let mut tile = Spots { faces: [0; TILE_CITIES], cells: [[0; TILE_CITIES]; 2] };
        for (lane, &(face, cell)) in spots[cities].iter().enumerate() {
            tile.faces[lane] = face;
            [tile.cells[0][lane], tile.cells[1][lane]] = cell;
        }
        tile
    })
}

fn check_dealt(name: &str, spots: &[Spot], dealt: &Dealt<u32>) {
    let cities = spots.len();
    let regions = Regions::new(&dealt.regions, cities);
    let keys: Vec<_> = dealt.regions.iter().map(|region| (region.axis, region.key)).collect();
    assert!(keys.is_sorted_by(|a, b| a < b), "{name}: regions in the order of axis and curve");
    let mut next = 0;
    for side in 0..2 {
        for region in 0..regions.len() {
            let (positions, square) = (regions.positions(region, side), regions.square(region));
            assert_eq!(positions.start, next, "{name}: no gap before region {region}");
            next = positions.end;
            let rows = &dealt.order[positions.clone()];
            assert!(rows.is_sorted_by(|a, b| a < b), "{name}: rows in order in region {region}");
            for position in positions {
                let city = dealt.order[position] as usize;
                let (face, cell) = spots[city];
                assert_eq!(
                    (u32::from(face % 3), usize::from(face / 3)),
                    (square.axis, side),
                    "{name}"
                );
                assert!(holds(&square, cell), "{name}: {cell:?} in {square:?}");
                assert_eq!(dealt.places[position], Place::of(cell, square.level), "{name}");
                assert_eq!(regions.holding(position), (region, side), "{name}");
            }
        }
    }
    assert_eq!(next, cities, "{name}: all positions");
    let mut seen = dealt.order.to_vec();
    seen.sort_unstable();
    assert!(seen.iter().enumerate().all(|(index, &city)| index == city as usize), "{name}");
    for region in 0..regions.len() {
        let (cities, level) = (regions.cities(region), regions.square(region).level);
        assert!(cities > 0 && (cities as u64 <= MOST_CITIES || level == DEEPEST), "{name}");
    }
}

#[test]
fn every_city_lies_in_the_region_of_its_cell() {
    for set in 0..sets(12, 200) {
        let mut random = Random::new(0xdea1 + set);
        let cities = random.one_of(&[1, 2, 700, 31_999, 32_001, 100_000, 200_000]);
        let spots = spots_of(&mut random, cities);
        check_dealt(&format!("seed {set}, {cities} cities"), &spots, &deal(&list_of(&spots)));
    }
}

#[test]
fn a_square_says_how_far_its_places_are_from_the_axis() {
    let mut random = Random::new(0xa815);
    let mut sharpest = 0.0_f64;
    for _ in 0..300_000 {
        let vector = on_seam(&mut random, 16);
        let (face, cell) = spot(vector);
        let axis = u32::from(face % 3);
        let level = random.below(17) as u32;
        let corner = cell.map(|cell| cell & !u32::MAX.checked_shr(level).unwrap_or(0));
        let square = Square { axis, level, corner };
        let ab = chart(vector, axis as usize).map(f64::abs);
        let (nearest, farthest) = (square.nearest(), square.farthest());
        assert!(
            (0..2).all(|i| nearest[i] <= ab[i] && ab[i] <= farthest[i]),
            "{square:?} {vector:?}"
        );
        let [across, along] = [vector[0].hypot(vector[1]), vector[2].abs()];
        let from_axis = across / across.hypot(along);
        let most = farthest_from_axis(axis, nearest, farthest);
        assert!(from_axis <= most + 1e-15, "{square:?} {vector:?}: {from_axis} > {most}");
        sharpest = sharpest.max(from_axis / most);
    }
    assert!(sharpest > 1.0 - 1e-8, "{sharpest}");
}

/// A window anywhere, of any size, often with its ends on borders of squares.
fn any_window(random: &mut Random) -> Window {
    let ends = [0, 1].map(|_| {
        let on_border = (random.bits() as u32) & !(u32::MAX >> random.below(18));
        let anywhere = random.bits() as u32;
        let first = random.one_of(&[anywhere, on_border, on_border.wrapping_sub(1), 0]);
        let size = (random.bits() >> (32 + random.below(32))) as u32;
        let last = first.saturating_add(random.one_of(&[0, 1, size, size, u32::MAX]));
        [first, last]
    });
    let [[a, c], [b, d]] = ends;
    Window { axis: random.below(3) as u32, first: [a, b], last: [c, d] }
}

#[test]
fn a_window_meets_the_regions_that_a_plain_loop_finds() {
    let mut met = 0;
    for set in 0..sets(100, 2000) {
        let mut random = Random::new(0x3ee7 + set);
        let cities = 1 + random.below(300);
        let vectors = (0..cities).map(|_| on_seam(&mut random, 16)).collect();
        let splitting = Splitting {
            most: random.one_of(&[1, 3, 1000]),
            deepest: random.one_of(&[1, 5, DEEPEST]),
            whim: random.one_of(&[0.0, 0.5, 1.0]),
        };
        let fine = Fine::new(&mut random, vectors, &splitting);
        let regions = Regions::new(&fine.regions, cities);
        for _ in 0..200 {
            let window = any_window(&mut random);
            let mut found = Vec::new();
            regions.meeting(&window, &mut |region| found.push(region));
            found.sort_unstable();
            let expected: Vec<usize> = (0..regions.len())
                .filter(|&region| {
                    let square = regions.square(region);
                    square.axis == window.axis
                        && (0..2).all(|i| {
                            let first = u64::from(square.corner[i]);
                            let last = first + (u64::from(u32::MAX) >> square.level);
                            first <= u64::from(window.last[i]) && u64::from(window.first[i]) <= last
                        })
                })
                .collect();
            assert_eq!(found, expected, "seed {set}, {window:?}");
            met += found.len();
            check_places_in(&regions, &found, &window, &mut random);
        }
    }
    assert!(met > 10_000, "the windows met but {met} regions");
}

/// A cell of a square lies in a window only if its place lies in the window's places.
fn check_places_in(regions: &Regions<'_>, met: &[usize], window: &Window, random: &mut Random) {
    for &region in met {
        let square = regions.square(region);
        let ranges = square.places_in(window);
        let last_cell = u32::MAX.checked_shr(square.level).unwrap_or(0);
        let cell = [0, 1].map(|i| {
            let (first, last) = (square.corner[i], square.corner[i] + last_cell);
            let (first, last) = (first.max(window.first[i]), last.min(window.last[i]));
            first + random.below((last - first) as usize + 1) as u32
        });
        let place = Place::of(cell, square.level).numbers();
        let is_in = (0..2).all(|i| (ranges[i][0]..=ranges[i][1]).contains(&place[i]));
        assert!(is_in, "{cell:?} of {square:?} in {window:?}");
    }
}
