//! Tests of error messages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;

use super::*;

/// Collects the source files of the library's crates, without their tests.
fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for item in std::fs::read_dir(directory).unwrap() {
        let path = item.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            sources(&path, found);
        } else if name.ends_with(".rs") && !name.contains("tests") {
            found.push(path);
        }
    }
}

/// Applications that embed the library do not have these commands. pip's options, in `wheel.rs`, are for pip.
#[test]
fn error_messages_name_no_command_or_option_of_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for part in
        ["src", "crates/nigh-encoder/src", "crates/nigh-formats/src", "crates/nigh-disk/src", "crates/nigh-kernel/src"]
    {
        sources(&root.join(part), &mut files);
    }
    assert!(files.len() > 100, "{}", files.len());
    files.retain(|file| !file.ends_with("pull/wheel.rs"));
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let option = line.split(&[' ', '"', '`', '('][..]).any(|word| {
                word.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
            });
            assert!(!line.contains("`nigh ") && !option, "{}: {line}", file.display());
        }
    }
}

#[test]
fn error_messages_are_one_line_and_name_the_place() {
    let error = Error::io("read", "/no/such/file")(io::Error::from(io::ErrorKind::PermissionDenied));
    let text = error.to_string();
    assert!(text.contains("/no/such/file") && text.contains("permissions") && !text.contains('\n'), "{text}");
    assert!(std::error::Error::source(&error).is_some());
    assert!(!error.is_corruption() && !error.is_user_error());
}

#[test]
fn filter_errors_show_a_long_filter_around_the_mistake() {
    let expression = format!("{}错{}", "甲".repeat(20_000), "x".repeat(60_000));
    let error = Error::InvalidFilter { expression: expression.clone(), at: 60_000..60_003, problem: "bad".to_owned() };
    let text = error.to_string();
    assert!(text.len() < 260 && text.contains("甲错xx") && text.contains("column 20001: bad"), "{text}");
    assert!(text.starts_with("the filter …\"") && text.contains("x\"… is"), "{text}");
    for at in [0..0, 0..1, 120_003..120_003, usize::MAX..usize::MAX] {
        let error = Error::InvalidFilter { expression: expression.clone(), at, problem: String::new() };
        assert!(error.to_string().len() < 260, "{error}");
    }
}
