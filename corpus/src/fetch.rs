//! Downloads the files of a catalogue's entry: resumed where they broke off, bounded in time and size, and checked
//! before they get their names.
//!
//! What comes from an address is kept as it comes in a hidden `.part` file, which outlives a broken connection, an
//! interruption and the program. When it is whole it is unpacked beside, and only content with the catalogue's
//! checksum is renamed to its place; so a file that is there is right.

use std::fs::{self, File, TryLockError};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use ureq::http::{Response, StatusCode, Uri};
use ureq::{Agent, Body, Proxy, Timeout};

use crate::catalogue::{Entry, RemoteFile, Unpack};
use crate::error::{Error, Result};
use crate::files::{sha256_of, sha256_of_file};
use crate::prepare::Watch;

/// How long a download waits and how often it tries again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Longest time without a byte from the server.
    pub silence: Duration,
    /// Connections to one address, each going on where the last one broke.
    pub attempts: u32,
    /// Pause before the second connection; before the n-th it is n - 1 times as long.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            silence: Duration::from_secs(30),
            attempts: 4,
            pause: Duration::from_secs(1),
        }
    }
}

/// Room in an archive for other members and headers, beyond the size of the wanted content.
const ARCHIVE_SLACK: u64 = 16 << 20;
/// Bytes per second below which a connection counts as broken, so that no server can hold one open for ever.
const SLOWEST: u64 = 4 << 10;
/// Addresses that may follow on the first one.
const MOST_REDIRECTS: u32 = 5;

/// Downloads what is missing of `entry` into `folder/<name of the entry>`, and returns that folder.
///
/// Files that are there with the right checksum are left alone, so putting one there by hand works too. Progress
/// comes file by file: `connecting`, `downloading` (bytes as they are packed), `checking` (unpacked bytes), with
/// steps without bytes between them.
///
/// # Errors
/// [`Error::Download`] with the address and what to do; [`Error::Checksum`] when the content is another;
/// [`Error::Interrupted`] when the observer stops it, after which the next call goes on from there;
/// [`Error::Layout`] for an entry that no catalogue accepts; [`Error::Io`].
pub fn fetch(entry: &Entry, folder: &Path, watch: &mut Watch<'_>) -> Result<PathBuf> {
    fetch_patiently(entry, folder, Patience::default(), watch)
}

/// As [`fetch`], with another patience than the default.
///
/// # Errors
/// As for [`fetch`].
pub fn fetch_patiently(
    entry: &Entry,
    folder: &Path,
    patience: Patience,
    watch: &mut Watch<'_>,
) -> Result<PathBuf> {
    entry.validate()?;
    let folder = folder.join(&entry.name);
    fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    for file in &entry.files {
        let target = folder.join(&file.name);
        if !is_whole(file, &target)? {
            fetch_file(file, &target, patience, watch)?;
        }
    }
    Ok(folder)
}

fn is_whole(file: &RemoteFile, path: &Path) -> Result<bool> {
    let has_size =
        fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() == file.bytes);
    Ok(has_size && sha256_of_file(path)? == file.sha256)
}

/// Tries one address after the other.
fn fetch_file(
    file: &RemoteFile,
    target: &Path,
    patience: Patience,
    watch: &mut Watch<'_>,
) -> Result<()> {
    let mut failures = Vec::new();
    for url in &file.urls {
        let mut transfer = Transfer {
            file,
            url,
            target,
            patience,
            watch: &mut *watch,
        };
        match transfer.run() {
            Ok(()) => {
                // Parts from addresses that were given up; whatever remains of them is only room.
                for url in &file.urls {
                    let _ = fs::remove_file(part_path(target, url));
                }
                return Ok(());
            }
            Err(Fault::Stop(error)) => return Err(error),
            Err(fault) => failures.push((url, fault)),
        }
    }
    Err(give_up(target, &failures))
}

fn give_up(target: &Path, failures: &[(&String, Fault)]) -> Error {
    if let [(_, Fault::Wrong { expected, got })] = failures {
        return Error::Checksum {
            path: target.to_path_buf(),
            expected: expected.clone(),
            got: got.clone(),
            remedy: "the address delivers something else; nothing of it was kept",
        };
    }
    let is_broken = |(_, fault): &(_, Fault)| matches!(fault, Fault::Broken(_));
    let remedy = match failures.iter().any(is_broken) {
        true => "check the connection and run the command again: it resumes".to_owned(),
        false => format!(
            "get it elsewhere, unpack it, and put it at {}",
            target.display()
        ),
    };
    let mut told = failures.iter().map(|(url, fault)| (url, fault.to_string()));
    let (url, first) = told.next().expect("an entry has an address");
    let others: String = told
        .map(|(url, fault)| format!("; {url}: {fault}"))
        .collect();
    Error::Download {
        url: (*url).clone(),
        what: format!("{first}{others}; {remedy}"),
    }
}

