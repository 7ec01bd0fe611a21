//! `cargo xtask demo`: builds nigh, indexes the example documents and searches them, with the commands that a user types.

use crate::run::{self, Result, TaskFailure, Workspace};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A line of examples/questions.jsonl.
#[derive(Debug, PartialEq)]
struct DemoQuestion {
    text: String,
    /// The documents that may be the first hit.
    expect: Vec<String>,
}

/// Fails if fewer than three quarters of the first hits are expected ones.
pub(crate) fn run(workspace: &Workspace) -> Result {
    let path = workspace.root.join("examples/questions.jsonl");
    let questions = questions(&fs::read_to_string(&path).map_err(TaskFailure::io("read", &path))?)?;

    // Built with the profile of the tests, so that `cargo xtask test` does not compile it again.
    run::announce("cargo build --bin nigh      (some minutes the first time)");
    run::succeed(workspace.cargo().args(["build", "--bin", "nigh"]))?;
    let nigh = workspace.nigh("debug");
    let typed = workspace.relative(&nigh).display();
    run::announce(&format!("{typed} model pull"));
    run::succeed(workspace.command(&nigh).args(["model", "pull"]))?;
    let collection = workspace.target.join("demo/.nigh");
    let place = workspace.relative(&collection);
    run::announce(&format!("{typed} index examples/corpus --collection {}", place.display()));
    fs::create_dir_all(workspace.target.join("demo")).map_err(TaskFailure::io("make", &collection))?;
    run::succeed(workspace.command(&nigh).args(["index", "examples/corpus", "--collection"]).arg(place))?;

    run::announce(&format!("{typed} search QUESTION --collection {} -k 3", place.display()));
    let mut misses = Vec::new();
    for (number, question) in questions.iter().enumerate() {
        println!();
        run::announce(&format!("{}/{}  {}", number + 1, questions.len(), question.text));
        let first = ask(workspace, &nigh, place, &question.text)?;
        if !first.as_deref().is_some_and(|id| question.expect.iter().any(|path| same_document(id, path))) {
            misses.push((question, first));
        }
    }
    conclude(&questions, &misses)
}

/// Prints the hits of a question as the program does, and returns the first hit's document.
fn ask(workspace: &Workspace, nigh: &Path, collection: &Path, question: &str) -> Result<Option<String>> {
    let search = || {
        let mut command = workspace.command(nigh);
        command.args(["search", question, "-k", "3", "--collection"]).arg(collection);
        command
    };
    // Both run at once, since each loads the model.
    let mut json = search();
    let counted =
        json.arg("--json").stdout(Stdio::piped()).spawn().map_err(|error| run::cannot_start(&json, &error))?;
    let mut shown = search();
    let status = run::status(&mut shown);
    let counted = counted.wait_with_output().map_err(|error| run::cannot_start(&json, &error))?;
    found_or_not(&shown, status?)?;
    if found_or_not(&json, counted.status)? { first_hit(&counted.stdout) } else { Ok(None) }
}

/// Exit code 0: found, 1: nothing found; anything else is an error.
fn found_or_not(command: &Command, status: std::process::ExitStatus) -> Result<bool> {
    match status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => Err(run::failed(command, status)),
    }
}

fn conclude(questions: &[DemoQuestion], misses: &[(&DemoQuestion, Option<String>)]) -> Result {
    let expected = questions.len() - misses.len();
    println!("\n{expected} of {} questions have an expected document first.", questions.len());
    for (question, first) in misses {
        let first = first.as_deref().unwrap_or("nothing");
        println!("  missed: {} (expected {}, found {first})", question.text, question.expect.join(" or "));
    }
    if 4 * expected < 3 * questions.len() {
        return Err(TaskFailure::new("fewer than three quarters of the answers are the expected ones"));
    }
    println!(
        "\nNow your own notes:\n\n    cargo install --path crates/nigh-cli\n    nigh index ~/notes\n    cd ~/notes && nigh search \"…\"\n"
    );
    Ok(())
}

