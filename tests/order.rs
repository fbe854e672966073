//! Proves what the answer rests on once distances are known: "farther" is a total order that its
//! keys carry, the reduction finds its maximum however the pairs are dealt, and counts are kept
//! beyond 2⁶⁴.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Barrier, Mutex};
use std::thread;

use farthest::error::Error;
use farthest::ranking::{FarPair, Ranking};
use farthest::reduction::{Counts, farthest_of_all};
use proptest::prelude::*;

/// The pair of two cities of one list, each a row and a position: the lower row stands first.
fn pair_in_order(distance_km: f64, a: (u64, u64), b: (u64, u64)) -> Option<FarPair> {
    let (low, high) = if a.0 <= b.0 { (a, b) } else { (b, a) };
    FarPair::new(distance_km, [low.0, high.0], [low.1, high.1])
}

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
        .prop_map(|(km, a, b, i, j)| pair_in_order(km, (a, i), (b, j)).expect("a distance"))
}

/// The order as the head of `src/ranking.rs` has it in words.
fn farther(a: &FarPair, b: &FarPair) -> Ordering {
    let by_distance = a.distance_km.partial_cmp(&b.distance_km).expect("no NaN");
    by_distance.then(b.rows[0].cmp(&a.rows[0])).then(b.rows[1].cmp(&a.rows[1]))
}

#[test]
fn only_a_distance_makes_a_pair() {
    for no_distance in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, -5e-324] {
        assert!(pair_in_order(no_distance, (0, 0), (1, 1)).is_none(), "{no_distance}");
    }
    let pair = pair_in_order(-0.0, (7, 70), (3, 30)).expect("zero is a distance");
    assert_eq!((pair.rows, pair.positions), ([3, 7], [30, 70]));
    let plus = pair_in_order(0.0, (3, 30), (7, 70)).expect("zero is a distance");
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
    fn an_ranking_is_the_farthest_offered(pairs in prop::collection::vec(any_pair(), 0..20)) {
        let mut ranking = Ranking::default();
        let mut greatest_km = f64::NEG_INFINITY;
        for pair in &pairs {
            prop_assert_eq!(ranking.offer(*pair), pair.distance_km > greatest_km);
            greatest_km = greatest_km.max(pair.distance_km);
        }
        let answer = |pair: FarPair| (pair.distance_km, pair.rows);
        let best = pairs.iter().copied().max_by(farther);
        prop_assert_eq!(ranking.best().map(answer), best.map(answer));
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
    pair_in_order(distance_km, (low, !low), (high, high ^ 0x5555)).expect("a distance")
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
    let ranks = [
        [big, 1, 7, 3, 2],
        [big * 3 + 7, big, big + 1, 5, big],
        [0, 0, 0, 0, 0],
        [1 << 100, (1 << 90) + 5, (1 << 80) + 9, (1 << 70) + 11, (1 << 95) + 13],
    ];
    let counts = |counts: [u128; 5]| {
        let [covered, evaluated, groups_opened, regions_by_tree, covered_earlier] = counts;
        Counts { covered, covered_earlier, evaluated, groups_opened, regions_by_tree }
    };
    let sums = [0, 1, 2, 3, 4].map(|which| ranks.iter().map(|rank| rank[which]).sum());
    assert_eq!(ranks.map(counts).into_iter().sum::<Counts>(), counts(sums));
}

#[test]
fn a_result_that_does_not_cover_every_pair_is_refused() {
    let counts = |covered| Counts { covered, ..Counts::default() };
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
