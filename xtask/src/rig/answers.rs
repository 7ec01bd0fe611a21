//! What the program answers: its documents and its hits, as what can be compared.

use super::corpus::Documents;
use serde_json::Value;

/// Where a hit is: the document and the first byte of its passage, and what is shown of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    pub(crate) id: String,
    pub(crate) start: u64,
    pub(crate) text: String,
}

/// What is known of a collection, to compare.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answers {
    pub(crate) documents: Documents,
    /// With passages and vectors.
    pub(crate) whole: String,
    pub(crate) hits: Vec<Vec<Hit>>,
}

/// The documents that `nigh export` prints, each with its text.
///
/// # Errors
/// In words, a line that is none, or a document that comes twice.
pub(crate) fn documents(export: &str) -> Result<Documents, String> {
    let mut all = Documents::new();
    for line in export.lines() {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("export prints no JSON: {error}"))?;
        let (Some(id), Some(text)) = (value["id"].as_str(), value["text"].as_str()) else {
            return Err("export prints a line without id and text".to_owned());
        };
        if all.insert(id.to_owned(), text.to_owned()).is_some() {
            return Err(format!("export names {id} twice"));
        }
    }
    Ok(all)
}

/// What `nigh export --vectors` prints, in an order that hangs on nothing.
pub(crate) fn sorted(export: &str) -> String {
    let mut lines: Vec<&str> = export.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// The hits that `nigh search --json` prints. Their order among equals is not looked at.
///
/// # Errors
/// In words, what is not as it should be.
pub(crate) fn hits(json: &str) -> Result<Vec<Hit>, String> {
    let answer: Value = serde_json::from_str(json).map_err(|error| format!("search prints no JSON: {error}"))?;
    let hits = answer["hits"].as_array().ok_or("search prints no hits")?;
    let hit = |value: &Value| {
        let passage = &value["passage"];
        let text = passage["text"].as_str().ok_or("a hit has no text")?.to_owned();
        let id = value["id"].as_str().ok_or("a hit has no id")?.to_owned();
        Ok(Hit { id, start: passage["start_byte"].as_u64().ok_or("a hit has no place")?, text })
    };
    let mut hits: Vec<Hit> = hits.iter().map(hit).collect::<Result<_, &str>>()?;
    hits.sort_unstable();
    Ok(hits)
}

/// What is wrong with documents that should each be one of these versions, and all of those that every version has.
pub(crate) fn mixed(documents: &Documents, versions: &[&Documents]) -> Option<String> {
    for (id, text) in documents {
        if !versions.iter().any(|version| version.get(id) == Some(text)) {
            let whole = versions.iter().find_map(|version| version.get(id)).map_or(0, String::len);
            return Some(format!("{id} is neither old nor new: {} bytes of {whole}", text.len()));
        }
    }
    let first = versions.first()?;
    let lost = first.keys().find(|id| !documents.contains_key(*id) && versions.iter().all(|v| v.contains_key(*id)));
    lost.map(|id| format!("{id} is lost"))
}

/// In words, the first difference.
pub(crate) fn difference(expected: &Answers, found: &Answers) -> Option<String> {
    for (id, text) in &expected.documents {
        match found.documents.get(id) {
            None => return Some(format!("{id} is missing")),
            Some(other) if other != text => return Some(format!("{id} says something else")),
            Some(_) => {}
        }
    }
    if let Some(id) = found.documents.keys().find(|id| !expected.documents.contains_key(*id)) {
        return Some(format!("{id} is there, which should not be"));
    }
    if found.whole != expected.whole {
        return Some("passages or vectors are others".to_owned());
    }
    let hits = expected.hits.iter().zip(&found.hits).position(|(expected, found)| expected != found);
    hits.map(|at| format!("search {at} finds something else"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pairs: &[(&str, &str)]) -> Documents {
        pairs.iter().map(|&(id, text)| (id.to_owned(), text.to_owned())).collect()
    }

    #[test]
    fn old_or_new_is_well_and_nothing_else() {
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
    fn answers_are_read() {
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
    fn differences_are_named() {
        let answers = |pairs: &[(&str, &str)], whole: &str| Answers {
            documents: pairs.iter().map(|&(id, text)| (id.to_owned(), text.to_owned())).collect::<Documents>(),
            whole: whole.into(),
            hits: vec![vec![]],
        };
        let expected = answers(&[("a", "1"), ("b", "1")], "v");
        assert_eq!(difference(&expected, &expected), None);
        let told = |found: Answers| difference(&expected, &found).unwrap();
        assert_eq!(told(answers(&[("a", "1")], "v")), "b is missing");
        assert_eq!(told(answers(&[("a", "2"), ("b", "1")], "v")), "a says something else");
        assert_eq!(told(answers(&[("a", "1"), ("b", "1"), ("c", "1")], "v")), "c is there, which should not be");
        assert!(told(answers(&[("a", "1"), ("b", "1")], "w")).contains("vectors"));
        let mut other = expected.clone();
        other.hits = vec![vec![Hit { id: "a".into(), start: 0, text: "1".into() }]];
        assert!(told(other).contains("search 0"));
    }
}
