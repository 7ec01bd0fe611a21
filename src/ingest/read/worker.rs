//! A process that reads files which may make it hang, crash or take all memory. If it dies, indexing continues.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use nigh_formats::{Extracted, Format};

use super::worker_protocol::{Attachments, WorkerRequest, WorkerResponse, receive, send};
use super::{Skip, extract_catching_panics};
use crate::kernel::heap;

/// The command that starts a worker: a program that calls [`serve`] on its standard input and output. The program itself must
/// limit its memory; `nigh` limits its address space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerCommand {
    program: PathBuf,
    arguments: Vec<OsString>,
    pub(crate) time_limit: Duration,
}

impl WorkerCommand {
    /// The default of [`WorkerCommand::time_limit`]: 30 seconds.
    pub const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(30);

    /// Creates a command with the default time limit.
    pub fn new(program: impl Into<PathBuf>, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self { program: program.into(), arguments, time_limit: Self::DEFAULT_TIME_LIMIT }
    }

    /// The most time that the worker may take for one file. After it, the process is killed and the file reported. Default:
    /// [`WorkerCommand::DEFAULT_TIME_LIMIT`].
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }
}

/// Answers requests until the input ends: the worker's side of [`WorkerCommand`]. Calls `begin` before each file and `end`
/// after it, so that the caller can limit the time.
///
/// # Errors
/// [`io::Error`] when input or output fail.
pub fn serve(input: impl Read, output: impl Write, mut begin: impl FnMut(), mut end: impl FnMut()) -> io::Result<()> {
    let (mut input, mut output) = (input, output);
    while let Some((WorkerRequest { path, attachments }, bytes)) = receive(&mut input)? {
        begin();
        let result = match Format::of(&bytes, &path) {
            Ok(format) => extract_catching_panics(format, bytes, &path, attachments),
            Err(error) => Err(error.into()),
        };
        end();
        let (response, text) = WorkerResponse::of(result);
        send(&mut output, &response, text.as_bytes())?;
        drop((response, text));
        heap::give_back();
    }
    Ok(())
}

/// The worker process as seen by nigh. It is started on first use, and again after it died.
pub(super) struct Worker {
    command: WorkerCommand,
    running: Option<WorkerProcess>,
}

struct WorkerProcess {
    child: Child,
    input: ChildStdin,
    answers: Receiver<io::Result<(WorkerResponse, Vec<u8>)>>,
}

impl Worker {
    pub(super) fn new(command: WorkerCommand) -> Self {
        Self { command, running: None }
    }

    /// Extracts the text of a file in the worker. A mail whose attachments make the worker hang or die is read without them.
    ///
    /// # Errors
    /// The errors of the file's format; [`Skip::Damaged`] if the worker took too long or died while it read the file.
    pub(super) fn extract(&mut self, path: &Path, bytes: Vec<u8>) -> Result<Extracted, Skip> {
        let format = Format::of(&bytes, path);
        let kind = format.as_ref().map_or("its format", |format| format.name());
        match self.ask(path, &bytes, kind, Attachments::Extract)? {
            Ok(result) => result,
            Err(no_answer) if matches!(format, Ok(Format::Mail(_))) => {
                self.ask(path, &bytes, kind, Attachments::Ignore)?.unwrap_or(Err(no_answer))
            }
            Err(no_answer) => Err(no_answer),
        }
    }

    /// Returns the worker's answer, or the reason why it did not answer.
    ///
    /// # Errors
    /// The error when the worker cannot be started.
    fn ask(
        &mut self,
        path: &Path,
        bytes: &[u8],
        kind: &str,
        attachments: Attachments,
    ) -> Result<Result<Result<Extracted, Skip>, Skip>, Skip> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => WorkerProcess::start(&self.command).map_err(|error| {
                let program = self.command.program.display();
                Skip::Unreadable(format!("the process that reads {kind} cannot be started ({program}): {error}"))
            })?,
        };
        let sent = send(&mut running.input, &WorkerRequest { path: path.to_path_buf(), attachments }, bytes);
        let limit = self.command.time_limit;
        let answer = sent.map_err(|_| WorkerDied).and_then(|()| running.answer(limit));
        Ok(match answer {
            Ok(Some((response, body))) => {
                self.running = Some(running);
                Ok(response.into_result(body))
            }
            Ok(None) => {
                running.stop();
                let seconds = limit.as_secs_f64();
                Err(Skip::Damaged(format!("reading it as {kind} took more than {seconds} s; it was stopped")))
            }
            Err(WorkerDied) => {
                let how = running.stop().map_or(String::new(), |status| format!(" ({})", describe(status)));
                Err(Skip::Damaged(format!("the process that reads {kind} crashed on it{how}; the file may be damaged")))
            }
        })
    }
}

/// The worker died, or its answer is invalid.
struct WorkerDied;

