//! Checks the collection after a fault, and its repair.

use super::class::{FaultClass, unsound};
use crate::rig::advice::{self, Placeholders};
use crate::rig::answers::{self, FoundHit, difference};
use crate::rig::place;
use crate::rig::program::{End, RunResult};
use crate::rig::stage::{QUESTION, RunKind, Stage, StageStep};
use crate::run::Result;
use std::path::Path;

/// Maximum number of times that printed advice is followed.
const MAX_ADVICE_ROUNDS: usize = 2;

/// The examination of one case.
pub(super) struct FaultJudge<'a> {
    stage: &'a Stage,
    /// The commands that ran, with their results.
    pub(super) steps: Vec<String>,
    /// The first failure.
    pub(super) wrong: Option<(FaultClass, String)>,
}

impl<'a> FaultJudge<'a> {
    pub(super) fn new(stage: &'a Stage) -> Self {
        Self { stage, steps: Vec::new(), wrong: None }
    }

    /// Classifies the outcome of the command. `seen`: a watch has seen the changes.
    ///
    /// # Errors
    /// If the rig itself fails.
    pub(super) fn judge(&mut self, ran: &RunResult, killed: bool, seen: bool) -> Result<FaultClass> {
        let stage = self.stage;
        if !(killed && ran.end == End::Signal(9)) {
            self.check_sound("the command", ran);
        }
        // A watch ends with Ctrl-C: not a failure.
        let stopped = stage.run == RunKind::Watch && ran.end == End::Code(130);
        let succeeded = ran.succeeded() || stopped;
        if ran.refused() && !stopped && ran.stderr.trim().is_empty() {
            self.record_failure(FaultClass::Unnamed, format!("it ends with {:?} without a message", ran.end));
        }
        if succeeded && stage.printed.as_ref().is_some_and(|printed| *printed != stage.answer(&ran.out)) {
            self.record_failure(FaultClass::Different, "it succeeds with another output".to_owned());
        }
        let mut output = vec![ran.stderr.clone()];
        // A run reports a document that it cannot read, and continues without it.
        let all_documents_read = stage.run != RunKind::Read || !ran.out.contains("could not be read");
        if stage.answers.is_some() {
            output.push(self.check_collection(succeeded && seen && all_documents_read)?);
        }
        let elsewhere = self.try_other_advice(&output)?;
        let advised = self.heal(0)? || elsewhere;
        Ok(match (succeeded, killed, advised) {
            (_, _, true) => FaultClass::Advised,
            (_, true, _) if ran.end == End::Signal(9) => FaultClass::Killed,
            (true, ..) => FaultClass::Ok,
            _ => FaultClass::Named,
        })
    }

    /// Checks the collection right after the fault: every document is old or new; if the command succeeded, everything is as after
    /// an undisturbed run. Returns the output of `verify`.
    fn check_collection(&mut self, succeeded: bool) -> Result<String> {
        let stage = self.stage;
        if !stage.collection.exists() {
            if succeeded {
                self.record_failure(FaultClass::Different, "it succeeds without a collection".to_owned());
            }
            return Ok(String::new());
        }
        let verify = self.run(&self.collection_step(&["verify"]))?;
        if succeeded && !verify.succeeded() {
            self.record_failure(FaultClass::Different, format!("it succeeds, and verify says {}", verify.words()));
        }
        let export = self.run(&self.collection_step(&["export"]))?;
        let versions: Vec<_> = stage.versions.iter().collect();
        if export.succeeded() {
            match answers::documents(&export.out) {
                Err(wrong) => self.record_failure(FaultClass::SilentLoss, wrong),
                Ok(documents) => {
                    if let Some(wrong) = answers::mixed(&documents, &versions) {
                        self.record_failure(FaultClass::SilentLoss, wrong);
                    }
                    let is_final = stage.answers.as_ref().is_some_and(|answers| answers.documents == documents);
                    if succeeded && !is_final {
                        self.record_failure(
                            FaultClass::Different,
                            format!("it succeeds with {} documents, which differ", documents.len()),
                        );
                    }
                }
            }
        } else if succeeded {
            self.record_failure(FaultClass::Different, format!("it succeeds, and export says {}", export.words()));
        }
        let (search, hits) = stage.hits(QUESTION, "lexical")?;
        self.check_sound("search", &search);
        for FoundHit { id, text, .. } in hits.unwrap_or_default() {
            if !versions.iter().any(|version| version.get(&id).is_some_and(|is_final| is_final.contains(text.trim()))) {
                self.record_failure(FaultClass::SilentLoss, format!("search shows a text that {id} never had"));
            }
        }
        Ok(format!("{}\n{}", verify.stderr, verify.out))
    }

    /// If the error or `verify` advises another command than the next run, tries it first, and then restores
    /// the collection. Returns whether it did.
    fn try_other_advice(&mut self, output: &[String]) -> Result<bool> {
        let stage = self.stage;
        let first: Vec<Vec<String>> = output.iter().flat_map(|output| self.advice(output)).collect();
        let Some(words) = first.into_iter().find(|words| words[0] != "index" && words[0] != "verify") else {
            return Ok(false);
        };
        let (copy, live) = (stage.program.place.join("copy"), &stage.collection);
        place::copy(live, &copy)?;
        self.run(&StageStep::from_words(words))?;
        self.heal(1)?;
        place::copy(&copy, live)?;
        Ok(true)
    }

