//! The library's front: what it says of places in degrees is what plain loops over all pairs say, at the edges too,
//! and what is no place is an error that tells which.

mod common;

use common::{Random, Verdict, plain_top};
use farthest::search::Wanted;
use farthest::{Error, FarPair, between, each, each_between, farthest_pair, farthest_pairs};

type Places = Vec<(f64, f64)>;

/// Lists that are easy to get wrong: far apart, all in one valley, with copies and ties, and with antipodes.
fn lists() -> Vec<Places> {
    let mut random = Random::new(12);
    let some: Places = (0..300).map(|_| random.place().into()).collect();
    let valley = some.iter().map(|&(lat, lon)| (47.0 + lat / 1e3, 11.0 + lon / 1e3)).collect();
    let copies = [&some[..40], &some[..40], &some[20..60]].concat();
    let antipodes =
        some.iter().map(|&(lat, lon)| (-lat, lon - if lon > 0.0 { 180.0 } else { -180.0 }));
    let antipodes = [&some[..], &antipodes.collect::<Places>()].concat();
    let small = (0..4).map(|places| &some[..places]);
    let large = [&valley, &copies, &antipodes, &some].map(|places: &Places| &places[..]);
    small.chain(large).map(<[_]>::to_vec).collect()
}

fn verdict(pair: &FarPair) -> Verdict {
    Verdict::new(pair.distance_km, pair.indices.map(|index| index as u64), 0)
}

fn degrees(places: &[(f64, f64)]) -> Vec<[f64; 2]> {
    places.iter().map(|&(lat, lon)| [lat, lon]).collect()
}

#[test]
fn the_farthest_pairs_are_those_of_plain_loops() {
    for places in lists() {
        for k in [1, 2, 50, places.len() * places.len(), usize::MAX] {
            let wanted = Wanted { pairs: k, ..Wanted::default() };
            let expected = plain_top(wanted, &degrees(&places), None);
            let found = farthest_pairs(&places, k).expect("places on Earth");
            assert_eq!(found.iter().map(verdict).collect::<Vec<_>>(), expected, "{k}");
        }
        let first = farthest_pair(&places).expect("places on Earth");
        assert_eq!(first, farthest_pairs(&places, 1).expect("places on Earth").pop());
    }
}

#[test]
fn the_farthest_pair_between_two_lists_is_that_of_plain_loops() {
    let lists = lists();
    for from in &lists {
        for to in &lists {
            let expected = plain_top(Wanted::default(), &degrees(from), Some(&degrees(to)));
            let found = between(from, to).expect("places on Earth");
            assert_eq!(found.iter().map(verdict).collect::<Vec<_>>(), expected);
        }
    }
}

/// The farthest from each by plain loops: the pair of one place and all others.
fn plain_each(from: &[(f64, f64)], to: Option<&[(f64, f64)]>) -> Vec<Verdict> {
    let of_one = |(index, place): (usize, &(f64, f64))| {
        let others =
            (0..).zip(to.unwrap_or(from)).filter(|&(other, _)| to.is_some() || other != index);
        let (indices, others): (Vec<usize>, Places) = others.unzip();
        let found = plain_top(Wanted::default(), &degrees(&[*place]), Some(&degrees(&others)));
        found.into_iter().map(move |pair| {
            let far = indices[pair.rows[1] as usize];
            Verdict::new(pair.distance_km(), [index, far].map(|index| index as u64), 0)
        })
    };
    from.iter().enumerate().flat_map(of_one).collect()
}

#[test]
fn the_farthest_of_each_is_that_of_plain_loops() {
    let lists = lists();
    for from in &lists {
        let found = each(from).expect("places on Earth");
        assert_eq!(found.iter().map(verdict).collect::<Vec<_>>(), plain_each(from, None));
        for to in &lists {
            let found = each_between(from, to).expect("places on Earth");
            assert_eq!(found.iter().map(verdict).collect::<Vec<_>>(), plain_each(from, Some(to)));
        }
    }
}

#[test]
fn no_pair_is_no_error() {
    let one = [(1.0, 2.0)];
    assert_eq!(farthest_pair(&[]).ok(), Some(None));
    assert_eq!(farthest_pair(&one).ok(), Some(None));
    assert_eq!(farthest_pairs(&[one[0]; 3], 0).ok(), Some(Vec::new()));
    assert_eq!(between(&one, &[]).ok(), Some(None));
    assert_eq!(between(&[], &one).ok(), Some(None));
    assert_eq!(each(&[]).ok(), Some(Vec::new()));
    assert_eq!(each(&one).ok(), Some(Vec::new()));
    assert_eq!(each_between(&one, &[]).ok(), Some(Vec::new()));
    let itself = Some(FarPair { distance_km: 0.0, indices: [0, 0] });
    assert_eq!(between(&one, &one).ok(), Some(itself));
}

#[test]
fn what_is_no_place_is_named() {
    let message = |error: Error| {
        assert!(matches!(error, Error::Place { .. }), "{error:?}");
        assert_eq!((error.exit_code(), error.class()), (65, "bad data"));
        error.to_string()
    };
    let (fine, bad) = ((1.0, 2.0), (91.0, 2.0));
    assert_eq!(
        farthest_pair(&[fine, fine, bad]).map_err(message),
        Err("places[2]: expected a latitude in [-90, 90], found 91 and the longitude 2 (are latitude and \
             longitude swapped?)"
            .into())
    );
    assert_eq!(
        farthest_pairs(&[(f64::NAN, 0.0)], 3).map_err(message),
        Err("places[0]: expected a latitude in [-90, 90], found NaN".into())
    );
    assert_eq!(
        between(&[fine], &[fine, (0.0, 361.0)]).map_err(message),
        Err("to[1]: expected a longitude in [-180, 360], found 361".into())
    );
    assert_eq!(
        between(&[(0.0, f64::INFINITY)], &[bad]).map_err(message),
        Err("from[0]: expected a longitude in [-180, 360], found inf".into())
    );
}
