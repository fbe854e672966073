//! What a run says of itself and a study reads: how much it covered, by which way, on which ranks, in what time.
//!
//! These are groups of fields of one object: the report of `farthest pair` has them among its own, and [`RunReport`]
//! reads them back, so that a name or a unit stands in one place for both. Each group is read from the whole
//! object, because serde reads no number of 128 bits through `flatten`.
//!
//! A field that older versions did not write, or that a study can do without, may be missing where it is read.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{FileFacts, PhaseTimes};
use crate::metric::Metric;

/// A name that this program gives or has read.
pub type Name = Cow<'static, str>;

/// How many pairs there are, and what became of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountFacts {
    /// Number of cities, of two lists that of both.
    pub cities: u64,
    /// Number of pairs: n(n − 1)/2 of one list, n · m of two.
    pub pairs: u128,
    /// Pairs whose part in the answer is settled, as the ranks counted them: all of `pairs`, unless the search
    /// was stopped.
    pub pairs_covered: u128,
    /// Those of them that earlier runs settled, with a checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs_covered_earlier: Option<u128>,
    /// Pairs that were looked at one by one, but for those that the first incumbent was found with.
    #[serde(default)]
    pub pairs_evaluated: u128,
    /// Pairs of groups and of tiles that no bound ruled out.
    #[serde(default)]
    pub groups_opened: u128,
}

/// What stands for an instruction set where the method has no kernel.
pub const NO_ISA: &str = "none";

/// How the pairs were searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WayFacts {
    /// Name of the method.
    pub method: Name,
    /// Which search decided, of the method "pruned": "join", or "tree" where some ranks needed it; left out
    /// for other methods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Name>,
    /// How the pairs came to the ranks: "mapped" or "scatter".
    #[serde(default)]
    pub dist: Name,
    /// Instruction set of the kernel, or [`NO_ISA`].
    pub isa: Name,
    /// "sphere", "wgs84", "grs80", or an equatorial radius and an inverse flattening.
    #[serde(default)]
    pub metric: Name,
    /// Its size.
    #[serde(flatten)]
    pub earth: EarthFacts,
}

/// How large the Earth is that distances are reported on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EarthFacts {
    /// Radius of the sphere in kilometres; left out for an ellipsoid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radius_km: Option<f64>,
    /// Equatorial radius of an ellipsoid in kilometres; left out for the sphere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub a_km: Option<f64>,
    /// Inverse of its flattening, 0 if it has none; left out for the sphere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse_flattening: Option<f64>,
}

impl EarthFacts {
    /// Of a metric, and of the radius that is reported for the sphere.
    pub fn of(metric: &Metric, radius_km: f64) -> EarthFacts {
        match metric {
            Metric::Sphere => {
                EarthFacts { radius_km: Some(radius_km), a_km: None, inverse_flattening: None }
            }
            Metric::Ellipsoid(ellipsoid) => EarthFacts {
                radius_km: None,
                a_km: Some(ellipsoid.equatorial_km()),
                inverse_flattening: Some(ellipsoid.typed_inverse_flattening()),
            },
        }
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let numbers = [
            ("R", self.radius_km, " km"),
            ("a", self.a_km, " km"),
            ("1/f", self.inverse_flattening, ""),
        ];
        let said =
            numbers.into_iter().filter_map(|(name, number, unit)| Some((name, number?, unit)));
        said.map(|(name, number, unit)| format!(", {name} = {number}{unit}")).collect()
    }
}

/// Which ranks worked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankFacts {
    /// Number of MPI ranks.
    pub ranks: u64,
    /// The same as `ranks`.
    #[serde(default)]
    pub nproc: u64,
    /// Number of hosts.
    pub nodes: u64,
    /// Names of the hosts, in the order of their first rank.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// MPI library and version.
    pub mpi: String,
}

/// How long it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeFacts {
    /// Seconds of search and reduction from a barrier, maximum over ranks.
    pub execution_time: f64,
    /// Seconds of each phase, over ranks.
    pub times_s: PhaseTimes,
    /// Mean over maximum of the search times.
    pub load_balance: f64,
}

impl TimeFacts {
    /// Seconds that a user waits for, from the start of MPI on: reading, search and reduction. All ranks
    /// wait for each other between reading and search, so the slowest of both add up.
    pub fn total_s(&self) -> f64 {
        self.times_s.read.max + self.execution_time
    }
}

/// What a study reads of the report of a run.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// Version of farthest.
    pub version: String,
    /// How much.
    pub counts: CountFacts,
    /// How.
    pub way: WayFacts,
    /// By whom.
    pub ranks: RankFacts,
    /// How fast.
    pub times: TimeFacts,
    /// The list that was read.
    pub file: FileFacts,
}

/// The fields of a report that stand in no group.
#[derive(Deserialize)]
struct Others {
    version: String,
    file: FileFacts,
}

impl RunReport {
    /// Reads a report of one list.
    ///
    /// # Errors
    /// That of the first field that is missing or of another kind.
    pub fn read(json: &str) -> serde_json::Result<RunReport> {
        let Others { version, file } = serde_json::from_str(json)?;
        Ok(RunReport {
            version,
            counts: serde_json::from_str(json)?,
            way: serde_json::from_str(json)?,
            ranks: serde_json::from_str(json)?,
            times: serde_json::from_str(json)?,
            file,
        })
    }
}
