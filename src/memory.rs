//! The files in which Linux tells of memory go in, how many bytes can still be had comes out.
//!
//! Three things end a program that takes too much: the machine has no more, the batch job's cgroup has
//! a limit, or the shell has one (`ulimit -v`, `ulimit -d`). Each tells in a file what is left, and the least of
//! them counts. The cgroups from the program's own up to the root count all, as each bounds those
//! below it. Their usage includes pages of files, which the kernel gives up when memory is
//! needed; these count as free here, as in `MemAvailable`.
//!
//! What is not told bounds nothing: another system than Linux has none of these files. The sum is of
//! this moment, and other ranks on the node may ask for the same bytes.
//!
//! Where memory is asked for in vain all the same, the binary's allocator ends the program in a way that can be
//! understood (`memory/allocator.rs`).
//!
//! Architecture Invariant: it does not know what the memory is for.

mod allocator;

use std::fs;
use std::path::{Path, PathBuf};

pub use self::allocator::{Allocator, end_on_exhaustion, exhausted, may_fail};

/// Bytes of memory that this process can still take, as far as the system tells.
pub fn available_bytes() -> Option<u64> {
    available_bytes_below(Path::new("/"))
}

/// The same, by the files `proc/…` and `sys/…` below any folder.
pub fn available_bytes_below(root: &Path) -> Option<u64> {
    let machine = bytes_told(root, "proc/meminfo", "MemAvailable:");
    let told = [machine, limit_bytes(root, &ADDRESSES), limit_bytes(root, &DATA)];
    told.into_iter().flatten().chain(cgroups_bytes(root)).min()
}

/// Bytes of addresses that this process can still take, which files that are mapped need too.
pub fn address_bytes() -> Option<u64> {
    limit_bytes(Path::new("/"), &ADDRESSES)
}

/// How the files name a limit of the shell, and what of it is taken.
type Limit = [&'static str; 2];
/// `ulimit -v`: address space, of which a process takes more than it fills.
const ADDRESSES: Limit = ["Max address space", "VmSize:"];
/// `ulimit -d`: memory that is no file's.
const DATA: Limit = ["Max data size", "VmData:"];

/// What a limit leaves.
fn limit_bytes(root: &Path, [name, taken]: &Limit) -> Option<u64> {
    let limits = fs::read_to_string(root.join("proc/self/limits")).ok()?;
    let limit = number_behind(&limits, name)?;
    let taken_bytes = bytes_told(root, "proc/self/status", taken)?;
    Some(limit.saturating_sub(taken_bytes))
}

/// What each cgroup with a limit leaves.
fn cgroups_bytes(root: &Path) -> impl Iterator<Item = u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let folders: Vec<(Version, PathBuf)> =
        groups.lines().filter_map(|line| folders_of(root, line)).flatten().collect();
    folders.into_iter().filter_map(|(version, folder)| cgroup_bytes(version, &folder))
}

/// The two interfaces of cgroups.
#[derive(Clone, Copy)]
enum Version {
    One,
    Two,
}

/// The folders of a cgroup and of those above it, by its line `number:controllers:path`.
fn folders_of(root: &Path, line: &str) -> Option<Vec<(Version, PathBuf)>> {
    let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
    let (version, mount) = match controllers {
        "" => (Version::Two, "sys/fs/cgroup"),
        _ if controllers.split(',').any(|name| name == "memory") => {
            (Version::One, "sys/fs/cgroup/memory")
        }
        _ => return None,
    };
    let mount = root.join(mount);
    // Up to the mount itself: in a container that is often the only one of these folders there is.
    let folders = Path::new(path.trim_start_matches('/')).ancestors();
    Some(folders.map(|folder| (version, mount.join(folder))).collect())
}

fn cgroup_bytes(version: Version, folder: &Path) -> Option<u64> {
    // In version 1 the plain numbers leave out the groups below, which the usage counts.
    let (limit, usage, prefix) = match version {
        Version::One => ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
        Version::Two => ("memory.max", "memory.current", ""),
    };
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let limit_bytes: u64 = read(limit)?.trim().parse().ok()?;
    let usage_bytes: u64 = read(usage)?.trim().parse().ok()?;
    let statistics = read("memory.stat").unwrap_or_default();
    let file_bytes: u64 = ["active_file ", "inactive_file "]
        .iter()
        .filter_map(|name| number_behind(&statistics, &format!("{prefix}{name}")))
        .sum();
    Some(limit_bytes.saturating_sub(usage_bytes.saturating_sub(file_bytes)))
}

/// Bytes that a line tells in units of 1024.
fn bytes_told(root: &Path, file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(root.join(file)).ok()?;
    number_behind(&text, name)?.checked_mul(1024)
}

/// The number that follows the name of a line; `None` for "unlimited" and the like.
fn number_behind(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_ascii_whitespace().next()?.parse().ok()
}
