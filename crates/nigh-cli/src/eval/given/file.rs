//! Reads a file of questions: JSON lines, one object for each question. benches/folders/README.md describes the fields.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value};

use crate::eval::lines::{self, LinePlace};
use crate::output::Failure;

/// The fields of a line. Others are ignored.
pub(super) const FIELDS: [&str; 6] = ["question", "files", "answer", "kind", "lang", "id"];

/// A question of the user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct GivenQuestion {
    /// The number of its line, from 1.
    pub line: usize,
    pub id: Option<String>,
    pub text: String,
    /// The names of the documents that answer; empty if nothing answers.
    pub files: Vec<String>,
    /// A text that the passage must contain to show the answer.
    pub answer: Option<String>,
    pub kind: Option<String>,
    pub lang: Option<String>,
}

/// The questions of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct GivenQuestions {
    /// At least one.
    pub questions: Vec<GivenQuestion>,
    /// Names of fields that were ignored.
    pub ignored: BTreeSet<String>,
}

/// Reads a file of questions.
pub(super) fn read(path: &Path) -> Result<GivenQuestions, Failure> {
    let path =
        lines::existing(path.to_path_buf(), "name a file of questions: JSON lines with \"question\" and \"files\"")?;
    let mut read = GivenQuestions::default();
    lines::each(&path, |place, line| {
        let object: Map<String, Value> = serde_json::from_str(line).map_err(|error| {
            place.wrong(format!("{error}; a line is a JSON object with \"question\" and \"files\""))
        })?;
        read.questions.push(question(place, &object)?);
        for name in object.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
            read.ignored.insert(name.clone());
        }
        Ok(())
    })?;
    if read.questions.is_empty() {
        return Err(Failure::message(format!(
            "{} has no question; write one JSON object on each line",
            path.display()
        )));
    }
    Ok(read)
}

fn question(place: LinePlace<'_>, object: &Map<String, Value>) -> Result<GivenQuestion, Failure> {
    let text = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
        Some(Value::Number(number)) if name == "id" => Ok(Some(number.to_string())),
        Some(_) => Err(place.wrong(format!("{name:?} is not a text; write it in quotation marks"))),
    };
    Ok(GivenQuestion {
        line: place.number(),
        id: text("id")?,
        text: text("question")?.ok_or_else(|| place.wrong("\"question\" is missing or blank; write the question"))?,
        files: files(place, object.get("files"))?,
        answer: text("answer")?,
        kind: text("kind")?,
        lang: text("lang")?,
    })
}

fn files(place: LinePlace<'_>, value: Option<&Value>) -> Result<Vec<String>, Failure> {
    let wrong =
        || place.wrong("\"files\" is not a list of names; write [\"a.md\", \"b.md\"], or [] if no document answers");
    let names = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(names)) => names,
        Some(_) => return Err(wrong()),
    };
    names
        .iter()
        .map(|name| name.as_str().filter(|name| !name.is_empty()).map(str::to_owned).ok_or_else(wrong))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn read_text(text: &str) -> Result<GivenQuestions, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn given_questions_have_optional_fields() {
        let read = read_text(
            "\u{feff}{\"question\": \"a?\"}\r\n\n{\"question\": \"b?\", \"files\": [\"x/b.md\"], \"answer\": \"B\", \
             \"kind\": \"same\", \"lang\": \"en\", \"id\": 7, \"file\": \"c.md\"}\n{\"question\": \"c?\", \"files\": null, \
             \"answer\": \" \"}",
        )
        .unwrap();
        let question = |line, text: &str| GivenQuestion { line, text: text.to_owned(), ..GivenQuestion::default() };
        let some = |text: &str| Some(text.to_owned());
        let whole = GivenQuestion {
            files: vec!["x/b.md".to_owned()],
            answer: some("B"),
            kind: some("same"),
            lang: some("en"),
            id: some("7"),
            ..question(3, "b?")
        };
        assert_eq!(read.questions, [question(1, "a?"), whole, question(4, "c?")]);
        assert_eq!(read.ignored, BTreeSet::from(["file".to_owned()]));
    }

    #[test]
    fn given_questions_with_mistakes_name_the_line() {
        for (text, says) in [
            ("{\"question\": \"a?\"}\nno json\n", ":2: "),
            ("[1]\n", ":1: "),
            ("{\"files\": []}\n", ":1: \"question\" is missing"),
            ("\n{\"question\": \" \"}\n", ":2: \"question\" is missing or blank"),
            ("{\"question\": 3}\n", ":1: \"question\" is not a text"),
            ("{\"question\": \"a\", \"files\": \"a.md\"}\n", ":1: \"files\" is not a list"),
            ("{\"question\": \"a\", \"files\": [\"\"]}\n", ":1: \"files\" is not a list"),
            ("{\"question\": \"a\", \"kind\": [1]}\n", ":1: \"kind\" is not a text"),
            ("\n", "has no question"),
        ] {
            let error = read_text(text).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
