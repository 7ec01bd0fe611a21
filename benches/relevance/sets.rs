//! Sets of documents and questions: BEIR directories, and folders of files with questions.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use nigh::{Collection, CollectionOptions, Document};
use serde_json::Value;

use super::Failure;

/// Documents and the questions about them.
pub struct Set {
    pub name: String,
    pub documents: Documents,
    /// The text, and the ids or the ends of the ids of its relevant documents; none if nothing answers.
    pub queries: Vec<(String, HashSet<String>)>,
}

/// The documents of a set.
pub enum Documents {
    /// The id and the text of each.
    Texts(Vec<(String, String)>),
    /// The files of a folder. It has no parts.
    Folder(PathBuf),
}

impl Set {
    /// Reads a directory: with `files` and `questions.jsonl` it is a folder with questions (benches/folders/README.md), otherwise it has
    /// BEIR's `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv`.
    pub fn read(directory: &Path) -> Result<Self, Failure> {
        let name = directory.file_name().unwrap_or(directory.as_os_str()).to_string_lossy().into_owned();
        let questions = directory.join("questions.jsonl");
        let (documents, queries) =
            if questions.is_file() { read_folder(directory, &questions)? } else { read_beir(directory)? };
        Ok(Self { name, documents, queries })
    }

    /// Returns the number of documents; `None` for a folder.
    pub fn len(&self) -> Option<usize> {
        match &self.documents {
            Documents::Texts(texts) => Some(texts.len()),
            Documents::Folder(_) => None,
        }
    }

    /// Creates a collection of some documents of the set; of a folder, of all.
    pub fn index(&self, part: &[usize], at: &Path, model: Option<&str>) -> Result<Collection, Failure> {
        let options = CollectionOptions::new();
        let options = model.into_iter().fold(options, |options, model| options.model(model));
        let collection = options.open(at)?;
        let mut writer = collection.writer()?;
        match &self.documents {
            Documents::Texts(texts) => {
                let documents = part.iter().map(|&at| Document::new(texts[at].0.as_str(), texts[at].1.as_str()));
                writer.upsert_all(documents).run()?;
                writer.commit()?;
            }
            Documents::Folder(folder) => {
                writer.index_folder(folder).run()?;
            }
        }
        drop(writer);
        Ok(collection)
    }

    /// Returns true if a part of the set has an answer.
    pub fn is_answered(&self, relevant: &HashSet<String>, part: &HashSet<&str>) -> bool {
        match &self.documents {
            Documents::Texts(_) => relevant.iter().any(|id| part.contains(id.as_str())),
            Documents::Folder(_) => !relevant.is_empty(),
        }
    }

    /// Returns true if the document with this id is one of the relevant ones.
    pub fn is_relevant(&self, relevant: &HashSet<String>, id: &str) -> bool {
        match &self.documents {
            Documents::Texts(_) => relevant.contains(id),
            Documents::Folder(_) => relevant
                .iter()
                .any(|end| id.strip_suffix(end.as_str()).is_some_and(|above| above.is_empty() || above.ends_with('/'))),
        }
    }
}

type DocumentsAndQueries = (Documents, Vec<(String, HashSet<String>)>);

fn read_folder(directory: &Path, questions: &Path) -> Result<DocumentsAndQueries, Failure> {
    let files = directory.join("files");
    let folder = if files.is_dir() { files } else { directory.to_path_buf() };
    let strings = |value: &Value| match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(one) => HashSet::from([one.clone()]),
        _ => HashSet::new(),
    };
    let queries = lines(questions)?.into_iter().map(|question| {
        let files = question.get("files").or_else(|| question.get("file")).map(strings).unwrap_or_default();
        (text(&question, "question"), files)
    });
    Ok((Documents::Folder(folder), queries.collect()))
}

fn read_beir(directory: &Path) -> Result<DocumentsAndQueries, Failure> {
    let documents = lines(&directory.join("corpus.jsonl"))?;
    let title_and_text =
        |document: &Value| format!("{} {}", text(document, "title"), text(document, "text")).trim().to_owned();
    let documents = documents.iter().map(|document| (text(document, "_id"), title_and_text(document))).collect();
    let mut relevant: HashMap<String, HashSet<String>> = HashMap::new();
    for line in std::fs::read_to_string(directory.join("qrels/test.tsv"))?.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        if let [query, document, score] = cells[..]
            && score.trim().parse::<f64>()? > 0.0
        {
            relevant.entry(query.to_owned()).or_default().insert(document.to_owned());
        }
    }
    let queries = lines(&directory.join("queries.jsonl"))?;
    let judged = queries.iter().filter_map(|query| Some((text(query, "text"), relevant.remove(&text(query, "_id"))?)));
    Ok((Documents::Texts(documents), judged.filter(|(text, _)| !text.trim().is_empty()).collect()))
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn lines(path: &Path) -> Result<Vec<Value>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}
