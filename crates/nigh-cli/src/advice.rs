//! The commands and options of this program that help with an error of the library. The library's own messages give general advice
//! without commands.

use std::io::ErrorKind;

use nigh::{EncoderError, Error, VectorSpace};

/// The message after Ctrl-C.
pub const INTERRUPTED: &str = "interrupted; what was finished is kept, and the same command continues from there";

/// Returns the message of an error, with the command or option that helps in parentheses.
pub fn message(error: &Error) -> String {
    match advice_for(error) {
        Some(advice) => format!("{error} ({advice})"),
        None => error.to_string(),
    }
}

/// Returns the command or option that helps with an error, if there is one.
fn advice_for(error: &Error) -> Option<String> {
    let advice = match error {
        Error::Model(error) => return advice_for_model(error),
        Error::Io { source, .. } if source.kind() == ErrorKind::ReadOnlyFilesystem => {
            "--collection names another place"
        }
        Error::FolderConflict { .. } => "--collection makes a collection of its own for it",
        Error::DocumentMissing { .. } => "`nigh export` lists them all",
        Error::CollectionMissing { .. } => "`nigh index FOLDER`",
        Error::ModelMismatch { .. } => "`nigh index --collection NEW --model …`",
        Error::SpaceMismatch { asked: VectorSpace::LanguageNeutral, .. } => "`nigh migrate --space language-neutral`",
        Error::SpaceMismatch { .. } => "without --space, or `nigh index --collection NEW --space original`",
        Error::FormatTooOld { .. } => "`nigh export` of the older nigh",
        Error::FormatOld { .. } => "`nigh migrate`",
        Error::RecordsDamaged { repairable: true, .. } | Error::CopiesDiffer { .. } | Error::IndexDamaged { .. } => {
            "`nigh rebuild`"
        }
        Error::RecordsBehind { .. } => "`nigh index` on the folder",
        Error::NotOurs { .. } => "`chown`",
        Error::NotTrusted { .. } => "`nigh trust`",
        Error::ModelNotTrusted { model, .. } => {
            return Some(format!("`nigh trust`, or `nigh model pull{}`", argument(model)));
        }
        _ => return None,
    };
    Some(advice.to_owned())
}

fn advice_for_model(error: &EncoderError) -> Option<String> {
    Some(match error {
        EncoderError::ModelNotInstalled { name, .. } => format!("`nigh model pull{}`", argument(name)),
        EncoderError::ModelName { .. } | EncoderError::NotInCatalogue { .. } => "--name".to_owned(),
        EncoderError::ModelUnsupported { runs_on: Some(backend), .. } => format!("--backend {backend}"),
        EncoderError::PrecisionUnsupported { .. } => "without --precision, or with --backend native".to_owned(),
        EncoderError::Offline { .. } => {
            "run it without --offline, or `nigh model pull` with a connection, or copy the model from another machine with \
             `nigh model import DIRECTORY`"
                .to_owned()
        }
        EncoderError::Fetch { .. } => "--endpoint names a mirror; `nigh model import DIRECTORY` takes a copy".to_owned(),
        EncoderError::Runtime { .. } => "`nigh model pull --runtime`".to_owned(),
        EncoderError::RuntimeUnavailable { .. } => "--runtime-library FILE".to_owned(),
        _ => return None,
    })
}

