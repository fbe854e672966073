//! Random numbers and places, the same in every run.

use farthest::sphere::{UnitVector, unit_vector};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A source of random numbers (xoshiro256++).
pub struct Random(Xoshiro256PlusPlus);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number of [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number between two.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// An integer below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.bits() % limit as u64) as usize
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Latitude and longitude in degrees of a place anywhere on the sphere.
    pub fn place(&mut self) -> [f64; 2] {
        let lat = libm::asin(self.between(-1.0, 1.0)).to_degrees();
        [lat.clamp(-90.0, 90.0), self.between(-180.0, 360.0)]
    }

    pub fn vector(&mut self) -> UnitVector {
        let [lat, lon] = self.place();
        unit_vector(lat, lon)
    }

    /// A size between 10^`least` and 1, as often in one decade as in another, of either sign.
    pub fn tiny(&mut self, least: f64) -> f64 {
        let size = 10_f64.powf(least * self.unit());
        if self.bits() & 1 == 0 { size } else { -size }
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
