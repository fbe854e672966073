//! Searching without a launcher: each rank's share in turn, and the farthest of what they found.

use farthest::atlas::{Atlas, AtlasBuffer};
use farthest::cities::{CityList, Coordinates};
use farthest::driver::search;
use farthest::incumbent::FarPair;
use farthest::kernel::{Isa, Kernel};
use farthest::search::Method;
use farthest::sphere::{distance_km, unit_vector};

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
            None => println!("left out: this machine has no {}", isa.name()),
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
    let share = |rank| search(atlas, method, kernel, rank, ranks).expect("sound cities");
    let shares: Vec<_> = (0..ranks).map(share).collect();
    let farthest = shares.iter().filter_map(|share| share.farthest).max_by(FarPair::compare);
    let farthest = farthest.expect("there is a pair");
    let covered = shares.iter().map(|share| share.covered).sum();
    let evaluated = shares.iter().map(|share| share.evaluated).sum();
    (Verdict::new(farthest.distance_km, farthest.rows, covered), evaluated)
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
