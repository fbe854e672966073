//! `farthest each`: city file in, a file with the farthest city of each out.
//!
//! All ranks search, each its blocks of neighbours. What ranks of other nodes found comes to the node of rank 0, whose
//! ranks write the file: other nodes may not see the disk that it is written to.
//!
//! Architecture Invariant: every rank takes every collective step in the same order; whatever
//! can fail on one rank is agreed on before the next of them.

use std::path::{Path, PathBuf};

use bytemuck::{Pod, Zeroable};

use super::drawings::{census_of_answers, draw_map, listed, other_of};
use super::lists::{Files, Lists, field_of};
use super::make::{Target, on_first_node};
use super::origins::Ids;
use super::pair::{Stopwatch, notes_of, ranked, scale};
use super::sound::require_sound;
use crate::cli::{EachOptions, Format};
use crate::driver::each::answer;
use crate::each::{Answers, Bins, Extremes, Histogram, Sheet, bytes_for};
use crate::error::{Error, Result};
use crate::output::{Output, require_apart};
use crate::pairs::Share;
use crate::picture::{Question, Scene};
use crate::ranking::FarPair;
use crate::report::{
    self, EachReport, EachTimes, EarthFacts, HistogramFacts, Origin, PhaseTimes, RankTimes,
    RankedPair, Spread,
};
use crate::search::each::{BLOCK_CITIES, Each, Far, blocks_of};
use crate::search::{Damage, Field, Method};
use crate::source::{CityFile, Need, room_for, shared_file};
use crate::unnamed::Unnamed;
use crate::world::World;

pub(super) fn each(world: &World, options: &EachOptions) -> Result<String> {
    let watch = Stopwatch::start();
    let files = Files::open(world, &options.files)?;
    if options.id.is_some() {
        world.agree(files.iter().try_for_each(CityFile::require_identifiers))?;
    }
    let inputs: Vec<&Path> = options.files.iter().map(PathBuf::as_path).collect();
    let map = options.map.as_ref().map(|map| map.file.as_path());
    let outputs: Vec<&Path> = [options.output.as_path()].into_iter().chain(map).collect();
    world.at_root(|| require_apart(&inputs, &outputs))?;
    let target = on_first_node(world, |team| {
        Target::create(team, &options.output, options.force).map(Some)
    })?;
    let create = |file| Output::create(file, options.force);
    let drawing = world.at_root(|| map.map(create).transpose())?;
    let report = each_of(world, &files, options, (watch, &target, drawing.as_ref()));
    // All ranks agreed on what came of it. It may come of a file that was changed meanwhile.
    world.agree(files.require_unchanged())?;
    let report = report?;
    on_first_node(world, |team| target.map_or(Ok(()), |target| target.finish(team, drawing)))?;
    Ok(report)
}

/// Writes the files, which have no names yet, and tells what is to be said of them.
fn each_of(
    world: &World,
    files: &Files,
    options: &EachOptions,
    (mut watch, target, drawing): (Stopwatch, &Option<Target>, Option<&Output>),
) -> Result<String> {
    let mut times = RankTimes::default();
    let how = (&options.load, options.verify);
    let lists = files.load(world, how, &mut watch, &mut times)?;
    let ids = options.id.as_ref().map(|id| {
        on_first_node(world, |team| Ids::read(team, (files, &lists), &options.load, id).map(Some))
    });
    let ids = ids.transpose()?.flatten();
    times.parse_s += watch.lap_s();
    let points = lists.points();
    let task = Task { world, options, lists: &lists, field: field_of(&points), ids: ids.as_ref() };
    let answers = task.room_for_answers(target)?;

    world.barrier();
    watch.lap_s();
    let found = task.search(answers.as_ref());
    times.search_s = watch.lap_s();
    let (mine, extremes) = world.agree_at_once(found)?;
    world.agree(files.require_unchanged())?;
    task.bring(mine, answers.as_ref())?;
    let ends = task.ends_of_all(extremes)?;
    times.reduce_s = watch.lap_s();

    let histogram = task.write(&ends, target.as_ref(), answers.as_ref())?;
    let write_s = watch.lap_s();
    if options.map.is_some() {
        task.draw(&ends, answers.as_ref(), drawing)?;
    }
    let records = world.gather_at_root(&[Record { times, write_s }]);
    let hosts = report::distinct(world.hosts_at_root());
    world.at_root(|| {
        let report = task.report(&ends, histogram, &records, hosts)?;
        Ok(match options.format {
            Format::Json => report::json(&report),
            Format::Text | Format::Csv => report.text(),
        })
    })
}

