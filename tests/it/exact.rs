//! Exact names, codes and numbers in hybrid searches with a real model, which by meaning alone would rank other documents first.

use nigh::{CollectionOptions, Document};

use crate::support::real;

/// Texts, each with the queries that must find it. Ids are neutral: no id contains the answer.
const TEXTS: [(&str, &[&str]); 24] = [
    ("Server alpha runs firmware v2.1.0 since spring.", &["2.1.0", "version 2.1.0", "firmware 2.1.0"]),
    ("Server beta runs firmware v1.0.2 since spring.", &["1.0.2"]),
    ("Server delta has address 10.2.1.0 in rack 1, slot 0, unit 2.", &["10.2.1.0"]),
    ("Download tidegauge-3.11.4.tar.gz from the mirror.", &["3.11.4"]),
    ("Download tidegauge-4.3.11.tar.gz from the mirror.", &["4.3.11", "tidegauge 4.3.11"]),
    ("The script needs python3.12 and nothing else.", &["python 3.12"]),
    ("The script needs python3.9 and item 12 of the list.", &["python3.9"]),
    ("Release v1.2.3 fixes the crash on start.", &["1.2.3"]),
    ("Release v12.3.0 changes the licence.", &["12.3.0"]),
    ("The pump costs $1,299.50 with fittings.", &["1299.50", "1.299,50"]),
    ("Die Rechnung beläuft sich auf 1.185,55 EUR.", &["1,185.55", "1185.55"]),
    ("Call the harbour office: +44 (0)1234 567-890.", &["01234567890", "+44 1234 567890"]),
    ("Upgrading to .NET 8 needs a new runtime on the build server.", &[".NET"]),
    ("Node.js event loop and streams explained.", &["nodejs"]),
    ("Ask O'Brien about the mooring.", &["Brien", "O’Brien"]),
    ("Ticket PIO-1384 covers cloud-init provisioning.", &["PIO-1384", "pio1384"]),
    ("Ticket PIO-1385 covers disk quotas.", &["PIO-1385"]),
    ("CVE-2024-3095 is something else entirely.", &["CVE-2024-3095"]),
    ("Bisected to commit 9e107d9d372bb6826bd81d3542a419d6.", &["9e107d9"]),
    ("The printer is at 192.168.10.45 in the attic.", &["192.168.10.45"]),
    ("The camera is at 192.168.10.54 in the shed.", &["192.168.10.54"]),
    ("Minutes of 2024-03-15: we moved the standup.", &["2024-03-15", "2024-03"]),
    ("Minutes of 2024-05-13: we hired a cook.", &["2024-05-13"]),
    ("See page 80-117 of the manual.", &["80-117"]),
];

/// Names of files, and their content. Each name is a query.
const FILES: [(&str, &str); 12] = [
    ("vestry-2019-04.md", "Minutes: the roof, the drains, the choir."),
    ("vestry-2019-05.md", "Minutes: the bells, the drains, the roof, the choir and the vestry."),
    ("会议纪要-三月.md", "讨论了屋顶。"),
    ("会议纪要-四月.md", "讨论了三月的会议纪要。"),
    ("Dockerfile", "FROM scratch"),
    ("docs/docker.md", "How the Dockerfile is built: the dockerfile has one line."),
    ("README.md", "# Harbour tools\n\nSee docs."),
    ("docs/readme-style.md", "How to write a README: a readme has a title. The README is short."),
    ("wifi.txt", "The code is on the fridge."),
    ("gateway.txt", "See the file wifi.txt for the wifi password."),
    ("src/main.rs", "fn main() {}"),
    ("todo.txt", "Refactor src/main.rs and then main.rs again."),
];

fn check_model(model: &str) {
    let Some(found) = real::model(model) else { return };
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| {
        let options = CollectionOptions::new().model(model).model_store(real::store());
        options.open(folder.path().join(name)).unwrap()
    };
    let first = |collection: &nigh::Collection, question: &str| {
        collection.search(question).limit(1).run().unwrap().hits.remove(0).document.id.to_string()
    };
    let texts = open("texts");
    let mut writer = texts.writer().unwrap();
    let document = |(number, (text, _)): (usize, &(&str, &[&str]))| Document::new(format!("n{number}"), *text);
    writer.upsert_all(TEXTS.iter().enumerate().map(document).collect::<Vec<_>>()).run().unwrap();
    writer.commit().unwrap();
    for (number, (_, questions)) in TEXTS.iter().enumerate() {
        for question in *questions {
            assert_eq!(first(&texts, question), format!("n{number}"), "{question} with {}", found.name());
        }
    }
    let files = open("files");
    let mut writer = files.writer().unwrap();
    writer.upsert_all(FILES.map(|(id, text)| Document::new(id, text)).to_vec()).run().unwrap();
    writer.commit().unwrap();
    for (id, _) in FILES {
        let name = id.rsplit('/').next().unwrap();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        for asked in [id, name, stem] {
            assert_eq!(first(&files, asked), id, "{asked} with {}", found.name());
        }
    }
}

#[test]
fn hybrid_ranks_exact_names_and_numbers_first() {
    check_model("all-MiniLM-L6-v2");
    check_model("multilingual-e5-small-q4");
}
