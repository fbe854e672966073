//! City lists that are hard on a search for the farthest pair, each invented anew for every test.
//!
//! Coordinates are whole multiples of 1e-7 degrees, so that the text holds them exactly. An f64
//! that is the quotient of two such integers is the f64 that a parser makes of the decimal.

use serde::Serialize;

/// A city as the report shows it: the fields, and their order, of its JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct City {
    pub row: u64,
    pub name: String,
    pub lat: f64,
    pub lon: f64,
}

/// A list of cities and what it is called.
pub struct List {
    pub name: String,
    pub cities: Vec<City>,
}

/// Latitude and longitude in units of 1e-7 degrees.
type Place = [i64; 2];

const DEGREE: i64 = 10_000_000;

impl List {
    fn new(name: impl Into<String>, places: Vec<Place>) -> List {
        let city = |(row, place): (u64, Place)| {
            let [lat, lon] = place.map(|units| units as f64 / DEGREE as f64);
            City { row, name: format!("Stadt № {row}"), lat, lon }
        };
        List { name: name.into(), cities: (0..).zip(places).map(city).collect() }
    }

    /// The list in the notebook's form.
    pub fn text(&self) -> String {
        let line = |City { name, lat, lon, .. }: &City| format!("{lat} {lon} {name}\n");
        self.cities.iter().map(line).collect()
    }

    /// Number of pairs.
    pub fn pairs(&self) -> u64 {
        let cities = self.cities.len() as u64;
        cities * (cities - 1) / 2
    }
}

/// The lists on which the ranks are most likely to disagree: fewer blocks than ranks, or many
/// pairs that are equally far.
pub fn touchy() -> Vec<List> {
    vec![smallest(), random(129), antipodal(250), grid(), duplicates()]
}

/// All other lists.
pub fn others() -> Vec<List> {
    let mut lists =
        vec![three(), poles(), antimeridian(), turns(), triangles(), tiny(), one_point()];
    // A tile holds 64 cities; these fill it up, fit, or spill over.
    lists.extend([63, 64, 65, 127, 128, 1000].map(random));
    lists
}

/// The least that has a pair.
fn smallest() -> List {
    List::new("two", vec![[12 * DEGREE, -7 * DEGREE], [-3 * DEGREE, 101 * DEGREE]])
}

fn three() -> List {
    let places = [[0, 0], [0, 90], [45, 45]];
    List::new("three", places.map(|place| place.map(|degrees| degrees * DEGREE)).to_vec())
}

/// Each pole by many longitudes: one point under many names, and every two of them tie.
fn poles() -> List {
    let longitudes = (-180..=360).step_by(45);
    let places = longitudes.flat_map(|lon| [-90, 0, 45, 90].map(|lat| [lat, lon]));
    List::new("poles", places.map(|place| place.map(|degrees| degrees * DEGREE)).collect())
}

/// On both sides of the date line, and on it by both of its names.
fn antimeridian() -> List {
    let longitudes = [1_799_999_000, -1_800_000_000, 1_800_000_000, -1_799_900_000];
    let latitudes = [0, 1, -DEGREE, DEGREE, 60 * DEGREE];
    let places = latitudes.iter().flat_map(|&lat| longitudes.map(|lon| [lat, lon]));
    List::new("antimeridian", places.collect())
}

/// Longitudes up to 360 beside the same ones a turn lower.
fn turns() -> List {
    let mut random = Random(2);
    let western = (0..100)
        .map(|_| [random.between(-90 * DEGREE, 90 * DEGREE), random.between(-180 * DEGREE, 0)]);
    let both = western.flat_map(|[lat, lon]| [[lat, lon], [lat, lon + 360 * DEGREE]]);
    List::new("turns", both.collect())
}

/// Every city three times, in any order.
pub fn duplicates() -> List {
    let mut random = Random(3);
    let once: Vec<Place> = (0..70).map(|_| random.place()).collect();
    List::new("duplicates", random.shuffled(once.repeat(3)))
}

/// A regular grid, on which every distance occurs many times, in any order.
fn grid() -> List {
    let latitudes = (-60..=60).step_by(15);
    let places = latitudes.flat_map(|lat| (-180..180).step_by(15).map(move |lon| [lat, lon]));
    let places = places.map(|place| place.map(|degrees| degrees * DEGREE)).collect();
    List::new("grid", Random(4).shuffled(places))
}

/// Three corners of the equator, a third of a turn apart, many times over: no pair is antipodal,
/// and two thirds of all pairs tie.
fn triangles() -> List {
    let corners = [[0, 0], [0, 120], [0, 240], [0, -120], [0, 360]];
    let corners = corners.map(|place| place.map(|degrees| degrees * DEGREE));
    List::new("triangles", Random(5).shuffled(corners.repeat(20)))
}

/// Exactly antipodal pairs: first one city of each pair, then the others in another order.
pub fn antipodal(pairs: usize) -> List {
    let mut random = Random(6);
    // Five decimals, as gazetteers have them.
    let mut coarse = |degrees: i64| random.between(-degrees * 100_000, degrees * 100_000) * 100;
    let firsts: Vec<Place> = (0..pairs).map(|_| [coarse(90), coarse(180)]).collect();
    let antipodes = firsts.iter().map(|[lat, lon]| [-lat, lon + 180 * DEGREE]).collect();
    let antipodes = random.shuffled(antipodes);
    List::new("antipodal", [firsts, antipodes].concat())
}

/// All within a metre.
fn tiny() -> List {
    let mut random = Random(7);
    let mut near = |degrees: i64| degrees * DEGREE + random.between(0, 60);
    List::new("tiny", (0..150).map(|_| [near(48), near(11)]).collect())
}

/// One point, many times: the greatest distance is 0.
fn one_point() -> List {
    List::new("one point", vec![[476_543_210, 81_234_560]; 130])
}

/// Anywhere on Earth.
pub fn random(cities: usize) -> List {
    let mut random = Random(cities as u64);
    List::new(format!("{cities} random"), (0..cities).map(|_| random.place()).collect())
}

/// Random numbers (SplitMix64, Steele et al. 2014), the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// An integer of the range, both ends included.
    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1) as u64) as i64
    }

    fn place(&mut self) -> Place {
        [self.between(-90 * DEGREE, 90 * DEGREE), self.between(-180 * DEGREE, 360 * DEGREE)]
    }

    fn shuffled(&mut self, mut places: Vec<Place>) -> Vec<Place> {
        for last in (1..places.len()).rev() {
            places.swap(last, self.between(0, last as i64) as usize);
        }
        places
    }
}
