//! The pieces of a glob, of filters, settings and ignore files alike. The syntax is that of git and, outside git's own files, `{a,b}`.

/// More braces than these are not looked into: they nest.
const MOST_BRACES: usize = 32;

/// Where a pattern is written, which decides what it may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// In a file of git: braces stand for themselves; between `[` and `]` a backslash escapes, and no `/` is meant.
    Git,
    /// In a file of ours: `{a,b}` are alternatives.
    Own,
    /// In a setting or a filter, likewise; a `[` without its `]` is a mistake there, as nobody else reads it.
    Setting,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Token {
    Literal(char),
    Any,
    Star,
    /// `**/` at the beginning.
    Prefix,
    /// `/**` at the end.
    Suffix,
    /// `/**/`.
    Between,
    /// One of some characters, or of all others.
    Class {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
    Either(Vec<Vec<Token>>),
}

impl Token {
    /// Whether it matches nothing but the empty text: braces around nothing. Such a branch is none, as in other tools.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Either(branches) if branches.iter().all(|branch| branch.iter().all(Self::is_empty)))
    }
}

/// Reads the pieces of a pattern.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse(glob: &str, dialect: Dialect) -> Result<Vec<Token>, String> {
    if dialect != Dialect::Git && glob.bytes().filter(|&byte| byte == b'{').count() > MOST_BRACES {
        return Err(format!("more than {MOST_BRACES} braces"));
    }
    Parser::parse(glob, dialect)
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
    dialect: Dialect,
}

impl Parser<'_> {
    fn parse(glob: &str, dialect: Dialect) -> Result<Vec<Token>, String> {
        let chars: Vec<char> = glob.chars().collect();
        let (branches, braces) = (vec![Vec::new()], Vec::new());
        let mut parser = Parser { chars: &chars, at: 0, branches, braces, open_class: false, dialect };
        while let Some(character) = parser.bump() {
            match character {
                '?' => parser.push(Token::Any),
                '*' => parser.star(),
                '[' if !parser.open_class => parser.class()?,
                other @ ('{' | '}') if dialect == Dialect::Git => parser.push(Token::Literal(other)),
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
        if parser.open_class && dialect == Dialect::Setting {
            return Err("a [ without its ]; to mean the character itself, write \\[".to_owned());
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
                '[' if self.dialect == Dialect::Git && self.peek() == Some(':') && self.named(&mut ranges) => {}
                '\\' if self.dialect == Dialect::Git && self.peek().is_some() => {
                    let Some(escaped) = self.bump() else { continue };
                    match ranges.last_mut().filter(|_| in_range) {
                        Some(range) => range.1 = escaped,
                        None => ranges.push((escaped, escaped)),
                    }
                    in_range = false;
                }
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
        self.push(Token::Class { ranges, negated });
        Ok(())
    }

    /// A class by its name, as in `[[:digit:]]`; whether it is one.
    fn named(&mut self, ranges: &mut Vec<(char, char)>) -> bool {
        const NAMES: [(&str, &[(char, char)]); 8] = [
            ("alnum", &[('0', '9'), ('A', 'Z'), ('a', 'z')]),
            ("alpha", &[('A', 'Z'), ('a', 'z')]),
            ("digit", &[('0', '9')]),
            ("lower", &[('a', 'z')]),
            ("punct", &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
            ("space", &[(' ', ' '), ('\t', '\r')]),
            ("upper", &[('A', 'Z')]),
            ("xdigit", &[('0', '9'), ('A', 'F'), ('a', 'f')]),
        ];
        let rest: String = self.chars.iter().skip(self.at).take(10).collect();
        let known = NAMES.iter().find(|(name, _)| rest.starts_with(&format!(":{name}:]")));
        let Some((name, class)) = known else { return false };
        self.at += name.len() + 3;
        ranges.extend_from_slice(class);
        true
    }
}
