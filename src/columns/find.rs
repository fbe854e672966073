//! From the names of all columns to the few that are taken, or to the words why none is.
//!
//! The rules in their order: what the user named; one pair without a qualifier; one pair with one;
//! one column that holds both; `y` and `x`. Of several that are equally good none is taken.
//!
//! Architecture Invariant: it returns columns or a complaint; whether another delimiter would do
//! better, others ask.

use std::collections::HashMap;

use super::label::{AngleLabel, Label};
use super::sample::notation_of;
use super::stops::{self, Stop};
use super::words::{self, PLANE, Part};
use super::{
    Columns, Complaint, Place, Rank, Told, Wishes, city_name, number, parts, shown_column,
};
use crate::angle::{self, Axis, Notation, Order, shown};

/// Finds the columns by the trimmed names of a header, and by the fields of the first few rows.
///
/// # Errors
/// Why there are none, with the option that says which to take.
pub fn find(
    header: &[String],
    sample: &[Vec<&[u8]>],
    wishes: &Wishes,
) -> Result<Columns, Complaint> {
    let names = Names::of(header);
    let (place, rank, qualifier) = match names.wished(wishes, sample)? {
        Some((place, qualifier)) => (place, Rank::Pair, qualifier),
        None => names.found(sample)?,
    };
    let place = match place {
        Place::Two { lat, lon } => parts::put(&names.labels, header, [lat, lon], sample)?,
        Place::One { .. } => place,
    };
    let name = match &wishes.name {
        Some(wish) => {
            let flag = wishes.name_flag();
            let name = named(header, wish, flag).map_err(Complaint::None)?;
            let is_taken = match &place {
                Place::Two { lat, lon } => [lat.degrees, lon.degrees].contains(&name),
                Place::One { column, .. } => *column == name,
            };
            if is_taken {
                return Err(Complaint::Refused(format!(
                    "expected a column of its own for names, found column {} for places too; name another \
                     with {flag}, or leave {flag} out",
                    name + 1
                )));
            }
            Some(name)
        }
        None => {
            // A place may stand under `location` or `place`, which are names elsewhere.
            let mut others = header.to_vec();
            if let Place::One { column, .. } = place {
                others[column].clear();
            }
            city_name::find(&others, &qualifier)
        }
    };
    let is_place =
        |column: &usize| matches!(place, Place::One { column: both, .. } if both == *column);
    Ok(Columns { name: name.filter(|name| !is_place(name)), place, rank })
}

/// The column of a name or a number, counted from 0.
pub(super) fn named(header: &[String], wish: &str, flag: &str) -> Result<usize, String> {
    if let Some(number) = number(wish) {
        return match number < header.len() {
            true => Ok(number),
            false => Err(format!(
                "expected a column {wish} (from {flag}), found {} columns: {}",
                header.len(),
                listed(header)
            )),
        };
    }
    let mut found =
        (0..).zip(header).filter(|(_, name)| name.to_lowercase() == wish.to_lowercase());
    match (found.next(), found.next()) {
        (Some((column, _)), None) => Ok(column),
        (Some((first, _)), Some((second, _))) => Err(format!(
            "expected one column named {wish:?} (from {flag}), found two: {} and {}; give its number \
             instead",
            first + 1,
            second + 1
        )),
        (None, _) => Err(format!(
            "expected a column named {wish:?} (from {flag}), found {}; give the name or the number of a \
             column that is there",
            listed(header)
        )),
    }
}

/// The names of columns with their numbers.
fn listed(header: &[String]) -> String {
    super::listed(header.iter().map(String::as_bytes))
}

/// How many pairs of one qualifier are looked for. More than one is too many already, but a header can
/// hold as many as the square of its columns.
const PAIRS_MOST: usize = 6;

/// A pair of columns, counted from 0.
#[derive(Clone, Debug, PartialEq)]
struct Pair {
    lat: usize,
    lon: usize,
    qualifier: String,
}

struct Names<'a> {
    header: &'a [String],
    labels: Vec<Label>,
}

