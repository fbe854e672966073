//! Zstandard (RFC 8878): all frames of a file, those to be skipped skipped.

use std::io;

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::Output;
use crate::error::{Error, Result};
use crate::formats::shell;

const MAGIC: &[u8] = b"\x28\xb5\x2f\xfd";

/// No block holds more than this many bytes, and none takes fewer than four.
const BLOCK_BYTES: usize = 1 << 17;

/// The widest window that zstd(1) accepts without a flag, and so all that it writes without one.
const WIDEST_WINDOW_BYTES: u64 = 1 << 27;

/// A window that is accepted however little room there is: the decoder must support it by RFC 8878.
const LEAST_WINDOW_BYTES: u64 = 1 << 23;

/// How many bytes are unpacked between two looks at the room that is left.
const STEP_BYTES: usize = 1 << 20;

/// Whether bytes begin with a frame, be it one to be skipped.
pub(super) fn begins_frame(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) || is_skippable(bytes)
}

fn is_skippable(bytes: &[u8]) -> bool {
    matches!(bytes, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// Unpacks all frames.
pub(super) fn unpack(bytes: &[u8], output: &mut Output<'_>) -> Result<()> {
    let mut decoder = FrameDecoder::new();
    let window_bytes = (output.limit_bytes as u64).clamp(LEAST_WINDOW_BYTES, WIDEST_WINDOW_BYTES);
    decoder.set_max_window_size(window_bytes);
    let mut rest = bytes;
    for frame in 1.. {
        let outcome = match is_skippable(rest) {
            true => skip_frame(&mut rest),
            false => read_frame(&mut decoder, &mut rest, output),
        };
        if let Err(stop) = outcome {
            let byte = bytes.len() - rest.len();
            return Err(error_of(stop, output, byte, &format!("frame {frame}")));
        }
        if rest.is_empty() {
            break;
        }
    }
    Ok(())
}

/// Why a frame was not read to its end.
enum Stop {
    Damaged(String),
    Undecoded(FrameDecoderError),
    Refused(Error),
}

impl From<FrameDecoderError> for Stop {
    fn from(error: FrameDecoderError) -> Stop {
        Stop::Undecoded(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Refused(error)
    }
}

fn skip_frame(rest: &mut &[u8]) -> std::result::Result<(), Stop> {
    let cut = || Stop::Damaged("its end too early".into());
    let (head, behind) = rest.split_first_chunk::<8>().ok_or_else(cut)?;
    let [_, _, _, _, length @ ..] = *head;
    *rest = behind.get(u32::from_le_bytes(length) as usize..).ok_or_else(cut)?;
    Ok(())
}

/// Reads a frame, and compares its length and its checksum, where it tells them, with what came out.
/// The decoder does neither.
fn read_frame(
    decoder: &mut FrameDecoder,
    rest: &mut &[u8],
    output: &mut Output<'_>,
) -> std::result::Result<(), Stop> {
    let descriptor = rest.get(4).copied().unwrap_or(0);
    if rest.starts_with(MAGIC) && descriptor & 0x08 != 0 {
        return Err(Stop::Damaged("a reserved bit that is set".into()));
    }
    let compressed_bytes = rest.len();
    decoder.reset(&mut *rest)?;
    let tells_length = descriptor & 0xc0 != 0 || descriptor & 0x20 != 0;
    let told_bytes = tells_length.then(|| decoder.content_size());
    if let Some(told_bytes) = told_bytes {
        expect_bytes(told_bytes, compressed_bytes, output)?;
    }
    let begin = output.bytes.len();
    loop {
        let is_last =
            decoder.decode_blocks(&mut *rest, BlockDecodingStrategy::UptoBytes(STEP_BYTES))?;
        output.make_room(decoder.can_collect())?;
        decoder.collect_to_writer(&mut output.bytes).expect("a vector takes all");
        if is_last {
            break;
        }
    }
    let unpacked_bytes = (output.bytes.len() - begin) as u64;
    if let Some(told_bytes) = told_bytes.filter(|&told_bytes| told_bytes != unpacked_bytes) {
        let found = format!("{unpacked_bytes} bytes where {told_bytes} are told");
        return Err(Stop::Damaged(found));
    }
    let stored = decoder.get_checksum_from_data();
    if stored.is_some() && stored != decoder.get_calculated_checksum() {
        return Err(Stop::Damaged("a wrong checksum".into()));
    }
    Ok(())
}

/// Refuses a frame that tells more bytes than fit, before any is unpacked, and makes room for the
/// others; but not for more than so many compressed bytes can hold, as a header may be wrong.
fn expect_bytes(told_bytes: u64, compressed_bytes: usize, output: &mut Output<'_>) -> Result<()> {
    if told_bytes > (output.limit_bytes - output.bytes.len()) as u64 {
        let all_bytes = told_bytes.saturating_add(output.bytes.len() as u64);
        return Err(output.too_large(&format!("{all_bytes} bytes")));
    }
    let possible_bytes = (compressed_bytes / 4).saturating_mul(BLOCK_BYTES);
    output.expect(possible_bytes.min(usize::try_from(told_bytes).unwrap_or(usize::MAX)))
}

fn error_of(stop: Stop, output: &Output<'_>, byte: usize, frame: &str) -> Error {
    use FrameDecoderError as Fault;
    let file = shell::word(output.path);
    let fault = match stop {
        Stop::Refused(error) => return error,
        Stop::Damaged(found) => return output.damaged(byte, frame, &found),
        Stop::Undecoded(fault) => fault,
    };
    match fault {
        Fault::DictNotProvided { dict_id } => output.refuse(format!(
            "expected Zstandard data that unpacks by itself, found {frame} to need the dictionary \
             {dict_id}; unpack it with zstd -dc -D DICTIONARY {file} > out.txt and name that"
        )),
        Fault::WindowSizeTooBig { requested, max } => output.refuse(format!(
            "expected Zstandard data that unpacks in a window of at most {max} bytes, found \
             {requested} in {frame}; unpack it with zstd -dc --long=31 {file} > out.txt and name that"
        )),
        Fault::ReadFrameHeaderError(ReadFrameHeaderError::BadMagicNumber(_)) => {
            output.damaged(byte, frame, "bytes that begin no frame")
        }
        fault if is_cut(&fault) => output.damaged(byte, frame, "its end too early"),
        // The decoder's own words are those of its code, and help nobody here.
        _ => output.damaged(byte, frame, "what cannot be decoded"),
    }
}

/// Whether the cause of a fault is that the bytes ended.
fn is_cut(fault: &FrameDecoderError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(fault);
    while let Some(error) = cause {
        let is_end = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
        if error.downcast_ref().is_some_and(is_end) {
            return true;
        }
        cause = error.source();
    }
    false
}
