//! Computes one small batch on several threads, for the lowest latency of a single query.
//!
//! Each layer has four phases, and each phase is divided by heads or by columns into parts. Threads claim parts from one
//! counter. The thread that finishes the last part of a phase combines all parts (residual, layer norm, quantisation: a few
//! microseconds) and starts the next phase. No thread waits for one that has not claimed a part. So a thread that starts late,
//! or never, costs nothing: the calling thread could do everything alone. Waiting threads spin, as a phase takes only about 10
//! µs.
//!
//! Sums are exact and rows are combined in one fixed order, so the result equals that of [`Int8Bert::forward`] bit for bit.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use super::attention::AttentionWorkspace;
use super::weights::Layer;
use super::{Int8Bert, add, quantise};
use crate::batch::Batch;
use nigh_kernel::Aligned;
use nigh_kernel::integer::{Activations, PANEL};
use nigh_kernel::sync::{lock, read, write};

/// The phases of a layer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Computes queries, keys and values of some heads, and their attention.
    Attention,
    /// Computes some columns of attention's output projection.
    AttentionOutput,
    /// Computes some columns of the first feed-forward product, and their activation.
    FeedForwardUp,
    /// Computes some columns of the second feed-forward product.
    FeedForwardDown,
}

const PHASES: [Phase; 4] = [Phase::Attention, Phase::AttentionOutput, Phase::FeedForwardUp, Phase::FeedForwardDown];

/// The most threads: the phases of a query are too short for more. Measured on two cores only.
const MAX_THREADS: usize = 8;

/// The number of parts per thread and phase. A thread that starts late still finds some.
const PARTS_PER_THREAD: usize = 3;

/// The number of times that a waiting thread spins before it lets others run.
const SPINS: u32 = 10_000;

/// Buffers for one batch on several threads, reused for the next batch.
#[derive(Default)]
pub(super) struct ParallelWorkspace {
    /// Every thread reads this during a phase. One thread writes it between two phases.
    shared: RwLock<Shared>,
    /// One output for each part of a phase; there may be more.
    parts: Vec<Mutex<PartOutput>>,
}

#[derive(Default)]
struct Shared {
    /// `[tokens, hidden]`: the residual stream.
    x: Aligned<f32>,
    /// The input of the phase.
    input: Activations,
    /// The rows of the next phase's input, combined from the parts.
    rows: Aligned<f32>,
}

#[derive(Default)]
struct PartOutput {
    /// `[tokens, columns of the part]`: the result.
    out: Aligned<f32>,
    /// `[tokens, head_columns]`: queries, keys and values of one head.
    qkv: Aligned<f32>,
    attention: AttentionWorkspace,
}

/// The state of one batch while it passes through the layers.
struct ForwardPass<'a> {
    bert: &'a Int8Bert,
    batch: &'a Batch,
    workspace: &'a ParallelWorkspace,
    /// The largest number of parts of a phase.
    max_parts: usize,
    /// The number of the phase in the high 32 bits, and its next unclaimed part in the low 32 bits.
    ticket: AtomicU64,
    /// The number of finished parts of the phase.
    done: AtomicUsize,
}

impl Int8Bert {
    /// Computes all layers for a small batch, on the calling thread and the idle threads of the pool. `x`: `[tokens, hidden]`,
    /// the embeddings on entry, the last hidden states on return.
    pub(super) fn forward_parallel(&self, pool: &rayon::ThreadPool, batch: &Batch, x: &mut Aligned<f32>) {
        let threads = pool.current_num_threads().min(MAX_THREADS);
        let mut workspace = self.parallel_workspaces.take();
        let max_parts = PARTS_PER_THREAD * threads;
        workspace.parts.resize_with(max_parts.max(workspace.parts.len()), Mutex::default);
        let tokens = batch.ids.len();
        {
            let shared = workspace.shared.get_mut().unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut shared.x, x);
            let layer = self.weights.layer(0);
            quantise(self.simd, &shared.x[..tokens * self.weights.sizes.hidden], &layer.qkv, &mut shared.input);
        }
        let pass = ForwardPass {
            bert: self,
            batch,
            workspace: &workspace,
            max_parts,
            ticket: AtomicU64::new(0),
            done: AtomicUsize::new(0),
        };
        pool.in_place_scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|_| pass.work());
            }
            pass.work();
        });
        let shared = workspace.shared.get_mut().unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut shared.x, x);
        self.parallel_workspaces.give(workspace);
    }
}

