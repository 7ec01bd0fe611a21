//! Describes the result of a run.

use std::path::Path;

use nigh::{FolderReport, SkippedFile, Status};

use crate::commands::folders::{list, list_left_out};
use crate::output::{Failure, Output, count, duration, thousands};

/// Describes a run in one line.
pub fn summary(report: &FolderReport) -> String {
    let FolderReport { added, changed, removed, renamed, unchanged, kept, passages_encoded, .. } = report;
    let took = duration(report.took.as_secs_f64());
    let passages = |number: usize, verb: &str| match number {
        0 => String::new(),
        number => format!(" ({}{verb})", count(number, "passage")),
    };
    match added + changed + removed + renamed {
        0 if *kept > 0 => {
            let (these, stay) = (count(*kept, "document"), if *kept == 1 { "stays" } else { "stay" });
            format!("Nothing changed; {these} of an empty folder {stay}.")
        }
        0 if *unchanged == 0 => "No files to index.".to_owned(),
        0 => format!("Up to date: {}.", count(*unchanged, "file")),
        all if *added == all && *unchanged == 0 => {
            let passages = passages(passages_encoded + report.passages_kept, "");
            format!("Indexed {}{passages} in {took}.", count(*added, "file"))
        }
        _ => {
            let parts = [(added, "added"), (changed, "changed"), (removed, "removed"), (renamed, "renamed")];
            let parts = parts.into_iter().chain([(unchanged, "unchanged")]).filter(|(number, _)| **number > 0);
            let parts: Vec<String> =
                parts.map(|(number, what)| format!("{} {what}", thousands(*number as u64))).collect();
            format!("Updated: {}{} in {took}.", parts.join(", "), passages(*passages_encoded, " encoded"))
        }
    }
}

/// Prints the result of `nigh index`.
pub(super) fn print_report(
    verbose: bool,
    path: &Path,
    status: &Status,
    report: &FolderReport,
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    if report.interrupted {
        writeln!(out, "Interrupted. Finished files are kept; run the same command to continue.")?;
    }
    writeln!(out, "{}", summary(report))?;
    if verbose && report.tokens > 0 {
        print_encoding(report, out)?;
    }
    print_files(verbose, report, out)?;
    if report.ruled_out > 0 {
        let documents = count(report.ruled_out, "removed document");
        writeln!(out, "{documents}: ignore files or settings now leave out their files")?;
    }
    list_left_out(out, &report.left_out, verbose)?;
    let model = status.model.as_deref().unwrap_or("vectors of your own");
    let counted = |number: u64, noun| count(usize::try_from(number).unwrap_or(usize::MAX), noun);
    let (documents, passages) = (counted(status.documents, "document"), counted(status.passages, "passage"));
    writeln!(out, "{}: {documents}, {passages}, {model}", path.display())?;
    Ok(())
}

/// Prints the amount of encoded text, and the speed.
fn print_encoding(report: &FolderReport, out: &mut Output<'_>) -> Result<(), Failure> {
    let share = 100.0 * report.took_encoding.as_secs_f64() / report.took.as_secs_f64().max(1e-9);
    writeln!(
        out,
        "{} encoded, {} reused; {}, {} tokens/s, {share:.0} % of the time in the encoder",
        count(report.passages_encoded, "passage"),
        thousands(report.passages_kept as u64),
        count(report.tokens, "token"),
        thousands(report.tokens_per_second as u64),
    )
}

/// Lists the files that are not stored, or only in part.
pub fn print_files(verbose: bool, report: &FolderReport, out: &mut Output<'_>) -> Result<(), Failure> {
    let FolderReport { skipped, failed, partial, replaced, .. } = report;
    for (title, files) in [(" skipped", skipped), (" could not be read", failed), (" read in part", partial)] {
        let line = |file: &SkippedFile| (file.path.clone(), file.reason.clone());
        list(out, "file", title, files.iter().map(line), verbose)?;
    }
    let replaced = replaced.iter().map(|id| (id.clone(), String::new()));
    list(out, "document", " replaced by a file with the same id", replaced, verbose)?;
    if report.kept > 0 {
        writeln!(out, "`nigh index --allow-empty` removes the documents of a folder that is really empty")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn summary_names_only_what_happened() {
        let report = |change: fn(&mut FolderReport)| {
            let mut report = FolderReport::default();
            change(&mut report);
            report.took = Duration::from_millis(44_900);
            summary(&report)
        };
        let first = |report: &mut FolderReport| (report.added, report.passages_encoded) = (45, 106);
        assert_eq!(report(first), "Indexed 45 files (106 passages) in 45 s.");
        assert_eq!(report(|report| report.unchanged = 45), "Up to date: 45 files.");
        assert_eq!(report(|report| report.unchanged = 1), "Up to date: 1 file.");
        assert_eq!(report(|_| ()), "No files to index.");
        assert_eq!(report(|report| report.kept = 1), "Nothing changed; 1 document of an empty folder stays.");
        let mixed = |report: &mut FolderReport| {
            (report.added, report.removed, report.unchanged, report.passages_encoded) = (2, 1, 1300, 1);
        };
        assert_eq!(report(mixed), "Updated: 2 added, 1 removed, 1,300 unchanged (1 passage encoded) in 45 s.");
        assert_eq!(report(|report| report.removed = 1), "Updated: 1 removed in 45 s.");
    }
}
