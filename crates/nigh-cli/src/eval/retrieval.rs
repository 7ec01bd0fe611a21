//! Measures a BEIR set: its documents go into a temporary collection, which its questions search.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use nigh::{Collection, Document, Encoder, Mode, TextKind};

use super::beir::{self, BeirText, JudgedQuestions};
use super::metrics::{QuestionScores, RECALL_DEPTH, order_ties};
use super::relevance::{CorpusParts, Irrelevant, MAX_QUESTIONS, MeasuredRelevance, RelevancePart, relevant};
use super::report::{EvalRun, Seconds, metrics};
use super::variant::Variant;
use super::{lines, modes};
use crate::in_order::InOrder;
use crate::interrupt;
use crate::output::{Failure, count};
use crate::plan::Plan;
use crate::scratch::ScratchFolder;

/// Parts of a set from other places.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub corpus: Option<PathBuf>,
    pub queries: Option<PathBuf>,
    pub qrels: Option<PathBuf>,
}

/// A set, read.
pub struct Retrieval {
    /// The name of its directory; also that of the corpus, if it is another one.
    pub name: String,
    documents: Vec<BeirText>,
    questions: JudgedQuestions,
    /// Judged documents that are not in the corpus.
    unknown_documents: usize,
}

impl Retrieval {
    pub fn read(directory: &Path, overrides: &Overrides) -> Result<Self, Failure> {
        let asking = overrides.queries.as_deref().unwrap_or(directory);
        let asked = overrides.corpus.as_deref().unwrap_or(directory);
        let qrels = overrides.qrels.clone().unwrap_or_else(|| asking.join("qrels").join("test.tsv"));
        let documents = beir::corpus(asked)?;
        let questions = beir::questions(asking, &lines::existing(qrels, "name the judgements with --qrels")?)?;
        let known: HashSet<&str> = documents.iter().map(|item| item.id.as_str()).collect();
        let judged: HashSet<&str> =
            questions.judged.iter().flat_map(|q| q.judgements.keys()).map(String::as_str).collect();
        let unknown_documents = judged.difference(&known).count();
        let name = match (set_name(asking), set_name(asked)) {
            (asking, asked) if asking == asked => asking,
            (asking, asked) => format!("{asking} on {asked}"),
        };
        Ok(Self { name, documents, questions, unknown_documents })
    }

