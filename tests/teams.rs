//! Ranks of a node as a team, and what passes between nodes: run for real under the launcher of the
//! binary's MPI, with nodes of so many ranks as each case says.
//!
//! A test starts this very program on several ranks, where [`on_each_rank`] alone runs. Each rank
//! knows what all others bring, and holds what it gets against that.

#![cfg(feature = "mpi")]

mod common;

use common::Job;
use farthest::error::{Error, Result};
use farthest::team::{Team, part_of};
use farthest::world::{NodeTeam, World, end_job_on_panic};

/// What a rank fails with, where it is to fail.
const EXIT_CODE: u8 = 65;

/// Runs [`on_each_rank`] on so many ranks, on nodes of so many, or on the nodes that there are.
fn run(ranks: u64, ranks_on_node: Option<u64>) {
    let program = std::env::current_exe().expect("this program");
    let mut job = Job::on_ranks(ranks).running(program);
    if let Some(many) = ranks_on_node {
        job = job.with("FARTHEST_RANKS_ON_NODE", &many.to_string());
    }
    let outcome =
        job.run(&["--ignored", "--exact", "on_each_rank", "--test-threads=1", "--nocapture"]);
    let passed = outcome.stdout.matches("1 passed").count() as u64;
    assert_eq!((outcome.code, passed), (0, ranks), "{outcome:#?}");
}

#[test]
fn a_world_of_one_rank_is_a_team_of_one() {
    run(1, None);
}

#[test]
fn ranks_of_one_node_share_what_they_bring() {
    run(3, None);
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions make nodes on request")]
fn ranks_of_several_nodes_share_within_each() {
    for (ranks, on_node) in [(2, 1), (5, 2), (3, 7)] {
        run(ranks, Some(on_node));
    }
}

#[test]
#[ignore = "what each rank does; the others start it"]
fn on_each_rank() {
    let world = World::start(true);
    end_job_on_panic(|message| eprintln!("{message}"));
    let forced = std::env::var("FARTHEST_RANKS_ON_NODE").ok();
    let on_node = forced.map_or(world.ranks(), |ranks| ranks.parse().expect("a number"));
    nodes_are_ranks_in_a_row(&world, on_node);
    let node = world.node();
    for message_bytes in [1, 20, 1 << 20] {
        bytes_of_all_are_known_to_all(&world, node, message_bytes);
    }
    the_lowest_error_is_known_to_all(&world, node);
    numbers_are_shared(node);
    a_pipe_comes_to_the_first_of_each_node(&world, node);
}

/// The first rank of this rank's node.
fn first(world: &World, node: &NodeTeam) -> u64 {
    world.rank() - node.rank() as u64
}

fn nodes_are_ranks_in_a_row(world: &World, on_node: u64) {
    let (rank, ranks) = (world.rank(), world.ranks());
    assert_eq!(world.nodes(), ranks.div_ceil(on_node));
    assert_eq!(world.node_index(), rank / on_node);
    assert_eq!(world.is_on_node_of_root(), rank < on_node);
    assert_eq!(world.node().rank() as u64, rank % on_node);
    let last = ((rank / on_node + 1) * on_node).min(ranks);
    assert_eq!(world.ranks_on_node(), last - rank / on_node * on_node);
}

/// What a rank brings in a turn; in the first nobody has anything, and in each some have nothing.
fn bytes_of(rank: u64, turn: u64) -> Vec<u8> {
    let length = turn * 3 * ((rank + turn) % 3);
    (0..length).map(|at| (at * 7 + rank * 31 + turn) as u8).collect()
}

fn bytes_of_all_are_known_to_all(world: &World, node: &NodeTeam, message_bytes: usize) {
    for turn in 0..4 {
        let all = node.share_by(message_bytes, Ok(bytes_of(world.rank(), turn))).expect("no error");
        let begin = first(world, node);
        let expected: Vec<_> =
            (begin..).take(node.ranks()).map(|rank| bytes_of(rank, turn)).collect();
        assert_eq!(all, expected);
    }
}

fn failing(rank: u64) -> Error {
    Error::Data {
        file: "list".into(),
        problem: format!("as rank {rank} says, {}", "é".repeat(rank as usize)),
    }
}

fn the_lowest_error_is_known_to_all(world: &World, node: &NodeTeam) {
    let team: &dyn Team = node;
    for failed in 0..node.ranks() {
        // All from that one on fail, and the others bring something.
        let mine: Result<Vec<u8>> = match node.rank() < failed {
            true => Ok(vec![1; 1000]),
            false => Err(failing(world.rank())),
        };
        let error = team.share(mine).expect_err("some failed");
        let expected = failing(first(world, node) + failed as u64).to_string();
        assert_eq!((error.exit_code(), error.to_string()), (EXIT_CODE, expected));
    }
    team.agree(Ok(())).expect("none failed");
}

fn numbers_are_shared(node: &NodeTeam) {
    let team: &dyn Team = node;
    let numbers = |rank: usize| vec![rank as u64 + (1 << 40); rank];
    let (mine, all) = team.tell(Ok(node.rank()), |&rank| numbers(rank)).expect("no error");
    assert_eq!(mine, node.rank());
    assert_eq!(all, (0..node.ranks()).map(numbers).collect::<Vec<_>>());
    assert_eq!(team.part(1000), part_of(1000, node.rank(), node.ranks()));
}

fn a_pipe_comes_to_the_first_of_each_node(world: &World, node: &NodeTeam) {
    // The last takes three messages; it is enough to see them once.
    let long = if world.ranks() == 5 { (128 << 20) + 5 } else { 100_000 };
    for length in [0, 1, 1000, long] {
        let byte = |at: usize| (at ^ (at >> 11) ^ (at >> 22)) as u8;
        let mut place = std::ptr::null();
        let received = world.to_nodes(|| {
            let sent: Vec<u8> = (0..length).map(byte).collect();
            place = sent.as_ptr();
            Ok(sent)
        });
        let received = received.expect("no error");
        assert_eq!(received.len(), if node.rank() == 0 { length } else { 0 });
        assert!(received.iter().enumerate().all(|(at, &found)| found == byte(at)));
        if world.nodes() == 1 && world.rank() == 0 {
            assert_eq!(received.as_ptr(), place, "nothing is copied");
        }
    }
    let error = world.to_nodes(|| Err(failing(0))).expect_err("it failed");
    assert_eq!((error.exit_code(), error.to_string()), (EXIT_CODE, failing(0).to_string()));
}
