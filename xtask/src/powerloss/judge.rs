//! One case: what remains of the collection, and whether the program repairs it without help.

use super::recording::{self, Recording};
use super::spec::PowerlossCase;
use crate::fault::unsound;
use crate::rig::advice::{self, Placeholders};
use crate::rig::answers::{self, difference};
use crate::rig::ledger::CaseResult;
use crate::rig::place;
use crate::rig::program::{End, RunResult};
use crate::rig::stage::{RunKind, Stage, StageStep};
use crate::rig::{Random, hash};
use crate::run::{Result, TaskFailure};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::time::Instant;

/// Maximum number of times that printed advice is followed, to tell a collection that advice repairs from one that stays broken.
const MAX_ADVICE_ROUNDS: usize = 2;
/// A document that is in no recording.
const EXTRA: (&str, &str) = ("extra", "a document of its own");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PowerlossClass {
    Ok,
    /// Readers reported an error, until the next run repaired the collection.
    Refused,
    /// An acknowledged document is lost.
    Lost,
    /// A document is neither old nor new.
    Mixed,
    /// The records alone do not hold all acknowledged documents.
    RecordsLost,
    /// The next run failed, but following its advice repaired the collection.
    NeedsAdvice,
    /// Neither the next run nor its advice repaired the collection.
    StaysBroken,
    /// Success, but another result than that of an undisturbed run.
    Different,
    /// A file remains that no undisturbed run leaves.
    LeftOver,
    /// A panic, a signal or a hang.
    Unsound(&'static str),
}

impl PowerlossClass {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "ok-readers-refused",
            Self::Lost => "acknowledged lost",
            Self::Mixed => "mixed",
            Self::RecordsLost => "records lost",
            Self::NeedsAdvice => "needs advice",
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

struct PowerlossJudge<'a> {
    stage: &'a Stage,
    recording: &'a Recording,
    after: usize,
    steps: Vec<String>,
    wrong: Option<(PowerlossClass, String)>,
}

/// Simulates the power loss, restarts, and classifies the outcome.
///
/// # Errors
/// If the rig itself fails.
pub(crate) fn case(stage: &Stage, recording: &Recording, spec: &PowerlossCase, seed: u64) -> Result<CaseResult> {
    let began = Instant::now();
    if spec.after > recording.ops.len() {
        return Err(TaskFailure::usage(format!("{} has {} operations", spec.run.name(), recording.ops.len())));
    }
    let image = recording.disk(spec.after).after_power_loss(spec.keeps, &mut Random(seed ^ hash(&spec.to_string())));
    recording::write_image(&image, &stage.folder)?;
    let mut judge = PowerlossJudge { stage, recording, after: spec.after, steps: Vec::new(), wrong: None };
    let class = judge.judge()?;
    let class = judge.wrong.as_ref().map_or(class, |(class, _)| *class);
    let hide = |text: String| text.replace(&*stage.program.place.to_string_lossy(), "~");
    let at = spec
        .after
        .checked_sub(1)
        .and_then(|at| recording.ops.get(at))
        .map_or_else(String::new, |op| format!("after {}", op.description()));
    Ok(CaseResult {
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

impl PowerlossJudge<'_> {
    fn judge(&mut self) -> Result<PowerlossClass> {
        // Right after the power loss, acknowledged documents must be readable, or an error must be reported.
        let mut class = PowerlossClass::Ok;
        if self.stage.collection.join("head").exists() {
            self.run(&self.collection_step("verify"))?;
            if !self.check_export(&self.stage.collection)? {
                class = PowerlossClass::Refused;
            }
            if self.begins_intact() {
                self.check_records_alone()?;
            }
        }
        // The next commands of a user must repair everything.
        let heal = self.next_steps()?;
        let mut failed = None;
        for step in &heal {
            let ran = self.run(step)?;
            if !ran.succeeded() {
                failed = Some(ran);
                break;
            }
            // Acknowledged documents must be there before the rest is written again.
            if self.imports() && !self.check_export(&self.stage.collection)? {
                self.record_failure(PowerlossClass::Different, "the run succeeds, export fails".to_owned());
            }
        }
        if failed.is_none() {
            let verify = self.run(&self.collection_step("verify"))?;
            failed = (!verify.succeeded()).then_some(verify);
        }
        match failed {
            None => self.compare_result()?,
            Some(ran) => self.follow_advice(&heal, &ran)?,
        }
        Ok(class)
    }

    /// True if the run begins with intact records.
    fn begins_intact(&self) -> bool {
        !matches!(self.stage.run, RunKind::Rebuild | RunKind::RebuildRecords | RunKind::Migrate)
    }

    /// The records alone must hold all acknowledged documents. Checked on a copy without the published generation, which could hide
    /// a loss.
    fn check_records_alone(&mut self) -> Result {
        let copy = self.stage.program.place.join("alone");
        place::copy(&self.stage.collection, &copy)?;
        place::remove_if_exists(&copy.join("published"))?;
        let rebuild = self.run(&step_on("rebuild", &copy))?;
        // Without an acknowledged document the collection need not exist.
        let nothing = self.recording.acknowledged(self.after).is_none_or(|all| all.is_empty());
        if !rebuild.succeeded() && !nothing {
            self.record_failure(
                PowerlossClass::RecordsLost,
                format!("without the published index, rebuild says {}", rebuild.words()),
            );
        } else if rebuild.succeeded() && !self.check_export(&copy)? {
            self.record_failure(
                PowerlossClass::RecordsLost,
                "after a rebuild from the records, export fails".to_owned(),
            );
        }
        place::remove_if_exists(&copy)
    }

    fn imports(&self) -> bool {
        matches!(self.stage.run, RunKind::Import | RunKind::ImportNew)
    }

    /// Returns the next commands of a user. Imported documents have no source file, so another document is imported first: after that, all
    /// acknowledged documents must be there.
    fn next_steps(&self) -> Result<Vec<StageStep>> {
        let mut heal = self.stage.heal.clone();
        if self.imports() {
            let path = self.stage.program.place.join("extra.jsonl");
            let line = json!({ "id": EXTRA.0, "text": EXTRA.1 });
            fs::write(&path, format!("{line}\n")).map_err(TaskFailure::io("write", &path))?;
            let mut extra = heal[0].clone();
            extra.words[1] = path.to_string_lossy().into_owned();
            heal.insert(0, extra);
        }
        Ok(heal)
    }

    /// Checks the documents of export: they must be old or new, and include all acknowledged ones. Returns whether export succeeded.
    fn check_export(&mut self, collection: &Path) -> Result<bool> {
        let export = self.run(&step_on("export", collection))?;
        // Exit code 1: the collection is empty.
        if !matches!(export.end, End::Code(0 | 1)) {
            return Ok(false);
        }
        let mut documents = match answers::documents(&export.out) {
            Ok(documents) => documents,
            Err(wrong) => {
                self.record_failure(PowerlossClass::Mixed, wrong);
                return Ok(true);
            }
        };
        documents.remove(EXTRA.0);
        let versions: Vec<_> =
            self.stage.versions.iter().chain(self.recording.acknowledged.iter().map(|(_, all)| all)).collect();
        let last = self.stage.versions.last();
        if let Some(acknowledged) = self.recording.acknowledged(self.after) {
            // A document that the run removes may be gone already.
            let stays = |id: &String| last.is_none_or(|last| last.contains_key(id));
            if let Some(id) = acknowledged.keys().find(|id| !documents.contains_key(*id) && stays(id)) {
                self.record_failure(PowerlossClass::Lost, format!("{id} was acknowledged"));
            }
        }
        if let Some(wrong) = answers::mixed(&documents, &versions) {
            self.record_failure(PowerlossClass::Mixed, wrong);
        }
        Ok(true)
    }

    /// Compares the collection with the one that the recorded run left.
    fn compare_result(&mut self) -> Result {
        let Some(expected) = &self.stage.answers else { return Ok(()) };
        match self.stage.answers()? {
            Err(wrong) => self.record_failure(PowerlossClass::StaysBroken, format!("afterwards {wrong}")),
            Ok(mut found) => {
                let mut expected = expected.clone();
                if self.imports() {
                    found.documents.remove(EXTRA.0);
                    (found.whole, found.hits) = (String::new(), Vec::new());
                    (expected.whole, expected.hits) = (String::new(), Vec::new());
                }
                if let Some(wrong) = difference(&expected, &found) {
                    self.record_failure(PowerlossClass::Different, format!("afterwards {wrong}"));
                }
            }
        }
        let more: Vec<String> = self.stage.kinds_now().difference(&self.stage.kinds).cloned().collect();
        if !more.is_empty() {
            self.record_failure(PowerlossClass::LeftOver, format!("afterwards there is {}", more.join(", ")));
        }
        Ok(())
    }

    /// The next run did not repair the collection: checks whether its advice does. Both are failures, of different classes.
    fn follow_advice(&mut self, heal: &[StageStep], first: &RunResult) -> Result {
        let why = first.words();
        let mut output = format!("{}\n{}", first.stderr, first.out);
        for _ in 0..MAX_ADVICE_ROUNDS {
            let advice = self.advice(&output);
            let Some(words) = advice.into_iter().find(|words| words[0] != "verify") else { break };
            let ran = self.run(&StageStep::from_words(words))?;
            output = ran.stderr;
            let mut well = true;
            for step in heal {
                let ran = self.run(step)?;
                well &= ran.succeeded();
                output.push_str(&ran.stderr);
            }
            let verify = self.run(&self.collection_step("verify"))?;
            if well && verify.succeeded() {
                self.record_failure(PowerlossClass::NeedsAdvice, why);
                return Ok(());
            }
            output.push_str(&verify.stderr);
        }
        self.record_failure(PowerlossClass::StaysBroken, why);
        Ok(())
    }

    fn advice(&self, output: &str) -> Vec<Vec<String>> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let stage = self.stage;
        let (folder, collection, model) = (text(&stage.folder), text(&stage.collection), text(&stage.model));
        advice::commands(output, Placeholders { folder: &folder, collection: &collection, model: &model })
    }

    fn collection_step(&self, command: &str) -> StageStep {
        step_on(command, &self.stage.collection)
    }

    fn run(&mut self, step: &StageStep) -> Result<RunResult> {
        let ran = self.stage.step(step)?;
        let end = match ran.end {
            End::Code(code) => code.to_string(),
            End::Signal(signal) => format!("signal {signal}"),
            End::Stuck => "stuck".to_owned(),
        };
        let words: String = ran.words().chars().take(240).collect();
        self.steps.push(format!("nigh {} → {end}: {words}", step.description()));
        if let Some(class) = unsound(&ran) {
            self.wrong = Some((PowerlossClass::Unsound(class.name()), format!("`nigh {}`: {words}", step.words[0])));
        }
        Ok(ran)
    }

    /// Records the first failure.
    fn record_failure(&mut self, class: PowerlossClass, why: String) {
        self.wrong.get_or_insert((class, why));
    }
}

fn step_on(command: &str, collection: &Path) -> StageStep {
    StageStep::new([command, "--collection", &collection.to_string_lossy()])
}
