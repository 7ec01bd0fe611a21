//! One line of an ignore file: what it matches, and what it says of that.

use super::glob::{Dialect, Parser, Token};
use super::wild::{Class, Op, Program};
use crate::filter::composed;

/// What a rule says of what it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Whether it takes back what an earlier rule leaves out.
    pub(super) keeps: bool,
    /// Whether it speaks of folders alone.
    pub(super) folders: bool,
}

/// What a rule matches. The plain kinds are looked up, however many there are; the others are compared one by one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// A name, in any folder.
    Name(Box<[u8]>),
    /// A path.
    Path(Box<[u8]>),
    /// What a name ends in, from its last dot on.
    Extension(Box<[u8]>),
    /// A simple program for a name, in any folder.
    WildName(Program),
    /// A simple program for a path.
    WildPath(Program),
    /// A program for a path.
    General(Program),
}

/// More braces than these in a line are not looked into: they nest.
const MOST_BRACES: usize = 32;

/// Reads a line. None: a comment, or nothing.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(line: &str, dialect: Dialect) -> Result<Option<(Pattern, Verdict)>, String> {
    if line.starts_with('#') {
        return Ok(None);
    }
    let line = without_spaces(line);
    if line.is_empty() {
        return Ok(None);
    }
    let line = &*composed(line);
    if dialect != Dialect::Git && line.bytes().filter(|&byte| byte == b'{').count() > MOST_BRACES {
        return Err(format!("more than {MOST_BRACES} braces"));
    }
    let (keeps, line) = match line.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    // `\!` and `\#` are what they escape; a slash after that does not bind to the folder.
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
        // What is inside, and not the folder itself.
        glob.push_str("/*");
    }
    let tokens = Parser::parse(&glob, dialect)?;
    Ok(Some((compile(&tokens)?, Verdict { keeps, folders })))
}

/// A line without the spaces at its end, as git takes them away: an escaped one stays, and so does other white space.
fn without_spaces(line: &str) -> &str {
    let bare = line.trim_end_matches(' ');
    let escaping = bare.bytes().rev().take_while(|&byte| byte == b'\\').count();
    let kept = usize::from(escaping % 2 == 1 && bare.len() < line.len());
    line.get(..bare.len() + kept).unwrap_or(line)
}

/// The literal that these tokens are, where they are one.
fn literal(tokens: &[Token]) -> Option<Box<[u8]>> {
    let mut text = String::new();
    for token in tokens {
        let Token::Literal(character) = token else { return None };
        text.push(*character);
    }
    Some(text.into_bytes().into_boxed_slice())
}

fn compile(tokens: &[Token]) -> Result<Pattern, String> {
    if let Some(path) = literal(tokens) {
        return Ok(Pattern::Path(path));
    }
    let Some((Token::Prefix, name)) = tokens.split_first() else {
        let program = program(tokens)?;
        return Ok(if program.is_simple() { Pattern::WildPath(program) } else { Pattern::General(program) });
    };
    if name.is_empty() {
        // `**` alone is everything.
        return Ok(Pattern::General(Program { ops: [Op::AnyStar].into(), classes: Box::default() }));
    }
    if let Some(name) = literal(name).filter(|name| !name.contains(&b'/')) {
        return Ok(Pattern::Name(name));
    }
    if let Some((Token::Star, rest)) = name.split_first()
        && let Some(ending) = literal(rest)
        && let Some((b'.', after)) = ending.split_first()
        && !after.iter().any(|byte| matches!(byte, b'.' | b'/'))
    {
        return Ok(Pattern::Extension(ending));
    }
    let named = program(name)?;
    if named.is_simple() && !named.ops.contains(&Op::Byte(b'/')) {
        return Ok(Pattern::WildName(named));
    }
    Ok(Pattern::General(program(tokens)?))
}

fn program(tokens: &[Token]) -> Result<Program, String> {
    let (mut ops, mut classes) = (Vec::new(), Vec::new());
    emit(tokens, &mut ops, &mut classes)?;
    Ok(Program { ops: ops.into_boxed_slice(), classes: classes.into_boxed_slice() })
}

/// Recurses into braces, of which there are few.
fn emit(tokens: &[Token], ops: &mut Vec<Op>, classes: &mut Vec<Class>) -> Result<(), String> {
    let place = |ops: &[Op]| u32::try_from(ops.len()).map_err(|_| "too long".to_owned());
    let mut before = None;
    for token in tokens {
        match token {
            Token::Literal(character) => {
                let mut bytes = [0; 4];
                ops.extend(character.encode_utf8(&mut bytes).bytes().map(Op::Byte));
            }
            Token::Any => ops.push(Op::NotSlash),
            Token::Star if before == Some(&Token::Star) => {}
            Token::Star => ops.push(Op::Star),
            Token::Prefix => {
                let end = place(ops)? + 3;
                ops.extend([Op::Split(end), Op::AnyStar, Op::Byte(b'/')]);
            }
            Token::Suffix => ops.extend([Op::Byte(b'/'), Op::AnyStar]),
            Token::Between => {
                let end = place(ops)? + 4;
                ops.extend([Op::Byte(b'/'), Op::Split(end), Op::AnyStar, Op::Byte(b'/')]);
            }
            Token::Class(class) => {
                ops.push(Op::Class(u16::try_from(classes.len()).map_err(|_| "too long".to_owned())?));
                classes.push(*class);
            }
            Token::Either(branches) => {
                // An empty branch is none, as in other tools.
                let branches: Vec<_> = branches.iter().filter(|branch| !is_empty(branch)).collect();
                let mut jumps = Vec::new();
                for (number, branch) in branches.iter().enumerate() {
                    let split = ops.len();
                    let more = number + 1 < branches.len();
                    if more {
                        ops.push(Op::Split(0));
                    }
                    emit(branch, ops, classes)?;
                    if more {
                        jumps.push(ops.len());
                        ops.push(Op::Jump(0));
                        let next = place(ops)?;
                        if let Some(op) = ops.get_mut(split) {
                            *op = Op::Split(next);
                        }
                    }
                }
                let end = place(ops)?;
                for jump in jumps {
                    if let Some(op) = ops.get_mut(jump) {
                        *op = Op::Jump(end);
                    }
                }
            }
        }
        before = Some(token);
    }
    Ok(())
}

/// Whether a branch says nothing.
fn is_empty(branch: &[Token]) -> bool {
    branch.iter().all(|token| matches!(token, Token::Either(branches) if branches.iter().all(|b| is_empty(b))))
}
