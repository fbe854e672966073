//! What a reader should doubt in a list that was read without a fault.
//!
//! A note never changes an answer. It says what the numbers look like when they may mean something
//! else: a stand-in for "unknown", radians, degrees and minutes, copies.
//!
//! Architecture Invariant: it knows cities, and no file, column or rank.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::atlas::Atlas;
use crate::cities::CityList;

/// Cities from which on a list is too long to lie within ±π/2 and ±π by chance.
const ENOUGH_FOR_RADIANS: usize = 5;

/// Cities from which on two decimals that never reach .60 are no chance: 0.6^20 is 4e-5.
const ENOUGH_FOR_MINUTES: usize = 10;

/// Number of cities at exactly 0, 0.
pub fn at_zero(list: &CityList) -> u64 {
    let is_zero = |&index: &usize| is_zero(degrees(list, index));
    (0..list.len()).filter(is_zero).count() as u64
}

/// Notes on the values of a list.
pub fn of_values(list: &CityList) -> Vec<String> {
    let mut notes = Vec::new();
    if look_like_radians(list) {
        notes.push(
            "all latitudes lie within ±pi/2 and all longitudes within ±pi: are these radians? They were read \
             as degrees"
                .to_string(),
        );
    }
    if look_like_minutes(list) {
        notes.push(
            "all coordinates have two decimals at most, and none reaches .60: are these degrees and minutes \
             (DDD.MM)? They were read as decimal degrees"
                .to_string(),
        );
    }
    notes
}

/// A note on cities at exactly 0, 0: how many there are, if that was counted, and how many of them are
/// in the answer, if there is one.
pub fn of_zero(at_zero: Option<u64>, in_answer: usize) -> Option<String> {
    const STAND_IN: &str = "at exactly 0, 0, often a stand-in for \"unknown\"";
    let answer = match in_answer {
        0 => "",
        1 => "; one of them is in the answer",
        _ => "; both cities of the answer are among them",
    };
    match (at_zero, in_answer) {
        (Some(0), _) | (None, 0) => None,
        (Some(1), 0) => Some(format!("1 city lies {STAND_IN}")),
        (Some(1), _) => Some(format!("1 city lies {STAND_IN}; it is in the answer")),
        (Some(count), _) => Some(format!("{count} cities lie {STAND_IN}{answer}")),
        (None, 1) => Some(format!("one city of the answer lies {STAND_IN}")),
        (None, _) => Some(format!("both cities of the answer lie {STAND_IN}")),
    }
}

/// Notes on the cities of the answer that share their place with others.
pub fn of_copies(atlas: &Atlas<'_>, answer: [usize; 2]) -> Vec<String> {
    let others = answer.map(|position| copies(atlas, position));
    let note = |(which, others): (&str, u64)| {
        let rows = if others == 1 { "row holds" } else { "rows hold" };
        let note = format!(
            "{others} other {rows} the very place of the {which} city; of such rows the lowest is the answer"
        );
        (others > 0).then_some(note)
    };
    ["first", "second"].into_iter().zip(others).filter_map(note).collect()
}

/// How many of the cities of an answer lie at exactly 0, 0.
pub fn zeros_in(atlas: &Atlas<'_>, answer: [usize; 2]) -> usize {
    answer.iter().filter(|&&position| is_zero(atlas.degrees(position))).count()
}

/// Other cities at the very place of one: they are in its region, on its side.
fn copies(atlas: &Atlas<'_>, position: usize) -> u64 {
    let place = atlas.degrees(position);
    let regions = atlas.points().regions();
    let (region, side) = regions.holding(position);
    let is_same = |&other: &usize| other != position && atlas.degrees(other) == place;
    regions.positions(region, side).filter(is_same).count() as u64
}

fn degrees(list: &CityList, index: usize) -> [f64; 2] {
    let coordinates = list.coordinates(index);
    [coordinates.lat_deg(), coordinates.lon_deg()]
}

fn is_zero(degrees: [f64; 2]) -> bool {
    degrees == [0.0, 0.0]
}

fn look_like_radians(list: &CityList) -> bool {
    let is_within = |index: usize| {
        let [lat, lon] = degrees(list, index);
        lat.abs() <= FRAC_PI_2 && lon.abs() <= PI
    };
    let mut places = (0..list.len()).map(|index| degrees(list, index));
    list.len() >= ENOUGH_FOR_RADIANS
        && (0..list.len()).all(is_within)
        && places.any(|place| !is_zero(place))
}

fn look_like_minutes(list: &CityList) -> bool {
    // Hundredths of a degree, where there are no more decimals than two. A degree has 52 bits and
    // three digits before the point, so a rounding is far below 1e-9.
    let hundredths = |degrees: f64| {
        let value = degrees.abs() * 100.0;
        let whole = value.round();
        ((value - whole).abs() < 1e-9).then_some(whole as u64 % 100)
    };
    let is_minutes = |index: usize| {
        let hundredths = degrees(list, index).map(hundredths);
        hundredths.iter().all(|part| part.is_some_and(|part| part < 60))
    };
    let has_part =
        |index: &usize| degrees(list, *index).map(hundredths).iter().any(|part| *part != Some(0));
    list.len() >= ENOUGH_FOR_MINUTES
        && (0..list.len()).all(is_minutes)
        // Whole degrees are whole degrees.
        && 2 * (0..list.len()).filter(has_part).count() > list.len()
}
