//! Tokens to a filter.

use std::ops::Range;
use std::str::FromStr;

use super::expression::{Filter, FilterField, Step, Test, now};
use super::name::Field;
use super::problem::Problem;
use super::token::{KEYWORDS, Kind, Token, keyword, tokens};
use super::value::{Literal, Order};
use super::{close, display};
use crate::error::{Error, Result};

impl Filter {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`Error::InvalidFilter`], which [`Error::caret`] shows with carets under the mistake.
    pub fn parse(expression: &str) -> Result<Self> {
        Self::parse_at(expression, now())
    }

    /// The same at another time, in nanoseconds since 1970.
    pub(crate) fn parse_at(expression: &str, now: i64) -> Result<Self> {
        parse(expression, now).map_err(|problem| problem.of(expression))
    }
}

impl FromStr for Filter {
    type Err = Error;

    fn from_str(expression: &str) -> Result<Self> {
        Self::parse(expression)
    }
}

fn parse(expression: &str, now: i64) -> Result<Filter, Problem> {
    let mut parser = Parser { tokens: tokens(expression)?, place: 0, now };
    if parser.peek().kind == Kind::End {
        let what = "it is empty; write a test, as in language = zh";
        return Err(Problem::new(0..expression.len(), what));
    }
    let filter = parser.any(0)?;
    let token = parser.peek();
    match token.kind {
        Kind::End => Ok(filter),
        Kind::Sign(")") => Err(Problem::new(token.at.clone(), "this ) closes no (")),
        _ => Err(Problem::new(token.at.clone(), parser.after_a_test(token))),
    }
}

