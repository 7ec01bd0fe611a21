//! Settings for people: the table of `nigh status`, and notes on ignored settings.

use std::fmt::Display;
use std::path::Path;

use nigh::{Cuts, SkippedFile, Status, VectorSpace};

use super::{Origin, Setting, Settings};
use crate::config::FILE;
use crate::output::thousands;

impl Settings {
    /// Notes on settings of a new collection that differ from those of this collection.
    pub fn differing(&self, collection: &Path, status: &Status) -> Vec<String> {
        let tokens = |kept: Option<usize>| kept.map_or("the default".to_owned(), |kept| kept.to_string());
        let mut notes = Vec::new();
        let mut note = |name: &str, wanted: String, from: Origin, kept: String| {
            let source = match from {
                Origin::CommandLine => format!("--{} {wanted}", name.replace('_', "-")),
                _ => format!("{name} = {wanted} in {}", collection.join(FILE).display()),
            };
            let advice = match name {
                "space" if wanted.contains(VectorSpace::LanguageNeutral.name()) => {
                    format!("; `nigh migrate --space {}` moves its vectors there", VectorSpace::LanguageNeutral)
                }
                "passage_tokens" | "overlap_tokens" => "; `nigh migrate --passages` makes such passages".to_owned(),
                _ => String::new(),
            };
            notes
                .push(format!("{source} is ignored: it applies to a new collection only; this one has {kept}{advice}"));
        };
        if let (Some(wanted), Some(kept)) = (&self.model.value, &status.model)
            && self.model.from == Origin::File
            && !is_model(wanted, kept, status)
        {
            note("model", format!("{:?}", wanted.to_string_lossy()), Origin::File, kept.clone());
        }
        if let (Some(wanted), Some(kept)) = (self.space.value, status.space)
            && self.space.from == Origin::File
            && wanted != kept
        {
            note("space", format!("\"{wanted}\""), Origin::File, kept.to_string());
        }
        for (name, setting, kept) in [
            ("passage_tokens", &self.passage_tokens, status.passage_tokens),
            ("overlap_tokens", &self.overlap_tokens, status.overlap_tokens),
        ] {
            if let Some(wanted) = setting.value.filter(|&wanted| kept != Some(wanted)) {
                note(name, wanted.to_string(), setting.from, tokens(kept));
            }
        }
        notes
    }

    /// Adds the origin of the size limit to the reason of files that are too large.
    pub fn name_limit(&self, skipped: &mut [SkippedFile]) {
        let limit = self.max_file_size.value;
        let limit_in_reason = format!("max_file_size ({limit} bytes)");
        let where_from = match self.max_file_size.from {
            Origin::CommandLine => format!("--max-file-size ({})", binary(limit)),
            Origin::File => format!("max_file_size in config.toml ({})", binary(limit)),
            Origin::Default => format!("the default of max_file_size ({})", binary(limit)),
        };
        for file in skipped.iter_mut().filter(|file| file.reason.contains(&limit_in_reason)) {
            file.reason = file.reason.replace(&limit_in_reason, &where_from);
        }
    }

    /// Name, value and origin of each setting, for people.
    pub fn rows(&self, status: &Status) -> Vec<(&'static str, String, &'static str)> {
        // Destructured completely, so that a forgotten setting does not compile.
        let Self {
            ignored: _,
            // An existing collection keeps its own.
            model: _,
            space: _,
            passage_tokens: _,
            overlap_tokens: _,
            include,
            exclude,
            hidden,
            follow_links,
            max_file_size,
            extract_seconds,
            extract_memory,
            watch_delay_ms,
        } = self;
        let list = |list: &[String], none: &str| if list.is_empty() { none.to_owned() } else { list.join(", ") };
        fn row<T>(
            name: &'static str,
            setting: &Setting<T>,
            shown: impl Display,
        ) -> (&'static str, String, &'static str) {
            (name, shown.to_string(), setting.from.as_str())
        }
        let tokens = |tokens: Option<usize>, none: &str| tokens.map_or(none.to_owned(), |tokens| tokens.to_string());
        // `nigh migrate` can change some of them.
        const STORED: &str = "stored in the collection";
        vec![
            ("model", status.model.clone().unwrap_or_else(|| "none".to_owned()), STORED),
            ("space", status.space.map_or("unknown".to_owned(), |space| space.to_string()), STORED),
            ("passage_tokens", tokens(status.passage_tokens, default_length(status.cuts)), STORED),
            ("overlap_tokens", tokens(status.overlap_tokens, "an eighth of a passage"), STORED),
            row("include", include, list(&include.value, "everything")),
            row("exclude", exclude, list(&exclude.value, "nothing")),
            row("hidden", hidden, hidden.value),
            row("follow_links", follow_links, follow_links.value),
            row("max_file_size", max_file_size, binary(max_file_size.value)),
            row("extract_seconds", extract_seconds, extract_seconds.value),
            row("extract_memory", extract_memory, binary(extract_memory.value)),
            row("watch_delay_ms", watch_delay_ms, watch_delay_ms.value),
        ]
    }
}

/// Describes the default length of passages.
fn default_length(cuts: Cuts) -> &'static str {
    match cuts {
        Cuts::Sections => "192, or a longer paragraph",
        _ => "the model's limit, across headings (the rule of older versions)",
    }
}

/// True if a name or directory means the collection's model, or the model that it is the 4-bit copy of.
fn is_model(wanted: &Path, kept: &str, status: &Status) -> bool {
    let name = wanted.file_name().unwrap_or(wanted.as_os_str()).to_string_lossy();
    let real = |path: &Path| path.canonicalize().ok();
    let same_place = || status.model_path.as_deref().and_then(real).is_some_and(|kept| real(wanted) == Some(kept));
    name == kept || format!("{name}-q4") == kept || same_place()
}

/// Returns a size in binary units: 33554432 as 32 MiB.
fn binary(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(shift, _)| bytes >= 1 << shift && bytes.trailing_zeros() >= *shift);
    match unit {
        Some((shift, unit)) => format!("{} {unit}", thousands(bytes >> shift)),
        None => format!("{} bytes", thousands(bytes)),
    }
}
