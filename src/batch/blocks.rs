//! From a stream of bytes to blocks of whole lines.

/// What a block should hold, in bytes: large enough that handing it over costs nothing beside answering it, small
/// enough that all cores have some of a short stream.
pub const BLOCK: usize = 64 * 1024;

/// Whole lines, each with its end but perhaps the last of a stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Number of its first line, from 1.
    pub first: u64,
    /// How many lines it holds, blank ones included.
    pub lines: u64,
    /// Their bytes.
    pub bytes: Vec<u8>,
}

impl Block {
    /// Its lines with their numbers, without their ends.
    pub fn numbered(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let lines = self.bytes.split_inclusive(|byte| *byte == b'\n');
        let lines = lines.map(|line| line.strip_suffix(b"\n").unwrap_or(line));
        (self.first..).zip(lines)
    }

    /// Takes the lines of the block that follows it, where both together are no more than one block should hold.
    ///
    /// # Errors
    /// The other block, untouched, when there is no room.
    pub fn join(&mut self, next: Self) -> Result<(), Self> {
        if self.bytes.len() + next.bytes.len() > BLOCK {
            return Err(next);
        }
        self.bytes.extend_from_slice(&next.bytes);
        self.lines += next.lines;
        Ok(())
    }
}

/// Cuts a stream into blocks. Of a line longer than the limit only as much is kept as shows that it is too long.
#[derive(Debug)]
pub struct Splitter {
    bytes: Vec<u8>,
    /// End of the last whole line in `bytes`.
    whole: usize,
    /// Whole lines in `bytes`.
    lines: u64,
    /// Number of the first line in `bytes`, from 1.
    first: u64,
    limit: usize,
}

impl Splitter {
    /// For lines of at most `limit` bytes without their ends.
    pub fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), whole: 0, lines: 0, first: 1, limit }
    }

    /// Takes the next bytes of the stream.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        // Most often the line fits; only the rest of one that is too long is passed over.
        let open = self.bytes.len() - self.whole;
        if open > self.limit {
            match bytes.iter().position(|byte| *byte == b'\n') {
                Some(end) => bytes = &bytes[end..],
                None => return,
            }
        }
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if end > 0 {
            self.lines += bytes[..end].iter().filter(|byte| **byte == b'\n').count() as u64;
            self.whole = self.bytes.len() + end;
        }
        self.bytes.extend_from_slice(bytes);
        self.bytes.truncate(self.whole + self.limit + 1);
    }

    /// Whether there is a line to answer.
    pub fn has_lines(&self) -> bool {
        self.lines > 0
    }

    /// Takes the whole lines out.
    pub fn take(&mut self) -> Block {
        let open = self.bytes.split_off(self.whole);
        let bytes = std::mem::replace(&mut self.bytes, open);
        let block = Block { first: self.first, lines: self.lines, bytes };
        self.first += self.lines;
        (self.whole, self.lines) = (0, 0);
        block
    }

    /// Takes everything out at the end of the stream: its last line may have no end.
    pub fn finish(&mut self) -> Block {
        if self.bytes.len() > self.whole {
            self.whole = self.bytes.len();
            self.lines += 1;
        }
        self.take()
    }

    /// Number of the first line that has not been taken out, from 1.
    pub fn next_number(&self) -> u64 {
        self.first
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All lines of a stream that arrives in pieces of some size, taken out now and then.
    fn split(stream: &[u8], piece: usize, every: usize, limit: usize) -> Vec<(u64, Vec<u8>)> {
        let mut splitter = Splitter::new(limit);
        let mut blocks = Vec::new();
        for (at, bytes) in stream.chunks(piece).enumerate() {
            splitter.feed(bytes);
            if splitter.has_lines() && at % every == 0 {
                blocks.push(splitter.take());
            }
        }
        blocks.push(splitter.finish());
        assert!(blocks.iter().all(|block| block.numbered().count() as u64 == block.lines), "{blocks:?}");
        let numbered = |block: &Block| {
            block.numbered().map(|(number, line)| (number, line.to_vec())).collect::<Vec<_>>()
        };
        blocks.iter().flat_map(numbered).collect()
    }

    #[test]
    fn the_rest_of_a_long_line_is_passed_over() {
        let stream = [b"ab\n".as_slice(), &[b'x'; 1000], b"\n\nlast"].concat();
        for piece in 1..40 {
            let lines = split(&stream, piece, 1, 4);
            let numbers: Vec<u64> = lines.iter().map(|(number, _)| *number).collect();
            assert_eq!(numbers, [1, 2, 3, 4], "{piece}");
            assert_eq!(
                (lines[0].1.as_slice(), lines[3].1.as_slice()),
                (b"ab".as_slice(), b"last".as_slice())
            );
            assert!((5..=40).contains(&lines[1].1.len()), "{piece}: {}", lines[1].1.len());
        }
    }

    #[test]
    fn small_blocks_are_joined_up_to_one() {
        let block = |first, size| Block { first, lines: 1, bytes: vec![b'\n'; size] };
        let mut joined = block(1, BLOCK - 1);
        assert_eq!(joined.join(block(2, 1)), Ok(()));
        assert_eq!((joined.first, joined.lines, joined.bytes.len()), (1, 2, BLOCK));
        assert_eq!(joined.join(block(3, 1)), Err(block(3, 1)));
    }

    proptest! {
        /// However a stream arrives, its lines are those that anyone sees in it.
        #[test]
        fn lines_are_those_of_the_stream(
            stream in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'a'), any::<u8>()], 0..200),
            piece in 1..20_usize,
            every in 1..5_usize,
        ) {
            let mut want: Vec<Vec<u8>> = stream.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            want.pop_if(|last| last.is_empty());
            let want: Vec<(u64, Vec<u8>)> = (1..).zip(want).collect();
            prop_assert_eq!(split(&stream, piece, every, 1000), want);
        }
    }
}
