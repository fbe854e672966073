//! The loop over a share's blocks without a launcher: stopped anywhere and gone on with on any number of ranks; the
//! bound of a search that was stopped; the file of a checkpoint.

mod common;

use std::path::Path;

use farthest::bound::most_km;
use farthest::driver::checkpoint::{Done, Question, from_bytes, to_bytes};
use farthest::driver::{Next, Nobody, Standing, Watch, drive};
use farthest::kernel::Kernel;
use farthest::metric::Metric;
use farthest::pairs::{Settled, Share};
use farthest::ranking::FarPair;
use farthest::search::{Field, Method, Wanted, block_edge, of, upper_bound_km};
use farthest::sphere::{HALF_CIRCUMFERENCE_KM, UnitVector, distance_km};

use common::{Random, atlas_of, is_long, search_in_shares};

const METHODS: [Method; 5] =
    [Method::Naive, Method::Exhaustive, Method::Pruned, Method::Join, Method::Tree];

/// Stops after so many blocks.
struct After(usize);

impl Watch for After {
    fn look(&mut self, at: &mut dyn FnMut() -> Standing) -> Next {
        let Standing { settled, cursor, farthest } = at();
        assert!(settled > 0 && cursor > 0 && farthest.is_some());
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 { Next::Stop } else { Next::GoOn }
    }
}

fn places(random: &mut Random, cities: usize) -> Vec<[f64; 2]> {
    let near = |random: &mut Random| [random.between(40.0, 55.0), random.between(-5.0, 25.0)];
    match random.below(3) {
        0 => (0..cities).map(|_| near(random)).collect(),
        1 => (0..cities).map(|_| random.place()).collect(),
        // Whole degrees have many antipodes: ties, which the lowest rows decide.
        _ => (0..cities).map(|_| random.place().map(f64::round)).collect(),
    }
}

/// Every run of a job has another number of ranks, each rank is stopped somewhere, and some are killed: what they
/// did is lost then. The last run goes to the end.
#[test]
fn a_search_that_is_stopped_anywhere_goes_on_with_any_number_of_ranks() {
    let mut random = Random::new(1);
    let kernel = Kernel::best();
    for round in 0..if is_long() { 200 } else { 12 } {
        let places = places(&mut random, 300 + 700 * (round % 4));
        let buffer = atlas_of(&places);
        let (atlas, points) = (buffer.atlas(), buffer.atlas().points());
        let pairs = (places.len() * (places.len() - 1) / 2) as u128;
        for method in METHODS {
            let (expected, _) = search_in_shares(&atlas, method, kernel, 1);
            let first_ranks = 1 + random.below(5) as u64;
            let edge = block_edge(method, places.len() as u64, first_ranks);
            let (mut settled, mut farthest) = (Settled::default(), None);
            let mut blocks_settled = 0;
            for run in 0..20 {
                // What one run leaves to the next goes through a file.
                let question = Question { cities: vec![places.len() as u64], ..question() };
                let bytes = to_bytes(&question, &Done { block_edge: edge, settled, farthest });
                let left = from_bytes(Path::new("c"), &bytes, &question).expect("as written");
                settled = left.settled;
                farthest = left.farthest.map(|pair| {
                    let mut search =
                        of(method, Field::within(&points), kernel, edge, Wanted::default());
                    let positions = pair.positions.map(|position| position as usize);
                    search.consider(positions).expect("sound cities");
                    search.found().farthest().expect("that pair")
                });
                let ranks = if run == 0 { first_ranks } else { 1 + random.below(7) as u64 };
                let mut cursors = Vec::new();
                let (mut covered, mut earlier, mut is_stopped) = (0, 0, false);
                for rank in 0..ranks {
                    let mut search =
                        of(method, Field::within(&points), kernel, edge, Wanted::default());
                    if let Some(pair) = farthest {
                        let FarPair { positions, .. } = pair;
                        search
                            .consider(positions.map(|position| position as usize))
                            .expect("sound");
                    }
                    let share = Share::new(rank, ranks, search.blocks());
                    let is_killed = random.below(5) == 0 && run < 19;
                    let most = if run < 19 { 1 + random.below(4) } else { usize::MAX };
                    let done = drive(&mut *search, share, &settled, &mut After(most));
                    let done = done.expect("sound cities");
                    covered += done.found.covered;
                    earlier += done.found.covered_earlier;
                    is_stopped |= done.is_stopped;
                    if is_killed {
                        cursors.push(rank);
                        continue;
                    }
                    cursors.push(done.cursor);
                    blocks_settled += done.settled;
                    let all = farthest.into_iter().chain(done.found.farthest());
                    farthest = all.max_by(FarPair::compare);
                }
                assert!(covered <= pairs && earlier <= covered);
                assert_eq!(is_stopped, covered < pairs, "{method:?}, run {run}");
                let layers = settled.layers().iter().cloned().chain([cursors]);
                settled = Settled::new(layers.collect());
            }
            let found = farthest.expect("there are pairs");
            assert_eq!(found.rows, expected.rows, "{method:?}");
            assert_eq!(found.distance_km.to_bits(), expected.distance_bits, "{method:?}");
            let blocks =
                of(method, Field::within(&points), kernel, edge, Wanted::default()).blocks();
            assert_eq!(
                blocks_settled, blocks,
                "{method:?}: each block once, but for those that were lost"
            );
        }
    }
}

