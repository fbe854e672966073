//! Proves that the ranks of a job together look at every pair exactly once: by counting for small
//! numbers of cities, and by independent u128 arithmetic for numbers beyond 2³², where an f64
//! square root would choose wrong blocks.

use std::ops::Range;

use farthest::pairs::{Block, PairSpace, Settled, Share, ShareBlocks, listed};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Numbers of cities around the edges of tiles, blocks and nothing.
const AWKWARD: [u64; 16] = [0, 1, 2, 3, 5, 63, 64, 65, 127, 128, 129, 130, 191, 193, 257, 1000];

const HUGE: [u64; 5] = [(1 << 32) - 1, 1 << 32, (1 << 32) + 1, (1 << 33) + 7, 1 << 40];

/// Counts, for each pair i < j, how often the blocks of one rank hold it.
struct Cover {
    cities: usize,
    times: Vec<u8>,
}

impl Cover {
    fn new(cities: u64) -> Cover {
        let cities = cities as usize;
        Cover { cities, times: vec![0; cities * cities] }
    }

    /// Adds the pairs of a block and returns how many there are.
    fn add(&mut self, block: &Block) -> u128 {
        let mut pairs = 0;
        for i in block.rows.clone() {
            for j in block.columns.clone().skip_while(|&j| j <= i) {
                self.times[i as usize * self.cities + j as usize] += 1;
                pairs += 1;
            }
        }
        pairs
    }

    fn is_exact(&self) -> bool {
        let once =
            |(at, &times): (usize, &u8)| times == u8::from(at / self.cities < at % self.cities);
        self.times.iter().enumerate().all(once)
    }
}

/// The blocks of a rank.
fn share(space: &PairSpace, rank: u64, ranks: u64) -> impl Iterator<Item = Block> {
    let blocks = u64::try_from(space.blocks()).expect("less than 2^64 blocks");
    let space = *space;
    Share::new(rank, ranks, blocks).map(move |number| space.block(number.into()))
}

#[test]
fn every_pair_is_covered_exactly_once() {
    for cities in AWKWARD {
        for edge in [1, 2, 3, 7, 64, 65, 128, cities.max(1), cities + 1] {
            let space = PairSpace::within(cities, edge);
            for ranks in 1..=17 {
                let mut cover = Cover::new(cities);
                let mut pairs = 0;
                for rank in 0..ranks {
                    for block in share(&space, rank, ranks) {
                        let counted = cover.add(&block);
                        assert_eq!(block.pairs(), counted, "n {cities}, edge {edge}, {block:?}");
                        pairs += counted;
                    }
                }
                let n = u128::from(cities);
                assert!(cover.is_exact(), "n {cities}, edge {edge}, {ranks} ranks");
                assert_eq!(pairs, n * n.saturating_sub(1) / 2);
                assert_eq!(space.pairs(), pairs);
            }
        }
    }
}

#[test]
fn every_pair_between_two_lists_is_covered_exactly_once() {
    for (rows, columns) in [(0, 5), (5, 0), (1, 1), (1, 300), (300, 1), (64, 65), (130, 67)] {
        for edge in [1, 2, 7, 64, 65, 128, 1000] {
            let space = PairSpace::between(rows, columns, edge);
            assert_eq!(space.pairs(), u128::from(rows * columns));
            for ranks in 1..=5 {
                let mut times = vec![0; (rows * columns) as usize];
                for block in (0..ranks).flat_map(|rank| share(&space, rank, ranks)) {
                    assert_eq!(block.positions().count() as u128, block.pairs());
                    block.positions().for_each(|[i, j]| times[(i * columns + j) as usize] += 1);
                }
                assert!(times.iter().all(|&times| times == 1), "{rows} × {columns}, edge {edge}");
            }
        }
    }
}

#[test]
fn a_share_is_each_ranks_th_block() {
    for (cities, edge) in [(0, 64), (1, 64), (2, 1), (130, 64), (1000, 7)] {
        let space = PairSpace::within(cities, edge);
        for ranks in 1..=17 {
            for rank in 0..ranks {
                let numbers = (0..space.blocks()).filter(|k| k % ranks as u128 == rank as u128);
                let blocks: Vec<Block> = numbers.map(|number| space.block(number)).collect();
                assert_eq!(share(&space, rank, ranks).collect::<Vec<_>>(), blocks);
            }
        }
    }
}

#[test]
fn the_pairs_of_a_block_are_counted_and_in_order() {
    for (cities, edge) in [(1, 64), (2, 1), (130, 64), (100, 7)] {
        let space = PairSpace::within(cities, edge);
        for block in (0..space.blocks()).map(|number| space.block(number)) {
            let positions: Vec<_> = block.positions().collect();
            assert_eq!(positions.len() as u128, block.pairs());
            assert!(positions.is_sorted_by(|a, b| a < b), "{block:?}");
            let is_inside =
                |&[i, j]: &[u64; 2]| i < j && block.rows.contains(&i) && block.columns.contains(&j);
            assert!(positions.iter().all(is_inside), "{block:?}");
        }
    }
}