impl WorkerProcess {
    fn start(command: &WorkerCommand) -> io::Result<Self> {
        let mut process = Command::new(&command.program);
        process.args(&command.arguments);
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // Ctrl-C is for nigh itself: without this, the file that the worker reads would be reported as damaged.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut process, 0);
        let mut child = process.spawn()?;
        let (Some(input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("it has no pipes"));
        };
        let (answer, answers) = sync_channel(1);
        // The thread reads the output of the process, and ends with it.
        std::thread::spawn(move || {
            while let Some(response) = receive(&mut output).transpose() {
                let failed = response.is_err();
                if answer.send(response).is_err() || failed {
                    break;
                }
            }
        });
        Ok(Self { child, input, answers })
    }

    /// Waits for the answer. `None` if it takes longer than `limit`.
    fn answer(&mut self, limit: Duration) -> Result<Option<(WorkerResponse, Vec<u8>)>, WorkerDied> {
        match self.answers.recv_timeout(limit) {
            Ok(Ok(response)) => Ok(Some(response)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(WorkerDied),
        }
    }

    fn stop(mut self) -> Option<ExitStatus> {
        let _ = self.child.kill();
        self.child.wait().ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(WorkerProcess { mut child, input, .. }) = self.running.take() {
            // The worker exits at the end of its input.
            drop(input);
            let _ = child.wait();
        }
    }
}

#[cfg(unix)]
fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(6) => "it ran out of memory, or gave up".to_owned(),
        Some(9) => "it was killed".to_owned(),
        Some(signal) => format!("signal {signal}"),
        None => status.to_string(),
    }
}

#[cfg(not(unix))]
fn describe(status: ExitStatus) -> String {
    status.to_string()
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use std::time::Instant;

    use super::*;

    fn shell(script: &str) -> WorkerCommand {
        WorkerCommand::new("/bin/sh", ["-c", script]).time_limit(Duration::from_millis(300))
    }

    fn reason(command: WorkerCommand) -> String {
        match Worker::new(command).extract(Path::new("a.html"), b"<html><body>x</body></html>".to_vec()) {
            Err(Skip::Damaged(reason) | Skip::Unreadable(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn worker_that_hangs_dies_or_sends_garbage_gives_a_reason() {
        let start = Instant::now();
        assert!(reason(shell("cat >/dev/null; sleep 60")).contains("more than 0.3 s"));
        assert!(start.elapsed() < Duration::from_secs(20));
        assert!(reason(shell("kill -SEGV $$")).contains("signal 11"));
        assert!(reason(shell("printf '\\377\\377\\377\\377nonsense'; sleep 60")).contains("crashed on it"));
        assert!(reason(shell("exit 3")).contains("exit status: 3"));
        assert!(reason(WorkerCommand::new("/nowhere/nigh", ["x"])).contains("cannot be started"));
    }

    #[cfg(feature = "formats")]
    #[test]
    fn worker_reads_a_mail_without_the_attachment_that_kills_it() {
        let mail = "From: a@x.example\nTo: b\nSubject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nThe words.\n--b\n\
                    Content-Type: text/plain; name=a.txt\n\nattached\n--b--\n";
        let read = |attachments| {
            let mut input = Vec::new();
            send(&mut input, &WorkerRequest { path: "a.eml".into(), attachments }, mail.as_bytes()).unwrap();
            let mut output = Vec::new();
            serve(&input[..], &mut output, || (), || ()).unwrap();
            output
        };
        let text = |output: &[u8]| {
            let (response, body) = receive::<WorkerResponse>(&mut &output[..]).unwrap().unwrap();
            response.into_result(body).unwrap()
        };
        assert!(text(&read(Attachments::Extract)).text.contains("attached"));
        assert!(!text(&read(Attachments::Ignore)).text.contains("attached"));
        // A worker that dies the first time it is started, and answers the second time.
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("answer"), read(Attachments::Ignore)).unwrap();
        let script =
            format!("cd '{}'; if mkdir once; then exit 7; fi; cat answer; cat >/dev/null", folder.path().display());
        let command = shell(&script).time_limit(Duration::from_secs(20));
        let found = Worker::new(command).extract(Path::new("a.eml"), mail.into()).unwrap();
        assert!(found.text.contains("The words.") && found.losses[0].contains("a.txt"), "{found:?}");
    }

    #[test]
    fn worker_answers_requests_in_turn_until_the_input_ends() {
        let mut input = Vec::new();
        for text in ["# One", "\0\0\u{1}"] {
            let request = WorkerRequest { path: "a.md".into(), attachments: Attachments::Extract };
            send(&mut input, &request, text.as_bytes()).unwrap();
        }
        let (mut output, mut begun, mut ended) = (Vec::new(), 0, 0);
        serve(&input[..], &mut output, || begun += 1, || ended += 1).unwrap();
        assert_eq!((begun, ended), (2, 2));
        let mut output = &output[..];
        let (first, body) = receive::<WorkerResponse>(&mut output).unwrap().unwrap();
        assert_eq!(first.into_result(body).unwrap().title.as_deref(), Some("One"));
        let (second, body) = receive::<WorkerResponse>(&mut output).unwrap().unwrap();
        assert!(matches!(second.into_result(body), Err(Skip::NotText(_))));
    }
}