/// Why an address did not deliver; told apart by what is worth trying next.
#[derive(Debug, thiserror::Error)]
enum Fault {
    /// The connection. What has come is kept: another attempt goes on from there.
    #[error("{0}")]
    Broken(String),
    /// The server or its data. What has come is of no use: only another address helps.
    #[error("{0}")]
    Refused(String),
    /// Data of another content.
    #[error("its checksum is {got}, expected {expected}")]
    Wrong { expected: String, got: String },
    /// This machine or its user: nothing else is tried.
    #[error(transparent)]
    Stop(#[from] Error),
}

type Outcome<T> = std::result::Result<T, Fault>;

/// One file from one address.
struct Transfer<'t, 'w> {
    file: &'t RemoteFile,
    url: &'t str,
    target: &'t Path,
    patience: Patience,
    watch: &'t mut Watch<'w>,
}

impl Transfer<'_, '_> {
    fn run(&mut self) -> Outcome<()> {
        self.watch.advance("choosing an address", 0, None)?;
        let mut part = Part::open(part_path(self.target, self.url), self.url)?;
        let outcome = self.deliver(&mut part);
        if let Ok(()) | Err(Fault::Refused(_) | Fault::Wrong { .. }) = outcome {
            part.len = 0;
        }
        if part.len == 0 {
            // A leftover is harmless: its content would be checked like any other.
            let _ = fs::remove_file(&part.path);
        }
        outcome
    }

    fn deliver(&mut self, part: &mut Part) -> Outcome<()> {
        let inherited = part.len > 0;
        self.download(part)?;
        match self.unpack(part) {
            // The beginning is from an earlier run: the file may have changed since, or the part was damaged.
            Err(Fault::Refused(_) | Fault::Wrong { .. }) if inherited => {
                self.watch.advance("starting over", 0, None)?;
                part.restart()?;
                self.download(part)?;
                self.unpack(part)
            }
            outcome => outcome,
        }
    }

    /// Connects until the part is whole, at most as often as patience allows.
    fn download(&mut self, part: &mut Part) -> Outcome<()> {
        if part.len > self.limit() {
            part.restart()?;
        }
        let agent = self.agent();
        let mut attempt = 1;
        loop {
            self.watch.advance("connecting", 0, None)?;
            match self.connect(&agent, part) {
                Err(Fault::Broken(_)) if attempt < self.patience.attempts => {}
                outcome => return outcome,
            }
            // A step of its own, so that the observer is asked before each pause and after it.
            self.watch.advance("waiting to connect again", 0, None)?;
            thread::sleep(self.patience.pause * attempt);
            attempt += 1;
        }
    }

