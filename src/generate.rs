//! Cities that never were: as many as asked for, the same for the same arguments everywhere.
//!
//! Coordinates are whole multiples of 1e-7 degrees (a centimetre), so that a text file holds
//! them exactly and packing it gives the bytes that generating a packed file gives. The random
//! numbers are those of xoshiro256++ (Blackman & Vigna 2018), sines and the like come from `libm`;
//! neither depends on the machine.
//!
//! Architecture Invariant: a city depends on the arguments and its row alone, not on how the
//! cities are written.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::f64::consts::{PI, TAU};
use std::io::{self, Write};
use std::ops::{Range, RangeInclusive};

use crate::cities::{CityList, Coordinates};
use crate::error::Result;
use crate::sphere::RADIUS_KM;

/// What cities to generate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// How many, planted ones included.
    pub cities: u64,
    /// How they are spread.
    pub distribution: Distribution,
    /// Where the random numbers begin.
    pub seed: u64,
    /// Whether two of the cities are a pair that is known to be the farthest.
    pub plant: bool,
}

/// How generated cities are spread over the sphere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// Evenly over the whole sphere.
    Uniform,
    /// In clusters like real cities: about √n centres, the k-th with a share of about 1/k (Zipf's
    /// law), distances from the centre with a heavy tail (Lomax).
    Clustered,
    /// Evenly within a cap of this radius in kilometres, at most 10,000.
    Cap {
        /// Radius of the cap along the surface.
        radius_km: f64,
    },
}

/// A point on the grid of 1e-7 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    lat_e7: i64,
    lon_e7: i64,
}

impl Distribution {
    /// Random numbers that every city takes.
    fn draws(self) -> u64 {
        match self {
            Distribution::Uniform | Distribution::Cap { .. } => 2,
            Distribution::Clustered => 3,
        }
    }
}

const E7: f64 = 1e7;
const HALF_TURN_E7: i64 = 1_800_000_000;

/// The nearest whole number, of two equally near the one farther from 0, of a number of size below 2⁵¹. That is
/// what `f64::round` gives, which is a call of a function on a plain x86-64.
///
/// To the size is added the greatest number below a half, and the fraction is cut off. With a size of k + ½ the
/// sum is rounded to k + 1, and with a lesser fraction it stays below. (A half itself would take the number before
/// 0.5 to 1.)
fn nearest_whole(value: f64) -> i64 {
    const BELOW_HALF: f64 = 0.5 - f64::EPSILON / 4.0;
    (value + BELOW_HALF.copysign(value)) as i64
}

impl Place {
    /// The nearest place of the grid, from radians; the longitude may be off by a turn.
    fn nearest(lat_rad: f64, lon_rad: f64) -> Place {
        let e7 = |radians: f64| nearest_whole(radians * (180.0 / PI) * E7);
        // A remainder would take a division.
        let lon_e7 = e7(lon_rad);
        let turns = i64::from(lon_e7 >= HALF_TURN_E7) - i64::from(lon_e7 < -HALF_TURN_E7);
        let lon_e7 = lon_e7 - turns * 2 * HALF_TURN_E7;
        debug_assert!((-HALF_TURN_E7..HALF_TURN_E7).contains(&lon_e7), "{lon_rad}");
        Place { lat_e7: e7(lat_rad).clamp(-HALF_TURN_E7 / 2, HALF_TURN_E7 / 2), lon_e7 }
    }

    /// The exactly antipodal place.
    fn antipode(self) -> Place {
        let turn = if self.lon_e7 < 0 { HALF_TURN_E7 } else { -HALF_TURN_E7 };
        Place { lat_e7: -self.lat_e7, lon_e7: self.lon_e7 + turn }
    }

