//! Cache lines that are asked for before they are read, and such that are written past the caches.
//!
//! Where a processor has no such instructions, the same is done without them: what is read and written does
//! not depend on it.
//!
//! Architecture Invariant: this module does not know what the numbers mean.

use bytemuck::Pod;

/// Bytes of a cache line.
pub const LINE_BYTES: usize = 64;

/// Asks for numbers that will be read soon. The processor foresees what comes next by itself, but not beyond
/// a page of 4 KiB.
#[inline(always)]
pub fn prefetch<T>(numbers: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let first = numbers.as_ptr().cast::<i8>();
        for byte in (0..size_of_val(numbers)).step_by(LINE_BYTES) {
            // SAFETY: every processor of this kind has the instruction; it is a hint, and no access.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(first.wrapping_add(byte)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = numbers;
}

/// Numbers that are written a line at a time. A whole line goes past the caches, and so need not be fetched
/// first. They can be read when the stream is dropped.
#[derive(Debug)]
pub struct Stream<'a, T: Pod>(&'a mut [T]);

impl<'a, T: Pod> Stream<'a, T> {
    /// A stream into some numbers.
    pub fn new(numbers: &'a mut [T]) -> Stream<'a, T> {
        Stream(numbers)
    }

    /// Writes numbers from `at` on.
    ///
    /// # Panics
    /// If they reach beyond the end.
    #[inline(always)]
    pub fn put(&mut self, at: usize, numbers: &[T]) {
        let target = &mut self.0[at..at + numbers.len()];
        #[cfg(target_arch = "x86_64")]
        if size_of_val(numbers).is_multiple_of(LINE_BYTES)
            && target.as_ptr().addr().is_multiple_of(LINE_BYTES)
        {
            use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_stream_si128};
            let from = numbers.as_ptr().cast::<__m128i>();
            let to = target.as_mut_ptr().cast::<__m128i>();
            for at in 0..size_of_val(numbers) / size_of::<__m128i>() {
                // SAFETY: both slices are so long, the target is aligned, any bits are numbers, and every
                // processor of this kind has the instructions. Nobody reads the target before the fence
                // below, for it is borrowed until then.
                unsafe { _mm_stream_si128(to.add(at), _mm_loadu_si128(from.add(at))) };
            }
            return;
        }
        target.copy_from_slice(numbers);
    }
}

impl<T: Pod> Drop for Stream<'_, T> {
    fn drop(&mut self) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: every processor of this kind has the instruction.
        unsafe {
            std::arch::x86_64::_mm_sfence();
        }
    }
}