    /// Asks for what the part lacks and appends it.
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
            // The whole file, whether or not the server was asked for a range.
            StatusCode::OK => part.restart()?,
            StatusCode::PARTIAL_CONTENT if range_start(&response) == Some(part.len) => {}
            StatusCode::RANGE_NOT_SATISFIABLE if range_total(&response) == Some(part.len) => {
                return Ok(());
            }
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                part.restart()?;
                return Err(Fault::Broken(
                    "the server answered with another range".into(),
                ));
            }
            status if is_passing(status) => {
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

    /// Refuses a wrong length before its bytes come.
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

    /// Unpacks beside the target, and renames what has the right checksum.
    fn unpack(&mut self, part: &mut Part) -> Outcome<()> {
        let path = hidden(self.target, "unpacked");
        let outcome = self.write_unpacked(part, &path).and_then(|()| {
            let got = sha256_of_file(&path)?;
            if got != self.file.sha256 {
                let expected = self.file.sha256.clone();
                return Err(Fault::Wrong { expected, got });
            }
            fs::rename(&path, self.target).map_err(Error::io("rename to", self.target))?;
            Ok(())
        });
        if outcome.is_err() {
            // The first error is the one worth telling; a leftover is overwritten next time.
            let _ = fs::remove_file(&path);
        }
        outcome
    }

    fn write_unpacked(&mut self, part: &mut Part, path: &Path) -> Outcome<()> {
        part.file.rewind().map_err(Error::io("read", &part.path))?;
        let packed = BufReader::with_capacity(1 << 17, &part.file);
        match &self.file.unpack {
            Unpack::None => self.copy(packed, path),
            Unpack::Gzip => self.copy(flate2::bufread::MultiGzDecoder::new(packed), path),
            Unpack::Zip(member) => {
                let refuse = |error| {
                    Fault::Refused(format!("no member {member} can be read from it ({error})"))
                };
                let mut archive = zip::ZipArchive::new(packed).map_err(refuse)?;
                self.copy(archive.by_name(member).map_err(refuse)?, path)
            }
        }
    }

    fn copy(&mut self, mut content: impl Read, path: &Path) -> Outcome<()> {
        let mut file = File::create(path).map_err(Error::io("create", path))?;
        let mut buffer = vec![0; 1 << 16];
        let mut len = 0;
        loop {
            let read = content
                .read(&mut buffer)
                .map_err(|error| Fault::Refused(format!("the packed data is damaged ({error})")))?;
            if read == 0 {
                break;
            }
            len += read as u64;
            if len > self.file.bytes {
                return Err(Fault::Refused(format!(
                    "it unpacks to more than {} bytes",
                    self.file.bytes
                )));
            }
            file.write_all(&buffer[..read])
                .map_err(Error::io("write", path))?;
            self.watch
                .advance("checking", read as u64, Some(self.file.bytes))?;
        }
        file.sync_all().map_err(Error::io("write", path))?;
        Ok(())
    }

    /// Most bytes that are accepted from the address.
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
        let silence = Some(self.patience.silence);
        let whole = self.patience.silence + Duration::from_secs(self.limit() / SLOWEST + 1);
        let config = Agent::config_builder()
            .https_only(self.url.starts_with("https://"))
            .http_status_as_error(false)
            .max_redirects(MOST_REDIRECTS)
            // A transparently packed text would make lengths and ranges mean something else.
            .accept_encoding("identity")
            .user_agent(concat!("eras/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(silence)
            .timeout_connect(silence)
            .timeout_recv_response(silence)
            .timeout_per_read(silence)
            .timeout_per_write(silence)
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
                let silence = self.patience.silence;
                Fault::Broken(format!("the server was silent for {silence:?}"))
            }
            Io(_) | HostNotFound | ConnectionFailed | Protocol(_) => {
                Fault::Broken(format!("the connection failed ({error})"))
            }
            TooManyRedirects => Fault::Refused(format!("more than {MOST_REDIRECTS} redirects")),
            error => Fault::Refused(error.to_string()),
        }
    }
}

/// The proxy that the environment asks for, except to this machine itself.
fn proxy_for(url: &str) -> Option<Proxy> {
    let uri: Option<Uri> = url.parse().ok();
    match uri.as_ref().and_then(Uri::host) {
        Some("localhost" | "127.0.0.1" | "[::1]") => None,
        _ => Proxy::try_from_env(),
    }
}

/// Whether the same request may succeed a little later.
fn is_passing(status: StatusCode) -> bool {
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

/// What has come of a file, as it comes, with the lock that keeps other processes off it.
struct Part {
    path: PathBuf,
    file: File,
    len: u64,
}

impl Part {
    fn open(path: PathBuf, url: &str) -> Result<Part> {
        let opened = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut file = opened.map_err(Error::io("create", &path))?;
        // File systems without locks have to do without.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(Error::Download {
                url: url.to_owned(),
                what: "another process is downloading it; wait until that one is done".to_owned(),
            });
        }
        let len = file
            .seek(SeekFrom::End(0))
            .map_err(Error::io("open", &path))?;
        Ok(Part { path, file, len })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file
            .write_all(bytes)
            .map_err(Error::io("write", &self.path))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    fn restart(&mut self) -> Result<()> {
        let emptied = self.file.set_len(0).and_then(|()| self.file.rewind());
        emptied.map_err(Error::io("write", &self.path))?;
        self.len = 0;
        Ok(())
    }
}

/// Where the part from `url` is kept: each address has its own, since they may pack the same content differently.
fn part_path(target: &Path, url: &str) -> PathBuf {
    hidden(target, &format!("{}.part", &sha256_of(url.as_bytes())[..8]))
}

/// A name beside `target` that sources skip when they look for text.
fn hidden(target: &Path, ending: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{ending}"))
}
