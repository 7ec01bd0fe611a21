//! Parses an expression into a filter.

use std::ops::Range;
use std::str::FromStr;

use super::builder::{FilterField, now};
use super::expression::{Filter, FilterStep, Test};
use super::literal::{Literal, Order, Use};
use super::problem::FilterProblem;
use super::token::{FilterToken, TokenKind, tokens};
use super::{advice, display};
use crate::error::{Error, Result};

impl Filter {
    /// Parses an expression.
    ///
    /// # Errors
    /// [`Error::InvalidFilter`], which [`Error::caret`] shows with carets under the mistake.
    pub fn parse(expression: &str) -> Result<Self> {
        Self::parse_at(expression, now())
    }

    /// The same as [`Self::parse`], with the current time in nanoseconds since 1970.
    pub(crate) fn parse_at(expression: &str, now: i64) -> Result<Self> {
        parse(expression, now).map_err(|problem| problem.into_error(expression))
    }
}

impl FromStr for Filter {
    type Err = Error;

    fn from_str(expression: &str) -> Result<Self> {
        Self::parse(expression)
    }
}

fn parse(expression: &str, now: i64) -> Result<Filter, FilterProblem> {
    let mut parser = FilterParser { tokens: tokens(expression)?, place: 0, now };
    if parser.peek().kind == TokenKind::End {
        let what = "it is empty; write a test, for example language = zh";
        return Err(FilterProblem::new(0..expression.len(), what));
    }
    let filter = parser.parse_or(0)?;
    let token = parser.peek();
    match token.kind {
        TokenKind::End => Ok(filter),
        TokenKind::Sign(")") => Err(FilterProblem::new(token.at.clone(), "this ) has no matching (")),
        _ => Err(FilterProblem::new(token.at.clone(), parser.problem_after_test(token))),
    }
}

pub(super) struct FilterParser {
    /// The last token is [`TokenKind::End`].
    pub(super) tokens: Vec<FilterToken>,
    pub(super) place: usize,
    now: i64,
}

impl FilterParser {
    pub(super) fn peek(&self) -> &FilterToken {
        &self.tokens[self.place]
    }

    fn take(&mut self) -> FilterToken {
        let token = self.tokens[self.place].clone();
        self.place = (self.place + 1).min(self.tokens.len() - 1);
        token
    }

    /// Takes the next token if it is this sign or keyword. Returns true if it was.
    fn take_if(&mut self, what: &str) -> bool {
        let found = matches!(self.peek().kind, TokenKind::Sign(found) | TokenKind::Keyword(found) if found == what);
        if found {
            self.take();
        }
        found
    }

    fn parse_or(&mut self, depth: usize) -> Result<Filter, FilterProblem> {
        let mut filter = self.parse_and(depth)?;
        while self.take_if("or") {
            filter = filter.or(self.parse_and(depth)?);
        }
        Ok(filter)
    }

    fn parse_and(&mut self, depth: usize) -> Result<Filter, FilterProblem> {
        let mut filter = self.parse_not(depth)?;
        while self.take_if("and") {
            filter = filter.and(self.parse_not(depth)?);
        }
        Ok(filter)
    }

    fn parse_not(&mut self, depth: usize) -> Result<Filter, FilterProblem> {
        let start = self.peek().at.clone();
        if depth > Filter::MAX_DEPTH {
            let what = format!("more than {} nested parentheses and negations", Filter::MAX_DEPTH);
            return Err(FilterProblem::new(start, what));
        }
        if self.take_if("not") || self.take_if("!") {
            return Ok(self.parse_not(depth + 1)?.not());
        }
        if self.take_if("(") {
            let filter = self.parse_or(depth + 1)?;
            if self.take_if(")") {
                return Ok(filter);
            }
            let token = self.peek();
            return Err(match token.kind {
                TokenKind::End => FilterProblem::new(start, "this ( is not closed"),
                _ => FilterProblem::new(token.at.clone(), self.problem_after_test(token)),
            });
        }
        if self.take_if("exists") {
            if !self.take_if("(") {
                return Err(FilterProblem::new(start, "write the name in parentheses: exists(title)"));
            }
            let (field, _) = self.name()?;
            if !self.take_if(")") {
                return Err(FilterProblem::new(self.peek().at.clone(), "write ) here: exists(NAME)"));
            }
            return Ok(field.exists());
        }
        let (field, at) = self.name()?;
        self.test(field, at)
    }

