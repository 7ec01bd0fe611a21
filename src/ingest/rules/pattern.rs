//! One line of an ignore file. The syntax is that of git and, as other tools have it, `{a,b}`.

use super::wild::{Class, Op, Program};

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

#[derive(Debug, PartialEq)]
enum Token {
    Literal(char),
    Any,
    Star,
    /// `**/` at the beginning.
    Prefix,
    /// `/**` at the end.
    Suffix,
    /// `/**/`.
    Between,
    Class(Class),
    Either(Vec<Vec<Token>>),
}

/// Reads a line. None: a comment, or nothing.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(line: &str) -> Result<Option<(Pattern, Verdict)>, String> {
    if line.starts_with('#') {
        return Ok(None);
    }
    let line = if line.ends_with("\\ ") { line } else { line.trim_end() };
    if line.is_empty() {
        return Ok(None);
    }
    if line.bytes().filter(|&byte| byte == b'{').count() > MOST_BRACES {
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
    let tokens = Parser::parse(&glob)?;
    Ok(Some((compile(&tokens)?, Verdict { keeps, folders })))
}

struct Parser<'a> {
    chars: &'a [char],
    /// After the character that is looked at.
    at: usize,
    /// Branches under way; the first is the pattern itself.
    branches: Vec<Vec<Token>>,
    /// Where in `branches` the braces under way began.
    braces: Vec<usize>,
    /// Whether a `[` had no end: it stands for itself then, and so do those after it.
    open_class: bool,
}

impl Parser<'_> {
    fn parse(glob: &str) -> Result<Vec<Token>, String> {
        let chars: Vec<char> = glob.chars().collect();
        let mut parser =
            Parser { chars: &chars, at: 0, branches: vec![Vec::new()], braces: Vec::new(), open_class: false };
        while let Some(character) = parser.bump() {
            match character {
                '?' => parser.push(Token::Any),
                '*' => parser.star(),
                '[' if !parser.open_class => parser.class()?,
                '{' => {
                    parser.braces.push(parser.branches.len());
                    parser.branches.push(Vec::new());
                }
                '}' => {
                    let start = parser.braces.pop().ok_or("a } without its {")?;
                    let branches = parser.branches.drain(start..).collect();
                    parser.push(Token::Either(branches));
                }
                ',' if !parser.braces.is_empty() => parser.branches.push(Vec::new()),
                '\\' => {
                    let escaped = parser.bump().ok_or("a \\ with nothing after it")?;
                    parser.push(Token::Literal(escaped));
                }
                other => parser.push(Token::Literal(other)),
            }
        }
        if !parser.braces.is_empty() {
            return Err("a { without its }".to_owned());
        }
        Ok(parser.branches.pop().unwrap_or_default())
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn push(&mut self, token: Token) {
        if let Some(branch) = self.branches.last_mut() {
            branch.push(token);
        }
    }

    fn stars(&mut self) {
        self.push(Token::Star);
        self.push(Token::Star);
    }

    fn star(&mut self) {
        let before = self.at.checked_sub(2).and_then(|at| self.chars.get(at)).copied();
        if self.peek() != Some('*') {
            return self.push(Token::Star);
        }
        self.at += 1;
        if self.branches.last().is_none_or(Vec::is_empty) {
            if self.peek().is_none_or(|next| next == '/') {
                self.push(Token::Prefix);
                self.bump();
            } else {
                self.stars();
            }
            return;
        }
        let nested = self.branches.len() > 1;
        if before != Some('/') && !(nested && matches!(before, Some(',' | '{'))) {
            return self.stars();
        }
        let last = match self.peek() {
            None => true,
            Some(',' | '}') if nested => true,
            Some('/') => {
                self.at += 1;
                false
            }
            Some(_) => return self.stars(),
        };
        let slash = self.branches.last_mut().and_then(Vec::pop);
        self.push(match slash {
            Some(token @ (Token::Prefix | Token::Suffix)) => token,
            _ if last => Token::Suffix,
            _ => Token::Between,
        });
    }

    fn class(&mut self) -> Result<(), String> {
        let start = self.at;
        let mut ranges: Vec<(char, char)> = Vec::new();
        let negated = matches!(self.peek(), Some('!' | '^'));
        self.at += usize::from(negated);
        let (mut first, mut in_range) = (true, false);
        loop {
            let Some(character) = self.bump() else {
                self.at = start;
                self.open_class = true;
                self.push(Token::Literal('['));
                return Ok(());
            };
            match character {
                ']' if !first => break,
                '-' if !first && !in_range => in_range = true,
                end if in_range => {
                    if let Some(range) = ranges.last_mut() {
                        range.1 = end;
                        if range.1 < range.0 {
                            return Err(format!("the range {}-{} is the wrong way round", range.0, range.1));
                        }
                    }
                    in_range = false;
                }
                other => ranges.push((other, other)),
            }
            first = false;
        }
        if in_range {
            ranges.push(('-', '-'));
        }
        self.push(Token::Class(class_of(&ranges, negated)?));
        Ok(())
    }
}

/// The bytes of a class: those of a character beyond ASCII count one by one.
fn class_of(ranges: &[(char, char)], negated: bool) -> Result<Class, String> {
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
