//! The words above a map: how far, what, and of which cities.
//!
//! Architecture Invariant: it reads the scene, and draws no map.

use super::colors::{BLACK, GREY};
use super::page::{INNER, MARGIN};
use super::region;
use super::scene::{Question, Scene, name_of};
use super::svg::{Face, Sheet};
use super::words::fitted;

/// The two first lines.
pub fn title(scene: &Scene<'_>) -> (String, String) {
    let first = &scene.pairs[0];
    let most = 0.5 * (room_of_title(scene) - 40.0);
    match (&scene.question, scene.pairs) {
        (Question::Each { centre, .. }, _) => {
            let ends = [centre, first].map(|pair| scene.length(pair.distance.distance_km));
            let [near, far] = &ends;
            let name = fitted(&name_of(&centre.pair[0]), SECOND, most - 120.0);
            (
                format!("{near} to {far}"),
                format!("how far its farthest city is from each one; the centre is {name}"),
            )
        }
        (Question::Pairs, [pair]) => {
            let [one, other] =
                pair.pair.each_ref().map(|city| fitted(&name_of(city), SECOND, most));
            (scene.length(pair.distance.distance_km), format!("{one} – {other}"))
        }
        (Question::Pairs, pairs) => {
            let far = scene.length(first.distance.distance_km);
            let near = scene.length(pairs[pairs.len() - 1].distance.distance_km);
            (format!("The {} farthest pairs", pairs.len()), format!("{far} to {near}"))
        }
    }
}

/// Sizes of the lines above the map.
const FIRST: f64 = 40.0;
const SECOND: f64 = 23.0;
pub const THIRD: f64 = 15.0;

/// Width of the words above the map. A map of a region has a small globe beside them.
fn room_of_title(scene: &Scene<'_>) -> f64 {
    if scene.is_region() { INNER - 2.0 * region::GLOBE - 20.0 } else { INNER }
}

/// Draws the words above the map, and returns where it may begin.
pub fn draw_title(sheet: &mut Sheet, scene: &Scene<'_>) -> f64 {
    let (first, second) = title(scene);
    sheet.open("title", "");
    let lines = [
        (first, FIRST, 52.0, BLACK),
        (second, SECOND, 87.0, BLACK),
        (facts(scene), THIRD, 112.0, GREY),
    ];
    for (words, size, base, color) in lines {
        let words = fitted(&words, size, room_of_title(scene));
        sheet.words(&words, [MARGIN, base], &Face::new(size, color));
    }
    sheet.close();
    128.0
}

/// What the picture is of.
pub fn facts(scene: &Scene<'_>) -> String {
    let named =
        |file: &str, cities: u64| format!("{cities} cities ({})", fitted(file, THIRD, 260.0));
    let list = |at: usize| named(&scene.lists[at].file, scene.lists[at].cities);
    let what = match (&scene.question, scene.lists.len()) {
        (Question::Each { other: Some((file, cities)), .. }, _) => {
            format!("from each of {} to {}", list(0), named(file, *cities))
        }
        (Question::Each { .. }, _) => format!("each of {}", list(0)),
        (_, 1) => format!("the farthest of {}", list(0)),
        _ => format!("the farthest of {} and {}", list(0), list(1)),
    };
    format!("{what} · {}", scene.earth())
}
