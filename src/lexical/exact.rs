//! The exact terms of a query: names of documents, codes, values in any notation.

use super::analysis::{Exact, Kind, is_han};
use super::candidates::{TermCandidate, TermCandidates};
use super::schema::LAYOUT;
use crate::error::Result;

/// The factor of a name's weight if another document has the path in the query. Chosen by hand, like the other constants of this file.
const SAME_NAME: f32 = 0.7;
/// The factor of a term's weight if it is a part of a document name in the query.
const PART_OF_NAME: f32 = 0.3;
/// The minimum of a file name's mass, as a fraction of the query's mass.
const MIN_FILE_FRACTION: f32 = 0.7;
/// The shortest prefix that finds a code, in bytes. Git shows seven; serial numbers are often cut to their series.
const MIN_PREFIX_BYTES: usize = 6;
/// The most codes that a prefix finds.
const MAX_COMPLETIONS: usize = 8;
/// The factor of a value's weight if its number alone also counts; the unit has the rest.
const NUMBER_ALONE: f32 = 0.5;

impl TermCandidates<'_> {
    /// Adds the exact terms, names of documents first. `candidates_of_parts`: the candidates of each part of the query. Forms that no
    /// passage has are omitted, except the first form of a code.
    pub(super) fn add_exact(&mut self, wanted: Vec<Exact>, candidates_of_parts: &[Vec<usize>]) -> Result<()> {
        let (mut in_names, mut in_values): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for exact in wanted {
            let is_part_of_name = exact.parts.iter().any(|part| in_names.contains(part));
            let weight = if is_part_of_name { PART_OF_NAME } else { 1.0 };
            match exact.kind {
                Kind::Name { paths, is_file } => {
                    if self.add_name(&exact, paths, is_file, candidates_of_parts)? {
                        in_names.extend(&exact.parts);
                    }
                }
                Kind::Value { alone, ref text } => {
                    if self.add_value(&exact, alone, text, weight, candidates_of_parts)? {
                        in_values.extend(&exact.parts);
                    }
                }
                // A passage with the code also has the value and would count twice.
                Kind::Code => {
                    let is_valued = !exact.parts.is_empty() && exact.parts.iter().all(|part| in_values.contains(part));
                    self.add_code(exact, if is_valued { 0.0 } else { weight }, candidates_of_parts)?;
                }
            }
        }
        Ok(())
    }

    /// Adds a document name: prefers a whole path to a file name, and among equal file names the document with the fewest folders above.
    /// The first `path_count` forms are paths. Returns true if such a document exists.
    fn add_name(
        &mut self,
        name: &Exact,
        path_count: usize,
        is_file: bool,
        candidates_of_parts: &[Vec<usize>],
    ) -> Result<bool> {
        let min_fraction = if is_file { MIN_FILE_FRACTION } else { 0.0 };
        let mass = self.mass(Vec::new(), &name.parts, candidates_of_parts, None);
        let (paths, names) = name.forms.split_at(path_count.min(name.forms.len()));
        let mut weighted = Vec::new();
        if let Some(index) = self.first_known(paths)? {
            // The file name of this path is also one of `names` below.
            weighted.push((&paths[index], if index == 0 { 1.0 } else { SAME_NAME }));
        }
        if let Some(index) = self.first_known(names)? {
            weighted.push((&names[index], if weighted.is_empty() { 1.0 } else { SAME_NAME }));
        }
        for &(form, weight) in &weighted {
            let index = self.add(LAYOUT.grams, form.clone(), false)?;
            let candidate = &mut self.candidates[index];
            candidate.adds_to_mass = false;
            candidate.parts_mass = candidate.parts_mass.max(mass * weight);
            candidate.min_fraction = candidate.min_fraction.max(min_fraction * weight);
        }
        Ok(!weighted.is_empty())
    }

    /// Returns the index of the first form that a passage has.
    fn first_known(&mut self, forms: &[String]) -> Result<Option<usize>> {
        for (index, form) in forms.iter().enumerate() {
            if self.frequency(LAYOUT.grams, form)? > 0 {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    /// Adds a value in any notation. If a passage has the number alone, the weight is halved. Returns true if a passage has another form
    /// than the number alone.
    fn add_value(
        &mut self,
        value: &Exact,
        alone: bool,
        text: &str,
        weight: f32,
        candidates_of_parts: &[Vec<usize>],
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
        let mut mass = weight * self.mass(Vec::new(), &value.parts, candidates_of_parts, Some(text));
        if number.is_some_and(|number| known.contains(&number)) {
            mass *= NUMBER_ALONE;
        }
        for form in known {
            let next = self.candidates.len();
            let index = self.add(LAYOUT.grams, form.clone(), false)?;
            let candidate = &mut self.candidates[index];
            // A term that was a candidate before goes on counting as a part of the query.
            if index == next {
                candidate.adds_to_mass = false;
            }
            candidate.parts_mass = candidate.parts_mass.max(mass);
        }
        Ok(true)
    }

    /// Adds a code in all its forms that a passage has; the first form counts even if no passage has it.
    fn add_code(&mut self, code: Exact, weight: f32, candidates_of_parts: &[Vec<usize>]) -> Result<()> {
        let (mut indices, mut known) = (Vec::new(), Vec::new());
        for (number, form) in self.with_completions(code.forms)?.into_iter().enumerate() {
            let frequency = self.frequency(LAYOUT.grams, &form)?;
            if frequency == 0 && number > 0 {
                continue;
            }
            let next = self.candidates.len();
            let index = self.add(LAYOUT.grams, form, false)?;
            if index == next {
                self.candidates[index].adds_to_mass = number == 0 && weight > 0.0;
            }
            indices.push(index);
            if frequency > 0 {
                known.push(index);
            }
        }
        // The forms share the weight.
        let mass = weight * self.mass(indices, &code.parts, candidates_of_parts, None) / known.len().max(1) as f32;
        for index in known {
            self.candidates[index].parts_mass = self.candidates[index].parts_mass.max(mass);
        }
        Ok(())
    }

    /// Returns the summed idf mass of the candidates at `indices` and of the candidates of the parts. `within`: Chinese terms count
    /// only if this text contains them.
    fn mass(
        &self,
        mut indices: Vec<usize>,
        parts: &[usize],
        candidates_of_parts: &[Vec<usize>],
        within: Option<&str>,
    ) -> f32 {
        indices.extend(parts.iter().filter_map(|&part| candidates_of_parts.get(part)).flatten());
        indices.sort_unstable();
        indices.dedup();
        let candidates = indices.iter().filter_map(|&index| self.candidates.get(index));
        let is_within = |candidate: &&TermCandidate| {
            let text = &candidate.text;
            text.is_ascii() || within.is_none_or(|within| within.contains(text) || !text.chars().all(is_han))
        };
        let needed = candidates.filter(|candidate| !candidate.droppable).filter(is_within);
        needed.map(|candidate| candidate.idf_mass()).sum()
    }

    /// Adds codes that begin with a code that no passage has: people type the beginning of a commit hash or of a serial number.
    fn with_completions(&mut self, mut forms: Vec<String>) -> Result<Vec<String>> {
        let Some(first) = forms.first().filter(|first| first.len() >= MIN_PREFIX_BYTES) else {
            return Ok(forms);
        };
        let is_code = first.bytes().any(|b| b.is_ascii_digit()) && first.bytes().all(|b| b.is_ascii_alphanumeric());
        if is_code && self.frequency(LAYOUT.grams, first)? == 0 {
            forms.extend(self.lexicon.terms_with_prefix(LAYOUT.grams, first, MAX_COMPLETIONS)?);
        }
        Ok(forms)
    }
}
