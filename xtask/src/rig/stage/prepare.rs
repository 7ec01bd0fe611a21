//! The state that each run begins with.

use super::{QUESTION, Run, Stage, Step};
use crate::rig::corpus::{self, Corpus, Documents};
use crate::rig::place;
use crate::run::{self, Failure, Result};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;

impl Stage {
    pub(super) fn prepare(&mut self, place: &Path, root: &Path) -> Result {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let (folder, collection, model) = (text(&self.folder), text(&self.collection), text(&self.model));
        let (folder, collection, model) = (folder.as_str(), collection.as_str(), model.as_str());
        let create = Step::new(["index", folder, "--collection", collection, "--model", model]);
        let index = Step::new(["index", folder, "--collection", collection]);
        let rebuild = Step::new(["rebuild", "--collection", collection]);
        let Corpus { before, after, last } = self.corpus.clone();
        let nothing = Documents::new();
        let base = place.join("base");
        self.bases = vec![(base.clone(), self.collection.clone())];
        self.heal = vec![index.clone()];
        let lines = place.join("documents.jsonl");
        let import = |more: &[&str]| {
            let mut step = Step::new(["import", &text(&lines), "--collection", collection]);
            step.words.extend(more.iter().map(|&word| word.to_owned()));
            step
        };
        match self.run {
            Run::Create | Run::Graph => {
                corpus::lay(&self.folder, &nothing, &after)?;
                (self.command, self.heal) = (create.clone(), vec![create]);
                self.versions = vec![nothing, after];
            }
            Run::Index | Run::Read | Run::Watch => {
                corpus::lay(&self.folder, &nothing, &before)?;
                self.must(&create)?;
                place::copy(&self.collection, &base)?;
                corpus::lay(&self.folder, &before, &after)?;
                self.command = index;
                self.versions = vec![before, after];
                if self.run == Run::Watch {
                    self.command = Step::new(["watch", folder, "--collection", collection, "--delay-ms", "40"]);
                    self.versions.push(last);
                }
            }
            Run::Import | Run::ImportNew => {
                let line = |(id, text): (&String, &String)| format!("{}\n", json!({ "id": id, "text": text }));
                let written: String = after.iter().map(line).collect();
                fs::write(&lines, written).map_err(Failure::io("write", &lines))?;
                if self.run == Run::Import {
                    corpus::lay(&self.folder, &nothing, &before)?;
                    self.must(&create)?;
                    place::copy(&self.collection, &base)?;
                    self.command = import(&[]);
                    // Importing takes nothing away.
                    let mut both = before.clone();
                    both.extend(after);
                    self.versions = vec![before, both];
                } else {
                    self.command = import(&["--model", model]);
                    self.versions = vec![nothing, after];
                }
                self.heal = vec![self.command.clone()];
            }
            Run::Rebuild | Run::RebuildRecords | Run::Search | Run::Verify | Run::Export | Run::Pack => {
                corpus::lay(&self.folder, &nothing, &before)?;
                self.must(&create)?;
                // Two generations, so that there are rows that no longer count.
                corpus::lay(&self.folder, &before, &after)?;
                self.must(&index)?;
                place::copy(&self.collection, &base)?;
                self.command = match self.run {
                    Run::Rebuild | Run::RebuildRecords => rebuild.clone(),
                    Run::Verify => Step::new(["verify", "--collection", collection]),
                    Run::Export => Step::new(["export", "--collection", collection]),
                    _ => self.search(QUESTION, "hybrid"),
                };
                if self.run == Run::RebuildRecords {
                    place::clear(&base.join("records"))?;
                    self.heal = vec![rebuild, index];
                }
                if self.run == Run::Pack {
                    self.scope = self.model.clone();
                    for name in place::names(&self.model).iter().filter(|name| name.contains(".packed")) {
                        let path = self.model.join(name);
                        fs::remove_file(&path).map_err(Failure::io("remove", &path))?;
                    }
                    place::copy(&self.model, &place.join("unpacked"))?;
                    self.bases.push((place.join("unpacked"), self.model.clone()));
                    self.heal = vec![self.command.clone()];
                }
                self.versions = vec![after];
            }
            Run::Migrate => {
                place::clear(&self.collection)?;
                fs::create_dir_all(&self.collection).map_err(Failure::io("make", &self.collection))?;
                let fixture = root.join("migrations/v0001_initial/fixture.tar.gz");
                let mut tar = Command::new("tar");
                run::succeed(tar.arg("xzf").arg(fixture).arg("-C").arg(&self.collection))?;
                self.command = Step::new(["migrate", "--collection", collection]);
                // It was not made here. A program that knows trust may want that said; what it answers is not looked at.
                self.step(&Step::new(["trust", "--collection", collection]))?;
                place::copy(&self.collection, &base)?;
                self.heal = vec![self.command.clone()];
            }
            Run::ModelImport => {
                let models = self.program.data().join("models");
                self.scope = models.clone();
                self.bases = vec![(place.join("none"), models)];
                self.command = Step::new(["model", "import", model, "--name", "copy"]);
                let mut encode = Step::new(["encode", "--model", "copy", "--offline"]);
                encode.input = Some("the archive\n网络\n".to_owned());
                // It refuses a name that is taken.
                let mut again = self.command.clone();
                again.may_fail = true;
                self.heal = vec![again, encode];
            }
        }
        Ok(())
    }
}
