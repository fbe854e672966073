//! Exact vectors of a metric that were asked for lately: each takes four sines and cosines, and is asked for again
//! soon.
//!
//! Architecture Invariant: it does not know what they are asked for.

use crate::metric::Metric;
use crate::points::Points;
use crate::sphere::UnitVector;

/// Exact vectors of some points, each with its position.
pub(super) struct ExactVectors {
    kept: Vec<(usize, UnitVector)>,
    metric: Metric,
}

/// So many: a thousand, 32 KB.
const KEPT_VECTORS: usize = 1024;

impl ExactVectors {
    pub(super) fn new(metric: Metric) -> ExactVectors {
        ExactVectors { kept: vec![(usize::MAX, [0.0; 3]); KEPT_VECTORS], metric }
    }

    /// The exact vector at a position of the points, which are always the same.
    pub(super) fn get(&mut self, points: &Points<'_>, position: usize) -> UnitVector {
        // By the high bits of a product: firsts of tiles are multiples of 64 (Knuth, vol. 3, 6.4).
        let hash = (position as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let kept = &mut self.kept[(hash >> (64 - KEPT_VECTORS.ilog2())) as usize];
        if kept.0 != position {
            *kept = (position, self.metric.of_geodetic(points.vector(position)));
        }
        kept.1
    }
}
