//! Signatures: the text after the name of a definition, and functions without a keyword.

use super::keywords::{KeywordGroup, identifier, is_statement};

/// True if the text after a keyword and a name makes them a definition, not words of a sentence or a mention.
pub(super) fn is_headed(group: KeywordGroup, word: &str, tail: &str, top: bool) -> bool {
    let next = identifier(tail).to_ascii_lowercase();
    let starts_with_any = |marks: &[char]| tail.starts_with(marks);
    let opens = starts_with_any(&['{', '(', '<', '[', '=']) || (starts_with_any(&[':']) && !tail.starts_with("::"));
    let inherits = matches!(
        next.as_str(),
        "extends"
            | "implements"
            | "where"
            | "with"
            | "final"
            | "is"
            | "do"
            | "inherits"
            | "permits"
            | "for"
            | "of"
            | "on"
    ) && tail.ends_with(['{', ':', ',', ')']);
    match group {
        KeywordGroup::Definition => {
            tail.is_empty() || opens || matches!(word, "def" | "defp") || starts_with_any(&['-', '|'])
        }
        KeywordGroup::Function => {
            tail.is_empty() || opens || starts_with_any(&[';']) || matches!(next.as_str(), "as" | "is" | "return")
        }
        KeywordGroup::Type => {
            tail.is_empty()
                || opens
                || inherits
                || tail.ends_with(" where")
                || tail.ends_with(" do")
                || matches!(next.as_str(), "do" | "extends" | "implements")
        }
        KeywordGroup::TypeOrName => {
            starts_with_any(&['{', '(', '<', '='])
                || (opens && tail.ends_with('{'))
                || inherits
                || matches!(next.as_str(), "is" | "extends")
        }
        KeywordGroup::Alias => {
            opens || matches!(next.as_str(), "struct" | "interface" | "func") || (top && tail.contains(" = "))
        }
        KeywordGroup::Instance => true,
        // A function has parameters before its "=".
        KeywordGroup::Binding => {
            top && !opens && tail.split_once('=').is_some_and(|(before, _)| !before.contains([':', ',']))
        }
    }
}

/// Returns the name of a function that is assigned: `const f = (a) => {`, `exports.f = function`, `f <- function(x)`.
pub(super) fn assigned_function(rest: &str, following: &[&str]) -> Option<String> {
    let word = identifier(rest);
    let is_declared = matches!(word, "const" | "let" | "var" | "val" | "local" | "auto");
    let after = if is_declared { rest[word.len()..].trim_start() } else { rest };
    // The name, and the text after it.
    let name_end = after.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.')))?;
    let (name, after) = after.split_at_checked(name_end)?;
    let mut after = after.trim_start();
    if name.is_empty() || is_statement(name) {
        return None;
    }
    if is_declared && after.starts_with(':') {
        // Skip a type, which may have arrows but no assignment.
        let assignment = after.match_indices('=').find(|(at, _)| !after[at + 1..].starts_with('>'))?.0;
        after = &after[assignment..];
    }
    let value = ["<-", "=", ":"].iter().find_map(|mark| after.strip_prefix(mark))?;
    if value.starts_with(['=', ':', '>']) {
        return None;
    }
    // The value must be a function or a class, perhaps with parameters over several lines.
    let value = value.trim_start();
    let value = value.strip_prefix("async ").unwrap_or(value).trim_start();
    let has_keyword = matches!(identifier(value), "function" | "class" | "func");
    let has_arrow = ["=> {", "=>", "=> (", "=>{"].iter().any(|end| value.ends_with(end));
    // Parameters over several lines: the line that closes them has the "=>".
    let has_arrow_below = || {
        value.ends_with('(')
            && following.iter().find(|line| line.starts_with(')')).is_some_and(|line| line.contains("=>"))
    };
    let kind = if is_declared { format!("{word} ") } else { String::new() };
    (has_keyword || has_arrow || has_arrow_below()).then(|| format!("{kind}{name}"))
}

