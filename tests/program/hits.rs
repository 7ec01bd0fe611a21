//! Hits: paths relative to the current folder, missing or changed files, snippets, explanations, options.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::Place;
use crate::support::command::{assert_refused, code, err, indexed, out, run, value};

/// Five files about one subject in three folders; one folder has control characters in its name.
fn folders() -> Place {
    let place = Place::new();
    for name in ["notes/a.md", "two/a/x.txt", "two/b/x.txt", "top.md", "odd\u{1b}[31m\n/b c.md"] {
        place.write(name, format!("The boiler of {} is old.\n", name.len()));
    }
    let output = run(&place.docs(), &["index", "--model", "../model", "--quiet"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    place
}

fn exact(output: &std::process::Output) -> Vec<String> {
    assert_eq!(code(output), 0, "{}", err(output));
    let text = out(output);
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// From every current folder, each listed path opens and belongs to its document.
#[test]
fn hit_paths_are_relative_to_the_current_folder() {
    let place = folders();
    let outside = place.path("elsewhere/deep");
    fs::create_dir_all(&outside).unwrap();
    let docs = place.docs();
    let collection = docs.to_str().unwrap();
    let below = docs.join("two/a");
    for stands in [docs.clone(), below.clone(), docs.join("notes"), docs.join("odd\u{1b}[31m\n"), outside] {
        let search =
            |arguments: &[&str]| run(&stands, &[&["--collection", collection, "search", "boiler"], arguments].concat());
        let mut whole: Vec<_> =
            exact(&search(&["-0"])).iter().map(|path| stands.join(path).canonicalize().unwrap()).collect();
        whole.sort();
        whole.dedup();
        assert_eq!(whole.len(), 5, "{}", stands.display());
        for hit in value(&search(&["--json"]))["hits"].as_array().unwrap() {
            let path = stands.join(hit["path"].as_str().unwrap()).canonicalize().unwrap();
            assert_eq!(path, docs.canonicalize().unwrap().join(hit["id"].as_str().unwrap()));
        }
    }
    let list = out(&run(&below, &["search", "boiler", "-l"]));
    let mut lines: Vec<&str> = list.lines().collect();
    lines.sort_unstable();
    let odd = "../../odd\\u{1b}[31m\\n/b c.md";
    assert_eq!(lines, ["../../notes/a.md", odd, "../../top.md", "../b/x.txt", "x.txt"]);
    let text = out(&run(&below, &["search", "boiler", "--explain"]));
    assert!(text.contains("\n../b/x.txt:1  ") || text.starts_with("../b/x.txt:1  "), "{text}");
    let similar = out(&run(&below, &["similar", "../b/x.txt", "-l"]));
    assert!(similar.lines().any(|line| line == "x.txt") && similar.lines().count() == 4, "{similar}");
}

#[cfg(unix)]
#[test]
fn hit_paths_open_through_a_linked_folder() {
    let place = folders();
    let link = place.path("link");
    std::os::unix::fs::symlink(place.docs().join("two"), &link).unwrap();
    let stands = link.join("b");
    for path in exact(&run(&stands, &["search", "boiler", "-0"])) {
        assert!(stands.canonicalize().unwrap().join(&path).is_file(), "{path}");
    }
}

/// Files near the current folder have relative paths, others absolute ones; documents that are not from files have their ids.
#[test]
fn hit_paths_of_a_collection_elsewhere_lead_to_its_files() {
    let place = Place::new();
    place.write("sub/a.md", "A boiler.\n");
    let index = run(&place.docs(), &["index", ".", "--collection", "../kept/c", "--model", "../model", "-q"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    let list = |stands: &Path| {
        out(&run(stands, &["search", "boiler", "-l", "--collection", place.path("kept/c").to_str().unwrap()]))
    };
    assert_eq!(list(&place.docs().join("sub")), "a.md\n");
    assert_eq!(list(&place.path("kept")), "../docs/sub/a.md\n");
    fs::write(place.path("own.jsonl"), "{\"id\": \"boilers/7\", \"text\": \"Another boiler.\"}\n").unwrap();
    let import = run(&place.path("kept"), &["import", "../own.jsonl", "--collection", "own", "--model", "../model"]);
    assert_eq!(code(&import), 0, "{}", err(&import));
    let own = run(&place.docs(), &["search", "boiler", "--collection", "../kept/own", "--json"]);
    let hit = &value(&own)["hits"][0];
    assert_eq!((&hit["id"], &hit["path"], &hit["stale"]), (&"boilers/7".into(), &Value::Null, &Value::Null));
}

/// A hit tells whether its file is missing, changed, or unchanged in spite of a new time.
#[test]
fn hits_of_missing_or_changed_files_are_marked() {
    let place = Place::new();
    for name in ["gone.md", "edited.md", "grown.md", "touched.md", "copied.md", "same.md", "folder.md", "sub/moved.md"]
    {
        place.write(name, format!("The boiler of {name} is old.\n"));
    }
    let index = run(&place.docs(), &["index", "--model", "../model", "-q"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    let search = |arguments: &[&str]| run(&place.docs(), &[&["search", "boiler"], arguments].concat());
    let clean = search(&[]);
    assert!(!out(&clean).contains("(file") && err(&clean).is_empty(), "{}{}", out(&clean), err(&clean));

    let docs = place.docs();
    fs::remove_file(docs.join("gone.md")).unwrap();
    // Same size and time: only the content differs.
    place.write("edited.md", "The boiler of EDITED.md is new.\n".replace("new", "old"));
    fs::write(docs.join("grown.md"), "The boiler is new, and so is the pump.\n").unwrap();
    let bytes = fs::read(docs.join("touched.md")).unwrap();
    fs::write(docs.join("touched.md"), bytes).unwrap();
    fs::copy(docs.join("copied.md"), docs.join("copy")).unwrap();
    fs::rename(docs.join("copy"), docs.join("copied.md")).unwrap();
    fs::remove_file(docs.join("folder.md")).unwrap();
    fs::create_dir(docs.join("folder.md")).unwrap();
    fs::rename(docs.join("sub"), docs.join("other")).unwrap();

    let expected = [
        ("edited.md", "changed"),
        ("folder.md", "gone"),
        ("gone.md", "gone"),
        ("grown.md", "changed"),
        ("sub/moved.md", "gone"),
    ];
    for arguments in [&["--json"][..], &["--json", "--mode", "dense"], &["--json", "--mode", "lexical", "--explain"]] {
        let answer = value(&search(arguments));
        let mut stale: Vec<(&str, &str)> = answer["hits"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|hit| Some((hit["id"].as_str().unwrap(), hit["stale"].as_str()?)))
            .collect();
        stale.sort_unstable();
        assert_eq!(stale, expected, "{arguments:?}");
    }
    let shown = search(&["-C", "1"]);
    let text = out(&shown);
    assert_eq!((text.matches("(file is gone)").count(), text.matches("(file changed").count()), (3, 2), "{text}");
    assert!(
        err(&shown).contains("3 are gone and 2 changed") && err(&shown).contains("`nigh index`"),
        "{}",
        err(&shown)
    );
    // The list has paths only; the note is on stderr, and absent with --quiet.
    let list = search(&["-l"]);
    assert_eq!((out(&list).lines().count(), out(&list).contains('(')), (8, false));
    assert!(err(&list).contains("gone"));
    assert_eq!(err(&search(&["-l", "-q"])), "");
    // After indexing, nothing is stale.
    assert_eq!(code(&run(&docs, &["index", "-q"])), 0);
    assert!(!out(&search(&["--json"])).contains("stale"));
}

/// The target of a link is not read.
#[cfg(unix)]
#[test]
fn links_in_place_of_files_are_not_read() {
    let place = Place::new();
    place.write("a.md", "The boiler of a is old.\n");
    let index = run(&place.docs(), &["index", "--model", "../model", "-q"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    fs::write(place.path("secret"), "The boiler of b is old.\n").unwrap();
    fs::remove_file(place.docs().join("a.md")).unwrap();
    let stale = || value(&run(&place.docs(), &["search", "boiler", "--json"]))["hits"][0]["stale"].clone();
    let link = place.docs().join("a.md");
    std::os::unix::fs::symlink(place.path("secret"), &link).unwrap();
    assert_eq!(stale(), "changed");
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    assert_eq!(stale(), "gone");
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("a.md", &link).unwrap();
    assert_eq!(code(&run(&place.docs(), &["search", "boiler"])), 0);
}

/// A file that was indexed through a link is compared with the link's target.
#[cfg(unix)]
#[test]
fn links_that_were_followed_are_compared_with_their_files() {
    let place = Place::new();
    fs::write(place.path("far.md"), "The boiler is old.\n").unwrap();
    crate::support::set_age(&place.path("far.md"), std::time::Duration::from_secs(3600));
    std::os::unix::fs::symlink(place.path("far.md"), place.docs().join("a.md")).unwrap();
    let index = run(&place.docs(), &["index", "--model", "../model", "--follow-links", "-q"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    let stale = || value(&run(&place.docs(), &["search", "boiler", "--json"]))["hits"][0]["stale"].clone();
    assert_eq!(stale(), Value::Null);
    fs::write(place.path("far.md"), "The boiler is new now.\n").unwrap();
    assert_eq!(stale(), "changed");
}

/// The first line of a snippet keeps its indentation, at the start of the passage and within it.
#[test]
fn snippets_keep_their_indentation() {
    let place = Place::new();
    let block = |name: &str| {
        format!("        let {name} = clock();\n        if {name} > 3 {{\n            go({name});\n        }}\n")
    };
    let many: String = (0..60).map(|i| format!("{}\n", block(&format!("value{i}")))).collect();
    place.write("limiter.rs", format!("impl Limiter {{\n    fn one() {{\n{many}    }}\n}}\n"));
    place.write("tabs.py", "def one():\n\tlower = 1\n\tupper = 2\n\treturn lower + upper\n");
    let index = run(&place.docs(), &["index", "--model", "../model", "-q", "--passage-tokens", "40"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    for i in [7, 21, 42] {
        let asked = format!("value{i}");
        let text = out(&run(&place.docs(), &["search", &asked, "-k", "1", "--mode", "lexical"]));
        let mut lines = text.lines();
        assert!(lines.next().unwrap().starts_with("limiter.rs:"), "{text}");
        let file = fs::read_to_string(place.docs().join("limiter.rs")).unwrap();
        for line in lines {
            let line = line.strip_prefix("  ").unwrap().trim_end_matches(" …");
            assert!(
                file.lines().any(|whole| whole == line || (whole.starts_with(line) && line.starts_with("    "))),
                "{line:?} of {text}"
            );
        }
    }
}

/// The ranks of an explanation are those of a search in each mode.
#[test]
fn explain_agrees_with_each_mode() {
    let place = Place::new();
    for i in 0..30 {
        place.write(&format!("{i}.md"), crate::support::text::markdown(i, 6));
    }
    // One document matches a query by words in its second passage and by meaning in its first: the hit shows one of them.
    place.write(
        "two.md",
        format!(
            "# Mean\n\nmean mean pooling of a sentence\n\n{}\n\n# Backups\n\nbackups backups restic\n",
            "reads and words ".repeat(60)
        ),
    );
    let index = run(&place.docs(), &["index", "--model", "../model", "-q", "--passage-tokens", "40"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    let mut elsewhere = 0;
    for question in [
        "backups",
        "mean pooling",
        "restic backups of a sentence",
        "平均池化",
        "questions and answers",
        "attention head",
        "检索 文本",
    ] {
        let ask = |mode: &str| {
            let output =
                run(&place.docs(), &["search", question, "--mode", mode, "-k", "50", "--json", "--explain", "--exact"]);
            value(&output)["hits"].as_array().unwrap().clone()
        };
        let (dense, lexical, hybrid) = (ask("dense"), ask("lexical"), ask("hybrid"));
        let own = |hits: &[Value], id: &Value| {
            hits.iter()
                .find(|hit| hit["id"] == *id)
                .map(|hit| (hit["rank"].clone(), hit["explain"]["passage_ordinal"].clone(), hit["score"].clone()))
        };
        assert!(!dense.is_empty() && !hybrid.is_empty());
        for (hits, side) in [(&dense, "dense"), (&lexical, "lexical")] {
            for hit in hits {
                let explain = &hit["explain"];
                assert_eq!(
                    (&explain[format!("{side}_rank")], &explain[format!("{side}_passage")]),
                    (&hit["rank"], &explain["passage_ordinal"]),
                    "{question}: {hit}"
                );
            }
        }
        for hit in &hybrid {
            let explain = &hit["explain"];
            for (hits, side) in [(&dense, "dense"), (&lexical, "lexical")] {
                let (rank, passage) = (&explain[format!("{side}_rank")], &explain[format!("{side}_passage")]);
                match own(hits, &hit["id"]) {
                    Some((own_rank, own_passage, score)) => {
                        assert_eq!((rank, passage), (&own_rank, &own_passage), "{side} of {question}: {hit}");
                        let shown = explain[format!("{side}_score")].as_f64().unwrap();
                        if *passage == explain["passage_ordinal"] {
                            assert!((shown - score.as_f64().unwrap()).abs() < 1e-4, "{hit}");
                        } else {
                            elsewhere += 1;
                            assert!(shown <= score.as_f64().unwrap() + 1e-4, "{hit}");
                        }
                    }
                    None => assert_eq!((rank, passage), (&Value::Null, &Value::Null), "{side} of {question}: {hit}"),
                }
            }
        }
    }
    assert!(elsewhere > 0, "no hit shows another passage than a side chose: the questions test nothing");
}

#[test]
fn options_that_conflict_are_refused() {
    let place = indexed();
    for arguments in [
        &["-l", "--json"][..],
        &["-0", "--json"],
        &["-l", "--explain"],
        &["-0", "-C", "2"],
        &["-l", "--highlight"],
        &["-k", "0"],
    ] {
        let output = run(&place.docs(), &[&["search", "pooling"], arguments].concat());
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{arguments:?}");
    }
    assert_refused(&run(&place.docs(), &["search", " "]), &["empty"]);
    let context = value(&run(&place.docs(), &["search", "root of the head", "-k", "1", "--json", "-C", "9"]));
    let context = &context["hits"][0]["context"];
    assert_eq!(context["start_line"], 1);
    assert!(context["text"].as_str().unwrap().starts_with("# Attention\n"), "{context}");
}

/// The library's `Serialize` and the program's JSON are two lists of the same names.
#[test]
fn search_json_of_the_program_and_of_the_library_agree() {
    let place = indexed();
    let found = value(&run(&place.docs(), &["search", "attention", "--json", "--explain", "--highlight"]));
    let collection = place.options().read_only(true).open(place.docs().join(".nigh")).unwrap();
    let hits = collection.search("attention").passages_per_document(3).explain(true).highlight(true).run().unwrap();
    // Written and read again, as an f32 is an f64 in a `Value`.
    let own: Value = serde_json::from_str(&serde_json::to_string(&hits).unwrap()).unwrap();
    for name in ["mode", "generation", "plan"] {
        assert_eq!(found[name], own[name], "{name}");
    }
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found["took_ms"]), names(&own["took_ms"]));
    let (found, own) = (found["hits"].as_array().unwrap(), own["hits"].as_array().unwrap());
    assert!(found.len() == own.len() && !own.is_empty());
    for (found, own) in found.iter().zip(own) {
        for (name, value) in found.as_object().unwrap().iter().filter(|(name, _)| *name != "path") {
            if name == "passage" {
                let mut passage = own["passage"].clone();
                passage.as_object_mut().unwrap().remove("id").unwrap();
                assert_eq!(*value, passage);
            } else if name == "passages" {
                let mut passages = own["passages"].clone();
                for passage in passages.as_array_mut().unwrap() {
                    passage.as_object_mut().unwrap().remove("id").unwrap();
                }
                assert_eq!(*value, passages);
            } else {
                assert_eq!(*value, own[name], "{name}");
            }
        }
    }
}
