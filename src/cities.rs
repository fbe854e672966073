//! Cities as they are read: coordinates in degrees, names, and each city's row in its source.
//!
//! A list is four columns, not a vector of structs with a `String` each: a hundred million
//! names are then one allocation, and a column can be written out as it lies.
//!
//! Architecture Invariant: a list holds only valid coordinates ([`Coordinates::new`] is the
//! one gate), so nothing downstream checks for NaN, infinity or range again.

use bytemuck::NoUninit;

use crate::memory;

/// Latitude and longitude in degrees, both finite, latitude in [−90, 90] and longitude in
/// [−180, 360]: [`Coordinates::new`] lets no others through.
#[derive(Clone, Copy, Debug, PartialEq, NoUninit)]
#[repr(C)]
pub struct Coordinates {
    lat_deg: f64,
    lon_deg: f64,
}

/// Why a row of a source is no city.
#[derive(Clone, Debug, PartialEq)]
pub enum RowError {
    /// This row alone is wrong: what was expected, and what was found.
    Row(String),
    /// The row betrays that the whole source is read wrongly (latitude and longitude are swapped,
    /// say). To leave such rows out would make the rest look valid.
    Source(String),
}

impl RowError {
    /// The same error with what it is about before it, like "feature 17".
    pub fn prefixed(self, what: &str) -> RowError {
        match self {
            RowError::Row(problem) => RowError::Row(format!("{what}: {problem}")),
            RowError::Source(problem) => RowError::Source(format!("{what}: {problem}")),
        }
    }

    /// What was expected, and what was found.
    pub fn problem(&self) -> &str {
        match self {
            RowError::Row(problem) | RowError::Source(problem) => problem,
        }
    }
}

impl From<String> for RowError {
    fn from(problem: String) -> RowError {
        RowError::Row(problem)
    }
}

impl Coordinates {
    /// Checks a latitude and a longitude, both in degrees.
    ///
    /// # Errors
    /// What was expected and found; [`RowError::Source`] where the two are coordinates the other
    /// way round.
    pub fn new(lat_deg: f64, lon_deg: f64) -> Result<Coordinates, RowError> {
        let lat_fits = |value: f64| (-90.0..=90.0).contains(&value);
        let lon_fits = |value: f64| (-180.0..=360.0).contains(&value);
        if lat_fits(lat_deg) && lon_fits(lon_deg) {
            return Ok(Coordinates { lat_deg, lon_deg });
        }
        if lat_fits(lon_deg) && lon_fits(lat_deg) {
            return Err(RowError::Source(format!(
                "expected a latitude in [-90, 90], found {lat_deg} and the longitude {lon_deg} (are \
                 latitude and longitude swapped?)"
            )));
        }
        let is_whole = lat_deg.fract() == 0.0 && lon_deg.fract() == 0.0;
        let hint = match lat_deg.abs().min(lon_deg.abs()) {
            least if least > 1e5 && is_whole => {
                " (these are no degrees; projected metres, or degrees times 1e6 or 1e7 to be divided?)"
            }
            least if least > 360.0 => " (these are no degrees; projected metres?)",
            _ => "",
        };
        Err(RowError::Row(match lat_fits(lat_deg) {
            false => format!("expected a latitude in [-90, 90], found {lat_deg}{hint}"),
            true => format!("expected a longitude in [-180, 360], found {lon_deg}"),
        }))
    }

    /// Latitude in degrees, in [−90, 90].
    pub fn lat_deg(self) -> f64 {
        self.lat_deg
    }

    /// Longitude in degrees, in [−180, 360].
    pub fn lon_deg(self) -> f64 {
        self.lon_deg
    }
}

/// Rows of the source that are left out, just before a city.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Gap {
    /// Index of the first city behind the gap.
    index: usize,
    /// How many rows are left out in this gap and all before it.
    skipped: u64,
}

/// The most rows of a source, 2⁶³, so that the number of a row leaves a bit for a mark.
pub const MOST_ROWS: u64 = 1 << 63;

/// The cities of one source, or a batch of them, in ascending order of their rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CityList {
    coordinates: Vec<Coordinates>,
    gaps: Vec<Gap>,
    name_ends: Vec<usize>,
    names: Vec<u8>,
    /// The row from which on the list holds cities.
    first_row: u64,
    source_rows: u64,
}

