//! Download of one file from one address, with retries, bounded in time and size.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::thread;
use std::time::Duration;

use ureq::http::{Response, StatusCode, Uri};
use ureq::{Agent, Body, Proxy, Timeout};

use super::part::{Part, part_path};
use super::retries::RetryPolicy;
use crate::error::Error;
use crate::fetch::catalogue::{RemoteFile, Unpack};
use crate::watch::Watch;

/// Allowance in an archive for other members and headers, in addition to the size of the wanted content.
const ARCHIVE_SLACK: u64 = 16 << 20;
/// Bytes per second below which a connection counts as broken, so that no server can hold one open forever.
const SLOWEST: u64 = 4 << 10;
/// Maximum number of redirects.
const MOST_REDIRECTS: u32 = 5;

/// Why a download failed, grouped by what can be tried next.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The connection failed. The received part is kept, and another attempt resumes.
    #[error("{0}")]
    Broken(String),
    /// The server refused the request or its data is invalid. The received part is discarded: only another address can help.
    #[error("{0}")]
    Refused(String),
    /// The content has another checksum.
    #[error("its checksum is {got}, expected {expected}")]
    WrongChecksum { expected: String, got: String },
    /// An error on this machine, or an interruption: nothing else is tried.
    #[error(transparent)]
    Stop(#[from] Error),
}

pub(super) type Outcome<T> = std::result::Result<T, Fault>;

/// One file from one address.
pub(super) struct Transfer<'t, 'w> {
    pub(super) file: &'t RemoteFile,
    pub(super) url: &'t str,
    pub(super) target: &'t Path,
    pub(super) retries: RetryPolicy,
    pub(super) watch: &'t mut Watch<'w>,
}

impl Transfer<'_, '_> {
    pub(super) fn run(&mut self) -> Outcome<()> {
        let mut part = Part::open(part_path(self.target, self.url), self.url)?;
        let outcome = self.deliver(&mut part);
        if let Ok(()) | Err(Fault::Refused(_) | Fault::WrongChecksum { .. }) = outcome {
            part.len = 0;
        }
        if part.len == 0 {
            // A leftover is harmless: its content is verified like any other.
            let _ = fs::remove_file(&part.path);
        }
        outcome
    }

    fn deliver(&mut self, part: &mut Part) -> Outcome<()> {
        let inherited = part.len > 0;
        self.download(part)?;
        match self.unpack(part) {
            // The first bytes are from an earlier run: the file may have changed since, or the part is damaged.
            Err(Fault::Refused(_) | Fault::WrongChecksum { .. }) if inherited => {
                self.watch.advance("starting over", 0, None)?;
                part.restart()?;
                self.download(part)?;
                self.unpack(part)
            }
            outcome => outcome,
        }
    }

    /// Connects until the part is complete, at most as often as the retry policy allows.
    fn download(&mut self, part: &mut Part) -> Outcome<()> {
        if part.len > self.limit() {
            part.restart()?;
        }
        let agent = self.agent();
        let mut attempt = 1;
        loop {
            self.watch.advance("connecting", 0, None)?;
            match self.connect(&agent, part) {
                Err(Fault::Broken(_)) if attempt < self.retries.attempts => {}
                outcome => return outcome,
            }
            self.watch.advance("waiting to connect again", 0, None)?;
            thread::sleep(self.retries.backoff * attempt);
            attempt += 1;
        }
    }

