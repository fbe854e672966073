//! Axes of a plot: ranges, ticks that do not crowd, and labels.
//!
//! The plotting library's own logarithmic axis would mark powers of ten where ranks are powers of
//! two.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::table::significant;

/// How many ticks an axis of measured values has at most.
const MOST_TICKS: usize = 8;

/// An axis.
pub(super) struct Axis {
    is_log: bool,
    low: f64,
    high: f64,
    /// Values that are marked.
    ticks: Vec<f64>,
}

impl Axis {
    /// A logarithmic axis around values above 0; it spans a factor of four at least, so that noise
    /// looks like noise.
    pub(super) fn log(values: &[f64]) -> Axis {
        const LEAST_FACTOR: f64 = 4.0;
        const MARGIN: f64 = 1.3;
        let (low, high) = bounds(values);
        let widen = (LEAST_FACTOR / (high / low)).sqrt().max(MARGIN);
        let (low, high) = (low / widen, high * widen);
        Axis { is_log: true, low, high, ticks: log_ticks(low, high) }
    }

    /// A linear axis from 0 to somewhat above the values.
    pub(super) fn linear(values: &[f64]) -> Axis {
        let high = bounds(values).1 * 1.08;
        Axis { is_log: false, low: 0.0, high, ticks: linear_ticks(high) }
    }

    /// A logarithmic axis of ranks, with ticks at ranks that were measured: as many as there is room for on so
    /// many pixels.
    pub(super) fn ranks(ranks: &[u64], pixels: i32) -> Axis {
        let values: Vec<f64> = ranks.iter().map(|&ranks| ranks as f64).collect();
        let (low, high) = bounds(&values);
        let margin = (high / low).powf(0.06).max(1.15);
        let (low, high) = (low / margin, high * margin);
        let mut axis = Axis { is_log: true, low, high, ticks: Vec::new() };
        let mut free_below = f64::INFINITY;
        for &value in values.iter().rev() {
            let middle = axis.share(value) * f64::from(pixels);
            let half = half_width(&label(value));
            if middle + half <= free_below {
                axis.ticks.push(value);
                free_below = middle - half;
            }
        }
        axis
    }

    /// Where a value stands: 0 at the low end, 1 at the high one.
    fn share(&self, value: f64) -> f64 {
        let place = |value: f64| if self.is_log { value.ln() } else { value };
        (place(value) - place(self.low)) / (place(self.high) - place(self.low))
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (low, high): (i32, i32)) -> i32 {
        // What is drawn is within the axis. A dashed line to a place far outside would have dashes without end.
        low + (f64::from(high - low) * self.share(*value).clamp(0.0, 1.0)).round() as i32
    }

    /// The same ticks for labels and for lines: there are no finer lines between them.
    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format(value: &f64) -> String {
        label(*value)
    }
}

/// Half of the pixels that a label takes, with room around it, in the font of the plot.
fn half_width(label: &str) -> f64 {
    const CHARACTER: f64 = 8.0;
    const GAP: f64 = 6.0;
    (label.len() as f64 * CHARACTER + GAP) / 2.0
}

fn bounds(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    (low, values.iter().copied().fold(0.0, f64::max))
}

/// Round numbers, the more the fewer decades there are: as many as there is room for.
fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    const DIGITS: [&[u32]; 2] = [&[10, 15, 20, 30, 40, 60, 80], &[10, 20, 50]];
    let decades = decade(low)..=decade(high) + 1;
    let ticks = |digits: &[u32]| -> Vec<f64> {
        let numbers = decades
            .clone()
            .flat_map(|decade| digits.iter().map(move |&digit| decimal(digit, decade - 1)));
        numbers.filter(|number| (low..=high).contains(number)).collect()
    };
    if let Some(fine) = DIGITS.iter().map(|digits| ticks(digits)).find(|t| t.len() <= MOST_TICKS) {
        return fine;
    }
    let powers = ticks(&[10]);
    let step = powers.len().div_ceil(MOST_TICKS);
    powers.into_iter().step_by(step).collect()
}

/// The power of ten at or below a number, for any that an f64 holds; for 0 and infinity the last of those.
fn decade(number: f64) -> i32 {
    let [least, most] = [f64::MIN_POSITIVE, f64::MAX].map(|number| number.log10().floor());
    number.log10().floor().clamp(least, most) as i32
}

/// The number digit · 10^decade as its decimal notation has it.
fn decimal(digit: u32, decade: i32) -> f64 {
    format!("{digit}e{decade}").parse().expect("a number in decimal notation")
}

/// Multiples of 1, 2 or 5 times a power of ten, from 0 on.
fn linear_ticks(high: f64) -> Vec<f64> {
    let decade = decade(high);
    let steps = [(1, -1), (2, -1), (5, -1), (1, 0), (2, 0), (5, 0)];
    let steps = steps.map(|(digit, below)| decimal(digit, decade + below));
    let step = steps.into_iter().find(|step| high / step < MOST_TICKS as f64);
    let step = step.unwrap_or(high);
    (0..=(high / step) as u32).map(|count| f64::from(count) * step).collect()
}

/// A number as short as it can be told.
fn label(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if !(0.001..1e6).contains(&value) {
        return format!("{value:.0e}");
    }
    let text = significant(value);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    } else {
        text
    }
}
