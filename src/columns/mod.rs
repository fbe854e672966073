//! Which columns hold the place and the name of a city.
//!
//! Latitude and longitude are looked for as a pair, in the words of one language and with the same
//! qualifier (`stop_lat`, `stop_lon`). That both must match is what makes it safe to look for words in
//! any name: csv2geojson, which seeks them one by one, took "Isolation" for a latitude. Where two
//! pairs are equally good, nothing is taken.
//!
//! Minutes, seconds and hemispheres in columns of their own are put to their degrees, and a column
//! that holds both coordinates is known by what stands in it.
//!
//! Architecture Invariant: it knows the names of columns and some of their fields, but no file, no
//! line, and no other row than the one it is given.

mod city_name;
mod find;
mod label;
mod name;
mod parts;
mod sample;
mod stops;
mod words;

use crate::angle::{self, Axis, Order};
use crate::cities::{Coordinates, RowError};

use self::label::Label;

pub use find::find;

/// The columns that the user named, each by its name or by its number counted from 1.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Latitudes.
    pub lat: Option<String>,
    /// Longitudes.
    pub lon: Option<String>,
    /// Names of cities, or identifiers that stand for them.
    pub name: Option<String>,
    /// Whether these are identifiers, which are asked for by another option.
    pub is_id: bool,
    /// Latitude and longitude in one, in this order.
    pub lat_lon: Option<String>,
    /// Longitude and latitude in one, in this order.
    pub lon_lat: Option<String>,
}

impl Wishes {
    /// The option that names the column of names.
    pub fn name_flag(&self) -> &'static str {
        if self.is_id { "--id" } else { "--name" }
    }

    /// Whether a column with coordinates is named.
    pub fn name_a_place(&self) -> bool {
        self.places().next().is_some()
    }

    fn places(&self) -> impl Iterator<Item = &String> {
        [&self.lat, &self.lon, &self.lat_lon, &self.lon_lat].into_iter().flatten()
    }

    /// Whether any column is named.
    pub fn name_any(&self) -> bool {
        self.name_a_place() || self.name.is_some()
    }

    /// The numbers of the columns, counted from 0, where coordinates are named by numbers alone.
    pub fn numbers(&self) -> Option<Vec<usize>> {
        let numbers: Option<Vec<usize>> = self.places().map(|wish| number(wish)).collect();
        numbers.filter(|numbers| !numbers.is_empty())
    }
}

/// The number of a column, counted from 0, that was typed counted from 1.
fn number(wish: &str) -> Option<usize> {
    let is_number = !wish.is_empty() && wish.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| wish.parse::<usize>().ok()?.checked_sub(1)).flatten()
}

/// Why no columns were taken.
#[derive(Clone, Debug, PartialEq)]
pub enum Complaint {
    /// There are none.
    None(String),
    /// They could be several, or hold something else than degrees.
    Refused(String),
}

impl Complaint {
    /// In words.
    pub fn problem(&self) -> &str {
        match self {
            Complaint::None(problem) | Complaint::Refused(problem) => problem,
        }
    }
}

/// Where the columns stand, counted from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    place: Place,
    name: Option<usize>,
    rank: Rank,
}

#[derive(Clone, Debug, PartialEq)]
enum Place {
    Two { lat: Angle, lon: Angle },
    One { column: usize, order: Told },
}

impl Place {
    /// Whole degrees in two columns, counted from 0.
    fn two(lat: usize, lon: usize) -> Place {
        let angle = |degrees| Angle { degrees, ..Angle::default() };
        Place::Two { lat: angle(lat), lon: angle(lon) }
    }
}

/// The columns of one angle.
#[derive(Clone, Debug, Default, PartialEq)]
struct Angle {
    degrees: usize,
    minutes: Option<usize>,
    seconds: Option<usize>,
    hemisphere: Option<usize>,
}

/// What tells latitude and longitude apart where one column holds both.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    /// The text itself: WKT, letters, ISO 6709.
    ByItself,
    /// The name of the column, or the user.
    As(Order),
    /// Nothing yet: a value beyond ±90 may.
    Open,
}

/// How well the names of columns tell where the place is, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A pair of latitude and longitude, or what the user named.
    Pair,
    /// One column that holds both.
    Both,
    /// `y` and `x`.
    Plane,
}

impl Columns {
    /// Latitude, longitude and name in these columns, counted from 0.
    pub fn numbered(lat: usize, lon: usize, name: Option<usize>) -> Columns {
        Columns { place: Place::two(lat, lon), name, rank: Rank::Pair }
    }

