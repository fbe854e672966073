//! An atlas in memory, made of a list of cities.

use super::view::Atlas;
use super::write::{list_order, unit_vectors};
use crate::cities::CityList;
use crate::points::PointBuffer;

/// A list of cities and its points.
pub struct AtlasBuffer {
    list: CityList,
    points: PointBuffer,
}

impl AtlasBuffer {
    /// Unit vectors, order, tiles and bounds of a list.
    pub fn new(list: CityList) -> AtlasBuffer {
        let vectors = unit_vectors(&list);
        let order = list_order(&list, &vectors);
        let points = PointBuffer::along(order, &vectors, |city| list.row(city));
        AtlasBuffer { list, points }
    }

    /// The view that everything works on.
    pub fn atlas(&self) -> Atlas<'_> {
        Atlas::of_list(&self.list, self.points.points())
    }
}