struct Parser {
    /// The last is [`Kind::End`].
    tokens: Vec<Token>,
    place: usize,
    now: i64,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.place]
    }

    fn take(&mut self) -> Token {
        let token = self.tokens[self.place].clone();
        self.place = (self.place + 1).min(self.tokens.len() - 1);
        token
    }

    /// Takes the next token if it is that sign or keyword.
    fn takes(&mut self, what: &str) -> bool {
        let found = matches!(self.peek().kind, Kind::Sign(found) | Kind::Keyword(found) if found == what);
        if found {
            self.take();
        }
        found
    }

    fn any(&mut self, depth: usize) -> Result<Filter, Problem> {
        let mut filter = self.all(depth)?;
        while self.takes("or") {
            filter = filter.or(self.all(depth)?);
        }
        Ok(filter)
    }

    fn all(&mut self, depth: usize) -> Result<Filter, Problem> {
        let mut filter = self.one(depth)?;
        while self.takes("and") {
            filter = filter.and(self.one(depth)?);
        }
        Ok(filter)
    }

    fn one(&mut self, depth: usize) -> Result<Filter, Problem> {
        let start = self.peek().at.clone();
        if depth > Filter::MAX_DEPTH {
            let what = format!("more than {} parentheses and negations within one another", Filter::MAX_DEPTH);
            return Err(Problem::new(start, what));
        }
        if self.takes("not") || self.takes("!") {
            return Ok(self.one(depth + 1)?.not());
        }
        if self.takes("(") {
            let filter = self.any(depth + 1)?;
            if self.takes(")") {
                return Ok(filter);
            }
            let token = self.peek();
            return Err(match token.kind {
                Kind::End => Problem::new(start, "this ( is not closed"),
                _ => Problem::new(token.at.clone(), self.after_a_test(token)),
            });
        }
        if self.takes("exists") {
            if !self.takes("(") {
                return Err(Problem::new(start, "write the name in parentheses: exists(title)"));
            }
            let (field, _) = self.name()?;
            if !self.takes(")") {
                return Err(Problem::new(self.peek().at.clone(), "write ) here: exists(NAME)"));
            }
            return Ok(field.exists());
        }
        let (field, at) = self.name()?;
        self.test(field, at)
    }

    fn name(&mut self) -> Result<(FilterField, Range<usize>), Problem> {
        let token = self.peek();
        let what = match &token.kind {
            Kind::Word | Kind::Name => {
                let token = self.take();
                return Ok((FilterField::at(&token.text, self.now), token.at));
            }
            Kind::Quoted => {
                format!(
                    "expected a name; a name is not quoted, or set in backticks: {}",
                    display::backticks(&token.text)
                )
            }
            Kind::Keyword(keyword) => format!("expected a name; for one that is called {keyword}, write `{keyword}`"),
            Kind::Sign(sign) => format!("expected a name before {sign}"),
            Kind::End => "expected a test after this, as in language = zh".to_owned(),
        };
        Err(Problem::new(token.at.clone(), what))
    }

    fn test(&mut self, field: FilterField, name_at: Range<usize>) -> Result<Filter, Problem> {
        let turned = self.takes("not");
        let token = self.take();
        let sign = match token.kind {
            Kind::Sign(sign) | Kind::Keyword(sign) => sign,
            _ => "",
        };
        if turned && PART.contains(&&*token.text.to_lowercase()) {
            return Err(self.no_operator(&field, &token, name_at, true));
        }
        if turned && !matches!(sign, "in" | "prefix" | "^=" | "glob" | "exists") {
            return Err(Problem::new(
                token.at,
                "after not, write in, prefix, glob or exists; to turn a whole test, write not in front of its name",
            ));
        }
        let filter = match sign {
            "in" => self.list(field)?,
            "exists" => field.exists(),
            "prefix" | "^=" => self.text(|text| field.prefix(text))?,
            "glob" => self.text(|text| field.glob(text))?,
            "=" => self.compare(field, Test::Equal)?,
            "!=" => self.compare(field, Test::NotEqual)?,
            "<" => self.compare(field, |literal| Test::Order(Order::Less, literal))?,
            "<=" => self.compare(field, |literal| Test::Order(Order::LessOrEqual, literal))?,
            ">" => self.compare(field, |literal| Test::Order(Order::Greater, literal))?,
            ">=" => self.compare(field, |literal| Test::Order(Order::GreaterOrEqual, literal))?,
            _ => return Err(self.no_operator(&field, &token, name_at, false)),
        };
        Ok(if turned { filter.not() } else { filter })
    }

    fn compare(&mut self, field: FilterField, test: impl FnOnce(Literal) -> Test) -> Result<Filter, Problem> {
        let literal = self.literal(&field)?;
        Ok(field.leaf(test(literal), None))
    }

    fn literal(&mut self, field: &FilterField) -> Result<Literal, Problem> {
        let token = self.value()?;
        field.literal(&token.text, token.kind == Kind::Word).map_err(|what| Problem::new(token.at, what))
    }

    fn list(&mut self, field: FilterField) -> Result<Filter, Problem> {
        let open = self.peek().at.clone();
        if !self.takes("(") {
            return Err(Problem::new(open, "write the values in parentheses: in (a, b)"));
        }
        let mut literals = Vec::new();
        if !self.takes(")") {
            loop {
                literals.push(self.literal(&field)?);
                if self.takes(")") {
                    break;
                }
                if self.peek().kind == Kind::End {
                    return Err(Problem::new(open, "this ( is not closed"));
                }
                if !self.takes(",") {
                    return Err(Problem::new(self.peek().at.clone(), "expected a comma or )"));
                }
            }
        }
        Ok(field.leaf(Test::In(literals), None))
    }

    /// A test of text, which may find fault with it.
    fn text(&mut self, test: impl FnOnce(&str) -> Filter) -> Result<Filter, Problem> {
        let token = self.value()?;
        let filter = test(&token.text);
        match filter.steps() {
            [Step::Leaf(leaf)] if leaf.problem.is_some() => {
                Err(Problem::new(token.at, leaf.problem.clone().unwrap_or_default()))
            }
            _ => Ok(filter),
        }
    }

    fn value(&mut self) -> Result<Token, Problem> {
        let token = self.peek();
        let what = match &token.kind {
            Kind::Word | Kind::Quoted => return Ok(self.take()),
            Kind::Name => "expected a value; backticks are for names, quote a value".to_owned(),
            Kind::Keyword(_) => format!("expected a value; if it is {0}, quote it: \"{0}\"", token.text),
            Kind::Sign(_) => format!("expected a value before {}", token.text),
            Kind::End => "expected a value after this".to_owned(),
        };
        Err(Problem::new(token.at.clone(), what))
    }

    /// What to say of a token that cannot follow a test.
    fn after_a_test(&self, token: &Token) -> String {
        let before = self.place.checked_sub(1).map(|place| &self.tokens[place].kind);
        if token.kind == Kind::Word {
            let chinese = CHINESE.iter().find(|(word, _)| *word == token.text).map(|(_, meant)| *meant);
            if let Some(meant) = chinese.or_else(|| close::closest(&token.text, ["and", "or"])) {
                return format!("expected and, or, or the end; did you mean {meant}?");
            }
            let next = self.tokens.get(self.place + 1).map(|token| &token.kind);
            if before == Some(&Kind::Word) && !matches!(next, Some(Kind::Sign("=" | "!=" | "<" | "<=" | ">" | ">="))) {
                return "expected and, or, or the end; quote a text of several words".to_owned();
            }
        }
        "expected and, or, or the end".to_owned()
    }
}

