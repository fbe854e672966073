//! What a reader should doubt in a list that was read without a fault.
//!
//! A note never changes an answer. It says what the numbers look like when they may mean something
//! else: a stand-in for "unknown", radians, degrees and minutes, copies.
//!
//! Architecture Invariant: it knows cities, and no file, column or rank.

use std::f64::consts::{FRAC_PI_2, PI};

use bytemuck::{Pod, Zeroable};

use crate::atlas::Atlas;
use crate::cities::CityList;

/// Cities from which on a list is too long to lie within ±π/2 and ±π by chance.
const ENOUGH_FOR_RADIANS: u64 = 5;

/// Cities from which on two decimals that never reach .60 are no chance: 0.6^20 is 4e-5.
const ENOUGH_FOR_MINUTES: u64 = 10;

/// What is remembered of the cities of a list: numbers that add up over its batches, and over the ranks
/// that read parts of it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub struct ValueFacts {
    cities: u64,
    at_zero: u64,
    /// Cities outside ±π/2 and ±π, as far as they were counted: behind the first none needs to be.
    beyond_radians: u64,
    /// Cities that are no degrees and minutes, counted alike.
    no_minutes: u64,
    /// Cities that are no whole degrees. They count only where all cities may be degrees and minutes.
    with_part: u64,
}

impl ValueFacts {
    /// The facts of a list that is whole.
    pub fn of(list: &CityList) -> ValueFacts {
        let mut facts = ValueFacts::default();
        facts.see(list);
        facts
    }

    /// Looks at a batch of cities.
    pub fn see(&mut self, list: &CityList) {
        let places = || (0..list.len()).map(|index| list.degrees(index));
        self.cities += list.len() as u64;
        self.at_zero += places().filter(|&place| is_zero(place)).count() as u64;
        if self.beyond_radians == 0 {
            self.beyond_radians = u64::from(!places().all(is_within_radians));
        }
        if self.no_minutes == 0 {
            self.see_minutes(places());
        }
    }

    /// Counts until a city is no degrees and minutes.
    fn see_minutes(&mut self, places: impl Iterator<Item = [f64; 2]>) {
        for place in places {
            let hundredths = place.map(hundredths);
            if !hundredths.iter().all(|part| part.is_some_and(|part| part < 60)) {
                self.no_minutes = 1;
                return;
            }
            self.with_part += u64::from(hundredths.iter().any(|part| *part != Some(0)));
        }
    }

    /// Adds the facts of other cities of the same list.
    pub fn add(&mut self, other: &ValueFacts) {
        self.cities += other.cities;
        self.at_zero += other.at_zero;
        self.beyond_radians += other.beyond_radians;
        self.no_minutes += other.no_minutes;
        self.with_part += other.with_part;
    }

    /// Number of cities at exactly 0, 0.
    pub fn at_zero(&self) -> u64 {
        self.at_zero
    }

    /// Notes on the values.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.look_like_radians() {
            notes.push(
                "all latitudes lie within ±pi/2 and all longitudes within ±pi: are these radians? They were \
                 read as degrees"
                    .to_string(),
            );
        }
        if self.look_like_minutes() {
            notes.push(
                "all coordinates have two decimals at most, and none reaches .60: are these degrees and \
                 minutes (DDD.MM)? They were read as decimal degrees"
                    .to_string(),
            );
        }
        notes
    }

    fn look_like_radians(&self) -> bool {
        self.cities >= ENOUGH_FOR_RADIANS && self.beyond_radians == 0 && self.at_zero < self.cities
    }

    fn look_like_minutes(&self) -> bool {
        // Whole degrees are whole degrees.
        let is_no_grid = 2 * self.with_part > self.cities;
        self.cities >= ENOUGH_FOR_MINUTES && self.no_minutes == 0 && is_no_grid
    }
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

/// Notes on the cities of the answer, one of each atlas, that share their place with others.
pub fn of_copies(atlases: &[Atlas<'_>; 2], answer: [usize; 2]) -> Vec<String> {
    let others = [0, 1].map(|of| copies(&atlases[of], answer[of]));
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
pub fn zeros_in(atlas: &Atlas<'_>, answer: &[usize]) -> usize {
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

fn is_zero(degrees: [f64; 2]) -> bool {
    degrees == [0.0, 0.0]
}

fn is_within_radians([lat, lon]: [f64; 2]) -> bool {
    lat.abs() <= FRAC_PI_2 && lon.abs() <= PI
}

/// Hundredths of a degree behind the whole ones, where there are no more decimals than two. A degree has
/// 52 bits and three digits before the point, so a rounding is far below 1e-9.
fn hundredths(degrees: f64) -> Option<u64> {
    let value = degrees.abs() * 100.0;
    let whole = value.round();
    ((value - whole).abs() < 1e-9).then_some(whole as u64 % 100)
}
