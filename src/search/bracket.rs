//! How far the farthest pair of a search that was stopped can be: a bound over the tree of all cities.
//!
//! A pair of nodes stands for the pairs between their cities, and none of these is farther than the boxes of the
//! nodes allow. The pair of nodes that allows the most is opened, again and again: its bound is then the
//! greatest of what its children allow, which is less. After any number of steps the greatest bound left is
//! one for all pairs, and more steps only sharpen it. It begins with the root and itself, and does not know
//! what the search has settled.
//!
//! Architecture Invariant: no pair of cities is farther than what is returned.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::{Field, Method};
use crate::metric::Metric;
use crate::pairs::Pairing;
use crate::tiles::{Node, Tree};

/// Pairs of nodes that are opened at most: some 20 ms.
const STEPS: usize = 20_000;

/// What the formula of [`Method::Naive`] may say too much: five times what it is off by.
const NAIVE_ERROR_KM: f64 = 1e-3;

/// Kilometres that no pair of a field is farther apart than, as a method measures.
///
/// # Panics
/// If a list has no city.
pub fn upper_bound_km(method: Method, field: &Field<'_>, metric: &Metric) -> f64 {
    let trees = field.points().map(|points| points.tree());
    let bound_km = bound_km(metric, field.pairing(), &trees);
    if method == Method::Naive { bound_km + NAIVE_ERROR_KM } else { bound_km }
}

fn bound_km(metric: &Metric, pairing: Pairing, trees: &[Tree<'_>; 2]) -> f64 {
    // The bounds of a damaged file bound nothing.
    if trees.iter().any(|tree| tree.find_fault().is_some()) {
        return metric.greatest_km();
    }
    let roots = [0, 1].map(|of| trees[of].root());
    let mut open = BinaryHeap::from([NodePair::new(metric, trees, roots)]);
    for _ in 0..STEPS {
        let Some(most) = open.pop() else { break };
        let [a, b] = most.nodes;
        let level = a.level.max(b.level);
        // Boxes of 64 cities are as sharp as it gets here.
        if level == 0 {
            return most.bound_km;
        }
        let [first, second] = [0, 1].map(|of| trees[of].opened(most.nodes[of], level));
        for child_a in first {
            let is_behind = |b: &Node| pairing == Pairing::Between || b.index >= child_a.index;
            let children = second.clone().filter(is_behind);
            open.extend(children.map(|child_b| NodePair::new(metric, trees, [child_a, child_b])));
        }
    }
    open.peek().map_or(0.0, |most| most.bound_km)
}

/// Two nodes, one of each tree, and what their boxes allow.
struct NodePair {
    bound_km: f64,
    nodes: [Node; 2],
}

impl NodePair {
    fn new(metric: &Metric, trees: &[Tree<'_>; 2], nodes: [Node; 2]) -> NodePair {
        let [a, b] = [0, 1].map(|of| metric.box_of_geodetic(trees[of].corners(nodes[of])));
        NodePair { bound_km: metric.most_km_of_boxes(a, b), nodes }
    }
}

impl Ord for NodePair {
    fn cmp(&self, other: &NodePair) -> Ordering {
        self.bound_km.total_cmp(&other.bound_km)
    }
}

impl PartialOrd for NodePair {
    fn partial_cmp(&self, other: &NodePair) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for NodePair {
    fn eq(&self, other: &NodePair) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for NodePair {}