    /// Requests the missing bytes and appends them.
    fn connect(&mut self, agent: &Agent, part: &mut Part) -> Outcome<()> {
        if self.file.unpack == Unpack::None && part.len == self.file.bytes {
            return Ok(());
        }
        let mut request = agent.get(self.url);
        if part.len > 0 {
            request = request.header("Range", format!("bytes={}-", part.len));
        }
        let response = request.call().map_err(|error| self.fault(error))?;
        match response.status() {
            // The whole file, whether or not a range was requested.
            StatusCode::OK => part.restart()?,
            StatusCode::PARTIAL_CONTENT if range_start(&response) == Some(part.len) => {}
            StatusCode::RANGE_NOT_SATISFIABLE if range_total(&response) == Some(part.len) => {
                return Ok(());
            }
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                part.restart()?;
                return Err(Fault::Broken(
                    "the server sent a different range from the one requested".into(),
                ));
            }
            status if is_temporary(status) => {
                return Err(Fault::Broken(format!("the server answered {status}")));
            }
            status => return Err(Fault::Refused(format!("the server answered {status}"))),
        }
        self.receive(response.into_body(), part)
    }

    fn receive(&mut self, body: Body, part: &mut Part) -> Outcome<()> {
        let total = body
            .content_length()
            .map(|rest| part.len.saturating_add(rest));
        self.check_total(total.unwrap_or(self.file.bytes))?;
        self.watch.advance("downloading", part.len, total)?;
        let mut body = body.into_reader();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = body
                .read(&mut buffer)
                .map_err(|error| self.fault(error.into()))?;
            if read == 0 {
                break;
            }
            if part.len + read as u64 > self.limit() {
                return Err(self.too_long());
            }
            part.append(&buffer[..read])?;
            self.watch.advance("downloading", read as u64, total)?;
        }
        let expected = self.file.bytes;
        if self.file.unpack == Unpack::None && part.len < expected {
            let ended = format!(
                "the connection ended after {} of {expected} bytes",
                part.len
            );
            return Err(Fault::Broken(ended));
        }
        Ok(())
    }

    /// Refuses a wrong length before the transfer.
    fn check_total(&self, total: u64) -> Outcome<()> {
        if total > self.limit() {
            return Err(self.too_long());
        }
        let expected = self.file.bytes;
        if self.file.unpack == Unpack::None && total < expected {
            return Err(Fault::Refused(format!(
                "it has {total} bytes, expected {expected}"
            )));
        }
        Ok(())
    }

    /// Maximum number of bytes accepted from the address.
    fn limit(&self) -> u64 {
        match self.file.unpack {
            Unpack::None => self.file.bytes,
            Unpack::Gzip | Unpack::Zip(_) => self.file.bytes.saturating_add(ARCHIVE_SLACK),
        }
    }

    fn too_long(&self) -> Fault {
        Fault::Refused(format!("it is longer than {} bytes", self.limit()))
    }

    fn agent(&self) -> Agent {
        let timeout = Some(self.retries.timeout);
        let whole = self.retries.timeout + Duration::from_secs(self.limit() / SLOWEST + 1);
        let config = Agent::config_builder()
            .https_only(self.url.starts_with("https://"))
            .http_status_as_error(false)
            .max_redirects(MOST_REDIRECTS)
            // Transparent compression would change the meaning of lengths and ranges.
            .accept_encoding("identity")
            .user_agent(concat!("eras/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(timeout)
            .timeout_connect(timeout)
            .timeout_recv_response(timeout)
            .timeout_per_read(timeout)
            .timeout_per_write(timeout)
            .timeout_per_call(Some(whole))
            .proxy(proxy_for(self.url))
            .build();
        Agent::new_with_config(config)
    }

    fn fault(&self, error: ureq::Error) -> Fault {
        use ureq::Error::{ConnectionFailed, HostNotFound, Io, Protocol, TooManyRedirects};
        match error {
            ureq::Error::Timeout(Timeout::PerCall) => {
                Fault::Broken(format!("slower than {SLOWEST} bytes per second"))
            }
            ureq::Error::Timeout(_) => {
                let timeout = self.retries.timeout;
                Fault::Broken(format!("no data from the server for {timeout:?}"))
            }
            Io(_) | HostNotFound | ConnectionFailed | Protocol(_) => {
                Fault::Broken(format!("the connection failed ({error})"))
            }
            TooManyRedirects => Fault::Refused(format!("more than {MOST_REDIRECTS} redirects")),
            error => Fault::Refused(error.to_string()),
        }
    }
}

/// The proxy that the environment sets, except for this machine.
fn proxy_for(url: &str) -> Option<Proxy> {
    let uri: Option<Uri> = url.parse().ok();
    match uri.as_ref().and_then(Uri::host) {
        Some("localhost" | "127.0.0.1" | "[::1]") => None,
        _ => Proxy::try_from_env(),
    }
}

/// Whether the same request may succeed later.
fn is_temporary(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
}

/// `5` of `Content-Range: bytes 5-9/10`.
fn range_start(response: &Response<Body>) -> Option<u64> {
    content_range(response)?.split_once('-')?.0.parse().ok()
}

/// `10` of `Content-Range: bytes */10`.
fn range_total(response: &Response<Body>) -> Option<u64> {
    content_range(response)?.split_once('/')?.1.parse().ok()
}

fn content_range(response: &Response<Body>) -> Option<&str> {
    let value = response.headers().get("Content-Range")?.to_str().ok()?;
    value.strip_prefix("bytes ")
}
