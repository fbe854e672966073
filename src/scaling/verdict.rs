//! What a study says, in words; all rules and thresholds stand here.
//!
//! 1. Efficiency: up to how many ranks it stays at [`GOOD_EFFICIENCY`] or above.
//! 2. Load: where the load balance is below [`GOOD_BALANCE`], the ranks do not share the work evenly.
//! 3. Cause, from [`RANKS_TO_TELL`] numbers of ranks on and a base of one rank: whether the serial
//!    fraction of the study at the most ranks differs from that at fewer. For strong studies it
//!    is Karp and Flatt's; for weak ones Gustafson's, (1 − E)/(1 − 1/p). It is compared as a range,
//!    which the interval of the median time at those ranks gives, at both ends of the base's own:
//!    it grows (falls) if the range at the most ranks lies above (below) that at some fewer ranks by
//!    more than what costs [`VISIBLE_LOSS`] there. If it does not change, the law holds: serial work,
//!    or, if it may cost less than that, nothing to see. If it grows, the ranks cost time:
//!    communication, or imbalance. If it falls, few ranks paid for something that many do not.
//! 4. Reading: where it takes more than [`MUCH_READING`] of the total at the most ranks, faster searches
//!    no longer help.
//! 5. Ranks beyond the cores wait for each other. What they cost is said to be that, and nothing is told of load and
//!    cause by them.
//! 6. A weak study holds its load constant to within [`WEAK_DRIFT`].

use super::fit::RANKS_FOR_UNCERTAINTY;
use super::rows::{Row, karp_flatt};
use super::runs::Kind;

/// An efficiency that is worth the ranks. POP calls 0.8 acceptable; studies of this application
/// aim higher.
pub const GOOD_EFFICIENCY: f64 = 0.9;
/// A load balance (mean over maximum) that is no concern.
pub const GOOD_BALANCE: f64 = 0.9;
/// The share of the time at the most ranks that a serial fraction, or a change of it, must cost to
/// be worth a word. A fraction of 0.001 costs a tenth of that at 2 ranks and half the
/// efficiency at 1000, so no one threshold for fractions would do.
pub const VISIBLE_LOSS: f64 = 0.01;
/// From how many numbers of ranks on a cause can be told.
pub const RANKS_TO_TELL: usize = RANKS_FOR_UNCERTAINTY;
/// The share of the total that reading may take without a word.
pub const MUCH_READING: f64 = 0.5;
/// How far the load of a rank may stray in a weak study.
pub const WEAK_DRIFT: f64 = 0.01;

/// The verdict, in one sentence for each rule that has something to say.
pub fn verdict(rows: &[Row], kind: Kind) -> Vec<String> {
    let mut sentences = Vec::new();
    if rows.len() > 1 {
        sentences.push(efficiency(rows));
    }
    let with_cores: Vec<Row> = rows.iter().filter(|row| !row.is_crowded()).cloned().collect();
    sentences.extend(imbalance(&with_cores));
    sentences.push(cause(&with_cores, kind));
    sentences.extend(reading(rows));
    sentences.extend(crowding(rows));
    sentences
}

/// What to say of rows whose ranks had to share cores.
pub fn crowding(rows: &[Row]) -> Option<String> {
    let crowded: Vec<&Row> = rows.iter().filter(|row| row.is_crowded()).collect();
    let (first, last) = (crowded.first()?, crowded.last()?);
    let ranks = match first.ranks == last.ranks {
        true => last.ranks.to_string(),
        false => format!("{} to {}", first.ranks, last.ranks),
    };
    let cores = crowded.iter().map(|row| row.cores).min()?;
    Some(format!(
        "{ranks} ranks shared {cores} cores: what is lost there is lost to sharing, and tells nothing of as many cores"
    ))
}

