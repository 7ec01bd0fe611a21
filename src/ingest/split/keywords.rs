//! The keywords that begin definitions in programming languages.

/// The kind of definition that a keyword begins. It decides what may follow the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeywordGroup {
    /// Always a function.
    Definition,
    /// A function; the word is common in prose too.
    Function,
    /// A type or a module.
    Type,
    /// A type or a module; the word is common in prose and as a name.
    TypeOrName,
    /// A type alias: `type X = …`.
    Alias,
    /// `impl`, `instance`: named by everything that follows.
    Instance,
    /// `let f x = …`, in languages where that is a function.
    Binding,
}

/// The keywords of each kind.
#[rustfmt::skip]
const KEYWORDS: &[(KeywordGroup, &[&str])] = &[
    (KeywordGroup::Definition, &["fn", "def", "defp", "defmacro", "defmacrop", "func", "fun", "macro_rules"]),
    (KeywordGroup::Function, &["function", "sub", "proc", "procedure", "subroutine", "method", "Function", "Sub", "task"]),
    (KeywordGroup::Type, &[
        "class", "struct", "enum", "union", "trait", "interface", "protocol", "extension", "namespace", "mod", "module",
        "defmodule", "defprotocol", "defimpl", "Class", "Module", "Structure", "Namespace", "Interface",
    ]),
    (KeywordGroup::TypeOrName, &[
        "object", "record", "actor", "contract", "library", "message", "service", "package", "entity", "architecture", "input",
        "concept", "schema", "program", "mixin",
    ]),
    (KeywordGroup::Alias, &["type", "data", "newtype"]),
    (KeywordGroup::Instance, &["impl", "instance"]),
    (KeywordGroup::Binding, &["let"]),
];

/// The kinds of objects that SQL's `CREATE` makes.
pub(super) const SQL_KINDS: [&str; 13] = [
    "table",
    "view",
    "function",
    "procedure",
    "trigger",
    "index",
    "type",
    "schema",
    "database",
    "sequence",
    "policy",
    "package",
    "event",
];

/// Functions of test frameworks that take a title and a block.
pub(super) const TEST_FUNCTIONS: [&str; 9] =
    ["describe", "it", "test", "context", "suite", "specify", "feature", "scenario", "testset"];

/// Words that may come before a keyword or a type. [`is_modifier`] accepts some of them, and a few others, only before
/// certain words.
#[rustfmt::skip]
const MODIFIERS: &[&str] = &[
    "pub", "export", "default", "declare", "public", "private", "protected", "internal", "static", "final", "abstract",
    "async", "unsafe", "extern", "inline", "virtual", "override", "open", "sealed", "inner", "suspend", "partial", "readonly",
    "fileprivate", "mutating", "nonmutating", "local", "global", "operator", "infix", "tailrec", "companion", "actual",
    "expect", "implicit", "lazy", "constexpr", "consteval", "explicit", "friend", "ref", "convenience", "required",
    "indirect", "external", "noncomputable", "strictfp", "synchronized", "native", "volatile", "Public", "Private",
    "Protected", "Friend", "Shared", "Overrides", "Overridable", "pure", "elemental", "recursive", "dynamic", "factory",
    "unsealed", "value", "annotation", "base", "typedef",
];

/// Statements and operators that could be mistaken for the beginning of a function in C's form.
#[rustfmt::skip]
const STATEMENTS: &[&str] = &[
    "if", "for", "while", "switch", "catch", "return", "else", "do", "try", "with", "using", "lock", "foreach", "elseif",
    "elsif", "elif", "synchronized", "when", "unless", "until", "match", "select", "sizeof", "new", "throw", "assert", "fixed",
    "await", "yield", "case", "guard", "defer", "delete", "typeof", "in", "and", "or", "not", "import", "from", "raise",
    "param", "repeat", "forall", "loop", "echo", "print", "exec", "then", "where", "end", "goto", "require", "include", "set",
    "checked", "unchecked", "super", "this", "co_await", "co_return", "let", "var", "const", "val",
];

/// Returns the kind of definition that a keyword begins; `None` for any other word.
pub(super) fn group(word: &str) -> Option<KeywordGroup> {
    KEYWORDS.iter().find(|(_, words)| words.contains(&word)).map(|(group, _)| *group)
}

/// True if a word begins a statement, or is an operator.
pub(super) fn is_statement(word: &str) -> bool {
    STATEMENTS.contains(&word)
}

/// True if the word only modifies the text `after` it.
pub(super) fn is_modifier(word: &str, after: &str) -> bool {
    let next = identifier(after.trim_start());
    match word {
        "const" => matches!(next, "fn" | "unsafe" | "async" | "extern"),
        "data" | "case" | "value" | "annotation" => matches!(next, "class" | "object"),
        "local" => next == "function",
        "actor" | "default" | "operator" | "open" | "ref" | "base" | "pure" | "expect" | "typedef" => {
            group(next).is_some()
        }
        _ => MODIFIERS.contains(&word),
    }
}

/// Returns the identifier at the start of a text; empty if there is none.
pub(super) fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(text.len());
    &text[..end]
}

/// Returns the name after a keyword, including the names that qualify it, and the marks that a language allows in names.
pub(super) fn name(text: &str, group: KeywordGroup) -> &str {
    let is_function = matches!(group, KeywordGroup::Definition | KeywordGroup::Function);
    let mut end = 0;
    while let Some(c) = text[end..].chars().next() {
        let rest = &text[end + c.len_utf8()..];
        let before_name = rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let step = match c {
            '.' | '\'' if before_name => 1,
            '-' if before_name && is_function => 1,
            '?' | '!' if is_function => 1,
            // "A::B", not "A: B".
            ':' if rest.starts_with(':') => 2,
            // The receiver in "List<T>.name".
            '<' if is_function => match skip_balanced(&text[end..], '<', '>') {
                Some(after) if after.starts_with('.') => text.len() - end - after.len(),
                _ => break,
            },
            c if c.is_alphanumeric() || matches!(c, '_' | '$') => c.len_utf8(),
            _ => break,
        };
        end += step;
    }
    if end == 0 && is_function {
        // An operator: "def ==(other)".
        end = text.find(|c: char| c == '(' || c.is_whitespace()).unwrap_or(text.len());
    }
    &text[..end]
}

/// Returns the text after the bracket that closes the one at the start of `text`; `None` if the text does not start with
/// `open`, or the bracket is not closed.
pub(super) fn skip_balanced(text: &str, open: char, close: char) -> Option<&str> {
    let mut depth = 0_usize;
    for (offset, c) in text.char_indices() {
        if c == open {
            depth += 1;
        // The ">" of an arrow, "->" or "=>", closes nothing.
        } else if c == close && !(close == '>' && text[..offset].ends_with(['-', '='])) {
            depth = depth.checked_sub(1)?;
        }
        if depth == 0 {
            return (offset > 0).then(|| &text[offset + c.len_utf8()..]);
        }
    }
    None
}
