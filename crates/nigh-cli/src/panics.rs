//! Silences panics of other crates: the library catches them and reports errors.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

/// This file's path, as in a panic's location: relative to the workspace, or to the package if built alone.
const HERE: &str = file!();

/// Our packages, without the common prefix `nigh-`.
const PACKAGES: [&str; 5] = ["cli-", "disk-", "encoder-", "formats-", "kernel-"];

/// Silences panics in the code of other crates: sled, tantivy, ONNX Runtime's binding and format readers panic instead of returning
/// errors. A panic in our own code or in the standard library, which our code may have called, is printed.
pub fn quiet_foreign() {
    let default = take_hook();
    set_hook(Box::new(move |info| {
        if info.location().is_none_or(|location| !is_foreign(location.file())) {
            default(info);
        }
    }));
}

/// Runs `work` and catches a panic.
///
/// # Errors
/// The message of a panic that nothing else caught.
pub fn catch_panics<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| payload_text(&*payload).to_owned())
}

fn payload_text(payload: &(dyn Any + Send)) -> &str {
    let message = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    message.unwrap_or("a panic without a message")
}

/// True if a source file belongs to neither our packages nor the standard library.
fn is_foreign(file: &str) -> bool {
    let file = file.replace('\\', "/");
    let here = HERE.replace('\\', "/");
    let root = here.strip_suffix("crates/nigh-cli/src/panics.rs").or_else(|| here.strip_suffix("src/panics.rs"));
    let ours = root.and_then(|root| file.strip_prefix(root)).is_some_and(|rest| {
        ["src/", "tests/", "benches/", "examples/", "crates/"].iter().any(|folder| rest.starts_with(folder))
    });
    !ours && !file.split('/').any(is_our_package) && !file.starts_with("/rustc/")
}

/// True if a folder is one of our packages unpacked by a registry: NAME-VERSION.
fn is_our_package(folder: &str) -> bool {
    folder.strip_prefix("nigh-").is_some_and(|rest| {
        let version = PACKAGES.iter().find_map(|package| rest.strip_prefix(package)).unwrap_or(rest);
        version.starts_with(|first: char| first.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use std::process::Command;

    use super::*;

    #[test]
    fn panic_in_other_crates_is_distinguished_from_ours() {
        let registry = "/home/a/.cargo/registry/src/index.example.org-1949cf8c6b5b557f";
        for file in
            ["sled-0.34.7/src/pagecache/mod.rs", "tantivy-0.27.0/src/core/json.rs", "nigh-light-2.0.0/src/lib.rs"]
        {
            assert!(is_foreign(&format!("{registry}/{file}")), "{file}");
        }
        assert!(!is_foreign(file!()));
        for file in ["nigh-0.1.0/src/records/tree.rs", "nigh-kernel-0.1.0/src/dot.rs", "nigh-cli-1.0.0/src/plan.rs"] {
            assert!(!is_foreign(&format!("{registry}/{file}")), "{file}");
        }
        let root = HERE.strip_suffix("crates/nigh-cli/src/panics.rs").unwrap();
        for file in
            ["src/records/tree.rs", "crates/nigh-formats/src/lib.rs", "crates/nigh-cli/../../tests/program/cli.rs"]
        {
            assert!(!is_foreign(&format!("{root}{file}")), "{file}");
        }
        assert!(!is_foreign("/rustc/ded5c06cf21d2b93bffd5d884aa6e96934ee4234/library/alloc/src/raw_vec/mod.rs"));
    }

    /// The next test runs this in another process, since a panic hook is global.
    #[test]
    #[ignore = "run by another test"]
    fn panicking() {
        quiet_foreign();
        // serde_json panics on an index into a number.
        let foreign = || serde_json::json!(1)["a key of a number"] = 2.into();
        assert!(catch_panics(foreign).unwrap_err().contains("cannot access key"));
        catch_panics(|| panic!("a mistake of ours")).unwrap_err();
    }

    #[test]
    fn panic_of_ours_is_printed_and_others_are_not() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let output =
            command.args(["panics::tests::panicking", "--exact", "--ignored", "--nocapture"]).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{printed}");
        assert!(printed.contains("a mistake of ours") && !printed.contains("cannot access key"), "{printed}");
    }
}
