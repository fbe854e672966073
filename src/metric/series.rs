//! The three integrals along a geodesic, as series in a small number ε, to order 6.
//!
//! Along a geodesic the arc σ on the auxiliary sphere is counted from the equator. With k the number that belongs to
//! the geodesic (`geodesic.rs`), length, reduced length and longitude are integrals over σ of
//!
//! ```text
//! I₁′ = √(1 + k² sin²σ)         I₂′ = 1/√(1 + k² sin²σ)         I₃′ = (2 − f)/(1 + (1 − f)√(1 + k² sin²σ))
//! ```
//!
//! (Karney, "Algorithms for geodesics", J. Geodesy 87, 2013, equations 7, 41 and 8). He expands them in ε = (√(1 +
//! k²) − 1)/(√(1 + k²) + 1), his equation 16, and prints the coefficients; here they are computed, by the following
//! steps. As k² = 4ε/(1 − ε)²,
//!
//! ```text
//! (1 − ε)² (1 + k² sin²σ) = 1 − 2ε cos 2σ + ε² = |1 − ε e^{2iσ}|².
//! ```
//!
//! So any power of it is the product of two binomial series, one in ε e^{2iσ} and its conjugate. With (1 − z)^p = Σ
//! cⱼ zʲ
//!
//! ```text
//! |1 − ε e^{2iσ}|^{2p} = t₀ + 2 Σ tₗ cos 2lσ,       tₗ = Σⱼ cⱼ cⱼ₊ₗ ε^{2j+l},
//! ```
//!
//! and its integral is t₀ σ + Σ tₗ/l sin 2lσ. I₁ is that of p = ½ divided by 1 − ε, and I₂ that of p = −½ times 1 −
//! ε. For I₃, n = f/(2 − f) gives 1 − f = (1 − n)/(1 + n), and so
//!
//! ```text
//! I₃′ = (1 − ε)/(1 + w),       2w = (1 − n)|1 − ε e^{2iσ}| − (1 − n) − (1 + n)ε,
//! ```
//!
//! where w has no term without ε, so that 1/(1 + w) = 1 − w + w² − … is a series in ε and the cosines. Its
//! coefficients depend on the ellipsoid alone and are computed once for each.
//!
//! # What is left out
//!
//! ε is at most n, where k is e′. For WGS84 that is 1/595, and powers from the seventh on are below 4e-20 of the
//! length. At f = 1/50, the flattest that is taken, n = 1/99, and n⁷ is 1.1e-14: times the coefficients, which fall
//! from 1/256 on, less than 1e-16. For I₃, which is multiplied by f, powers to the fifth are enough: f n⁶ is 2e-14,
//! times coefficients below 1/50. `tests/metric.rs` holds the sum of all against quadrature.

/// The highest power of ε.
const ORDER: usize = 6;

/// Coefficients of zʲ in (1 − z)^p.
const fn binomials(p: f64) -> [f64; ORDER + 1] {
    let mut coefficients = [1.0; ORDER + 1];
    let mut j = 1;
    while j <= ORDER {
        coefficients[j] = coefficients[j - 1] * ((j - 1) as f64 - p) / j as f64;
        j += 1;
    }
    coefficients
}

/// Of p = ½. All of them are fractions with a power of two below, and exact.
const ROOT: [f64; ORDER + 1] = binomials(0.5);

/// Of p = −½.
const INVERSE_ROOT: [f64; ORDER + 1] = binomials(-0.5);

/// tₗ/l for l from 1 to L, after t₀, each to the power `order` of ε.
#[inline(always)]
fn harmonics<const L: usize>(c: &[f64; ORDER + 1], epsilon: f64, order: usize) -> [f64; L] {
    let squared = epsilon * epsilon;
    let mut power = 1.0;
    std::array::from_fn(|l| {
        let mut sum = 0.0;
        for j in (0..=(order - l) / 2).rev() {
            sum = sum * squared + c[j] * c[j + l];
        }
        let term = sum * power / l.max(1) as f64;
        power *= epsilon;
        term
    })
}

/// An integral: what stands before σ, and then before sin 2lσ for l = 1, 2, …
#[derive(Clone, Copy, Debug)]
pub(super) struct Integral<const L: usize>([f64; L]);

impl<const L: usize> Integral<L> {
    /// The integral over an arc σ₁₂, from an end at σ₁ to one at σ₂.
    #[inline(always)]
    pub(super) fn over(&self, arc: f64, from: Phase, to: Phase) -> f64 {
        self.0[0] * arc + (to.sines(&self.0) - from.sines(&self.0))
    }
}

