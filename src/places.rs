//! The library's front: places in degrees in, the farthest pairs of them out.
//!
//! Each function makes unit vectors of what it is given and drives the search over all their pairs, by the method that
//! the program uses too. So its answer is the program's, to the last bit. One processor works; the program is what
//! shares the work.
//!
//! Architecture Invariant: no file, no name of a city and no rank.

use crate::cities::Coordinates;
use crate::driver;
use crate::error::{Error, Result};
use crate::kernel::Kernel;
use crate::metric::Metric;
use crate::points::PointBuffer;
use crate::ranking;
use crate::search::each::{BLOCK_CITIES, Each, Far};
use crate::search::{Damage, Field, Method, Wanted};
use crate::sphere::{UnitVector, unit_vector};

/// Two places and how far they are from each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FarPair {
    /// The great-circle distance in kilometres ([`crate::sphere::distance_km`]).
    pub distance_km: f64,
    /// Where the two stand in what was given: of one slice the lower index first, of two slices the index in the
    /// first of them; of [`each`] that of the place, then that of its farthest.
    pub indices: [usize; 2],
}

impl From<ranking::FarPair> for FarPair {
    fn from(pair: ranking::FarPair) -> FarPair {
        let ranking::FarPair { distance_km, rows, .. } = pair;
        FarPair { distance_km, indices: rows.map(|row| row as usize) }
    }
}

/// The farthest pair of some places, each (latitude, longitude) in degrees, latitude in [−90, 90] and longitude in
/// [−180, 360]; `None` of fewer than two. Of several pairs that are equally far it is the one whose lower index is
/// lowest, then whose higher index is lowest.
///
/// ```
/// let places = [(48.86, 2.35), (-43.53, 172.64), (35.68, 139.69)];
/// let farthest = farthest::farthest_pair(&places)?;
/// assert_eq!(farthest.map(|pair| pair.indices), Some([0, 1]));
/// # Ok::<(), farthest::Error>(())
/// ```
///
/// # Errors
/// [`Error::Place`] if one of them is no place on Earth.
pub fn farthest_pair(places: &[(f64, f64)]) -> Result<Option<FarPair>> {
    Ok(farthest_pairs(places, 1)?.pop())
}

/// The `k` farthest pairs of some places, the farthest first, or all pairs if there are fewer; places and order are
/// those of [`farthest_pair`]. Copies are places of their own, and each is in as many pairs as the other.
///
/// ```
/// let places = [(48.86, 2.35), (-43.53, 172.64), (35.68, 139.69)];
/// let two = farthest::farthest_pairs(&places, 2)?;
/// assert!(two.iter().map(|pair| pair.indices).eq([[0, 1], [0, 2]]));
/// assert!(two[0].distance_km > two[1].distance_km);
/// # Ok::<(), farthest::Error>(())
/// ```
///
/// # Errors
/// As [`farthest_pair`].
pub fn farthest_pairs(places: &[(f64, f64)], k: usize) -> Result<Vec<FarPair>> {
    let vectors = unit_vectors("places", places)?;
    let buffer = PointBuffer::new(&vectors);
    farthest(Field::within(&buffer.points()), k)
}

/// The farthest pair of a place of one slice and a place of another; `None` if one of the slices is empty. Places
/// are those of [`farthest_pair`]. Of several pairs that are equally far it is the one whose index in `from` is lowest,
/// then whose index in `to` is lowest.
///
/// ```
/// let shops = [(52.52, 13.40), (-33.87, 151.21)];
/// let stores = [(40.71, -74.01), (51.51, -0.13)];
/// let farthest = farthest::between(&shops, &stores)?;
/// assert_eq!(farthest.map(|pair| pair.indices), Some([1, 1]));
/// # Ok::<(), farthest::Error>(())
/// ```
///
/// # Errors
/// As [`farthest_pair`].
pub fn between(from: &[(f64, f64)], to: &[(f64, f64)]) -> Result<Option<FarPair>> {
    let (from, to) = (unit_vectors("from", from)?, unit_vectors("to", to)?);
    let (rows, columns) = (PointBuffer::new(&from), PointBuffer::new(&to));
    Ok(farthest(Field::between(&rows.points(), &columns.points()), 1)?.pop())
}

