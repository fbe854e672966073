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

use crate::cities::{CityList, Coordinates};
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

const E7: f64 = 1e7;
const HALF_TURN_E7: i64 = 1_800_000_000;

impl Place {
    /// The nearest place of the grid, from radians; the longitude may be off by a turn.
    fn nearest(lat_rad: f64, lon_rad: f64) -> Place {
        let e7 = |radians: f64| (radians * (180.0 / PI) * E7).round() as i64;
        let lon_e7 = (e7(lon_rad) + HALF_TURN_E7).rem_euclid(2 * HALF_TURN_E7) - HALF_TURN_E7;
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
        loop {
            let place = self.draw();
            if !is_rival(place, &planted) {
                return Some(place);
            }
        }
    }
}

/// Name of the invented city of a row.
pub fn name(row: u64) -> String {
    format!("c{row}")
}

/// The cities as a list; `None` if there is not the memory for so many.
pub fn list(places: Places) -> Option<CityList> {
    let cities = usize::try_from(places.recipe.cities).ok()?;
    let longest_name = name(places.recipe.cities).len();
    let mut list = CityList::try_with_capacity(cities, cities.checked_mul(longest_name)?)?;
    for (place, row) in places.zip(0..) {
        list.push(place.coordinates(), name(row).as_bytes());
    }
    Some(list)
}

/// Writes the cities as text, a line each: latitude, longitude, name.
///
/// # Errors
/// Whatever `out` returns.
pub fn write_text(places: Places, separator: char, out: &mut impl Write) -> io::Result<()> {
    for (place, row) in places.zip(0..) {
        let [lat, lon] = place.decimals();
        writeln!(out, "{lat}{separator}{lon}{separator}{}", name(row))?;
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

/// Whether a place is within 1e-5 degrees, about a metre, of the latitude of a planted city.
fn is_rival(place: Place, planted: &Planted) -> bool {
    planted.places.iter().any(|other| (place.lat_e7 - other.lat_e7).abs() < 100)
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

    /// Evenly on the sphere: by Archimedes the sine of the latitude is even in [−1, 1].
    fn on_sphere(&mut self) -> Place {
        let sin_lat = 2.0 * self.unit() - 1.0;
        Place::nearest(libm::asin(sin_lat), TAU * self.unit())
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
