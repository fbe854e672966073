//! Colours that people with any colour vision tell apart, and that stay in order when they are printed in grey.
//!
//! Ramps go through colours of viridis (Smith and van der Walt, 2015), from light to dark, without the lightest, which
//! paper would swallow. Marks are in the colours of Okabe and Ito (Color Universal Design, 2008).
//!
//! Architecture Invariant: a colour knows a number between 0 and 1, and not what it means.

/// Marks of the pairs.
pub const VERMILLION: &str = "#d55e00";
/// Marks of one city.
pub const BLACK: &str = "#111111";
/// Words that matter less.
pub const GREY: &str = "#595959";
/// The sea.
pub const SEA: &str = "#f3f6f9";
/// The land.
pub const LAND: &str = "#dddbd4";
/// Parallels and meridians.
pub const MESH: &str = "#c9d0d6";
/// Frames and outlines.
pub const EDGE: &str = "#8d959c";

/// Colours from the least to the greatest.
pub struct Ramp(&'static [[u8; 3]]);

/// How many cities: from light to dark.
pub const MANY: Ramp = Ramp(&[
    [70, 180, 90],
    [31, 158, 120],
    [33, 130, 140],
    [49, 100, 142],
    [62, 66, 137],
    [72, 20, 100],
]);

/// Of the first of two lists, in blues.
pub const MANY_OF_FIRST: Ramp = Ramp(&[[86, 180, 233], [0, 114, 178], [0, 70, 120], [0, 35, 75]]);

/// Of the second of two lists, in oranges.
pub const MANY_OF_SECOND: Ramp = Ramp(&[[230, 159, 0], [190, 115, 0], [130, 70, 0], [80, 40, 0]]);

/// How far: from dark to light.
pub const FAR: Ramp = Ramp(&[
    [68, 1, 84],
    [65, 68, 135],
    [42, 120, 142],
    [34, 168, 132],
    [122, 209, 81],
    [220, 200, 30],
]);

/// Colours that a ramp is drawn with.
pub const LEVELS: usize = 12;

impl Ramp {
    /// The colour of a level below [`LEVELS`].
    pub fn level(&self, level: usize) -> String {
        self.at(level as f64 / (LEVELS - 1) as f64)
    }

    /// The colour of a number from 0 to 1.
    fn at(&self, part: f64) -> String {
        let place = part.clamp(0.0, 1.0) * (self.0.len() - 1) as f64;
        let low = (place.floor() as usize).min(self.0.len() - 2);
        let t = place - low as f64;
        let [red, green, blue] = [0, 1, 2].map(|channel| {
            let [a, b] = [self.0[low][channel], self.0[low + 1][channel]].map(f64::from);
            (a + t * (b - a)).round() as u8
        });
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The level of a number from 0 to 1.
pub fn level_of(part: f64) -> usize {
    ((part * LEVELS as f64) as usize).min(LEVELS - 1)
}
