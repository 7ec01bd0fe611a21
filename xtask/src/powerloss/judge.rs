//! One case: what is left of the collection, and whether the program puts it right without a hand.

use super::recording::{self, Recording};
use super::spec::Spec;
use crate::fault::unsound;
use crate::rig::advice::{self, Names};
use crate::rig::answers::{self, difference};
use crate::rig::ledger::Record;
use crate::rig::place;
use crate::rig::program::{End, Ran};
use crate::rig::stage::{Run, Stage, Step};
use crate::rig::{Random, hash};
use crate::run::{Failure, Result};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::time::Instant;

/// How often advice is followed, to tell what wants a hand from what stays broken.
const PATIENCE: usize = 2;
/// A document that is in no recording.
const EXTRA: (&str, &str) = ("extra", "a document of its own");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Ok,
    /// Readers named an error before the next run put it right.
    Refused,
    /// What was acknowledged is gone.
    Lost,
    /// A document is neither old nor new.
    Mixed,
    /// The records alone do not hold what was acknowledged.
    RecordsLost,
    WantsHand,
    StaysBroken,
    Different,
    LeftOver,
    Unsound(&'static str),
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "ok-readers-refused",
            Self::Lost => "acknowledged lost",
            Self::Mixed => "mixed",
            Self::RecordsLost => "records lost",
            Self::WantsHand => "wants a hand",
            Self::StaysBroken => "stays broken",
            Self::Different => "success-but-different",
            Self::LeftOver => "left-over",
            Self::Unsound(what) => what,
        }
    }

    fn is_bad(self) -> bool {
        !matches!(self, Self::Ok | Self::Refused)
    }
}

struct Judge<'a> {
    stage: &'a Stage,
    recording: &'a Recording,
    after: usize,
    steps: Vec<String>,
    wrong: Option<(Class, String)>,
}

