//! AVX2: Haswell, Zen and later. Target feature avx2.

use std::arch::x86_64::*;
use std::array::from_fn;

use super::vector::Lanes;

#[derive(Clone, Copy)]
pub(super) struct Avx2;

// SAFETY: every operation is one instruction or two of the target feature named above.
unsafe impl Lanes for Avx2 {
    type F64 = __m256d;
    type I32 = __m256i;
    const F64_LANES: usize = 4;
    const I32_LANES: usize = 8;
    const FOURS: usize = 1;

    super::operations! {
        splat(value: f64) -> __m256d = _mm256_set1_pd(value);
        load(values: *const f64) -> __m256d = _mm256_loadu_pd(values);
        add(a: __m256d, b: __m256d) -> __m256d = _mm256_add_pd(a, b);
        sub(a: __m256d, b: __m256d) -> __m256d = _mm256_sub_pd(a, b);
        mul(a: __m256d, b: __m256d) -> __m256d = _mm256_mul_pd(a, b);
        max(a: __m256d, b: __m256d) -> __m256d = _mm256_max_pd(a, b);
        min(a: __m256d, b: __m256d) -> __m256d = _mm256_min_pd(a, b);
        at_most(a: __m256d, b: __m256d) -> u64 =
            _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LE_OQ>(a, b)) as u64;
        where_less(a: __m256d, b: __m256d, x: __m256d, y: __m256d) -> __m256d =
            _mm256_blendv_pd(y, x, _mm256_cmp_pd::<_CMP_LT_OQ>(a, b));
        splat_i32(value: i32) -> __m256i = _mm256_set1_epi32(value);
        load_i32(values: *const i32) -> __m256i = _mm256_loadu_si256(values.cast());
        store_i32(values: *mut i32, a: __m256i) -> () = _mm256_storeu_si256(values.cast(), a);
        dot16(sum: __m256i, a: __m256i, b: __m256i) -> __m256i =
            _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
        least_of_two(
            least: [__m256i; 4],
            rows: [__m256i; 4],
            columns: [__m256i; 2],
            sums: [__m256i; 2]
        ) -> [__m256i; 4] = from_fn(|row| {
            let value = |at: usize| Avx2::dot16(sums[at], columns[at], rows[row]);
            lesser(lesser(value(0), value(1)), least[row])
        });
        // There is only "greater"; the cast to eight bits cuts the rest of its complement off.
        at_most_i32(a: __m256i, b: __m256i) -> u64 = {
            let greater = _mm256_castsi256_ps(_mm256_cmpgt_epi32(a, b));
            u64::from(!_mm256_movemask_ps(greater) as u8)
        };
        and_i32(a: __m256i, b: __m256i) -> __m256i = _mm256_and_si256(a, b);
        or_i32(a: __m256i, b: __m256i) -> __m256i = _mm256_or_si256(a, b);
        shift_left(a: __m256i, b: __m256i) -> __m256i = _mm256_sllv_epi32(a, b);
        shift_right(a: __m256i, b: __m256i) -> __m256i = _mm256_srlv_epi32(a, b);
        gather(numbers: *const i32, indices: __m256i) -> __m256i =
            _mm256_i32gather_epi32::<4>(numbers, indices);
    }
}

/// The lesser as f32 in each lane.
#[inline]
#[target_feature(enable = "avx2")]
fn lesser(a: __m256i, b: __m256i) -> __m256i {
    let [a, b] = [a, b].map(|value| _mm256_castsi256_ps(value));
    _mm256_castps_si256(_mm256_min_ps(a, b))
}

super::entry_points!(Avx2, "avx2");
