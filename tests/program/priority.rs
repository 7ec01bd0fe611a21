//! `nigh index --nice` and `nigh watch`: the CPU priority of every thread.

use std::fs;
use std::io::Read;
use std::process::{Child, Stdio};

use crate::support::Place;
use crate::support::command::nigh;

/// The nice value of work in the background.
const BACKGROUND: i32 = 10;

/// Returns the nice value of each thread of a process: field 19 of its `stat`.
fn nice_values(process: &str) -> Vec<i32> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let stats = tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("stat")).ok());
    // The name, field 2, is in parentheses and may contain blanks.
    stats.map(|stat| stat.rsplit_once(')').unwrap().1.split_whitespace().nth(16).unwrap().parse().unwrap()).collect()
}

/// A running command that has begun to print and waits, since nobody reads the rest; ended when dropped.
struct Waiting(Child);

impl Waiting {
    fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut command = nigh(&place.docs(), arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        Self(child)
    }

    fn nice_values(&self) -> Vec<i32> {
        nice_values(&self.0.id().to_string())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder whose report does not fit in a pipe.
fn folder_with_a_long_report() -> Place {
    let place = Place::new();
    place.write("a.md", "Some words to encode.\n");
    for i in 0..1200 {
        place.write(&format!("{i}{}.bin", "-name".repeat(20)), b"\x00\x01\x02");
    }
    place
}

#[test]
fn priority_is_lowered_when_asked_and_by_watch() {
    let place = folder_with_a_long_report();
    let own = nice_values("self")[0];
    let low = own.max(BACKGROUND);
    for (arguments, expected) in [
        (&["index", "-v", "--model", "../model"][..], own),
        (&["index", "-v", "--nice"], low),
        (&["watch", "-v"], low),
        (&["watch", "-v", "--nice=false"], own),
    ] {
        let running = Waiting::start(&place, arguments);
        let values = running.nice_values();
        assert!(!values.is_empty() && values.iter().all(|&nice| nice == expected), "{arguments:?}: {values:?}");
    }
}