/// The farthest place from each of some places, in their order; nothing of fewer than two. Places are those of
/// [`farthest_pair`]. Of several that are equally far from one it is that with the lowest index.
///
/// ```
/// let places = [(48.86, 2.35), (-43.53, 172.64), (35.68, 139.69)];
/// let each = farthest::each(&places)?;
/// assert!(each.iter().map(|pair| pair.indices).eq([[0, 1], [1, 0], [2, 0]]));
/// # Ok::<(), farthest::Error>(())
/// ```
///
/// # Errors
/// As [`farthest_pair`].
pub fn each(places: &[(f64, f64)]) -> Result<Vec<FarPair>> {
    let vectors = unit_vectors("places", places)?;
    let buffer = PointBuffer::new(&vectors);
    farthest_of_each(Field::within(&buffer.points()))
}

/// The place of `to` that is farthest from each place of `from`, in the order of `from`; nothing if `to` is empty.
/// All else is as in [`each`].
///
/// ```
/// let shops = [(52.52, 13.40), (-33.87, 151.21)];
/// let stores = [(40.71, -74.01), (51.51, -0.13)];
/// let each = farthest::each_between(&shops, &stores)?;
/// assert!(each.iter().map(|pair| pair.indices).eq([[0, 0], [1, 1]]));
/// # Ok::<(), farthest::Error>(())
/// ```
///
/// # Errors
/// As [`farthest_pair`].
pub fn each_between(from: &[(f64, f64)], to: &[(f64, f64)]) -> Result<Vec<FarPair>> {
    let (from, to) = (unit_vectors("from", from)?, unit_vectors("to", to)?);
    let (rows, columns) = (PointBuffer::new(&from), PointBuffer::new(&to));
    farthest_of_each(Field::between(&rows.points(), &columns.points()))
}

/// The unit vectors of an argument with this name.
fn unit_vectors(argument: &'static str, places: &[(f64, f64)]) -> Result<Vec<UnitVector>> {
    let vector = |(index, &(lat_deg, lon_deg)): (usize, &(f64, f64))| {
        let place = Coordinates::new(lat_deg, lon_deg).map_err(|error| {
            let problem = error.problem().into();
            Error::Place { argument, index, problem }
        })?;
        Ok(unit_vector(place.lat_deg(), place.lon_deg()))
    };
    places.iter().enumerate().map(vector).collect()
}

/// The `k` farthest pairs of a field, the farthest first.
fn farthest(field: Field<'_>, k: usize) -> Result<Vec<FarPair>> {
    let pairs = usize::try_from(field.space(1).pairs()).unwrap_or(usize::MAX);
    let wanted = Wanted { pairs: k.min(pairs), ..Wanted::default() };
    if wanted.pairs == 0 {
        return Ok(Vec::new());
    }
    let found = driver::search(field, wanted, Method::Pruned, Kernel::best(), 0, 1);
    Ok(found.map_err(internal)?.ranking.pairs().map(FarPair::from).collect())
}

/// The farthest from each point of a field that stands first in pairs, in the order of rows.
fn farthest_of_each(field: Field<'_>) -> Result<Vec<FarPair>> {
    if !field.has_pairs() {
        return Ok(Vec::new());
    }
    let [own, others] = field.points();
    let mut search = Each::new(field, Metric::Sphere, Kernel::best()).map_err(internal)?;
    let mut pairs = vec![FarPair { distance_km: 0.0, indices: [0; 2] }; own.len()];
    for block in 0..search.blocks() {
        let found = search.settle(block).map_err(internal)?.to_vec();
        for (place, Far { distance_km, position }) in (block as usize * BLOCK_CITIES..).zip(found) {
            let index = own.row(search.position(place)) as usize;
            let indices = [index, others.row(position as usize) as usize];
            pairs[index] = FarPair { distance_km, indices };
        }
    }
    Ok(pairs)
}

/// Unit vectors are no damaged file, so this is a mistake of ours.
fn internal(damage: Damage) -> Error {
    Error::Internal { problem: damage.to_string() }
}
