//! Compares the plain evaluator with the naive one; checks that filters parse their own text; parses random text.

use proptest::prelude::*;

use super::naive::NOW;
use super::random::{facts, tree};
use crate::filter::Filter;

/// Pieces of expressions, and other text.
const PIECES: [&str; 40] = [
    "and", "or", "not", "in", "exists", "prefix", "glob", "contains", "(", ")", ",", "=", "!=", "<", ">=", "!", "&",
    "|", "^=", " ", "\"", "'", "`", "\\", "（", "，", "＝", "“", "”", "！", "大小", "语言", "size", "modified", "path",
    "10KB", "2024-13", "7d-ago", "[", "\u{0}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn filters_agree_with_the_naive_evaluator_and_parse_their_own_text(
        tree in tree(),
        documents in prop::collection::vec(facts(), 1..8),
    ) {
        let text = tree.text();
        let filter = Filter::parse_at(&text, NOW).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let shown = filter.to_string();
        let again = Filter::parse_at(&shown, 0).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(&again, &filter, "{} shows as {}", text, shown);
        prop_assert_eq!(again.to_string(), shown);
        for document in documents {
            prop_assert_eq!(filter.matches(&document.fields()), tree.holds(&document), "{} of {:?}", text, document);
        }
    }

    #[test]
    fn parser_never_panics(text in any::<String>(), pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..30)) {
        for text in [text, pieces.concat(), pieces.join(" ")] {
            match Filter::parse(&text) {
                Ok(filter) => {
                    let shown = filter.to_string();
                    prop_assert_eq!(Filter::parse(&shown).ok(), Some(filter), "{}", shown);
                }
                Err(error) => {
                    let crate::error::Error::InvalidFilter { expression, at, .. } = &error else { panic!("{error}") };
                    prop_assert!(expression.get(at.clone()).is_some(), "{:?} of {:?}", at, expression);
                    let caret = error.caret().unwrap();
                    prop_assert!(caret.lines().count() == 2 && caret.ends_with('^'), "{}", caret);
                    prop_assert!(!error.to_string().contains('\n'));
                }
            }
        }
    }
}

/// The random tests prove nothing if their filters match no document, or all.
#[test]
fn random_filters_match_some_documents() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut held = 0;
    let cases = 3000;
    for _ in 0..cases {
        let (tree, facts) = (tree(), facts()).new_tree(&mut runner).unwrap().current();
        held += usize::from(tree.holds(&facts));
    }
    assert!((cases / 5..cases * 4 / 5).contains(&held), "{held} of {cases}");
}
