//! AVX2: Haswell, Zen and later. Target feature avx2.

use std::arch::x86_64::*;

use super::vector::Lanes;

#[derive(Clone, Copy)]
pub(super) struct Avx2;

// SAFETY: every function uses instructions of the feature named above alone, which the caller has.
unsafe impl Lanes for Avx2 {
    type F64 = __m256d;
    type I32 = __m256i;
    const F64_LANES: usize = 4;
    const I32_LANES: usize = 8;
    const ROWS: usize = 4;

    #[inline(always)]
    unsafe fn splat(value: f64) -> __m256d {
        unsafe { _mm256_set1_pd(value) }
    }
    #[inline(always)]
    unsafe fn load(values: *const f64) -> __m256d {
        unsafe { _mm256_loadu_pd(values) }
    }
    #[inline(always)]
    unsafe fn add(a: __m256d, b: __m256d) -> __m256d {
        unsafe { _mm256_add_pd(a, b) }
    }
    #[inline(always)]
    unsafe fn sub(a: __m256d, b: __m256d) -> __m256d {
        unsafe { _mm256_sub_pd(a, b) }
    }
    #[inline(always)]
    unsafe fn mul(a: __m256d, b: __m256d) -> __m256d {
        unsafe { _mm256_mul_pd(a, b) }
    }
    #[inline(always)]
    unsafe fn max(a: __m256d, b: __m256d) -> __m256d {
        unsafe { _mm256_max_pd(a, b) }
    }
    #[inline(always)]
    unsafe fn at_most(a: __m256d, b: __m256d) -> u64 {
        unsafe { _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LE_OQ>(a, b)) as u64 }
    }
    #[inline(always)]
    unsafe fn splat_i32(value: i32) -> __m256i {
        unsafe { _mm256_set1_epi32(value) }
    }
    #[inline(always)]
    unsafe fn load_i32(values: *const i32) -> __m256i {
        unsafe { _mm256_loadu_si256(values.cast()) }
    }
    #[inline(always)]
    unsafe fn dot16(sum: __m256i, a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)) }
    }
    #[inline(always)]
    unsafe fn min_i32(a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_min_epi32(a, b) }
    }
    #[inline(always)]
    unsafe fn at_most_i32(a: __m256i, b: __m256i) -> u64 {
        // There is only "greater"; the other eight bits of its complement are cut off.
        unsafe {
            let greater = _mm256_castsi256_ps(_mm256_cmpgt_epi32(a, b));
            u64::from(!(_mm256_movemask_ps(greater) as u8))
        }
    }
}

super::entry_points!(Avx2, "avx2");
