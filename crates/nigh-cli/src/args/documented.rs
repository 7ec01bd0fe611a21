//! Checks that the pages name only commands and options that exist, and that `docs/usage.md` and `docs/settings.md` name all of them.

#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};

use super::Arguments;

fn repository_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The Markdown pages at the root and below `docs/`, with their paths.
fn read_pages() -> Vec<(String, String)> {
    let mut folders = vec![(repository_root(), false), (repository_root().join("docs"), true)];
    let mut pages = Vec::new();
    while let Some((folder, deep)) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && deep {
                folders.push((path, true));
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    pages
}

/// The calls of nigh in a page: words of code blocks and code spans, from the word `nigh` to the end of the line.
fn find_calls(text: &str) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    for line in text.lines() {
        let spans: Vec<&str> = match line.strip_prefix("    ") {
            Some(code) => code.split(" && ").flat_map(|part| part.split(" | ")).collect(),
            None => line.split('`').skip(1).step_by(2).collect(),
        };
        for span in spans {
            let words: Vec<String> = span.split_whitespace().map(str::to_owned).collect();
            if words.first().is_some_and(|word| word == "nigh") && words.get(1).is_some_and(|word| word != "=") {
                calls.push(words[1..].to_vec());
            }
        }
    }
    calls
}

/// Describes the mistake in a command line; `None` if there is none.
fn find_mistake(nigh: &Command, call: &[String]) -> Option<String> {
    let mut command = nigh;
    let mut known = nigh.get_arguments().collect::<Vec<_>>();
    let mut quoted = false;
    for (at, word) in call.iter().enumerate() {
        let placeholder = word.chars().all(|c| c.is_uppercase() || "…[]|".contains(c));
        if at < 2 && command.has_subcommands() && !word.starts_with('-') && !placeholder {
            let Some(found) = command.find_subcommand(word.trim_end_matches([',', '.', '…'])) else {
                return Some(format!("no command {word}"));
            };
            command = found;
            known.extend(command.get_arguments());
            continue;
        }
        if word.starts_with('#') && !quoted {
            break;
        }
        // Options within a quoted question or filter are text.
        let option = !quoted && word.starts_with('-') && word.len() > 1 && word != "--";
        quoted ^= word.matches(['"', '\'']).count() % 2 == 1;
        if !option {
            continue;
        }
        let name = word.split('=').next().unwrap().trim_end_matches([',', '.', ';', ':']);
        let there = match name.strip_prefix("--") {
            Some(long) => long == "help" || known.iter().any(|argument| argument.get_long() == Some(long)),
            None => name[1..].chars().all(|short| known.iter().any(|argument| argument.get_short() == Some(short))),
        };
        if !there {
            return Some(format!("no option {name} of `{}`", command.get_name()));
        }
    }
    None
}

#[test]
fn pages_name_commands_and_options_that_exist() {
    let nigh = Arguments::command();
    let mut count = 0;
    for (page, text) in read_pages() {
        for call in find_calls(&text) {
            count += 1;
            assert_eq!(find_mistake(&nigh, &call), None, "{page}: nigh {}", call.join(" "));
        }
    }
    assert!(count > 50, "{count} calls found");
}

#[test]
fn pages_with_a_wrong_command_are_reported() {
    let nigh = Arguments::command();
    let wrong = |call: &str| find_mistake(&nigh, &find_calls(&format!("    nigh {call}"))[0]);
    assert_eq!(wrong("serach x").as_deref(), Some("no command serach"));
    assert_eq!(wrong("search x --files").as_deref(), Some("no option --files of `search`"));
    assert_eq!(wrong("search x -y").as_deref(), Some("no option -y of `search`"));
    assert_eq!(wrong("model fetch x").as_deref(), Some("no command fetch"));
    assert_eq!(wrong("search \"a --what\" -k 3 --where 'not x' --offline   # all"), None);
}

#[test]
fn usage_page_has_every_command() {
    let text = fs::read_to_string(repository_root().join("docs/usage.md")).unwrap();
    for command in Arguments::command().get_subcommands().filter(|command| !command.is_hide_set()) {
        assert!(
            text.contains(&format!("`nigh {}", command.get_name())),
            "docs/usage.md lacks nigh {}",
            command.get_name()
        );
    }
}

#[test]
fn settings_page_has_every_setting() {
    let text = fs::read_to_string(repository_root().join("docs/settings.md")).unwrap();
    let config = include_str!("../config.toml");
    let settings: Vec<&str> =
        config.lines().filter_map(|line| line.strip_prefix("# ")?.split_once(" = ")).map(|(name, _)| name).collect();
    assert_eq!(settings.len(), 12, "{settings:?}");
    for setting in settings {
        assert!(text.contains(&format!("`{setting}`")), "docs/settings.md lacks {setting}");
    }
    for argument in Arguments::command().get_arguments() {
        let Some(variable) = argument.get_env().and_then(|name| name.to_str()) else { continue };
        assert!(text.contains(&format!("`{variable}`")), "docs/settings.md lacks {variable}");
    }
}