/// The list by two loops, as the notebook makes it, cut in two at every place.
#[test]
fn parts_of_the_list_are_the_list() {
    for cities in [0, 1, 2, 3, 5, 20] {
        let list: Vec<[u64; 2]> =
            (0..cities).flat_map(|i| (i + 1..cities).map(move |j| [i, j])).collect();
        let pairs = list.len() as u64;
        for place in 0..=pairs {
            let parts =
                [0..place, place..pairs].map(|part| listed(PairSpace::within(cities, 1), part));
            let blocks: Vec<Block> = parts.into_iter().flatten().collect();
            assert!(blocks.iter().all(|block| block.rows.end == block.rows.start + 1));
            let found: Vec<_> = blocks.iter().flat_map(Block::positions).collect();
            assert_eq!(found, list, "{cities} cities, cut at {place}");
            let counted: u128 = blocks.iter().map(Block::pairs).sum();
            assert_eq!(counted, u128::from(pairs));
        }
    }
}

#[test]
fn of_the_blocks_taken_all_are_counted_and_the_first_kept() {
    let space = PairSpace::within(300, 64);
    for number in 0..=space.blocks() {
        let blocks: Vec<Block> = (0..number).map(|number| space.block(number)).collect();
        let mut taken = ShareBlocks::default();
        for block in &blocks {
            taken.note(|| block.clone());
        }
        assert_eq!(u128::from(taken.blocks), number);
        let first: Vec<_> = blocks.iter().take(3).map(Block::ends).collect();
        assert_eq!(taken.first(), first);
    }
}

#[test]
fn more_ranks_than_blocks_leave_the_last_without_any() {
    let space = PairSpace::within(65, 64);
    assert_eq!(space.blocks(), 3);
    assert_eq!(share(&space, 2, 1000).count(), 1);
    assert_eq!(share(&space, 3, 1000).count(), 0);
    assert_eq!(share(&space, 999, 1000).count(), 0);
}

#[test]
fn a_cursor_is_the_next_block_of_its_rank() {
    let mut share = Share::new(2, 5, 13);
    for (cursor, taken) in [(2, Some(2)), (7, Some(7)), (12, Some(12)), (17, None), (17, None)] {
        assert_eq!(share.cursor(), cursor);
        assert_eq!(share.next(), taken);
    }
    let mut last = Share::new(0, 1, u64::MAX);
    assert_eq!(last.by_ref().nth(5), Some(5));
    assert_eq!(last.cursor(), 6);
}

/// Runs of a job on other numbers of ranks, each stopped where its ranks happen to be: every block is
/// settled by exactly one of them.
#[test]
fn cursors_of_several_runs_settle_every_block_once() {
    const BLOCKS: u64 = 1000;
    let mut times = [0; BLOCKS as usize];
    let mut layers = Vec::new();
    let runs = [(3, 20), (7, 11), (1, 90), (2, 0), (17, 6), (4, usize::MAX)];
    for (run, (ranks, most)) in runs.into_iter().enumerate() {
        let settled = Settled::new(layers.clone());
        let cursors = (0..ranks).map(|rank| {
            let mut share = Share::new(rank, ranks, BLOCKS);
            // Ranks get differently far.
            for block in share.by_ref().take(most.saturating_sub(rank as usize * run % 5)) {
                assert_eq!(settled.has(block), times[block as usize] > 0, "run {run}, {block}");
                times[block as usize] += usize::from(!settled.has(block));
            }
            share.cursor()
        });
        layers.push(cursors.collect());
    }
    assert!(times.iter().all(|&times| times == 1), "{times:?}");
    let settled = Settled::new(layers);
    assert_eq!(settled.layers().len(), runs.len());
    assert!((0..BLOCKS).all(|block| settled.has(block)));
    assert!(!Settled::new(vec![vec![], vec![0, 0]]).has(0));
}

/// The stripe that a column or row must be, by arithmetic of its own.
fn stripe(index: u128, cities: u64, edge: u64) -> Range<u64> {
    let start = index * u128::from(edge);
    let end = (start + u128::from(edge)).min(u128::from(cities));
    start as u64..end as u64
}

/// Checks that a number is that of the block in this row and column of the triangle.
fn check_block(space: PairSpace, (cities, edge): (u64, u64), row: u128, column: u128) {
    assert!(row <= column);
    let number = column * (column + 1) / 2 + row;
    let block = space.block(number);
    let place = format!("n {cities}, edge {edge}, row {row}, column {column}");
    assert_eq!(block.rows, stripe(row, cities, edge), "{place}");
    assert_eq!(block.columns, stripe(column, cities, edge), "{place}");
    assert!(!block.rows.is_empty() && block.columns.end <= cities, "{place}");
    let length = |range: &Range<u64>| u128::from(range.end - range.start);
    let (high, wide) = (length(&block.rows), length(&block.columns));
    let pairs = if row == column { high * (high - 1) / 2 } else { high * wide };
    assert_eq!(block.pairs(), pairs, "{place}");
}

