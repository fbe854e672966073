//! The cities of a list that was read, as tests write them.

use farthest::cities::CityList;

/// Latitude, longitude and name of each city, in their order.
pub fn cities_of(list: &CityList) -> Vec<(f64, f64, String)> {
    let city = |index| {
        let place = list.coordinates(index);
        let name = String::from_utf8_lossy(list.name(index)).into_owned();
        (place.lat_deg(), place.lon_deg(), name)
    };
    (0..list.len()).map(city).collect()
}
