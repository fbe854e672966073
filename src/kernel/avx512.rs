//! AVX-512 with VNNI: Ice Lake, Zen 4 and later. Target features avx512f, avx512bw, avx512vnni.

use std::arch::x86_64::*;

use super::vector::Lanes;

#[derive(Clone, Copy)]
pub(super) struct Avx512;

// SAFETY: every operation is one instruction of the target features named above.
unsafe impl Lanes for Avx512 {
    type F64 = __m512d;
    type I32 = __m512i;
    const F64_LANES: usize = 8;
    const I32_LANES: usize = 16;
    const ROWS: usize = 8;

    super::operations! {
        splat(value: f64) -> __m512d = _mm512_set1_pd(value);
        load(values: *const f64) -> __m512d = _mm512_loadu_pd(values);
        add(a: __m512d, b: __m512d) -> __m512d = _mm512_add_pd(a, b);
        sub(a: __m512d, b: __m512d) -> __m512d = _mm512_sub_pd(a, b);
        mul(a: __m512d, b: __m512d) -> __m512d = _mm512_mul_pd(a, b);
        max(a: __m512d, b: __m512d) -> __m512d = _mm512_max_pd(a, b);
        min(a: __m512d, b: __m512d) -> __m512d = _mm512_min_pd(a, b);
        at_most(a: __m512d, b: __m512d) -> u64 = u64::from(_mm512_cmp_pd_mask::<_CMP_LE_OQ>(a, b));
        splat_i32(value: i32) -> __m512i = _mm512_set1_epi32(value);
        load_i32(values: *const i32) -> __m512i = _mm512_loadu_si512(values.cast());
        store_i32(values: *mut i32, a: __m512i) -> () = _mm512_storeu_si512(values.cast(), a);
        dot16(sum: __m512i, a: __m512i, b: __m512i) -> __m512i = _mm512_dpwssd_epi32(sum, a, b);
        min_i32(a: __m512i, b: __m512i) -> __m512i = _mm512_min_epi32(a, b);
        at_most_i32(a: __m512i, b: __m512i) -> u64 = u64::from(_mm512_cmple_epi32_mask(a, b));
        and_i32(a: __m512i, b: __m512i) -> __m512i = _mm512_and_si512(a, b);
        or_i32(a: __m512i, b: __m512i) -> __m512i = _mm512_or_si512(a, b);
        shift_left(a: __m512i, b: __m512i) -> __m512i = _mm512_sllv_epi32(a, b);
        shift_right(a: __m512i, b: __m512i) -> __m512i = _mm512_srlv_epi32(a, b);
        gather(numbers: *const i32, indices: __m512i) -> __m512i =
            _mm512_i32gather_epi32::<4>(indices, numbers.cast());
    }
}

super::entry_points!(Avx512, "avx512f,avx512bw,avx512vnni");