impl ForwardPass<'_> {
    /// Claims parts until the last phase is over.
    fn work(&self) {
        let phases = (self.bert.weights.layers() * PHASES.len()) as u64;
        let mut spins = 0;
        loop {
            let ticket = self.ticket.load(Ordering::Acquire);
            if ticket >> 32 == phases {
                return;
            }
            let parts = self.parts(ticket >> 32);
            if (ticket & u64::from(u32::MAX)) < parts.len() as u64 {
                let claimed = self.ticket.fetch_add(1, Ordering::AcqRel);
                // The next phase may have started since the load. Then the claimed part belongs to that phase.
                let (phase, part) = (claimed >> 32, (claimed & u64::from(u32::MAX)) as usize);
                let parts = if phase == phases { Parts::default() } else { self.parts(phase) };
                if part < parts.len() {
                    spins = 0;
                    let _guard = FinishOnPanic { ticket: &self.ticket, end: phases << 32 };
                    self.compute(phase, part, parts.units(part));
                    if self.done.fetch_add(1, Ordering::AcqRel) + 1 == parts.len() {
                        // This was the last part. No thread computes until the ticket starts the next phase.
                        self.combine(phase, parts);
                        self.done.store(0, Ordering::Relaxed);
                        self.ticket.store((phase + 1) << 32, Ordering::Release);
                    }
                }
                continue;
            }
            spins += 1;
            if spins % SPINS == 0 {
                std::thread::yield_now();
            } else {
                std::hint::spin_loop();
            }
        }
    }

    /// Returns the division of a phase into parts. Its units are heads or panels.
    fn parts(&self, phase: u64) -> Parts {
        let sizes = self.bert.weights.sizes;
        let units = match kind(phase) {
            Phase::Attention => sizes.heads,
            Phase::AttentionOutput | Phase::FeedForwardDown => sizes.hidden.div_ceil(PANEL),
            Phase::FeedForwardUp => sizes.intermediate.div_ceil(PANEL),
        };
        Parts { units, parts: units.min(self.max_parts) }
    }

    fn layer(&self, phase: u64) -> Layer<'_> {
        self.bert.weights.layer(phase as usize / PHASES.len())
    }

    /// Returns the columns of a phase's whole output that some of its units compute.
    fn columns(&self, phase: u64, units: &Range<usize>) -> Range<usize> {
        let sizes = self.bert.weights.sizes;
        let (unit, width) = match kind(phase) {
            Phase::Attention => (sizes.head(), sizes.hidden),
            Phase::AttentionOutput | Phase::FeedForwardDown => (PANEL, sizes.hidden),
            Phase::FeedForwardUp => (PANEL, sizes.intermediate),
        };
        units.start * unit..(units.end * unit).min(width)
    }

    /// Computes one part of a phase into the part's own output.
    fn compute(&self, phase: u64, part: usize, units: Range<usize>) {
        let (bert, layer) = (self.bert, self.layer(phase));
        let shared = read(&self.workspace.shared);
        let mut output = lock(&self.workspace.parts[part]);
        let PartOutput { out, qkv, attention } = &mut *output;
        let (tokens, width) = (self.batch.ids.len(), self.columns(phase, &units).len());
        out.grow(tokens * width);
        let linear = match kind(phase) {
            Phase::Attention => {
                qkv.grow(tokens * bert.weights.sizes.head_columns());
                for (i, head) in units.enumerate() {
                    bert.attend(
                        &layer,
                        self.batch,
                        &shared.input,
                        head,
                        qkv,
                        attention,
                        &mut out[i * bert.weights.sizes.head()..],
                        width,
                    );
                }
                return;
            }
            Phase::AttentionOutput => &layer.attention_output,
            Phase::FeedForwardUp => &layer.intermediate,
            Phase::FeedForwardDown => &layer.output,
        };
        bert.linear(&shared.input, linear, units, false, out, width);
        if kind(phase) == Phase::FeedForwardUp {
            bert.activate(&mut out[..tokens * width]);
        }
    }

    /// Combines a phase's parts into the next phase's input. To be called by the thread that finished the phase's last part.
    fn combine(&self, phase: u64, parts: Parts) {
        let (bert, layer, tokens) = (self.bert, self.layer(phase), self.batch.ids.len());
        let mut shared = write(&self.workspace.shared);
        let Shared { x, input, rows } = &mut *shared;
        let outputs: Vec<_> = (0..parts.len()).map(|part| lock(&self.workspace.parts[part])).collect();
        // Returns the pieces of one token's row, and the columns of each.
        let pieces = |token: usize| {
            outputs.iter().enumerate().map(move |(part, output)| {
                let columns = self.columns(phase, &parts.units(part));
                let piece = &output.out[token * columns.len()..][..columns.len()];
                (columns, piece)
            })
        };
        let hidden = bert.weights.sizes.hidden;
        let (width, next) = match kind(phase) {
            Phase::Attention => (hidden, &layer.attention_output),
            Phase::FeedForwardUp => (bert.weights.sizes.intermediate, &layer.output),
            // These two phases end a half of the layer: residual, layer norm, then the input of the next product.
            Phase::AttentionOutput | Phase::FeedForwardDown => {
                for (token, x) in x.chunks_exact_mut(hidden).take(tokens).enumerate() {
                    for (columns, piece) in pieces(token) {
                        add(&mut x[columns], piece);
                    }
                }
                let (norm, next) = if kind(phase) == Phase::AttentionOutput {
                    (layer.attention_norm, Some(layer.intermediate))
                } else {
                    let following = phase as usize / PHASES.len() + 1;
                    let next = (following < bert.weights.layers()).then(|| bert.weights.layer(following).qkv);
                    (layer.output_norm, next)
                };
                let x = &mut x[..tokens * hidden];
                bert.norm(x, norm);
                if let Some(next) = next {
                    quantise(bert.simd, x, &next, input);
                }
                return;
            }
        };
        // The other two phases only join the pieces of each row and quantise it.
        rows.grow(tokens * width);
        let rows = &mut rows[..tokens * width];
        for (token, row) in rows.chunks_exact_mut(width).enumerate() {
            for (columns, piece) in pieces(token) {
                row[columns].copy_from_slice(piece);
            }
        }
        quantise(bert.simd, rows, next, input);
    }
}

/// Ends the forward pass when its holder panics, so that no thread waits for a part that will never be finished. The panic
/// itself reaches the caller through the scope.
struct FinishOnPanic<'a> {
    ticket: &'a AtomicU64,
    end: u64,
}

impl Drop for FinishOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.ticket.store(self.end, Ordering::Release);
        }
    }
}

/// The units of a phase, divided into parts of nearly equal size.
#[derive(Clone, Copy, Default)]
struct Parts {
    units: usize,
    parts: usize,
}

impl Parts {
    fn len(self) -> usize {
        self.parts
    }

    fn units(self, part: usize) -> Range<usize> {
        part * self.units / self.parts..(part + 1) * self.units / self.parts
    }
}

fn kind(phase: u64) -> Phase {
    PHASES[phase as usize % PHASES.len()]
}
