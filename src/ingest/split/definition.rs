//! Decides whether a line of program text begins a definition, and finds its name: by patterns that programming languages share.

use super::keywords::{self, KeywordGroup, identifier, skip_balanced};
use super::signature::{self, assigned_function, c_like_function};

/// The most characters of a definition's title.
const MAX_TITLE_CHARS: usize = 80;

/// The content that a definition may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DefinitionContent {
    /// Types, modules: it may have functions without a keyword.
    Members,
    /// Statements.
    Code,
    /// Statements of a language like C: it may have labels at its own indentation.
    Labels,
    /// Equations that begin with its name, at its own indentation.
    Equations,
    /// A statement of SQL.
    Sql,
}

/// A definition that begins in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundDefinition {
    /// The kind and name, short: "fn encode", "class Foo".
    pub(super) title: String,
    pub(super) holds: DefinitionContent,
}

/// The surroundings of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings {
    /// True if the line is not indented.
    pub(super) top: bool,
    /// The content of the innermost definition around the line.
    pub(super) within: Option<DefinitionContent>,
}

/// Returns the definition that begins in `line`, which is trimmed. `following`: the lines after it, trimmed and not blank.
pub(super) fn find<'t>(line: &'t str, following: &[&'t str], around: Surroundings) -> Option<FoundDefinition> {
    // Lisp: "(defun name".
    if around.top && line.starts_with("(def") {
        let name = line.split_whitespace().nth(1)?;
        let kind = line.split_whitespace().next()?.trim_start_matches('(');
        return new_definition(&[kind, name.trim_matches(['(', ')'])], DefinitionContent::Code);
    }
    if !line.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@' | '$' | '~')) {
        return None;
    }
    let rest = without_modifiers(line)?;
    // A line like "struct point *make(int x) {" begins with a keyword, but is a function: so try the other forms, too.
    find_keyword(rest, around)
        .or_else(|| find_sql(rest))
        .or_else(|| find_block_call(rest))
        .or_else(|| {
            assigned_function(rest, following).and_then(|title| new_definition(&[&title], DefinitionContent::Code))
        })
        .or_else(|| {
            // A function in C's form cannot be inside another function.
            let can_be_c_like = !matches!(
                around.within,
                Some(DefinitionContent::Code | DefinitionContent::Labels | DefinitionContent::Equations)
            );
            let name = if can_be_c_like { c_like_function(rest, following, around.top)? } else { return None };
            new_definition(&[name], DefinitionContent::Labels)
        })
        .or_else(|| {
            // A type signature of Haskell: "name :: ".
            let name = identifier(rest);
            let has_type = around.top && !name.is_empty() && rest[name.len()..].trim_start().starts_with(":: ");
            if has_type { new_definition(&[name], DefinitionContent::Equations) } else { None }
        })
}

fn new_definition(words: &[&str], holds: DefinitionContent) -> Option<FoundDefinition> {
    let mut title = String::new();
    for word in words.iter().flat_map(|part| part.split_whitespace()) {
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(word);
    }
    if let Some((cut, _)) = title.char_indices().nth(MAX_TITLE_CHARS) {
        title.truncate(cut);
        title.push('…');
    }
    (!title.is_empty()).then_some(FoundDefinition { title, holds })
}

/// Returns the line without annotations, template parameters and modifiers in front; `None` if nothing else is in it.
fn without_modifiers(line: &str) -> Option<&str> {
    let mut rest = line;
    loop {
        let next = if let Some(after) = rest.strip_prefix('@') {
            let after_name = after.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':'));
            skip_balanced(after_name, '(', ')').unwrap_or(after_name)
        } else if let Some(after) = rest.strip_prefix("template") {
            skip_balanced(after.trim_start(), '<', '>')?
        } else {
            let word = identifier(rest);
            let after = &rest[word.len()..];
            if word == "pub" && after.starts_with('(') {
                skip_balanced(after, '(', ')')?
            } else if word == "extern" && after.trim_start().starts_with('"') {
                let after = after.trim_start();
                let string = after.get(1..)?.find('"')? + 2;
                if after[string..].trim_start().starts_with('{') {
                    return Some(rest);
                }
                &after[string..]
            } else if keywords::is_modifier(word, after) && after.starts_with(char::is_whitespace) {
                after
            } else {
                return Some(rest);
            }
        };
        rest = next.trim_start();
        if rest.is_empty() {
            return None;
        }
    }
}

