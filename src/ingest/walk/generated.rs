//! Folders and files that tools make from others, and would make again: nobody's documents, and often many times as many.
//!
//! Only what is told for certain: by a name that means nothing else, by a file within that says so, or by what the folder
//! lies beside. A folder that merely has a common name, as `build`, `dist`, `out` or `vendor`, is somebody's.

use std::path::Path;

use walkdir::DirEntry;

use crate::disk::{Links, read_regular};

/// Names of folders that mean nothing else.
const FOLDERS: [&str; 30] = [
    "node_modules",
    "bower_components",
    "jspm_packages",
    "elm-stuff",
    "DerivedData", // packages and what is built of them
    "__pycache__",
    "__pypackages__",
    "site-packages",
    ".venv",
    ".tox",
    ".nox",
    ".eggs",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".ipynb_checkpoints",
    ".gradle",
    ".terraform",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".parcel-cache",
    ".turbo",
    ".dart_tool",
    ".zig-cache",
    "zig-cache",
    ".svn",
    ".hg",
    ".jj",
    "_darcs",
];

/// Names of folders that are made by the tool whose project file lies beside them.
const BESIDE: [(&str, &[&str]); 6] = [
    ("target", &["Cargo.toml", "pom.xml", "build.sbt"]),
    ("build", &["build.gradle", "build.gradle.kts"]),
    ("Pods", &["Podfile"]),
    ("_build", &["mix.exs", "rebar.config", "dune-project"]),
    ("deps", &["mix.exs"]),
    ("dist-newstyle", &["cabal.project"]),
];

/// Files that only a folder of this kind has: Python's environments, CMake's builds.
const WITHIN: [&str; 2] = ["pyvenv.cfg", "CMakeCache.txt"];

/// What its makers put into a folder to say that it can be made again, and how it begins; see bford.info/cachedir.
const TAG: (&str, &[u8]) = ("CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55");
/// A tag has few lines.
const TAG_BYTES: u64 = 8 << 10;

/// Files in which tools write down which versions they took.
const FILES: [&str; 23] = [
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "deno.lock",
    "Cargo.lock",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "pixi.lock",
    "Pipfile.lock",
    "composer.lock",
    "Gemfile.lock",
    "Podfile.lock",
    "mix.lock",
    "pubspec.lock",
    "flake.lock",
    "gradle.lockfile",
    "packages.lock.json",
    "go.sum",
    "Package.resolved",
    "conda-lock.yml",
];

/// The name of an entry that tools make.
pub(super) fn name(entry: &DirEntry, folder: bool) -> Option<String> {
    let name = entry.file_name().to_str()?;
    let made = if folder { is_made(entry.path(), name) } else { FILES.contains(&name) };
    made.then(|| name.to_owned())
}

fn is_made(path: &Path, name: &str) -> bool {
    let has = |folder: &Path, file: &str| folder.join(file).symlink_metadata().is_ok_and(|found| found.is_file());
    let beside = |files: &[&str]| path.parent().is_some_and(|parent| files.iter().any(|file| has(parent, file)));
    FOLDERS.contains(&name)
        || BESIDE.iter().any(|(known, files)| *known == name && beside(files))
        || WITHIN.iter().any(|file| has(path, file))
        || has(path, TAG.0) && is_tag(&path.join(TAG.0))
}

fn is_tag(path: &Path) -> bool {
    read_regular(path, Links::Refuse, TAG_BYTES).is_ok_and(|text| text.is_some_and(|text| text.starts_with(TAG.1)))
}
