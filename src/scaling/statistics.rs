//! Medians, and what a few samples say about them.
//!
//! Run times have a long tail and no normal distribution, so nothing here assumes one. The interval
//! of the median is that of the order statistics: the true median lies between the r-th smallest
//! and the r-th largest of n independent samples unless fewer than r of them fall on one side of
//! it, and each falls on either side with probability 1/2. So the interval covers the median with
//!
//! ```text
//! 1 − 2 · P(B < r),  B binomial with n trials of probability 1/2
//! ```
//!
//! (David and Nagaraja, Order Statistics, 3rd edition, section 7.1). The coverage is a step
//! function of n and r: with fewer than six samples even the widest interval falls short of 95 %.

/// The coverage that is asked for.
pub const CONFIDENCE: f64 = 0.95;

/// Where the median of the times lies, by samples alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end: one of the samples.
    pub low: f64,
    /// The upper end: one of the samples.
    pub high: f64,
    /// The probability that such an interval covers the median.
    pub coverage: f64,
}

impl Interval {
    /// Whether the samples sufficed for the coverage that is asked for.
    pub fn is_confident(&self) -> bool {
        self.coverage >= CONFIDENCE
    }
}

/// Samples in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Sorted(Vec<f64>);

impl Sorted {
    /// Of at least one number.
    ///
    /// # Panics
    /// If there is none.
    pub fn new(samples: impl IntoIterator<Item = f64>) -> Sorted {
        let mut samples: Vec<f64> = samples.into_iter().collect();
        assert!(!samples.is_empty(), "statistics need a sample");
        samples.sort_by(f64::total_cmp);
        Sorted(samples)
    }

    /// The samples, the least first.
    pub fn samples(&self) -> &[f64] {
        &self.0
    }

    /// The least.
    pub fn min(&self) -> f64 {
        self.0[0]
    }

    /// The greatest.
    pub fn max(&self) -> f64 {
        self.0[self.0.len() - 1]
    }

    /// The one in the middle, or the mean of the two.
    pub fn median(&self) -> f64 {
        let half = self.0.len() / 2;
        if self.0.len() % 2 == 1 { self.0[half] } else { (self.0[half - 1] + self.0[half]) / 2.0 }
    }

    /// The narrowest interval between symmetric order statistics that covers the median with the
    /// confidence asked for, or all samples where that cannot be had.
    pub fn interval_of_median(&self) -> Interval {
        let count = self.0.len();
        let is_enough = |&rank: &usize| coverage(count, rank) >= CONFIDENCE;
        // From two samples on the widest has rank 1; the ranks of the two ends must not cross.
        let rank = (1..=count / 2).rev().find(is_enough).unwrap_or(1);
        let (low, high) = (self.0[rank - 1], self.0[count - rank]);
        Interval { low, high, coverage: coverage(count, rank) }
    }
}

/// The probability that the median lies between the sample of this rank from below and that from
/// above, of `count` samples; ranks from 1.
pub fn coverage(count: usize, rank: usize) -> f64 {
    // P(B = 0), in logarithms because 2^-count leaves f64 from 1075 samples on.
    let mut log_probability = -(count as f64) * std::f64::consts::LN_2;
    let mut below = 0.0;
    for fallen in 0..rank {
        below += log_probability.exp();
        log_probability += ((count - fallen) as f64 / (fallen + 1) as f64).ln();
    }
    (1.0 - 2.0 * below).max(0.0)
}
