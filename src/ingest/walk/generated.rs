//! Folders and files that tools generate from other files, and the stores of version control. They are not documents, and there are
//! often far more of them than documents.
//!
//! An entry is left out only if this is certain: it has a name without another use, a marker file inside, or a project file next to
//! it. Folders with common names (`build`, `dist`, `out`, `vendor`) may contain documents and are walked.

use std::path::Path;

use walkdir::DirEntry;

use crate::disk::{Links, read_regular};

/// Folder names that have no other use.
const FOLDER_NAMES: [&str; 30] = [
    "node_modules",
    "bower_components",
    "jspm_packages",
    "elm-stuff",
    "DerivedData",
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

/// The name of the marker file of a cache folder; see bford.info/cachedir.
const CACHE_TAG_NAME: &str = "CACHEDIR.TAG";
/// The first bytes of that file.
const CACHE_TAG_BEGINNING: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";
/// The size up to which a marker file is read; real ones have a few lines.
const MAX_CACHE_TAG_BYTES: u64 = 8 << 10;

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
pub(super) fn generated_name(entry: &DirEntry, is_folder: bool) -> Option<String> {
    let name = entry.file_name().to_str()?;
    let generated = if is_folder { is_generated_folder(entry.path(), name) } else { LOCK_FILES.contains(&name) };
    generated.then(|| name.to_owned())
}

fn is_generated_folder(path: &Path, name: &str) -> bool {
    let has = |folder: &Path, file: &str| folder.join(file).symlink_metadata().is_ok_and(|entry| entry.is_file());
    let is_next_to = |files: &[&str]| path.parent().is_some_and(|parent| files.iter().any(|file| has(parent, file)));
    FOLDER_NAMES.contains(&name)
        || FOLDERS_NEXT_TO_PROJECT.iter().any(|(known, files)| *known == name && is_next_to(files))
        || MARKER_FILES.iter().any(|file| has(path, file))
        || has(path, CACHE_TAG_NAME) && is_cache_tag(&path.join(CACHE_TAG_NAME))
}

fn is_cache_tag(path: &Path) -> bool {
    read_regular(path, Links::Refuse, MAX_CACHE_TAG_BYTES)
        .is_ok_and(|text| text.is_some_and(|text| text.starts_with(CACHE_TAG_BEGINNING)))
}