/// What one rank took for each phase, as a message.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Record {
    times: RankTimes,
    write_s: f64,
}

/// The greatest distance, and the least.
type Ends = [FarPair; 2];

/// What the steps of the command are about.
struct Task<'a> {
    world: &'a World,
    options: &'a EachOptions,
    lists: &'a Lists<'a>,
    field: Field<'a>,
    /// On the first node, if lines are to have them.
    ids: Option<&'a Ids<'a>>,
}

impl Task<'_> {
    /// Where the ranks of the first node put what they find, or what others bring.
    fn room_for_answers(&self, target: &Option<Target>) -> Result<Option<Answers>> {
        let cities = self.field.points()[0].len() as u64;
        on_first_node(self.world, |team| {
            let beside = target.as_ref().expect("the first node has a target").room.clone();
            let need = Need { bytes: bytes_for(cities), cities: 0 };
            let room = room_for(team, need, self.options.load.memory_bytes, beside)?;
            let file = shared_file(team, Unnamed::create(&room), &room)?;
            Ok(Some(Answers::new(file)))
        })
    }

    /// This rank's blocks: their answers, unless the ranks of its node share them, and their extremes.
    fn search(&self, answers: Option<&Answers>) -> Result<(Vec<Far>, Extremes)> {
        let damaged = |damage: Damage| self.lists.damaged(damage.to_string());
        let options = self.options;
        let mut search = Each::new(self.field, options.metric, options.kernel).map_err(damaged)?;
        let mut mine = Vec::new();
        let mut take = |block, found: &[Far]| match answers {
            Some(answers) => answers.put(block, found),
            None => {
                mine.extend_from_slice(found);
                Ok(())
            }
        };
        let share = self.share(self.world.rank());
        let extremes = answer(&mut search, &self.field, share, &damaged, &mut take)?;
        Ok((mine, extremes))
    }

    /// The blocks of a rank.
    fn share(&self, rank: u64) -> Share {
        Share::new(rank, self.world.ranks(), blocks_of(&self.field))
    }

    /// Brings what ranks of other nodes found to the answers.
    fn bring(&self, mine: Vec<Far>, answers: Option<&Answers>) -> Result<()> {
        self.world.bring_to_root(bytemuck::cast_slice(&mine), |rank, before, piece| {
            let answers = answers.expect("the root is on the first node");
            let blocks_before = before / bytes_for(BLOCK_CITIES as u64);
            let blocks = self.share(rank).skip(blocks_before as usize);
            let found: &[Far] = bytemuck::cast_slice(piece);
            let mut pieces = blocks.zip(found.chunks(BLOCK_CITIES));
            pieces.try_for_each(|(block, found)| answers.put(block, found))
        })
    }

    /// The extremes of all ranks, on all of them.
    fn ends_of_all(&self, mine: Extremes) -> Result<Ends> {
        let both = |mine: Vec<u64>, theirs: Vec<u64>| {
            let [mine, theirs] = [mine, theirs].map(|words| Extremes::from_words(&words));
            mine.with(theirs).to_words()
        };
        let all = self.world.fold_at_root(mine.to_words(), both);
        let all = self.world.from_root(bytemuck::cast_slice(&all).to_vec());
        let all = Extremes::from_words(&bytemuck::allocation::pod_collect_to_vec(&all));
        let ends = all.greatest().zip(all.centre()).ok_or_else(|| {
            self.lists.damaged("expected a distance for some city, found none".into())
        });
        self.world.agree(ends.map(<[FarPair; 2]>::from))
    }

    /// Writes the file, and counts the distances.
    fn write(
        &self,
        &[greatest, least]: &Ends,
        target: Option<&Target>,
        answers: Option<&Answers>,
    ) -> Result<Option<Histogram>> {
        let of_km = 1.0 / self.options.unit.km();
        let shown = |pair: FarPair| pair.distance_km * self.scale() * of_km;
        let bins = Bins::over(shown(least), shown(greatest));
        on_first_node(self.world, |team| {
            let (answers, target) = answers.zip(target).expect("the first node has both");
            let map = team.agree(answers.map())?;
            let sheet = Sheet {
                atlases: self.lists.atlases(),
                ids: self.ids.map(Ids::atlases),
                answers: bytemuck::cast_slice(&map),
                form: self.options.form,
                scale: self.scale(),
                bins,
                of_km,
            };
            let damaged = |problem| self.lists.damaged_in(0, problem);
            sheet.write(team, &target.out, &damaged).map(Some)
        })
    }

    /// Draws the map, of the cities in the colours of how far it is.
    fn draw(&self, ends: &Ends, answers: Option<&Answers>, drawing: Option<&Output>) -> Result<()> {
        let (options, lists) = (self.options, self.lists);
        let map = on_first_node(self.world, |team| {
            let answers = answers.expect("the first node has them");
            team.agree(answers.map()).map(Some)
        })?;
        let answers = map.as_ref().map(|map| bytemuck::cast_slice(map));
        let censuses = census_of_answers(self.world, lists, answers);
        self.world.at_root(|| {
            require_sound(lists, self.field.pairing(), (Method::Pruned, &options.metric), ends)?;
            let atlases = lists.atlases();
            let ends = ends.map(|pair| ranked(&atlases, &pair, (options.radius_km, options.unit)));
            let scene = Scene {
                lists: listed(lists, censuses),
                pairs: &ends[..1],
                question: Question::Each { centre: &ends[1], other: other_of(lists) },
                metric: &options.metric,
                radius_km: options.radius_km,
                unit: options.unit,
            };
            let (drawing, wanted) = drawing.zip(options.map.as_ref()).expect("a map is wanted");
            draw_map(drawing, wanted, &scene)
        })
    }

    /// What a kilometre of the sphere that distances are measured on is on the one that is reported.
    fn scale(&self) -> f64 {
        scale(self.options.radius_km)
    }

    fn report(
        &self,
        ends: &Ends,
        histogram: Option<Histogram>,
        records: &[Record],
        hosts: Vec<String>,
    ) -> Result<EachReport> {
        let (options, lists) = (self.options, self.lists);
        let atlases = lists.atlases();
        require_sound(lists, self.field.pairing(), (Method::Pruned, &options.metric), ends)?;
        let Histogram { from, width, counts } = histogram.expect("the root is on the first node");
        if counts.iter().sum::<u64>() != atlases[0].cities() as u64 {
            let problem =
                format!("{counts:?} lines were written of {} cities", atlases[0].cities());
            return Err(Error::Internal { problem });
        }
        let ranked = |pair: &FarPair| {
            let origin = Origin { lines: None, ids: self.ids.map(|ids| ids.of(pair)) };
            RankedPair { origin, ..ranked(&atlases, pair, (options.radius_km, options.unit)) }
        };
        let times: Vec<RankTimes> = records.iter().map(|record| record.times).collect();
        let write = Spread::of(records.iter().map(|record| record.write_s));
        let execution_s = |record: &Record| record.times.execution_s() + record.write_s;
        let phases = PhaseTimes::of(&times);
        Ok(EachReport {
            status: "ok",
            version: report::VERSION,
            out: options.output.to_string_lossy().into_owned(),
            cities: atlases[0].cities() as u64,
            greatest: ranked(&ends[0]),
            centre: ranked(&ends[1]),
            histogram: HistogramFacts { unit: options.unit.symbol(), from, width, counts },
            isa: options.kernel.isa().name(),
            metric: options.metric.to_string(),
            earth: EarthFacts::of(&options.metric, options.radius_km),
            ranks: self.world.ranks(),
            nproc: self.world.ranks(),
            nodes: hosts.len(),
            hosts,
            mpi: self.world.library(),
            execution_time: records.iter().map(execution_s).fold(0.0, f64::max),
            times_s: EachTimes { phases, write },
            load_balance: phases.search.load_balance(),
            lists: report::Lists::new(lists.facts()),
            notes: notes_of(lists, &ends[0]),
        })
    }
}
