//! Minutes, seconds and hemispheres in columns of their own, put to the degrees they belong to.
//!
//! Such a column is used or the file is refused: to leave it out would be up to 111 kilometres off, or
//! on the other side of the Earth. It is known by its name (`lat_min`, `LatM`, `lat_dir`, `N/S`), by its
//! place behind the degrees (`lat, min, sec`), or by what stands in it (only N and S, only E and W).
//!
//! Architecture Invariant: it changes no choice of the degrees; it adds to it or refuses it.

use super::label::{AngleLabel, Label};
use super::sample::fields_of;
use super::words::{self, Part};
use super::{Angle, Complaint, Place, city_name, shown_column};
use crate::angle::{self, Axis, shown};

/// Latitude and longitude with all columns that belong to them.
pub(super) fn put(
    labels: &[Label],
    header: &[String],
    [mut lat, mut lon]: [Angle; 2],
    sample: &[Vec<&[u8]>],
) -> Result<Place, Complaint> {
    let table = Table { labels, header, sample };
    for (part, what) in [(Part::Minutes, "minutes"), (Part::Seconds, "seconds")] {
        let found = [&lat, &lon].map(|angle| table.part_of(angle, part));
        table.require_both(found, what)?;
        match part {
            Part::Minutes => [lat.minutes, lon.minutes] = found,
            _ => [lat.seconds, lon.seconds] = found,
        }
    }
    for angle in [&lat, &lon] {
        table.require_no_unnamed_minutes(angle)?;
        table.require_no_loose_part(angle)?;
        table.require_no_packed_minutes(angle)?;
    }
    let hemispheres = table.hemispheres([&lat, &lon])?;
    table.require_both(hemispheres, "hemispheres")?;
    [lat.hemisphere, lon.hemisphere] = hemispheres;
    Ok(Place::Two { lat, lon })
}

struct Table<'a> {
    labels: &'a [Label],
    header: &'a [String],
    sample: &'a [Vec<&'a [u8]>],
}

