//! What this machine, or the Slurm allocation around this process, has.

use std::env;
use std::fs;

use rustix::system::{sysinfo, uname};
use rustix::thread::sched_getaffinity;

use super::launcher::Launcher;
use crate::scaling::runs::Host;

/// Nodes, and processors for ranks on all of them.
pub(super) fn allocation() -> (u64, u64) {
    let number = |name: &str| env::var(name).ok()?.parse().ok();
    // The processors that this process may use, whatever a quota says: that is one of time, not of ranks.
    let here = || sched_getaffinity(None).map_or(1, |cpus| u64::from(cpus.count()));
    if env::var_os("SLURM_JOB_ID").is_none() {
        return (1, here());
    }
    let nodes = number("SLURM_JOB_NUM_NODES").unwrap_or(1).max(1);
    let on_node = || number("SLURM_NTASKS_PER_NODE").or_else(|| number("SLURM_CPUS_ON_NODE"));
    let all = || nodes * on_node().unwrap_or_else(here);
    (nodes, number("SLURM_NTASKS").unwrap_or_else(all).max(1))
}

/// Powers of two up to the most, and the most.
pub(super) fn default_ranks(most: u64) -> Vec<u64> {
    let powers = (0..u64::BITS).map(|power| 1 << power).take_while(|&ranks| ranks < most);
    powers.chain([most]).collect()
}

/// What the runs file tells of this machine.
pub(super) fn host(launcher: &Launcher) -> Host {
    let system = uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    let memory = sysinfo();
    Host {
        hostname: text(system.nodename()),
        processor: processor().unwrap_or_else(|| text(system.machine())),
        cores: cores(),
        shared_cores: env::var("FARTHEST_SHARED_CORES").ok().and_then(|cores| cores.parse().ok()),
        memory_bytes: Some(memory.totalram as u64 * u64::from(memory.mem_unit)),
        kernel: Some(format!("{} {}", text(system.sysname()), text(system.release()))),
        binding: launcher.binding(),
        launcher: launcher.name(),
        slurm_job_id: env::var("SLURM_JOB_ID").ok(),
    }
}

/// The model of the processor, where the system tells it.
fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let models = text.lines().filter_map(|line| line.split_once(':'));
    let model = models.into_iter().find(|(name, _)| name.trim_end() == "model name")?.1.trim();
    Some(model.to_string()).filter(|model| !model.is_empty())
}

/// The processors of this machine, those included that this process may not use.
fn cores() -> u64 {
    let online = fs::read_to_string("/sys/devices/system/cpu/online").unwrap_or_default();
    let in_range = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let [first, last]: [u64; 2] = [first.parse().ok()?, last.parse().ok()?];
        Some(last.checked_sub(first)? + 1)
    };
    let counted: Option<u64> = online.trim().split(',').map(in_range).sum();
    let seen = || std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    counted.unwrap_or_else(seen)
}
