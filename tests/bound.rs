//! Proves that no bound ever loses a pair: neither the limit of the dot product nor those of the
//! shortfall, between cities and between boxes, of exact vectors and of quick ones; and that the
//! shortfall is as sharp as the search that prunes needs it, at the antipode and at one point.
//!
//! Millions of pairs of every kind are tried, those at the edges of the proofs above all: nearly
//! antipodal, nearly equal, and a quarter turn apart, where the formulas change.

mod common;

use common::{Random, kernels};
use farthest::bound::{DOT_MARGIN, Reach, Shortfall, dot_limit};
use farthest::kernel::Kernel;
use farthest::quick::{QUICK_ERROR, quick_vectors};
use farthest::sphere::{
    HALF_CIRCUMFERENCE_KM, RADIUS_KM, RESOLUTION_KM, UnitVector, distance_km, unit_vector,
};
use farthest::tiles::{BOXES, Bounds, Boxes, TILE_CITIES, Tile};
use proptest::prelude::*;

const KINDS: usize = 9;

/// A pair of points that tries to break a bound, of one kind or another.
fn adversarial(random: &mut Random, kind: usize) -> (UnitVector, UnitVector) {
    let [lat, lon] = [random.between(-90.0, 90.0), random.between(-180.0, 360.0)];
    let tiny = random.tiny(-16.0).abs();
    let [north, east] = [0, 1].map(|_| tiny * random.between(-0.5, 0.5));
    let on_sphere =
        |lat: f64, lon: f64| unit_vector(lat.clamp(-90.0, 90.0), lon.clamp(-180.0, 360.0));
    let p = unit_vector(lat, lon);
    let half_turn = if lon <= 180.0 { 180.0 } else { -180.0 };
    let q = match kind % KINDS {
        0 => random.vector(),
        1 => on_sphere(-lat + north, lon + half_turn + east),
        2 => on_sphere(lat + north, lon + east),
        3 => {
            let lat = if north > 0.0 { 90.0 - tiny } else { -90.0 + tiny };
            on_sphere(lat, random.between(0.0, 360.0))
        }
        4 => p,
        5 => p.map(|coordinate| 0.0 - coordinate),
        // About a quarter turn away along the meridian, where the cosine is steepest.
        6 => on_sphere(if lat > 0.0 { lat - 90.0 } else { lat + 90.0 } + north, lon + east),
        // The same in any direction.
        7 => quarter_turn_from(random, p, tiny),
        // Beside multiples of 45 degrees, where remainders and roundings are largest.
        _ => {
            let lat = 45.0 * random.one_of(&[-2.0, -1.0, 0.0, 1.0, 2.0]);
            on_sphere(lat + north, 45.0 * (random.below(13) as f64 - 4.0) + east)
        }
    };
    (nudged(random, p), nudged(random, q))
}

/// A point about 90 degrees from `p`, off by at most `off_rad`.
fn quarter_turn_from(random: &mut Random, p: UnitVector, off_rad: f64) -> UnitVector {
    let other = random.vector();
    let dot = p[0] * other[0] + p[1] * other[1] + p[2] * other[2];
    let along = [0, 1, 2].map(|axis| other[axis] - dot * p[axis]);
    let norm = along.iter().map(|x| x * x).sum::<f64>().sqrt();
    let off_rad = off_rad * random.between(-1.0, 1.0);
    normalized([0, 1, 2].map(|axis| along[axis] / norm + off_rad * p[axis]))
}

fn normalized(v: UnitVector) -> UnitVector {
    let norm = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
    v.map(|coordinate| coordinate / norm)
}

/// Now and then a vector whose coordinates are off by one unit in the last place, as far as the
/// length stays within the 5e-16 that the proofs allow.
fn nudged(random: &mut Random, v: UnitVector) -> UnitVector {
    if random.unit() < 0.7 {
        return v;
    }
    let off = v.map(|coordinate| match random.below(3) {
        0 => coordinate.next_up(),
        1 => coordinate.next_down(),
        _ => coordinate,
    });
    if length_error(off).abs() <= 5e-16 { off } else { v }
}