impl Table<'_> {
    /// The column with minutes or seconds of an angle.
    fn part_of(&self, angle: &Angle, part: Part) -> Option<usize> {
        let own = self.labels[angle.degrees].angle();
        let is_named = |label: &AngleLabel| {
            let is_of =
                |own: &AngleLabel| label.axis == own.axis && label.qualifier == own.qualifier;
            label.part == Some(part) && own.is_some_and(is_of)
        };
        let named = self.labels.iter().position(|label| label.angle().is_some_and(is_named));
        // `lat, min, sec`: the name of a unit alone belongs to what stands before it.
        let next = angle.last() + 1;
        // Behind whole degrees, that is; elsewhere `min` is the least of something.
        let may_be_part = |column: usize| {
            fields_of(angle.degrees, self.sample).all(is_whole_number)
                && fields_of(column, self.sample).all(is_below_60)
        };
        let is_unit = |label: &Label| match label {
            Label::Other(all) => {
                !all.is_empty() && all.iter().all(|word| words::part(word) == Some(part))
            }
            Label::Angle(_) => false,
        };
        let unit = self.labels.get(next).filter(|label| is_unit(label) && may_be_part(next));
        named.or_else(|| unit.map(|_| next))
    }

    /// Refuses a part that only one of the two angles has.
    fn require_both(&self, found: [Option<usize>; 2], what: &str) -> Result<(), Complaint> {
        let ([Some(column), None] | [None, Some(column)]) = found else { return Ok(()) };
        Err(Complaint::Refused(format!(
            "expected {what} for latitude and longitude both, found {} alone; write each angle into one field, \
             as 48°51'24\"N or in decimal degrees with a sign",
            self.named(column)
        )))
    }

    /// Refuses columns without a name behind whole degrees that could be minutes.
    fn require_no_unnamed_minutes(&self, angle: &Angle) -> Result<(), Complaint> {
        let next = angle.degrees + 1;
        let mut fields = fields_of(next, self.sample).peekable();
        let is_unnamed = self.header.get(next).is_some_and(String::is_empty)
            && self.header.iter().any(|name| !name.is_empty());
        if angle.minutes.is_none()
            && is_unnamed
            && fields.peek().is_some()
            && fields.all(is_below_60)
            && fields_of(angle.degrees, self.sample).all(is_whole_number)
        {
            return Err(Complaint::Refused(format!(
                "expected degrees, found whole ones and behind them a column without a name ({}) that could hold \
                 their minutes; name the columns lat_deg, lat_min and so on, or write decimal degrees",
                next + 1
            )));
        }
        Ok(())
    }

    /// Refuses minutes or seconds of the same axis that were not put to the degrees.
    fn require_no_loose_part(&self, angle: &Angle) -> Result<(), Complaint> {
        let Some(own) = self.labels[angle.degrees].angle() else { return Ok(()) };
        let is_loose = |(column, label): (usize, &Label)| {
            let is_taken = [angle.minutes, angle.seconds].contains(&Some(column));
            let is_part = |label: &AngleLabel| {
                label.axis == own.axis && matches!(label.part, Some(Part::Minutes | Part::Seconds))
            };
            (!is_taken && label.angle().is_some_and(is_part)).then_some(column)
        };
        let Some(column) = (0..).zip(self.labels).find_map(is_loose) else { return Ok(()) };
        Err(Complaint::Refused(format!(
            "expected degrees, found {} besides, which may hold minutes or seconds of them under another name; name \
             the columns alike (lat_deg, lat_min, lat_sec), or leave the others out of the file",
            self.named(column)
        )))
    }

    /// Refuses whole numbers of four digits or more, zeros in front included: they are degrees and minutes.
    fn require_no_packed_minutes(&self, angle: &Angle) -> Result<(), Complaint> {
        let is_packed = |field: &[u8]| {
            let digits = field.strip_prefix(b"-").or(field.strip_prefix(b"+")).unwrap_or(field);
            digits.len() > 3 && digits.iter().all(u8::is_ascii_digit)
        };
        let mut fields = fields_of(angle.degrees, self.sample).peekable();
        let is_whole = angle.minutes.is_none() && angle.hemisphere.is_none();
        let first = fields.peek().copied();
        match first {
            Some(first)
                if is_whole
                    && first.starts_with(b"0") | first.starts_with(b"-0")
                    && fields.all(is_packed) =>
            {
                Err(Complaint::Refused(format!(
                    "expected degrees, found {} in {}, which may be degrees and minutes (ddmm); write decimal degrees, \
                     or a letter behind the digits",
                    shown(first),
                    self.named(angle.degrees)
                )))
            }
            _ => Ok(()),
        }
    }

    /// The columns with the hemispheres of latitude and longitude.
    fn hemispheres(&self, angles: [&Angle; 2]) -> Result<[Option<usize>; 2], Complaint> {
        let mut found = [None; 2];
        for ((angle, axis), found) in angles.into_iter().zip(Axis::BOTH).zip(&mut found) {
            *found = (0..self.header.len()).find(|&column| self.is_named_hemisphere(column, axis));
            match *found {
                Some(column) if !self.holds_hemispheres(column, axis) => {
                    let mut fields = fields_of(column, self.sample);
                    let other = fields.find(|field| letter(field, axis).is_none());
                    return Err(Complaint::Refused(format!(
                        "expected hemispheres ({}) in {}, found {}; write the sign or the letter into the degrees",
                        if axis == Axis::Latitude { "N or S" } else { "E or W" },
                        self.named(column),
                        other.map_or("nothing".into(), shown)
                    )));
                }
                Some(_) => {}
                None => {
                    self.require_no_mixed_neighbour(angle, axis)?;
                    *found = self.neighbour(angle, axis);
                }
            }
        }
        // Two columns that hold nothing but N and S, and E and W, may say it wherever they stand.
        if found == [None; 2] && !angles.iter().any(|angle| self.is_signed(angle)) {
            let anywhere = Axis::BOTH.map(|axis| {
                (0..self.header.len()).find(|&column| self.holds_hemispheres(column, axis))
            });
            if let [Some(lat), Some(lon)] = anywhere {
                return Err(Complaint::Refused(format!(
                    "expected signs with the degrees, found {} and {} elsewhere, which may be their hemispheres; put \
                     them behind their degrees and call them lat_dir and lon_dir, or leave them out of the file",
                    self.named(lat),
                    self.named(lon)
                )));
            }
        }
        self.require_no_quadrant(found)?;
        Ok(found)
    }

    /// Whether a column is called a hemisphere of this axis.
    fn is_named_hemisphere(&self, column: usize, axis: Axis) -> bool {
        match &self.labels[column] {
            Label::Angle(label) => {
                label.axis == axis
                    && (label.part == Some(Part::Hemisphere)
                        || (!label.qualifier.is_empty() && self.holds_hemispheres(column, axis)))
            }
            Label::Other(all) => {
                let joined = all.concat();
                let names: &[&str] = match axis {
                    Axis::Latitude => &["ns", "sn", "northsouth", "nors"],
                    Axis::Longitude => &["ew", "we", "eastwest", "eorw", "ow", "wo", "eo", "oe"],
                };
                names.contains(&joined.as_str())
            }
        }
    }

    /// The column beside an angle that holds nothing but its hemispheres. Beside a sign it is something
    /// else, such as a flag (N for "no"), and so is the name of a city.
    fn neighbour(&self, angle: &Angle, axis: Axis) -> Option<usize> {
        let beside = [Some(angle.last() + 1), angle.degrees.checked_sub(1)];
        let city_name = city_name::find(self.header, "");
        let may_be = |column: &usize| {
            *column < self.header.len() && city_name != Some(*column) && !self.is_signed(angle)
        };
        let mut beside = beside.into_iter().flatten().filter(may_be);
        beside.find(|&column| self.holds_hemispheres(column, axis))
    }

    /// Refuses a neighbour of which most fields are hemispheres, and some are not.
    fn require_no_mixed_neighbour(&self, angle: &Angle, axis: Axis) -> Result<(), Complaint> {
        let next = angle.last() + 1;
        let count = fields_of(next, self.sample).count();
        let other = || fields_of(next, self.sample).filter(|field| letter(field, axis).is_none());
        let others = other().count();
        if next >= self.header.len() || others == 0 || 2 * others >= count || self.is_signed(angle)
        {
            return Ok(());
        }
        Err(Complaint::Refused(format!(
            "expected hemispheres in {} as in most rows, found {}; correct it, or leave the column out of the file",
            self.named(next),
            other().next().map_or("nothing".into(), shown)
        )))
    }

    fn is_signed(&self, angle: &Angle) -> bool {
        fields_of(angle.degrees, self.sample).any(|field| field.starts_with(b"-"))
    }

    /// Whether the fields of a column, as far as they hold anything, are hemispheres of this axis.
    fn holds_hemispheres(&self, column: usize, axis: Axis) -> bool {
        let mut fields = fields_of(column, self.sample).peekable();
        fields.peek().is_some() && fields.all(|field| letter(field, axis).is_some())
    }

    /// Refuses a column that says for both angles at once where they lie: NE, SW.
    fn require_no_quadrant(&self, found: [Option<usize>; 2]) -> Result<(), Complaint> {
        const NAMES: &[&str] =
            &["quadrant", "hemisphere", "hemispheres", "hemi", "hem", "hemisferio", "emisfero"];
        let is_it = |label: &Label| match label {
            Label::Other(all) => NAMES.contains(&all.concat().as_str()),
            Label::Angle(_) => false,
        };
        let is_left = |(column, label): (usize, &Label)| {
            (is_it(label) && !found.contains(&Some(column))).then_some(column)
        };
        let Some(column) = (0..).zip(self.labels).find_map(is_left) else { return Ok(()) };
        Err(Complaint::Refused(format!(
            "expected signs or letters with the degrees, found {}, which says for both where they lie; write signs \
             into the degrees and leave the column out of the file",
            self.named(column)
        )))
    }

    /// A column by its name and number.
    fn named(&self, column: usize) -> String {
        shown_column(&self.header[column], column)
    }
}

/// Whether a field can be minutes or seconds.
fn is_below_60(field: &[u8]) -> bool {
    angle::degrees(field, Axis::Latitude).is_ok_and(|value| (0.0..60.0).contains(&value))
}

fn is_whole_number(field: &[u8]) -> bool {
    angle::degrees(field, Axis::Latitude).is_ok_and(|value| value.fract() == 0.0)
}

/// The letter of a hemisphere that is written as a letter or a word.
pub(super) fn letter(field: &[u8], axis: Axis) -> Option<u8> {
    let field = field.trim_ascii();
    let field = field.strip_suffix(b".").unwrap_or(field);
    let [positive, negative]: [&[&str]; 2] = match axis {
        Axis::Latitude => [&["N", "north", "nord", "norte"], &["S", "south", "sud", "sur", "sul"]],
        Axis::Longitude => {
            [&["E", "east", "est", "este"], &["W", "west", "ouest", "oeste", "ovest"]]
        }
    };
    let is_one_of =
        |words: &[&str]| words.iter().any(|word| field.eq_ignore_ascii_case(word.as_bytes()));
    [positive, negative]
        .into_iter()
        .find(|words| is_one_of(words))
        .map(|words| words[0].as_bytes()[0])
}