/// Lets the power go, starts again, and says what came of it.
///
/// # Errors
/// The rig itself fails.
pub(crate) fn case(stage: &Stage, recording: &Recording, spec: &Spec, seed: u64) -> Result<Record> {
    let began = Instant::now();
    if spec.after > recording.ops.len() {
        return Err(Failure::usage(format!("{} has {} operations", spec.run.name(), recording.ops.len())));
    }
    let image = recording.disk(spec.after).left(spec.keeps, &mut Random(seed ^ hash(&spec.to_string())));
    recording::lay(&image, &stage.folder)?;
    let mut judge = Judge { stage, recording, after: spec.after, steps: Vec::new(), wrong: None };
    let class = judge.judge()?;
    let class = judge.wrong.as_ref().map_or(class, |(class, _)| *class);
    let hide = |text: String| text.replace(&*stage.program.place.to_string_lossy(), "~");
    let at = spec
        .after
        .checked_sub(1)
        .and_then(|at| recording.ops.get(at))
        .map_or_else(String::new, |op| format!("after {}", op.shown()));
    Ok(Record {
        case: spec.to_string(),
        seed,
        class: class.name().to_owned(),
        bad: class.is_bad(),
        at,
        why: hide(judge.wrong.map_or_else(String::new, |(_, why)| why)),
        steps: judge.steps.into_iter().map(hide).collect(),
        milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

impl Judge<'_> {
    fn judge(&mut self) -> Result<Class> {
        let mut class = Class::Ok;
        if self.stage.collection.join("head").exists() {
            self.run(&self.of_collection("verify"))?;
            if !self.acknowledged(&self.stage.collection)? {
                class = Class::Refused;
            }
            if self.begins_whole() {
                self.records_alone()?;
            }
        }
        let heal = self.heal()?;
        let mut failed = None;
        for step in &heal {
            let ran = self.run(step)?;
            if !ran.succeeded() {
                failed = Some(ran);
                break;
            }
            // Before the rest is written again: what was acknowledged must be there.
            if self.imports() && !self.acknowledged(&self.stage.collection)? {
                self.is(Class::Different, "it succeeds, and export does not".to_owned());
            }
        }
        if failed.is_none() {
            let verify = self.run(&self.of_collection("verify"))?;
            failed = (!verify.succeeded()).then_some(verify);
        }
        match failed {
            None => self.end()?,
            Some(ran) => self.hand(&heal, &ran)?,
        }
        Ok(class)
    }

    /// Whether the run begins with records to which nothing was done.
    fn begins_whole(&self) -> bool {
        !matches!(self.stage.run, Run::Rebuild | Run::RebuildRecords | Run::Migrate)
    }

    /// The records must hold what was acknowledged on their own: on a copy without the published generation, which would make up for
    /// what they lost.
    fn records_alone(&mut self) -> Result {
        let alone = self.stage.program.place.join("alone");
        place::copy(&self.stage.collection, &alone)?;
        place::clear(&alone.join("published"))?;
        let rebuild = self.run(&of("rebuild", &alone))?;
        // A collection of which nothing was acknowledged is none yet.
        let nothing = self.recording.acknowledged(self.after).is_none_or(|all| all.is_empty());
        if !rebuild.succeeded() && !nothing {
            self.is(Class::RecordsLost, format!("without what is published, rebuild says {}", rebuild.words()));
        } else if rebuild.succeeded() && !self.acknowledged(&alone)? {
            self.is(Class::RecordsLost, "made again from the records, it cannot be exported".to_owned());
        }
        place::clear(&alone)
    }

    fn imports(&self) -> bool {
        matches!(self.stage.run, Run::Import | Run::ImportNew)
    }

    /// What a person does next. Imported documents lie nowhere else: another one is imported first, which must bring back all of
    /// them that were acknowledged.
    fn heal(&self) -> Result<Vec<Step>> {
        let mut heal = self.stage.heal.clone();
        if self.imports() {
            let path = self.stage.program.place.join("extra.jsonl");
            let line = json!({ "id": EXTRA.0, "text": EXTRA.1 });
            fs::write(&path, format!("{line}\n")).map_err(Failure::io("write", &path))?;
            let mut extra = heal[0].clone();
            extra.words[1] = path.to_string_lossy().into_owned();
            heal.insert(0, extra);
        }
        Ok(heal)
    }

    /// Whether export answers. What it answers must be old or new, with all that was acknowledged.
    fn acknowledged(&mut self, collection: &Path) -> Result<bool> {
        let export = self.run(&of("export", collection))?;
        // 1 says that there are no documents, which is an answer.
        if !matches!(export.end, End::Code(0 | 1)) {
            return Ok(false);
        }
        let mut documents = match answers::documents(&export.out) {
            Ok(documents) => documents,
            Err(wrong) => {
                self.is(Class::Mixed, wrong);
                return Ok(true);
            }
        };
        documents.remove(EXTRA.0);
        let versions: Vec<_> =
            self.stage.versions.iter().chain(self.recording.acknowledged.iter().map(|(_, all)| all)).collect();
        let last = self.stage.versions.last();
        if let Some(acknowledged) = self.recording.acknowledged(self.after) {
            // What is removed in the end may be gone already.
            let stays = |id: &String| last.is_none_or(|last| last.contains_key(id));
            if let Some(id) = acknowledged.keys().find(|id| !documents.contains_key(*id) && stays(id)) {
                self.is(Class::Lost, format!("{id} was acknowledged"));
            }
        }
        if let Some(wrong) = answers::mixed(&documents, &versions) {
            self.is(Class::Mixed, wrong);
        }
        Ok(true)
    }

    /// Everything as the recorded run left it.
    fn end(&mut self) -> Result {
        let Some(expected) = &self.stage.answers else { return Ok(()) };
        match self.stage.answers()? {
            Err(wrong) => self.is(Class::StaysBroken, format!("afterwards {wrong}")),
            Ok(mut found) => {
                let mut expected = expected.clone();
                if self.imports() {
                    found.documents.remove(EXTRA.0);
                    (found.whole, found.hits) = (String::new(), Vec::new());
                    (expected.whole, expected.hits) = (String::new(), Vec::new());
                }
                if let Some(wrong) = difference(&expected, &found) {
                    self.is(Class::Different, format!("afterwards {wrong}"));
                }
            }
        }
        let more: Vec<String> = self.stage.kinds_now().difference(&self.stage.kinds).cloned().collect();
        if !more.is_empty() {
            self.is(Class::LeftOver, format!("afterwards there is {}", more.join(", ")));
        }
        Ok(())
    }

    /// The next run is not enough. Whether its advice is, is told apart, though neither may be.
    fn hand(&mut self, heal: &[Step], first: &Ran) -> Result {
        let why = first.words();
        let mut said = format!("{}\n{}", first.said, first.out);
        for _ in 0..PATIENCE {
            let advice = self.advice(&said);
            let Some(words) = advice.into_iter().find(|words| words[0] != "verify") else { break };
            let ran = self.run(&Step::of(words))?;
            said = ran.said;
            let mut well = true;
            for step in heal {
                let ran = self.run(step)?;
                well &= ran.succeeded();
                said.push_str(&ran.said);
            }
            let verify = self.run(&self.of_collection("verify"))?;
            if well && verify.succeeded() {
                self.is(Class::WantsHand, why);
                return Ok(());
            }
            said.push_str(&verify.said);
        }
        self.is(Class::StaysBroken, why);
        Ok(())
    }

    fn advice(&self, said: &str) -> Vec<Vec<String>> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let stage = self.stage;
        let (folder, collection, model) = (text(&stage.folder), text(&stage.collection), text(&stage.model));
        advice::commands(said, Names { folder: &folder, collection: &collection, model: &model })
    }

    fn of_collection(&self, command: &str) -> Step {
        of(command, &self.stage.collection)
    }

    fn run(&mut self, step: &Step) -> Result<Ran> {
        let ran = self.stage.step(step)?;
        let end = match ran.end {
            End::Code(code) => code.to_string(),
            End::Signal(signal) => format!("signal {signal}"),
            End::Stuck => "stuck".to_owned(),
        };
        let words: String = ran.words().chars().take(240).collect();
        self.steps.push(format!("nigh {} → {end}: {words}", step.shown()));
        if let Some(class) = unsound(&ran) {
            self.wrong = Some((Class::Unsound(class.name()), format!("`nigh {}`: {words}", step.words[0])));
        }
        Ok(ran)
    }

    /// Keeps the first thing that is wrong.
    fn is(&mut self, class: Class, why: String) {
        self.wrong.get_or_insert((class, why));
    }
}

fn of(command: &str, collection: &Path) -> Step {
    Step::new([command, "--collection", &collection.to_string_lossy()])
}