    /// Notes on the set, one line each.
    pub fn notes(&self) -> Vec<String> {
        let blank = self.questions.judged.iter().filter(|question| question.text.trim().is_empty()).count();
        let counted = |number, what: &str, then: &str| {
            (number > 0).then(|| format!("{}: {}: {then}", self.name, count(number, what)))
        };
        let questions = &self.questions;
        [
            counted(self.unknown_documents, "judged document", "not in the corpus, counted as not found"),
            counted(questions.unknown, "judged question", "not in queries.jsonl, left out"),
            counted(questions.unjudged, "question", "not judged, left out"),
            counted(blank, "question", "blank, counted as finding nothing"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns the size, like `5,183 documents, 300 questions`.
    pub fn size(&self) -> String {
        format!("{}, {}", count(self.documents.len(), "document"), count(self.questions.judged.len(), "question"))
    }

    /// Encodes the documents once, then asks all questions in each mode.
    ///
    /// `truncate`: keeps only the first passage of a document, for every mode. `irrelevant`: adds the documents part by part, and
    /// measures relevance in each.
    pub fn run(
        &self,
        plan: &Plan,
        variant: &Variant,
        asked: &[Mode],
        truncate: bool,
        irrelevant: Option<&Irrelevant>,
    ) -> Result<Vec<EvalRun>, Failure> {
        let scratch = ScratchFolder::new("eval")?;
        let collection = variant.collection(plan).create(scratch.path().join("collection"))?;
        let asked = modes::modes(asked);
        let mut relevance: Vec<Vec<RelevancePart>> = vec![Vec::new(); asked.len()];
        // Encode the documents; part by part if relevance is measured.
        let mut encoding = 0.0;
        let mut fill = |items: &mut dyn Iterator<Item = &BeirText>| {
            let started = Instant::now();
            let filled = self.fill(plan, variant, &collection, items, truncate);
            encoding += started.elapsed().as_secs_f64();
            filled
        };
        if let Some(irrelevant) = irrelevant {
            let parts = irrelevant.parts(&self.documents, &self.questions.judged);
            let mut begin = 0;
            for &end in parts.ends.iter().chain([&self.documents.len()]) {
                let items = parts.order.get(begin..end).unwrap_or_default();
                fill(&mut items.iter().filter_map(|&place| self.documents.get(place)))?;
                if end < self.documents.len() {
                    for (&mode, measured) in asked.iter().zip(&mut relevance) {
                        let part = self.measure_relevance(plan, &collection, mode, irrelevant, &parts, end)?;
                        measured.push(part.summary());
                    }
                }
                begin = end;
            }
        } else {
            fill(&mut self.documents.iter())?;
        }
        // Ask the questions in each mode.
        let passages = collection.status()?.passages;
        let mut runs = Vec::new();
        for (mode, relevance) in asked.into_iter().zip(relevance) {
            let started = Instant::now();
            let each = self.score_questions(plan, variant, &collection, mode)?;
            let QuestionScores { ndcg, recall, mrr } = QuestionScores::mean(&each);
            runs.push(EvalRun {
                set: self.name.clone(),
                kind: "retrieval",
                model: variant.model().to_owned(),
                precision: variant.precision(),
                pooling: variant.pooling(),
                space: variant.space(),
                mode: Some(mode.to_string()),
                metrics: metrics(&[("ndcg@10", Some(ndcg)), ("recall@100", Some(recall)), ("mrr@10", Some(mrr))]),
                counts: InOrder(vec![
                    ("documents", self.documents.len() as u64),
                    ("passages", passages),
                    ("queries", each.len() as u64),
                    ("queries_unjudged", self.questions.unjudged as u64),
                    ("queries_unknown", self.questions.unknown as u64),
                    ("documents_unknown", self.unknown_documents as u64),
                ]),
                seconds: Seconds::new(encoding, Some(started.elapsed().as_secs_f64())),
                groups: None,
                relevance: irrelevant.map(|_| relevance),
            });
        }
        Ok(runs)
    }

    fn fill(
        &self,
        plan: &Plan,
        variant: &Variant,
        collection: &Collection,
        items: &mut dyn Iterator<Item = &BeirText>,
        truncate: bool,
    ) -> Result<(), Failure> {
        let stop = interrupt::cancel();
        let encoder = collection.encoder()?;
        let what = format!("documents of {}, {} {}", self.name, variant.model(), variant.precision());
        let items: Vec<&BeirText> = items.collect();
        let bar = plan.notes.counting(what, items.len());
        let mut failed = None;
        let mut writer = collection.writer()?;
        writer
            .upsert_all(items.into_iter().map_while(|item| {
                if stop.is_cancelled() {
                    return None;
                }
                bar.add(1);
                let text = if truncate { first_passage(&encoder, &item.text) } else { Ok(item.text.as_str()) };
                text.map_err(|error| failed = Some(error)).ok().map(|text| Document::new(&item.id, text))
            }))
            .run()?;
        match failed {
            Some(error) => return Err(error.into()),
            None if stop.is_cancelled() => return Err(Failure::Interrupted),
            None => {}
        }
        writer.commit()?;
        Ok(())
    }

    /// Asks all questions in one mode; returns the metrics of each.
    fn score_questions(
        &self,
        plan: &Plan,
        variant: &Variant,
        collection: &Collection,
        mode: Mode,
    ) -> Result<Vec<QuestionScores>, Failure> {
        let stop = interrupt::cancel();
        let what = format!("questions of {}, {} {}", self.name, variant.model(), mode);
        let bar = plan.notes.counting(what, self.questions.judged.len());
        let mut each = Vec::new();
        for question in &self.questions.judged {
            if stop.is_cancelled() {
                return Err(Failure::Interrupted);
            }
            let hits = match question.text.trim() {
                "" => Vec::new(),
                text => modes::search(collection.search(text), mode, RECALL_DEPTH).run()?.hits,
            };
            let mut found: Vec<(String, f32)> =
                hits.into_iter().map(|hit| (hit.document.id.as_str().to_owned(), hit.score)).collect();
            order_ties(&mut found);
            let ranking: Vec<String> = found.into_iter().map(|(id, _)| id).collect();
            each.push(QuestionScores::new(&ranking, &question.judgements));
            bar.add(1);
        }
        Ok(each)
    }
}

impl Retrieval {
    /// Returns the relevance of first hits, where the collection has the first `end` documents of `parts`.
    fn measure_relevance(
        &self,
        plan: &Plan,
        collection: &Collection,
        mode: Mode,
        irrelevant: &Irrelevant,
        parts: &CorpusParts,
        end: usize,
    ) -> Result<MeasuredRelevance, Failure> {
        let stop = interrupt::cancel();
        let part = parts.order.get(..end).unwrap_or_default().iter().filter_map(|&place| self.documents.get(place));
        let part: HashSet<&str> = part.map(|item| item.id.as_str()).collect();
        let bar = plan.notes.counting(format!("questions of {}, {end} documents", self.name), parts.questions.len());
        let first = |text: &str| -> Result<(Option<String>, f32), Failure> {
            if stop.is_cancelled() {
                return Err(Failure::Interrupted);
            }
            let hit = modes::search(collection.search(text), mode, 1).run()?.hits.into_iter().next();
            Ok(hit.map_or((None, 0.0), |hit| (Some(hit.document.id.as_str().to_owned()), hit.relevance)))
        };
        let passages = collection.status()?.passages;
        let mut measured = MeasuredRelevance { documents: end, passages, ..MeasuredRelevance::default() };
        for question in parts.questions.iter().filter_map(|&place| self.questions.judged.get(place)) {
            bar.add(1);
            let mut right = relevant(question).peekable();
            if question.text.trim().is_empty() || right.peek().is_none() {
                continue;
            }
            if right.any(|id| part.contains(id)) {
                if measured.answered < MAX_QUESTIONS {
                    measured.answered += 1;
                    let (id, relevance) = first(&question.text)?;
                    if id.is_some_and(|id| relevant(question).any(|right| right == id)) {
                        measured.right.push(relevance);
                    }
                }
            } else if measured.near.len() < MAX_QUESTIONS {
                measured.near.push(first(&question.text)?.1);
            }
        }
        for text in &irrelevant.questions {
            measured.foreign.push(first(text)?.1);
        }
        Ok(measured)
    }
}

fn set_name(directory: &Path) -> String {
    let whole = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
    whole.file_name().map_or_else(|| directory.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Returns the beginning of a text that fits in the model's context length, with its prefix and special tokens.
fn first_passage<'a>(encoder: &Encoder, text: &'a str) -> nigh::Result<&'a str> {
    let context_length = encoder.model().context_length();
    let mut tokens_left = context_length.saturating_sub(encoder.tokenise(TextKind::Passage, "")?.ids.len());
    let ends = encoder.token_offsets(text)?;
    if ends.len() <= tokens_left {
        return Ok(text);
    }
    // A cut text may get one more token at its end.
    loop {
        let end = tokens_left.checked_sub(1).and_then(|last| ends.get(last)).map_or(0, |&(_, end)| end);
        let part = text.get(..end).unwrap_or_default();
        if tokens_left == 0 || encoder.tokenise(TextKind::Passage, part)?.ids.len() <= context_length {
            return Ok(part);
        }
        tokens_left -= 1;
    }
}
