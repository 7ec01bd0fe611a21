//! Folders and files that tools generate from other files. They are not documents, and there are often far more of them.
//!
//! An entry is left out only if it is certain: by a name that has no other use, by a marker file inside, or by a project file
//! next to the folder. Folders with common names (`build`, `dist`, `out`, `vendor`) may contain documents and are walked.

use std::path::Path;

use walkdir::DirEntry;

use crate::disk::{Links, read_regular};

/// Folder names that have no other use.
const FOLDER_NAMES: [&str; 30] = [
    "node_modules",
    "bower_components",
    "jspm_packages",
    "elm-stuff",
    "DerivedData", // packages and build results
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

/// Folder names that a tool uses for generated files, with the project files of the tool, one of which is next to the folder.
const FOLDERS_NEXT_TO_PROJECT: [(&str, &[&str]); 6] = [
    ("target", &["Cargo.toml", "pom.xml", "build.sbt"]),
    ("build", &["build.gradle", "build.gradle.kts"]),
    ("Pods", &["Podfile"]),
    ("_build", &["mix.exs", "rebar.config", "dune-project"]),
    ("deps", &["mix.exs"]),
    ("dist-newstyle", &["cabal.project"]),
];

/// Files that only a generated folder has: Python's environments, CMake's builds.
const MARKER_FILES: [&str; 2] = ["pyvenv.cfg", "CMakeCache.txt"];

/// The marker file of a cache folder, and its first bytes; see bford.info/cachedir.
const CACHE_TAG: (&str, &[u8]) = ("CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55");
/// The bytes that are read of a marker file, which has few lines.
const CACHE_TAG_BYTES: u64 = 8 << 10;

/// Lock files: tools write the versions of dependencies into them.
const LOCK_FILES: [&str; 23] = [
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

/// Returns the name of an entry that tools generate; `None` for other entries.
pub(super) fn name(entry: &DirEntry, folder: bool) -> Option<String> {
    let name = entry.file_name().to_str()?;
    let made = if folder { is_generated(entry.path(), name) } else { LOCK_FILES.contains(&name) };
    made.then(|| name.to_owned())
}

fn is_generated(path: &Path, name: &str) -> bool {
    let has = |folder: &Path, file: &str| folder.join(file).symlink_metadata().is_ok_and(|found| found.is_file());
    let beside = |files: &[&str]| path.parent().is_some_and(|parent| files.iter().any(|file| has(parent, file)));
    FOLDER_NAMES.contains(&name)
        || FOLDERS_NEXT_TO_PROJECT.iter().any(|(known, files)| *known == name && beside(files))
        || MARKER_FILES.iter().any(|file| has(path, file))
        || has(path, CACHE_TAG.0) && is_tag(&path.join(CACHE_TAG.0))
}

fn is_tag(path: &Path) -> bool {
    read_regular(path, Links::Refuse, CACHE_TAG_BYTES)
        .is_ok_and(|text| text.is_some_and(|text| text.starts_with(CACHE_TAG.1)))
}