    /// The place at a distance and a bearing in radians from here, by the great circle.
    fn destination(self, distance_rad: f64, bearing_rad: f64) -> Place {
        let [lat, lon] = [self.lat_e7, self.lon_e7].map(|e7| e7 as f64 / E7 * (PI / 180.0));
        let (sin_lat, cos_lat) = libm::sincos(lat);
        let (sin_distance, cos_distance) = libm::sincos(distance_rad);
        let (sin_bearing, cos_bearing) = libm::sincos(bearing_rad);
        let sin_there = sin_lat * cos_distance + cos_lat * sin_distance * cos_bearing;
        let east = sin_bearing * sin_distance * cos_lat;
        let turn = libm::atan2(east, cos_distance - sin_lat * sin_there);
        Place::nearest(libm::asin(sin_there.clamp(-1.0, 1.0)), lon + turn)
    }

    /// Latitude and longitude in degrees. The quotient of two integers below 2⁵³ is rounded once,
    /// as the parser rounds the decimal number: both give the same f64.
    pub fn coordinates(self) -> Coordinates {
        Coordinates::new(self.lat_e7 as f64 / E7, self.lon_e7 as f64 / E7)
            .expect("a place is on the sphere")
    }

    /// Latitude and longitude in degrees as decimal numbers with seven places.
    pub fn decimals(self) -> [String; 2] {
        [self.lat_e7, self.lon_e7].map(|e7| {
            let (sign, size) = (if e7 < 0 { "-" } else { "" }, e7.unsigned_abs());
            format!("{sign}{}.{:07}", size / 10_000_000, size % 10_000_000)
        })
    }
}

/// The cities of a recipe, one after the other.
pub struct Places {
    recipe: Recipe,
    random: Random,
    planted: Option<Planted>,
    centre: Place,
    row: u64,
}

/// The planted pair: the first city of the file and another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planted {
    /// The two places.
    pub places: [Place; 2],
    /// Their rows, the lower first.
    pub rows: [u64; 2],
}

impl Places {
    /// Begins with the city of row 0.
    pub fn new(recipe: Recipe) -> Places {
        let mut random = Random::new(recipe.seed);
        let centre = random.on_sphere();
        let planted = recipe.plant.then(|| plant(&recipe, centre, &mut random));
        Places { recipe, random, planted, centre, row: 0 }
    }

    /// The pair that is the farthest, if one was asked for.
    pub fn planted(&self) -> Option<Planted> {
        self.planted
    }

    /// Goes on with the city of `row`: much faster than to walk there, for no place is computed that a planted
    /// pair does not ask about.
    ///
    /// # Panics
    /// If the city of `row` was there before, or if there are not so many cities.
    pub fn skip_to(&mut self, row: u64) {
        assert!((self.row..=self.recipe.cities).contains(&row), "row {row} is behind or beyond");
        let rows = self.row..row;
        self.row = row;
        let Some(planted) = self.planted else {
            let draws = (rows.end - rows.start) * self.recipe.distribution.draws();
            return self.random.skip(draws);
        };
        let planted_rows = planted.rows.iter().filter(|&row| rows.contains(row)).count() as u64;
        let cities = rows.end - rows.start - planted_rows;
        match self.recipe.distribution {
            Distribution::Uniform => {
                let near = rival_sines(&planted);
                (0..cities).for_each(|_| self.skip_on_sphere(&planted, &near));
            }
            // The latitude takes nearly all that makes a place.
            _ => (0..cities).for_each(|_| {
                self.draw_no_rival(&planted);
            }),
        }
    }

    /// Draws as [`Places::draw_no_rival`] does, on the sphere; `near` holds the sizes of the sines of the
    /// latitudes of all rivals.
    fn skip_on_sphere(&mut self, planted: &Planted, near: &RangeInclusive<f64>) {
        loop {
            let [sin_lat, turns] = self.random.sphere_draws();
            if !near.contains(&sin_lat.abs()) || !is_rival(on_sphere([sin_lat, turns]), planted) {
                return;
            }
        }
    }

    fn draw_no_rival(&mut self, planted: &Planted) -> Place {
        loop {
            let place = self.draw();
            if !is_rival(place, planted) {
                return place;
            }
        }
    }

