//! A BEIR directory (Thakur et al. 2021): `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and
//! judgements (`query-id`, `corpus-id`, `score`, with tabs and a header).

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;

use super::lines::{self, LinePlace};
use super::metrics::Judgements;
use crate::output::Failure;

/// A document, its title and text joined: `title + " " + text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeirText {
    pub id: String,
    pub text: String,
}

/// A question with its judgements.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedQuestion {
    pub id: String,
    pub text: String,
    pub judgements: Judgements,
}

/// Questions, and the numbers of those left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JudgedQuestions {
    /// Judged questions, in the order of queries.jsonl.
    pub judged: Vec<JudgedQuestion>,
    /// Questions without judgements: left out.
    pub unjudged: usize,
    /// Judged questions that are not in queries.jsonl: left out.
    pub unknown: usize,
}

#[derive(Deserialize)]
struct BeirLine {
    #[serde(rename = "_id")]
    id: BeirId,
    title: Option<String>,
    text: String,
}

/// Some sets have numeric ids.
#[derive(Deserialize)]
#[serde(untagged)]
enum BeirId {
    Text(String),
    Number(u64),
}

/// Returns the documents of a directory's `corpus.jsonl`.
pub fn corpus(directory: &Path) -> Result<Vec<BeirText>, Failure> {
    read(directory, "corpus.jsonl")
}

/// All questions of a directory's `queries.jsonl`.
pub fn queries(directory: &Path) -> Result<Vec<BeirText>, Failure> {
    read(directory, "queries.jsonl")
}

/// Returns the questions of a directory's `queries.jsonl` that have judgements in a file.
pub fn questions(directory: &Path, qrels: &Path) -> Result<JudgedQuestions, Failure> {
    let queries = queries(directory)?;
    let mut judgements = judgements(qrels)?;
    let mut questions = JudgedQuestions::default();
    for BeirText { id, text } in queries {
        match judgements.remove(&id) {
            Some(judgements) => questions.judged.push(JudgedQuestion { id, text, judgements }),
            None => questions.unjudged += 1,
        }
    }
    questions.unknown = judgements.len();
    if questions.judged.is_empty() {
        let problem = format!("{} has no judgement on a question of {}", qrels.display(), directory.display());
        return Err(Failure::message(format!("{problem}; nothing can be measured")));
    }
    Ok(questions)
}

fn read(directory: &Path, name: &str) -> Result<Vec<BeirText>, Failure> {
    let path = lines::existing(directory.join(name), "a BEIR directory has corpus.jsonl, queries.jsonl and qrels/")?;
    let (mut items, mut seen) = (Vec::new(), HashSet::new());
    lines::each(&path, |place, line| {
        let BeirLine { id, title, text } = serde_json::from_str(line)
            .map_err(|error| place.wrong(format!("{error}; a line is a JSON object with _id and text")))?;
        let id = match id {
            BeirId::Text(text) => text,
            BeirId::Number(number) => number.to_string(),
        };
        if !seen.insert(id.clone()) {
            return Err(place.wrong(format!("the id {id:?} was there before; each has its own")));
        }
        let text = match title.filter(|title| !title.is_empty()) {
            Some(title) => format!("{title} {text}"),
            None => text,
        };
        items.push(BeirText { id, text });
        Ok(())
    })?;
    if items.is_empty() {
        return Err(Failure::message(format!("{} is empty", path.display())));
    }
    Ok(items)
}

/// Reads judgements by question. If a pair is judged twice, the last one counts, as in BEIR's own reader.
fn judgements(path: &Path) -> Result<HashMap<String, Judgements>, Failure> {
    let path = lines::existing(path.to_path_buf(), "name the file of judgements with --qrels")?;
    let mut all: HashMap<String, Judgements> = HashMap::new();
    lines::each(&path, |place, line| {
        if let Some((query, document, score)) = judgement(place, line)? {
            all.entry(query).or_default().insert(document, score);
        }
        Ok(())
    })?;
    Ok(all)
}

/// Parses one line; `None` for the header.
fn judgement(place: LinePlace<'_>, line: &str) -> Result<Option<(String, String, f64)>, Failure> {
    let wanted = "write query-id, corpus-id and score, separated by tabs";
    let [query, document, score] = line.split('\t').collect::<Vec<_>>()[..] else {
        return Err(place.wrong(wanted));
    };
    match score.trim().parse::<f64>() {
        Ok(score) if score.is_finite() => Ok(Some((query.to_owned(), document.to_owned(), score))),
        _ if place.is_first() => Ok(None),
        _ => Err(place.wrong(format!("{score:?} is not a number; {wanted}"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(directory.path().join(name), text).unwrap();
        }
        directory
    }

    #[test]
    fn beir_titles_numeric_ids_and_unjudged_questions() {
        let set = directory(&[
            ("corpus.jsonl", "{\"_id\": 7, \"title\": \"T\", \"text\": \"x\"}\r\n\n{\"_id\": \"b\", \"text\": \"y\"}"),
            ("queries.jsonl", "{\"_id\": \"q\", \"text\": \"?\"}\n{\"_id\": \"r\", \"text\": \"!\"}\n"),
            ("qrels", "\u{feff}query-id\tcorpus-id\tscore\nq\t7\t1\nq\t7\t2\nz\tb\t1\n"),
        ]);
        let corpus = corpus(set.path()).unwrap();
        assert_eq!(corpus[0], BeirText { id: "7".to_owned(), text: "T x".to_owned() });
        assert_eq!(corpus[1].text, "y");
        let questions = questions(set.path(), &set.path().join("qrels")).unwrap();
        assert_eq!((questions.judged.len(), questions.unjudged, questions.unknown), (1, 1, 1));
        assert_eq!(questions.judged[0].judgements, Judgements::from([("7".to_owned(), 2.0)]));
    }

    #[test]
    fn judgements_without_a_header_lose_no_line() {
        let set = directory(&[("queries.jsonl", "{\"_id\": \"q\", \"text\": \"?\"}"), ("qrels", "q\tb\t1\n")]);
        assert_eq!(questions(set.path(), &set.path().join("qrels")).unwrap().judged.len(), 1);
    }

    #[test]
    fn beir_mistakes_name_the_line() {
        for (corpus_text, says) in [
            ("{\"_id\": \"a\", \"text\": \"x\"}\nno json\n", "corpus.jsonl:2: "),
            ("{\"_id\": \"a\"}", "corpus.jsonl:1: missing field `text`"),
            ("{\"_id\": \"a\", \"text\": \"\"}\n{\"_id\": \"a\", \"text\": \"\"}", "corpus.jsonl:2: the id \"a\""),
            ("\n", "is empty"),
        ] {
            let set = directory(&[("corpus.jsonl", corpus_text)]);
            let error = corpus(set.path()).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        for (qrels, says) in [
            ("q b 1\n", "qrels:1: write query-id"),
            ("query-id\tcorpus-id\tscore\nq\tb\tx\n", "qrels:2: \"x\" is not a number"),
            ("q\tb\t1\nq\tb\tNaN\n", "qrels:2: \"NaN\""),
            ("z\tb\t1\n", "has no judgement"),
        ] {
            let set = directory(&[("queries.jsonl", "{\"_id\": \"q\", \"text\": \"?\"}"), ("qrels", qrels)]);
            let error = questions(set.path(), &set.path().join("qrels")).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
