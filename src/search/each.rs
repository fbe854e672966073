//! The farthest city from each city: of the same list, or of another one.
//!
//! # The idea
//!
//! Neighbours along the curve have their farthest cities near each other. So 64 of them, a tile, go down the tree
//! over the others together, as far as the bound of a node and of their own box lets any of
//! them win. In a tile of others a kernel looks at the boxes of eight cities for each of the 64, and in those that are
//! near enough at the cities.
//!
//! # Why the answer is exact
//!
//! All of this sees quick vectors. For each city the least shortfall so far is known, and with it a limit: a city
//! beyond it is nearer, by the proof of [`tie_margin`]. Who is within the limit is kept; of two that the quick
//! vectors cannot tell apart the exact distances decide, then the lower row. For nearly all cities one is left in the
//! end, and its distance is the only exact one that is computed.
//!
//! *Copies.* Nodes whose cities are at one place are met once, by the lowest row. Where all 64 are at one place, one of
//! them asks for all. Of one list a city may not be its own farthest; that matters where the distance comes out as 0,
//! and there each asks for itself.
//!
//! *Two regimes.* Bounds are sharp where |p + q| is compared for far cities, and |p − q| for near ones. Neighbours
//! agree on that, so each tile takes what the answer of the one before it suggests. Both are right for all.
//!
//! # On an ellipsoid
//!
//! There a shortfall does not tell who is farther, only who may be. So the tree is gone down twice. First as above, for
//! a city of little shortfall; its geodesic gives each of the 64 a limit ([`Metric::quick_limit`]). Then for all within
//! the limits: each of them is asked for the bound of its pair, and few for the geodesic. A limit falls with every
//! farther city. Each tile takes one sign for all its pairs: −1 compares vectors of the metric, +1 those of geodetic
//! latitude, as the other searches do; either is right whatever the distances are.
//!
//! The search by cells, as in the join, was not tried: it works where each city has others near its antipode, and
//! most lists have none.
//!
//! Architecture Invariant: it knows blocks of neighbours, and no rank and no file.

use bytemuck::{Pod, Zeroable};

use super::slots::{Slot, TileSlots, lowest_in};
use super::vectors::ExactVectors;
use super::{Damage, Field};
use crate::bound::{Shortfall, tie_margin};
use crate::kernel::{EIGHT, Kernel, MaskedTile, lanes, lanes_in_boxes};
use crate::metric::Metric;
use crate::pairs::Pairing;
use crate::sphere::UnitVector;
use crate::tiles::{Boxes, GROUP_FANOUT, Node, TILE_CITIES, Tile, Tree, greater};

/// The farthest city from another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Far {
    /// The distance in kilometres.
    pub distance_km: f64,
    /// The position of the farthest city among those that stand second in pairs.
    pub position: u64,
}

/// Cities of a block: so few that each rank has many blocks, and so many that neighbours stay together.
pub const BLOCK_CITIES: usize = 16 * TILE_CITIES;

/// Number of blocks of a field's cities that ask.
pub fn blocks_of(field: &Field<'_>) -> u64 {
    field.points()[0].len().div_ceil(BLOCK_CITIES) as u64
}

/// The search for the farthest city from each, block by block.
pub struct Each<'a> {
    field: Field<'a>,
    metric: Metric,
    kernel: Kernel,
    /// The cities that are asked for, if they do not stand along the curve.
    order: Option<Tree<'a>>,
    /// Those that may be the farthest.
    tree: Tree<'a>,
    /// Their tiles: of geodetic vectors, and of those of an ellipsoid.
    leaves: [TileSlots; 2],
    vectors: [ExactVectors; 2],
    asking: Box<Asking>,
    found: Vec<[u8; 2]>,
    answers: Vec<Far>,
}

/// Tiles that are kept: those of the squares around, also where the curve comes back to them later.
const SLOTS: usize = 256;

/// The cities of a tile that ask.
struct Asking {
    tile: Tile,
    boxes: Boxes,
    corners: [UnitVector; 2],
    /// Their places along the curve begin here.
    first_place: usize,
    positions: [usize; TILE_CITIES],
    lanes: u64,
    /// Whose shortfall is greater is nearer than the best.
    limits: [f64; TILE_CITIES],
    /// The greatest of these.
    weakest: f64,
    best: [Best; TILE_CITIES],
    /// What shortfalls are, and no limit.
    measure: Shortfall,
    /// Whether the vectors are those of an ellipsoid.
    is_converted: bool,
    /// Whether all within the limits are looked at, and not those of the least shortfall alone.
    takes_all: bool,
}

