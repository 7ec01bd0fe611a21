//! What a fault left, and what puts it right.

use super::class::{Class, unsound};
use crate::rig::advice::{self, Names};
use crate::rig::answers::{self, Hit, difference};
use crate::rig::place;
use crate::rig::program::{End, Ran};
use crate::rig::stage::{QUESTION, Run, Stage, Step};
use crate::run::Result;
use std::path::Path;

/// How often advice is followed.
const PATIENCE: usize = 2;

/// What is being found out about a case.
pub(super) struct Judge<'a> {
    stage: &'a Stage,
    /// What ran, and what it said.
    pub(super) steps: Vec<String>,
    /// The first thing that must not be.
    pub(super) wrong: Option<(Class, String)>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(stage: &'a Stage) -> Self {
        Self { stage, steps: Vec::new(), wrong: None }
    }

    /// What the command came to. `seen`: a watch got as far as the changes.
    ///
    /// # Errors
    /// The rig itself fails.
    pub(super) fn judge(&mut self, ran: &Ran, killed: bool, seen: bool) -> Result<Class> {
        let stage = self.stage;
        if !(killed && ran.end == End::Signal(9)) {
            self.sound("the command", ran);
        }
        // Ctrl-C ends a watch, and is no failure.
        let stopped = stage.run == Run::Watch && ran.end == End::Code(130);
        let succeeded = ran.succeeded() || stopped;
        if ran.refused() && !stopped && ran.said.trim().is_empty() {
            self.is(Class::Unnamed, format!("it ends with {:?} and says nothing", ran.end));
        }
        if succeeded && stage.printed.as_ref().is_some_and(|printed| *printed != stage.answer(&ran.out)) {
            self.is(Class::Different, "it succeeds, and prints something else".to_owned());
        }
        let mut said = vec![ran.said.clone()];
        // A document that cannot be read is named, and the run goes on without it.
        let whole = stage.run != Run::Read || !ran.out.contains("could not be read");
        if stage.answers.is_some() {
            said.push(self.left(succeeded && seen && whole)?);
        }
        let elsewhere = self.advised_elsewhere(&said)?;
        let advised = self.heal(0)? || elsewhere;
        Ok(match (succeeded, killed, advised) {
            (_, _, true) => Class::Advised,
            (_, true, _) if ran.end == End::Signal(9) => Class::Killed,
            (true, ..) => Class::Ok,
            _ => Class::Named,
        })
    }

    /// What is there right after the fault: every document old or new, and all as it should be where the command succeeded.
    /// Gives what `verify` says.
    fn left(&mut self, succeeded: bool) -> Result<String> {
        let stage = self.stage;
        if !stage.collection.exists() {
            if succeeded {
                self.is(Class::Different, "it succeeds, and there is no collection".to_owned());
            }
            return Ok(String::new());
        }
        let verify = self.run(&self.words(&["verify"]))?;
        if succeeded && !verify.succeeded() {
            self.is(Class::Different, format!("it succeeds, and verify says {}", verify.words()));
        }
        let export = self.run(&self.words(&["export"]))?;
        let versions: Vec<_> = stage.versions.iter().collect();
        if export.succeeded() {
            match answers::documents(&export.out) {
                Err(wrong) => self.is(Class::SilentLoss, wrong),
                Ok(documents) => {
                    if let Some(wrong) = answers::mixed(&documents, &versions) {
                        self.is(Class::SilentLoss, wrong);
                    }
                    let whole = stage.answers.as_ref().is_some_and(|answers| answers.documents == documents);
                    if succeeded && !whole {
                        self.is(Class::Different, format!("it succeeds, and there are {} documents", documents.len()));
                    }
                }
            }
        } else if succeeded {
            self.is(Class::Different, format!("it succeeds, and export says {}", export.words()));
        }
        let (search, hits) = stage.hits(QUESTION, "lexical")?;
        self.sound("search", &search);
        for Hit { id, text, .. } in hits.unwrap_or_default() {
            if !versions.iter().any(|version| version.get(&id).is_some_and(|whole| whole.contains(text.trim()))) {
                self.is(Class::SilentLoss, format!("search shows what {id} never said"));
            }
        }
        Ok(format!("{}\n{}", verify.said, verify.out))
    }

    /// Where the error or `verify` advises something else than what is done anyway, that is tried first, on a copy. Says whether
    /// it does.
    fn advised_elsewhere(&mut self, said: &[String]) -> Result<bool> {
        let stage = self.stage;
        let first: Vec<Vec<String>> = said.iter().flat_map(|said| self.advice(said)).collect();
        let Some(words) = first.into_iter().find(|words| words[0] != "index" && words[0] != "verify") else {
            return Ok(false);
        };
        let (copy, live) = (stage.program.place.join("copy"), &stage.collection);
        place::copy(live, &copy)?;
        self.run(&Step::of(words))?;
        self.heal(1)?;
        place::copy(&copy, live)?;
        Ok(true)
    }

    /// Does what a person would do next, and follows what it advises, so many times less. Says whether that was needed.
    fn heal(&mut self, before: usize) -> Result<bool> {
        let stage = self.stage;
        let mut followed = before;
        loop {
            let (mut said, mut printed, mut wrong) = (String::new(), String::new(), None);
            for step in &stage.heal {
                let ran = self.run(step)?;
                said.push_str(&ran.said);
                printed.clone_from(&ran.out);
                if !ran.succeeded() && !step.may_fail {
                    wrong = Some((Class::DeadEnd, format!("`{}` says {}", shown(step), ran.words())));
                    break;
                }
            }
            if wrong.is_none() && stage.answers.is_some() {
                let verify = self.run(&self.words(&["verify"]))?;
                if !verify.succeeded() {
                    said = format!("{}\n{}", verify.said, verify.out);
                    wrong = Some((Class::DeadEnd, format!("verify says {}", verify.words())));
                }
            }
            // A success may advise something, too.
            let unlike = if wrong.is_none() { self.unlike()? } else { None };
            if let Some((_, why)) = &unlike {
                said.push_str(why);
            }
            let Some((class, why)) = wrong.or(unlike) else {
                if stage.healed.as_ref().is_some_and(|healed| *healed != stage.answer(&printed)) {
                    self.is(Class::Different, "afterwards it prints something else".to_owned());
                }
                break;
            };
            // `verify` advises what has just been done, too; another round of that counts as following it.
            let Some(words) = self.next(&said)?.filter(|_| followed < PATIENCE) else {
                let advice = if followed < PATIENCE { "nothing more is advised" } else { "advice was followed twice" };
                self.is(class, format!("{advice}: {why}"));
                return Ok(followed > before);
            };
            followed += 1;
            self.run(&Step::of(words))?;
        }
        let more: Vec<String> = stage.kinds_now().difference(&stage.kinds).cloned().collect();
        if !more.is_empty() {
            self.is(Class::LeftOver, format!("afterwards there is {}", more.join(", ")));
        }
        Ok(followed > before)
    }

    /// What the collection answers otherwise than an undisturbed run leaves it.
    fn unlike(&self) -> Result<Option<(Class, String)>> {
        let Some(expected) = &self.stage.answers else { return Ok(None) };
        Ok(match self.stage.answers()? {
            Err(wrong) => Some((Class::DeadEnd, format!("afterwards {wrong}"))),
            Ok(found) => difference(expected, &found).map(|wrong| (Class::SilentLoss, format!("afterwards {wrong}"))),
        })
    }

    /// Runs a step, which may fail but must not panic, die or hang.
    fn run(&mut self, step: &Step) -> Result<Ran> {
        let ran = self.stage.step(step)?;
        self.note(&step.shown(), &ran);
        self.sound(&format!("`{}`", shown(step)), &ran);
        Ok(ran)
    }

    fn words(&self, words: &[&str]) -> Step {
        let mut words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        words.extend(["--collection".to_owned(), self.stage.collection.to_string_lossy().into_owned()]);
        Step::of(words)
    }

    /// The first thing that is advised. `verify` changes nothing: where that is it, what it advises.
    fn next(&mut self, said: &str) -> Result<Option<Vec<String>>> {
        let mut advice = self.advice(said);
        if let [verify] = &advice[..]
            && verify[0] == "verify"
        {
            let ran = self.run(&Step::of(verify.clone()))?;
            advice = self.advice(&format!("{}\n{}", ran.said, ran.out));
        }
        Ok(advice.into_iter().find(|words| words[0] != "verify"))
    }

    fn advice(&self, said: &str) -> Vec<Vec<String>> {
        let stage = self.stage;
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let (folder, collection, model) = (text(&stage.folder), text(&stage.collection), text(&stage.model));
        advice::commands(said, Names { folder: &folder, collection: &collection, model: &model })
    }

    /// Writes a command down, with its end.
    pub(super) fn note(&mut self, command: &str, ran: &Ran) {
        let end = match ran.end {
            End::Code(code) => code.to_string(),
            End::Signal(signal) => format!("signal {signal}"),
            End::Stuck => "stuck".to_owned(),
        };
        let words: String = ran.words().chars().take(240).collect();
        self.steps.push(format!("nigh {command} → {end}: {words}"));
    }

    /// A panic, a signal and a hang must never be.
    fn sound(&mut self, who: &str, ran: &Ran) {
        let trouble = unsound(ran);
        if let Some(class) = trouble {
            self.is(class, format!("{who}: {:?}: {}", ran.end, ran.words()));
        }
    }

    /// Keeps the first thing that is wrong; a panic, a signal and a hang go before all else.
    fn is(&mut self, class: Class, why: String) {
        let worse = matches!(class, Class::Panic | Class::Signal | Class::Stuck);
        let had = self.wrong.as_ref().map(|(class, _)| *class);
        if had.is_none() || (worse && !matches!(had, Some(Class::Panic | Class::Signal | Class::Stuck))) {
            self.wrong = Some((class, why));
        }
    }
}

/// A step without the paths.
fn shown(step: &Step) -> String {
    format!("nigh {}", step.words.first().map_or("", String::as_str))
}