    fn name(&mut self) -> Result<(FilterField, Range<usize>), FilterProblem> {
        let token = self.peek();
        let what = match &token.kind {
            TokenKind::Word | TokenKind::Name => {
                let token = self.take();
                return Ok((FilterField::new(&token.text, self.now), token.at));
            }
            TokenKind::Quoted => {
                format!(
                    "expected a field name, which is not quoted, or in backticks: {}",
                    display::backticks(&token.text)
                )
            }
            TokenKind::Keyword(keyword) => {
                format!("expected a field name; if the field is named {keyword}, write `{keyword}`")
            }
            TokenKind::Sign(sign) => format!("expected a field name before {sign}"),
            TokenKind::End => "expected a test after this, for example language = zh".to_owned(),
        };
        Err(FilterProblem::new(token.at.clone(), what))
    }

    fn test(&mut self, field: FilterField, name_at: Range<usize>) -> Result<Filter, FilterProblem> {
        let turned = self.take_if("not");
        let token = self.take();
        let sign = match token.kind {
            TokenKind::Sign(sign) | TokenKind::Keyword(sign) => sign,
            _ => "",
        };
        if turned && advice::asks_part(&token.text) {
            return Err(self.missing_operator(&field, &token, name_at, true));
        }
        if turned && !matches!(sign, "in" | "prefix" | "^=" | "glob" | "contains" | "exists") {
            return Err(FilterProblem::new(
                token.at,
                "expected in, prefix, glob, contains or exists after not; to negate another test, write not before the field name",
            ));
        }
        let filter = match sign {
            "in" => self.list(field)?,
            "exists" => field.exists(),
            "prefix" | "^=" => self.text(|text| field.prefix(text))?,
            "glob" => self.text(|text| field.glob(text))?,
            "contains" => self.text(|text| field.contains(text))?,
            "=" => self.equal(field, Test::Equal)?,
            "!=" => self.equal(field, Test::NotEqual)?,
            "<" => self.order(field, Order::Less)?,
            "<=" => self.order(field, Order::LessOrEqual)?,
            ">" => self.order(field, Order::Greater)?,
            ">=" => self.order(field, Order::GreaterOrEqual)?,
            _ => return Err(self.missing_operator(&field, &token, name_at, false)),
        };
        Ok(if turned { filter.not() } else { filter })
    }

    fn equal(&mut self, field: FilterField, test: impl FnOnce(Literal) -> Test) -> Result<Filter, FilterProblem> {
        let literal = self.literal(&field, false)?;
        Ok(field.leaf(test(literal), None))
    }

    fn order(&mut self, field: FilterField, order: Order) -> Result<Filter, FilterProblem> {
        let literal = self.literal(&field, true)?;
        Ok(field.leaf(Test::Order(order, literal), None))
    }

    fn literal(&mut self, field: &FilterField, order: bool) -> Result<Literal, FilterProblem> {
        let token = self.value()?;
        let used = match token.kind {
            TokenKind::Word if order => Use::Order,
            TokenKind::Word => Use::Bare,
            _ if order => Use::QuotedOrder,
            _ => Use::Quoted,
        };
        field.literal(&token.text, used).map_err(|what| FilterProblem::new(token.at, what))
    }

    fn list(&mut self, field: FilterField) -> Result<Filter, FilterProblem> {
        let open = self.peek().at.clone();
        if !self.take_if("(") {
            return Err(FilterProblem::new(open, "write the values in parentheses: in (a, b)"));
        }
        let mut literals = Vec::new();
        if !self.take_if(")") {
            loop {
                literals.push(self.literal(&field, false)?);
                if self.take_if(")") {
                    break;
                }
                if self.peek().kind == TokenKind::End {
                    return Err(FilterProblem::new(open, "this ( is not closed"));
                }
                if !self.take_if(",") {
                    return Err(FilterProblem::new(self.peek().at.clone(), "expected a comma or )"));
                }
            }
        }
        Ok(field.leaf(Test::In(literals), None))
    }

    /// Reads a test of text, which may be invalid.
    fn text(&mut self, test: impl FnOnce(&str) -> Filter) -> Result<Filter, FilterProblem> {
        let token = self.value()?;
        let filter = test(&token.text);
        match filter.steps() {
            [FilterStep::Leaf(leaf)] if leaf.problem.is_some() => {
                Err(FilterProblem::new(token.at, leaf.problem.clone().unwrap_or_default()))
            }
            _ => Ok(filter),
        }
    }

    fn value(&mut self) -> Result<FilterToken, FilterProblem> {
        let token = self.peek();
        let what = match &token.kind {
            TokenKind::Word | TokenKind::Quoted => return Ok(self.take()),
            TokenKind::Name => "expected a value; backticks are for names, put a value in quotes".to_owned(),
            TokenKind::Keyword(_) => {
                format!("expected a value; to use the word {0} as a value, quote it: \"{0}\"", token.text)
            }
            TokenKind::Sign(_) => format!("expected a value before {}", token.text),
            TokenKind::End => "expected a value after this".to_owned(),
        };
        Err(FilterProblem::new(token.at.clone(), what))
    }
}