/// |v| − 1, from the squares and what rounding took from them.
fn length_error(v: UnitVector) -> f64 {
    let squares = v.map(|coordinate| coordinate * coordinate);
    let rest: f64 = [0, 1, 2].iter().map(|&axis| v[axis].mul_add(v[axis], -squares[axis])).sum();
    let mut sorted = squares;
    sorted.sort_by(|a, b| b.total_cmp(a));
    // Each difference is exact or of small numbers: the greatest square is 1/3 or more.
    let off = if sorted[0] >= 0.5 {
        ((sorted[0] - 1.0) + sorted[1]) + sorted[2]
    } else {
        ((sorted[0] - 0.5) + (sorted[1] - 0.5)) + sorted[2]
    };
    (off + rest) / 2.0
}

// ---- The limit of the dot product ----

/// Dot products in every order of the sum, plain and fused.
fn dot_products(p: UnitVector, q: UnitVector) -> impl Iterator<Item = f64> {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    orders.into_iter().flat_map(move |[a, b, c]| {
        let product = |axis: usize| p[axis] * q[axis];
        [
            (product(a) + product(b)) + product(c),
            p[c].mul_add(q[c], p[b].mul_add(q[b], product(a))),
            p[c].mul_add(q[c], product(a) + product(b)),
        ]
    })
}

/// By how much the dot product of a pair exceeds the cosine of its own distance, at worst: what the
/// margin must be above.
fn excess(p: UnitVector, q: UnitVector) -> f64 {
    let distance_km = distance_km(p, q);
    let limit = dot_limit(distance_km);
    let worst = dot_products(p, q).fold(f64::NEG_INFINITY, f64::max);
    assert!(worst <= limit, "{p:?} {q:?} at {distance_km} km: {worst} > {limit}");
    // An incumbent that is nearer lets the pair through all the more.
    for nearer_km in [distance_km - RESOLUTION_KM, distance_km * (1.0 - 1e-12), distance_km * 0.999]
    {
        let nearer_km = nearer_km.max(0.0);
        assert!(worst <= dot_limit(nearer_km), "{p:?} {q:?} against {nearer_km} km");
    }
    worst - libm::cos(distance_km / RADIUS_KM)
}

