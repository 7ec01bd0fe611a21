//! One small bundle on several threads, for the lowest latency: a lone question waits for every microsecond.
//!
//! Each layer is four phases, and a phase is cut by heads or by columns into parts. Members of the team claim parts from one
//! counter; whoever finishes a phase's last part joins them (residual, layer norm, quantisation: a few microseconds) and
//! opens the next phase. Nobody is waited for who has not claimed something, so a thread that wakes late, or not at all,
//! costs nothing: the caller alone gets through. Waiting is spinning, since phases take some 10 µs.
//!
//! Sums are exact and rows are joined in one order, so the result is that of [`Bert::forward`] to the last bit.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use super::attention::Head;
use super::weights::Layer;
use super::{Bert, Quantised, add};
use crate::batch::Batch;
use nigh_kernel::AlignedBuffer;
use nigh_kernel::integer::PANEL;

/// The phases of a layer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Queries, keys and values of some heads, and their attention.
    Attend,
    /// Some columns of attention's output.
    Gather,
    /// Some columns of the feed-forward layer, activated.
    Widen,
    /// Some columns of its output.
    Narrow,
}

const PHASES: [Phase; 4] = [Phase::Attend, Phase::Gather, Phase::Widen, Phase::Narrow];

/// The most members: a question's phases are too short to share among more. Measured on two cores only.
const MOST: usize = 8;

/// Spins before a waiting thread lets others run.
const SPINS: u32 = 10_000;

/// Room for one bundle, reused.
#[derive(Default)]
pub(super) struct Room {
    /// What every member reads during a phase, and one writes between two.
    shared: RwLock<Shared>,
    /// What the parts of a phase write, one each.
    parts: Vec<Mutex<Part>>,
}

#[derive(Default)]
struct Shared {
    /// `[tokens, hidden]`: the residual stream.
    x: AlignedBuffer,
    /// The phase's input.
    input: Quantised,
    /// One row of the next input, joined from the parts.
    row: AlignedBuffer,
}

#[derive(Default)]
struct Part {
    /// `[tokens, its columns]`.
    out: AlignedBuffer,
    /// `[tokens, head_columns]`.
    qkv: AlignedBuffer,
    head: Head,
}

/// A bundle on its way through the layers.
struct Run<'a> {
    bert: &'a Bert,
    batch: &'a Batch,
    room: &'a Room,
    /// How many parts a phase is cut into at most.
    most: usize,
    /// The phase in the high half, its next unclaimed part in the low one.
    ticket: AtomicU64,
    /// Parts of the phase that are done.
    done: AtomicUsize,
}

impl Bert {
    /// All layers over a small bundle, on the calling thread and those of the pool that are idle. `x`: the embeddings, in
    /// and out.
    pub(super) fn together(&self, pool: &rayon::ThreadPool, batch: &Batch, x: &mut AlignedBuffer) {
        let members = pool.current_num_threads().min(MOST);
        let mut room = self.rooms.take();
        // Three parts a member, so that one who comes late still finds some.
        let most = 3 * members;
        room.parts.resize_with(most.max(room.parts.len()), Mutex::default);
        let tokens = batch.ids.len();
        {
            let shared = room.shared.get_mut().unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut shared.x, x);
            let layer = self.weights.layer(0);
            shared.input.fill(self.simd, &shared.x[..tokens * self.weights.sizes.hidden], &layer.qkv);
        }
        let run = Run { bert: self, batch, room: &room, most, ticket: AtomicU64::new(0), done: AtomicUsize::new(0) };
        pool.in_place_scope(|scope| {
            for _ in 1..members {
                scope.spawn(|_| run.work());
            }
            run.work();
        });
        let shared = room.shared.get_mut().unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut shared.x, x);
        self.rooms.give(room);
    }
}

