//! The state that each run begins with.

use super::{QUESTION, RunKind, Stage, StageStep};
use crate::rig::corpus::{self, Corpus, CorpusDocuments};
use crate::rig::place;
use crate::run::{self, Result, TaskFailure};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;

impl Stage {
    pub(super) fn prepare(&mut self, place: &Path, root: &Path) -> Result {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let (folder, collection, model) = (text(&self.folder), text(&self.collection), text(&self.model));
        let (folder, collection, model) = (folder.as_str(), collection.as_str(), model.as_str());
        let create = StageStep::new(["index", folder, "--collection", collection, "--model", model]);
        let index = StageStep::new(["index", folder, "--collection", collection]);
        let rebuild = StageStep::new(["rebuild", "--collection", collection]);
        let Corpus { before, after, last } = self.corpus.clone();
        let nothing = CorpusDocuments::new();
        let base = place.join("base");
        self.bases = vec![(base.clone(), self.collection.clone())];
        self.heal = vec![index.clone()];
        let lines = place.join("documents.jsonl");
        let import = |more: &[&str]| {
            let mut step = StageStep::new(["import", &text(&lines), "--collection", collection]);
            step.words.extend(more.iter().map(|&word| word.to_owned()));
            step
        };
        match self.run {
            RunKind::Create | RunKind::Graph => {
                corpus::write_documents(&self.folder, &nothing, &after)?;
                (self.command, self.heal) = (create.clone(), vec![create]);
                self.versions = vec![nothing, after];
            }
            RunKind::Index | RunKind::Read | RunKind::Watch => {
                corpus::write_documents(&self.folder, &nothing, &before)?;
                self.run_successfully(&create)?;
                place::copy(&self.collection, &base)?;
                corpus::write_documents(&self.folder, &before, &after)?;
                self.command = index;
                self.versions = vec![before, after];
                if self.run == RunKind::Watch {
                    self.command = StageStep::new(["watch", folder, "--collection", collection, "--delay-ms", "40"]);
                    self.versions.push(last);
                }
            }
            RunKind::Import | RunKind::ImportNew => {
                let line = |(id, text): (&String, &String)| format!("{}\n", json!({ "id": id, "text": text }));
                let written: String = after.iter().map(line).collect();
                fs::write(&lines, written).map_err(TaskFailure::io("write", &lines))?;
                if self.run == RunKind::Import {
                    corpus::write_documents(&self.folder, &nothing, &before)?;
                    self.run_successfully(&create)?;
                    place::copy(&self.collection, &base)?;
                    self.command = import(&[]);
                    // An import removes no documents.
                    let mut both = before.clone();
                    both.extend(after);
                    self.versions = vec![before, both];
                } else {
                    self.command = import(&["--model", model]);
                    self.versions = vec![nothing, after];
                }
                self.heal = vec![self.command.clone()];
            }
            RunKind::Rebuild
            | RunKind::RebuildRecords
            | RunKind::Search
            | RunKind::Verify
            | RunKind::Export
            | RunKind::Pack => {
                corpus::write_documents(&self.folder, &nothing, &before)?;
                self.run_successfully(&create)?;
                // Two generations, so that some rows are marked deleted.
                corpus::write_documents(&self.folder, &before, &after)?;
                self.run_successfully(&index)?;
                place::copy(&self.collection, &base)?;
                self.command = match self.run {
                    RunKind::Rebuild | RunKind::RebuildRecords => rebuild.clone(),
                    RunKind::Verify => StageStep::new(["verify", "--collection", collection]),
                    RunKind::Export => StageStep::new(["export", "--collection", collection]),
                    _ => self.search(QUESTION, "hybrid"),
                };
                if self.run == RunKind::RebuildRecords {
                    place::remove_if_exists(&base.join("records"))?;
                    self.heal = vec![rebuild, index];
                }
                if self.run == RunKind::Pack {
                    self.scope = self.model.clone();
                    for name in place::relative_paths(&self.model).iter().filter(|name| name.contains(".packed")) {
                        let path = self.model.join(name);
                        fs::remove_file(&path).map_err(TaskFailure::io("remove", &path))?;
                    }
                    place::copy(&self.model, &place.join("unpacked"))?;
                    self.bases.push((place.join("unpacked"), self.model.clone()));
                    self.heal = vec![self.command.clone()];
                }
                self.versions = vec![after];
            }
            RunKind::Migrate => {
                place::remove_if_exists(&self.collection)?;
                fs::create_dir_all(&self.collection).map_err(TaskFailure::io("make", &self.collection))?;
                let fixture = root.join("migrations/v0001_initial/fixture.tar.gz");
                let mut tar = Command::new("tar");
                run::succeed(tar.arg("xzf").arg(fixture).arg("-C").arg(&self.collection))?;
                self.command = StageStep::new(["migrate", "--collection", collection]);
                // The collection was not made here, so the program may need to trust it. An older program has no such command.
                self.step(&StageStep::new(["trust", "--collection", collection]))?;
                place::copy(&self.collection, &base)?;
                self.heal = vec![self.command.clone()];
            }
            RunKind::ModelImport => {
                let models = self.program.data().join("models");
                self.scope = models.clone();
                self.bases = vec![(place.join("none"), models)];
                self.command = StageStep::new(["model", "import", model, "--name", "copy"]);
                let mut encode = StageStep::new(["encode", "--model", "copy", "--offline"]);
                encode.input = Some("the archive\n网络\n".to_owned());
                // The name is taken, so the import is refused.
                let mut again = self.command.clone();
                again.may_fail = true;
                self.heal = vec![again, encode];
            }
        }
        Ok(())
    }
}