#[test]
fn no_pair_breaks_the_margin_of_the_dot_product() {
    let mut random = Random::new(10);
    let mut worst = [0.0_f64; KINDS];
    for round in 0..3_000_000 {
        let kind = round % KINDS;
        let (p, q) = adversarial(&mut random, kind);
        worst[kind] = worst[kind].max(excess(p, q));
    }
    let greatest = worst.into_iter().fold(0.0, f64::max);
    // The head of `src/bound.rs` proves the first and tells the second, of a margin of 90 u.
    const PROVEN_U: f64 = 55.0;
    const SEEN_U: f64 = 29.0;
    let greatest_u = greatest / (f64::EPSILON / 2.0);
    assert!(greatest_u <= PROVEN_U, "{greatest_u} u: the proof is wrong");
    assert!(greatest_u <= SEEN_U, "{greatest_u} u, more than any before");
    assert!(greatest > 0.0, "a margin of nothing would do: the test tries nothing");
    println!(
        "{greatest_u} u; share of the margin used, by kind: {:.3?}",
        worst.map(|worst| worst / DOT_MARGIN)
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 50_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_pair_is_within_its_bound(
        (lat_1, lon_1) in (-90.0..=90.0, -180.0..=360.0),
        (lat_2, lon_2) in (-90.0..=90.0, -180.0..=360.0),
        (exponent, kind) in (-16..0_i32, 0..3_u8),
    ) {
        let p = unit_vector(lat_1, lon_1);
        let step = 10_f64.powi(exponent);
        let q = match kind {
            0 => unit_vector(lat_2, lon_2),
            1 => unit_vector((lat_1 + lat_2 * step).clamp(-90.0, 90.0), lon_1),
            _ => unit_vector((lat_2 * step - lat_1).clamp(-90.0, 90.0), (lon_1 + 180.0).min(360.0)),
        };
        excess(p, q);
        check_shortfall(p, q, &[0, 1, 1000]);
    }

    #[test]
    fn a_greater_distance_has_no_greater_limit(a in 0.0..20_015.1_f64, b in 0.0..20_015.1_f64) {
        let (near, far) = (a.min(b), a.max(b));
        prop_assert!(dot_limit(far) <= dot_limit(near) + f64::EPSILON);
        let [of_near, of_far] = [near, far].map(Shortfall::of);
        prop_assert!(of_far.limit_beyond <= of_far.limit);
        if of_near.sign == of_far.sign {
            prop_assert!(of_far.limit <= of_near.limit);
            prop_assert!(of_far.limit_beyond <= of_near.limit_beyond);
        }
    }
}

// ---- The shortfall of two cities ----

/// Checks a pair against incumbents at its own distance and so many resolutions below: it is as far
/// as the first, and farther than the others. Returns the share that it needs of the slack of 1.4e-15
/// by which its own limit is widened (away from a quarter turn); 1 would be all of it.
fn check_shortfall(p: UnitVector, q: UnitVector, steps: &[u64]) -> f64 {
    let own_km = distance_km(p, q);
    let own = Shortfall::of(own_km);
    let found = own.of_cities(p, q);
    assert!(found <= own.limit, "{p:?} {q:?} at {own_km} km: {found:e} > {:e}", own.limit);
    assert_ne!(own.reach(found), Reach::Short);
    for &step in steps {
        let nearer_km = own_km - (1 + step) as f64 * RESOLUTION_KM;
        if nearer_km < 0.0 {
            continue;
        }
        let nearer = Shortfall::of(nearer_km);
        let found = nearer.of_cities(p, q);
        let limit = nearer.limit_beyond;
        assert!(found <= limit, "{p:?} {q:?} against {nearer_km} km: {found:e} > {limit:e}");
        assert_eq!(nearer.reach(found), Reach::Beyond);
    }
    // The slack counts twice in a square. Far incumbents have limits above 0, near ones below.
    let room = (own.limit - found) / own.limit.abs();
    if own.limit.is_finite() { 1.0 - room / 2.8e-15 } else { f64::NEG_INFINITY }
}

#[test]
fn no_pair_breaks_the_limits_of_the_shortfall() {
    let mut random = Random::new(11);
    let mut worst = [f64::NEG_INFINITY; KINDS];
    for round in 0..1_500_000 {
        let kind = round % KINDS;
        let (p, q) = adversarial(&mut random, kind);
        let some = 1_u64 << random.below(49);
        let share = check_shortfall(p, q, &[0, 1, random.bits() % some]);
        worst[kind] = worst[kind].max(share);
    }
    println!("share of the slack needed, by kind: {worst:.3?}");
    // The proof in `src/bound.rs` leaves more than half of it.
    assert!(worst.iter().all(|&share| share < 0.5), "{worst:?}");
}

/// Pairs whose distance is this many resolutions around a quarter turn, seen from incumbents on
/// both sides of it, where one formula takes the other's place.
#[test]
fn no_pair_is_lost_around_a_quarter_turn() {
    let mut random = Random::new(12);
    let quarter_km = HALF_CIRCUMFERENCE_KM / 2.0;
    let mut sides = [0_u64; 3];
    for _ in 0..1_000_000 {
        let p = random.vector();
        let off_rad = 12.0 * RESOLUTION_KM / RADIUS_KM;
        let q = quarter_turn_from(&mut random, p, off_rad);
        let (p, q) = (nudged(&mut random, p), nudged(&mut random, q));
        let own_km = distance_km(p, q);
        let side = (own_km - quarter_km) / RESOLUTION_KM;
        sides[if side < -1.0 { 0 } else { usize::from(side > 1.0) + 1 }] += 1;
        check_shortfall(p, q, &[0, 1, 2, 5, 10, 15, 20]);
    }
    assert!(sides.iter().all(|&count| count > 10_000), "not on both sides: {sides:?}");
}

/// The quarter turn between the pole and the equator, exactly: both formulas give it.
#[test]
fn the_pole_is_a_quarter_turn_from_the_equator() {
    for lon in -1800..3600 {
        let (p, q) = (unit_vector(90.0, 0.0), unit_vector(0.0, f64::from(lon) / 10.0));
        let own_km = distance_km(p, q);
        assert!((own_km - HALF_CIRCUMFERENCE_KM / 2.0).abs() <= RESOLUTION_KM);
        check_shortfall(p, q, &[0, 1, 2, 3]);
        check_shortfall(q, p, &[0, 1, 2, 3]);
    }
}

// ---- Sharpness ----

#[test]
fn nothing_is_beyond_the_antipode() {
    let mut random = Random::new(13);
    for round in 0..100_000 {
        let [lat, lon] = match round {
            0 => [90.0, 0.0],
            1 => [0.0, 0.0],
            _ => random.place(),
        };
        let antipode = if lon < 0.0 { lon + 180.0 } else { lon - 180.0 };
        let (p, q) = (unit_vector(lat, lon), unit_vector(-lat, antipode));
        let limits = Shortfall::of(distance_km(p, q));
        assert_eq!((limits.sign, limits.limit_beyond), (1.0, f64::NEG_INFINITY));
        assert!(limits.reach(0.0) == Reach::Equal && limits.reach(-0.0) == Reach::Equal);
        let found = limits.of_cities(p, q);
        assert_eq!(limits.reach(found), Reach::Equal, "{lat} {lon}: {found:e}");
        // A centimetre from the antipode is short of it.
        let beside = unit_vector((1e-7 - lat).clamp(-90.0, 90.0), antipode);
        if beside != q && lat > -89.0 {
            assert_eq!(limits.reach(limits.of_cities(p, beside)), Reach::Short, "{lat} {lon}");
        }
    }
}

#[test]
fn equal_places_are_not_beyond_each_other_but_all_others_are() {
    let mut random = Random::new(14);
    let limits = Shortfall::of(0.0);
    assert_eq!((limits.sign, limits.limit), (-1.0, f64::INFINITY));
    assert!(limits.limit_beyond < 0.0);
    for _ in 0..100_000 {
        let p = random.vector();
        assert_eq!(limits.reach(limits.of_cities(p, p)), Reach::Equal);
        let step = random.tiny(-9.0);
        let q = normalized([p[0] + step, p[1] - step * random.unit(), p[2]]);
        let is_apart = distance_km(p, q) >= RESOLUTION_KM;
        let is_beyond = limits.reach(limits.of_cities(p, q)) == Reach::Beyond;
        assert!(!is_apart || is_beyond, "{p:?} {q:?}");
        // Less than a tenth of the resolution is nothing.
        let chord = (-limits.of_cities(p, q)).sqrt();
        assert!(!is_beyond || chord * RADIUS_KM > 0.1 * RESOLUTION_KM, "{chord:e}");
    }
}

/// Within a hundred kilometres of the antipode, or of each other, where the relative slack is small
/// beside the resolution, a pair is told from an incumbent that is two resolutions farther.
#[test]
fn the_shortfall_is_sharp_to_two_resolutions() {
    let mut random = Random::new(15);
    for round in 0..300_000 {
        let p = random.vector();
        let step = [0, 1, 2].map(|_| random.tiny(-12.0) * 0.01);
        let sign = if round % 2 == 0 { 1.0 } else { -1.0 };
        let q = normalized([0, 1, 2].map(|axis| sign * p[axis] + step[axis]));
        let farther_km = distance_km(p, q) + 2.0 * RESOLUTION_KM;
        if farther_km > HALF_CIRCUMFERENCE_KM {
            continue;
        }
        let limits = Shortfall::of(farther_km);
        assert_eq!(limits.reach(limits.of_cities(p, q)), Reach::Short, "{p:?} {q:?}");
    }
}

// ---- Boxes ----

/// Points of a patch: anywhere, small, beside an axis or a plane of coordinates (so that the box
/// contains a zero), or one point many times.
fn patch(random: &mut Random, around: UnitVector) -> Vec<UnitVector> {
    let size = match random.below(4) {
        0 => 0.0,
        1 => 2.0,
        _ => random.tiny(-12.0).abs(),
    };
    let near = |random: &mut Random| {
        let v = [0, 1, 2].map(|axis| around[axis] + size * random.between(-1.0, 1.0));
        if size == 0.0 { around } else { normalized(v) }
    };
    (0..1 + random.below(8)).map(|_| near(random)).collect()
}

/// Where the boxes of these tests have their origin: not amid the points, as a rule.
const ORIGIN: UnitVector = [0.25, -0.125, 1.0 / 3.0];

/// Bounds of a place.
fn of_place(point: UnitVector, row: u64) -> Bounds {
    Bounds::new([point, point], ORIGIN, row, true)
}

/// Bounds of points, one place united with the next.
fn bounds_of(points: &[UnitVector]) -> Bounds {
    let places = points.iter().map(|&point| of_place(point, 0));
    places.fold(Bounds::EMPTY, |all, place| all.union(place, false))
}

/// Least and greatest coordinates of points.
fn corners_of(points: &[UnitVector]) -> [UnitVector; 2] {
    let of_axes = |of_two: fn(f64, f64) -> f64| {
        [0, 1, 2]
            .map(|axis| points.iter().map(|point| point[axis]).reduce(of_two).expect("a point"))
    };
    [of_axes(f64::min), of_axes(f64::max)]
}

/// The least shortfall that the cities of two boxes can have, axis by axis.
fn plain_least([a_min, a_max]: [UnitVector; 2], [b_min, b_max]: [UnitVector; 2], sign: f64) -> f64 {
    let squares = [0, 1, 2].map(|axis| {
        let reach = if sign > 0.0 {
            (a_min[axis] + b_min[axis]).max(-a_max[axis] - b_max[axis]).max(0.0)
        } else {
            (a_max[axis] - b_min[axis]).max(b_max[axis] - a_min[axis])
        };
        reach * reach
    });
    sign * (squares[0] + squares[1] + squares[2])
}

/// Asserts that corners hold a vector with the room on every side that `tiles` promises, and little more.
fn assert_holds([min, max]: [UnitVector; 2], [low, high]: [UnitVector; 2]) {
    for axis in 0..3 {
        let room = [low[axis] - min[axis], max[axis] - high[axis]];
        assert!(room.iter().all(|&room| (2.9e-15..3e-7).contains(&room)), "{room:?}");
    }
}

/// Where a second patch lies, seen from a first: anywhere, at its antipode, on it, a quarter turn
/// away.
fn facing(random: &mut Random, centre: UnitVector) -> UnitVector {
    let step = random.tiny(-15.0);
    match random.below(4) {
        0 => random.vector(),
        1 => normalized(centre.map(|x| step * 0.1 - x)),
        2 => normalized(centre.map(|x| step * 0.1 + x)),
        _ => quarter_turn_from(random, centre, step),
    }
}

#[test]
fn no_box_is_farther_from_another_than_the_cities_within() {
    let kernels = kernels();
    let mut random = Random::new(16);
    for _ in 0..100_000 {
        let axis = [0.0, 1e-17, 1.0];
        let [x, y, z] = [0, 1, 2].map(|_| random.one_of(&axis));
        let centre = if x + y + z > 0.5 && random.unit() < 0.3 {
            normalized([x, -y, z])
        } else {
            random.vector()
        };
        let opposite = facing(&mut random, centre);
        let (a, b) = (patch(&mut random, centre), patch(&mut random, opposite));
        let (box_a, box_b) = (bounds_of(&a), bounds_of(&b));
        let some_km = distance_km(random.one_of(&a), random.one_of(&b));
        for incumbent_km in [some_km, 0.0, random.between(0.0, 20_015.0)] {
            let limits = Shortfall::of(incumbent_km);
            let of_boxes = limits.of_boxes(box_a.corners(ORIGIN), box_b.corners(ORIGIN));
            assert_eq!(of_boxes, limits.of_boxes(box_b.corners(ORIGIN), box_a.corners(ORIGIN)));
            for &p in &a {
                let of_city = limits.of_city(p, box_b.corners(ORIGIN));
                assert!(of_boxes <= of_city, "{box_a:?} {box_b:?} {p:?}");
                for &q in &b {
                    let of_cities = limits.of_cities(p, q);
                    assert!(of_city <= of_cities, "{p:?} {box_b:?} {q:?}");
                    let is_needed = distance_km(p, q) >= incumbent_km;
                    assert!(!is_needed || limits.reach(of_boxes) != Reach::Short);
                }
            }
            check_kernels(&kernels, limits, &a, &b);
        }
        let (mark, rows) = (random.unit() < 0.5, Tile::new(&a));
        let tile_box = Bounds::new(rows.corners(), ORIGIN, 5, mark);
        assert_eq!(tile_box.corners(ORIGIN), box_a.corners(ORIGIN));
        assert_eq!((tile_box.lowest_row(), tile_box.is_one_place()), (5, mark));
        assert_holds(box_a.corners(ORIGIN), corners_of(&a));
    }
}

/// Checks the eight boxes of a tile, and what every kernel says of them and of cities.
fn check_kernels(kernels: &[Kernel], limits: Shortfall, a: &[UnitVector], b: &[UnitVector]) {
    let (rows, columns, box_b) = (Tile::new(a), Tile::new(b), bounds_of(b));
    let eights = Boxes::of_tile(&rows);
    let eight = |at: usize| -> Vec<UnitVector> {
        (8 * at..8 * at + 8).map(|lane| rows.vector(lane)).collect()
    };
    let bounds: Vec<Bounds> = (0..BOXES).map(|at| bounds_of(&eight(at))).collect();
    let of_bounds = Boxes::of_corners(bounds.iter().map(|bounds| bounds.corners(ORIGIN)));
    for (at, bounds) in bounds.iter().enumerate() {
        assert_eq!(eights.corners(at), corners_of(&eight(at)));
        assert_eq!(of_bounds.corners(at), bounds.corners(ORIGIN));
    }
    let Shortfall { sign, limit, limit_beyond, .. } = limits;
    let measure = limits.measure();
    for (kernel, limit) in
        kernels.iter().flat_map(|kernel| [(kernel, limit), (kernel, limit_beyond)])
    {
        let near_boxes = kernel.mark_boxes(&eights, box_b.corners(ORIGIN), measure, limit);
        let near_bounds = kernel.mark_boxes(&of_bounds, box_b.corners(ORIGIN), measure, limit);
        for (at, bounds) in bounds.iter().enumerate() {
            let is_near = plain_least(eights.corners(at), box_b.corners(ORIGIN), sign) <= limit;
            assert_eq!(near_boxes >> at & 1 == 1, is_near, "{:?}", kernel.isa());
            let is_near = limits.of_boxes(bounds.corners(ORIGIN), box_b.corners(ORIGIN)) <= limit;
            assert_eq!(near_bounds >> at & 1 == 1, is_near, "{:?}", kernel.isa());
        }
        let near = kernel.mark_far(a[0], &columns, measure, limit);
        for lane in 0..TILE_CITIES {
            let is_near = limits.of_cities(a[0], columns.vector(lane)) <= limit;
            assert_eq!(near >> lane & 1 == 1, is_near, "{:?}", kernel.isa());
        }
    }
}

/// Bounds of one place say so, and their box is that place but for a ten-millionth of the radius.
#[test]
fn bounds_of_one_place_are_marked_and_nearly_as_sharp_as_cities() {
    // Two boxes, each of three coordinates, each off by less than 3e-7.
    const ROOM: f64 = 2.0 * 3e-7 * 1.7321;
    let mut random = Random::new(17);
    for _ in 0..100_000 {
        let p = random.vector();
        let q = facing(&mut random, p);
        let row = random.bits() >> 1;
        let (box_p, box_q) = (of_place(p, row), of_place(q, 0));
        assert_eq!((box_p.lowest_row(), box_p.is_one_place()), (row, true));
        assert_holds(box_p.corners(ORIGIN), [p, p]);
        for incumbent_km in [0.0, distance_km(p, q), HALF_CIRCUMFERENCE_KM - RESOLUTION_KM] {
            let limits = Shortfall::of(incumbent_km);
            let of_cities = limits.of_cities(p, q);
            for of_box in [
                limits.of_boxes(box_p.corners(ORIGIN), box_q.corners(ORIGIN)),
                limits.of_city(p, box_q.corners(ORIGIN)),
            ] {
                assert!(of_box <= of_cities);
                let [least, size] = [of_box, of_cities].map(|square| square.abs().sqrt());
                assert!((least - size).abs() <= ROOM, "{least} {size}");
            }
        }
        for is_one_place in [false, true] {
            let both = box_p.union(box_q, is_one_place);
            assert_eq!((both.lowest_row(), both.is_one_place()), (0, is_one_place));
        }
    }
}

// ---- Quick vectors ----

fn quick_vector([lat, lon]: [f64; 2]) -> UnitVector {
    quick_vectors(&[lat], &[lon]).map(|[coordinate]| coordinate)
}

/// Degrees of a pair that is hard for one reason or another: nearly antipodal or nearly equal down to
/// 1e-15 degrees, exactly so, near a quarter turn, at the edges where remainders change.
fn hard_degrees(random: &mut Random, kind: usize) -> [[f64; 2]; 2] {
    let [mut lat, mut lon] = random.place();
    if random.unit() < 0.2 {
        lat = 45.0 * random.one_of(&[-2.0, -1.0, 0.0, 1.0, 2.0]);
        lon = 45.0 * (random.below(13) as f64 - 4.0);
    }
    let [north, east] = [random.tiny(-15.0), random.tiny(-15.0)];
    let half_turn = if lon <= 180.0 { 180.0 } else { -180.0 };
    let quarter = if lat > 0.0 { -90.0 } else { 90.0 };
    let [there_lat, there_lon] = match kind % 7 {
        0 => random.place(),
        1 => [-lat + north, lon + half_turn + east],
        2 => [-lat, lon + half_turn],
        3 => [lat + north, lon + east],
        4 => [lat, lon],
        5 => [lat + quarter + north, lon],
        // On the equator a quarter turn is one of the longitude.
        _ => {
            lat = north * 1e-3;
            [random.tiny(-15.0) * 1e-3, if lon <= 270.0 { lon + 90.0 } else { lon - 90.0 } + east]
        }
    };
    [[lat, lon], [there_lat.clamp(-90.0, 90.0), there_lon.clamp(-180.0, 360.0)]]
}

/// Whatever the limits keep of exact vectors, the widened ones keep of quick vectors, and of the boxes that
/// are made of these.
#[test]
fn no_pair_is_lost_by_quick_vectors() {
    let mut random = Random::new(18);
    let mut kept = [0_u64; 2];
    for round in 0..1_000_000 {
        let degrees = hard_degrees(&mut random, round);
        let [p, q] = degrees.map(|[lat, lon]| unit_vector(lat, lon));
        let [quick_p, quick_q] = degrees.map(quick_vector);
        let [box_p, box_q] = [quick_p, quick_q].map(|vector| of_place(vector, 0));
        let own_km = distance_km(p, q);
        let steps = RESOLUTION_KM * (random.bits() >> (12 + random.below(52))) as f64;
        let incumbents =
            [own_km, own_km - RESOLUTION_KM, own_km + RESOLUTION_KM, own_km - steps, 0.0];
        for incumbent_km in incumbents.map(|km| km.clamp(0.0, HALF_CIRCUMFERENCE_KM)) {
            let exact = Shortfall::of(incumbent_km);
            let quick = exact.quick();
            assert!(quick.sign == exact.sign && quick.limit >= exact.limit);
            assert!(quick.limit_beyond >= exact.limit_beyond);
            let of_exact = exact.of_cities(p, q);
            let of_quick = quick.of_cities(quick_p, quick_q);
            let of_boxes = quick.of_boxes(box_p.corners(ORIGIN), box_q.corners(ORIGIN));
            assert!(of_boxes <= of_quick && of_boxes <= of_exact);
            assert!(quick.of_city(p, box_q.corners(ORIGIN)) <= of_exact);
            for (at, (limit, widened)) in
                [(exact.limit, quick.limit), (exact.limit_beyond, quick.limit_beyond)]
                    .into_iter()
                    .enumerate()
            {
                if of_exact <= limit {
                    kept[at] += 1;
                    assert!(of_quick <= widened, "{degrees:?} against {incumbent_km} km");
                }
            }
        }
    }
    assert!(kept.iter().all(|&kept| kept > 1_000_000), "{kept:?}");
}

/// What the proof widens by is no more than four roundings of 1: a millionth of a millimetre.
#[test]
fn quick_limits_are_nearly_as_sharp() {
    let mut random = Random::new(19);
    assert_eq!(Shortfall::of(HALF_CIRCUMFERENCE_KM).quick().limit_beyond, f64::NEG_INFINITY);
    assert_eq!(Shortfall::of(0.0).quick().limit, f64::INFINITY);
    for _ in 0..100_000 {
        let exact = Shortfall::of(random.between(0.0, HALF_CIRCUMFERENCE_KM));
        let quick = exact.quick();
        for (exact, quick) in [(exact.limit, quick.limit), (exact.limit_beyond, quick.limit_beyond)]
        {
            let [exact, quick] = [exact, quick].map(|square| square.abs().sqrt());
            assert!((exact - quick).abs() <= 5.0 * QUICK_ERROR, "{exact} {quick}");
        }
    }
}

/// A box that is made of the quick vectors of a tile holds the exact ones.
#[test]
fn boxes_of_quick_vectors_hold_the_exact_ones() {
    let mut random = Random::new(20);
    for round in 0..20_000 {
        let size = if round % 4 == 0 { 0.0 } else { random.tiny(-15.0).abs() * 90.0 };
        let [mid_lat, mid_lon] = match round % 3 {
            0 => [45.0, 90.0].map(|step| step * (random.below(5) as f64 - 2.0)),
            _ => random.place(),
        };
        let degrees: Vec<[f64; 2]> = (0..1 + random.below(TILE_CITIES))
            .map(|_| [mid_lat + size * random.between(-1.0, 1.0), mid_lon + size * random.unit()])
            .map(|[lat, lon]| [lat.clamp(-90.0, 90.0), lon.clamp(-180.0, 360.0)])
            .collect();
        let exact: Vec<_> = degrees.iter().map(|&[lat, lon]| unit_vector(lat, lon)).collect();
        let quick: Vec<_> = degrees.iter().copied().map(quick_vector).collect();
        let bounds = Bounds::new(Tile::new(&quick).corners(), ORIGIN, 0, false);
        assert_holds(bounds.corners(ORIGIN), corners_of(&exact));
        assert_holds(bounds.corners(ORIGIN), corners_of(&quick));
    }
}
