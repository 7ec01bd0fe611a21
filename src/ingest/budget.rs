//! A limit on the bytes of text between two threads.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::kernel::sync;

/// Counts bytes that are taken and returned. A request for more bytes than are left waits.
#[derive(Clone)]
pub struct Budget {
    shared: Arc<BudgetState>,
}

struct BudgetState {
    limit: usize,
    taken: Mutex<usize>,
    returned: Condvar,
}

/// Bytes taken from a budget; returned when dropped.
pub struct Share {
    shared: Arc<BudgetState>,
    bytes: usize,
}

impl Budget {
    /// Creates a budget of `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { shared: Arc::new(BudgetState { limit, taken: Mutex::new(0), returned: Condvar::new() }) }
    }

    /// Takes bytes, and waits until there are enough. A request for more than the whole budget is granted once nothing else is taken.
    pub fn take(&self, bytes: usize) -> Share {
        let mut taken = self.shared.lock_taken();
        while *taken > 0 && taken.saturating_add(bytes) > self.shared.limit {
            taken = self.shared.returned.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        *taken = taken.saturating_add(bytes);
        Share { shared: Arc::clone(&self.shared), bytes }
    }
}

impl BudgetState {
    fn lock_taken(&self) -> MutexGuard<'_, usize> {
        sync::lock(&self.taken)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shared.lock_taken();
        *taken = taken.saturating_sub(self.bytes);
        self.shared.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn budget_is_never_exceeded_except_by_one_share_alone() {
        let (budget, under_way) = (Budget::new(100), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (budget, under_way) = (budget.clone(), &under_way);
                scope.spawn(move || {
                    for i in 0..200 {
                        let bytes = 1 + (i * 13 + thread) % 150;
                        let share = budget.take(bytes);
                        let now = under_way.fetch_add(bytes, Ordering::SeqCst) + bytes;
                        assert!(now <= 100 || now == bytes, "{now}");
                        under_way.fetch_sub(bytes, Ordering::SeqCst);
                        drop(share);
                    }
                });
            }
        });
        assert_eq!(*budget.shared.lock_taken(), 0);
    }
}
