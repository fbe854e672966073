//! Checkpoints, damaged in many ways, most of them with their checksum repaired: they are refused in one harmless
//! line, or a search goes on from them to its end without a panic. What they claim to be settled is not looked at
//! again: who repairs a checksum can say anything.

use std::path::Path;

use farthest::atlas::AtlasBuffer;
use farthest::driver::checkpoint::{Done, Question, from_bytes, to_bytes};
use farthest::driver::{Nobody, drive};
use farthest::error::Error;
use farthest::kernel::Kernel;
use farthest::pairs::{Settled, Share};
use farthest::ranking::FarPair;
use farthest::search::{Damage, Field, Method, Wanted, block_edge, of};
use xxhash_rust::xxh3::xxh3_64;

use super::common::{Random, atlas_of};
use super::harness::{Target, attack, require};
use super::lists::check_text;
use super::runs::damaged;

const CITIES: usize = 300;

struct Checkpoints {
    cities: AtlasBuffer,
    seeds: Vec<Vec<u8>>,
}

fn question() -> Question {
    Question {
        version: "1".into(),
        checksum: "xxh3:0123456789abcdef".into(),
        bytes: 1000,
        modified: Some("today".into()),
        cities: vec![CITIES as u64],
        is_distinct: false,
        reading: "lat, lon".into(),
        places: "xxh3:0123456789abcdef".into(),
        method: "exhaustive".into(),
        metric: "sphere".into(),
    }
}

/// The contents within the frame, as (start, end).
fn contents(bytes: &[u8]) -> Option<(usize, usize)> {
    const BEFORE: &[u8] = b"\"checkpoint\":";
    let start = bytes.windows(BEFORE.len()).position(|window| window == BEFORE)? + BEFORE.len();
    let end = bytes.iter().rposition(|&byte| byte == b'}')?;
    (start < end).then_some((start, end))
}

/// The same contents, in a frame whose checksum is right.
fn repaired(bytes: &[u8]) -> Vec<u8> {
    let Some((start, end)) = contents(bytes) else { return bytes.to_vec() };
    let contents = &bytes[start..end];
    let checksum = format!("{{\"checksum\":\"xxh3:{:016x}\",\"checkpoint\":", xxh3_64(contents));
    [checksum.as_bytes(), contents, b"}\n"].concat()
}

impl Target for Checkpoints {
    type Case = Vec<u8>;

    fn case(&self, number: u64) -> Vec<u8> {
        let mut random = Random::new(number);
        let bytes = damaged(&self.seeds, &mut random);
        if random.below(5) == 0 { bytes } else { repaired(&bytes) }
    }

    fn check(&self, bytes: &Vec<u8>) -> Result<(), String> {
        match from_bytes(Path::new("c"), bytes, &question()) {
            Ok(done) => {
                let read = to_bytes(&question(), &done);
                let again = from_bytes(Path::new("c"), &read, &question());
                let pair = |done: &Done| done.farthest.map(|pair| (pair.rows, pair.positions));
                let is_same = |again: Done| {
                    (again.block_edge, &again.settled, pair(&again))
                        == (done.block_edge, &done.settled, pair(&done))
                };
                require(again.is_ok_and(is_same), || "written and read it differs".into())?;
                self.go_on(&done)
            }
            Err(error) => {
                let message = error.to_string();
                require(matches!(error, Error::Data { .. }), || {
                    format!("another kind; {message}")
                })?;
                require(message.contains("expected "), || format!("words; {message}"))?;
                require(message.len() < 2000, || format!("a long message; {message}"))?;
                check_text(&message)
            }
        }
    }

    fn shown(&self, bytes: Vec<u8>, _: &dyn Fn(&Vec<u8>) -> bool) -> String {
        bytes.escape_ascii().to_string()
    }
}

impl Checkpoints {
    /// Goes on from a checkpoint, as the program does, on two ranks.
    fn go_on(&self, done: &Done) -> Result<(), String> {
        let points = self.cities.atlas().points();
        // The program refuses an edge that is none before it comes so far.
        let edge = if done.block_edge == 0 { 64 } else { done.block_edge };
        let told = |damage: Damage| damage.to_string();
        for rank in 0..2 {
            let mut search = of(
                Method::Exhaustive,
                Field::within(&points),
                Kernel::best(),
                edge,
                Wanted::default(),
            );
            if let Some(FarPair { positions, .. }) = done.farthest {
                search.consider(positions.map(|position| position as usize)).map_err(told)?;
            }
            let share = Share::new(rank, 2, search.blocks());
            let outcome = drive(&mut *search, share, &done.settled, &mut Nobody).map_err(told)?;
            let pairs = (CITIES * (CITIES - 1) / 2) as u128;
            require(outcome.found.covered <= pairs, || "more pairs than there are".into())?;
            require(!outcome.is_stopped, || "it stopped".into())?;
        }
        Ok(())
    }
}

fn seeds(cities: &AtlasBuffer) -> Vec<Vec<u8>> {
    let pair = FarPair { distance_km: 12.5, rows: [3, 40], positions: [40, 3] };
    let edge = block_edge(Method::Exhaustive, cities.atlas().cities() as u64, 3);
    let layers = [vec![], vec![vec![6, 4, 8]], vec![vec![2, 1], vec![3], vec![0, 1, 2, 7]]];
    let done = |layers: Vec<Vec<u64>>| Done {
        block_edge: edge,
        farthest: (!layers.is_empty()).then_some(pair),
        settled: Settled::new(layers),
    };
    layers.into_iter().map(|layers| to_bytes(&question(), &done(layers))).collect()
}

#[test]
fn no_damage_to_a_checkpoint_does_harm() {
    let mut random = Random::new(1);
    let cities = atlas_of(&(0..CITIES).map(|_| random.place()).collect::<Vec<_>>());
    let seeds = seeds(&cities);
    for seed in &seeds {
        assert_eq!(&repaired(seed), seed, "this is what a frame looks like");
    }
    attack(&Checkpoints { cities, seeds }, 20_000);
}
