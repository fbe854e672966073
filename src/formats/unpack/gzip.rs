//! gzip (RFC 1952): all members of a file, and the padding behind them.

use std::io::{self, Read};

use flate2::bufread::GzDecoder;

use super::Output;
use crate::error::{Error, Result};

/// What every member begins with.
pub(super) const MAGIC: &[u8] = b"\x1f\x8b";

/// No deflate data holds more than this many bytes a byte: a match of 258 bytes takes two bits.
const GREATEST_RATIO: usize = 1032;

/// Zero bytes behind the last member that are padding: blocks of tapes have fewer. More are a file that was never
/// written to its end, and there may be terabytes of them.
const MOST_PADDING_BYTES: usize = 16 << 20;

/// Unpacks all members. Zero bytes behind the last are padding, as gzip(1) has it, for tapes are
/// filled up with them; other bytes there are an error, for they could be a member that is broken.
pub(super) fn unpack(bytes: &[u8], output: &mut Output<'_>) -> Result<()> {
    output.expect(told_bytes(bytes))?;
    let mut decoder = GzDecoder::new(bytes);
    for member in 1.. {
        let outcome = read_member(&mut decoder, output);
        let rest = *decoder.get_ref();
        let byte = bytes.len() - rest.len();
        let part = format!("member {member}");
        match outcome {
            Ok(()) => {}
            Err(Stop::Refused(error)) => return Err(error),
            Err(Stop::Damaged(fault)) if fault.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(output.damaged(byte, &part, "its end too early"));
            }
            Err(Stop::Damaged(fault)) => {
                return Err(output.damaged(byte, &part, &format!("a fault ({fault})")));
            }
        }
        let padding = &rest[..rest.len().min(MOST_PADDING_BYTES + 1)];
        if padding.iter().all(|&byte| byte == 0) {
            if padding.len() <= MOST_PADDING_BYTES {
                break;
            }
            let part = format!("what follows {part}");
            let found =
                format!("more zero bytes than tapes are filled up with ({MOST_PADDING_BYTES})");
            return Err(output.damaged(byte, &part, &found));
        }
        if !rest.starts_with(MAGIC) {
            let part = format!("what follows {part}");
            return Err(output.damaged(byte, &part, "bytes that begin no member"));
        }
        // One decoder for all: a file can have a million members, and a new one takes memory.
        decoder.reset(rest);
    }
    Ok(())
}

/// How many bytes the last member says that it holds, modulo 2³²; as a hint, for there may be other
/// members. A number that so few bytes cannot hold is none.
fn told_bytes(bytes: &[u8]) -> usize {
    let told_bytes = bytes.last_chunk().map_or(0, |&chunk| u32::from_le_bytes(chunk) as usize);
    if told_bytes <= bytes.len().saturating_mul(GREATEST_RATIO) { told_bytes } else { 0 }
}

/// Why a member was not read to its end.
enum Stop {
    Damaged(io::Error),
    Refused(Error),
}

impl From<io::Error> for Stop {
    fn from(fault: io::Error) -> Stop {
        Stop::Damaged(fault)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Refused(error)
    }
}

/// Reads to the end of a member, where the decoder compares checksum and length.
fn read_member(
    decoder: &mut GzDecoder<&[u8]>,
    output: &mut Output<'_>,
) -> std::result::Result<(), Stop> {
    loop {
        // Never more than fits, so that the vector has no reason to grow by itself.
        let spare_bytes = output.spare_bytes();
        let taken = decoder.by_ref().take(spare_bytes as u64).read_to_end(&mut output.bytes)?;
        if taken < spare_bytes {
            return Ok(());
        }
        // The buffer is full. Only if there is one byte more does it have to grow.
        let mut next = [0];
        if decoder.read(&mut next)? == 0 {
            return Ok(());
        }
        output.make_room(1)?;
        output.bytes.push(next[0]);
    }
}