impl Run<'_> {
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
                // Another phase may have begun meanwhile: then this is a part of that one.
                let (phase, part) = (claimed >> 32, (claimed & u64::from(u32::MAX)) as usize);
                let parts = if phase == phases { Parts::default() } else { self.parts(phase) };
                if part < parts.len() {
                    spins = 0;
                    let _guard = Abort { ticket: &self.ticket, end: phases << 32 };
                    self.compute(phase, part, parts.columns(part));
                    if self.done.fetch_add(1, Ordering::AcqRel) + 1 == parts.len() {
                        self.join(phase, parts);
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

    /// How a phase is cut: heads or panels.
    fn parts(&self, phase: u64) -> Parts {
        let sizes = self.bert.weights.sizes;
        let units = match kind(phase) {
            Phase::Attend => sizes.heads,
            Phase::Gather | Phase::Narrow => sizes.hidden.div_ceil(PANEL),
            Phase::Widen => sizes.intermediate.div_ceil(PANEL),
        };
        Parts { units, parts: units.min(self.most) }
    }

    fn layer(&self, phase: u64) -> Layer<'_> {
        self.bert.weights.layer(phase as usize / PHASES.len())
    }

    /// Columns that a part's units make of a phase's whole width.
    fn columns(&self, phase: u64, units: &Range<usize>) -> Range<usize> {
        let sizes = self.bert.weights.sizes;
        let (unit, width) = match kind(phase) {
            Phase::Attend => (sizes.head(), sizes.hidden),
            Phase::Gather | Phase::Narrow => (PANEL, sizes.hidden),
            Phase::Widen => (PANEL, sizes.intermediate),
        };
        units.start * unit..(units.end * unit).min(width)
    }

    fn compute(&self, phase: u64, part: usize, units: Range<usize>) {
        let (bert, layer) = (self.bert, self.layer(phase));
        let shared = self.room.shared.read().unwrap_or_else(PoisonError::into_inner);
        let mut room = lock(&self.room.parts[part]);
        let Part { out, qkv, head } = &mut *room;
        let (tokens, width) = (self.batch.ids.len(), self.columns(phase, &units).len());
        out.grow(tokens * width);
        let linear = match kind(phase) {
            Phase::Attend => {
                qkv.grow(tokens * bert.weights.sizes.head_columns());
                for (i, unit) in units.enumerate() {
                    bert.attend(
                        &layer,
                        self.batch,
                        &shared.input,
                        unit,
                        qkv,
                        head,
                        &mut out[i * bert.weights.sizes.head()..],
                        width,
                    );
                }
                return;
            }
            Phase::Gather => &layer.attention_output,
            Phase::Widen => &layer.intermediate,
            Phase::Narrow => &layer.output,
        };
        bert.linear(&shared.input, tokens, linear, units, false, out, width);
        if kind(phase) == Phase::Widen {
            bert.activate(&mut out[..tokens * width]);
        }
    }

    /// Joins a phase's parts to the next one's input.
    fn join(&self, phase: u64, parts: Parts) {
        let (bert, layer, tokens) = (self.bert, self.layer(phase), self.batch.ids.len());
        let mut shared = self.room.shared.write().unwrap_or_else(PoisonError::into_inner);
        let Shared { x, input, row } = &mut *shared;
        let rooms: Vec<_> = (0..parts.len()).map(|part| lock(&self.room.parts[part])).collect();
        let pieces = |token: usize| {
            rooms.iter().enumerate().map(move |(part, room)| {
                let columns = self.columns(phase, &parts.columns(part));
                let piece = &room.out[token * columns.len()..][..columns.len()];
                (columns, piece)
            })
        };
        let hidden = bert.weights.sizes.hidden;
        let (width, next) = match kind(phase) {
            Phase::Attend => (hidden, &layer.attention_output),
            Phase::Widen => (bert.weights.sizes.intermediate, &layer.output),
            Phase::Gather | Phase::Narrow => {
                for (token, x) in x.chunks_exact_mut(hidden).take(tokens).enumerate() {
                    for (columns, piece) in pieces(token) {
                        add(&mut x[columns], piece);
                    }
                }
                let (norm, next) = if kind(phase) == Phase::Gather {
                    (layer.attention_norm, Some(layer.intermediate))
                } else {
                    let following = phase as usize / PHASES.len() + 1;
                    let next = (following < bert.weights.layers()).then(|| bert.weights.layer(following).qkv);
                    (layer.output_norm, next)
                };
                let x = &mut x[..tokens * hidden];
                bert.norm(x, norm);
                if let Some(next) = next {
                    input.fill(bert.simd, x, &next);
                }
                return;
            }
        };
        row.grow(width);
        input.reserve(tokens, width);
        for token in 0..tokens {
            for (columns, piece) in pieces(token) {
                row[columns].copy_from_slice(piece);
            }
            input.fill_from(bert.simd, token, &row[..width], next);
        }
    }
}

/// Ends the run when its holder panics, so that nobody waits for a part that will not come.
struct Abort<'a> {
    ticket: &'a AtomicU64,
    end: u64,
}

impl Drop for Abort<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.ticket.store(self.end, Ordering::Release);
        }
    }
}

/// A phase's units, cut into parts of near equal size.
#[derive(Clone, Copy, Default)]
struct Parts {
    units: usize,
    parts: usize,
}

impl Parts {
    fn len(self) -> usize {
        self.parts
    }

    fn columns(self, part: usize) -> Range<usize> {
        part * self.units / self.parts..(part + 1) * self.units / self.parts
    }
}

fn kind(phase: u64) -> Phase {
    PHASES[phase as usize % PHASES.len()]
}

/// A panic of another member ends the run by way of the scope; what it left is written over.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
