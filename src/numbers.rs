//! Columns of whole numbers in 32 bits, or in 64 where there are 2³² cities or more.
//!
//! Architecture Invariant: it does not know what the numbers count.

use bytemuck::Pod;

use crate::map::Pages;

/// A whole number of 32 or 64 bits.
pub trait Index: Pod {
    /// The number.
    ///
    /// # Panics
    /// In a debug build, if it does not fit.
    fn of(number: usize) -> Self;

    /// The number again.
    fn get(self) -> usize;
}

impl Index for u32 {
    #[inline(always)]
    fn of(number: usize) -> u32 {
        debug_assert!(u32::try_from(number).is_ok(), "{number} fits 32 bits");
        number as u32
    }

    #[inline(always)]
    fn get(self) -> usize {
        self as usize
    }
}

impl Index for u64 {
    #[inline(always)]
    fn of(number: usize) -> u64 {
        number as u64
    }

    #[inline(always)]
    fn get(self) -> usize {
        self as usize
    }
}

/// A view of a column.
#[derive(Clone, Copy, Debug)]
pub enum Numbers<'a> {
    /// In 32 bits each.
    Short(&'a [u32]),
    /// In 64 bits each.
    Long(&'a [u64]),
}

impl Numbers<'_> {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Numbers::Short(numbers) => numbers.len(),
            Numbers::Long(numbers) => numbers.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at an index below [`Numbers::len`].
    #[inline(always)]
    pub fn get(&self, index: usize) -> u64 {
        match self {
            Numbers::Short(numbers) => u64::from(numbers[index]),
            Numbers::Long(numbers) => numbers[index],
        }
    }
}

/// A column in memory.
#[derive(Debug)]
pub enum NumberBuffer {
    /// In 32 bits each.
    Short(Pages<u32>),
    /// In 64 bits each.
    Long(Pages<u64>),
}

impl NumberBuffer {
    /// The view.
    pub fn numbers(&self) -> Numbers<'_> {
        match self {
            NumberBuffer::Short(numbers) => Numbers::Short(numbers),
            NumberBuffer::Long(numbers) => Numbers::Long(numbers),
        }
    }
}
