//! Proves what the answer rests on once distances are known: "farther" is a total order that its
//! keys carry, the reduction finds its maximum however the pairs are dealt, counts are kept beyond
//! 2⁶⁴, the kernel marks exactly what its limit says, and the bound never loses a pair.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Barrier, Mutex};
use std::thread;

use farthest::bound::{DOT_MARGIN, NO_LIMIT, dot_limit};
use farthest::error::Error;
use farthest::incumbent::{FarPair, Incumbent};
use farthest::kernel::{PairMask, mark_far_pairs};
use farthest::reduction::{Counts, farthest_of_all};
use farthest::sphere::{RADIUS_KM, RESOLUTION_KM, UnitVector, distance_km, unit_vector};
use farthest::tiles::Tile;
use proptest::prelude::*;
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

// ---- The order ----

/// Pairs with few different distances and rows, so that ties are common, and extreme ones.
fn any_pair() -> impl Strategy<Value = FarPair> {
    let distance_km = prop_oneof![
        4 => prop::sample::select(vec![0.0, -0.0, 5e-324, 1.0, 20015.0, f64::MAX]),
        1 => 0.0..20_016.0_f64,
    ];
    let row = prop_oneof![4 => 0..4_u64, 1 => any::<u64>(), 1 => Just(u64::MAX - 1)];
    let row = row.prop_map(|row: u64| row.min(u64::MAX - 1));
    (distance_km, row.clone(), row, any::<u64>(), any::<u64>())
        .prop_map(|(km, a, b, i, j)| FarPair::new(km, (a, i), (b, j)).expect("a distance"))
}

/// The order as the head of `src/incumbent.rs` has it in words.
fn farther(a: &FarPair, b: &FarPair) -> Ordering {
    let by_distance = a.distance_km.partial_cmp(&b.distance_km).expect("no NaN");
    by_distance.then(b.rows[0].cmp(&a.rows[0])).then(b.rows[1].cmp(&a.rows[1]))
}

#[test]
fn only_a_distance_makes_a_pair() {
    for no_distance in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, -5e-324] {
        assert!(FarPair::new(no_distance, (0, 0), (1, 1)).is_none(), "{no_distance}");
    }
    let pair = FarPair::new(-0.0, (7, 70), (3, 30)).expect("zero is a distance");
    assert_eq!((pair.rows, pair.positions), ([3, 7], [30, 70]));
    let plus = FarPair::new(0.0, (3, 30), (7, 70)).expect("zero is a distance");
    assert_eq!(pair.compare(&plus), Ordering::Equal);
    assert_eq!(pair.to_keys(), plus.to_keys());
}

proptest! {
    #![proptest_config(config(20_000))]

    #[test]
    fn keys_order_as_pairs_do((a, b) in (any_pair(), any_pair())) {
        prop_assert_eq!(a.compare(&b), farther(&a, &b));
        prop_assert_eq!(a.to_keys()[..3].cmp(&b.to_keys()[..3]), farther(&a, &b));
        prop_assert_eq!(FarPair::from_keys(a.to_keys()), a);
    }

    #[test]
    fn the_order_is_total((a, b, c) in (any_pair(), any_pair(), any_pair())) {
        prop_assert_eq!(a.compare(&a), Ordering::Equal);
        prop_assert_eq!(a.compare(&b), b.compare(&a).reverse());
        if a.compare(&b) == Ordering::Equal {
            prop_assert_eq!((a.distance_km, a.rows), (b.distance_km, b.rows));
            prop_assert_eq!(a.compare(&c), b.compare(&c));
        }
        if a.compare(&b).is_le() && b.compare(&c).is_le() {
            prop_assert!(a.compare(&c).is_le());
        }
    }

    #[test]
    fn an_incumbent_is_the_farthest_offered(pairs in prop::collection::vec(any_pair(), 0..20)) {
        let mut incumbent = Incumbent::default();
        let mut greatest_km = f64::NEG_INFINITY;
        for pair in &pairs {
            prop_assert_eq!(incumbent.offer(*pair), pair.distance_km > greatest_km);
            greatest_km = greatest_km.max(pair.distance_km);
        }
        let answer = |pair: FarPair| (pair.distance_km, pair.rows);
        let best = pairs.iter().copied().max_by(farther);
        prop_assert_eq!(incumbent.best().map(answer), best.map(answer));
    }
}

// ---- The reduction ----

