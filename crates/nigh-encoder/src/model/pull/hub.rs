//! Fetches files from a model hub: `GET {endpoint}/{repository}/resolve/{revision}/{file}`.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body, Proxy};

use super::super::catalogue::PinnedFile;
use super::super::hash::{CHUNK_BYTES, Hashing};
use super::super::install::Staging;
use super::options::PullOptions;
use super::progress::Report;
use crate::error::{Error, Result};

/// A transfer that delivers nothing for this long is given up.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// The most attempts for one file. It is given up earlier if an attempt delivers nothing.
const MAX_ATTEMPTS: usize = 5;

/// One repository at one commit.
pub(super) struct Hub {
    agent: Agent,
    base: String,
}

/// The reason why an attempt ended before the file was complete.
enum Broken {
    /// The connection failed. What arrived is kept, and another attempt can continue from there.
    Connection(String),
    /// Any error that another attempt would have again.
    Final(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

impl Hub {
    /// Prepares to fetch from a repository. Does not connect yet.
    ///
    /// # Errors
    /// [`Error::Fetch`] when the proxy is not an address.
    pub(super) fn new(repository: &str, revision: &str, options: &PullOptions) -> Result<Self> {
        let refuse = |e: ureq::Error| fetch_error(repository, format!("the proxy cannot be used: {e}"));
        let proxy = options.proxy.as_deref().map(Proxy::new).transpose().map_err(refuse)?;
        let config = Agent::config_builder()
            .proxy(proxy)
            .timeout_resolve(Some(options.connect_timeout))
            .timeout_connect(Some(options.connect_timeout))
            .timeout_per_read(Some(STALL_TIMEOUT))
            .timeout_per_write(Some(STALL_TIMEOUT))
            .http_status_as_error(false)
            .user_agent(concat!("nigh/", env!("CARGO_PKG_VERSION")))
            // No compression, since ranges must count the bytes of the file itself.
            .accept_encoding("identity")
            .build();
        let base = format!("{}/{repository}/resolve/{revision}", options.endpoint.trim_end_matches('/'));
        Ok(Self { agent: config.new_agent(), base })
    }

    /// Fetches one file into `staging`. Continues from a `.part` file if the server supports that.
    ///
    /// # Errors
    /// [`Error::Fetch`] for what the hub or the connection refused, [`Error::HashMismatch`], [`Error::Io`] for this
    /// machine's disk, [`Error::Interrupted`].
    pub(super) fn fetch(&self, pin: &PinnedFile, staging: &mut Staging, report: &mut Report<'_>) -> Result<()> {
        let part = staging.part(pin.path)?;
        let mut attempts = 0;
        loop {
            let before = written_bytes(&part);
            match self.attempt(pin, &part, report) {
                Ok(writer) => match staging.accept(pin.path, Some(pin), writer) {
                    // The `.part` file had other content, so the result is wrong. It was removed: try once more without it.
                    Err(Error::HashMismatch { .. }) if before > 0 => attempts += 1,
                    Err(error) => return Err(error),
                    Ok(()) => return report.finished(pin.path),
                },
                Err(Broken::Final(error)) => return Err(error),
                Err(Broken::Connection(problem)) => {
                    attempts += 1;
                    if attempts >= MAX_ATTEMPTS || written_bytes(&part) <= before {
                        return Err(fetch_error(&self.url(pin), problem));
                    }
                }
            }
        }
    }

    /// Makes one attempt: continues the `.part` file, and returns its writer when all bytes have arrived.
    fn attempt(&self, pin: &PinnedFile, part: &Path, report: &mut Report<'_>) -> Result<Hashing<File>, Broken> {
        // 1. Request the bytes that are missing in the `.part` file; all bytes if the file is too long.
        let mut have = Some(written_bytes(part)).filter(|&have| have <= pin.bytes).unwrap_or(0);
        let response = if have < pin.bytes { Some(self.get(pin, have)?) } else { None };
        if response.as_ref().is_some_and(|response| !starts_at(response, have)) {
            have = 0;
        }
        // 2. Open the `.part` file, and hash what it contains.
        let file = File::options().create(true).truncate(false).read(true).write(true).open(part);
        let mut file = file.map_err(Error::io("open", part))?;
        file.set_len(have).map_err(Error::io("shorten", part))?;
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut writer = Hashing::new(file.try_clone().map_err(Error::io("open", part))?);
        // Both handles share one position: after reading to the end, the writer is at the end.
        while let n @ 1.. = file.read(&mut chunk).map_err(Error::io("read", part))? {
            writer.resume(&chunk[..n]);
        }
        report.started(pin.path, Some(pin.bytes), have)?;
        let Some(response) = response else { return Ok(writer) };
        if let Some(announced) = response.body().content_length().filter(|announced| have + announced != pin.bytes) {
            let total = have + announced;
            let problem = format!("it sends {total} bytes instead of {}; is that address a model hub?", pin.bytes);
            return Err(fetch_error(&self.url(pin), problem).into());
        }
        // 3. Append what arrives.
        let mut body = response.into_body().into_reader();
        while writer.bytes() < pin.bytes {
            let n = body.read(&mut chunk).map_err(|e| Broken::Connection(format!("the connection broke off: {e}")))?;
            if n == 0 {
                let problem = format!("the connection ended after {} of {} bytes", writer.bytes(), pin.bytes);
                return Err(Broken::Connection(problem));
            }
            writer.write_all(&chunk[..n]).map_err(Error::io("write", part))?;
            report.advanced(pin.path, writer.bytes())?;
        }
        Ok(writer)
    }

    fn url(&self, pin: &PinnedFile) -> String {
        format!("{}/{}", self.base, pin.path)
    }

    /// Requests the file's bytes from `have` on. A server that does not support ranges sends the whole file.
    fn get(&self, pin: &PinnedFile, have: u64) -> Result<Response<Body>, Broken> {
        let url = self.url(pin);
        let mut request = self.agent.get(&url);
        if have > 0 {
            request = request.header(header::RANGE, format!("bytes={have}-"));
        }
        let response = request.call().map_err(|e| match e {
            ureq::Error::Io(source) => Broken::Connection(format!("no connection: {source}")),
            e => Broken::Connection(format!("no connection: {e}")),
        })?;
        match response.status() {
            StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => self.get(pin, 0),
            status if status.is_success() => Ok(response),
            status => Err(fetch_error(&url, format!("the hub answers {status}")).into()),
        }
    }
}

/// True if the response is a part of the file that begins exactly at byte `have`.
fn starts_at(response: &Response<Body>, have: u64) -> bool {
    let range = response.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let first = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
    response.status() == StatusCode::PARTIAL_CONTENT && first == Some(have)
}

fn written_bytes(part: &Path) -> u64 {
    part.metadata().map_or(0, |metadata| metadata.len())
}

fn fetch_error(what: &str, problem: String) -> Error {
    Error::Fetch { what: what.to_owned(), problem }
}
