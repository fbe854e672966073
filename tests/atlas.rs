//! An atlas that several ranks make together is the one that a single rank makes, byte for byte, however the
//! cities lie and however they are shared out; and a rank that fails is known to all.

mod common;

use common::{Folder, Random, on_threads};
use farthest::atlas::{Atlas, AtlasBuffer, Checksums, Spool, arrange};
use farthest::cities::{CityList, Coordinates};
use farthest::error::{Error, Result};
use farthest::generate::{self, Distribution, Places, Recipe};
use farthest::unnamed::{Room, Unnamed};

/// The bytes that a team makes of a list of which each rank has the cities between two ends.
fn made_by(list: &CityList, ends: &[usize], room: &Room) -> Vec<u8> {
    let ranks = ends.len() - 1;
    let made = on_threads(ranks, |team| {
        let (part, rows) = part_of(list, ends[team.rank()], ends[team.rank() + 1]);
        let mut spool = Spool::new(room, list.len() as u64, ranks)?;
        part.iter().try_for_each(|batch| spool.take(batch))?;
        let mine = Unnamed::create(room)?;
        let (_, addresses) = team.tell(Ok(()), |()| mine.address().to_vec())?;
        let out = Unnamed::open(room, [addresses[0][0], addresses[0][1]])?;
        arrange(team, &spool.share(team, rows)?, &out, Checksums::Made)?;
        let bytes = AtlasBuffer::of_file(&out)?.bytes().to_vec();
        team.agree(Ok(()))?;
        Ok(bytes)
    });
    let made: Result<Vec<Vec<u8>>> = made.into_iter().collect();
    let made = made.expect("there is room");
    assert!(made.windows(2).all(|two| two[0] == two[1]), "all ranks see the same file");
    made.into_iter().next().expect("a rank")
}

/// Some cities of a list in two batches, their rows counted from the first; and the number of rows.
fn part_of(list: &CityList, begin: usize, end: usize) -> (Vec<CityList>, u64) {
    let row_of =
        |index: usize| if index < list.len() { list.row(index) } else { list.source_rows() };
    let first_row = if begin == 0 { 0 } else { row_of(begin) };
    let rows = row_of(end) - first_row;
    let mut part = CityList::default();
    for index in begin..end {
        part.skip_to(list.row(index) - first_row);
        part.push(list.coordinates(index), list.name(index));
    }
    part.skip_to(rows);
    (vec![part], rows)
}

fn even(cities: usize, ranks: usize) -> Vec<usize> {
    (0..=ranks).map(|rank| cities * rank / ranks).collect()
}

fn list_of(places: impl Iterator<Item = ([f64; 2], String)>) -> CityList {
    let mut list = CityList::default();
    for ([lat, lon], name) in places {
        list.push(Coordinates::new(lat, lon).expect("on Earth"), name.as_bytes());
    }
    list
}

fn generated(cities: u64, distribution: Distribution) -> CityList {
    let recipe = Recipe { cities, distribution, seed: 5, plant: false };
    generate::list(Places::new(recipe), true).expect("there is memory")
}

/// Lists that are dealt in different ways.
fn lists() -> Vec<(&'static str, CityList)> {
    let mut random = Random::new(11);
    let mut anywhere = move || [random.between(-90.0, 90.0), random.between(-180.0, 180.0)];
    let mut gaps = CityList::default();
    for index in 0..5000_u64 {
        gaps.skip_to(3 * index + index % 2);
        let [lat, lon] = anywhere();
        gaps.push(Coordinates::new(lat, lon).expect("on Earth"), format!("ö{index}").as_bytes());
    }
    gaps.skip_to(20_000);
    let copies = (0..150_000).map(|index| ([47.5, 8.25], format!("{index}")));
    let round = (0..3000)
        .map(|index| ([0.5 * f64::from(index % 90), 0.1 * f64::from(index)], String::new()));
    vec![
        ("no city", CityList::default()),
        ("one city", list_of([([1.0, 2.0], "x".to_string())].into_iter())),
        ("three cities", list_of((0..3).map(|index| ([f64::from(index), 7.0], "n".repeat(200))))),
        ("uniform", generated(40_000, Distribution::Uniform)),
        ("clustered", generated(200_000, Distribution::Clustered)),
        ("a cap of a kilometre", generated(150_000, Distribution::Cap { radius_km: 1.0 })),
        ("copies of one place", list_of(copies)),
        ("rows left out, degrees with all digits", gaps),
        ("longitudes up to 300, no names", list_of(round)),
    ]
}

#[test]
fn any_number_of_ranks_makes_the_same_bytes() {
    for (name, list) in lists() {
        let expected = made_by(&list, &even(list.len(), 1), &Room::Memory);
        for ranks in [2, 3, 5, 8, 17] {
            let made = made_by(&list, &even(list.len(), ranks), &Room::Memory);
            assert!(made == expected, "{name}, {ranks} ranks");
        }
        // All cities on one rank, as of a file that cannot be cut.
        let uneven = [0, 0, list.len(), list.len()];
        assert!(made_by(&list, &uneven, &Room::Memory) == expected, "{name}, one rank has all");
        let folder = Folder::new();
        let room = Room::Folder(folder.path().to_path_buf());
        assert!(made_by(&list, &even(list.len(), 3), &room) == expected, "{name}, on a disk");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "{name}");
    }
}

#[test]
fn what_is_made_is_a_packed_file_that_gives_every_city_back() {
    for (name, list) in lists() {
        let bytes = made_by(&list, &even(list.len(), 3), &Room::Memory);
        let buffer = AtlasBuffer::new(list.clone());
        let atlas = buffer.atlas();
        assert_eq!(atlas.cities(), list.len(), "{name}");
        for position in 0..atlas.cities() {
            let index = list.index(atlas.row(position));
            assert_eq!(
                atlas.degrees(position).map(f64::to_bits),
                list.degrees(index).map(f64::to_bits)
            );
            assert_eq!(atlas.name_bytes(position), list.name(index), "{name}");
        }
        let mut aligned = vec![0_u64; bytes.len().div_ceil(8) + 8];
        let start = aligned.as_ptr().align_offset(64);
        let room: &mut [u8] = bytemuck::cast_slice_mut(&mut aligned);
        room[8 * start..8 * start + bytes.len()].copy_from_slice(&bytes);
        let opened = Atlas::open(&room[8 * start..8 * start + bytes.len()]).expect("a packed file");
        opened.verify().expect("sound to the last byte");
    }
}

#[test]
fn a_rank_that_fails_is_known_to_all_in_the_same_step() {
    let ended = on_threads(5, |team| {
        let mine = match team.rank() {
            2 | 4 => Err(Error::Usage { message: format!("rank {}", team.rank()) }),
            rank => Ok(vec![rank as u8]),
        };
        team.share(mine).map_err(|error| error.to_string())
    });
    assert!(
        ended.iter().all(|one| one.as_ref().is_err_and(|error| error == "rank 2")),
        "{ended:?}"
    );
}
