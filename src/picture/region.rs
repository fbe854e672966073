//! The map of a region, with degrees at its edges, the length of a kilometre, and where on Earth it is.
//!
//! Architecture Invariant: it draws what is in one region, and no pair of the other side of the Earth.

use super::background::{self, WORLD};
use super::colors::{BLACK, EDGE, GREY, SEA, VERMILLION};
use super::labels::Room;
use super::legend::draw_bar;
use super::marks::Marks;
use super::page::{INNER, MARGIN, WIDTH, draw_cities, draw_list, draw_marks, draw_ramps, shades};
use super::projection::{Azimuthal, Place, True, within_turn};
use super::scene::{Question, Scene, edges_of, middle_of, places};
use super::svg::{Anchor, Face, Point, Rect, Sheet};
use super::view::{Graticule, View};
use super::words::width;

/// Radius of the small globe that shows where the region is.
pub const GLOBE: f64 = 54.0;

/// Room for degrees to the left of the map and below it.
const LEFT: f64 = 72.0;
const BELOW: f64 = 22.0;

/// The map is no higher.
const MOST_HEIGHT: f64 = 820.0;

/// A map that shows less of the Earth's radius has no land, whose outline is not exact enough.
const LEAST_WITH_LAND: f64 = 0.03;

/// What all cities at one place have around them, of the Earth's radius: a kilometre.
const AROUND_ONE_PLACE: f64 = 1.6e-4;

/// The least that a map shows: some metres.
const LEAST: f64 = 1e-6;

/// Draws all that is below the title, and returns where it ends.
pub fn draw(sheet: &mut Sheet, scene: &Scene<'_>, marks: &Marks<'_>, top: f64) -> f64 {
    let edges = edges_of(scene.lists.iter().map(|list| &list.census));
    let edges = edges.expect("a list has cities");
    let middle = middle_of(&edges);
    let map = Azimuthal::new(middle, True::Areas);
    let corners = corners(scene, &map);
    let size = [INNER - LEFT, MOST_HEIGHT];
    let view = View::region(map, corners, [MARGIN + LEFT, top], size);
    let frame = view.frame;

    sheet.open("background", "stroke-linejoin=\"round\"");
    let has_land = frame.width / view.scale() >= LEAST_WITH_LAND;
    sheet.rect(
        &frame,
        &format!("class=\"sea\" fill=\"{}\"", if has_land { SEA } else { "#ffffff" }),
    );
    if has_land {
        background::draw_land(sheet, &view);
    }
    let graticule = graticule(&view, &map, middle);
    background::draw_mesh(sheet, &graticule);
    sheet.close();
    let shades = shades(&view, scene);
    draw_cities(sheet, &view, scene, &shades);
    background::draw_above(sheet, &view, has_land);
    sheet.rect(
        &frame,
        &format!("class=\"outline\" fill=\"none\" stroke=\"{EDGE}\" stroke-width=\"1\""),
    );
    draw_degrees(sheet, &graticule, &frame);
    let mut room = Room::new(frame);
    let labelled = draw_marks(sheet, &view, marks, &mut room);

    let y = frame.bottom() + BELOW + 14.0;
    let bar = draw_bar(sheet, scene.unit, view.scale() / scene.earth_km(), 220.0, [MARGIN, y]);
    draw_ramps(sheet, scene, &shades, [bar.max(MARGIN + 230.0) + 40.0, y]);
    draw_where(sheet, middle, &view, [WIDTH - MARGIN - GLOBE, top - GLOBE - 8.0]);
    let below = y + 54.0;
    match scene.pairs {
        [_] => below,
        _ => draw_list(sheet, scene, labelled, below),
    }
}

/// The corners of what is to be seen, on the plane of a map.
fn corners(scene: &Scene<'_>, map: &Azimuthal) -> [[f64; 2]; 2] {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let mut see = |place| {
        let at = map.place(place);
        for axis in 0..2 {
            low[axis] = low[axis].min(at[axis]);
            high[axis] = high[axis].max(at[axis]);
        }
    };
    for list in &scene.lists {
        list.census.taken().for_each(|(bin, _)| see(list.census.lattice.middle(bin)));
    }
    if matches!(scene.question, Question::Pairs) {
        scene.pairs.iter().flat_map(places).for_each(&mut see);
    }
    let span = (high[0] - low[0]).max(high[1] - low[1]);
    let room = if span < LEAST { AROUND_ONE_PLACE } else { 0.06 * span };
    [low.map(|part| part - room), high.map(|part| part + room)]
}