#[test]
fn block_numbers_invert_exactly_beyond_32_bits() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
    for cities in HUGE {
        for edge in [1, 64, 512, 1000] {
            let space = PairSpace::within(cities, edge);
            let stripes = u128::from(cities).div_ceil(u128::from(edge));
            assert_eq!(space.blocks(), stripes * (stripes + 1) / 2);
            // The ends of a column are where a root that is off by one shows.
            let near_end = (1..=200).map(|back| stripes - back);
            let powers = (0..stripes.ilog2()).flat_map(|k| [(1 << k) - 1, 1 << k, (1 << k) + 1]);
            let anywhere = (0..2000).map(|_| u128::from(random.next_u64()) % stripes);
            let columns: Vec<u128> = near_end.chain(powers).chain(anywhere).collect();
            for column in columns {
                let inside = u128::from(random.next_u64()) % (column + 1);
                for row in [0, column.min(1), inside, column.saturating_sub(1), column] {
                    check_block(space, (cities, edge), row, column);
                }
            }
        }
    }
}

#[test]
fn random_block_numbers_are_inside_their_triangle() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    for cities in HUGE {
        for edge in [64, 512] {
            let space = PairSpace::within(cities, edge);
            for _ in 0..5000 {
                let bits = u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
                let number = bits % space.blocks();
                let block = space.block(number);
                let (row, column) = (block.rows.start / edge, block.columns.start / edge);
                let (row, column) = (u128::from(row), u128::from(column));
                assert!(row <= column);
                assert!(column * (column + 1) / 2 <= number);
                assert!(number < (column + 1) * (column + 2) / 2);
                assert_eq!(column * (column + 1) / 2 + row, number);
            }
            let last = space.block(space.blocks() - 1);
            assert!(last.is_diagonal());
            assert_eq!(last.columns.end, cities);
            assert_eq!(last.rows, last.columns);
        }
    }
}

#[test]
fn a_column_of_blocks_has_the_pairs_of_its_cities() {
    // City j has j cities before it, so a stripe of columns a..b has a + (a + 1) + … + (b − 1) pairs.
    let below = |n: u64| u128::from(n) * u128::from(n.saturating_sub(1)) / 2;
    let last = |cities: u64, edge: u64| u128::from(cities.div_ceil(edge)) - 1;
    let mut cases = vec![((1 << 32) + 1, 512, last((1 << 32) + 1, 512))];
    for cities in HUGE {
        let edge = cities / 1000 + 3;
        cases.extend([(cities, edge, last(cities, edge)), (cities, edge, 0), (cities, edge, 500)]);
    }
    for (cities, edge, column) in cases {
        let space = PairSpace::within(cities, edge);
        let first = column * (column + 1) / 2;
        let pairs: u128 = (first..=first + column).map(|k| space.block(k).pairs()).sum();
        let columns = stripe(column, cities, edge);
        assert_eq!(pairs, below(columns.end) - below(columns.start), "n {cities}, edge {edge}");
    }
}

#[test]
fn all_blocks_of_a_huge_space_have_all_its_pairs() {
    for cities in HUGE {
        for edge in [cities / 300 + 1, cities - 1, cities, cities + 1] {
            let space = PairSpace::within(cities, edge);
            let n = u128::from(cities);
            assert_eq!(space.pairs(), n * (n - 1) / 2);
            let ranks = 17;
            let pairs = |rank| share(&space, rank, ranks).map(|block| block.pairs()).sum::<u128>();
            assert_eq!((0..ranks).map(pairs).sum::<u128>(), space.pairs());
        }
    }
}

#[test]
fn a_floating_point_root_would_have_failed_here() {
    let column_by_f64 = |number: u128| ((8.0 * number as f64 + 1.0).sqrt() - 1.0) as u128 / 2;
    let is_wrong = |column: u128| {
        let first = column * (column + 1) / 2;
        let last = first + column;
        column_by_f64(first) != column || column_by_f64(last) != column
    };
    assert!((0..100_000).all(|column| !is_wrong(column)), "small numbers are no test");
    for (cities, edge) in [((1 << 33) + 7, 64), (1 << 40, 64), (1 << 40, 512)] {
        let stripes = u128::from(u64::div_ceil(cities, edge));
        let wrong = (1..=200).filter(|back| is_wrong(stripes - back)).count();
        assert!(wrong > 0, "n {cities}, edge {edge}");
    }
}

#[test]
#[should_panic(expected = "a block has an edge")]
fn an_edge_of_nothing_is_refused() {
    PairSpace::within(10, 0);
}
