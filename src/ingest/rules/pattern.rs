//! One line of an ignore file: the paths that it matches, and whether it leaves them out.

use super::glob_program::{ByteClass, CharacterSet, GlobOp, GlobProgram};
use crate::filter::composed;
use crate::filter::glob::syntax::{self, GlobDialect, GlobToken};

/// The effect of a rule on the paths that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    /// True if the rule includes paths that an earlier rule leaves out.
    pub(super) keeps: bool,
    /// True if the rule applies to folders only.
    pub(super) folders: bool,
}

/// The paths that a rule matches. Literal kinds are found by hash, however many there are; the others are matched one by one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RulePattern {
    /// A name, in any folder.
    Name(Box<[u8]>),
    /// A path.
    Path(Box<[u8]>),
    /// The end of a name, from its last dot on.
    Extension(Box<[u8]>),
    /// A simple program for a name, in any folder.
    WildName(GlobProgram),
    /// A simple program for a path.
    WildPath(GlobProgram),
    /// A program for a path.
    General(GlobProgram),
}

/// Parses a line. `None`: the line is a comment, or empty.
///
/// # Errors
/// The problem with the line.
pub(super) fn parse(line: &str, dialect: GlobDialect) -> Result<Option<(RulePattern, Verdict)>, String> {
    if line.starts_with('#') {
        return Ok(None);
    }
    let line = without_spaces(line);
    if line.is_empty() {
        return Ok(None);
    }
    let line = &*composed(line);
    let (keeps, line) = match line.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    // `\!` and `\#` are the characters that they escape; a slash after them does not bind the rule to the folder.
    let escaped = !keeps && (line.starts_with("\\!") || line.starts_with("\\#"));
    let line = if escaped { line.get(1..).unwrap_or_default() } else { line };
    let (bound, line) = match line.strip_prefix('/') {
        Some(rest) if !escaped => (true, rest),
        _ => (false, line),
    };
    let (folders, line) = match line.strip_suffix('/') {
        Some(rest) => (true, rest.strip_suffix('\\').unwrap_or(rest)),
        None => (false, line),
    };
    let anywhere = !bound && !line.contains('/') && !line.starts_with("**/") && line != "**";
    let mut glob = if anywhere { format!("**/{line}") } else { line.to_owned() };
    if glob.ends_with("/**") {
        // Match the content of the folder, and not the folder itself.
        glob.push_str("/*");
    }
    let tokens = syntax::parse(&glob, dialect)?;
    Ok(Some((compile(&tokens, dialect)?, Verdict { keeps, folders })))
}

/// Returns a line without the spaces at its end. As in git, an escaped space is kept, and so is other white space.
fn without_spaces(line: &str) -> &str {
    let bare = line.trim_end_matches(' ');
    let escaping = bare.bytes().rev().take_while(|&byte| byte == b'\\').count();
    let kept = usize::from(escaping % 2 == 1 && bare.len() < line.len());
    line.get(..bare.len() + kept).unwrap_or(line)
}

/// Returns the literal text of these tokens, if all of them are literal.
fn literal(tokens: &[GlobToken]) -> Option<Box<[u8]>> {
    let mut text = String::new();
    for token in tokens {
        let GlobToken::Literal(character) = token else { return None };
        text.push(*character);
    }
    Some(text.into_bytes().into_boxed_slice())
}

fn compile(tokens: &[GlobToken], dialect: GlobDialect) -> Result<RulePattern, String> {
    if let Some(path) = literal(tokens) {
        return Ok(RulePattern::Path(path));
    }
    let Some((GlobToken::Prefix, name)) = tokens.split_first() else {
        let program = program(tokens, dialect)?;
        return Ok(if program.is_simple() { RulePattern::WildPath(program) } else { RulePattern::General(program) });
    };
    if name.is_empty() {
        // `**` alone matches everything.
        return Ok(RulePattern::General(GlobProgram { ops: [GlobOp::AnyStar].into(), ..GlobProgram::default() }));
    }
    if let Some(name) = literal(name).filter(|name| !name.contains(&b'/')) {
        return Ok(RulePattern::Name(name));
    }
    if let Some((GlobToken::Star, rest)) = name.split_first()
        && let Some(ending) = literal(rest)
        && let Some((b'.', after)) = ending.split_first()
        && !after.iter().any(|byte| matches!(byte, b'.' | b'/'))
    {
        return Ok(RulePattern::Extension(ending));
    }
    let named = program(name, dialect)?;
    if named.is_simple() && !named.ops.contains(&GlobOp::Byte(b'/')) {
        return Ok(RulePattern::WildName(named));
    }
    Ok(RulePattern::General(program(tokens, dialect)?))
}

fn program(tokens: &[GlobToken], dialect: GlobDialect) -> Result<GlobProgram, String> {
    let mut steps = ProgramBuilder { dialect, ops: Vec::new(), classes: Vec::new(), sets: Vec::new() };
    steps.emit(tokens)?;
    Ok(GlobProgram { ops: steps.ops.into(), classes: steps.classes.into(), sets: steps.sets.into() })
}