/// Words between tests that are no keywords, and what is meant.
const CHINESE: [(&str, &str); 5] = [("并且", "and"), ("且", "and"), ("和", "and"), ("或者", "or"), ("或", "or")];

/// Words of other query languages, and what is meant.
const FOREIGN: [(&str, &str); 10] = [
    ("is", "="),
    ("eq", "="),
    ("equals", "="),
    ("ne", "!="),
    ("lt", "<"),
    ("le", "<="),
    ("gt", ">"),
    ("ge", ">="),
    ("startswith", "prefix"),
    ("starts_with", "prefix"),
];

/// Words and signs of other query languages that ask for a part of a text, or for a pattern.
const PART: [&str; 15] = [
    "contains", "includes", "has", "like", "ilike", "matches", "match", "regex", "regexp", "包含", "匹配", "~", "=~",
    "~=", "!~",
];

const OPERATORS: &str = "=, !=, <, <=, >, >=, in, exists, prefix or glob";

impl Parser {
    fn no_operator(&self, field: &FilterField, token: &Token, name_at: Range<usize>, turned: bool) -> Problem {
        let name = field.field().name();
        let word = token.text.to_lowercase();
        if token.kind == Kind::Word || PART.contains(&&*word) {
            let unknown = format!("unknown operator {:?}; use {OPERATORS}", token.text);
            if PART.contains(&&*word) {
                return Problem::new(
                    token.at.clone(),
                    format!("{unknown}. {}", self.for_a_part(field.field(), turned != word.starts_with('!'))),
                );
            }
            let foreign = FOREIGN.iter().find(|(foreign, _)| *foreign == word).map(|(_, meant)| *meant);
            let meant = foreign.or_else(|| close::closest(&word, KEYWORDS.into_iter().skip(2)));
            let meant = meant.map_or(String::new(), |meant| format!(". Did you mean {meant}?"));
            return Problem::new(token.at.clone(), format!("{unknown}{meant}"));
        }
        // A name that ends the expression or stands before a sign: perhaps a keyword misspelt.
        let meant = close::closest(&name, KEYWORDS).filter(|_| keyword(&name).is_none());
        let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
        let at = if token.kind == Kind::End { name_at } else { token.at.clone() };
        Problem::new(at, format!("after the name {name:?}, expected {OPERATORS}{meant}"))
    }

    /// What to write for a part of a text.
    fn for_a_part(&self, field: &Field, turned: bool) -> String {
        let sample = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " _-.@".contains(c)) && !text.is_empty();
        let given = Some(self.peek()).filter(|token| matches!(token.kind, Kind::Word | Kind::Quoted));
        let given = given.map(|token| token.text.trim_matches('*')).filter(|text| sample(text)).unwrap_or("TEXT");
        let (name, not) = (display::name(field), if turned { "not " } else { "" });
        match field {
            Field::Size | Field::Modified => format!("{name} is no text"),
            Field::Path => format!("For a part of a path: {not}path glob \"*{given}*\""),
            Field::Extension | Field::Language => format!("For a whole value: {not}{name} = {given}"),
            Field::Metadata(_) => format!(
                "For a part of a text: {not}{name} glob \"*{given}*\"; for one of several values: {not}{name} = {}",
                display::value(given, true)
            ),
        }
    }
}