    /// Runs the next command of a user and follows its advice; `rounds_before`: how often advice was followed already. Returns whether
    /// advice was needed.
    fn heal(&mut self, rounds_before: usize) -> Result<bool> {
        let stage = self.stage;
        let mut followed = rounds_before;
        loop {
            let (mut output, mut printed, mut wrong) = (String::new(), String::new(), None);
            for step in &stage.heal {
                let ran = self.run(step)?;
                output.push_str(&ran.stderr);
                printed.clone_from(&ran.out);
                if !ran.succeeded() && !step.may_fail {
                    wrong = Some((FaultClass::DeadEnd, format!("`{}` says {}", step_name(step), ran.words())));
                    break;
                }
            }
            if wrong.is_none() && stage.answers.is_some() {
                let verify = self.run(&self.collection_step(&["verify"]))?;
                if !verify.succeeded() {
                    output = format!("{}\n{}", verify.stderr, verify.out);
                    wrong = Some((FaultClass::DeadEnd, format!("verify says {}", verify.words())));
                }
            }
            // A successful command may give advice too.
            let difference_found = if wrong.is_none() { self.compare_result()? } else { None };
            if let Some((_, why)) = &difference_found {
                output.push_str(why);
            }
            let Some((class, why)) = wrong.or(difference_found) else {
                if stage.healed.as_ref().is_some_and(|healed| *healed != stage.answer(&printed)) {
                    self.record_failure(FaultClass::Different, "afterwards its output differs".to_owned());
                }
                break;
            };
            // `verify` may advise the command that has just run; running it again counts as following advice.
            let Some(words) = self.next_advice(&output)?.filter(|_| followed < MAX_ADVICE_ROUNDS) else {
                let advice =
                    if followed < MAX_ADVICE_ROUNDS { "no further advice" } else { "advice was followed twice" };
                self.record_failure(class, format!("{advice}: {why}"));
                return Ok(followed > rounds_before);
            };
            followed += 1;
            self.run(&StageStep::from_words(words))?;
        }
        let more: Vec<String> = stage.kinds_now().difference(&stage.kinds).cloned().collect();
        if !more.is_empty() {
            self.record_failure(FaultClass::LeftOver, format!("afterwards there is {}", more.join(", ")));
        }
        Ok(followed > rounds_before)
    }

    /// Compares the collection with the one that an undisturbed run leaves; returns the first difference.
    fn compare_result(&self) -> Result<Option<(FaultClass, String)>> {
        let Some(expected) = &self.stage.answers else { return Ok(None) };
        Ok(match self.stage.answers()? {
            Err(wrong) => Some((FaultClass::DeadEnd, format!("afterwards {wrong}"))),
            Ok(found) => {
                difference(expected, &found).map(|wrong| (FaultClass::SilentLoss, format!("afterwards {wrong}")))
            }
        })
    }

    /// Runs a step, which may fail but must not panic, die or hang.
    fn run(&mut self, step: &StageStep) -> Result<RunResult> {
        let ran = self.stage.step(step)?;
        self.note(&step.description(), &ran);
        self.check_sound(&format!("`{}`", step_name(step)), &ran);
        Ok(ran)
    }

    fn collection_step(&self, words: &[&str]) -> StageStep {
        let mut words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        words.extend(["--collection".to_owned(), self.stage.collection.to_string_lossy().into_owned()]);
        StageStep::from_words(words)
    }

    /// Returns the first advised command. `verify` changes nothing: if it is advised, it runs, and its advice counts.
    fn next_advice(&mut self, output: &str) -> Result<Option<Vec<String>>> {
        let mut advice = self.advice(output);
        if let [verify] = &advice[..]
            && verify[0] == "verify"
        {
            let ran = self.run(&StageStep::from_words(verify.clone()))?;
            advice = self.advice(&format!("{}\n{}", ran.stderr, ran.out));
        }
        Ok(advice.into_iter().find(|words| words[0] != "verify"))
    }

    fn advice(&self, output: &str) -> Vec<Vec<String>> {
        let stage = self.stage;
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let (folder, collection, model) = (text(&stage.folder), text(&stage.collection), text(&stage.model));
        advice::commands(output, Placeholders { folder: &folder, collection: &collection, model: &model })
    }

    /// Records a command with its result.
    pub(super) fn note(&mut self, command: &str, ran: &RunResult) {
        let end = match ran.end {
            End::Code(code) => code.to_string(),
            End::Signal(signal) => format!("signal {signal}"),
            End::Stuck => "stuck".to_owned(),
        };
        let words: String = ran.words().chars().take(240).collect();
        self.steps.push(format!("nigh {command} → {end}: {words}"));
    }

    /// Records a panic, a signal or a hang.
    fn check_sound(&mut self, who: &str, ran: &RunResult) {
        let trouble = unsound(ran);
        if let Some(class) = trouble {
            self.record_failure(class, format!("{who}: {:?}: {}", ran.end, ran.words()));
        }
    }

    /// Records the first failure; a panic, a signal or a hang replaces others.
    fn record_failure(&mut self, class: FaultClass, why: String) {
        let worse = matches!(class, FaultClass::Panic | FaultClass::Signal | FaultClass::Stuck);
        let had = self.wrong.as_ref().map(|(class, _)| *class);
        if had.is_none() || (worse && !matches!(had, Some(FaultClass::Panic | FaultClass::Signal | FaultClass::Stuck)))
        {
            self.wrong = Some((class, why));
        }
    }
}

/// Returns a step without the paths.
fn step_name(step: &StageStep) -> String {
    format!("nigh {}", step.words.first().map_or("", String::as_str))
}
