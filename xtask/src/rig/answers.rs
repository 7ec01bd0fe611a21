//! Parses and compares the program's output: documents and hits.

use super::corpus::CorpusDocuments;
use serde_json::Value;

/// A hit: the document, the first byte of its passage, and the text shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FoundHit {
    pub(crate) id: String,
    pub(crate) start: u64,
    pub(crate) text: String,
}

/// The output of a collection, to compare.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answers {
    pub(crate) documents: CorpusDocuments,
    /// The export with passages and vectors.
    pub(crate) whole: String,
    pub(crate) hits: Vec<Vec<FoundHit>>,
}

/// Returns the documents that `nigh export` prints, each with its text.
///
/// # Errors
/// If a line is not a document, or a document appears twice.
pub(crate) fn documents(export: &str) -> Result<CorpusDocuments, String> {
    let mut documents = CorpusDocuments::new();
    for line in export.lines() {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("export prints no JSON: {error}"))?;
        let (Some(id), Some(text)) = (value["id"].as_str(), value["text"].as_str()) else {
            return Err("export prints a line without id and text".to_owned());
        };
        if documents.insert(id.to_owned(), text.to_owned()).is_some() {
            return Err(format!("export names {id} twice"));
        }
    }
    Ok(documents)
}

/// Returns the output of `nigh export --vectors` in sorted order.
pub(crate) fn sorted(export: &str) -> String {
    let mut lines: Vec<&str> = export.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// Returns the hits that `nigh search --json` prints, sorted: the order of equal scores does not count.
///
/// # Errors
/// If the output is not as expected.
pub(crate) fn hits(json: &str) -> Result<Vec<FoundHit>, String> {
    let answer: Value = serde_json::from_str(json).map_err(|error| format!("search prints no JSON: {error}"))?;
    let hits = answer["hits"].as_array().ok_or("search prints no hits")?;
    let hit = |value: &Value| {
        let passage = &value["passage"];
        let text = passage["text"].as_str().ok_or("a hit has no text")?.to_owned();
        let id = value["id"].as_str().ok_or("a hit has no id")?.to_owned();
        Ok(FoundHit { id, start: passage["start_byte"].as_u64().ok_or("a hit has no place")?, text })
    };
    let mut hits: Vec<FoundHit> = hits.iter().map(hit).collect::<Result<_, &str>>()?;
    hits.sort_unstable();
    Ok(hits)
}

/// Describes a document that matches none of these versions, or that all versions have and `documents` lacks.
pub(crate) fn mixed(documents: &CorpusDocuments, versions: &[&CorpusDocuments]) -> Option<String> {
    for (id, text) in documents {
        if !versions.iter().any(|version| version.get(id) == Some(text)) {
            let length = versions.iter().find_map(|version| version.get(id)).map_or(0, String::len);
            return Some(format!("{id} is neither old nor new: {} bytes of {length}", text.len()));
        }
    }
    let first = versions.first()?;
    let lost = first.keys().find(|id| !documents.contains_key(*id) && versions.iter().all(|v| v.contains_key(*id)));
    lost.map(|id| format!("{id} is lost"))
}

/// Describes the first difference.
pub(crate) fn difference(expected: &Answers, found: &Answers) -> Option<String> {
    for (id, text) in &expected.documents {
        match found.documents.get(id) {
            None => return Some(format!("{id} is missing")),
            Some(other) if other != text => return Some(format!("{id} has another text")),
            Some(_) => {}
        }
    }
    if let Some(id) = found.documents.keys().find(|id| !expected.documents.contains_key(*id)) {
        return Some(format!("{id} should not exist"));
    }
    if found.whole != expected.whole {
        return Some("passages or vectors differ".to_owned());
    }
    let hits = expected.hits.iter().zip(&found.hits).position(|(expected, found)| expected != found);
    hits.map(|at| format!("search {at} has other hits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pairs: &[(&str, &str)]) -> CorpusDocuments {
        pairs.iter().map(|&(id, text)| (id.to_owned(), text.to_owned())).collect()
    }

    #[test]
    fn documents_must_be_old_or_new() {
        let (old, new) =
            (all(&[("a", "1"), ("b", "1"), ("gone", "1")]), all(&[("a", "2"), ("b", "1"), ("fresh", "2")]));
        let versions = [&old, &new];
        for well in [
            &old,
            &new,
            &all(&[("a", "2"), ("b", "1"), ("gone", "1"), ("fresh", "2")]),
            &all(&[("a", "1"), ("b", "1")]),
        ] {
            assert_eq!(mixed(well, &versions), None);
        }
        let wrong = |pairs: &[(&str, &str)]| mixed(&all(pairs), &versions).unwrap();
        assert!(wrong(&[("a", "12"), ("b", "1")]).contains("a is neither"));
        assert!(wrong(&[("a", "1"), ("b", "1"), ("other", "1")]).contains("other is neither"));
        assert_eq!(wrong(&[("a", "1")]), "b is lost");
        assert_eq!(mixed(&all(&[]), &[&all(&[]), &new]), None);
    }

    #[test]
    fn answers_are_parsed() {
        assert_eq!(documents("{\"id\":\"a\",\"text\":\"t\"}\n").unwrap(), all(&[("a", "t")]));
        let twice = "{\"id\":\"a\",\"text\":\"t\"}\n{\"id\":\"a\",\"text\":\"t\"}";
        assert!(documents(twice).unwrap_err().contains("twice"));
        assert!(documents("{\"id\":\"a\"}").is_err() && documents("text").is_err());
        let json = "{\"hits\":[{\"id\":\"b\",\"passage\":{\"text\":\"t\",\"start_byte\":3}},
                                {\"id\":\"a\",\"passage\":{\"text\":\"u\",\"start_byte\":0}}]}";
        let hits = hits(json).unwrap();
        assert_eq!((hits[0].id.as_str(), hits[1].start), ("a", 3));
        assert!(super::hits("{}").is_err());
    }

    #[test]
    fn answers_that_differ_are_described() {
        let answers = |pairs: &[(&str, &str)], whole: &str| Answers {
            documents: pairs.iter().map(|&(id, text)| (id.to_owned(), text.to_owned())).collect::<CorpusDocuments>(),
            whole: whole.into(),
            hits: vec![vec![]],
        };
        let expected = answers(&[("a", "1"), ("b", "1")], "v");
        assert_eq!(difference(&expected, &expected), None);
        let describe = |found: Answers| difference(&expected, &found).unwrap();
        assert_eq!(describe(answers(&[("a", "1")], "v")), "b is missing");
        assert_eq!(describe(answers(&[("a", "2"), ("b", "1")], "v")), "a has another text");
        assert_eq!(describe(answers(&[("a", "1"), ("b", "1"), ("c", "1")], "v")), "c should not exist");
        assert!(describe(answers(&[("a", "1"), ("b", "1")], "w")).contains("vectors"));
        let mut other = expected.clone();
        other.hits = vec![vec![FoundHit { id: "a".into(), start: 0, text: "1".into() }]];
        assert!(describe(other).contains("search 0"));
    }
}
