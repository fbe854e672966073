//! What lies below the cities: sea, land, parallels and meridians.
//!
//! Architecture Invariant: it knows no city.

use super::colors::{EDGE, LAND, MESH, SEA};
use super::svg::{Sheet, data};
use super::view::{Graticule, View};

/// Degrees between parallels or meridians of the world.
const STEP_OF_WORLD: f64 = 30.0;

/// The whole Earth, in degrees.
pub const WORLD: [[f64; 2]; 2] = [[-90.0, 90.0], [-180.0, 180.0]];

/// Draws the background of a map of the world or of a disc.
pub fn draw(sheet: &mut Sheet, view: &View) {
    let outline = data(&[view.outline()], true);
    sheet.open("background", "stroke-linejoin=\"round\"");
    sheet.path(&outline, &format!("class=\"sea\" fill=\"{SEA}\""));
    draw_land(sheet, view);
    draw_mesh(sheet, &view.graticule([STEP_OF_WORLD; 2], WORLD));
    sheet.close();
}

/// Draws what is to be seen above the cities, where these hide all: coasts, and the edge of the map.
pub fn draw_above(sheet: &mut Sheet, view: &View, has_land: bool) {
    if has_land {
        let coasts = data(&view.coasts(), false);
        let pale = "fill=\"none\" stroke=\"#ffffff\" stroke-opacity=\"0.55\" stroke-width=\"0.8\"";
        sheet.path(&coasts, &format!("class=\"coasts\" {pale}"));
    }
    let outline = data(&[view.outline()], true);
    sheet.path(
        &outline,
        &format!("class=\"outline\" fill=\"none\" stroke=\"{EDGE}\" stroke-width=\"1\""),
    );
}

/// Draws the land. Its thin edge hides where a ring was cut at the antimeridian.
pub fn draw_land(sheet: &mut Sheet, view: &View) {
    let land = data(&view.land(), true);
    sheet.path(
        &land,
        &format!("class=\"land\" fill=\"{LAND}\" fill-rule=\"evenodd\" stroke=\"{LAND}\" stroke-width=\"0.5\""),
    );
}

/// Draws parallels and meridians.
pub fn draw_mesh(sheet: &mut Sheet, graticule: &Graticule) {
    sheet.path(
        &data(&graticule.lines(), false),
        &format!("class=\"graticule\" fill=\"none\" stroke=\"{MESH}\" stroke-width=\"0.7\""),
    );
}
