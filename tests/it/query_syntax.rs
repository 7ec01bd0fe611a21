//! The query syntax in searches: phrases, exclusions and filters, with and without a word index.

use nigh::{Collection, Document, Filter, Mode, QuerySyntax, Syntax, WordIndex};

use crate::support::{Place, Random};

/// Fills a collection with a word index and one without, with the same documents.
fn both(place: &Place, documents: &[Document]) -> [(Collection, &'static str); 2] {
    [(WordIndex::BUILT_IN, "words"), (WordIndex::None, "no words")].map(|(words, name)| {
        let collection = place.options().word_index(words).passage_tokens(24).open(place.path(name)).unwrap();
        let mut writer = collection.writer().unwrap();
        // Two commits, so that there are two segments.
        let (first, second) = documents.split_at(documents.len() / 2);
        for part in [first, second] {
            writer.upsert_all(part.to_vec()).run().unwrap();
            writer.commit().unwrap();
        }
        (collection, name)
    })
}

/// Returns the ids of the documents that a query finds, sorted.
fn ids(collection: &Collection, query: &str) -> Vec<String> {
    let search = collection.search("").syntax(QuerySyntax::parse(query)).mode(Mode::Dense).limit(usize::MAX);
    let mut ids: Vec<String> = search.run().unwrap().iter().map(|hit| hit.document.id.to_string()).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn query_syntax_chooses_the_same_documents_with_and_without_a_word_index() {
    let place = Place::new();
    let markdown = |id: &str, text: &str| Document::new(id, text).with_syntax(Syntax::Markdown);
    let documents = [
        Document::new("full.txt", "The disk is full. Clean it."),
        Document::new("party.txt", "A party in the state-of-the-art hall, and don't stop."),
        Document::new("notes/README.md", "See elsewhere."),
        Document::new("README.txt", "Nothing about it."),
        Document::new("zh.txt", "請把顯存不足的問題記下來。"),
        Document::new("gpu.txt", "训练时 GPU 显存不够。"),
        markdown("headed.md", "# Water damage\n\nCall the caretaker.\n"),
        Document::new("titled", "Some text.").with("title", "The Annual Report"),
        Document::new("code.rs", "fn disk_full() { HTTPServer::new(\"v2.1.0\") }"),
        Document::new("spaced.txt", "The  DISK\n\tis FULL, again."),
    ];
    let all: Vec<&str> = documents.iter().map(|document| document.id.as_str()).collect();
    let without = |left_out: &[&str]| {
        let mut rest: Vec<&str> = all.iter().copied().filter(|id| !left_out.contains(id)).collect();
        rest.sort_unstable();
        rest
    };
    for (collection, name) in both(&place, &documents) {
        for (query, wanted) in [
            ("\"disk is full\"", vec!["full.txt", "spaced.txt"]),
            ("\"is full. clean\"", vec!["full.txt"]),
            ("\"is full clean\"", vec![]),
            ("\"art\"", vec!["party.txt"]),
            ("\"don\"", vec![]),
            ("“don’t stop”", vec!["party.txt"]),
            ("\"README.md\"", vec!["notes/README.md"]),
            ("\"notes/README.md\"", vec!["notes/README.md"]),
            ("\"readme\"", vec!["README.txt", "notes/README.md"]),
            ("\"notes\"", vec![]),
            ("\"md\"", vec![]),
            ("「显存不足」", vec!["zh.txt"]),
            ("\"显存不\"", vec!["gpu.txt", "zh.txt"]),
            ("\"GPU显存\"", vec!["gpu.txt"]),
            ("\"water damage\"", vec!["headed.md"]),
            ("\"annual report\"", vec!["titled"]),
            ("\"disk\" \"full\"", vec!["code.rs", "full.txt", "spaced.txt"]),
            ("\"disk full\"", vec![]),
            ("\"disk_full\"", vec!["code.rs"]),
            ("\"v2.1.0\"", vec!["code.rs"]),
            ("\"disk\" -again", vec!["code.rs", "full.txt"]),
            ("\"disk\" -\"is full\"", vec!["code.rs"]),
            ("\"disk\" -ext:rs", vec!["full.txt", "spaced.txt"]),
            ("text -disk", without(&["code.rs", "full.txt", "spaced.txt"])),
            ("text -readme", without(&["README.txt", "notes/README.md"])),
            ("text -md", without(&[])),
            ("text -absent", without(&[])),
            ("text -显存", without(&["gpu.txt", "zh.txt"])),
            ("text path:NOTES/", vec!["notes/README.md"]),
            ("text path:/readme", vec!["README.txt", "notes/README.md"]),
            ("text path:eadme", vec!["README.txt", "notes/README.md"]),
            ("text path:tes/rea", vec!["notes/README.md"]),
            ("text path:/tes", vec![]),
            ("text path:*.rs", vec!["code.rs"]),
            ("text ext:md,rs", vec!["code.rs", "headed.md", "notes/README.md"]),
            ("text lang:zh", vec!["gpu.txt", "zh.txt"]),
            ("text \"absent phrase\"", vec![]),
        ] {
            assert_eq!(ids(&collection, query), wanted, "{query} in {name}");
        }
    }
}

#[test]
fn query_syntax_finds_what_a_naive_search_finds() {
    const WORDS: [&str; 10] = ["a", "art", "disk", "full", "party", "显存", "存", "不足", "don't", "x_y"];
    let place = Place::new();
    let mut random = Random(7);
    let mut text = |count: usize| {
        let words: Vec<&str> = (0..count).map(|_| WORDS[random.below(WORDS.len())]).collect();
        words.chunks(7).map(|line| line.join(" ") + ".").collect::<Vec<_>>().join("\n")
    };
    let texts: Vec<String> = (0..60).map(|i| text(if i % 3 == 0 { 150 } else { 12 })).collect();
    let documents: Vec<Document> =
        texts.iter().enumerate().map(|(i, text)| Document::new(format!("{i:03}"), text.as_str())).collect();
    let phrases: Vec<String> = (0..60).map(|i| text(1 + i % 3).trim_end_matches('.').to_owned()).collect();
    // Every word of these texts stands between white space and full stops, and no space is between Chinese and Latin words.
    let spaced = |text: &str| format!(" {} ", text.replace('\n', " ").replace('.', " . "));
    let has = |text: &str, phrase: &str| {
        let is_chinese = |c: Option<char>| c.is_some_and(|c| !c.is_ascii());
        let joined = |text: &str| {
            let mut joined = String::new();
            for word in text.split(' ').filter(|word| !word.is_empty()) {
                let last = joined.chars().next_back();
                let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
                let first = word.chars().next();
                if !(is_chinese(last) && latin(first) || latin(last) && is_chinese(first)) {
                    joined.push(' ');
                }
                joined.push_str(word);
            }
            joined + " "
        };
        let (text, phrase) = (joined(&spaced(text)), joined(phrase));
        let phrase = phrase.trim();
        let whole = |at: usize| {
            let edge = |c: Option<char>| !c.is_some_and(|c| c.is_ascii_alphanumeric());
            let ends = (phrase.chars().next(), phrase.chars().next_back());
            (edge(ends.0) || edge(text[..at].chars().next_back()))
                && (edge(ends.1) || edge(text[at + phrase.len()..].chars().next()))
        };
        text.char_indices().any(|(at, _)| text[at..].starts_with(phrase) && whole(at))
    };
    for (collection, name) in both(&place, &documents) {
        for (i, phrase) in phrases.iter().enumerate() {
            let other = &phrases[(i + 1) % phrases.len()];
            for (query, fits) in [
                (format!("\"{phrase}\""), &(|text: &str| has(text, phrase)) as &dyn Fn(&str) -> bool),
                (format!("text -\"{phrase}\""), &|text: &str| !has(text, phrase)),
                (format!("\"{phrase}\" \"{other}\""), &|text: &str| has(text, phrase) && has(text, other)),
                (format!("\"{phrase}\" -\"{other}\""), &|text: &str| has(text, phrase) && !has(text, other)),
            ] {
                let wanted: Vec<String> =
                    (0..texts.len()).filter(|&i| fits(&texts[i])).map(|i| format!("{i:03}")).collect();
                assert_eq!(ids(&collection, &query), wanted, "{query} in {name}");
            }
        }
    }
}

#[test]
fn query_syntax_shows_a_passage_with_the_phrase() {
    let place = Place::new();
    let filler = "Other things are said here at some length. ".repeat(10);
    let text = format!("{filler}\nThe zebra crossing is closed.\n{filler}\nZebra again.\n{filler}");
    for (collection, name) in both(&place, &[Document::new("long", text), Document::new("other", "A zebra.")]) {
        for mode in [Mode::Hybrid, Mode::Dense] {
            let syntax = QuerySyntax::parse("other things \"zebra crossing\"");
            let hits = collection.search("").syntax(syntax).mode(mode).run().unwrap();
            assert_eq!(hits.len(), 1, "{name}");
            assert!(hits.hits[0].passage.text.contains("zebra crossing"), "{name}: {}", hits.hits[0].passage.text);
        }
    }
}

#[test]
fn query_syntax_is_read_only_when_asked_for() {
    let place = Place::new();
    let documents = [Document::new("a.txt", "A disk."), Document::new("b.md", "A draft of a disk.")];
    let [(collection, _), _] = both(&place, &documents);
    let query = "\"no such phrase\" -draft ext:md";
    assert_eq!(collection.search(query).run().unwrap().len(), 2);
    // Filters hold together, also those of several syntaxes.
    let search = collection.search("").filter(Filter::field("extension").eq("txt"));
    let search = search.syntax(QuerySyntax::parse("\"disk\"")).syntax(QuerySyntax::parse("disk -draft"));
    assert_eq!(search.run().unwrap().len(), 1);
    let mut syntax = QuerySyntax::default();
    syntax.text = "disk".to_owned();
    syntax.phrases = vec![String::new(), " \u{200b} ".to_owned()];
    assert_eq!(collection.search("").syntax(syntax).run().unwrap().len(), 2);
    let nothing = collection.search("").syntax(QuerySyntax::parse("ext:md")).run();
    assert!(matches!(nothing, Err(nigh::Error::EmptyQuery)), "{nothing:?}");
}
