//! The syntax of globs in filters, settings and ignore files: git's syntax and, except in git's own files, `{a,b}`.

/// The most braces of a glob, because they nest.
const MAX_BRACES: usize = 32;

/// The place where a glob is written, which decides its syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GlobDialect {
    /// A file of git: braces are literal; between `[` and `]` a backslash escapes, and `/` is excluded.
    Git,
    /// A file of nigh: `{a,b}` are alternatives.
    Own,
    /// A setting or a filter: like [`Self::Own`], but a `[` without a `]` is an error.
    Setting,
}

#[derive(Debug, PartialEq)]
pub(crate) enum GlobToken {
    Literal(char),
    Any,
    Star,
    /// `**/` at the beginning.
    Prefix,
    /// `/**` at the end.
    Suffix,
    /// `/**/`.
    Between,
    /// One of some characters, or any other character.
    Class {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
    Either(Vec<Vec<GlobToken>>),
}

impl GlobToken {
    /// True for braces with only empty branches, such as `{,}`. A branch of such tokens alone is ignored, as in other tools.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Either(branches) if branches.iter().all(|branch| branch.iter().all(Self::is_empty)))
    }
}

/// Parses a glob.
///
/// # Errors
/// The problem of the glob.
pub(crate) fn parse(glob: &str, dialect: GlobDialect) -> Result<Vec<GlobToken>, String> {
    if dialect != GlobDialect::Git && glob.bytes().filter(|&byte| byte == b'{').count() > MAX_BRACES {
        return Err(format!("it has more than {MAX_BRACES} braces"));
    }
    GlobParser::parse(glob, dialect)
}

struct GlobParser<'a> {
    chars: &'a [char],
    /// The position after the current character.
    at: usize,
    /// Open branches; the first is the glob itself.
    branches: Vec<Vec<GlobToken>>,
    /// The indices in `branches` where open braces begin.
    braces: Vec<usize>,
    /// True if a `[` had no end: this `[` and all later ones are literal.
    open_class: bool,
    dialect: GlobDialect,
}

impl GlobParser<'_> {
    fn parse(glob: &str, dialect: GlobDialect) -> Result<Vec<GlobToken>, String> {
        let chars: Vec<char> = glob.chars().collect();
        let (branches, braces) = (vec![Vec::new()], Vec::new());
        let mut parser = GlobParser { chars: &chars, at: 0, branches, braces, open_class: false, dialect };
        while let Some(character) = parser.bump() {
            match character {
                '?' => parser.push(GlobToken::Any),
                '*' => parser.star(),
                '[' if !parser.open_class => parser.class()?,
                other @ ('{' | '}') if dialect == GlobDialect::Git => parser.push(GlobToken::Literal(other)),
                '{' => {
                    parser.braces.push(parser.branches.len());
                    parser.branches.push(Vec::new());
                }
                '}' => {
                    let start = parser.braces.pop().ok_or("a } without its {")?;
                    let branches = parser.branches.drain(start..).collect();
                    parser.push(GlobToken::Either(branches));
                }
                ',' if !parser.braces.is_empty() => parser.branches.push(Vec::new()),
                '\\' => {
                    let escaped = parser.bump().ok_or("a \\ at the end")?;
                    parser.push(GlobToken::Literal(escaped));
                }
                other => parser.push(GlobToken::Literal(other)),
            }
        }
        if !parser.braces.is_empty() {
            return Err("a { without its }".to_owned());
        }
        if parser.open_class && dialect == GlobDialect::Setting {
            return Err("a [ without its ]; for the character itself, write \\[".to_owned());
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

    fn push(&mut self, token: GlobToken) {
        if let Some(branch) = self.branches.last_mut() {
            branch.push(token);
        }
    }

    /// Adds `**` as two `*`.
    fn stars(&mut self) {
        self.push(GlobToken::Star);
        self.push(GlobToken::Star);
    }

    /// Reads `*`, or `**` with the slashes around it. `**` next to other characters is two `*`.
    fn star(&mut self) {
        let before = self.at.checked_sub(2).and_then(|at| self.chars.get(at)).copied();
        if self.peek() != Some('*') {
            return self.push(GlobToken::Star);
        }
        self.at += 1;
        // `**` at the beginning of a branch.
        if self.branches.last().is_none_or(Vec::is_empty) {
            if self.peek().is_none_or(|next| next == '/') {
                self.push(GlobToken::Prefix);
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
        // `/**` at the end of a branch, or `/**/`: one token, which includes the slash before.
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
            Some(token @ (GlobToken::Prefix | GlobToken::Suffix)) => token,
            _ if last => GlobToken::Suffix,
            _ => GlobToken::Between,
        });
    }

    /// Reads a class after its `[`. Without a `]` the `[` is a literal.
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
                self.push(GlobToken::Literal('['));
                return Ok(());
            };
            match character {
                ']' if !first => break,
                '[' if self.dialect == GlobDialect::Git
                    && self.peek() == Some(':')
                    && self.read_named_class(&mut ranges) => {}
                '\\' if self.dialect == GlobDialect::Git && self.peek().is_some() => {
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
                            return Err(format!("the range {}-{} is reversed", range.0, range.1));
                        }
                    }
                    in_range = false;
                }
                other => ranges.push((other, other)),
            }
            first = false;
        }
        // A `-` at the end is a literal.
        if in_range {
            ranges.push(('-', '-'));
        }
        self.push(GlobToken::Class { ranges, negated });
        Ok(())
    }

    /// Reads a named class, as in `[[:digit:]]`. Returns false if it is not one.
    fn read_named_class(&mut self, ranges: &mut Vec<(char, char)>) -> bool {
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
