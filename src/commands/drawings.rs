//! What `pair` and `each` write beside their answer for people to look at: GeoJSON, and a map as a picture.
//!
//! Each is begun before the search, so that what cannot be written costs nobody one, filled when the answer is known,
//! and given its name when the lists are known to be as they were. Of a search that was stopped nothing is drawn.
//!
//! Architecture Invariant: every rank takes every collective step in the same order.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::lists::Lists;
use crate::atlas::Atlas;
use crate::cli::{MapFile, PairOptions};
use crate::error::{Error, Result};
use crate::metric::Metric;
use crate::output::{Output, finish_all, require_apart};
use crate::picture::{self, Census, Lattice, Listed, Question, Scene, What, region_of};
use crate::report::{self, RankedPair};
use crate::search::each::Far;
use crate::source::{Cities, CityFile, STANDARD_INPUT};
use crate::team::{Team, part_of};
use crate::ways::line;
use crate::world::World;

/// The files of a run beside its answer, which have no names yet.
#[derive(Default)]
pub(super) struct Drawings {
    geojson: Option<Output>,
    map: Option<Output>,
}

impl Drawings {
    /// Begins those of `pair`.
    pub(super) fn begin(options: &PairOptions) -> Result<Drawings> {
        let inputs: Vec<&Path> = options.files.iter().map(PathBuf::as_path).collect();
        let map = options.map.as_ref().map(|map| &map.file);
        let drawn = [options.geojson.as_ref(), map];
        let outputs: Vec<&Path> =
            drawn.into_iter().flatten().chain(&options.checkpoint).map(PathBuf::as_path).collect();
        require_apart(&inputs, &outputs)?;
        let create = |file: Option<&PathBuf>| {
            file.map(|file| Output::create(file, options.force)).transpose()
        };
        Ok(Drawings { geojson: create(options.geojson.as_ref())?, map: create(map)? })
    }

    /// Writes them, on the root. The censuses are those of the lists, if a map is wanted.
    pub(super) fn fill(
        &self,
        options: &PairOptions,
        (lists, censuses): (&Lists<'_>, Vec<Census>),
        pairs: &[RankedPair],
    ) -> Result<()> {
        let metric = &options.wanted.metric;
        if let Some(geojson) = &self.geojson {
            draw_geojson(geojson, pairs, metric)?;
        }
        let Some((map, wanted)) = self.map.as_ref().zip(options.map.as_ref()) else {
            return Ok(());
        };
        let scene = Scene {
            lists: listed(lists, censuses),
            pairs,
            question: Question::Pairs,
            metric,
            radius_km: options.radius_km,
            unit: options.unit,
        };
        draw_map(map, wanted, &scene)
    }

    /// Gives them their names.
    pub(super) fn finish(self) -> Result<()> {
        finish_all(self.geojson.into_iter().chain(self.map).collect())
    }
}

/// Writes the pairs as GeoJSON.
fn draw_geojson(file: &Output, pairs: &[RankedPair], metric: &Metric) -> Result<()> {
    let way =
        |pair: &RankedPair| line(metric, pair.pair.each_ref().map(|city| [city.lat, city.lon]));
    let pairs = pairs.iter().map(|pair| (pair, way(pair)));
    file.fill(|out| report::geojson(out, pairs, &metric.to_string()))
}

/// Writes a scene as a picture.
pub(super) fn draw_map(file: &Output, wanted: &MapFile, scene: &Scene<'_>) -> Result<()> {
    let bytes = picture::draw(scene, wanted.form)
        .map_err(|problem| Error::Internal { problem: format!("the map: {problem}") })?;
    file.fill(|out| std::io::Write::write_all(out, &bytes))
}

/// The lists with what is drawn of them; those of which nothing is are left out.
pub(super) fn listed(lists: &Lists<'_>, censuses: Vec<Census>) -> Vec<Listed> {
    let of_one = |(list, census)| {
        let (file, cities) = named(list);
        Listed { file, cities, census }
    };
    lists.iter().zip(censuses).map(of_one).collect()
}

/// The second of two lists by name.
pub(super) fn other_of(lists: &Lists<'_>) -> Option<(String, u64)> {
    lists.iter().nth(1).map(named)
}

/// The name of a list's file, and how many cities it has.
fn named((file, cities): (&CityFile, &Cities<'_>)) -> (String, u64) {
    let path = file.path();
    let name = match path.as_os_str() == STANDARD_INPUT {
        true => "standard input".into(),
        false => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    };
    (name, cities.atlas().cities() as u64)
}

/// What is drawn of the cities of each list, on the root: each rank counts its part of them.
pub(super) fn censuses_of_lists(world: &World, lists: &Lists<'_>) -> Vec<Census> {
    let (rank, ranks) = (world.rank() as usize, world.ranks() as usize);
    let scan = |lattice: Lattice| {
        let of_list = |(file, cities): (&CityFile, &Cities<'_>)| {
            let atlas = cities.atlas();
            let part = part_of(atlas.cities(), rank, ranks);
            count(lattice, (&atlas, file), part, None)
        };
        lists.iter().map(of_list).collect()
    };
    together(world, What::Cities, &scan)
}

/// The same of the distances of the cities of the first list, of which the ranks of the first node have the answers.
pub(super) fn census_of_answers(
    world: &World,
    lists: &Lists<'_>,
    answers: Option<&[Far]>,
) -> Vec<Census> {
    let scan = |lattice: Lattice| {
        let census = match (lists.iter().next(), answers) {
            (Some((file, cities)), Some(answers)) => {
                let atlas = cities.atlas();
                let team: &dyn Team = world.node();
                let part = team.part(atlas.cities());
                count(lattice, (&atlas, file), part, Some(answers))
            }
            _ => Census::new(lattice, What::Farthest),
        };
        vec![census]
    };
    together(world, What::Farthest, &scan)
}

/// Cities that are counted before their pages are given back: 32 MB of a packed file.
const BLOCK_CITIES: usize = 1 << 22;

/// Counts the cities at some positions.
fn count(
    lattice: Lattice,
    (atlas, file): (&Atlas<'_>, &CityFile),
    part: Range<usize>,
    answers: Option<&[Far]>,
) -> Census {
    let mut census =
        Census::new(lattice, if answers.is_some() { What::Farthest } else { What::Cities });
    for begin in part.clone().step_by(BLOCK_CITIES) {
        let block = begin..part.end.min(begin + BLOCK_CITIES);
        census.see_all(atlas, block, answers);
        file.release();
    }
    census
}

/// Counts with all ranks: over the world, and if all cities are in a region of it over that.
fn together(world: &World, what: What, scan: &dyn Fn(Lattice) -> Vec<Census>) -> Vec<Census> {
    let joined = |lattice: Lattice| -> Vec<Census> {
        let of_one = |census: Census| {
            let all =
                world.fold_at_root(census.to_words(), |one, other| Census::join(what, one, other));
            Census::from_words(lattice, what, &all)
        };
        scan(lattice).into_iter().map(of_one).collect()
    };
    let censuses = joined(Lattice::of_world());
    let region = region_of(&censuses).filter(|_| world.rank() == 0);
    let words: Vec<u64> = region.iter().flat_map(|region| region.to_words()).collect();
    let words = world.from_root(bytemuck::cast_slice(&words).to_vec());
    let words: Vec<u64> = bytemuck::allocation::pod_collect_to_vec(&words);
    match <[u64; 6]>::try_from(words) {
        Ok(region) => joined(Lattice::from_words(region)),
        Err(_) => censuses,
    }
}
