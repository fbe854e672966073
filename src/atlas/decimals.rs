//! Degrees as whole numbers of 1e-7 degrees, where these give every coordinate back to the last bit.
//!
//! Architecture Invariant: it knows coordinates and no city.

use crate::sites::DECIMALS_PER_DEGREE;
use crate::sphere::NO_FRACTION;

/// How degrees are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum DegreeForm {
    /// As f64.
    Exact,
    /// As whole multiples of 1e-7 degrees, longitudes less a base.
    Decimal { lon_base_e7: i64 },
}

/// What is known of the degrees of some cities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DegreeRange {
    /// Whether whole multiples of 1e-7 give them all back.
    is_decimal: bool,
    lon_least: f64,
    lon_greatest: f64,
}

impl DegreeRange {
    /// That of no city.
    pub(super) const NONE: DegreeRange =
        DegreeRange { is_decimal: true, lon_least: f64::INFINITY, lon_greatest: f64::NEG_INFINITY };

    /// That of some cities.
    pub(super) fn of(degrees: &[[f64; 2]]) -> DegreeRange {
        let mut range = DegreeRange::NONE;
        for &[lat, lon] in degrees {
            let back = decimals([lat, lon], 0).map(|decimal| decimal / DECIMALS_PER_DEGREE);
            range.is_decimal &= back.map(f64::to_bits) == [lat, lon].map(f64::to_bits);
            range.lon_least = range.lon_least.min(lon);
            range.lon_greatest = range.lon_greatest.max(lon);
        }
        range
    }

    /// That of both.
    pub(super) fn union(self, other: DegreeRange) -> DegreeRange {
        DegreeRange {
            is_decimal: self.is_decimal && other.is_decimal,
            lon_least: self.lon_least.min(other.lon_least),
            lon_greatest: self.lon_greatest.max(other.lon_greatest),
        }
    }

    /// How they are written: as decimals, if these fit 32 bits. Longitudes up to 214° need no base; for those
    /// of [0, 360] it is 180°.
    pub(super) fn form(self) -> DegreeForm {
        let most = f64::from(i32::MAX) / DECIMALS_PER_DEGREE;
        let lon_base_e7 = if self.lon_greatest > most { 1_800_000_000 } else { 0 };
        let fits = |lon: f64| {
            let [_, decimal] = decimals([0.0, lon], lon_base_e7);
            (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&decimal)
        };
        let is_empty = self.lon_least > self.lon_greatest;
        match self.is_decimal && (is_empty || fits(self.lon_least) && fits(self.lon_greatest)) {
            true => DegreeForm::Decimal { lon_base_e7 },
            false => DegreeForm::Exact,
        }
    }

    /// As three words, for a message.
    pub(super) fn to_words(self) -> [u64; 3] {
        [u64::from(self.is_decimal), self.lon_least.to_bits(), self.lon_greatest.to_bits()]
    }

    /// From the words of [`DegreeRange::to_words`].
    pub(super) fn from_words([is_decimal, lon_least, lon_greatest]: [u64; 3]) -> DegreeRange {
        DegreeRange {
            is_decimal: is_decimal == 1,
            lon_least: f64::from_bits(lon_least),
            lon_greatest: f64::from_bits(lon_greatest),
        }
    }
}

impl DegreeForm {
    /// Bytes of the latitude and the longitude of a city, and the base of longitudes.
    pub(super) fn shape(self) -> (u32, i64) {
        match self {
            DegreeForm::Exact => (16, 0),
            DegreeForm::Decimal { lon_base_e7 } => (8, lon_base_e7),
        }
    }

    /// Adds the bytes of some cities.
    pub(super) fn write(self, degrees: impl Iterator<Item = [f64; 2]>, bytes: &mut Vec<u8>) {
        match self {
            DegreeForm::Exact => {
                degrees.for_each(|pair| bytes.extend_from_slice(bytemuck::bytes_of(&pair)));
            }
            DegreeForm::Decimal { lon_base_e7 } => degrees.for_each(|pair| {
                let decimals = decimals(pair, lon_base_e7).map(|decimal| decimal as i32);
                bytes.extend_from_slice(bytemuck::bytes_of(&decimals));
            }),
        }
    }
}

/// The whole multiples of 1e-7 degrees nearest to a latitude and a longitude, this one less a base.
#[inline(always)]
fn decimals([lat, lon]: [f64; 2], lon_base_e7: i64) -> [f64; 2] {
    let nearest = |degrees: f64| (degrees * DECIMALS_PER_DEGREE + NO_FRACTION) - NO_FRACTION;
    [nearest(lat), nearest(lon) - lon_base_e7 as f64]
}
