//! What a census has seen, on a map: cells of two pixels in the colour of how many cities there are, or how far it is.
//!
//! How many is counted for an area, as cells take different numbers of bins; so an even spread looks even. The scale is
//! logarithmic, and reaches to a thirtieth of the greatest at least, so that what comes by chance is not shown as if it
//! meant something. Where there are few bins with cities in them, these are dots.
//!
//! Architecture Invariant: it does not know which projection a view has.

use std::fmt::Write;

use super::census::{Census, What};
use super::colors::{LEVELS, Ramp, level_of};
use super::svg::{Sheet, number};
use super::view::View;

/// Pixels of a cell.
const CELL: f64 = 2.0;

/// Bins with cities in them that are drawn as dots, at most.
const MOST_DOTS: usize = 8000;

/// Radii of dots, by how many there are at most.
const RADII: [(usize, f64); 3] = [(150, 3.4), (2000, 2.2), (MOST_DOTS, 1.5)];

/// The level of dots that are a city each.
const LEVEL_OF_ONE: usize = LEVELS / 2 + 2;

/// The least part of the greatest that a scale reaches to.
const LEAST_OF_SCALE: f64 = 1.0 / 30.0;

/// What is shown of a list, and how.
pub struct Shade<'a> {
    census: &'a Census,
    ramp: Ramp,
    /// The numbers at the ends of the ramp.
    pub ends: [f64; 2],
    are_dots: bool,
}

/// What a cell is made of.
#[derive(Clone, Copy, Default)]
struct Cell {
    value: u64,
    area: f64,
}

/// The cells of a view.
struct Cells {
    columns: usize,
    cells: Vec<Cell>,
}

impl<'a> Shade<'a> {
    /// How the cities of a list are shown on a view, with the scale that belongs to this.
    pub fn new(view: &View, census: &'a Census, ramp: Ramp) -> Shade<'a> {
        let are_dots = census.taken().count() <= MOST_DOTS;
        let mut shade = Shade { census, ramp, ends: [0.0; 2], are_dots };
        let values: Vec<f64> = match census.what {
            What::Cities if !are_dots => {
                let cells = Cells::of(view, census).cells.into_iter();
                cells.filter_map(|cell| shade.of_cell(&cell)).collect()
            }
            what => census.taken().map(|(_, value)| what.number(value)).collect(),
        };
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(0.0, f64::max);
        shade.ends = match census.what {
            What::Cities if are_dots => [1.0, greatest],
            What::Cities => [least.min(LEAST_OF_SCALE * greatest), greatest],
            What::Farthest => [least, greatest],
        };
        shade
    }

    /// Its ramp.
    pub fn ramp(&self) -> &Ramp {
        &self.ramp
    }

    /// What its numbers are.
    pub fn what(&self) -> What {
        self.census.what
    }

    /// Whether it is drawn as dots, whose numbers are cities of a bin and not of an area.
    pub fn are_dots(&self) -> bool {
        self.are_dots
    }

    /// What a cell shows: cities of an area on a sphere of radius 1, or kilometres; nothing of an empty one.
    fn of_cell(&self, cell: &Cell) -> Option<f64> {
        (cell.value > 0).then(|| match self.census.what {
            What::Cities => cell.value as f64 / cell.area,
            what => what.number(cell.value),
        })
    }

    fn level(&self, shown: f64) -> usize {
        let [least, greatest] = self.ends;
        if self.are_single() {
            return LEVEL_OF_ONE;
        }
        let part = match self.census.what {
            What::Cities => libm::log(shown / least) / libm::log(greatest / least),
            What::Farthest => (shown - least) / (greatest - least),
        };
        // Of equal numbers all are the greatest.
        if part.is_finite() { level_of(part) } else { LEVELS - 1 }
    }

    /// Whether each dot is a city.
    pub fn are_single(&self) -> bool {
        self.census.what == What::Cities && self.are_dots && self.ends[1] <= 1.0
    }

    /// The colour of dots that are a city each.
    pub fn color_of_one(&self) -> String {
        self.ramp.level(LEVEL_OF_ONE)
    }

    /// Draws it, on a view that may be another than that of the scale.
    pub fn draw(&self, sheet: &mut Sheet, view: &View) {
        if self.census.is_empty() {
            return;
        }
        match self.are_dots {
            true => self.draw_dots(sheet, view),
            false => self.draw_cells(sheet, view),
        }
    }

    fn draw_dots(&self, sheet: &mut Sheet, view: &View) {
        let many = self.census.taken().count();
        let size = RADII.iter().position(|(most, _)| many <= *most).unwrap_or(RADII.len() - 1);
        let radius = RADII[size].1;
        // Light rims part dots where there are few, and hide them where there are many.
        sheet
            .open("cities", if size == 0 { "stroke=\"#ffffff\" stroke-width=\"0.7\"" } else { "" });
        for (bin, value) in self.census.taken() {
            let shown = self.census.what.number(value);
            if let Some(at) = view.at(self.census.lattice.middle(bin)) {
                let color = self.ramp.level(self.level(shown));
                sheet.circle(at, radius, &format!("fill=\"{color}\""));
            }
        }
        sheet.close();
    }

    /// Cells beside each other of one level are one rectangle.
    fn draw_cells(&self, sheet: &mut Sheet, view: &View) {
        let mut levels = vec![String::new(); LEVELS];
        let Cells { columns, cells } = Cells::of(view, self.census);
        for (row, cells) in cells.chunks(columns).enumerate() {
            let shown = |cell: &Cell| self.of_cell(cell).map(|shown| self.level(shown));
            let row_levels: Vec<Option<usize>> = cells.iter().map(shown).collect();
            let y = view.frame.y + CELL * row as f64;
            let mut column = 0;
            while column < columns {
                let level = row_levels[column];
                let run = row_levels[column..].iter().take_while(|&&other| other == level).count();
                if let Some(level) = level {
                    let x = view.frame.x + CELL * column as f64;
                    let width = CELL * run as f64;
                    let (x, y, width) = (number(x), number(y), number(width));
                    let _ = write!(levels[level], "M{x} {y}h{width}v{CELL}h-{width}z");
                }
                column += run;
            }
        }
        sheet.open("cities", "shape-rendering=\"crispEdges\"");
        for (level, data) in levels.iter().enumerate() {
            sheet.path(data, &format!("fill=\"{}\"", self.ramp.level(level)));
        }
        sheet.close();
    }
}

impl Cells {
    fn of(view: &View, census: &Census) -> Cells {
        let [columns, rows] =
            [view.frame.width, view.frame.height].map(|length| (length / CELL).ceil() as usize);
        let mut cells = vec![Cell::default(); columns * rows];
        let lattice = &census.lattice;
        let [bin_rows, bin_columns] = lattice.many();
        for row in 0..bin_rows {
            let area = lattice.area(row);
            for column in 0..bin_columns {
                let Some([x, y]) = view.at(lattice.middle([row, column])) else { continue };
                let [right, down] =
                    [((x - view.frame.x) / CELL) as usize, ((y - view.frame.y) / CELL) as usize];
                let cell = &mut cells[down.min(rows - 1) * columns + right.min(columns - 1)];
                let value = census.values.get(row * bin_columns + column).copied().unwrap_or(0);
                cell.area += area;
                cell.value = census.what.joined(cell.value, value);
            }
        }
        Cells { columns, cells }
    }
}
