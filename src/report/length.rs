//! Lengths in the unit that a reader wants.
//!
//! Architecture Invariant: it knows kilometres and factors, and no distance of anything.

use clap::ValueEnum;
use serde::Serialize;

/// A unit of length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Unit {
    /// Kilometres
    #[default]
    Km,
    /// International miles of 1.609344 km
    Mi,
    /// Nautical miles of 1.852 km
    Nmi,
    /// Metres
    M,
}

impl Unit {
    /// Its symbol.
    pub fn symbol(self) -> &'static str {
        match self {
            Unit::Km => "km",
            Unit::Mi => "mi",
            Unit::Nmi => "nmi",
            Unit::M => "m",
        }
    }

    /// Kilometres of one: exact by definition, the mile by the International Yard and Pound Agreement of 1959, the
    /// nautical mile by the International Extraordinary Hydrographic Conference of 1929.
    pub fn km(self) -> f64 {
        match self {
            Unit::Km => 1.0,
            Unit::Mi => 1.609_344,
            Unit::Nmi => 1.852,
            Unit::M => 0.001,
        }
    }
}

/// A distance: in kilometres always, and in another unit where one was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Length {
    /// In kilometres.
    pub distance_km: f64,
    /// In miles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_mi: Option<f64>,
    /// In nautical miles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_nmi: Option<f64>,
    /// In metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<f64>,
}

impl Length {
    /// A distance that is shown in a unit.
    pub fn new(distance_km: f64, unit: Unit) -> Length {
        let of = |other: Unit| (unit == other).then(|| distance_km / unit.km());
        let [distance_mi, distance_nmi, distance_m] = [Unit::Mi, Unit::Nmi, Unit::M].map(of);
        Length { distance_km, distance_mi, distance_nmi, distance_m }
    }

    /// The number in the unit that it was made with, and the unit.
    pub fn shown(&self) -> (f64, Unit) {
        let others = [
            (self.distance_mi, Unit::Mi),
            (self.distance_nmi, Unit::Nmi),
            (self.distance_m, Unit::M),
        ];
        let other = others.into_iter().find_map(|(number, unit)| Some((number?, unit)));
        other.unwrap_or((self.distance_km, Unit::Km))
    }

    /// As text, to this many decimals of a kilometre; metres to three less.
    pub fn text(&self, decimals: usize) -> String {
        let (number, unit) = self.shown();
        let decimals = if unit == Unit::M { decimals.saturating_sub(3) } else { decimals };
        format!("{number:.decimals$} {}", unit.symbol())
    }
}
