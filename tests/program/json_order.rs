//! The JSON that the program prints keeps the order of its names: the query before the hits.

use std::fmt;
use std::fs;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::support::command::{err, indexed, out, run};

/// Returns the names in a JSON text, in their order.
#[derive(Debug, Default)]
pub struct Names {
    members: Vec<(String, Self)>,
    /// Returns the names of the first element.
    elements: Option<Box<Self>>,
}

impl Names {
    pub fn parse(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
    }

    /// Returns the names of the outermost object.
    pub fn first(self) -> Vec<String> {
        self.members.into_iter().map(|(name, _)| name).collect()
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(first) = &self.elements {
            return write!(f, "[{first}]");
        }
        if self.members.is_empty() {
            return Ok(());
        }
        f.write_str("{")?;
        for (i, (name, inner)) in self.members.iter().enumerate() {
            write!(f, "{}{name}{inner}", if i > 0 { " " } else { "" })?;
        }
        f.write_str("}")
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        macro_rules! nameless {
            ($($visit:ident($kind:ty)),*) => {
                $(fn $visit<E>(self, _: $kind) -> Result<Names, E> { Ok(Names::default()) })*
            };
        }
        impl<'de> Visitor<'de> for Any {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            nameless!(visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));

            fn visit_unit<E>(self) -> Result<Names, E> {
                Ok(Names::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Names { members, elements: None })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Names, A::Error> {
                let first = elements.next_element()?;
                while elements.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Names { members: Vec::new(), elements: first })
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[test]
fn names_of_json_are_read_in_their_order() {
    assert_eq!(Names::parse(r#"{"z": [{"b": 1, "a": [2]}], "y": {}, "x": null}"#).to_string(), "{z[{b a[]}] y x}");
}

#[test]
fn names_keep_their_order_under_every_command() {
    let place = indexed();
    let new = "# The pooling question\n\nEvery mean is found near the document of its own number 1 here.\n\n";
    let new = new.to_owned() + &"the of and to in is that it for as with on by an be ".repeat(4);
    fs::write(place.docs().join("new.md"), new).unwrap();
    let lines = r#"{"id": "a", "text": "words", "metadata": {"z": 1, "a": {"y": [], "b": 2}}}"#.to_owned() + "\n{}\n";
    fs::write(place.docs().join("lines"), lines).unwrap();
    let set = place.docs().join("set");
    fs::create_dir_all(set.join("qrels")).unwrap();
    let texts: String = ["a", "b"].map(|id| format!("{{\"_id\": \"{id}\", \"text\": \"pooling {id}\"}}\n")).concat();
    fs::write(set.join("corpus.jsonl"), &texts).unwrap();
    fs::write(set.join("queries.jsonl"), &texts).unwrap();
    fs::write(set.join("qrels/test.tsv"), "query-id\tcorpus-id\tscore\na\ta\t1\nb\tb\t1\n").unwrap();
    let pairs = "score\tsentence1\tsentence2\n1\ta\tb\n2\tpool\tpooling\n";
    fs::write(place.docs().join("pairs.tsv"), pairs).unwrap();
    let mut all = String::new();
    for line in [
        "search 平均池化 -k 2 --json --explain --highlight",
        "similar zh/pooling.md -k 1 --json",
        "status --json",
        "status --stale --json",
        "index --json",
        "export --vectors",
        "import lines --json",
        "search words -k 1 --json",
        "verify --json",
        "trust --json",
        "rebuild --json",
        "migrate --json",
        "bench --model ../model --seconds 0.05 --json",
        "model list --json",
        "model show ../model --json",
        "eval set --model ../model --json",
        "eval set --model ../model --mode dense --mode lexical --json",
        "eval set --model ../model --irrelevant set --sizes 1 --json",
        "eval --own --mode dense --mode lexical --json",
        "eval pairs.tsv --model ../model --json",
    ] {
        let output = run(&place.docs(), &line.split(' ').collect::<Vec<_>>());
        let printed = out(&output);
        let first = printed.lines().next().unwrap_or_else(|| panic!("`{line}`: {}", err(&output)));
        all += &format!("{line}\n  {}\n", Names::parse(first));
    }
    insta::assert_snapshot!(all);
}