/// Leaves a block at the last of so many questions within it.
struct Leaves(usize);

impl Watch for Leaves {
    fn look(&mut self, _: &mut dyn FnMut() -> Standing) -> Next {
        Next::GoOn
    }

    fn look_within(&mut self, at: &mut dyn FnMut() -> Standing) -> Next {
        assert!(at().farthest.is_some());
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 { Next::Stop } else { Next::GoOn }
    }
}

#[test]
fn a_block_that_is_left_counts_for_nothing_and_the_next_run_settles_it() {
    let mut random = Random::new(5);
    // Most pairs of one town are as far as any, if so many are wanted.
    let places: Vec<[f64; 2]> =
        (0..2000).map(|_| [random.between(50.0, 50.1), random.between(8.0, 8.1)]).collect();
    let buffer = atlas_of(&places);
    let points = buffer.atlas().points();
    let wanted = Wanted { pairs: 200_000, ..Wanted::default() };
    let begin = |method| of(method, Field::within(&points), Kernel::best(), 512, wanted);
    for method in [Method::Exhaustive, Method::Pruned, Method::Tree] {
        let share = Share::new(0, 1, begin(method).blocks());
        let nothing = Settled::default();
        let whole = drive(&mut *begin(method), share, &nothing, &mut Nobody).expect("sound");
        let mut blocks_left = 0;
        for questions in [1, 2, 4, 9] {
            let mut search = begin(method);
            let first = drive(&mut *search, share, &nothing, &mut Leaves(questions));
            let first = first.expect("sound cities");
            let settled: u128 = (0..first.cursor).map(|block| search.pairs(block)).sum();
            assert_eq!((first.found.covered, first.settled), (settled, first.cursor), "{method:?}");
            blocks_left += usize::from(first.is_stopped);
            let known = Settled::new(vec![vec![first.cursor]]);
            let second = drive(&mut *search, share, &known, &mut Nobody).expect("sound cities");
            assert!(!second.is_stopped && second.settled + first.settled == share.count() as u64);
            let [found, expected] =
                [&second, &whole].map(|outcome| outcome.found.ranking.pairs().collect::<Vec<_>>());
            assert_eq!(found, expected, "{method:?}");
        }
        assert!(blocks_left > 0, "{method:?} was never left");
    }
}

#[test]
fn a_share_that_earlier_runs_settled_is_counted_and_not_searched() {
    let buffer = atlas_of(&places(&mut Random::new(2), 500));
    let points = buffer.atlas().points();
    for method in METHODS {
        let edge = block_edge(method, 500, 1);
        let mut search =
            of(method, Field::within(&points), Kernel::best(), edge, Wanted::default());
        let share = Share::new(0, 1, search.blocks());
        let all = Settled::new(vec![vec![search.blocks()]]);
        let done = drive(&mut *search, share, &all, &mut Nobody).expect("sound cities");
        assert_eq!((done.settled, done.found.evaluated, done.is_stopped), (0, 0, false));
        assert_eq!((done.found.covered, done.found.covered_earlier), (124_750, 124_750));
        assert_eq!((done.found.farthest(), done.blocks.blocks), (None, 0));
    }
}