    fn draw(&mut self) -> Place {
        match self.recipe.distribution {
            Distribution::Uniform => self.random.on_sphere(),
            Distribution::Clustered => self.random.in_cluster(&self.recipe),
            Distribution::Cap { radius_km } => {
                // A planted pair lies on the rim, two radii apart; all others stay well inside.
                let share = if self.recipe.plant { 0.99 } else { 1.0 };
                self.random.in_cap(self.centre, share * radius_km / RADIUS_KM)
            }
        }
    }
}

impl Iterator for Places {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        if self.row == self.recipe.cities {
            return None;
        }
        let row = self.row;
        self.row += 1;
        let Some(planted) = self.planted else { return Some(self.draw()) };
        if let Some(which) = planted.rows.iter().position(|&planted| planted == row) {
            return Some(planted.places[which]);
        }
        Some(self.draw_no_rival(&planted))
    }
}

/// The most cities of a batch.
pub const BATCH_CITIES: u64 = 4096;

/// Name of the invented city of a row.
pub fn name(row: u64) -> String {
    format!("c{row}")
}

/// The cities as a list, with or without names; `None` if there is not the memory for so many.
pub fn list(places: Places, with_names: bool) -> Option<CityList> {
    let cities = usize::try_from(places.recipe.cities).ok()?;
    let longest_name = if with_names { name(places.recipe.cities).len() } else { 0 };
    let mut list = CityList::try_with_capacity(cities, cities.checked_mul(longest_name)?)?;
    push_all(&mut list, places, 0, with_names);
    Some(list)
}

/// Adds cities from the next on.
fn push_all(
    list: &mut CityList,
    places: impl Iterator<Item = Place>,
    first_row: u64,
    with_names: bool,
) {
    let mut name = Vec::new();
    for (place, row) in places.zip(first_row..) {
        name.clear();
        if with_names {
            write!(name, "c{row}").expect("memory takes it");
        }
        list.push(place.coordinates(), &name);
    }
}

/// Cities of some rows, at most [`BATCH_CITIES`] at a time, in lists whose rows are counted from the first of
/// these. `take` looks at each list once.
///
/// # Errors
/// The first error of `take`, after which no more cities are drawn.
///
/// # Panics
/// If there are not so many cities.
pub fn batches(
    recipe: Recipe,
    rows: Range<u64>,
    with_names: bool,
    take: &mut dyn FnMut(&CityList) -> Result<()>,
) -> Result<()> {
    let mut places = Places::new(recipe);
    places.skip_to(rows.start);
    let mut first = rows.start;
    let mut list = CityList::default();
    while first < rows.end {
        let cities = BATCH_CITIES.min(rows.end - first);
        list.restart();
        push_all(&mut list, places.by_ref().take(cities as usize), first, with_names);
        take(&list)?;
        first += cities;
    }
    Ok(())
}

