//! Takes locks, even if another holder panicked.
//!
//! A poisoned lock is not an error here. Each user keeps its data valid between any two statements, or overwrites the data that
//! the other holder left.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Locks a mutex.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for reading.
pub fn read<T: ?Sized>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for writing.
pub fn write<T: ?Sized>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_are_taken_after_a_panic() {
        let (mutex, shared) = (Mutex::new(1), RwLock::new(2));
        let panicked = std::panic::catch_unwind(|| {
            let (mut one, mut two) = (lock(&mutex), write(&shared));
            (*one, *two) = (3, 4);
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(panicked.is_err() && mutex.is_poisoned() && shared.is_poisoned());
        assert_eq!((*lock(&mutex), *read(&shared)), (3, 4));
        *write(&shared) += 1;
        assert_eq!(*read(&shared), 5);
    }
}
