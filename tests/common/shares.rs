//! Searching without a launcher: each rank's share in turn, and the farthest of what they found.

use farthest::atlas::{Atlas, AtlasBuffer};
use farthest::cities::{CityList, Coordinates};
use farthest::driver::search;
use farthest::kernel::{Isa, Kernel};
use farthest::ranking::{FarPair, Ranking};
use farthest::search::{Field, Method, Wanted};
use farthest::sphere::{distance_km, unit_vector};

use super::left_out;

/// What all ranks together found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The bits of the distance: no two answers are nearly equal.
    pub distance_bits: u64,
    pub rows: [u64; 2],
    pub covered: u128,
}

impl Verdict {
    pub fn new(distance_km: f64, rows: [u64; 2], covered: u128) -> Verdict {
        Verdict { distance_bits: distance_km.to_bits(), rows, covered }
    }

    pub fn distance_km(&self) -> f64 {
        f64::from_bits(self.distance_bits)
    }
}

/// The kernels of every instruction set that this machine has. Each says of itself that it is the
/// one that was asked for: no other may pass its test in its name.
pub fn kernels() -> Vec<Kernel> {
    let kernel = |isa| {
        let kernel = Kernel::choose(Some(isa));
        match &kernel {
            Some(kernel) => assert_eq!(kernel.isa(), isa),
            None => left_out("instructions", &format!("this machine has no {}", isa.name())),
        }
        kernel
    };
    Isa::ALL.into_iter().filter_map(kernel).collect()
}

/// The atlas of places, each latitude and longitude in degrees.
pub fn atlas_of(places: &[[f64; 2]]) -> AtlasBuffer {
    let mut list = CityList::default();
    for &[lat, lon] in places {
        list.push(Coordinates::new(lat, lon).expect("a place is on the sphere"), b"");
    }
    AtlasBuffer::new(list)
}

/// The answer of all shares, and the number of pairs that they evaluated together.
pub fn search_in_shares(
    atlas: &Atlas<'_>,
    method: Method,
    kernel: Kernel,
    ranks: u64,
) -> (Verdict, u128) {
    let share = |rank| {
        search(Field::within(&atlas.points()), Wanted::default(), method, kernel, rank, ranks)
            .expect("sound cities")
    };
    let shares: Vec<_> = (0..ranks).map(share).collect();
    let farthest = shares.iter().filter_map(|share| share.farthest()).max_by(FarPair::compare);
    let farthest = farthest.expect("there is a pair");
    let covered = shares.iter().map(|share| share.covered).sum();
    let evaluated = shares.iter().map(|share| share.evaluated).sum();
    (Verdict::new(farthest.distance_km, farthest.rows, covered), evaluated)
}

/// The farthest pairs of all shares, the farthest first, and how many pairs they covered together.
pub fn top_in_shares(
    field: Field<'_>,
    wanted: Wanted,
    method: Method,
    kernel: Kernel,
    ranks: u64,
) -> (Vec<Verdict>, u128) {
    let share = |rank| search(field, wanted, method, kernel, rank, ranks).expect("sound");
    let shares: Vec<_> = (0..ranks).map(share).collect();
    let covered = shares.iter().map(|share| share.covered).sum();
    let mut all = Ranking::new(wanted.pairs);
    shares.iter().flat_map(|share| share.ranking.pairs()).for_each(|pair| {
        all.offer(pair);
    });
    let verdict = |pair: FarPair| Verdict::new(pair.distance_km, pair.rows, 0);
    (all.pairs().map(verdict).collect(), covered)
}

/// The farthest pairs of a list, or of one list and another, by plain loops and a sort, which know no threshold.
pub fn plain_top(wanted: Wanted, places: &[[f64; 2]], others: Option<&[[f64; 2]]>) -> Vec<Verdict> {
    let firsts = |places: &[[f64; 2]]| {
        let vectors: Vec<_> = places.iter().map(|&[lat, lon]| unit_vector(lat, lon)).collect();
        let is_first = |row: usize| !vectors[..row].contains(&vectors[row]);
        let rows = (0..places.len()).filter(|&row| !wanted.is_distinct || is_first(row));
        rows.map(|row| (row as u64, vectors[row])).collect::<Vec<_>>()
    };
    let (rows, columns) = (firsts(places), others.map(firsts));
    let mut pairs = Vec::new();
    for (at, &(i, p)) in rows.iter().enumerate() {
        let partners = columns.as_deref().unwrap_or(&rows[at + 1..]);
        pairs.extend(partners.iter().map(|&(j, q)| (distance_km(p, q), [i, j])));
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let first = pairs.into_iter().take(wanted.pairs);
    first.map(|(km, rows)| Verdict::new(km, rows, 0)).collect()
}

/// The answer of a plain loop over all pairs, which knows no tile and no rank.
pub fn plain_answer(places: &[[f64; 2]]) -> Verdict {
    let vectors: Vec<_> = places.iter().map(|&[lat, lon]| unit_vector(lat, lon)).collect();
    let mut farthest = (distance_km(vectors[0], vectors[1]), [0, 1]);
    for (i, &p) in vectors.iter().enumerate() {
        for (j, &q) in vectors.iter().enumerate().skip(i + 1) {
            let distance_km = distance_km(p, q);
            if distance_km > farthest.0 {
                farthest = (distance_km, [i as u64, j as u64]);
            }
        }
    }
    let n = places.len() as u128;
    Verdict::new(farthest.0, farthest.1, n * (n - 1) / 2)
}