/// Writes the cities as text, a line each: latitude, longitude and, if they have any, name.
///
/// # Errors
/// Whatever `out` returns.
pub fn write_text(
    places: Places,
    separator: char,
    with_names: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    for (place, row) in places.zip(0..) {
        let [lat, lon] = place.decimals();
        write!(out, "{lat}{separator}{lon}")?;
        if with_names {
            write!(out, "{separator}{}", name(row))?;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Chooses a pair that no other can match, and its rows.
///
/// On the sphere it is an exactly antipodal pair, and its lower row is 0. Another pair may be
/// exactly antipodal too, but not with row 0, because no other city comes near the two
/// ([`is_rival`]): so it has higher rows, and loses. In a cap it is two ends of a diameter.
fn plant(recipe: &Recipe, centre: Place, random: &mut Random) -> Planted {
    let places = match recipe.distribution {
        Distribution::Uniform | Distribution::Clustered => {
            let place = random.on_sphere();
            [place, place.antipode()]
        }
        Distribution::Cap { radius_km } => {
            let bearing = TAU * random.unit();
            [bearing, bearing + PI]
                .map(|bearing| centre.destination(radius_km / RADIUS_KM, bearing))
        }
    };
    let other = 1 + random.below(recipe.cities - 1);
    Planted { places, rows: [0, other] }
}

/// A place is a rival where its latitude is so near to that of a planted city: 1e-5 degrees, about a metre.
const RIVAL_E7: i64 = 100;

/// Whether a place is too near to the latitude of a planted city.
fn is_rival(place: Place, planted: &Planted) -> bool {
    planted.places.iter().any(|other| (place.lat_e7 - other.lat_e7).abs() < RIVAL_E7)
}

/// The sizes of the sines of latitude of all rivals of a pair that is antipodal, and few others.
///
/// The latitudes of the two are opposite, so their sizes are the same, L. A rival is within [`RIVAL_E7`] of one
/// of them, so the size of its latitude is as near to L. The arcsine of its drawn sine is within a unit of
/// that: half of one for rounding to the grid, and 1e-6 of one for errors of `libm`. So the sine is between
/// those of L less and L more so many units and one, each computed within 1e-15.
fn rival_sines(planted: &Planted) -> RangeInclusive<f64> {
    const ERROR: f64 = 1e-15;
    let lat_e7 = planted.places[0].lat_e7.abs();
    let [least, greatest] = [lat_e7 - RIVAL_E7 - 1, lat_e7 + RIVAL_E7 + 1].map(|e7| {
        let lat_e7 = e7.clamp(0, HALF_TURN_E7 / 2);
        libm::sin(lat_e7 as f64 / E7 * (PI / 180.0))
    });
    least - ERROR..=greatest + ERROR
}

/// The place with this sine of its latitude and this longitude in turns.
fn on_sphere([sin_lat, turns]: [f64; 2]) -> Place {
    Place::nearest(libm::asin(sin_lat), TAU * turns)
}

/// Random numbers, and random places made of them.
struct Random(Xoshiro256PlusPlus);

impl Random {
    fn new(seed: u64) -> Random {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// A multiple of 2⁻⁵³ in [0, 1).
    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number below `limit`, by the high half of a product; its bias is below limit / 2⁶⁴.
    fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(limit)) >> 64) as u64
    }

    /// Leaves out so many numbers.
    fn skip(&mut self, draws: u64) {
        for _ in 0..draws {
            self.0.next_u64();
        }
    }

    /// What decides a place on the sphere: the sine of its latitude and the longitude in turns. They are even in
    /// [−1, 1) and [0, 1), because by Archimedes the area between two latitudes grows with the sine.
    fn sphere_draws(&mut self) -> [f64; 2] {
        let sin_lat = 2.0 * self.unit() - 1.0;
        [sin_lat, self.unit()]
    }

    /// Evenly on the sphere.
    fn on_sphere(&mut self) -> Place {
        on_sphere(self.sphere_draws())
    }

    /// Evenly in a cap: the area within an angle grows with the squared sine of its half.
    fn in_cap(&mut self, centre: Place, radius_rad: f64) -> Place {
        let half_sine = self.unit().sqrt() * libm::sin(radius_rad / 2.0);
        centre.destination(2.0 * libm::asin(half_sine), TAU * self.unit())
    }

    fn in_cluster(&mut self, recipe: &Recipe) -> Place {
        /// Scale and exponent of the Lomax distribution of distances, and where it is cut off.
        const SCALE_KM: f64 = 20.0;
        const EXPONENT: f64 = 1.5;
        const FARTHEST_KM: f64 = 2000.0;
        let clusters = (recipe.cities as f64).sqrt().ceil();
        // exp(U ln(c + 1)) falls into [k, k + 1) with probability ln(1 + 1/k) / ln(c + 1), which is
        // Zipf's law but for the first few.
        let cluster = libm::floor(libm::pow(clusters + 1.0, self.unit())) as u64;
        let centre_seed = recipe.seed ^ cluster.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let centre = Random::new(centre_seed).on_sphere();
        let distance_km = SCALE_KM * (libm::pow(1.0 - self.unit(), -1.0 / EXPONENT) - 1.0);
        let distance_rad = distance_km.min(FARTHEST_KM) / RADIUS_KM;
        centre.destination(distance_rad, TAU * self.unit())
    }
}