/// An end of an arc: 2 cos 2σ and sin 2σ.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phase {
    twice_cos: f64,
    sin: f64,
}

impl Phase {
    /// Of the sine and cosine of σ.
    #[inline(always)]
    pub(super) fn of(sin: f64, cos: f64) -> Phase {
        Phase { twice_cos: 2.0 * (cos - sin) * (cos + sin), sin: 2.0 * sin * cos }
    }

    /// Σ cₗ sin 2lσ for l ≥ 1, by Clenshaw's recurrence.
    #[inline(always)]
    fn sines<const L: usize>(self, coefficients: &[f64; L]) -> f64 {
        let (mut last, mut before) = (0.0, 0.0);
        for l in (1..L).rev() {
            (last, before) = (self.twice_cos * last - before + coefficients[l], last);
        }
        last * self.sin
    }
}

/// I₁.
#[inline(always)]
pub(super) fn length(epsilon: f64) -> Integral<{ ORDER + 1 }> {
    let shrink = 1.0 / (1.0 - epsilon);
    Integral(harmonics(&ROOT, epsilon, ORDER).map(|term: f64| term * shrink))
}

/// J = I₁ − I₂ to order 4. It stands in a derivative alone, where 1e-9 would do (`geodesic.rs`).
#[inline(always)]
pub(super) fn difference(epsilon: f64) -> Integral<4> {
    let shrink = 1.0 / (1.0 - epsilon);
    let one: [f64; 4] = harmonics(&ROOT, epsilon, 4);
    let two: [f64; 4] = harmonics(&INVERSE_ROOT, epsilon, 4);
    Integral(std::array::from_fn(|l| one[l] * shrink - two[l] * (1.0 - epsilon)))
}

/// I₃ of one ellipsoid: for each power of ε what stands before σ, then before sin 2lσ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Longitude([[f64; ORDER]; ORDER]);

impl Longitude {
    /// Of the third flattening n.
    pub(super) fn new(n: f64) -> Longitude {
        // Tables have a row for each power of ε, and in it a column for each cosine.
        let mut w = [[0.0; ORDER]; ORDER];
        for l in 0..ORDER {
            for j in 0..=(ORDER - 1 - l) / 2 {
                let of_both = if l == 0 { 1.0 } else { 2.0 };
                w[2 * j + l][l] = 0.5 * (1.0 - n) * of_both * ROOT[j] * ROOT[j + l];
            }
        }
        w[0][0] = 0.0;
        w[1][0] -= 0.5 * (1.0 + n);
        let mut inverse = [[0.0; ORDER]; ORDER];
        for _ in 0..ORDER {
            // 1/(1 + w) = 1 − w/(1 + w): each turn makes one power more right.
            inverse = product(&w, &inverse).map(|row| row.map(|term| -term));
            inverse[0][0] += 1.0;
        }
        let mut shrink = [[0.0; ORDER]; ORDER];
        (shrink[0][0], shrink[1][0]) = (1.0, -1.0);
        let mut integrand = product(&shrink, &inverse);
        for row in &mut integrand {
            for (l, term) in row.iter_mut().enumerate().skip(1) {
                *term /= (2 * l) as f64;
            }
        }
        Longitude(integrand)
    }

    /// The integral at ε.
    #[inline(always)]
    pub(super) fn at(&self, epsilon: f64) -> Integral<ORDER> {
        Integral(std::array::from_fn(|l| {
            // What stands before cos 2lσ has no power of ε below l.
            let terms = self.0[l..].iter().rev();
            let sum = terms.fold(0.0, |sum, row| sum * epsilon + row[l]);
            (0..l).fold(sum, |term, _| term * epsilon)
        }))
    }
}

/// The product of two tables, without powers from ORDER on: cos a cos b = ½ cos(a + b) + ½ cos(a − b).
fn product(a: &[[f64; ORDER]; ORDER], b: &[[f64; ORDER]; ORDER]) -> [[f64; ORDER]; ORDER] {
    let mut out = [[0.0; ORDER]; ORDER];
    for (i, left) in a.iter().enumerate() {
        for (j, right) in b.iter().enumerate().take(ORDER - i) {
            for (l, &x) in left.iter().enumerate().take(i + 1) {
                for (m, &y) in right.iter().enumerate().take(j + 1) {
                    let half = 0.5 * x * y;
                    out[i + j][l + m] += half;
                    out[i + j][l.abs_diff(m)] += half;
                }
            }
        }
    }
    out
}