/// Returns the name of a function in C's form: `type name(parameters) … {`. The brace may be in a line of its own.
pub(super) fn c_like_function<'t>(rest: &'t str, following: &[&str], top: bool) -> Option<&'t str> {
    // The bracket that opens the parameters.
    let operator = rest.find("operator").filter(|at| rest[..*at].ends_with([' ', ':', '&', '*']));
    let search_start = operator.map_or(0, |at| at + "operator".len());
    let open = search_start + rest[search_start..].find('(')?;
    // "operator()" is a name.
    let open = if rest[open..].starts_with("()(") { open + 2 } else { open };
    let mut before = rest[..open].trim_end();
    if before.ends_with('>') && operator.is_none() {
        // Skip type parameters after the name.
        let mut depth = 0_usize;
        let opened = before.char_indices().rev().find(|(_, c)| {
            depth = if *c == '>' { depth + 1 } else { depth.saturating_sub(usize::from(*c == '<')) };
            depth == 0
        });
        before = &before[..opened?.0];
    }
    // The name, and the types before it.
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '~' | ':' | '!' | '?');
    let start = operator.unwrap_or(before.trim_end_matches(in_name).len());
    // A class may stand before the operator: "Foo::operator+".
    let start = if operator.is_some() { before[..start].trim_end_matches(in_name).len() } else { start };
    let (prefix, name) = before.split_at_checked(start)?;
    let name = name.trim_matches(':');
    let in_types = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_*&<>[],:?.$".contains(c);
    if name.is_empty()
        || name.starts_with(|c: char| c.is_numeric())
        || is_statement(name)
        || is_statement(identifier(prefix))
        || !prefix.chars().all(in_types)
        || prefix.ends_with('.')
        || prefix.ends_with(',')
    {
        return None;
    }
    opens_body(&rest[open..], following, prefix.is_empty(), top).then_some(name)
}

/// True if a body follows the parameters at the start of a text. `untyped`: no type stands before the function's name, so the
/// line may be a call; `top`: it is not indented.
fn opens_body(parameters: &str, following: &[&str], untyped: bool, top: bool) -> bool {
    let mut depth = 0_usize;
    let mut tail = String::new();
    let mut closed = false;
    for (number, line) in std::iter::once(&parameters).chain(following).enumerate() {
        // The byte after the parameters, if they end in this line.
        let mut tail_start = 0;
        if !closed {
            for (at, c) in line.char_indices() {
                match c {
                    '(' => depth += 1,
                    ')' => depth = depth.saturating_sub(1),
                    // A ";" inside the brackets: they are not parameters.
                    ';' => return false,
                    _ => {}
                }
                if depth == 0 {
                    (closed, tail_start) = (true, at + c.len_utf8());
                    break;
                }
            }
            if !closed {
                continue;
            }
        } else if untyped && number == 1 && !line.starts_with(['{', ':']) {
            // A call, and the next statement.
            return false;
        }
        if !tail.is_empty() {
            tail.push(' ');
        }
        tail.push_str(line.get(tail_start..).unwrap_or_default().trim());
        if let Some(brace) = tail.find('{') {
            // A block of Ruby takes parameters: it is not a definition.
            return may_precede_body(tail[..brace].trim()) && !tail[brace + 1..].trim_start().starts_with('|');
        }
        // Erlang: "name(X) ->".
        if untyped && top && tail == "->" {
            return true;
        }
        if tail.contains([';', '}']) || !may_precede_body(&tail) {
            return false;
        }
    }
    false
}

/// True if this text can be between parameters and body.
fn may_precede_body(text: &str) -> bool {
    const WORDS: [&str; 24] = [
        "const", "noexcept", "override", "final", "throws", "throw", "where", "volatile", "async", "external",
        "public", "private", "internal", "view", "pure", "payable", "returns", "virtual", "rethrows", "mutable",
        "requires", "sync", "is", "extends",
    ];
    text.is_empty() || text.starts_with([':', '&']) || text.starts_with("->") || WORDS.contains(&identifier(text))
}