/// Returns a name as an argument of a printed command: a blank and the name, or nothing if a shell would interpret the name, because a
/// collection from elsewhere may contain any name.
fn argument(name: &str) -> String {
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    if is_plain && !name.starts_with('-') { format!(" {name}") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::PathBuf;

    use super::*;

    /// Each error that has advice, and the advice.
    #[test]
    fn advice_is_given_by_the_kind_of_error() {
        let (path, problem) = (|| PathBuf::from("/c"), || "p".to_owned());
        let name = || "all-MiniLM-L6-v2".to_owned();
        let model = |error| Error::from(error);
        for (error, advice) in [
            (
                Error::Io { action: "write", path: path(), source: io::Error::from(ErrorKind::ReadOnlyFilesystem) },
                "--collection names another place",
            ),
            (
                Error::FolderConflict {
                    path: path(),
                    prefix: problem(),
                    other: PathBuf::from("/d"),
                    other_prefix: problem(),
                },
                "--collection makes a collection of its own for it",
            ),
            (Error::DocumentMissing { id: "a".to_owned(), collection: path() }, "`nigh export`"),
            (Error::CollectionMissing { path: path() }, "(`nigh index FOLDER`)"),
            (
                Error::ModelMismatch { path: path(), expected: problem(), found: problem() },
                "(`nigh index --collection NEW --model …`)",
            ),
            (
                Error::SpaceMismatch {
                    path: path(),
                    expected: VectorSpace::Original,
                    asked: VectorSpace::LanguageNeutral,
                },
                "(`nigh migrate --space language-neutral`)",
            ),
            (
                Error::SpaceMismatch {
                    path: path(),
                    expected: VectorSpace::LanguageNeutral,
                    asked: VectorSpace::Original,
                },
                "`nigh index --collection NEW --space original`",
            ),
            (Error::FormatTooOld { path: path(), found: 0, oldest: 1, newest: 3 }, "`nigh export`"),
            (Error::FormatOld { path: path(), found: 1, newest: 3 }, "(`nigh migrate`)"),
            (Error::RecordsDamaged { path: path(), problem: problem(), repairable: true }, "(`nigh rebuild`)"),
            (Error::CopiesDiffer { path: path(), problem: problem() }, "(`nigh rebuild`)"),
            (Error::IndexDamaged { path: path(), problem: problem() }, "(`nigh rebuild`)"),
            (Error::RecordsBehind { path: path(), expected: 2, found: 1 }, "`nigh index` on the folder"),
            (Error::NotOurs { path: path() }, "(`chown`)"),
            (Error::NotTrusted { path: path() }, "(`nigh trust`)"),
            (Error::ModelNotTrusted { path: path(), model: name() }, "`nigh model pull all-MiniLM-L6-v2`"),
            (Error::ModelNotTrusted { path: path(), model: "x`; rm".to_owned() }, "`nigh trust`, or `nigh model pull`"),
            (
                model(EncoderError::ModelNotInstalled { name: name(), directory: path() }),
                "(`nigh model pull all-MiniLM-L6-v2`)",
            ),
            (model(EncoderError::ModelName { name: name(), problem: problem() }), "(--name)"),
            (model(EncoderError::NotInCatalogue { name: name(), path: path(), problem: problem() }), "(--name)"),
            (
                model(EncoderError::ModelUnsupported { path: path(), problem: problem(), runs_on: Some("ort") }),
                "(--backend ort)",
            ),
            (
                model(EncoderError::PrecisionUnsupported { backend: "ort", precision: "int8" }),
                "without --precision, or with --backend native",
            ),
            (model(EncoderError::Offline { what: name() }), "without --offline"),
            (model(EncoderError::Fetch { what: name(), problem: problem() }), "--endpoint"),
            (model(EncoderError::Runtime { path: None, problem: problem() }), "(`nigh model pull --runtime`)"),
            (model(EncoderError::RuntimeUnavailable { name: name() }), "(--runtime-library FILE)"),
        ] {
            let message = message(&error);
            assert!(message.contains(advice) && message.ends_with(')') && !message.contains('\n'), "{message}");
            // The library's messages do not name commands.
            let own = error.to_string();
            assert!(!own.contains("nigh ") || !own.contains('`'), "{own}");
            assert!(!own.contains("--"), "{own}");
        }
    }

    #[test]
    fn advice_is_not_given_where_there_is_none() {
        for error in
            [Error::EmptyQuery, Error::RecordsDamaged { path: "/c".into(), problem: "p".to_owned(), repairable: false }]
        {
            assert_eq!(message(&error), error.to_string());
        }
    }
}
