//! The page of a picture: words above, the map, and below it what belongs to it.
//!
//! | all cities are | below the words | and then |
//! | --- | --- | --- |
//! | spread over the world | a map of the world | of one pair two hemispheres, of several a list of the farthest |
//! | in one region | a map of the region | how long a kilometre is, where on Earth it is, of several pairs their list |
//!
//! Architecture Invariant: it puts parts below each other, and draws none of them.

use super::background;
use super::census::What;
use super::colors::{BLACK, FAR, GREY, MANY, MANY_OF_FIRST, MANY_OF_SECOND, Ramp};
use super::density::Shade;
use super::labels::Room;
use super::marks::{Directions, Marks};
use super::scene::{MOST_LINES, MOST_NUMBERED, Question, Scene, name_of};
use super::svg::{Anchor, Face, Point, Sheet};
use super::title::{THIRD, draw_title, facts, title};
use super::view::View;
use super::words::{fitted, width};
use super::{hemispheres, legend, region};

/// Width of a page in pixels.
pub const WIDTH: f64 = 1200.0;

/// Pixels beside the map.
pub const MARGIN: f64 = 20.0;

/// Width of the map.
pub const INNER: f64 = WIDTH - 2.0 * MARGIN;

const NOTICE: &str = "Land: made with Natural Earth, 1:110 million.";

/// Draws all of a scene.
pub fn draw(scene: &Scene<'_>) -> String {
    let mut sheet = Sheet::new();
    let top = draw_title(&mut sheet, scene);
    let marks = Marks::new(scene);
    let below = match scene.is_region() {
        true => region::draw(&mut sheet, scene, &marks, top),
        false => draw_world(&mut sheet, scene, &marks, top),
    };
    let height = below + 30.0;
    let projection = match scene.is_region() {
        true => "Azimuthal equal-area projection.",
        false => "Equal Earth projection (Šavrič, Patterson, Jenny 2018).",
    };
    legend::draw_notice(&mut sheet, [MARGIN, height - 12.0], &format!("{projection} {NOTICE}"));
    let (title, names) = title(scene);
    sheet.finish([WIDTH, height], &format!("{title}: {names}"), &facts(scene))
}

/// Draws the cities of all lists, those of the larger below.
pub fn draw_cities(sheet: &mut Sheet, view: &View, scene: &Scene<'_>, shades: &[Shade<'_>]) {
    let mut order: Vec<usize> = (0..shades.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(scene.lists[at].cities));
    order.into_iter().for_each(|at| shades[at].draw(sheet, view));
}

/// How the cities of each list are shown on a view.
pub fn shades<'s>(view: &View, scene: &'s Scene<'_>) -> Vec<Shade<'s>> {
    let ramp = |at: usize| -> Ramp {
        match (scene.lists[at].census.what, scene.lists.len(), at) {
            (What::Farthest, ..) => FAR,
            (_, 1, _) => MANY,
            (_, _, 0) => MANY_OF_FIRST,
            _ => MANY_OF_SECOND,
        }
    };
    let lists = scene.lists.iter().enumerate();
    lists.map(|(at, list)| Shade::new(view, &list.census, ramp(at))).collect()
}

/// Draws the legends of the lists side by side, and returns the right edge.
pub fn draw_ramps(
    sheet: &mut Sheet,
    scene: &Scene<'_>,
    shades: &[Shade<'_>],
    [x, y]: Point,
) -> f64 {
    let mut right = x;
    for (list, shade) in scene.lists.iter().zip(shades) {
        let about = match shades.len() {
            1 => String::new(),
            _ => format!("{}: ", fitted(&list.file, THIRD, 150.0)),
        };
        let from = if right == x { x } else { right + 36.0 };
        right = legend::draw_ramp(sheet, scene, shade, &about, [from, y]);
    }
    right
}

fn draw_world(sheet: &mut Sheet, scene: &Scene<'_>, marks: &Marks<'_>, top: f64) -> f64 {
    let view = View::world([MARGIN, top], INNER);
    background::draw(sheet, &view);
    let shades = shades(&view, scene);
    draw_cities(sheet, &view, scene, &shades);
    background::draw_above(sheet, &view, true);
    let mut room = Room::new(view.frame);
    let labelled = draw_marks(sheet, &view, marks, &mut room);
    let y = view.frame.bottom() + 14.0;
    let right = draw_ramps(sheet, scene, &shades, [MARGIN, y]);
    draw_remark(sheet, marks, &view, [right + 30.0, y]);
    let below = y + 54.0;
    match (scene.pairs, &scene.question) {
        ([pair], Question::Pairs) => hemispheres::draw(sheet, scene, (marks, &shades), pair, below),
        ([_], Question::Each { .. }) => below,
        _ => draw_list(sheet, scene, labelled, below),
    }
}

/// Draws ways, marks and words on a map, and returns how many pairs have a number.
pub fn draw_marks(sheet: &mut Sheet, view: &View, marks: &Marks<'_>, room: &mut Room) -> usize {
    marks.draw_ways(sheet, view);
    marks.draw_dots(sheet, view, room);
    marks.spare_ways(view, room);
    sheet.open("labels", "");
    let labelled = marks.draw_labels(sheet, view, room);
    marks.draw_distance(sheet, view, room);
    sheet.close();
    labelled
}

/// Says what circles around cities mean, where there are some.
pub fn draw_remark(sheet: &mut Sheet, marks: &Marks<'_>, view: &View, [x, y]: Point) {
    let all = (0..marks.numbered()).map(|at| marks.directions(at, view));
    let words = match all.into_iter().find(|directions| *directions != Directions::One) {
        None | Some(Directions::One) => return,
        Some(Directions::Nearly) => "every direction is as short, to a line's width",
        Some(Directions::Several(words)) => words,
    };
    let words = fitted(&format!("Circles: {words}"), THIRD, WIDTH - MARGIN - x);
    sheet.words(&words, [WIDTH - MARGIN, y + 12.0], &Face::new(THIRD, BLACK).at(Anchor::End));
}

/// Lists the farthest pairs, and says how many there are.
pub fn draw_list(sheet: &mut Sheet, scene: &Scene<'_>, labelled: usize, top: f64) -> f64 {
    const LINE: f64 = 25.0;
    let pairs = scene.pairs.len();
    let listed = pairs.min(MOST_NUMBERED);
    sheet.open("list", "");
    let drawn = pairs.min(MOST_LINES);
    let all = if drawn == pairs {
        format!("all {pairs}")
    } else {
        format!("the {drawn} farthest of {pairs}")
    };
    let words = format!(
        "Drawn: {all} pairs. Numbered on the map: {labelled}. Listed: {}.",
        if listed == pairs { "all".into() } else { format!("the {listed} farthest") }
    );
    sheet.words(&words, [MARGIN, top + 14.0], &Face::new(THIRD, GREY));
    let mut base = top + 14.0 + LINE + 4.0;
    let face = Face::new(17.0, BLACK);
    for (number, pair) in (1..).zip(&scene.pairs[..listed]) {
        let distance = scene.length(pair.distance.distance_km);
        let from = MARGIN + 60.0 + width(&distance, 17.0).max(150.0);
        sheet.words(&number.to_string(), [MARGIN + 28.0, base], &face.at(Anchor::End));
        sheet.words(&distance, [from - 16.0, base], &face.at(Anchor::End));
        let most = 0.5 * (WIDTH - MARGIN - from - 40.0);
        let [one, other] = pair.pair.each_ref().map(|city| fitted(&name_of(city), 17.0, most));
        sheet.words(&format!("{one} – {other}"), [from, base], &face);
        base += LINE;
    }
    sheet.close();
    base
}
