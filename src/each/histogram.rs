//! How many cities have their farthest one how far away.
//!
//! Bins begin at round numbers: their width is 1, 2 or 5 times a power of ten, such that there are some twenty between
//! the least and the greatest distance.
//!
//! Architecture Invariant: it counts numbers, in whatever unit they are.

/// Bins of equal width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    /// The number of the first bin: it begins at so many widths.
    first: f64,
    /// How many there are.
    many: usize,
    /// The width as a whole number, times or divided by a power of ten.
    step: f64,
    power: i32,
}

/// Bins and how many distances each has.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Where the first begins.
    pub from: f64,
    /// How wide each is.
    pub width: f64,
    /// How many distances lie in each; one that is where two meet lies in the second.
    pub counts: Vec<u64>,
}

/// Bins at most, but for one more where the greatest distance begins a bin.
const MOST_BINS: f64 = 20.0;

impl Bins {
    /// Bins for distances between these two, which are finite and not negative.
    pub fn over(least: f64, greatest: f64) -> Bins {
        // Of equal ones a bin is enough, of any width.
        let least_width = ((greatest - least) / MOST_BINS).max(greatest * 1e-12).max(1e-12);
        let mut power = least_width.log10().floor() as i32 - 1;
        loop {
            for step in [1.0, 2.0, 5.0] {
                let bins = Bins { first: 0.0, many: 0, step, power };
                if bins.width() >= least_width {
                    let [first, last] = [least, greatest].map(|distance| bins.number(distance));
                    return Bins { first, many: (last - first) as usize + 1, ..bins };
                }
            }
            power += 1;
        }
    }

    /// In which bin a distance lies, counted from 0.
    pub fn bin(&self, distance: f64) -> usize {
        let bin = (self.number(distance) - self.first) as usize;
        bin.min(self.many - 1)
    }

    /// Number of bins.
    pub fn many(&self) -> usize {
        self.many
    }

    /// With the counts of each.
    pub fn with(&self, counts: Vec<u64>) -> Histogram {
        Histogram { from: self.times_width(self.first), width: self.width(), counts }
    }

    fn width(&self) -> f64 {
        self.times_width(1.0)
    }

    /// So many widths. A power of ten below 1 is no f64, but its inverse is, so that round numbers stay round.
    fn times_width(&self, many: f64) -> f64 {
        let ten = 10_f64.powi(self.power.abs());
        if self.power >= 0 { many * self.step * ten } else { many * self.step / ten }
    }

    fn number(&self, distance: f64) -> f64 {
        (distance / self.width()).floor()
    }
}

impl Histogram {
    /// Where a bin begins.
    pub fn begin(&self, bin: usize) -> f64 {
        self.from + bin as f64 * self.width
    }
}
