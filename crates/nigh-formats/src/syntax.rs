//! Finds the syntax of a text by its file name; for a name without an extension, by its first line.

use std::path::Path;

use crate::types::Syntax;

const MARKDOWN: &[&str] = &["md", "markdown", "mdx", "mkd", "mkdn", "mdown", "rmd", "qmd"];

/// LaTeX class files and packages are treated as program text.
const MARKUP: &[(&str, Syntax)] = &[
    ("rst", Syntax::Rst),
    ("rest", Syntax::Rst),
    ("org", Syntax::Org),
    ("tex", Syntax::Tex),
    ("latex", Syntax::Tex),
    ("ltx", Syntax::Tex),
];

#[rustfmt::skip]
const CODE: &[&str] = &[
    "rs", "py", "pyi", "js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx", "java", "c", "h", "cpp", "hpp", "cc", "hh",
    "cxx", "hxx", "m", "mm", "cu", "cuh", "go", "rb", "php", "cs", "fs", "fsx", "vb", "swift", "kt", "kts", "scala", "groovy",
    "gradle", "sh", "bash", "zsh", "fish", "ps1", "bat", "cmd", "sql", "lua", "r", "jl", "pl", "pm", "hs", "ml", "mli", "ex",
    "exs", "erl", "hrl", "clj", "cljs", "elm", "nim", "zig", "dart", "d", "pas", "f90", "asm", "s", "v", "sv", "vhd", "lisp",
    "el", "scm", "rkt", "vue", "svelte", "css", "scss", "sass", "less", "toml", "yaml", "yml", "json", "jsonc", "json5",
    "jsonl", "ndjson", "ipynb", "xml", "xsd", "xsl", "svg", "ini", "cfg", "conf", "properties", "env", "cmake", "mk", "ninja",
    "bazel", "bzl", "proto", "thrift", "graphql", "gql", "tf", "hcl", "nix", "dockerfile", "diff", "patch", "csv", "tsv",
    "lock", "vim", "awk", "sed", "tcl", "glsl", "wgsl", "hlsl", "sty", "cls",
];

const CODE_NAMES: &[&str] = &[
    "makefile",
    "gnumakefile",
    "dockerfile",
    "containerfile",
    "cmakelists.txt",
    "rakefile",
    "gemfile",
    "vagrantfile",
    "jenkinsfile",
    "justfile",
    "build",
    "workspace",
    ".gitignore",
    ".gitattributes",
    ".editorconfig",
];

pub(super) fn detect(path: &Path, text: &str) -> Syntax {
    let lower = |part: Option<&std::ffi::OsStr>| part.and_then(|p| p.to_str()).unwrap_or_default().to_ascii_lowercase();
    let extension = lower(path.extension());
    if MARKDOWN.contains(&extension.as_str()) {
        Syntax::Markdown
    } else if let Some((_, syntax)) = MARKUP.iter().find(|(known, _)| *known == extension) {
        *syntax
    } else if CODE.contains(&extension.as_str())
        || CODE_NAMES.contains(&lower(path.file_name()).as_str())
        || (extension.is_empty() && text.starts_with("#!"))
    {
        Syntax::Code
    } else {
        Syntax::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_by_name_and_by_first_line() {
        for (path, text, expected) in [
            ("docs/README.md", "", Syntax::Markdown),
            ("A.MARKDOWN", "", Syntax::Markdown),
            ("src/main.rs", "", Syntax::Code),
            ("Makefile", "", Syntax::Code),
            ("CMakeLists.txt", "", Syntax::Code),
            ("run", "#!/bin/sh\n", Syntax::Code),
            ("a.RST", "", Syntax::Rst),
            ("a.org", "", Syntax::Org),
            ("a.tex", "", Syntax::Tex),
            ("a.sty", "", Syntax::Code),
            ("notes", "# heading?\n", Syntax::Plain),
            ("notes.txt", "#!/bin/sh\n", Syntax::Plain),
            ("page.html", "<p>", Syntax::Plain),
            ("md", "", Syntax::Plain),
        ] {
            assert_eq!(detect(Path::new(path), text), expected, "{path}");
        }
    }
}