    /// The place in a row whose fields are given by their number from 0, trimmed or not; `None` if the
    /// row says that it has none.
    ///
    /// # Errors
    /// What was expected, and what was found.
    #[inline]
    pub fn place<'r>(
        &self,
        field: impl Fn(usize) -> &'r [u8],
    ) -> Result<Option<Coordinates>, RowError> {
        match &self.place {
            Place::Two { lat, lon } if lat.is_whole() && lon.is_whole() => {
                place_of(field(lat.degrees), field(lon.degrees))
            }
            Place::Two { lat, lon } => {
                if angle::is_no_place(field(lat.degrees), field(lon.degrees)) {
                    return Ok(None);
                }
                let lat = lat.text(&field, Axis::Latitude);
                place_of(&lat, &lon.text(&field, Axis::Longitude))
            }
            Place::One { column, order } => order.place(field(*column)),
        }
    }

    /// Latitude and longitude, or both, as fields for a look: none of them is checked.
    pub fn lat_lon(&self) -> [usize; 2] {
        match &self.place {
            Place::Two { lat, lon } => [lat.degrees, lon.degrees],
            Place::One { column, .. } => [*column; 2],
        }
    }

    /// Columns with minutes, seconds and hemispheres of latitude and longitude.
    pub fn parts(&self) -> [Vec<usize>; 2] {
        let parts = |angle: &Angle| {
            [angle.minutes, angle.seconds, angle.hemisphere].into_iter().flatten().collect()
        };
        match &self.place {
            Place::Two { lat, lon } => [parts(lat), parts(lon)],
            Place::One { .. } => [Vec::new(), Vec::new()],
        }
    }

    /// Latitude and longitude, if these two columns are all that a place is made of.
    pub fn plain(&self) -> Option<[usize; 2]> {
        match &self.place {
            Place::Two { lat, lon } if lat.is_whole() && lon.is_whole() => {
                Some([lat.degrees, lon.degrees])
            }
            _ => None,
        }
    }

    /// How well the names of the columns tell where the place is.
    pub fn rank(&self) -> Rank {
        self.rank
    }

    /// Where names stand, counted from 0.
    pub fn name(&self) -> Option<usize> {
        self.name
    }

    /// The column of two numbers whose order only a value beyond ±90 can tell. Before
    /// [`Columns::settle`] no place can be had.
    pub fn open(&self) -> Option<usize> {
        match self.place {
            Place::One { column, order: Told::Open } => Some(column),
            _ => None,
        }
    }

    /// Says in which order the two numbers of [`Columns::open`] stand.
    pub fn settle(&mut self, settled: Order) {
        if let Place::One { order, .. } = &mut self.place {
            *order = Told::As(settled);
        }
    }
}

/// The place of a latitude and a longitude.
#[inline]
fn place_of(lat: &[u8], lon: &[u8]) -> Result<Option<Coordinates>, RowError> {
    if let (Ok(lat_deg), Ok(lon_deg)) =
        (angle::degrees(lat, Axis::Latitude), angle::degrees(lon, Axis::Longitude))
        && let Ok(coordinates) = Coordinates::new(lat_deg, lon_deg)
    {
        return Ok(Some(coordinates));
    }
    no_place(lat, lon)
}

/// Whether a latitude and a longitude that are no place say so, or what is wrong with them.
#[cold]
fn no_place(lat: &[u8], lon: &[u8]) -> Result<Option<Coordinates>, RowError> {
    if angle::is_no_place(lat, lon) {
        return Ok(None);
    }
    let [is_lat, is_lon] = [lat, lon].map(|field| {
        let label = Label::of(&String::from_utf8_lossy(&field[..field.len().min(100)]));
        label.angle().is_some()
    });
    if is_lat && is_lon {
        return Err(RowError::Source(format!(
            "expected a row, found another header: {} and {} where latitude and longitude stand, so that two \
             files may follow each other here, with columns of their own",
            angle::shown(lat),
            angle::shown(lon)
        )));
    }
    let half = match (angle::is_missing(lat), angle::is_missing(lon)) {
        (true, false) | (false, true) => {
            " (the other of the two is there, so this is a fault and not an absence)"
        }
        _ => "",
    };
    let with_half = |problem: String| RowError::Row(problem + half);
    let lat_deg = angle::degrees(lat, Axis::Latitude).map_err(with_half)?;
    let lon_deg = angle::degrees(lon, Axis::Longitude).map_err(with_half)?;
    Coordinates::new(lat_deg, lon_deg).map(Some).map_err(|error| match error {
        // A letter says which of the two it is, so they are not swapped.
        RowError::Source(_) if lat.iter().chain(lon).any(|byte| b"NSEWnsw".contains(byte)) => {
            RowError::Row(format!(
                "expected a latitude in [-90, 90] degrees and a longitude in [-180, 360], found {} and {}",
                angle::shown(lat),
                angle::shown(lon)
            ))
        }
        error => error,
    })
}