/// Steps of degrees, and the decimals that they have.
const STEPS: [(f64, usize); 18] = [
    (20.0, 0),
    (10.0, 0),
    (5.0, 0),
    (2.0, 0),
    (1.0, 0),
    (0.5, 1),
    (0.2, 1),
    (0.1, 1),
    (0.05, 2),
    (0.02, 2),
    (0.01, 2),
    (0.005, 3),
    (0.002, 3),
    (0.001, 3),
    (0.0005, 4),
    (0.0002, 4),
    (0.0001, 4),
    (0.00005, 5),
];

/// Some five lines each way.
fn graticule(view: &View, map: &Azimuthal, [lat, lon]: Place) -> Graticule {
    let degree = view.scale().to_radians();
    let step = |pixels: f64| {
        let fits = |(step, _): &&(f64, usize)| step * pixels <= 260.0;
        STEPS.iter().find(fits).map_or(STEPS[STEPS.len() - 1].0, |(step, _)| *step)
    };
    let half = view.reach(map).to_degrees();
    let [south, north] = [lat - half, lat + half].map(|lat| lat.clamp(-90.0, 90.0));
    // Longitudes are narrow near a pole; where the pole is seen, all are.
    let narrowest = libm::cos(south.abs().max(north.abs()).to_radians());
    let across = libm::cos(lat.to_radians());
    let wide = if narrowest < 0.05 { 180.0 } else { (half / narrowest).min(180.0) };
    let lon_step = if wide >= 180.0 { 20.0 } else { step(degree * across) };
    let box_ = if wide >= 180.0 {
        [[south, north], WORLD[1]]
    } else {
        [[south, north], [lon - wide, lon + wide]]
    };
    view.graticule([step(degree), lon_step], box_)
}

/// Writes degrees where parallels reach the left edge and meridians the lower one.
fn draw_degrees(sheet: &mut Sheet, graticule: &Graticule, frame: &Rect) {
    const SIZE: f64 = 13.0;
    let mut room = Room::new(Rect::new(0.0, frame.y - 10.0, WIDTH, frame.height + 60.0));
    sheet.open("degrees", "");
    let ends = |lines: &[Vec<Point>]| -> Vec<Point> {
        lines.iter().flat_map(|line| [line[0], line[line.len() - 1]]).collect()
    };
    for (lat, lines) in &graticule.parallels {
        let at = ends(lines).into_iter().find(|[x, _]| (x - frame.x).abs() < 0.01);
        let words = degrees(*lat, ["N", "S"]);
        let size = width(&words, SIZE);
        if let Some([_, y]) = at
            && room.place_at(Rect::new(frame.x - 8.0 - size, y - 10.0, size, 20.0))
        {
            sheet.words(&words, [frame.x - 8.0, y + 4.5], &Face::new(SIZE, GREY).at(Anchor::End));
        }
    }
    for (lon, lines) in &graticule.meridians {
        let at = ends(lines).into_iter().find(|[_, y]| (y - frame.bottom()).abs() < 0.01);
        let words = degrees(within_turn(*lon), ["E", "W"]);
        let size = width(&words, SIZE) + 12.0;
        if let Some([x, _]) = at
            && room.place_at(Rect::new(x - 0.5 * size, frame.bottom() + 4.0, size, 16.0))
        {
            let base = frame.bottom() + 17.0;
            sheet.words(&words, [x, base], &Face::new(SIZE, GREY).at(Anchor::Middle));
        }
    }
    sheet.close();
}

/// Degrees to as many decimals as they have.
fn degrees(number: f64, [positive, negative]: [&str; 2]) -> String {
    let text = format!("{:.5}", number.abs());
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let side = match text {
        "0" | "180" => "",
        _ if number > 0.0 => positive,
        _ => negative,
    };
    format!("{text}°{side}")
}

/// A small hemisphere with a mark where the region is.
fn draw_where(sheet: &mut Sheet, middle: Place, view: &View, at: Point) {
    let globe =
        View::disc(Azimuthal::new(middle, True::Areas), 0.5 * std::f64::consts::PI, at, GLOBE);
    background::draw(sheet, &globe);
    background::draw_above(sheet, &globe, true);
    let size =
        [view.frame.width, view.frame.height].map(|length| length / view.scale() * globe.scale());
    let [width, height] = size;
    let box_ = Rect::new(at[0] - 0.5 * width, at[1] - 0.5 * height, width, height);
    if width > 8.0 {
        sheet.rect(&box_, &format!("fill=\"none\" stroke=\"{VERMILLION}\" stroke-width=\"1.5\""));
    } else {
        sheet.circle(
            at,
            3.5,
            &format!("fill=\"{VERMILLION}\" stroke=\"{BLACK}\" stroke-width=\"0.5\""),
        );
    }
}