/// The bound is never below the answer, and of cities that lie together it is not far above.
#[test]
fn no_pair_is_farther_than_the_bound_of_a_search_that_was_stopped() {
    let mut random = Random::new(3);
    let mut sharpest = f64::INFINITY;
    for _ in 0..if is_long() { 2000 } else { 60 } {
        let [lat, lon] = random.place();
        let spread = 10_f64.powf(random.between(-7.0, 2.0));
        let count = 2 + random.below(2000);
        let places: Vec<[f64; 2]> = (0..count)
            .map(|_| {
                let [up, along] = [(); 2].map(|()| random.between(-spread, spread));
                [(lat + up).clamp(-90.0, 90.0), (lon + along).clamp(-180.0, 180.0)]
            })
            .collect();
        let buffer = atlas_of(&places);
        let (atlas, points) = (buffer.atlas(), buffer.atlas().points());
        for method in [Method::Naive, Method::Exhaustive, Method::Pruned] {
            let (answer, _) = search_in_shares(&atlas, method, Kernel::best(), 1);
            let bound_km = upper_bound_km(method, &Field::within(&points), &Metric::Sphere);
            assert!(answer.distance_km() <= bound_km, "{} > {bound_km}", answer.distance_km());
            assert!(bound_km <= HALF_CIRCUMFERENCE_KM + 1e-3);
            if spread > 1e-3 && spread < 10.0 && count > 500 {
                sharpest = sharpest.min(bound_km / answer.distance_km());
            }
        }
    }
    println!("the sharpest bound is {sharpest} of the answer");
    assert!(sharpest < 1.05);
}

#[test]
fn no_two_cities_of_two_boxes_are_farther_apart_than_the_boxes_allow() {
    let mut random = Random::new(4);
    for _ in 0..if is_long() { 10_000_000 } else { 200_000 } {
        let [p, q] = [random.vector(), random.vector()];
        let q = match random.below(4) {
            0 => p,
            1 => p.map(|x| -x),
            _ => q,
        };
        // Boxes of nothing but the cities are the hardest.
        let size = if random.below(2) == 0 { 0.0 } else { random.unit() };
        let mut around = |p: UnitVector| {
            let [below, above] = [(); 2].map(|()| size * random.unit());
            [p.map(|x| x - below), p.map(|x| x + above)]
        };
        let (a, b) = (around(p), around(q));
        let most_km = most_km(a, b);
        assert!(distance_km(p, q) <= most_km, "{p:?} {q:?}: {} > {most_km}", distance_km(p, q));
        assert!(size > 0.0 || most_km - distance_km(p, q) < 1e-8, "{p:?} {q:?}: {most_km}");
    }
}

fn question() -> Question {
    Question {
        version: "1".into(),
        checksum: "xxh3:0123456789abcdef".into(),
        bytes: 1000,
        modified: Some("monday".into()),
        cities: vec![50],
        is_distinct: false,
        reading: "lat, lon".into(),
        places: "xxh3:1".into(),
        method: "pruned".into(),
        metric: "sphere".into(),
    }
}

fn done() -> Done {
    let pair = FarPair { distance_km: 12.5, rows: [3, 40], positions: [49, 0] };
    let settled = Settled::new(vec![vec![12, 4, 8], vec![u64::MAX], vec![0, 7]]);
    Done { block_edge: 64, settled, farthest: Some(pair) }
}

#[test]
fn a_checkpoint_is_read_as_it_was_written() {
    for done in [done(), Done::default(), Done { farthest: None, ..done() }] {
        let bytes = to_bytes(&question(), &done);
        let read = from_bytes(Path::new("c"), &bytes, &question()).expect("it was just written");
        assert_eq!(read, done);
    }
}