/// Runs the reduction on a thread for each rank, with a maximum as MPI takes it: nobody has it
/// before all have come. Returns what each rank got.
fn reduce(ranks: &[Option<FarPair>]) -> Vec<Option<FarPair>> {
    let bids: Vec<AtomicU64> = ranks.iter().map(|_| AtomicU64::new(0)).collect();
    let calls: Vec<AtomicU64> = ranks.iter().map(|_| AtomicU64::new(0)).collect();
    let barrier = Barrier::new(ranks.len());
    let results = Mutex::new(vec![None; ranks.len()]);
    thread::scope(|scope| {
        for (rank, &mine) in ranks.iter().enumerate() {
            let (bids, calls, barrier, results) = (&bids, &calls, &barrier, &results);
            scope.spawn(move || {
                let found = farthest_of_all(mine, |bid| {
                    calls[rank].fetch_add(1, SeqCst);
                    bids[rank].store(bid, SeqCst);
                    barrier.wait();
                    let highest = bids.iter().map(|bid| bid.load(SeqCst)).max();
                    barrier.wait();
                    highest.expect("there are ranks")
                });
                results.lock().expect("no panic")[rank] = found;
            });
        }
    });
    let calls: Vec<u64> = calls.iter().map(|calls| calls.load(SeqCst)).collect();
    assert!(calls.windows(2).all(|pair| pair[0] == pair[1]), "a rank would wait for ever");
    results.into_inner().expect("no panic")
}

/// Pairs as a real list has them: positions follow from rows.
fn pair_of(distance_km: f64, low: u64, high: u64) -> FarPair {
    FarPair::new(distance_km, (low, !low), (high, high ^ 0x5555)).expect("a distance")
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn the_reduction_is_the_plain_maximum(
        ranks in prop::collection::vec(
            prop::option::of((0..3_u8, 0..3_u64, 1..3_u64, any::<bool>())),
            1..9,
        ),
    ) {
        let pair = |(km, low, more, is_far): (u8, u64, u64, bool)| {
            let low = if is_far { u64::MAX - 5 + low } else { low };
            pair_of(f64::from(km) * 10_000.0, low, low + more)
        };
        let ranks: Vec<Option<FarPair>> = ranks.into_iter().map(|rank| rank.map(pair)).collect();
        let expected = ranks.iter().flatten().copied().max_by(farther);
        for found in reduce(&ranks) {
            prop_assert_eq!(found, expected);
        }
    }
}

#[test]
fn ranks_without_a_pair_do_not_disturb_the_others() {
    let pair = pair_of(0.0, 0, 1);
    let last = pair_of(0.0, u64::MAX - 2, u64::MAX - 1);
    for (ranks, expected) in [
        (vec![None], None),
        (vec![None; 5], None),
        (vec![None, Some(pair), None], Some(pair)),
        (vec![Some(last), None], Some(last)),
        (vec![Some(last), Some(pair), None, Some(last)], Some(pair)),
        (vec![Some(pair); 4], Some(pair)),
    ] {
        assert_eq!(reduce(&ranks), vec![expected; ranks.len()], "{ranks:?}");
    }
}

#[test]
fn counts_add_up_beyond_64_bits() {
    let big = u128::from(u64::MAX);
    let ranks = [(big, 1), (big * 3 + 7, big), (0, 0), (1 << 100, (1 << 90) + 5)];
    let words: Vec<u64> = ranks
        .iter()
        .flat_map(|&(covered, evaluated)| Counts { covered, evaluated }.to_words())
        .collect();
    let sum = Counts::sum(&words);
    assert_eq!(sum.covered, ranks.iter().map(|rank| rank.0).sum());
    assert_eq!(sum.evaluated, ranks.iter().map(|rank| rank.1).sum());
    assert_eq!(Counts::sum(&[]), Counts::default());
}

#[test]
fn a_result_that_does_not_cover_every_pair_is_refused() {
    let counts = |covered| Counts { covered, evaluated: 0 };
    for pairs in [0, 1, 1 << 64, (1 << 100) + 1] {
        counts(pairs).require_covered(pairs).expect("covered");
        for covered in [pairs + 1, pairs.wrapping_sub(1), pairs + (1 << 64)] {
            let error = counts(covered).require_covered(pairs).expect_err("not covered");
            assert!(matches!(error, Error::Internal { .. }));
            assert_eq!(error.exit_code(), 70);
            let message = error.to_string();
            assert!(message.contains(&covered.to_string()) && message.contains(&pairs.to_string()));
        }
    }
}

// ---- The kernel ----

fn random_points(random: &mut Xoshiro256PlusPlus, count: usize) -> Vec<UnitVector> {
    let mut unit = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    (0..count).map(|_| unit_vector(unit() * 180.0 - 90.0, unit() * 540.0 - 180.0)).collect()
}

/// Checks every bit against the plain loop that `src/kernel/scalar.rs` specifies, and returns the
/// number of pairs marked.
fn check_mask(rows: &Tile, columns: &Tile, limit: f64) -> u32 {
    let mut mask: PairMask = [u64::MAX; 64];
    let any = mark_far_pairs(rows, columns, limit, &mut mask);
    for (i, word) in mask.iter().enumerate() {
        let p = rows.vector(i);
        for j in 0..64 {
            let q = columns.vector(j);
            let dot = (p[0] * q[0] + p[1] * q[1]) + p[2] * q[2];
            assert_eq!(word >> j & 1 == 1, dot <= limit, "{i}, {j}: {dot} and {limit}");
        }
    }
    let marked = mask.iter().map(|word| word.count_ones()).sum();
    assert_eq!(any, marked > 0, "it says whether there are any (limit {limit})");
    marked
}