/// Finds "fn name", "class Name", "impl Trait for Type".
fn find_keyword(rest: &str, around: Surroundings) -> Option<FoundDefinition> {
    let word = identifier(rest);
    let group = keywords::group(word)?;
    let mut after = &rest[word.len()..];
    if word == "macro_rules" {
        after = after.strip_prefix('!')?;
    }
    let after_star = after.trim_start_matches('*');
    // Type parameters may come before the name.
    let after_generics = skip_balanced(after_star.trim_start(), '<', '>');
    if !after_star.starts_with(char::is_whitespace) && after_generics.is_none() && group != KeywordGroup::Instance {
        return None;
    }
    let after = after_generics.unwrap_or(after_star).trim_start();
    if group == KeywordGroup::Instance {
        let end = [after.find('{'), after.find(" where"), after.find(" =>")].into_iter().flatten().min();
        let subject = after[..end.unwrap_or(after.len())].trim();
        return if subject.is_empty() { None } else { new_definition(&[word, subject], DefinitionContent::Members) };
    }
    // Go: a method with its receiver, "func (r T) name".
    if let Some(after_receiver) = (word == "func").then(|| skip_balanced(after, '(', ')')).flatten() {
        let receiver = &after[..after.len() - after_receiver.len()];
        let name = identifier(after_receiver.trim_start());
        return if name.is_empty() { None } else { new_definition(&[word, receiver, name], DefinitionContent::Code) };
    }
    // "enum class Color", "companion object", "type body": two words that are one keyword.
    let second = identifier(after);
    let (kind, after) = match (word, second) {
        ("enum", "class" | "struct") | ("package" | "type" | "protected", "body") => {
            (format!("{word} {second}"), after[second.len()..].trim_start())
        }
        _ => (word.to_owned(), after),
    };
    let after = if word == "let" { after.strip_prefix("rec ").unwrap_or(after).trim_start() } else { after };
    let mut name = keywords::name(after, group);
    let mut tail = after[name.len()..].trim_start();
    // "class EXPORT Name": a macro before the name.
    let next = identifier(tail);
    let may_be_macro = name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    if group == KeywordGroup::Type
        && may_be_macro
        && !next.is_empty()
        && !signature::is_headed(group, word, tail, around.top)
    {
        (name, tail) = (next, tail[next.len()..].trim_start());
    }
    if name.is_empty() && !(word == "object" && tail.starts_with(['{', ':'])) {
        return None;
    }
    let holds = if matches!(group, KeywordGroup::Function | KeywordGroup::Definition | KeywordGroup::Binding) {
        DefinitionContent::Code
    } else {
        DefinitionContent::Members
    };
    signature::is_headed(group, word, tail, around.top).then(|| new_definition(&[&kind, name], holds)).flatten()
}

/// Finds "CREATE OR REPLACE FUNCTION name".
fn find_sql(rest: &str) -> Option<FoundDefinition> {
    let mut words = rest.split(|c: char| c.is_whitespace() || c == '(').filter(|word| !word.is_empty());
    let create = words.next().filter(|word| word.eq_ignore_ascii_case("create"))?;
    // At most a few words come between the two: "OR REPLACE GLOBAL TEMPORARY".
    let kind =
        words.by_ref().take(5).find(|word| keywords::SQL_KINDS.iter().any(|kind| kind.eq_ignore_ascii_case(word)))?;
    let before_name = ["if", "not", "exists", "concurrently", "body"];
    let name = words.find(|word| !before_name.iter().any(|skip| skip.eq_ignore_ascii_case(word)))?;
    new_definition(&[create, kind, name.trim_end_matches(';')], DefinitionContent::Sql)
}

/// Finds a word, strings, and a block: `describe("name", () => {`, `it "does" do`, `resource "kind" "name" {`.
fn find_block_call(rest: &str) -> Option<FoundDefinition> {
    let word = identifier(rest);
    let after = rest[word.len()..].trim_start_matches(['(', ' ']);
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let opens_block = rest.ends_with('{') || rest.ends_with(" do");
    let is_test = keywords::TEST_FUNCTIONS.contains(&word);
    // Any other word needs a brace directly after its strings, without parentheses: `resource "kind" "name" {`.
    let is_braced_block = !rest.contains('(') && rest.ends_with('{') && quote == '"';
    if word.is_empty() || !opens_block || !(is_test || is_braced_block) {
        return None;
    }
    let name = if is_test {
        after.get(1..)?.split(quote).next()?
    } else {
        let strings = after.trim_end_matches('{').trim_end();
        if strings.matches('"').count() % 2 == 1 || !strings.ends_with('"') {
            return None;
        }
        strings
    };
    new_definition(&[word, name], if is_test { DefinitionContent::Code } else { DefinitionContent::Members })
}
