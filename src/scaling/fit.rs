//! Amdahl's and Gustafson's laws, fitted to the medians by least squares.
//!
//! Run times stray by a share of themselves, not by so many seconds: each squared residual is
//! weighted by one over the squared value, so that many ranks count as much as few.
//!
//! The standard error comes from the residuals, so it holds both noise and what the law does not
//! explain. It needs one value more than the law has parameters: three numbers of ranks.

/// From how many numbers of ranks on a fit has an uncertainty.
pub const RANKS_FOR_UNCERTAINTY: usize = 3;

/// A serial fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The time on one rank that the fit gives, in seconds; Gustafson's law has none.
    pub time_1_s: Option<f64>,
    /// The serial fraction s.
    pub serial_fraction: f64,
    /// Its standard error; nothing with too few numbers of ranks.
    pub standard_error: Option<f64>,
}

/// Amdahl's law for strong studies, T(p) = T₁ (s + (1 − s)/p), of times by ranks. Needs two numbers of
/// ranks.
///
/// It is linear in a = T₁ s and b = T₁ (1 − s): T(p) = a + b/p. With weights 1/T² the normal
/// equations of 1 = a (1/T) + b (1/(pT)) give a and b and their covariance, and
/// s = a/(a + b) its error to first order: ds = (b da − a db)/(a + b)².
pub fn amdahl(times_s: &[(u64, f64)]) -> Option<Fit> {
    if times_s.len() < 2 {
        return None;
    }
    let terms = times_s.iter().map(|&(ranks, time_s)| {
        let serial = 1.0 / time_s;
        (serial, serial / ranks as f64)
    });
    let sum = |of: fn((f64, f64)) -> f64| terms.clone().map(of).sum::<f64>();
    let (xx, xy, yy) = (sum(|(x, _)| x * x), sum(|(x, y)| x * y), sum(|(_, y)| y * y));
    let (x1, y1) = (sum(|(x, _)| x), sum(|(_, y)| y));
    let determinant = xx * yy - xy * xy;
    let a = (yy * x1 - xy * y1) / determinant;
    let b = (xx * y1 - xy * x1) / determinant;
    let whole = a + b;
    let residuals = terms.clone().map(|(x, y)| (1.0 - a * x - b * y).powi(2)).sum::<f64>();
    let standard_error = variance(residuals, times_s.len(), 2).map(|variance| {
        // (b, −a) · covariance · (b, −a), with covariance = variance / determinant · adjugate.
        let spread = b * b * yy + 2.0 * a * b * xy + a * a * xx;
        (variance * spread / determinant).sqrt() / (whole * whole)
    });
    Some(Fit { time_1_s: Some(whole), serial_fraction: a / whole, standard_error })
}

/// Gustafson's law for weak studies, S(p) = p − s (p − 1), with the scaled speedup S, of efficiencies by
/// ranks. Needs a base of one rank and another number of ranks.
///
/// With weights 1/p² it is one parameter through the origin: (1 − S/p) = s (1 − 1/p). The base lies
/// on it whatever s is, and does not count.
pub fn gustafson(efficiencies: &[(u64, f64)]) -> Option<Fit> {
    if efficiencies.len() < 2 || efficiencies[0].0 != 1 {
        return None;
    }
    let terms = efficiencies[1..]
        .iter()
        .map(|&(ranks, efficiency)| (1.0 - 1.0 / ranks as f64, 1.0 - efficiency));
    let xx = terms.clone().map(|(x, _)| x * x).sum::<f64>();
    let serial_fraction = terms.clone().map(|(x, y)| x * y).sum::<f64>() / xx;
    let residuals = terms.clone().map(|(x, y)| (y - serial_fraction * x).powi(2)).sum::<f64>();
    let standard_error =
        variance(residuals, efficiencies.len() - 1, 1).map(|variance| (variance / xx).sqrt());
    Some(Fit { time_1_s: None, serial_fraction, standard_error })
}

/// Of squared residuals, the variance of one value.
fn variance(residuals: f64, values: usize, parameters: usize) -> Option<f64> {
    (values > parameters).then(|| residuals / (values - parameters) as f64)
}