fn efficiency(rows: &[Row]) -> String {
    let good = rows.iter().take_while(|row| row.efficiency >= GOOD_EFFICIENCY).count();
    let last = &rows[rows.len() - 1];
    if good == rows.len() {
        return format!("efficiency stays above {GOOD_EFFICIENCY} up to {} ranks", last.ranks);
    }
    let lost = &rows[good];
    let mut sentence = match good {
        // The base has an efficiency of 1.
        0 | 1 => format!("efficiency is below {GOOD_EFFICIENCY}"),
        _ => format!(
            "efficiency stays above {GOOD_EFFICIENCY} up to {} ranks and is below it",
            rows[good - 1].ranks
        ),
    };
    sentence += &format!(" at {} ranks ({:.3})", lost.ranks, lost.efficiency);
    if lost.ranks != last.ranks {
        sentence += &format!(", {:.3} at {} ranks", last.efficiency, last.ranks);
    }
    sentence
}

fn reading(rows: &[Row]) -> Option<String> {
    let last = rows.last()?;
    let share = 1.0 - last.median_s() / last.total.median_s;
    (share > MUCH_READING).then(|| {
        let (percent, ranks) = (100.0 * share, last.ranks);
        format!("reading takes {percent:.0} % of the total at {ranks} ranks")
    })
}

fn imbalance(rows: &[Row]) -> Option<String> {
    let worst = rows.iter().min_by(|a, b| a.load_balance.total_cmp(&b.load_balance))?;
    (worst.load_balance < GOOD_BALANCE).then(|| {
        format!(
            "load imbalance: the load balance falls to {:.3} at {} ranks",
            worst.load_balance, worst.ranks
        )
    })
}

fn cause(rows: &[Row], kind: Kind) -> String {
    if rows.len() < RANKS_TO_TELL {
        return format!(
            "too few rank counts to tell what limits: expected {RANKS_TO_TELL} or more, found {}",
            rows.len()
        );
    }
    if rows[0].ranks != 1 {
        return format!(
            "no run on 1 rank (the least is {}), so the serial fraction is unknown and so is what \
             limits",
            rows[0].ranks
        );
    }
    let last = &rows[rows.len() - 1];
    let visible = VISIBLE_LOSS / cost(last.ranks, kind);
    let bases = [rows[0].interval_s.low, rows[0].interval_s.high].map(|s| s / rows[0].median_s());
    let many = |base: f64| fractions(last, base, kind);
    // Whether the range at the most ranks lies so to that at some fewer, whatever the base is.
    let differs = |lies: &dyn Fn(Fractions, Fractions) -> bool| {
        rows[1..rows.len() - 1]
            .iter()
            .any(|row| bases.iter().all(|&base| lies(many(base), fractions(row, base, kind))))
    };
    let name = match kind {
        Kind::Strong => "the Karp–Flatt fraction",
        Kind::Weak => "the serial fraction",
    };
    if differs(&|many, few| many.low > few.high + visible) {
        format!("{name} grows with the ranks: communication or imbalance limits")
    } else if differs(&|many, few| many.high < few.low - visible) {
        format!(
            "{name} falls with the ranks: what is lost is lost at few ranks already, not to \
             communication"
        )
    } else if bases.iter().any(|&base| many(base).low < visible) {
        format!(
            "{name} is constant within its noise and not to be told from 0: nothing limits so far"
        )
    } else {
        format!("{name} is constant within its noise: serial work limits")
    }
}

/// What a serial fraction of 1 costs. Strong: 1/E = 1 + e (p − 1). Weak: E = 1 − s (1 − 1/p).
fn cost(ranks: u64, kind: Kind) -> f64 {
    match kind {
        Kind::Strong => ranks as f64 - 1.0,
        Kind::Weak => 1.0 - 1.0 / ranks as f64,
    }
}

struct Fractions {
    low: f64,
    high: f64,
}

/// The serial fractions at the two ends of the interval of the median time, if the base took so many
/// times its median.
fn fractions(row: &Row, base: f64, kind: Kind) -> Fractions {
    let at = |time_s: f64| {
        // How much slower than the median that the row's speedup and efficiency belong to.
        let slower = time_s / row.median_s() / base;
        match kind {
            Kind::Strong => karp_flatt(row.speedup / slower, row.ranks),
            Kind::Weak => (1.0 - row.efficiency / slower) / cost(row.ranks, kind),
        }
    };
    Fractions { low: at(row.interval_s.low), high: at(row.interval_s.high) }
}
