//! How near the kernels come to the FMA limit of this core.
//!
//! Usage: `cargo bench --bench kernels` prints two tables; `kernels --peak avx512` (or `avx2`)
//! runs that peak alone and prints one line of JSON, for `scripts/bench`, and `kernels --bare avx512`
//! the bare loop below. Exit code 2 means that this core does not have the instruction set.
//!
//! # The peak
//!
//! Chains of dependent FMA, enough of them in registers that no pipe waits for a latency, and nothing
//! else: what comes out is the number of FMA that the core can issue. A pair costs two FMA
//! (`farthest::kernel`), so the peak in pairs is half of it times the lanes of a vector.
//!
//! # The ceilings
//!
//! A kernel must do something with what the FMA yield. Two more loops show what that costs: two FMA
//! and a minimum, and two FMA and an OR, which gathers sign bits and which AVX-512 does for two
//! vectors at a time (`vpternlogd`). Where minimum and FMA run on different pipes (Zen) it is
//! free; where both need the same two pipes (Intel's 512-bit vectors: ports 0 and 5 alone), it is
//! not, and no kernel of that shape can pass its ceiling. One loop has a 16-bit dot product
//! (`vpdpwssd`) in place of two FMA.
//!
//! The bare loop is `find_rows` for AVX-512 without its minima: eight rows in registers, columns in
//! the first-level cache, and for each vector of pairs a copy of Z and a `vpdpwssd`. Where the
//! minimum has pipes of its own this is what the kernel can come near to.
//!
//! All loops and kernels are run in turn, several rounds of them, and the medians printed, so that a
//! change of clock or a neighbour on the machine meets all alike.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use farthest::bound::dot_limit;
use farthest::kernel::coarse::{CoarseLimit, CoarseRow, CoarseTable};
use farthest::kernel::{Isa, Kernel, Measure};
use farthest::sphere::{HALF_CIRCUMFERENCE_KM, UnitVector};
use farthest::tiles::{TILE_CITIES, Tile};

/// Runs a kernel over a block so many times, and returns the number of pairs.
type Run = fn(&Block, Kernel, u64) -> u64;

/// The kernels that look at every pair.
const KERNELS: [(&str, Run); 2] =
    [("find_rows, 16 bits", Block::find_rows), ("mark_far, f64", Block::mark_far)];

/// What is measured beyond a quarter turn.
const FAR: Measure = Measure { sign: 1.0, z_weight: 1.0 };

/// Rounds in which everything is run once.
const ROUNDS: usize = 5;

/// Seconds that a loop or a kernel runs in a round, about.
const ROUND_S: f64 = 0.4;

/// The name of the loop that is the peak.
const PEAK: &str = "2 FMA";

/// The name of the loop of multiplications and copies alone.
const BARE: &str = "vpdpwssd, bare";

/// A loop over vectors in registers.
struct Loop {
    name: &'static str,
    isa: Isa,
    /// Pairs that one step stands for.
    pairs: u64,
    is_available: fn() -> bool,
    run: fn(u64) -> f32,
}

