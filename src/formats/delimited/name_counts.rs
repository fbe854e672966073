//! Whether the names of lines 'lat lon name' are names.
//!
//! A running number, a height or a hemisphere as the third word shows that the first two need not be
//! latitude and longitude. One name may be a number (`25 de Mayo`); most are none.
//!
//! Architecture Invariant: it sees the name of one row at a time, and counts alone: those of two parts of
//! a text add up.

use std::ops::AddAssign;

use bytemuck::{Pod, Zeroable};

use super::layout::Layout;
use crate::cities::Coordinates;
use crate::error::Result;
use crate::formats::text::Text;

/// What the names of all rows were, as numbers that ranks can share.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub struct NameCounts {
    /// Rows with a name.
    named: u64,
    /// Those of them whose name begins with a word that is none.
    numbers: u64,
    /// Rows that are cities.
    cities: u64,
    /// Those of them whose longitude is beyond ±90, which no latitude is.
    beyond: u64,
}

impl AddAssign for NameCounts {
    fn add_assign(&mut self, other: NameCounts) {
        self.named += other.named;
        self.numbers += other.numbers;
        self.cities += other.cities;
        self.beyond += other.beyond;
    }
}

impl NameCounts {
    /// Looks at the name of a row. False if it goes on as an angle of several words does, `N 2 21 E`.
    #[inline]
    pub(super) fn see(&mut self, name: &[u8]) -> bool {
        self.named += u64::from(!name.is_empty());
        !may_be_no_name(name) || self.see_closely(name)
    }

    /// Looks at the place of a row.
    #[inline]
    pub(super) fn see_place(&mut self, place: Coordinates) {
        self.cities += 1;
        self.beyond += u64::from(place.lon_deg().abs() > 90.0);
    }

    fn see_closely(&mut self, name: &[u8]) -> bool {
        let (word, rest) = super::split_word(name);
        self.numbers += u64::from(is_no_name(word));
        let (next, _) = super::split_word(rest);
        !(matches!(word, [b'N' | b'S' | b'E' | b'W'])
            && next.iter().all(u8::is_ascii_digit)
            && !next.is_empty())
    }

    /// Refuses lines of which most names are numbers, and those without any name, whose two numbers
    /// could stand in either order unless a longitude is beyond ±90.
    pub(super) fn require_names(self, text: &Text<'_>, layout: &Layout) -> Result<()> {
        let is_bare = self.named == 0 && self.cities > 0;
        if is_bare && self.beyond == 0 {
            let problem = "expected lines 'lat lon name', found two numbers each and no name, of which either \
                           could be the latitude; say which comes first by number: --lat 1 --lon 2 or --lat 2 \
                           --lon 1";
            return Err(text.error_at(layout.first, problem));
        }
        if 2 * self.numbers > self.named {
            let problem = "expected lines 'lat lon name', found a number for a name in most of them, so that the \
                           first two need not be latitude and longitude; say which columns are by number, as in \
                           --lat 2 --lon 3";
            return Err(text.error_at(layout.first, problem));
        }
        Ok(())
    }
}

/// Whether a word is a number or the hemisphere of an angle of several words, and so no name.
pub(super) fn is_no_name(word: &[u8]) -> bool {
    match word {
        [b'N' | b'S' | b'E' | b'W' | b'n' | b's' | b'e' | b'w'] => true,
        _ if may_be_no_name(word) => {
            std::str::from_utf8(word).is_ok_and(|word| word.parse::<f64>().is_ok())
        }
        _ => false,
    }
}

/// Whether the first letter is one with which numbers ("nan" and "inf" among them) or hemispheres begin.
#[inline]
fn may_be_no_name(name: &[u8]) -> bool {
    matches!(
        name.first(),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'i' | b'I')
            | Some(b'N' | b'S' | b'E' | b'W' | b'n' | b's' | b'e' | b'w')
    )
}