impl Angle {
    /// The last column of its numbers.
    fn last(&self) -> usize {
        self.seconds.or(self.minutes).unwrap_or(self.degrees)
    }

    fn is_whole(&self) -> bool {
        *self == Angle { degrees: self.degrees, ..Angle::default() }
    }

    /// Degrees, minutes, seconds and hemisphere in one text, as `48:51:24N`.
    fn text<'r>(&self, field: &impl Fn(usize) -> &'r [u8], axis: Axis) -> Vec<u8> {
        let mut text = field(self.degrees).trim_ascii().to_vec();
        for part in [self.minutes, self.seconds].into_iter().flatten() {
            text.push(b':');
            text.extend_from_slice(field(part).trim_ascii());
        }
        if let Some(hemisphere) = self.hemisphere {
            text.push(b' ');
            let hemisphere = field(hemisphere);
            match parts::letter(hemisphere, axis) {
                Some(letter) => text.push(letter),
                // The notation then says what is wrong with it.
                None if hemisphere.trim_ascii().is_empty() => text.push(b'?'),
                None => text.extend_from_slice(hemisphere),
            }
        }
        text
    }
}

impl Told {
    fn place(self, text: &[u8]) -> Result<Option<Coordinates>, RowError> {
        let degrees = match self {
            Told::ByItself => angle::place(text)?,
            Told::As(order) => {
                let numbers = angle::two_numbers(text)?;
                numbers.map(|[a, b]| if order == Order::LatLon { [a, b] } else { [b, a] })
            }
            Told::Open => return Err("expected an order of the two numbers".to_string().into()),
        };
        degrees.map(|[lat_deg, lon_deg]| Coordinates::new(lat_deg, lon_deg)).transpose()
    }
}

/// Which of two numbers is the longitude, told by values beyond ±90, which no latitude has.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrderProof {
    is_beyond: [bool; 2],
}

impl OrderProof {
    /// Looks at the two numbers of a row.
    pub fn see(&mut self, numbers: [f64; 2]) {
        for (is_beyond, number) in self.is_beyond.iter_mut().zip(numbers) {
            *is_beyond |= number.abs() > 90.0;
        }
    }

    /// The order, if one of the two was beyond ±90 and the other never.
    pub fn order(self) -> Option<Order> {
        match self.is_beyond {
            [false, true] => Some(Order::LatLon),
            [true, false] => Some(Order::LonLat),
            _ => None,
        }
    }
}

/// Why a column of two numbers is not taken, by its name and its number from 0.
pub fn unordered(name: &str, column: usize) -> String {
    let is_long = name.is_empty() || name.len() > 40;
    let typed = if is_long { (column + 1).to_string() } else { format!("{name:?}") };
    let column = shown_column(name, column);
    format!(
        "expected a column whose order is known, found {column} with two numbers each, which its name does not \
         tell apart, nor does a value beyond ±90; say which comes first: --lat-lon {typed} or --lon-lat {typed}"
    )
}

/// A column by its name and its number, counted from 0 here and from 1 in messages.
fn shown_column(name: &str, column: usize) -> String {
    format!("{} ({})", angle::shown(name.as_bytes()), column + 1)
}

/// The column with names of cities by the names of all columns, counted from 0, where a form has
/// coordinates of its own.
pub fn find_name(header: &[String]) -> Option<usize> {
    city_name::find(header, "")
}

/// Names or fields with their numbers, counted from 1, as far as a message holds them.
pub fn listed<'a>(fields: impl ExactSizeIterator<Item = &'a [u8]>) -> String {
    const SHOWN: usize = 20;
    const BYTES_MOST: usize = 1000;
    let count = fields.len();
    let mut columns = Vec::new();
    let mut bytes = 0;
    for (number, field) in (1..).zip(fields).take(SHOWN) {
        let column = format!("{number} {}", angle::shown(field));
        bytes += column.len();
        if bytes > BYTES_MOST {
            break;
        }
        columns.push(column);
    }
    if columns.len() < count {
        columns.push(format!("… ({count} in all)"));
    }
    columns.join(" | ")
}
