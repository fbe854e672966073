//! A lattice of latitudes and longitudes, whose bins cities are counted in, and the edges of what it is laid over.
//!
//! Architecture Invariant: it does not know what is in a bin.

/// Bins of equal steps of latitude and longitude.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lattice {
    /// Latitude and longitude of the corner from which bins are counted, in degrees.
    from: [f64; 2],
    /// Degrees of a bin.
    step: [f64; 2],
    /// Bins from south to north, and from west to east.
    many: [usize; 2],
}

/// Bins of a quarter degree: 0.8 pixels of a map of the world, of which cells have two.
const OF_WORLD: [usize; 2] = [720, 1440];

/// Bins of a region, of which a map is about as many pixels wide and high.
const OF_REGION: [usize; 2] = [960, 1440];

/// A bin is no narrower, in degrees: the unit of decimals in a list, a centimetre.
const LEAST_STEP_DEG: f64 = 1e-7;

impl Lattice {
    /// Over all the world.
    pub fn of_world() -> Lattice {
        let [rows, columns] = OF_WORLD;
        let step = [180.0 / rows as f64, 360.0 / columns as f64];
        Lattice { from: [-90.0, -180.0], step, many: OF_WORLD }
    }

    /// Over a region.
    pub fn over(edges: &Edges) -> Lattice {
        let span = [edges.north - edges.south, edges.east - edges.west];
        let step = [0, 1].map(|axis| (span[axis] / OF_REGION[axis] as f64).max(LEAST_STEP_DEG));
        // Half of the room that a region of no size has is on each side.
        let from = [0, 1].map(|axis| {
            let room = step[axis] * OF_REGION[axis] as f64 - span[axis];
            [edges.south, edges.west][axis] - 0.5 * room
        });
        Lattice { from, step, many: OF_REGION }
    }

    /// As a message.
    pub fn to_words(self) -> [u64; 6] {
        let [[a, b], [c, d]] = [self.from, self.step].map(|two| two.map(f64::to_bits));
        [a, b, c, d, self.many[0] as u64, self.many[1] as u64]
    }

    /// From a message.
    pub fn from_words([a, b, c, d, rows, columns]: [u64; 6]) -> Lattice {
        let [a, b, c, d] = [a, b, c, d].map(f64::from_bits);
        Lattice { from: [a, b], step: [c, d], many: [rows as usize, columns as usize] }
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.many[0] * self.many[1]
    }

    /// Rows and columns.
    pub fn many(&self) -> [usize; 2] {
        self.many
    }

    /// The bin of a place.
    #[inline]
    pub fn bin(&self, [lat_deg, lon_deg]: [f64; 2]) -> usize {
        let mut east = lon_deg - self.from[1];
        if east < 0.0 {
            east += 360.0;
        } else if east >= 360.0 {
            east -= 360.0;
        }
        // What is no number is 0, and what lies beyond is in the last.
        let row = ((lat_deg - self.from[0]) / self.step[0]) as usize;
        let column = (east / self.step[1]) as usize;
        row.min(self.many[0] - 1) * self.many[1] + column.min(self.many[1] - 1)
    }

    /// Latitude and longitude of the middle of a bin, in degrees; the longitude may be beyond 180.
    pub fn middle(&self, [row, column]: [usize; 2]) -> [f64; 2] {
        [
            self.from[0] + (row as f64 + 0.5) * self.step[0],
            self.from[1] + (column as f64 + 0.5) * self.step[1],
        ]
    }

    /// How large a bin of a row is, of a sphere of radius 1.
    pub fn area(&self, row: usize) -> f64 {
        let radians = std::f64::consts::PI / 180.0;
        let south = self.from[0] + row as f64 * self.step[0];
        // sin a − sin b, which keeps its digits where the two are near.
        let middle = libm::cos((south + 0.5 * self.step[0]) * radians);
        2.0 * middle * libm::sin(0.5 * self.step[0] * radians) * self.step[1] * radians
    }
}

/// Latitudes and longitudes that cities have, in degrees. The east is not west of the west, but may be beyond 180.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edges {
    /// The least latitude.
    pub south: f64,
    /// The greatest.
    pub north: f64,
    /// Where the longitudes begin.
    pub west: f64,
    /// Where they end.
    pub east: f64,
}

impl Edges {
    /// Those of both.
    pub fn with(self, other: Edges) -> Edges {
        // The way round on which the two are nearer to each other.
        let apart = 0.5 * (other.west + other.east) - 0.5 * (self.west + self.east);
        let turn = 360.0 * (apart / 360.0).round();
        Edges {
            south: self.south.min(other.south),
            north: self.north.max(other.north),
            west: self.west.min(other.west - turn),
            east: self.east.max(other.east - turn),
        }
    }
}