/// A packed file that was copied has another time. What --verify has read is known to be the same.
#[test]
fn a_checkpoint_does_not_ask_when_a_file_was_written_whose_content_was_checked() {
    let unasked = Question { modified: None, ..question() };
    for written in [question(), unasked.clone()] {
        let bytes = to_bytes(&written, &done());
        from_bytes(Path::new("c"), &bytes, &unasked).expect("the content is known");
    }
    let bytes = to_bytes(&unasked, &done());
    let error = from_bytes(Path::new("c"), &bytes, &question()).expect_err("it is not known");
    assert!(error.to_string().contains("--verify finds out"), "{error}");
}

#[test]
fn a_checkpoint_of_another_question_is_refused_with_what_differs() {
    let bytes = to_bytes(&question(), &done());
    let others = [
        (Question { version: "2".into(), ..question() }, "version 1, here 2"),
        (
            Question { checksum: "xxh3:0".into(), ..question() },
            "checksum of the cities xxh3:0123456789abcdef, here xxh3:0",
        ),
        (Question { bytes: 2, ..question() }, "1000 bytes, here 2"),
        (Question { cities: vec![51], ..question() }, "50 cities, here 51"),
        (Question { cities: vec![50, 7], ..question() }, "50 cities, here 50 and 7"),
        (Question { is_distinct: true, ..question() }, "copies each, here as one"),
        (Question { reading: "lon, lat".into(), ..question() }, "reading lat, lon, here lon, lat"),
        (Question { method: "naive".into(), ..question() }, "method pruned, here naive"),
        (Question { modified: Some("tuesday".into()), ..question() }, "monday, here tuesday"),
        (Question { metric: "wgs84".into(), ..question() }, "metric sphere, here wgs84"),
    ];
    for (other, expected) in others {
        let error = from_bytes(Path::new("c"), &bytes, &other).expect_err("another question");
        assert_eq!(error.exit_code(), 65);
        let message = error.to_string();
        assert!(
            message.starts_with("c: expected a checkpoint of this run")
                && message.contains(expected),
            "{message}"
        );
    }
}

/// Every byte changed, cut off, doubled: what is accepted says the same.
#[test]
fn a_checkpoint_that_was_changed_is_refused() {
    let bytes = to_bytes(&question(), &done());
    let mut random = Random::new(5);
    let read = |bytes: &[u8]| from_bytes(Path::new("c"), bytes, &question());
    let check = |bytes: &[u8]| match read(bytes) {
        Ok(read) => assert_eq!(read, done(), "{}", String::from_utf8_lossy(bytes)),
        Err(error) => assert_eq!(error.exit_code(), 65, "{error}"),
    };
    for at in 0..bytes.len() {
        check(&bytes[..at]);
        let mut changed = bytes.clone();
        for value in [0, b'0', b'9', b'"', b',', b' ', changed[at] ^ 1, random.bits() as u8] {
            changed[at] = value;
            check(&changed);
        }
        check(&[&bytes[..at], &bytes[at / 2..]].concat());
    }
    for bytes in
        [&b""[..], b"{}", b"[]", b"null", b"{\"checksum\":\"\",\"checkpoint\":{}}", &[0xff; 40]]
    {
        assert!(read(bytes).is_err());
    }
}

/// With a checksum that is right, what no run can have written is refused all the same.
#[test]
fn a_checkpoint_that_cannot_be_is_refused() {
    let pair = |positions| FarPair { positions, ..done().farthest.expect("there is one") };
    let strange = [
        Done { settled: Settled::new(vec![vec![12, 4, 7]]), ..done() },
        Done { settled: Settled::new(vec![vec![0, 0]]), ..done() },
        Done { farthest: Some(pair([0, 50])), ..done() },
        Done { farthest: Some(pair([7, 7])), ..done() },
        Done { block_edge: u64::MAX, ..done() },
    ];
    for done in strange {
        let bytes = to_bytes(&question(), &done);
        let error = from_bytes(Path::new("c"), &bytes, &question()).expect_err("it cannot be");
        assert!(error.to_string().contains("one that cannot be"), "{error}");
    }
}
