//! Terms that a query asks for exactly: names of documents, codes, values in any notation.

use super::analysis::{Exact, Kind, is_han};
use super::candidates::{TermCandidate, TermCandidates};
use super::schema::LAYOUT;
use crate::error::Result;

/// Share of its full weight that a name keeps when another document has the path in the query. Chosen by hand, as are the other
/// constants of this file.
const SAME_NAME: f32 = 0.7;
/// Share of its full weight that a term keeps when it mentions a document that the query names already.
const MENTIONED: f32 = 0.3;
/// The least share of a query that the name of a file has.
const FILE: f32 = 0.7;
/// The shortest prefix of a code that finds the whole code, in bytes. Git shows seven; serial numbers are often cut to their series.
const LEAST_BEGINNING: usize = 6;
/// How many codes a prefix finds at most.
const MOST_COMPLETED: usize = 8;
/// The share of a value's weight for its number alone; the unit has the rest.
const NUMBER_ALONE: f32 = 0.5;

impl TermCandidates<'_> {
    /// Adds the terms that the query asks for exactly, names of documents first. `brought`: the candidates of each part of the query.
    /// Forms that no passage has are left out, except the first form of a code.
    pub(super) fn add_exact(&mut self, wanted: Vec<Exact>, brought: &[Vec<usize>]) -> Result<()> {
        let (mut named, mut valued): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for exact in wanted {
            let mentioned = exact.parts.iter().any(|part| named.contains(part));
            let weight = if mentioned { MENTIONED } else { 1.0 };
            match exact.kind {
                Kind::Name { first, is_file } => {
                    if self.add_name(&exact, first, is_file, brought)? {
                        named.extend(&exact.parts);
                    }
                }
                Kind::Value { alone, ref text } => {
                    if self.add_value(&exact, alone, text, weight, brought)? {
                        valued.extend(&exact.parts);
                    }
                }
                // A passage with the code has the value too, and would count twice.
                Kind::Code => {
                    let is_valued = !exact.parts.is_empty() && exact.parts.iter().all(|part| valued.contains(part));
                    self.add_code(exact, if is_valued { 0.0 } else { weight }, brought)?;
                }
            }
        }
        Ok(())
    }

    /// Adds a name of documents: a whole path before a name alone, and of equal names that of the document least deep in folders.
    /// Returns whether there is such a document.
    fn add_name(&mut self, name: &Exact, first: usize, is_file: bool, brought: &[Vec<usize>]) -> Result<bool> {
        let least = if is_file { FILE } else { 0.0 };
        let mass = self.mass(Vec::new(), &name.parts, brought, None);
        let (above, names) = name.forms.split_at(first.min(name.forms.len()));
        let mut wanted = Vec::new();
        if let Some(place) = self.first_known(above)? {
            // The same name is among the names below, too.
            wanted.push((&above[place], if place == 0 { 1.0 } else { SAME_NAME }));
        }
        if let Some(place) = self.first_known(names)? {
            wanted.push((&names[place], if wanted.is_empty() { 1.0 } else { SAME_NAME }));
        }
        for &(form, weight) in &wanted {
            let place = self.add(LAYOUT.grams, form.clone(), false)?;
            let candidate = &mut self.found[place];
            candidate.counts = false;
            candidate.exact = candidate.exact.max(mass * weight);
            candidate.least = candidate.least.max(least * weight);
        }
        Ok(!wanted.is_empty())
    }

    /// The index of the first form that a passage has.
    fn first_known(&mut self, forms: &[String]) -> Result<Option<usize>> {
        for (place, form) in forms.iter().enumerate() {
            if self.frequency(LAYOUT.grams, form)? > 0 {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Adds a value in any notation. The number alone has half of its weight when a passage has another form. Returns whether one has.
    fn add_value(
        &mut self,
        value: &Exact,
        alone: bool,
        text: &str,
        weight: f32,
        brought: &[Vec<usize>],
    ) -> Result<bool> {
        let mut known = Vec::new();
        for form in &value.forms {
            if self.frequency(LAYOUT.grams, form)? > 0 {
                known.push(form);
            }
        }
        let number = value.forms.last().filter(|_| alone);
        if known.iter().all(|form| Some(*form) == number) {
            return Ok(false);
        }
        let mut mass = weight * self.mass(Vec::new(), &value.parts, brought, Some(text));
        if number.is_some_and(|number| known.contains(&number)) {
            mass *= NUMBER_ALONE;
        }
        for form in known {
            let before = self.found.len();
            let place = self.add(LAYOUT.grams, form.clone(), false)?;
            let candidate = &mut self.found[place];
            if place == before {
                candidate.counts = false;
            }
            candidate.exact = candidate.exact.max(mass);
        }
        Ok(true)
    }

    fn add_code(&mut self, code: Exact, weight: f32, brought: &[Vec<usize>]) -> Result<()> {
        let (mut places, mut known) = (Vec::new(), Vec::new());
        for (number, form) in self.completed(code.forms)?.into_iter().enumerate() {
            let frequency = self.frequency(LAYOUT.grams, &form)?;
            if frequency == 0 && number > 0 {
                continue;
            }
            let before = self.found.len();
            let place = self.add(LAYOUT.grams, form, false)?;
            if place == before {
                self.found[place].counts = number == 0 && weight > 0.0;
            }
            places.push(place);
            if frequency > 0 {
                known.push(place);
            }
        }
        let mass = weight * self.mass(places, &code.parts, brought, None) / known.len().max(1) as f32;
        for place in known {
            self.found[place].exact = self.found[place].exact.max(mass);
        }
        Ok(())
    }

    /// The summed weight of the candidates at `places` and of those that the parts brought. `within`: Chinese terms count only within
    /// this text.
    fn mass(&self, mut places: Vec<usize>, parts: &[usize], brought: &[Vec<usize>], within: Option<&str>) -> f32 {
        places.extend(parts.iter().filter_map(|&part| brought.get(part)).flatten());
        places.sort_unstable();
        places.dedup();
        let passages = self.lexicon.passages();
        let all = places.iter().filter_map(|&place| self.found.get(place));
        let is_within = |one: &&TermCandidate| {
            one.text.is_ascii()
                || within.is_none_or(|within| within.contains(&one.text) || !one.text.chars().all(is_han))
        };
        all.filter(|one| !one.function).filter(is_within).map(|one| one.share(passages)).sum()
    }

    /// Adds codes that begin with a code that no passage has: people give the beginning of a commit or of a serial number.
    fn completed(&mut self, mut forms: Vec<String>) -> Result<Vec<String>> {
        let Some(first) = forms.first().filter(|first| first.len() >= LEAST_BEGINNING) else {
            return Ok(forms);
        };
        let is_code = first.bytes().any(|b| b.is_ascii_digit()) && first.bytes().all(|b| b.is_ascii_alphanumeric());
        if is_code && self.frequency(LAYOUT.grams, first)? == 0 {
            forms.extend(self.lexicon.beginning(LAYOUT.grams, first, MOST_COMPLETED)?);
        }
        Ok(forms)
    }
}
