//! What help says beside the options: examples before them, and what concerns several of them behind.
//!
//! Tables are no wider than a terminal of 80 columns; clap folds what is running text.

/// Before the help of the program.
pub(super) const EXAMPLES: &str = "\
Examples:
  farthest pair cities.csv                         the farthest pair of a list
  mpirun -n 4 farthest pair cities.csv --top 10    the ten farthest, on four ranks
  farthest info cities.csv                         what would be read, what to doubt";

pub(super) const EXAMPLES_OF_PAIR: &str = "\
Examples:
  farthest pair cities.csv                         the farthest pair of a list
  farthest pair shops.csv depots.csv --metric wgs84
                                                   one of each of two, on WGS84
  mpirun -n 4 farthest pair cities.csv --top 10 --map far.png
                                                   the ten farthest, and a map of them";

pub(super) const EXAMPLES_OF_EACH: &str = "\
Examples:
  farthest each cities.csv --out far.csv           the farthest city of each
  farthest each shops.csv depots.csv --out far.geojson
                                                   the farthest depot of each shop
  mpirun -n 4 farthest each cities.csv --out far.tsv --metric wgs84";

/// Behind the summary of the program, `farthest -h`.
pub(super) const CODES_IN_SHORT: &str = "\
Exit codes: 0 fine, 2 usage, 65 bad data, 66 no such input, 70 internal, 74 input/output, 75 stopped before its \
end, 78 launcher mismatch; the same on every rank. --help tells more.";

/// Behind the help of the program.
pub(super) const CODES_AND_FILES: &str = "\
Exit codes, the same on every rank, with one message from rank 0:
   0  fine
   1  of study alone: a run failed or was not valid, or the table could not be made
   2  usage: the command line is wrong, or asks for what this machine has not
      (--isa, memory for --dist scatter)
  65  bad data: the file is no city list, is damaged, differs between hosts, or
      was changed while it was read
  66  no such input
  70  internal: a broken promise; please report it
  74  input/output: the system could not read or write, has not the memory that
      is needed, or the file was shortened while it was read
  75  stopped before its end, by a time limit or a signal: no error, but no answer
      either; start it again to go on (pair --checkpoint)
  78  launcher mismatch: the launcher belongs to another MPI than the program

scaling and study need no MPI; of several processes only the first works. A rank that a signal ends has no code of \
ours: the launcher ends with 128 and the signal's number (Open MPI), or with the signals of all ranks in one number \
(MPICH). SIGKILL: the memory was full, or a limit of the batch system, or kill -9. SIGTERM: the batch system at a \
limit of time, or somebody. SIGBUS: a file was cut short while it was read, or a disk failed. SIGXCPU, SIGXFSZ: a \
limit of the shell (ulimit). Under ulimit -v MPI may find too few addresses before we do, and end or wait in its own \
way: limit memory by the batch system. SIGSEGV, SIGABRT: a fault, please report it. scripts/launch tells which it \
was. Where a node fails, Slurm asks the ranks of the others to stop; they wait ten seconds for those that do not \
answer any more, and end with 75 and without a report.

Files that are read: nobody may write to them meanwhile. Who does is found out: every rank looks at the file again, at \
its length and at when it was last written to, before an answer is printed or a packed file gets its name, and there \
is neither if anything differs. Two things the system does not show: what another program writes through a map of its \
own, until the system notes it, and a time that was set back. To put another file in its place, as mv and pack \
--force do, is fine at any time.

Files that are written: each is there whole or not at all, and those of one scaling appear together. A kill at the \
instant in which one file replaces another can leave a third beside it, .farthest-*.tmp, which may be deleted. \
--force replaces a file: its mode stays, and its owner as far as the system allows; a read-only file is refused, by \
its mode bits even for root. A link is followed and stays. What is no regular file (a folder, a pipe, a device, \
/dev/stdout) is refused, and so is an output that is an input or another output, whatever path or link leads to it. A \
standard output that is closed or full is an error (74); under mpirun it is the launcher that writes what rank 0 \
prints, and it does not tell when it cannot: scripts/launch does. A message is one line. What steers a terminal, ends \
a line or turns its order is shown in it as \u{fffd}, as in the names of a report.";

/// Behind the help of `pair`.
pub(super) const OF_PAIR: &str = "\
The answer is the pair with the greatest distance; of several, the one whose lower row is lowest, then whose higher \
row is lowest. (Copies, exact antipodes and mirror images tie always; other pairs that are equally far on paper may \
come out 29 nanometres apart, and then rounding chooses, on every machine alike.) Rows are the data rows of the \
source, counted from 0. Where a list is read again within a moment (up to 64 MiB, not packed or compressed) the \
report has the lines too, counted from 1. The report counts the pairs covered by all ranks, and is refused unless \
they are all.

With two lists a pair is a row of the first and a row of the second: the report has files, an array of the two, \
instead of file, and a list with itself pairs each city with itself too.

Long searches: a limit of time, SIGTERM and SIGUSR1 stop the search within two seconds. The report then says Result: \
STOPPED (status: stopped in JSON), the farthest pair so far, the pairs covered, and a proven bracket for the answer: \
it is at least distance_km and at most upper_bound_km. The exit code is 75. A signal before the search begins ends \
the program, as there is nothing to tell. Under Open MPI send SIGUSR1, to mpirun or to any rank: at SIGTERM mpirun \
kills its ranks after a second. A rank ends the block that it is at, if that takes no more than a second; a block \
that takes longer is left, and is done anew by the next run.

A checkpoint is written by rank 0, whole or not at all. Started again with the same file, on any number of ranks, the \
search goes on, and ends with the bytes of a run that nobody disturbed; what a kill costs is the last interval. The \
file is bound to the cities, to how they were read, to the method and to the version; for anything else it is \
refused, with what differs. It belongs to one job at a time: where it is not as this run left it, it is neither \
replaced nor deleted, and standard error says so. When the answer has been printed, it is deleted.

Exit codes, and what holds for files: farthest --help.";

/// Behind the help of `each`.
pub(super) const OF_EACH: &str = "\
OUT has a line for every city of the first list, in the order of rows; of cities that are equally far the one with the \
lowest row. Its columns: row, name, lat, lon, far_row, far_name, far_lat, far_lon, distance_km. The report has the \
greatest distance, which is that of pair; the centre, the city whose farthest one is nearest; and a histogram of the \
distances, with bars in text and counts in JSON. All ranks search; those of the first node write the one file side by \
side, with the same bytes for any number of ranks.

It takes 16 bytes of memory a city on the first node, above half of what is free (--memory) on the disk beside OUT, \
and as much on other nodes for what their ranks found. --radius-km scales distance_km in OUT too; --unit is for the \
report alone. A list of one city and no OTHER has no answer, and is refused.";

/// Behind the help of `pack`.
pub(super) const OF_PACK: &str = "\
All ranks of the first node work, and the bytes are the same for any number of them. A packed file opens in a \
millisecond at a hundred million cities; src/atlas/FORMAT.md specifies it byte by byte. To pack a packed file checks \
all of it first. What comes through a pipe (-) is read by rank 0; under MPICH start that alone, as its mpiexec gives \
up on a long one; Open MPI 4's mpirun may crash at its end, with a trace and code 139: start again, or name a file.";

/// Behind the help of `info`.
pub(super) const OF_INFO: &str = "\
The checksum tells files apart. Of a text file it is made in blocks, so that ranks can share the work: XXH3-64 of the \
XXH3-64 of each 2^20 bytes, as little-endian numbers; of a packed file it is the one in its header. \
src/atlas/FORMAT.md has it as a line of Python.";