/// The best so far of one that asks.
#[derive(Clone, Copy)]
struct Best {
    /// Shortfall of its quick vectors; the least of those that could not be told apart.
    shortfall: f64,
    position: usize,
    /// Its exact distance, if others could not be told apart from it.
    distance_km: Option<f64>,
}

const NOBODY: Best = Best { shortfall: f64::INFINITY, position: usize::MAX, distance_km: None };

impl<'a> Each<'a> {
    /// A search on a field, for the distance of a metric. The cities that stand first in pairs ask for those that stand
    /// second.
    ///
    /// # Errors
    /// A sentence, if the bounds of a packed file are damaged so that cities would be passed over.
    ///
    /// # Panics
    /// If there are none of either.
    pub fn new(field: Field<'a>, metric: Metric, kernel: Kernel) -> Result<Each<'a>, Damage> {
        let [own, others] = field.points();
        Ok(Each {
            field,
            metric,
            kernel,
            order: (!own.are_along_curve()).then(|| own.tree()),
            tree: super::sound_tree(others)?,
            leaves: [(); 2].map(|()| TileSlots::new(SLOTS)),
            vectors: [(); 2].map(|()| ExactVectors::new(metric)),
            asking: Box::new(Asking::nobody()),
            found: Vec::new(),
            answers: Vec::new(),
        })
    }

    /// Number of blocks.
    pub fn blocks(&self) -> u64 {
        blocks_of(&self.field)
    }

    /// The farthest city from each city of a block: from the one at the place [`BLOCK_CITIES`] · `block` along the
    /// curve, from that at the next, and so on.
    ///
    /// # Errors
    /// A sentence, if a city has no other, or a distance came out that is none: the sections of a packed file are
    /// damaged.
    pub fn settle(&mut self, block: u64) -> Result<&[Far], Damage> {
        let first = block as usize * BLOCK_CITIES;
        let end = (first + BLOCK_CITIES).min(self.field.points()[0].len());
        self.answers.clear();
        for first in (first..end).step_by(TILE_CITIES) {
            self.settle_tile(first, (end - first).min(TILE_CITIES))?;
        }
        Ok(&self.answers)
    }

    /// The position of the city at a place along the curve that asks; in an atlas the place itself.
    pub fn position(&self, place: usize) -> usize {
        self.order.as_ref().map_or(place, |tree| tree.position(place))
    }

    fn settle_tile(&mut self, first_place: usize, cities: usize) -> Result<(), Damage> {
        self.gather(first_place, cities);
        let is_one_place = {
            let (sites, positions) = (self.field.points()[0].sites(), &self.asking.positions);
            self.asking.corners[0] == self.asking.corners[1]
                && (1..cities).all(|lane| sites.are_one_place(positions[0], positions[lane]))
        };
        let all = !0 >> (TILE_CITIES - cities);
        self.ask(if is_one_place { 1 } else { all });
        let begun = self.answers.len();
        let answer = self.answer(0)?;
        // A city at the place of all is at distance 0 from each, and that is told by who asks.
        let is_for_all = self.field.pairing() == Pairing::Between || answer.distance_km > 0.0;
        if is_one_place && is_for_all {
            self.answers.resize(begun + cities, answer);
            return Ok(());
        }
        if is_one_place {
            self.ask(all);
        }
        for lane in 0..cities {
            let answer = self.answer(lane)?;
            self.answers.push(answer);
        }
        Ok(())
    }

    /// Brings the cities of a tile together.
    fn gather(&mut self, first_place: usize, cities: usize) {
        let own = self.field.points()[0];
        let positions: [usize; TILE_CITIES] =
            std::array::from_fn(|lane| self.position(first_place + lane.min(cities - 1)));
        let asking = &mut *self.asking;
        asking.tile = own.sites().tile(self.kernel, |lane| positions[lane]);
        (asking.first_place, asking.positions) = (first_place, positions);
        // Where a block begins, what was found last may be far away.
        let last = self.answers.last().map(|last| last.position as usize);
        let guess = last.unwrap_or_else(|| self.tree.position(self.opposite()));
        let q = self.field.points()[1].sites().quick_vector(guess);
        // Beyond a quarter turn |p − q|² is more than 2.
        let is_far = -measure(-1.0).of_cities(self.asking.tile.vector(0), q) > 2.0;
        self.take_measure(if is_far { 1.0 } else { -1.0 });
    }

    /// Takes a sign, with all that follows from it.
    fn take_measure(&mut self, sign: f64) {
        let (metric, asking) = (&self.metric, &mut *self.asking);
        asking.is_converted = sign < 0.0 && !matches!(metric, Metric::Sphere);
        if asking.is_converted {
            asking.tile = super::tile_of_metric(metric, asking.tile);
        }
        asking.boxes = Boxes::of_tile(&asking.tile);
        asking.corners = asking.tile.corners();
        asking.measure = measure(sign);
        if asking.is_converted {
            // The weight is that of the greatest distance that there can be.
            let of_all = metric.box_of_geodetic(self.tree.corners(self.tree.root()));
            let most_km = metric.most_km_of_boxes(asking.corners, of_all);
            asking.measure.z_weight = metric.measure(sign, most_km).z_weight;
        }
    }

    /// The place of a city that may lie opposite of those that ask: down the tree to the child whose middle does most.
    fn opposite(&self) -> usize {
        let (p, far) = (self.asking.tile.vector(0), measure(1.0));
        let mut node = self.tree.root();
        while node.level > 0 {
            let to = |node| far.of_cities(p, middle_of(self.tree.corners(node)));
            let opposite = self.tree.children(node).min_by(|&a, &b| to(a).total_cmp(&to(b)));
            node = opposite.expect("a node above the tiles has children");
        }
        self.tree.places(node).start
    }

    /// Finds the best of some lanes.
    fn ask(&mut self, lanes_asking: u64) {
        let asking = &mut *self.asking;
        asking.lanes = lanes_asking;
        asking.limits = std::array::from_fn(|lane| match lanes_asking >> lane & 1 {
            1 => f64::INFINITY,
            _ => f64::NEG_INFINITY,
        });
        asking.best = [NOBODY; TILE_CITIES];
        asking.takes_all = false;
        asking.find_weakest();
        self.visit(self.tree.root());
        if !matches!(self.metric, Metric::Sphere) {
            self.ask_for_all();
        }
    }

    /// Looks at all that may be farther than what was found, or as far.
    fn ask_for_all(&mut self) {
        for lane in lanes(self.asking.lanes) {
            let there = self.asking.best[lane].position;
            let found_km = (there != usize::MAX).then(|| self.distance_km(lane, there));
            self.asking.best[lane].distance_km = found_km;
            // Who has none, or one whose distance is no number, has nothing to ask for.
            let limit = found_km.filter(|km| !km.is_nan()).and_then(|km| self.limit_of(km));
            self.asking.limits[lane] = limit.unwrap_or(f64::NEG_INFINITY);
        }
        self.asking.takes_all = true;
        self.asking.find_weakest();
        self.visit(self.tree.root());
    }

    /// What is farther than so, or as far, has no greater shortfall; `None` where shortfalls are compared.
    fn limit_of(&self, distance_km: f64) -> Option<f64> {
        self.metric.quick_limit(self.asking.measure.sign, distance_km)
    }

    /// The corners of a node, of vectors as the kernel sees them.
    fn corners(&self, node: Node) -> [UnitVector; 2] {
        let corners = self.tree.corners(node);
        if self.asking.is_converted { self.metric.box_of_geodetic(corners) } else { corners }
    }

    /// Looks at the cities of a node.
    fn visit(&mut self, node: Node) {
        if self.tree.bounds(node).is_one_place() {
            return self.look_at_copies(node);
        }
        if node.level == 0 {
            return self.look_at_tile(node);
        }
        let Asking { measure, corners, .. } = *self.asking;
        let middle = middle_of(corners);
        // In the order of their middles: the bounds of those that are around are all the same.
        let mut children = [(f64::INFINITY, f64::INFINITY, node); GROUP_FANOUT];
        let mut many = 0;
        for child in self.tree.children(node) {
            let of_child = self.corners(child);
            let to_middle = measure.of_cities(middle, middle_of(of_child));
            children[many] = (to_middle, measure.of_boxes(corners, of_child), child);
            many += 1;
        }
        children[..many].sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        for (_, least, child) in children.into_iter().take(many) {
            // The limit may have fallen since.
            if least <= self.asking.weakest {
                self.visit(child);
            }
        }
    }

    fn look_at_tile(&mut self, node: Node) {
        let corners = self.corners(node);
        let Each { field, metric, kernel, tree, leaves, asking, found, .. } = self;
        let measure = asking.measure.measure();
        let near_boxes = kernel.mark_boxes(&asking.boxes, corners, measure, asking.weakest);
        if near_boxes == 0 {
            return;
        }
        let make = || {
            let tile = super::quick_tile(field.points()[1], tree, *kernel, node);
            let tile = if asking.is_converted { super::tile_of_metric(metric, tile) } else { tile };
            Slot::new(tree, node, tile, false)
        };
        let kind = usize::from(asking.is_converted);
        let slot = leaves[kind].slot(node, make);
        // Far apart no shortfall that counts is beyond the weakest limit, near each other none below the bound.
        let greatest = match measure.sign > 0.0 {
            true => asking.weakest.min(4.0),
            false => asking.measure.of_boxes(asking.corners, corners),
        };
        let margin = asking.margin(greatest);
        let near = lanes_in_boxes(near_boxes);
        let rows =
            MaskedTile { tile: &asking.tile, boxes: &asking.boxes, lanes: asking.lanes & near };
        found.clear();
        kernel.find_least(rows, slot.part(!0), measure, margin, &mut asking.limits, found);
        if found.is_empty() {
            return;
        }
        let first_place = node.index * TILE_CITIES;
        for at in 0..self.found.len() {
            let [row, column] = self.found[at].map(usize::from);
            let slot = self.leaves[kind].kept(node);
            let (p, q) = (self.asking.tile.vector(row), slot.tile.vector(column));
            let shortfall = self.asking.measure.of_cities(p, q);
            self.consider(row, self.tree.position(first_place + column), shortfall);
        }
        self.asking.find_weakest();
    }

    /// Looks at a node whose cities are at one place.
    fn look_at_copies(&mut self, node: Node) {
        let others = self.field.points()[1];
        let places = self.tree.places(node);
        let q = others.sites().quick_vector(self.tree.position(places.start));
        let q = if self.asking.is_converted { self.metric.of_geodetic(q) } else { q };
        let is_within = self.field.pairing() == Pairing::Within;
        let lowest = lowest_in(others, &self.tree, node, None);
        for lane in lanes(self.asking.lanes) {
            let shortfall = self.asking.measure.of_cities(self.asking.tile.vector(lane), q);
            if shortfall > self.asking.limits[lane] {
                continue;
            }
            let own_place = self.asking.first_place + lane;
            let itself = Some(own_place).filter(|place| is_within && places.contains(place));
            let other = match itself {
                Some(_) => lowest_in(others, &self.tree, node, itself),
                None => lowest,
            };
            let Some((_, position)) = other else { continue };
            let lowered = shortfall + self.asking.margin(shortfall);
            let limit = &mut self.asking.limits[lane];
            *limit = limit.min(lowered);
            self.consider(lane, position, shortfall);
        }
        self.asking.find_weakest();
    }

    /// Takes a city for the best of a lane if it is.
    fn consider(&mut self, lane: usize, position: usize, shortfall: f64) {
        let is_within = self.field.pairing() == Pairing::Within;
        let best = self.asking.best[lane];
        if is_within && position == self.asking.positions[lane] {
            return;
        }
        if self.asking.takes_all {
            return self.measure_exactly(lane, position, shortfall);
        }
        if best.shortfall > shortfall + tie_margin(shortfall) {
            self.asking.best[lane] = Best { shortfall, position, distance_km: None };
            return;
        }
        // Written so that what is no number goes no further, nor what is infinite where nobody was found yet.
        let is_near =
            best.position != usize::MAX && shortfall <= best.shortfall + tie_margin(best.shortfall);
        // On an ellipsoid it is not decided yet.
        if !is_near || !matches!(self.metric, Metric::Sphere) {
            return;
        }
        let [own, other] = [best.position, position].map(|there| self.distance_km(lane, there));
        let best_km = best.distance_km.unwrap_or(own);
        let row = |position| self.field.points()[1].row(position);
        let is_farther = other > best_km || other == best_km && row(position) < row(best.position);
        let (distance_km, position) =
            if is_farther { (other, position) } else { (best_km, best.position) };
        let shortfall = shortfall.min(best.shortfall);
        self.asking.best[lane] = Best { shortfall, position, distance_km: Some(distance_km) };
    }

    /// Takes a city for the best of a lane if it is, by the distances alone.
    fn measure_exactly(&mut self, lane: usize, position: usize, shortfall: f64) {
        let Best { position: best, distance_km: Some(best_km), .. } = self.asking.best[lane] else {
            return;
        };
        // The limit may have fallen since it was found.
        if shortfall > self.asking.limits[lane] || position == best {
            return;
        }
        let others = self.field.points()[1];
        let is_farther =
            |km: f64| km > best_km || km == best_km && others.row(position) < others.row(best);
        let [p, q] = self.vectors_of(lane, position);
        if self.metric.most_km(p, q, best_km).is_some_and(|most_km| !is_farther(most_km)) {
            return;
        }
        let distance_km = self.metric.distance_km(p, q);
        if is_farther(distance_km) {
            self.asking.best[lane] = Best { shortfall, position, distance_km: Some(distance_km) };
            self.asking.limits[lane] = self.limit_of(distance_km).unwrap_or(f64::INFINITY);
        }
    }

    /// The exact distance from a lane to a position.
    fn distance_km(&mut self, lane: usize, position: usize) -> f64 {
        let [p, q] = self.vectors_of(lane, position);
        self.metric.distance_km(p, q)
    }

    /// The exact vectors of a lane and of a position.
    fn vectors_of(&mut self, lane: usize, position: usize) -> [UnitVector; 2] {
        let ([own, others], own_position) = (self.field.points(), self.asking.positions[lane]);
        let of_others = usize::from(self.field.pairing() == Pairing::Between);
        let p = self.vectors[0].get(own, own_position);
        let q = self.vectors[of_others].get(others, position);
        [p, q]
    }

    /// The answer of a lane.
    fn answer(&mut self, lane: usize) -> Result<Far, Damage> {
        let best = self.asking.best[lane];
        let is_there = best.position != usize::MAX;
        let found_km =
            best.distance_km.or_else(|| is_there.then(|| self.distance_km(lane, best.position)));
        match found_km.filter(|km| (0.0..=f64::MAX).contains(km)) {
            Some(distance_km) => Ok(Far { distance_km, position: best.position as u64 }),
            None => {
                let row = self.field.points()[0].row(self.asking.positions[lane]);
                Err(Damage::NoOther { row, found_km })
            }
        }
    }
}

impl Asking {
    fn nobody() -> Asking {
        Asking {
            tile: Tile::zeroed(),
            boxes: Boxes::EMPTY,
            corners: [[0.0; 3]; 2],
            first_place: 0,
            positions: [0; TILE_CITIES],
            lanes: 0,
            limits: [f64::INFINITY; TILE_CITIES],
            weakest: f64::INFINITY,
            best: [NOBODY; TILE_CITIES],
            measure: measure(1.0),
            is_converted: false,
            takes_all: false,
        }
    }

    /// How far above the least shortfall the others are looked at.
    fn margin(&self, shortfall: f64) -> f64 {
        if self.takes_all { f64::INFINITY } else { tie_margin(shortfall) }
    }

    fn find_weakest(&mut self) {
        // Eight maxima side by side, which the compiler makes vectors of.
        let mut weakest = [f64::NEG_INFINITY; EIGHT];
        for limits in self.limits.as_chunks::<EIGHT>().0 {
            weakest.iter_mut().zip(limits).for_each(|(most, &limit)| *most = greater(limit, *most));
        }
        self.weakest = weakest.into_iter().fold(f64::NEG_INFINITY, greater);
    }
}

/// The middle of a box.
fn middle_of([min, max]: [UnitVector; 2]) -> UnitVector {
    std::array::from_fn(|axis| (min[axis] + max[axis]) / 2.0)
}

/// What shortfalls are, with no limit.
fn measure(sign: f64) -> Shortfall {
    Shortfall { sign, z_weight: 1.0, limit: f64::INFINITY, limit_beyond: f64::INFINITY }
}