impl<'a> Names<'a> {
    fn of(header: &'a [String]) -> Names<'a> {
        let mut labels: Vec<Label> = header.iter().map(|name| Label::of(name)).collect();
        for axis in Axis::BOTH {
            let own = |label: &AngleLabel| label.axis == axis;
            let angles = || labels.iter().filter_map(Label::angle).filter(|label| own(label));
            let is_statistic =
                |label: &AngleLabel| label.qualifier.split(' ').any(words::is_statistic);
            let has_greatest = angles().any(is_statistic);
            let has_minutes = angles().any(|label| label.part == Some(Part::Minutes));
            for label in labels.iter_mut().filter_map(Label::angle_mut).filter(|label| own(label)) {
                // Beside a greatest latitude, `lat_min` is the least.
                if label.part == Some(Part::Minutes) && has_greatest {
                    (label.part, label.qualifier) = (None, format!("min{}", label.qualifier));
                }
                // Without minutes there are no seconds: `LatS` counts to the south.
                if label.part == Some(Part::Seconds) && !has_minutes {
                    (label.part, label.stop) = (None, Some(Stop::Mirrored));
                }
            }
        }
        Names { header, labels }
    }

    /// What the user named. Where only one of latitude and longitude is named, the other has to be
    /// clear.
    fn wished(
        &self,
        wishes: &Wishes,
        sample: &[Vec<&[u8]>],
    ) -> Result<Option<(Place, String)>, Complaint> {
        let find = |wish: &Option<String>, flag| {
            let column = wish.as_ref().map(|wish| named(self.header, wish, flag));
            column.transpose().map_err(Complaint::None)
        };
        for (wish, flag, order) in [
            (&wishes.lat_lon, "--lat-lon", Order::LatLon),
            (&wishes.lon_lat, "--lon-lat", Order::LonLat),
        ] {
            if let Some(column) = find(wish, flag)? {
                // What says itself which is which is not read the other way round.
                let order = match notation_of(column, sample) {
                    Some(Notation::Geometry | Notation::Marked) => Told::ByItself,
                    _ => Told::As(order),
                };
                return Ok(Some((Place::One { column, order }, String::new())));
            }
        }
        let [lat, lon] = match (find(&wishes.lat, "--lat")?, find(&wishes.lon, "--lon")?) {
            (None, None) => return Ok(None),
            (Some(lat), Some(lon)) => [lat, lon],
            (Some(lat), None) => [lat, self.partner(lat, Axis::Longitude, "--lon")?],
            (None, Some(lon)) => [self.partner(lon, Axis::Latitude, "--lat")?, lon],
        };
        if lat == lon {
            return Err(Complaint::Refused(format!(
                "expected two columns, found column {} for latitude and longitude both; if it holds both, \
                 say --lat-lon {0} or --lon-lat {0}",
                lat + 1
            )));
        }
        let qualifier = self.labels[lat].angle().map_or(String::new(), |l| l.qualifier.clone());
        Ok(Some((Place::two(lat, lon), qualifier)))
    }

    /// The column that goes with one that the user named.
    fn partner(&self, with: usize, axis: Axis, flag: &str) -> Result<usize, Complaint> {
        let own = self.labels[with].angle();
        let all: Vec<usize> = self.angles(axis).filter(|&column| column != with).collect();
        let is_alike = |&column: &usize| {
            let label = self.labels[column].angle();
            label.zip(own).is_some_and(|(a, b)| (a.style, &a.qualifier) == (b.style, &b.qualifier))
        };
        let is_bare =
            |&column: &usize| self.labels[column].angle().is_some_and(|a| a.qualifier.is_empty());
        let alike: Vec<usize> = all.iter().copied().filter(is_alike).collect();
        let bare: Vec<usize> = all.iter().copied().filter(is_bare).collect();
        let best = [alike, bare, all].into_iter().find(|columns| !columns.is_empty());
        match best.as_deref() {
            Some([column]) => Ok(*column),
            _ => Err(Complaint::Refused(format!(
                "expected a column for the {} too, found {}; name it with {flag}",
                axis.name(),
                listed(self.header)
            ))),
        }
    }

    /// Columns that may hold whole angles of an axis in degrees.
    fn angles(&self, axis: Axis) -> impl Iterator<Item = usize> {
        let is_angle = move |label: &AngleLabel| {
            label.axis == axis && label.stop.is_none() && label.part.is_none()
        };
        let labels = (0..).zip(&self.labels);
        labels.filter(move |(_, label)| label.angle().is_some_and(is_angle)).map(|(at, _)| at)
    }

    /// What the names tell.
    fn found(&self, sample: &[Vec<&[u8]>]) -> Result<(Place, Rank, String), Complaint> {
        let is_plane =
            |pair: &Pair| self.labels[pair.lat].angle().is_some_and(|l| l.style == PLANE);
        let (plane, pairs): (Vec<Pair>, Vec<Pair>) = self.pairs().into_iter().partition(is_plane);
        let (bare, qualified): (Vec<Pair>, Vec<Pair>) =
            pairs.into_iter().partition(|pair| pair.qualifier.is_empty());
        if let Some(pair) = self.only(bare)? {
            self.require_no_box(&pair)?;
            return Ok((Place::two(pair.lat, pair.lon), Rank::Pair, pair.qualifier));
        }
        if let Some(sentence) = self.stop_sentence(|stop| stop == Stop::Sky) {
            return Err(Complaint::Refused(sentence));
        }
        if let Some(pair) = self.only(qualified)? {
            return Ok((Place::two(pair.lat, pair.lon), Rank::Pair, pair.qualifier));
        }
        if let Some(place) = self.both(sample)? {
            return Ok((place, Rank::Both, String::new()));
        }
        if let Some(sentence) = self.east_and_north() {
            return Err(Complaint::Refused(sentence));
        }
        if let Some(sentence) = self.stop_sentence(|stop| stop != Stop::Derived) {
            return Err(Complaint::Refused(sentence));
        }
        let (bare, qualified): (Vec<Pair>, Vec<Pair>) =
            plane.into_iter().partition(|pair| pair.qualifier.is_empty());
        for pairs in [bare, qualified] {
            if let Some(pair) = self.only(pairs)? {
                return Ok((Place::two(pair.lat, pair.lon), Rank::Plane, pair.qualifier));
            }
        }
        if let Some(sentence) = self.stop_sentence(|_| true) {
            return Err(Complaint::Refused(sentence));
        }
        Err(Complaint::None(format!(
            "expected a header with a column for latitude and one for longitude (lat and lon, latitude \
             and longitude, …) or lines 'lat lon name', found {}; name the columns by name or number: \
             --lat COLUMN --lon COLUMN --name COLUMN",
            listed(self.header)
        )))
    }

    /// All pairs of one style and qualifier; and of mixed styles where each is alone.
    fn pairs(&self) -> Vec<Pair> {
        let label = |column: usize| self.labels[column].angle().expect("an angle");
        let lats: Vec<usize> = self.angles(Axis::Latitude).collect();
        let mut lons: HashMap<&str, Vec<usize>> = HashMap::new();
        for lon in self.angles(Axis::Longitude) {
            lons.entry(&label(lon).qualifier).or_default().push(lon);
        }
        // How many there are of an axis, plane ones aside: in all, and with each qualifier.
        let counts = Axis::BOTH.map(|axis| {
            let mut counts: HashMap<&str, usize> = HashMap::new();
            for own in self.angles(axis).map(label).filter(|own| own.style != PLANE) {
                *counts.entry(&own.qualifier).or_default() += 1;
            }
            counts
        });
        let is_alone = |axis: usize, own: &AngleLabel| {
            own.style != PLANE && counts[axis].get(&own.qualifier[..]) == Some(&1)
        };
        let is_one_each = counts.iter().all(|counts| counts.values().sum::<usize>() == 1);
        let mut found: HashMap<(&str, bool), usize> = HashMap::new();
        let mut pairs = Vec::new();
        for lat in lats {
            let a = label(lat);
            // `Latitude (Y)` and `Longitude (X)` are one pair; `lat_x, lon_x, lat_y, lon_y` are two.
            let twin = if is_one_each && a.qualifier == "y" { lons.get("x") } else { None };
            let alike = lons.get(&a.qualifier[..]);
            for &lon in [alike, twin].into_iter().flatten().flatten() {
                let b = label(lon);
                let is_named_twice = a.qualifier != b.qualifier;
                let count = found.entry((&a.qualifier, a.style == PLANE)).or_default();
                if *count == PAIRS_MOST {
                    break;
                }
                if a.style == b.style || (is_alone(0, a) && is_alone(1, b)) {
                    *count += 1;
                    let qualifier =
                        if is_named_twice { String::new() } else { a.qualifier.clone() };
                    pairs.push(Pair { lat, lon, qualifier });
                }
            }
        }
        pairs
    }

    /// The one pair, if there is one; of several none.
    fn only(&self, pairs: Vec<Pair>) -> Result<Option<Pair>, Complaint> {
        if pairs.len() < 2 {
            return Ok(pairs.into_iter().next());
        }
        let shown: Vec<String> = pairs.iter().map(|pair| self.shown(pair)).collect();
        let first = &pairs[0];
        let [lat, lon] = [first.lat, first.lon].map(|column| self.as_typed(column));
        Err(Complaint::Refused(format!(
            "expected one pair of coordinates, found several: {}; say which: --lat {lat} --lon {lon}",
            few(shown)
        )))
    }

    /// Refuses the north and the east of a box, which has a south and a west too.
    fn require_no_box(&self, pair: &Pair) -> Result<(), Complaint> {
        let mirrored = Axis::BOTH.map(|axis| {
            let is_it =
                |label: &AngleLabel| label.axis == axis && label.stop == Some(Stop::Mirrored);
            self.labels.iter().position(|label| label.angle().is_some_and(is_it))
        });
        let [Some(lat), Some(lon)] = mirrored else { return Ok(()) };
        let other = Pair { lat, lon, qualifier: String::new() };
        Err(Complaint::Refused(format!(
            "expected one pair of coordinates, found several, perhaps the sides of a box: {} and {}; say which: \
             --lat {} --lon {}",
            self.shown(pair),
            self.shown(&other),
            self.as_typed(pair.lat),
            self.as_typed(pair.lon)
        )))
    }

    fn shown(&self, pair: &Pair) -> String {
        let [lat, lon] = [pair.lat, pair.lon].map(|column| shown(self.header[column].as_bytes()));
        format!("{lat} + {lon} (columns {}, {})", pair.lat + 1, pair.lon + 1)
    }

    /// How the user names a column: by its name where that is one word of its own, else by its number.
    fn as_typed(&self, column: usize) -> String {
        let name = &self.header[column];
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let is_alone = self.header.iter().filter(|other| *other == name).count() == 1;
        match is_alone
            && !name.is_empty()
            && name.len() <= 40
            && name.chars().all(is_word)
            && number(name).is_none()
        {
            true => name.clone(),
            false => (column + 1).to_string(),
        }
    }

    /// The column that holds both coordinates, if there is one.
    fn both(&self, sample: &[Vec<&[u8]>]) -> Result<Option<Place>, Complaint> {
        let mut by_itself = Vec::new();
        let mut by_name = Vec::new();
        let mut open = Vec::new();
        for (column, name) in self.header.iter().enumerate() {
            let words = super::name::words(name);
            // A first row is no header because rows like it follow; and streets are counted by N, S, E
            // and W as well.
            if angle::notation(name.as_bytes()).is_some() || words::is_address(&words) {
                continue;
            }
            match (notation_of(column, sample), words::both(&words)) {
                (Some(Notation::Geometry | Notation::Marked), _) => {
                    by_itself.push((column, Told::ByItself));
                }
                (Some(Notation::TwoNumbers), Some(Told::Open)) => open.push((column, Told::Open)),
                (Some(Notation::TwoNumbers), Some(told)) => by_name.push((column, told)),
                _ => {}
            }
        }
        let best = [by_itself, by_name, open].into_iter().find(|columns| !columns.is_empty());
        match best.as_deref() {
            None => Ok(None),
            Some(&[(column, order)]) => Ok(Some(Place::One { column, order })),
            Some(several) => {
                let shown =
                    few(several.iter().map(|&(column, _)| self.shown_column(column)).collect());
                Err(Complaint::Refused(format!(
                    "expected one column with both coordinates, found several: {}; say which, and in which \
                     order: --lat-lon COLUMN or --lon-lat COLUMN",
                    shown
                )))
            }
        }
    }

    /// Why columns E and N are not taken.
    fn east_and_north(&self) -> Option<String> {
        let at = |name: &str| {
            self.labels
                .iter()
                .position(|label| matches!(label, Label::Other(all) if *all == [name]))
        };
        // A row of data may hold these letters as hemispheres.
        if self.header.iter().any(|name| name.parse::<f64>().is_ok()) {
            return None;
        }
        let [east, north] = [at("e")?, at("n")?].map(|column| self.shown_column(column));
        let why = stops::reason(Stop::Projected);
        Some(format!("expected degrees, found by its name {east} and {north}: {why}"))
    }

    fn shown_column(&self, column: usize) -> String {
        shown_column(&self.header[column], column)
    }

    /// Why names that look like coordinates are not taken, for reasons of one kind.
    fn stop_sentence(&self, is_asked: impl Fn(Stop) -> bool) -> Option<String> {
        let of = |(column, label): (usize, &Label)| match label {
            Label::Angle(angle) => angle.stop.map(|stop| (column, stop)),
            Label::Other(all) => stops::alone(all).map(|stop| (column, stop)),
        };
        let mut stops: Vec<(usize, Stop)> = (0..).zip(&self.labels).filter_map(of).collect();
        // One name of the sky alone may be the month of December.
        let sky = stops.iter().filter(|(_, stop)| *stop == Stop::Sky).count();
        stops.retain(|(_, stop)| is_asked(*stop) && (*stop != Stop::Sky || sky > 1));
        let &(_, first) = stops.first()?;
        let columns = stops.iter().filter(|(_, stop)| *stop == first);
        let columns = few(columns.map(|(column, _)| self.shown_column(*column)).collect());
        Some(format!("expected degrees, found by its name {columns}: {}", stops::reason(first)))
    }
}

/// As many as a message holds.
fn few(mut shown: Vec<String>) -> String {
    const MOST: usize = 5;
    let count = shown.len();
    shown.truncate(MOST);
    let more = if count > MOST { " and more" } else { "" };
    shown.join(" and ") + more
}
