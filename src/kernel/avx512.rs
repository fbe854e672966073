//! AVX-512 with VNNI: Ice Lake, Zen 4 and later. Target features avx512f, avx512bw, avx512vnni.

use std::arch::asm;
use std::arch::x86_64::*;
use std::array::from_fn;

use super::vector::Lanes;

#[derive(Clone, Copy)]
pub(super) struct Avx512;

// SAFETY: every operation is one instruction of the target features named above.
unsafe impl Lanes for Avx512 {
    type F64 = __m512d;
    type I32 = __m512i;
    const F64_LANES: usize = 8;
    const I32_LANES: usize = 16;
    const FOURS: usize = 2;

    super::operations! {
        splat(value: f64) -> __m512d = _mm512_set1_pd(value);
        load(values: *const f64) -> __m512d = _mm512_loadu_pd(values);
        add(a: __m512d, b: __m512d) -> __m512d = _mm512_add_pd(a, b);
        sub(a: __m512d, b: __m512d) -> __m512d = _mm512_sub_pd(a, b);
        mul(a: __m512d, b: __m512d) -> __m512d = _mm512_mul_pd(a, b);
        max(a: __m512d, b: __m512d) -> __m512d = _mm512_max_pd(a, b);
        min(a: __m512d, b: __m512d) -> __m512d = _mm512_min_pd(a, b);
        at_most(a: __m512d, b: __m512d) -> u64 = u64::from(_mm512_cmp_pd_mask::<_CMP_LE_OQ>(a, b));
        where_less(a: __m512d, b: __m512d, x: __m512d, y: __m512d) -> __m512d =
            _mm512_mask_blend_pd(_mm512_cmp_pd_mask::<_CMP_LT_OQ>(a, b), y, x);
        splat_i32(value: i32) -> __m512i = _mm512_set1_epi32(value);
        load_i32(values: *const i32) -> __m512i = _mm512_loadu_si512(values.cast());
        store_i32(values: *mut i32, a: __m512i) -> () = _mm512_storeu_si512(values.cast(), a);
        dot16(sum: __m512i, a: __m512i, b: __m512i) -> __m512i = _mm512_dpwssd_epi32(sum, a, b);
        least_of_two(
            least: [__m512i; 4],
            rows: [__m512i; 4],
            columns: [__m512i; 2],
            sums: [__m512i; 2]
        ) -> [__m512i; 4] = {
            // Not the least of both vectors first: four multiplications, then four minima.
            let least = lesser(four_dot16(sums[0], columns[0], rows), least);
            lesser(four_dot16(sums[1], columns[1], rows), least)
        };
        at_most_i32(a: __m512i, b: __m512i) -> u64 = u64::from(_mm512_cmple_epi32_mask(a, b));
        and_i32(a: __m512i, b: __m512i) -> __m512i = _mm512_and_si512(a, b);
        or_i32(a: __m512i, b: __m512i) -> __m512i = _mm512_or_si512(a, b);
        shift_left(a: __m512i, b: __m512i) -> __m512i = _mm512_sllv_epi32(a, b);
        shift_right(a: __m512i, b: __m512i) -> __m512i = _mm512_srlv_epi32(a, b);
        gather(numbers: *const i32, indices: __m512i) -> __m512i =
            _mm512_i32gather_epi32::<4>(indices, numbers.cast());
    }
}

/// The lesser as f32 in each lane.
#[inline]
#[target_feature(enable = "avx512f")]
fn lesser(a: [__m512i; 4], b: [__m512i; 4]) -> [__m512i; 4] {
    from_fn(|i| {
        let [a, b] = [a[i], b[i]].map(|value| _mm512_castsi512_ps(value));
        _mm512_castps_si512(_mm512_min_ps(a, b))
    })
}

/// `dot16` of one sum and one a with four b: four copies, then four multiplications.
///
/// In assembly, because the compiler would mix them with the minima again: Zen 4 gives an
/// instruction its pipe long before it starts, and does that well only for multiplications that
/// follow each other. Measured there, in 1e10 pairs/s: 4.68 with the compiler's order, 5.46 with this
/// one. On Intel (Sapphire Rapids) both orders take the same time.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn four_dot16(sum: __m512i, a: __m512i, [b0, b1, b2, b3]: [__m512i; 4]) -> [__m512i; 4] {
    let (d0, d1, d2, d3);
    // SAFETY: these are instructions of the target features above, on registers alone.
    unsafe {
        asm!(
            "vmovdqa64 {d0}, {sum}",
            "vmovdqa64 {d1}, {sum}",
            "vmovdqa64 {d2}, {sum}",
            "vmovdqa64 {d3}, {sum}",
            "vpdpwssd {d0}, {a}, {b0}",
            "vpdpwssd {d1}, {a}, {b1}",
            "vpdpwssd {d2}, {a}, {b2}",
            "vpdpwssd {d3}, {a}, {b3}",
            sum = in(zmm_reg) sum,
            a = in(zmm_reg) a,
            b0 = in(zmm_reg) b0,
            b1 = in(zmm_reg) b1,
            b2 = in(zmm_reg) b2,
            b3 = in(zmm_reg) b3,
            d0 = out(zmm_reg) d0,
            d1 = out(zmm_reg) d1,
            d2 = out(zmm_reg) d2,
            d3 = out(zmm_reg) d3,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    [d0, d1, d2, d3]
}

super::entry_points!(Avx512, "avx512f,avx512bw,avx512vnni");
