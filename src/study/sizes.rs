//! How many cities on how many ranks, so that a weak study keeps constant what it says.

use super::asked::{Options, Set};
use super::{ranks_text, refused};
use crate::error::Result;
use crate::scaling::runs::{Kind, Scale};
use crate::scaling::verdict::WEAK_DRIFT;

/// How many cities the generated set for so many ranks has; 0 of a file.
///
/// # Errors
/// [`crate::error::Error::Usage`] for a set that is too small to keep constant pairs per rank.
pub(super) fn cities_on(options: &Options, ranks: u64) -> Result<u64> {
    let first = match options.set {
        Set::File(_) => 0,
        Set::Generated { cities, .. } => cities,
    };
    let of_weak = match (options.kind, options.scale) {
        (Kind::Strong, _) => Some(first),
        (Kind::Weak, Some(Scale::Memory)) => first.checked_mul(ranks),
        (Kind::Weak, _) => return constant_pairs(first, ranks),
    };
    of_weak.ok_or_else(|| {
        refused(format!(
            "expected fewer cities, found {first} on each of {ranks} ranks; use --cities N"
        ))
    })
}

/// The number of cities whose pairs come nearest to those of the first number times the ranks.
fn constant_pairs(first: u64, ranks: u64) -> Result<u64> {
    let wanted = pairs(first).checked_mul(u128::from(ranks)).filter(|wanted| *wanted < 1 << 120);
    let wanted = wanted.ok_or_else(|| {
        refused(format!("expected fewer cities, found {first} for {ranks} ranks; use --cities N"))
    })?;
    // n(n − 1)/2 is at most what is wanted up to about this n; of it and the next ones the nearest is taken.
    let above = (8 * wanted).isqrt().div_ceil(2);
    let cities = (above..above + 3)
        .filter_map(|cities| u64::try_from(cities).ok())
        .min_by_key(|&cities| pairs(cities).abs_diff(wanted));
    let drift = |cities| (pairs(cities) as f64 / wanted as f64 - 1.0).abs();
    cities.filter(|&cities| drift(cities) <= WEAK_DRIFT).ok_or_else(|| {
        refused(format!(
            "expected a set on which pairs per rank differ by less than 1 %, found {first} cities, which are too few \
             for {ranks} ranks; use --cities 100 or more"
        ))
    })
}

fn pairs(cities: u64) -> u128 {
    u128::from(cities) * u128::from(cities.saturating_sub(1)) / 2
}

/// What stays constant in a weak study, and how well.
pub(super) fn text(options: &Options, sizes: &[(u64, u64)]) -> Result<String> {
    let is_memory = options.scale == Some(Scale::Memory);
    let (what, formula) =
        if is_memory { ("cities", "n = n1·p") } else { ("pairs", "n near n1·√p") };
    let one = pairs(cities_on(options, 1)?) as f64;
    let mut text = format!("weak scaling: constant {what} per rank, {formula}\n");
    for &(ranks, cities) in sizes {
        let share = pairs(cities) as f64 / ranks as f64;
        let off = match is_memory {
            true => String::new(),
            false => format!(" ({:+.3} %)", 100.0 * (share / one - 1.0)),
        };
        let (ranks, share) = (ranks_text(ranks), six_digits(share));
        text += &format!("  {ranks:>9}: {cities:>10} cities, {share} pairs per rank{off}\n");
    }
    Ok(text)
}

/// A number of at least 1 with six digits at most, and an exponent where it has more before the point.
fn six_digits(number: f64) -> String {
    let rounded = format!("{number:.5e}");
    let (digits, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let exponent: usize = exponent.parse().unwrap_or(0);
    match exponent {
        0..6 => shortened(&format!("{number:.0$}", 5 - exponent)).into(),
        _ => format!("{}e+{exponent:02}", shortened(digits)),
    }
}

/// Digits without the zeros behind a point that say nothing.
fn shortened(digits: &str) -> &str {
    match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    }
}