#[test]
fn the_kernel_marks_exactly_the_pairs_within_its_limit() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(8);
    for count in [1, 2, 63, 64] {
        for _ in 0..20 {
            let rows = Tile::new(&random_points(&mut random, count));
            let columns = Tile::new(&random_points(&mut random, count));
            assert_eq!(check_mask(&rows, &columns, NO_LIMIT), 64 * 64);
            assert_eq!(check_mask(&rows, &columns, f64::NEG_INFINITY), 0);
            assert_eq!(check_mask(&rows, &columns, f64::NAN), 0);
            for limit in [-1.1, -0.99, -0.5, 0.0, 0.5, 0.999, 1.1] {
                check_mask(&rows, &columns, limit);
                check_mask(&rows, &rows, limit);
            }
            // The limit itself is within it, the number below is not.
            let (p, q) = (rows.vector(0), columns.vector(63));
            let dot = (p[0] * q[0] + p[1] * q[1]) + p[2] * q[2];
            assert!(
                check_mask(&rows, &columns, dot) > check_mask(&rows, &columns, dot.next_down())
            );
        }
    }
}

#[test]
fn a_nan_marks_nothing_and_hides_nothing() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(9);
    let mut rows = Tile::new(&random_points(&mut random, 64));
    let mut columns = Tile::new(&random_points(&mut random, 64));
    for lane in [0, 7, 8, 63] {
        rows.y[lane] = f64::NAN;
        columns.x[lane] = f64::NAN;
    }
    assert_eq!(check_mask(&rows, &columns, 2.0), 60 * 60);
    assert_eq!(check_mask(&rows, &columns, NO_LIMIT), 60 * 60);
}

#[test]
fn tiles_of_nan_alone_are_said_to_have_no_pair() {
    let nan = Tile { x: [f64::NAN; 64], y: [0.0; 64], z: [0.0; 64] };
    assert_eq!(check_mask(&nan, &nan, 2.0), 0);
    assert_eq!(check_mask(&nan, &nan, NO_LIMIT), 0);
}

// ---- The bound ----

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

/// Pairs of points that try to break the bound, one kind after the other.
fn adversarial(random: &mut Xoshiro256PlusPlus, kind: u64) -> (UnitVector, UnitVector) {
    let mut unit = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let (lat, lon) = (unit() * 180.0 - 90.0, unit() * 540.0 - 180.0);
    let tiny = 10_f64.powf(-16.0 * unit());
    let (north, east) = (tiny * (unit() - 0.5), tiny * (unit() - 0.5));
    let on_sphere =
        |lat: f64, lon: f64| unit_vector(lat.clamp(-90.0, 90.0), lon.clamp(-180.0, 360.0));
    let p = unit_vector(lat, lon);
    let half_turn = if lon <= 180.0 { 180.0 } else { -180.0 };
    let q = match kind % 7 {
        0 => unit_vector(unit() * 180.0 - 90.0, unit() * 540.0 - 180.0),
        1 => on_sphere(-lat + north, lon + half_turn + east),
        2 => on_sphere(lat + north, lon + east),
        3 => on_sphere(if north > 0.0 { 90.0 - tiny } else { -90.0 + tiny }, unit() * 360.0),
        4 => p,
        // About a quarter turn away, where the cosine is steepest.
        5 => on_sphere(if lat > 0.0 { lat - 90.0 } else { lat + 90.0 } + north, lon + east),
        // Beside multiples of 45 degrees, where remainders and roundings are largest.
        _ => {
            let eighth =
                |share: f64, least: f64, most: f64| (least + share * (most - least)).round() * 45.0;
            let (lat, lon) = (eighth(unit(), -2.0, 2.0), eighth(unit(), -4.0, 8.0));
            on_sphere(lat + north, lon + east)
        }
    };
    (p, q)
}

#[test]
fn no_pair_breaks_the_margin() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(10);
    let mut worst = [0.0_f64; 7];
    for round in 0..5_000_000 {
        let (p, q) = adversarial(&mut random, round);
        let worst = &mut worst[(round % 7) as usize];
        *worst = worst.max(excess(p, q));
    }
    let greatest = worst.into_iter().fold(0.0, f64::max);
    // The proof in `src/bound.rs` gives 48 u of 90; what occurs should be well below that.
    assert!(greatest <= 48.0 * f64::EPSILON / 2.0, "{greatest:e}");
    assert!(greatest > 0.0, "a margin of nothing would do: the test tries nothing");
    println!("share of the margin used, by kind: {:.3?}", worst.map(|worst| worst / DOT_MARGIN));
}

proptest! {
    #![proptest_config(config(50_000))]

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
    }

    #[test]
    fn a_greater_distance_has_no_greater_limit(a in 0.0..20_015.1_f64, b in 0.0..20_015.1_f64) {
        let (near, far) = (a.min(b), a.max(b));
        prop_assert!(dot_limit(far) <= dot_limit(near) + f64::EPSILON);
    }
}
