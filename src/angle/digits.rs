//! Plain decimals, as nearly every field of nearly every file is one: a sign, digits, a point, digits.
//!
//! Such a number is an integer over a power of ten. An integer below 2^53 and a power of ten up to 10^22
//! are exact in an `f64`, so the one division rounds once, and the result is the one nearest to what is
//! written (W. D. Clinger, "How to Read Floating Point Numbers Accurately", 1990). Up to 15 digits are
//! taken here, eight at a time, so that no digit waits for the one before it, and no branch depends on
//! the sign, on the place of the point or, but for short fields, on the length.
//!
//! Architecture Invariant: what is not of this shape is left to others, which say what it is.

/// The longest field that is taken, without its sign: 15 digits and a point.
const LONGEST: usize = 16;

/// Powers of ten.
const POWERS: [u64; LONGEST] = {
    let mut powers = [1; LONGEST];
    let mut power = 1;
    while power < powers.len() {
        powers[power] = powers[power - 1] * 10;
        power += 1;
    }
    powers
};

/// The same in an `f64`, which has them exactly.
const DIVISORS: [f64; LONGEST] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// 1 in each of eight bytes.
const EACH: u64 = u64::MAX / 0xff;

/// The value of a field like `-12.3456789`, rounded correctly; `None` for what is not of this shape.
#[inline]
pub(super) fn plain_decimal(field: &[u8]) -> Option<f64> {
    let is_negative = field.first() == Some(&b'-');
    let digits = &field[usize::from(is_negative)..];
    let (number, decimals) = match digits.len() {
        8..=LONGEST => of_long(digits)?,
        _ => of_short(digits)?,
    };
    // There are at most 15 of them; the compiler need not look whether they are in the table.
    let value = number as f64 / DIVISORS[decimals % LONGEST];
    Some(f64::from_bits(value.to_bits() | u64::from(is_negative) << 63))
}

/// The digits of 8 to 16 bytes as an integer, and how many are behind the point. The point is among the
/// first eight bytes.
#[inline]
fn of_long(digits: &[u8]) -> Option<(u64, usize)> {
    let rest = digits.len() - 8;
    let first = u64::from_le_bytes(*digits.first_chunk()?) ^ (u64::from(b'0') * EACH);
    let last = u64::from_le_bytes(*digits.last_chunk()?) ^ (u64::from(b'0') * EACH);
    // Of the last eight, those that are not among the first.
    let last = last & u64::MAX.unbounded_shl(64 - 8 * rest as u32);
    let (first, before) = without_point(first)?;
    (strange_in(last) == 0 && before > 0).then(|| {
        let number = value_of(first) * POWERS[rest % LONGEST] + value_of(last);
        (number, digits.len() - 1 - before)
    })
}

/// The same for 4 to 7 bytes.
#[inline]
fn of_short(digits: &[u8]) -> Option<(u64, usize)> {
    let unused = 8_usize.checked_sub(digits.len())?;
    let first = u64::from(u32::from_le_bytes(*digits.first_chunk()?)) << (8 * unused);
    let last = u64::from(u32::from_le_bytes(*digits.last_chunk()?)) << 32;
    // The bytes that are in both are the same. Those that are unused count as zeros before the number.
    let bytes = (first | last) ^ ((u64::from(b'0') * EACH) << (8 * unused));
    let (digits, before) = without_point(bytes)?;
    (before > unused).then(|| (value_of(digits), 7 - before))
}

/// Eight digits of which one is a point → the other seven, and how many are before it.
#[inline]
fn without_point(bytes: u64) -> Option<(u64, usize)> {
    let strange = strange_in(bytes);
    // In bits; the mask tells the compiler that it is below 64.
    let at = strange.trailing_zeros() & 56;
    let is_point = (bytes >> at) as u8 == b'.' ^ b'0';
    let is_alone = strange & strange.wrapping_sub(1) == 0;
    let before = bytes & ((1 << at) - 1);
    let behind = bytes & (u64::MAX << 8 << at);
    (is_point && is_alone).then_some((before << 8 | behind, at as usize / 8))
}

/// The highest bit of each byte that is more than nine.
#[inline]
fn strange_in(bytes: u64) -> u64 {
    // Seven bits and 0x76 pass 0x7f from ten on, and never reach the next byte.
    (bytes | ((bytes & (0x7f * EACH)) + 0x76 * EACH)) & (0x80 * EACH)
}

/// The value of eight digits, each a byte from 0 to 9 (more would pass the top of the word), the first
/// one lowest.
#[inline]
fn value_of(digits: u64) -> u64 {
    // Pairs, then fours, then all: each step adds the upper half to ten, a hundred, ten thousand times
    // the lower one. What a product leaves in the other halves is masked.
    let pairs = (digits.wrapping_mul(10) + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100) + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000) + (fours >> 32)) & 0xffff_ffff
}