fn main() -> ExitCode {
    // `cargo bench` passes --bench on.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let loops: Vec<Loop> = loops().into_iter().filter(|each| (each.is_available)()).collect();
    match arguments[..] {
        [] => print_tables(&loops),
        ["--peak", "avx512"] => return print_loop(&loops, Isa::Avx512, PEAK),
        ["--peak", "avx2"] => return print_loop(&loops, Isa::Avx2, PEAK),
        ["--bare", "avx512"] => return print_loop(&loops, Isa::Avx512, BARE),
        _ => {
            eprintln!("kernels: expected nothing, --peak avx2, --peak avx512 or --bare avx512");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Runs one loop and prints a line of JSON.
fn print_loop(loops: &[Loop], isa: Isa, name: &str) -> ExitCode {
    let Some(found) = loops.iter().find(|each| each.isa == isa && each.name == name) else {
        eprintln!("kernels: this core does not have {}", isa.name());
        return ExitCode::from(2);
    };
    let pairs_per_s = found.pairs_per_s(2.0 * ROUND_S);
    println!("{}", serde_json::json!({ "isa": isa.name(), "pairs_per_s": pairs_per_s }));
    ExitCode::SUCCESS
}

impl Loop {
    fn pairs_per_s(&self, seconds: f64) -> f64 {
        let per_step = |steps| {
            black_box((self.run)(black_box(steps)));
            steps * self.pairs
        };
        rate(seconds, per_step)
    }
}

/// Pairs a second of `work`, which does so many steps and returns its pairs, run once for about
/// `seconds` after a short trial that also lets the clock settle.
fn rate(seconds: f64, mut work: impl FnMut(u64) -> u64) -> f64 {
    let mut steps = 1000;
    loop {
        let begun = Instant::now();
        let pairs = work(steps);
        let elapsed_s = begun.elapsed().as_secs_f64();
        if elapsed_s >= 0.8 * seconds {
            return pairs as f64 / elapsed_s;
        }
        let wanted = steps as f64 * seconds / elapsed_s.max(1e-6);
        steps = (wanted as u64).clamp(steps + 1, steps * 20);
    }
}

fn print_tables(loops: &[Loop]) {
    let block = Block::new();
    let kernels: Vec<_> = Isa::ALL
        .into_iter()
        .filter_map(|isa| Kernel::choose(Some(isa)))
        .flat_map(|kernel| KERNELS.map(|(name, run)| (name, kernel, run)))
        .collect();
    let mut loop_rates = vec![Vec::new(); loops.len()];
    let mut kernel_rates = vec![Vec::new(); kernels.len()];
    for _ in 0..ROUNDS {
        for (rates, each) in loop_rates.iter_mut().zip(loops) {
            rates.push(each.pairs_per_s(ROUND_S));
        }
        for (rates, (_, kernel, run)) in kernel_rates.iter_mut().zip(&kernels) {
            rates.push(rate(ROUND_S, |steps| run(&block, *kernel, steps)));
        }
    }
    let peaks: Vec<(Isa, f64)> = std::iter::zip(loops, &loop_rates)
        .filter(|(each, _)| each.name == PEAK)
        .map(|(each, rates)| (each.isa, median(rates)))
        .collect();
    let line = |name: &str, isa: Isa, rates: &[f64]| {
        // What the compiler makes of the scalar kernel is held against AVX2.
        let of = if isa == Isa::Scalar { Isa::Avx2 } else { isa };
        let peak = peaks.iter().find(|(isa, _)| *isa == of).map(|(_, peak)| median(rates) / peak);
        let ratio = peak.map_or("-".into(), |ratio| format!("{ratio:.3}"));
        println!("| {name} | {} | {:.3e} | {ratio} |", isa.name(), median(rates));
    };
    println!("| loop | isa | pairs/s | of the peak |\n| --- | --- | --- | --- |");
    for (each, rates) in loops.iter().zip(&loop_rates) {
        line(each.name, each.isa, rates);
    }
    println!("\n| kernel | isa | pairs/s | of the peak |\n| --- | --- | --- | --- |");
    for ((name, kernel, _), rates) in kernels.iter().zip(&kernel_rates) {
        line(name, kernel.isa(), rates);
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Cities as the exhaustive search meets them: rows of one class, columns that stay in the
/// first-level cache, and limits that nothing passes, as is the rule.
struct Block {
    vectors: Vec<UnitVector>,
    pairs: Vec<i32>,
    limits: Vec<i32>,
    tiles: Vec<Tile>,
    table: CoarseTable,
}

impl Block {
    const ROWS: usize = 512;
    const COLUMNS: usize = 2048;

    fn new() -> Block {
        let spiral = |points: usize| (0..points).map(move |at| around_x_axis(at, points));
        let vectors: Vec<UnitVector> = spiral(Self::ROWS).collect();
        let rows: Vec<CoarseRow> =
            vectors.iter().map(|&vector| CoarseRow::new(vector).expect("a unit vector")).collect();
        let class = rows[0].class();
        assert!(rows.iter().all(|row| row.class() == class), "rows of one class");
        let columns: Vec<UnitVector> = spiral(Self::COLUMNS).collect();
        let tiles: Vec<Tile> = columns.chunks(TILE_CITIES).map(Tile::new).collect();
        let limit = CoarseLimit::new(dot_limit(HALF_CIRCUMFERENCE_KM));
        Block {
            vectors,
            pairs: rows.iter().map(|row| row.pair()).collect(),
            limits: rows.iter().map(|row| row.limit(&limit)).collect(),
            table: CoarseTable::new(&tiles, class),
            tiles,
        }
    }

    fn find_rows(&self, kernel: Kernel, steps: u64) -> u64 {
        let mut found = Vec::new();
        for _ in 0..steps {
            let columns = self.table.columns(0..self.table.tiles());
            kernel.find_rows(black_box(&self.pairs), &self.limits, columns, &mut found);
        }
        assert!(black_box(found).is_empty(), "nothing passes the limits");
        steps * (Self::ROWS * Self::COLUMNS) as u64
    }

    /// One row against all columns is a step.
    fn mark_far(&self, kernel: Kernel, steps: u64) -> u64 {
        let mut marked = 0;
        for vector in self.vectors.iter().cycle().take(steps as usize) {
            for tile in &self.tiles {
                marked |= kernel.mark_far(*vector, tile, FAR, black_box(0.0));
            }
        }
        assert_eq!(black_box(marked), 0, "nothing passes the limit");
        steps * Self::COLUMNS as u64
    }
}

/// A point of a spiral of so many around the x axis, near enough to it that x is the largest
/// coordinate and no two points are antipodal.
fn around_x_axis(at: usize, points: usize) -> UnitVector {
    const GOLDEN_ANGLE_RAD: f64 = 2.399_963_229_728_653;
    let x = 0.75 + 0.25 * (at as f64 + 0.5) / points as f64;
    let radius = (1.0 - x * x).sqrt();
    let (sin, cos) = (at as f64 * GOLDEN_ANGLE_RAD).sin_cos();
    [x, radius * cos, radius * sin]
}

#[cfg(not(target_arch = "x86_64"))]
fn loops() -> Vec<Loop> {
    Vec::new()
}

#[cfg(target_arch = "x86_64")]
fn loops() -> Vec<Loop> {
    let avx2 = || is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = || is_x86_feature_detected!("avx512f");
    let vnni = || is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni");
    let of = |isa, pairs, is_available: fn() -> bool, name, run| Loop {
        name,
        isa,
        pairs,
        is_available,
        run,
    };
    vec![
        // SAFETY: `is_available` says that this core has the instruction set, and main keeps only
        // the loops that are available; so below.
        of(Isa::Avx512, 8 * 16, avx512, PEAK, |steps| unsafe { avx512::fma(steps) }),
        // SAFETY: as above.
        of(Isa::Avx512, 5 * 16, avx512, "2 FMA + min", |steps| unsafe { avx512::fma_min(steps) }),
        // SAFETY: as above.
        of(Isa::Avx512, 8 * 16, avx512, "2 FMA + or", |steps| unsafe { avx512::fma_or(steps) }),
        // SAFETY: as above.
        of(Isa::Avx512, 16 * 16, vnni, "vpdpwssd + or", |steps| unsafe { avx512::dot_or(steps) }),
        // SAFETY: as above.
        of(Isa::Avx512, avx512::BARE_PAIRS, vnni, BARE, |steps| unsafe { avx512::bare(steps) }),
        // SAFETY: as above.
        of(Isa::Avx2, 6 * 8, avx2, PEAK, |steps| unsafe { avx2::fma(steps) }),
        // SAFETY: as above.
        of(Isa::Avx2, 5 * 8, avx2, "2 FMA + min", |steps| unsafe { avx2::fma_min(steps) }),
        // SAFETY: as above.
        of(Isa::Avx2, 5 * 8, avx2, "2 FMA + or", |steps| unsafe { avx2::fma_or(steps) }),
    ]
}

/// The loops in 512-bit vectors. Factor and summand pass through `black_box`, so that nothing is
/// known of them; the chains end near 1, far from subnormal numbers and infinity. Every second
/// chain stands for the last FMA of a vector of pairs.
#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::asm;
    use std::arch::x86_64::*;
    use std::array::from_fn;
    use std::hint::black_box;

    /// Columns of the bare loop, as many as the search takes at a time.
    const COLUMNS: usize = 2048;

    /// Pairs of a step of the bare loop: eight rows against all columns.
    pub const BARE_PAIRS: u64 = 8 * COLUMNS as u64;

    /// 16 numbers, at the beginning of a cache line.
    #[derive(Clone, Copy)]
    #[repr(align(64))]
    struct Line([i32; 16]);

    /// Of `vpternlogd`: the OR of all three.
    const ANY_OF_THREE: i32 = 0xfe;

    #[target_feature(enable = "avx512f")]
    fn all_lanes(value: f32) -> __m512 {
        _mm512_set1_ps(black_box(value))
    }

    #[target_feature(enable = "avx512f")]
    pub fn fma(steps: u64) -> f32 {
        let (factor, summand) = (all_lanes(0.5), all_lanes(0.5));
        let mut chains: [__m512; 16] = from_fn(|chain| all_lanes(chain as f32));
        for _ in 0..steps {
            chains = chains.map(|chain| _mm512_fmadd_ps(chain, factor, summand));
        }
        chains.into_iter().map(|chain| _mm512_reduce_add_ps(chain)).sum()
    }

    #[target_feature(enable = "avx512f")]
    pub fn fma_min(steps: u64) -> f32 {
        let half = all_lanes(0.5);
        let mut chains: [__m512; 10] = from_fn(|chain| all_lanes(chain as f32));
        let mut least: [__m512; 5] = from_fn(|_| all_lanes(2.0));
        for _ in 0..steps {
            chains = chains.map(|chain| _mm512_fmadd_ps(chain, half, half));
            least = from_fn(|at| _mm512_min_ps(least[at], chains[2 * at]));
        }
        chains.into_iter().chain(least).map(|each| _mm512_reduce_add_ps(each)).sum()
    }

    #[target_feature(enable = "avx512f")]
    pub fn fma_or(steps: u64) -> f32 {
        let (factor, summand) = (all_lanes(0.5), all_lanes(0.5));
        let mut chains: [__m512; 16] = from_fn(|chain| all_lanes(chain as f32));
        let mut signs = [_mm512_setzero_si512(); 4];
        for _ in 0..steps {
            chains = chains.map(|chain| _mm512_fmadd_ps(chain, factor, summand));
            signs = from_fn(|at| {
                let [a, b] = [4 * at, 4 * at + 2].map(|of| _mm512_castps_si512(chains[of]));
                _mm512_ternarylogic_epi32::<ANY_OF_THREE>(signs[at], a, b)
            });
        }
        let signs = signs.into_iter().map(|signs| _mm512_reduce_or_epi32(signs) as f32);
        chains.into_iter().map(|chain| _mm512_reduce_add_ps(chain)).chain(signs).sum()
    }

    #[target_feature(enable = "avx512f,avx512vnni")]
    pub fn bare(steps: u64) -> f32 {
        let line = |value: i32| black_box([Line([value; 16]); COLUMNS / 16]);
        let (pairs, thirds) = (line(0x0003_0005), line(1 << 30));
        let rows: [__m512i; 8] = from_fn(|row| _mm512_set1_epi32(black_box(row as i32)));
        for _ in 0..steps {
            for (pair, third) in pairs.iter().zip(&thirds) {
                // SAFETY: a line is a vector long.
                let [pair, third] =
                    [pair, third].map(|line| unsafe { _mm512_loadu_si512(line.0.as_ptr().cast()) });
                for four in [0, 4] {
                    copy_and_multiply(pair, third, from_fn(|row| rows[four + row]));
                }
            }
        }
        0.0
    }

    /// Four copies of Z, then four multiplications into them. Nothing is made of what comes out.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vnni")]
    fn copy_and_multiply(pair: __m512i, third: __m512i, rows: [__m512i; 4]) {
        // SAFETY: these are instructions of the target features above, on registers alone. Not
        // `pure`, so that they stay although nobody reads the registers.
        unsafe {
            asm!(
                "vmovdqa64 {0}, {third}",
                "vmovdqa64 {1}, {third}",
                "vmovdqa64 {2}, {third}",
                "vmovdqa64 {3}, {third}",
                "vpdpwssd {0}, {pair}, {4}",
                "vpdpwssd {1}, {pair}, {5}",
                "vpdpwssd {2}, {pair}, {6}",
                "vpdpwssd {3}, {pair}, {7}",
                out(zmm_reg) _,
                out(zmm_reg) _,
                out(zmm_reg) _,
                out(zmm_reg) _,
                in(zmm_reg) rows[0],
                in(zmm_reg) rows[1],
                in(zmm_reg) rows[2],
                in(zmm_reg) rows[3],
                pair = in(zmm_reg) pair,
                third = in(zmm_reg) third,
                options(nomem, nostack, preserves_flags),
            );
        }
    }

    #[target_feature(enable = "avx512f,avx512vnni")]
    pub fn dot_or(steps: u64) -> f32 {
        let factors = _mm512_set1_epi32(black_box(0x0003_0005));
        let mut chains: [__m512i; 16] = from_fn(|chain| _mm512_set1_epi32(black_box(chain as i32)));
        let mut signs = [_mm512_setzero_si512(); 8];
        for _ in 0..steps {
            chains = chains.map(|chain| _mm512_dpwssd_epi32(chain, factors, factors));
            signs = from_fn(|at| {
                let [a, b] = [chains[2 * at], chains[2 * at + 1]];
                _mm512_ternarylogic_epi32::<ANY_OF_THREE>(signs[at], a, b)
            });
        }
        chains.into_iter().chain(signs).map(|each| _mm512_reduce_or_epi32(each) as f32).sum()
    }
}

/// The same in 256-bit vectors. There are 16 registers, so factor and summand share one and the
/// chains are ten where five more registers gather.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;
    use std::array::from_fn;
    use std::hint::black_box;

    #[target_feature(enable = "avx2,fma")]
    fn all_lanes(value: f32) -> __m256 {
        _mm256_set1_ps(black_box(value))
    }

    #[target_feature(enable = "avx2,fma")]
    fn sum(vectors: impl IntoIterator<Item = __m256>) -> f32 {
        let all = vectors.into_iter().fold(all_lanes(0.0), |all, one| _mm256_add_ps(all, one));
        _mm256_cvtss_f32(all)
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn fma(steps: u64) -> f32 {
        let half = all_lanes(0.5);
        let mut chains: [__m256; 12] = from_fn(|chain| all_lanes(chain as f32));
        for _ in 0..steps {
            chains = chains.map(|chain| _mm256_fmadd_ps(chain, half, half));
        }
        sum(chains)
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn fma_min(steps: u64) -> f32 {
        let half = all_lanes(0.5);
        let mut chains: [__m256; 10] = from_fn(|chain| all_lanes(chain as f32));
        let mut least: [__m256; 5] = from_fn(|_| all_lanes(2.0));
        for _ in 0..steps {
            chains = chains.map(|chain| _mm256_fmadd_ps(chain, half, half));
            least = from_fn(|at| _mm256_min_ps(least[at], chains[2 * at]));
        }
        sum(chains.into_iter().chain(least))
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn fma_or(steps: u64) -> f32 {
        let half = all_lanes(0.5);
        let mut chains: [__m256; 10] = from_fn(|chain| all_lanes(chain as f32));
        let mut signs: [__m256; 5] = from_fn(|_| all_lanes(0.0));
        for _ in 0..steps {
            chains = chains.map(|chain| _mm256_fmadd_ps(chain, half, half));
            signs = from_fn(|at| _mm256_or_ps(signs[at], chains[2 * at]));
        }
        sum(chains.into_iter().chain(signs))
    }
}
