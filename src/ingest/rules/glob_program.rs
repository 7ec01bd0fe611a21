//! Patterns with wildcards, matched without an automaton: the memory is proportional to the length of the pattern, whatever
//! it contains and whatever text it is matched with.

/// One step of a pattern. Bytes are compared, as in git. To compare characters, a step examines the first byte of a character, and
/// [`GlobOp::Rest`] follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GlobOp {
    Byte(u8),
    /// Any byte except `/`.
    NotSlash,
    /// A byte of the class with this number.
    Class(u16),
    /// The first byte of any character except `/`.
    Char,
    /// The first byte of a character of the set with this number.
    Set(u16),
    /// The remaining bytes of a character. Apart from stars, no other step matches these bytes, so all of them are matched.
    Rest,
    /// Any number of bytes, none of them `/`.
    Star,
    /// Any number of bytes.
    AnyStar,
    /// Continues both with the next step and with the step of this number.
    Split(u32),
    /// Continues with the step of this number.
    Jump(u32),
}

/// The bytes of a class, as a bit set.
pub(super) type ByteClass = [u64; 4];

/// Some characters, or all characters except these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CharacterSet {
    pub(super) ranges: Box<[(char, char)]>,
    pub(super) negated: bool,
}

impl CharacterSet {
    fn has(&self, character: char) -> bool {
        self.ranges.iter().any(|&(from, to)| (from..=to).contains(&character)) != self.negated
    }
}

/// A pattern, as a list of steps.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct GlobProgram {
    pub(super) ops: Box<[GlobOp]>,
    pub(super) classes: Box<[ByteClass]>,
    pub(super) sets: Box<[CharacterSet]>,
}

/// The buffers of [`GlobProgram::matches`], kept from one path to the next.
#[derive(Debug, Default)]
pub(in crate::ingest) struct GlobWorkspace {
    /// The steps that may match the current byte.
    now: Vec<u32>,
    /// The steps that may match the next byte.
    next: Vec<u32>,
    /// For each step, the last round in which it was reached.
    reached: Vec<u32>,
    round: u32,
    open: Vec<u32>,
}

/// True if a byte belongs to a character and is not its first byte.
fn is_rest(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Returns the character that begins at a byte.
fn character(text: &[u8], at: usize) -> Option<char> {
    let length = match text.get(at)? {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    };
    str::from_utf8(text.get(at..at + length)?).ok()?.chars().next()
}

pub(super) fn has(class: &ByteClass, byte: u8) -> bool {
    class.get(usize::from(byte >> 6)).is_some_and(|bits| bits >> (byte & 63) & 1 == 1)
}

impl GlobProgram {
    /// True if [`GlobProgram::matches_simple`] may be used: there are no jumps, and only literal steps match a `/`.
    pub(super) fn is_simple(&self) -> bool {
        let plain = |op: &GlobOp| !matches!(op, GlobOp::AnyStar | GlobOp::Split(_) | GlobOp::Jump(_));
        self.ops.iter().all(plain)
            && !self.classes.iter().any(|class| has(class, b'/'))
            && !self.sets.iter().any(|set| set.has('/'))
    }

    /// True if a step matches the byte at `at`.
    fn takes(&self, op: GlobOp, text: &[u8], at: usize) -> bool {
        let Some(&byte) = text.get(at) else { return false };
        match op {
            GlobOp::Byte(wanted) => wanted == byte,
            GlobOp::NotSlash | GlobOp::Star => byte != b'/',
            GlobOp::AnyStar => true,
            GlobOp::Class(number) => self.classes.get(usize::from(number)).is_some_and(|class| has(class, byte)),
            GlobOp::Char => byte != b'/' && !is_rest(byte),
            GlobOp::Set(number) => {
                let set = self.sets.get(usize::from(number));
                set.zip(character(text, at)).is_some_and(|(set, character)| set.has(character))
            }
            GlobOp::Rest => is_rest(byte),
            GlobOp::Split(_) | GlobOp::Jump(_) => false,
        }
    }

    /// True if a simple pattern matches the whole text. After a mismatch, the search only goes back to the last star: more bytes for
    /// an earlier star cannot lead to another match.
    pub(super) fn matches_simple(&self, text: &[u8]) -> bool {
        let (mut op, mut at) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        loop {
            match (self.ops.get(op), text.get(at)) {
                (Some(GlobOp::Star), _) => {
                    star = Some((op, at));
                    op += 1;
                    continue;
                }
                (Some(GlobOp::Rest), byte) => {
                    if byte.is_some_and(|&byte| is_rest(byte)) {
                        at += 1;
                    } else {
                        op += 1;
                    }
                    continue;
                }
                (None, None) => return true,
                (Some(&wanted), Some(_)) if self.takes(wanted, text, at) => {
                    op += 1;
                    at += 1;
                    continue;
                }
                _ => {}
            }
            match star {
                Some((starred, from)) if text.get(from).is_some_and(|&byte| byte != b'/') => {
                    star = Some((starred, from + 1));
                    op = starred + 1;
                    at = from + 1;
                }
                _ => return false,
            }
        }
    }

    /// True if a pattern matches the whole text. Follows all alternatives at once, so the time is at most steps times bytes.
    pub(super) fn matches(&self, text: &[u8], scratch: &mut GlobWorkspace) -> bool {
        let GlobWorkspace { now, next, reached, round, open } = scratch;
        if reached.len() <= self.ops.len() {
            reached.resize(self.ops.len() + 1, 0);
        }
        let mut enter = |start: u32, round: u32, into: &mut Vec<u32>| {
            open.push(start);
            while let Some(op) = open.pop() {
                let Some(seen) = reached.get_mut(op as usize).filter(|seen| **seen != round) else { continue };
                *seen = round;
                match self.ops.get(op as usize) {
                    Some(&GlobOp::Split(other)) => open.extend([other, op + 1]),
                    Some(&GlobOp::Jump(other)) => open.push(other),
                    Some(GlobOp::Star | GlobOp::AnyStar | GlobOp::Rest) => {
                        into.push(op);
                        open.push(op + 1);
                    }
                    _ => into.push(op),
                }
            }
        };
        let mut fresh = || {
            *round = round.wrapping_add(1);
            *round
        };
        now.clear();
        enter(0, fresh(), now);
        for at in 0..text.len() {
            if now.is_empty() {
                return false;
            }
            next.clear();
            let round = fresh();
            for &op in now.iter() {
                match self.ops.get(op as usize) {
                    Some(&wanted) if self.takes(wanted, text, at) => {
                        let stays = matches!(wanted, GlobOp::Star | GlobOp::AnyStar | GlobOp::Rest);
                        enter(if stays { op } else { op + 1 }, round, next);
                    }
                    _ => {}
                }
            }
            std::mem::swap(now, next);
        }
        now.iter().any(|&op| op as usize == self.ops.len())
    }
}