/// Builds a program step by step.
struct ProgramBuilder {
    dialect: GlobDialect,
    ops: Vec<GlobOp>,
    classes: Vec<ByteClass>,
    sets: Vec<CharacterSet>,
}

impl ProgramBuilder {
    fn place(&self) -> Result<u32, String> {
        u32::try_from(self.ops.len()).map_err(|_| "too long".to_owned())
    }

    /// Adds the steps for these tokens. Recurses into braces, of which there are few.
    fn emit(&mut self, tokens: &[GlobToken]) -> Result<(), String> {
        let mut before = None;
        for token in tokens {
            match token {
                GlobToken::Literal(character) => {
                    let mut bytes = [0; 4];
                    self.ops.extend(character.encode_utf8(&mut bytes).bytes().map(GlobOp::Byte));
                }
                GlobToken::Any if self.dialect == GlobDialect::Git => self.ops.push(GlobOp::NotSlash),
                GlobToken::Any => self.ops.extend([GlobOp::Char, GlobOp::Rest]),
                GlobToken::Star if before == Some(&GlobToken::Star) => {}
                GlobToken::Star => self.ops.push(GlobOp::Star),
                GlobToken::Prefix => {
                    let end = self.place()? + 3;
                    self.ops.extend([GlobOp::Split(end), GlobOp::AnyStar, GlobOp::Byte(b'/')]);
                }
                GlobToken::Suffix => self.ops.extend([GlobOp::Byte(b'/'), GlobOp::AnyStar]),
                GlobToken::Between => {
                    let end = self.place()? + 4;
                    self.ops.extend([GlobOp::Byte(b'/'), GlobOp::Split(end), GlobOp::AnyStar, GlobOp::Byte(b'/')]);
                }
                GlobToken::Class { ranges, negated } => self.class(ranges, *negated)?,
                GlobToken::Either(branches) => {
                    // An empty branch is ignored, as in other tools.
                    let branches: Vec<_> =
                        branches.iter().filter(|branch| !branch.iter().all(GlobToken::is_empty)).collect();
                    let mut jumps = Vec::new();
                    for (number, branch) in branches.iter().enumerate() {
                        let split = self.ops.len();
                        let more = number + 1 < branches.len();
                        if more {
                            self.ops.push(GlobOp::Split(0));
                        }
                        self.emit(branch)?;
                        if more {
                            jumps.push(self.ops.len());
                            self.ops.push(GlobOp::Jump(0));
                            let next = self.place()?;
                            if let Some(op) = self.ops.get_mut(split) {
                                *op = GlobOp::Split(next);
                            }
                        }
                    }
                    let end = self.place()?;
                    for jump in jumps {
                        if let Some(op) = self.ops.get_mut(jump) {
                            *op = GlobOp::Jump(end);
                        }
                    }
                }
            }
            before = Some(token);
        }
        Ok(())
    }

    fn class(&mut self, ranges: &[(char, char)], negated: bool) -> Result<(), String> {
        let number = |length: usize| u16::try_from(length).map_err(|_| "too long".to_owned());
        let git = self.dialect == GlobDialect::Git;
        if git || !negated && ranges.iter().all(|(_, to)| to.is_ascii()) {
            let mut class = byte_class(ranges, negated)?;
            if git {
                class[usize::from(b'/' >> 6)] &= !(1u64 << (b'/' & 63));
            }
            self.ops.push(GlobOp::Class(number(self.classes.len())?));
            self.classes.push(class);
        } else {
            self.ops.extend([GlobOp::Set(number(self.sets.len())?), GlobOp::Rest]);
            self.sets.push(CharacterSet { ranges: ranges.into(), negated });
        }
        Ok(())
    }
}

/// Returns the bytes of a class. The bytes of a character beyond ASCII count one by one.
fn byte_class(ranges: &[(char, char)], negated: bool) -> Result<ByteClass, String> {
    let mut class = [0; 4];
    let mut add = |byte: u8| class[usize::from(byte >> 6)] |= 1u64 << (byte & 63);
    for &(from, to) in ranges {
        let (mut first, mut last) = ([0; 4], [0; 4]);
        let (first, last) = (from.encode_utf8(&mut first).as_bytes(), to.encode_utf8(&mut last).as_bytes());
        if from == to {
            first.iter().copied().for_each(&mut add);
            continue;
        }
        let (Some((&start, before)), Some((&end, after))) = (first.split_last(), last.split_first()) else { continue };
        if end < start {
            return Err(format!("the range {from}-{to} has no bytes"));
        }
        before.iter().chain(after).copied().chain(start..=end).for_each(&mut add);
    }
    Ok(if negated { class.map(|bits: u64| !bits) } else { class })
}