fn questions(text: &str) -> Result<Vec<DemoQuestion>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let questions: Vec<DemoQuestion> = lines
        .map(|(at, line)| {
            let wrong = |why: &str| TaskFailure::new(format!("examples/questions.jsonl, line {}: {why}", at + 1));
            let value: Value = serde_json::from_str(line).map_err(|error| wrong(&error.to_string()))?;
            let text = value["question"].as_str().ok_or_else(|| wrong("no \"question\""))?.to_owned();
            let expect = value["expect"].as_array().map_or(&[][..], Vec::as_slice);
            let expect: Vec<String> = expect.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            if expect.is_empty() { Err(wrong("\"expect\" is empty")) } else { Ok(DemoQuestion { text, expect }) }
        })
        .collect::<Result<_>>()?;
    if questions.is_empty() {
        Err(TaskFailure::new("examples/questions.jsonl has no questions"))
    } else {
        Ok(questions)
    }
}

fn first_hit(json: &[u8]) -> Result<Option<String>> {
    let answer: Value = serde_json::from_slice(json)
        .map_err(|error| TaskFailure::new(format!("`nigh search --json` printed no JSON: {error}")))?;
    let hits = answer["hits"].as_array().ok_or_else(|| TaskFailure::new("`nigh search --json` printed no \"hits\""))?;
    let Some(hit) = hits.first() else { return Ok(None) };
    let id = hit["id"].as_str().ok_or_else(|| TaskFailure::new("a hit of `nigh search --json` has no \"id\""))?;
    Ok(Some(id.to_owned()))
}

/// True if two paths mean the same document; one may be relative to a folder further up.
fn same_document(one: &str, other: &str) -> bool {
    let ends_with =
        |long: &str, short: &str| long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    ends_with(one, other) || ends_with(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_parsed_and_bad_lines_refused() {
        let read = questions("{\"question\": \"为什么?\", \"expect\": [\"zh/a.md\", \"en/b.md\"]}\n\n").unwrap();
        assert_eq!(read, [DemoQuestion { text: "为什么?".into(), expect: vec!["zh/a.md".into(), "en/b.md".into()] }]);
        for bad in ["{", "{\"expect\": [\"a\"]}", "{\"question\": \"q\"}", "{\"question\": \"q\", \"expect\": []}"] {
            let failure = questions(&format!("\n{bad}")).unwrap_err();
            assert!(failure.message.contains("line 2"), "{failure:?}");
        }
        assert!(questions("\n").is_err());
    }

    #[test]
    fn hit_that_is_first_is_taken_from_the_json() {
        let hit = |text: &str| first_hit(text.as_bytes());
        assert_eq!(hit(r#"{"hits": [{"id": "zh/a.md"}, {"id": "b"}]}"#).unwrap().as_deref(), Some("zh/a.md"));
        assert_eq!(hit(r#"{"hits": []}"#).unwrap(), None);
        assert!(hit("").is_err() && hit("{}").is_err() && hit(r#"{"hits": [{}]}"#).is_err());
    }

    #[test]
    fn documents_are_compared_by_whole_path_segments() {
        assert!(same_document("zh/a.md", "zh/a.md") && same_document("examples/corpus/zh/a.md", "zh/a.md"));
        assert!(same_document("a.md", "zh/a.md"));
        assert!(!same_document("zh/ba.md", "a.md") && !same_document("zh/a.md", "en/a.md"));
    }

    #[test]
    fn demo_fails_with_too_few_expected_answers() {
        let questions: Vec<_> =
            (0..4).map(|n| DemoQuestion { text: n.to_string(), expect: vec!["a".into()] }).collect();
        assert!(conclude(&questions, &[(&questions[0], None)]).is_ok());
        assert!(conclude(&questions, &[(&questions[0], None), (&questions[1], Some("b".into()))]).is_err());
    }
}
