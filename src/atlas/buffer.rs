//! An atlas in memory, made of a list of cities.

use super::view::Atlas;
use crate::cities::CityList;
use crate::points::Arrangement;

/// A list of cities, dealt to regions.
pub struct AtlasBuffer {
    list: CityList,
    arrangement: Arrangement,
}

impl AtlasBuffer {
    /// Deals the cities of a list.
    pub fn new(list: CityList) -> AtlasBuffer {
        let arrangement = Arrangement::of_list(&list);
        AtlasBuffer { list, arrangement }
    }

    /// The view that everything works on.
    pub fn atlas(&self) -> Atlas<'_> {
        Atlas::of_list(&self.list, self.arrangement.points_of(&self.list))
    }
}
