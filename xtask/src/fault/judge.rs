//! One case: the fault, what it left, and what puts it right.

use super::class::Class;
use super::spec::Spec;
use crate::rig::advice::{self, Names};
use crate::rig::answers::{self, Hit};
use crate::rig::ledger::Record;
use crate::rig::place;
use crate::rig::program::{End, Ran};
use crate::rig::stage::{Answers, QUESTIONS, Run, Stage, Step};
use crate::rig::tracer::{Put, Told, Trace};
use crate::run::{Failure, Result};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How often advice is followed.
const PATIENCE: usize = 2;
/// How long a watch may take to see changes.
const SEEN: Duration = Duration::from_secs(10);

/// What is being found out about a case.
pub(crate) struct Judge<'a> {
    stage: &'a Stage,
    steps: Vec<String>,
    /// The first thing that must not be.
    wrong: Option<(Class, String)>,
}

/// Runs the case and says what it came to.
///
/// # Errors
/// The rig itself fails.
pub(crate) fn case(stage: &Stage, tracer: &Path, spec: &Spec, seed: u64) -> Result<Record> {
    let began = Instant::now();
    stage.restore()?;
    let log = stage.program.place.join("calls");
    let put = Put { fault: spec.fault, at: spec.at, good: spec.good };
    let scopes = vec![stage.scope.clone()];
    let trace = Trace { tracer, scopes, log: log.clone(), put: Some(put), calls: &spec.calls, record: None };
    let (ran, seen) = faulted(stage, Some(&trace))?;
    let told = Told::read(&log)?;
    let mut judge = Judge { stage, steps: Vec::new(), wrong: None };
    judge.note(&stage.command.shown(), &ran);
    let class = if told.hit.is_none() {
        // What an undisturbed run comes to has been looked at.
        Class::NotHit
    } else {
        let class = judge.judge(&ran, spec.fault == "kill", seen)?;
        judge.wrong.as_ref().map_or(class, |(class, _)| *class)
    };
    let at = told.hit.map_or_else(String::new, |(kind, path)| {
        let path =
            path.strip_prefix(&*stage.scope.to_string_lossy()).unwrap_or(&path).trim_start_matches('/').to_owned();
        format!("{kind} {path}")
    });
    let hide = |text: String| text.replace(&*stage.program.place.to_string_lossy(), "~");
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

/// Runs the stage's command, and says whether it got to its end: a watch is told to stop once it has seen the changes.
///
/// # Errors
/// The rig itself fails.
pub(crate) fn faulted(stage: &Stage, trace: Option<&Trace<'_>>) -> Result<(Ran, bool)> {
    let Step { words, input, .. } = &stage.command;
    if stage.run != Run::Watch {
        return Ok((stage.program.run(words, input.as_deref(), trace)?, true));
    }
    let mut running = stage.program.start(words, None, trace)?;
    let (began, mut changed, mut seen) = (Instant::now(), false, false);
    while running.over()?.is_none() && began.elapsed() < SEEN {
        let (out, said) = running.so_far();
        if !changed && said.contains("watching ") {
            stage.change()?;
            changed = true;
        }
        seen = changed && out.lines().filter(|line| line.contains(" added, ")).count() > 1;
        if seen {
            break;
        }
        thread::sleep(Duration::from_millis(15));
    }
    running.interrupt();
    let ran = running.end()?;
    if !changed {
        stage.change()?;
    }
    Ok((ran, seen))
}

impl Judge<'_> {
    fn judge(&mut self, ran: &Ran, killed: bool, seen: bool) -> Result<Class> {
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
        if stage.answers.is_some() {
            said.push(self.left(succeeded && seen)?);
        }
        let elsewhere = self.advised_elsewhere(&said)?;
        let advised = self.heal()?;
        if elsewhere.is_some() && self.wrong.is_none() {
            self.compare_end()?;
        }
        let other = elsewhere.unwrap_or(false);
        Ok(match (succeeded, killed, advised || other) {
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
        let (search, hits) = stage.hits(QUESTIONS[0], "lexical")?;
        self.sound("search", &search);
        for Hit { id, text, .. } in hits.unwrap_or_default() {
            if !versions.iter().any(|version| version.get(&id).is_some_and(|whole| whole.contains(text.trim()))) {
                self.is(Class::SilentLoss, format!("search shows what {id} never said"));
            }
        }
        Ok(format!("{}\n{}", verify.said, verify.out))
    }

    /// Where the error or `verify` advises something else than what is done anyway, that is tried first, on a copy. None: it
    /// does not; else whether it was followed to a good end.
    fn advised_elsewhere(&mut self, said: &[String]) -> Result<Option<bool>> {
        let stage = self.stage;
        let first: Vec<Vec<String>> = said.iter().flat_map(|said| self.advice(said)).collect();
        let Some(first) = first.into_iter().find(|words| words[0] != "index" && words[0] != "verify") else {
            return Ok(None);
        };
        let (copy, live) = (stage.program.place.join("copy"), &stage.collection);
        place::copy(live, &copy)?;
        let mut next = Some(first);
        for _ in 0..PATIENCE {
            let Some(words) = next.take() else { break };
            let ran = self.run(&Step::of(words))?;
            next = self.advice(&ran.said).into_iter().find(|words| words[0] != "verify");
        }
        let mut well = true;
        for step in &stage.heal {
            let ran = self.run(step)?;
            if !ran.succeeded() && !step.may_fail {
                well = false;
                self.is(Class::DeadEnd, format!("advice is followed, then `{}` says {}", shown(step), ran.words()));
            }
        }
        if well && let Some(wrong) = self.unwell()? {
            well = false;
            self.is(Class::DeadEnd, format!("advice is followed, and still {wrong}"));
        }
        place::copy(&copy, live)?;
        Ok(Some(well))
    }

    /// Does what a person would do next, and follows what it advises. Says whether that was needed.
    fn heal(&mut self) -> Result<bool> {
        let stage = self.stage;
        let mut followed = 0;
        loop {
            let (mut said, mut printed, mut failed) = (String::new(), String::new(), None);
            for step in &stage.heal {
                let ran = self.run(step)?;
                said.push_str(&ran.said);
                printed = ran.out.clone();
                if !ran.succeeded() && !step.may_fail {
                    failed = Some(format!("`{}` says {}", shown(step), ran.words()));
                    break;
                }
            }
            let mut wrong = failed.clone();
            if wrong.is_none() && stage.answers.is_some() {
                let verify = self.run(&self.words(&["verify"]))?;
                if !verify.succeeded() {
                    said = format!("{}\n{}", verify.said, verify.out);
                    wrong = Some(format!("verify says {}", verify.words()));
                }
            }
            let Some(wrong) = wrong else {
                if stage.healed.as_ref().is_some_and(|healed| *healed != stage.answer(&printed)) {
                    self.is(Class::Different, "afterwards it prints something else".to_owned());
                }
                break;
            };
            // `verify` advises what has just been done, too; another round of that counts as following it.
            let advice = self.advice(&said).into_iter().find(|words| words[0] != "verify");
            let Some(words) = advice.filter(|_| followed < PATIENCE) else {
                let advice = if followed < PATIENCE { "nothing is advised" } else { "advice was followed twice" };
                self.is(Class::DeadEnd, format!("{advice}: {wrong}"));
                return Ok(followed > 0);
            };
            followed += 1;
            self.run(&Step::of(words))?;
        }
        self.compare_end()?;
        Ok(followed > 0)
    }

    /// Everything as an undisturbed run leaves it.
    fn compare_end(&mut self) -> Result {
        let stage = self.stage;
        if let Some(expected) = &stage.answers {
            match stage.answers()? {
                Err(wrong) => self.is(Class::DeadEnd, format!("afterwards {wrong}")),
                Ok(found) => {
                    if let Some(wrong) = difference(expected, &found) {
                        self.is(Class::SilentLoss, format!("afterwards {wrong}"));
                    }
                }
            }
        }
        let more: Vec<String> = stage.kinds_now().difference(&stage.kinds).cloned().collect();
        if !more.is_empty() {
            self.is(Class::LeftOver, format!("afterwards there is {}", more.join(", ")));
        }
        Ok(())
    }

    /// What is not well: `verify`, or the documents.
    fn unwell(&mut self) -> Result<Option<String>> {
        let Some(expected) = &self.stage.answers else { return Ok(None) };
        let verify = self.run(&self.words(&["verify"]))?;
        if !verify.succeeded() {
            return Ok(Some(format!("verify says {}", verify.words())));
        }
        Ok(match self.stage.answers()? {
            Err(wrong) => Some(wrong),
            Ok(found) => difference(expected, &found),
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

    fn advice(&self, said: &str) -> Vec<Vec<String>> {
        let stage = self.stage;
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let (folder, collection, model) = (text(&stage.folder), text(&stage.collection), text(&stage.model));
        advice::commands(said, Names { folder: &folder, collection: &collection, model: &model })
    }

    fn note(&mut self, command: &str, ran: &Ran) {
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

/// What must never be, whatever happened before.
pub(crate) fn unsound(ran: &Ran) -> Option<Class> {
    let panicked = ran.said.contains("panicked") || ran.end == End::Code(101);
    match ran.end {
        _ if panicked => Some(Class::Panic),
        End::Signal(_) => Some(Class::Signal),
        End::Stuck => Some(Class::Stuck),
        End::Code(_) => None,
    }
}

/// In words, the first difference.
pub(crate) fn difference(expected: &Answers, found: &Answers) -> Option<String> {
    for (id, text) in &expected.documents {
        match found.documents.get(id) {
            None => return Some(format!("{id} is missing")),
            Some(other) if other != text => return Some(format!("{id} says something else")),
            Some(_) => {}
        }
    }
    if let Some(id) = found.documents.keys().find(|id| !expected.documents.contains_key(*id)) {
        return Some(format!("{id} is there, which should not be"));
    }
    if found.whole != expected.whole {
        return Some("passages or vectors are others".to_owned());
    }
    let hits = expected.hits.iter().zip(&found.hits).position(|(expected, found)| expected != found);
    hits.map(|at| format!("search {at} finds something else"))
}

/// How many calls each fault suits in an undisturbed run.
///
/// # Errors
/// The rig itself fails, or the run does.
pub(crate) fn count(stage: &Stage, tracer: &Path, calls: &str) -> Result<Told> {
    stage.restore()?;
    let log = stage.program.place.join("calls");
    let trace = Trace { tracer, scopes: vec![stage.scope.clone()], log: log.clone(), put: None, calls, record: None };
    let (ran, _) = faulted(stage, Some(&trace))?;
    let ended = ran.succeeded() || (stage.run == Run::Watch && ran.end == End::Code(130));
    if !ended {
        return Err(Failure::new(format!(
            "{}: traced and undisturbed, it ends with {:?}: {}",
            stage.run.name(),
            ran.end,
            ran.words()
        )));
    }
    Told::read(&log)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::corpus::Documents;

    fn ran(end: End, said: &str) -> Ran {
        Ran { end, out: String::new(), said: said.into() }
    }

    #[test]
    fn what_must_never_be_is_told_from_errors() {
        assert_eq!(unsound(&ran(End::Code(2), "nigh: head: cannot read")), None);
        assert_eq!(unsound(&ran(End::Code(0), "")), None);
        assert_eq!(unsound(&ran(End::Code(101), "")), Some(Class::Panic));
        assert_eq!(unsound(&ran(End::Code(2), "thread 'main' panicked at")), Some(Class::Panic));
        assert_eq!(unsound(&ran(End::Signal(7), "")), Some(Class::Signal));
        assert_eq!(unsound(&ran(End::Stuck, "")), Some(Class::Stuck));
        let bad = [Class::DeadEnd, Class::SilentLoss, Class::Different, Class::Unnamed, Class::LeftOver, Class::Stuck];
        assert!(bad.iter().all(|class| class.is_bad()));
        let well = [Class::NotHit, Class::Ok, Class::Killed, Class::Named, Class::Advised];
        assert!(well.iter().all(|class| !class.is_bad()));
    }

    #[test]
    fn differences_are_named() {
        let answers = |pairs: &[(&str, &str)], whole: &str| Answers {
            documents: pairs.iter().map(|&(id, text)| (id.to_owned(), text.to_owned())).collect::<Documents>(),
            whole: whole.into(),
            hits: vec![vec![]],
        };
        let expected = answers(&[("a", "1"), ("b", "1")], "v");
        assert_eq!(difference(&expected, &expected), None);
        let told = |found: Answers| difference(&expected, &found).unwrap();
        assert_eq!(told(answers(&[("a", "1")], "v")), "b is missing");
        assert_eq!(told(answers(&[("a", "2"), ("b", "1")], "v")), "a says something else");
        assert_eq!(told(answers(&[("a", "1"), ("b", "1"), ("c", "1")], "v")), "c is there, which should not be");
        assert!(told(answers(&[("a", "1"), ("b", "1")], "w")).contains("vectors"));
        let mut other = expected.clone();
        other.hits = vec![vec![Hit { id: "a".into(), start: 0, text: "1".into() }]];
        assert!(told(other).contains("search 0"));
    }
}
