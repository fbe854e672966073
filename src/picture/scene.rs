//! What is to be drawn: cities, pairs and the Earth that they are on.
//!
//! Architecture Invariant: it says what is there, and not where it is drawn.

use super::census::Census;
use super::lattice::{Edges, Lattice};
use super::projection::{Azimuthal, Place, True, antipode};
use crate::metric::Metric;
use crate::report::{City, Length, RankedPair, Unit};
use crate::sphere::RADIUS_KM;
use crate::ways::{Line, line};

/// A list, as far as it is drawn.
pub struct Listed {
    /// The name of its file.
    pub file: String,
    /// How many cities it has.
    pub cities: u64,
    /// Where they are, or how far their farthest ones.
    pub census: Census,
}

/// What was asked for.
pub enum Question<'a> {
    /// The farthest pairs.
    Pairs,
    /// The farthest of each city.
    Each {
        /// The centre and its farthest city.
        centre: &'a RankedPair,
        /// The file of the other list, if the farthest cities are of that, and how many it has.
        other: Option<(String, u64)>,
    },
}

/// All that a picture is of.
pub struct Scene<'a> {
    /// The lists whose cities are drawn, one or two.
    pub lists: Vec<Listed>,
    /// The farthest pairs, one at least.
    pub pairs: &'a [RankedPair],
    /// See there.
    pub question: Question<'a>,
    /// What a distance is.
    pub metric: &'a Metric,
    /// Radius of the sphere that is reported.
    pub radius_km: f64,
    /// Unit of what is written.
    pub unit: Unit,
}

/// Pairs whose ways are drawn at most.
pub const MOST_LINES: usize = 1000;

/// Pairs that are numbered on a map and listed below it at most.
pub const MOST_NUMBERED: usize = 10;

/// The greatest angle between the middle of a region and one of its cities, in degrees.
const MOST_OF_REGION_DEG: f64 = 40.0;

/// The lattice of the region that all cities are in; none where they are spread over the world.
pub fn region_of(censuses: &[Census]) -> Option<Lattice> {
    let edges = edges_of(censuses.iter())?;
    let map = Azimuthal::new(middle_of(&edges), True::Areas);
    let most = MOST_OF_REGION_DEG.to_radians();
    let is_near = |census: &Census| {
        census.taken().all(|(bin, _)| map.polar(census.lattice.middle(bin)).0 <= most)
    };
    censuses.iter().all(is_near).then(|| Lattice::over(&edges))
}

/// Where the cities of some lists are.
pub fn edges_of<'c>(censuses: impl Iterator<Item = &'c Census>) -> Option<Edges> {
    censuses.filter(|census| !census.is_empty()).map(Census::edges).reduce(Edges::with)
}

/// The place that a map of a region is drawn around.
pub fn middle_of(edges: &Edges) -> Place {
    let lat = 0.5 * (edges.south + edges.north);
    match edges.east - edges.west <= 180.0 {
        true => [lat, 0.5 * (edges.west + edges.east)],
        // Of what lies around a pole.
        false => [90_f64.copysign(lat), 0.0],
    }
}

/// Where the cities of a pair are.
pub fn places(pair: &RankedPair) -> [Place; 2] {
    pair.pair.each_ref().map(|city| [city.lat, city.lon])
}

/// What a city is called: its name, or if it has none its row.
pub fn name_of(city: &City) -> String {
    match city.name.trim().is_empty() {
        true => format!("row {}", city.row),
        false => city.name.clone(),
    }
}

impl Scene<'_> {
    /// The radius of the Earth that distances are told on, in kilometres.
    pub fn earth_km(&self) -> f64 {
        self.metric.radius_km() * self.scale()
    }

    /// What a kilometre that was measured is on the sphere that is reported.
    pub fn scale(&self) -> f64 {
        self.radius_km / RADIUS_KM
    }

    /// The ways of the pairs that are drawn.
    pub fn ways(&self) -> Vec<Line> {
        let pairs = self.pairs.iter().take(MOST_LINES);
        pairs.map(|pair| line(self.metric, places(pair))).collect()
    }

    /// How far the second city of a pair is from the antipode of the first, in kilometres.
    pub fn offset_km(&self, pair: &RankedPair) -> f64 {
        let [one, other] = places(pair);
        let [p, q] = [antipode(one), other].map(|[lat, lon]| self.metric.vector(lat, lon));
        self.metric.distance_km(p, q) * self.scale()
    }

    /// A number of kilometres as it is written.
    pub fn length(&self, km: f64) -> String {
        Length::new(km, self.unit).text(3)
    }

    /// What the Earth is, in words.
    pub fn earth(&self) -> String {
        match self.metric {
            Metric::Sphere => format!("sphere, R = {} km", self.radius_km),
            metric => format!("ellipsoid {metric}"),
        }
    }

    /// Whether all cities are in one region.
    pub fn is_region(&self) -> bool {
        self.lists.iter().all(|list| list.census.lattice != Lattice::of_world())
    }
}