impl CityList {
    /// An empty list with room for `cities` cities whose names have `name_bytes` bytes in all;
    /// `None` if there is not the memory for it.
    pub fn try_with_capacity(cities: usize, name_bytes: usize) -> Option<CityList> {
        let mut list = CityList::default();
        let reserved = memory::may_fail(|| {
            list.coordinates.try_reserve_exact(cities)?;
            list.name_ends.try_reserve_exact(cities)?;
            list.names.try_reserve_exact(name_bytes)
        });
        reserved.ok().map(|()| list)
    }

    /// Forgets all cities, for the next batch of the same source: the rows so far stay counted. Its
    /// memory is used again.
    pub fn restart(&mut self) {
        self.coordinates.clear();
        self.gaps.clear();
        self.name_ends.clear();
        self.names.clear();
        self.first_row = self.source_rows;
    }

    /// Adds the city of the next row of the source. The name is any bytes; those that are not
    /// UTF-8 are kept as they are and shown as U+FFFD.
    pub fn push(&mut self, coordinates: Coordinates, name: &[u8]) {
        let skipped = self.source_rows - self.first_row - self.len() as u64;
        if skipped > self.gaps.last().map_or(0, |gap| gap.skipped) {
            self.gaps.push(Gap { index: self.len(), skipped });
        }
        self.coordinates.push(coordinates);
        self.names.extend_from_slice(name);
        self.name_ends.push(self.names.len());
        self.source_rows += 1;
    }

    /// Adds the cities of the next batch of the same source.
    ///
    /// # Panics
    /// If it is not the next.
    pub fn append(&mut self, batch: &CityList) {
        for (index, row) in batch.rows().enumerate() {
            self.skip_to(row);
            self.push(batch.coordinates(index), batch.name(index));
        }
        self.skip_to(batch.source_rows());
    }

    /// Leaves out the rows of the source before `row`; they keep their numbers.
    ///
    /// # Panics
    /// If a city of `row` or a later one is in the list already, or if there are more than [`MOST_ROWS`].
    pub fn skip_to(&mut self, row: u64) {
        assert!(row >= self.source_rows, "rows come in ascending order");
        assert!(row <= MOST_ROWS, "row {row} is beyond {MOST_ROWS}");
        self.source_rows = row;
    }

    /// Number of cities.
    pub fn len(&self) -> usize {
        self.coordinates.len()
    }

    /// Whether there is no city at all.
    pub fn is_empty(&self) -> bool {
        self.coordinates.is_empty()
    }

    /// Number of data rows in the source so far, those left out included.
    pub fn source_rows(&self) -> u64 {
        self.source_rows
    }

    /// Coordinates of the city at `index`, which is below [`CityList::len`].
    pub fn coordinates(&self, index: usize) -> Coordinates {
        self.coordinates[index]
    }

    /// Latitude and longitude in degrees of the city at `index`.
    #[inline]
    pub fn degrees(&self, index: usize) -> [f64; 2] {
        let Coordinates { lat_deg, lon_deg } = self.coordinates[index];
        [lat_deg, lon_deg]
    }

    /// Latitudes and longitudes in degrees of all cities.
    pub fn all_degrees(&self) -> &[[f64; 2]] {
        bytemuck::must_cast_slice(&self.coordinates)
    }

    /// Rows of all cities in their source, counted from 0.
    pub fn rows(&self) -> impl Iterator<Item = u64> {
        let mut gaps = self.gaps.iter().peekable();
        let mut skipped = 0;
        (0..self.len()).map(move |index| {
            if let Some(gap) = gaps.next_if(|gap| gap.index == index) {
                skipped = gap.skipped;
            }
            self.first_row + index as u64 + skipped
        })
    }

    /// Row of the city at `index` in its source, counted from 0.
    pub fn row(&self, index: usize) -> u64 {
        self.first_row + index as u64 + self.skipped(|gap| gap.index <= index)
    }

    /// Index of the city whose row in the source is `row`, which is that of some city.
    pub fn index(&self, row: u64) -> usize {
        let row = row - self.first_row;
        (row - self.skipped(|gap| gap.index as u64 + gap.skipped <= row)) as usize
    }

    /// How many rows are left out in the gaps that are before something.
    fn skipped(&self, is_before: impl FnMut(&Gap) -> bool) -> u64 {
        match self.gaps.partition_point(is_before) {
            0 => 0,
            gaps => self.gaps[gaps - 1].skipped,
        }
    }

    /// Name of the city at `index`, as given; empty where the source has none.
    pub fn name(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.name_ends[index - 1] };
        &self.names[start..self.name_ends[index]]
    }

    /// Bytes of all names together.
    pub fn name_bytes(&self) -> usize {
        self.names.len()
    }
}
