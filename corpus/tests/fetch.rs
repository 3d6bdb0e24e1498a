//! Downloads from a local server that breaks the connection, sends wrong data, stops sending or never stops.
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use corpus::{
    Entry, Error, RemoteFile, Result, RetryPolicy, Settings, Source, Step, Unpack, Watch,
    fetch_with_retries, sha256_of,
};

/// A request to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Request {
    path: String,
    range: Option<String>,
}

/// Answers every connection with `respond`, on a thread of its own, and records the requests.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    fn start(respond: impl Fn(&Request, usize, &mut TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, respond) = (Arc::clone(&requests), Arc::new(respond));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, log, respond) =
                    (stream.unwrap(), Arc::clone(&log), Arc::clone(&respond));
                thread::spawn(move || {
                    let Some(request) = read_request(&stream) else {
                        return;
                    };
                    let number = {
                        let mut log = log.lock().unwrap();
                        log.push(request.clone());
                        log.len()
                    };
                    respond(&request, number, &mut stream);
                });
            }
        });
        Server { address, requests }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    fn ranges(&self) -> Vec<Option<String>> {
        let requests = self.requests.lock().unwrap();
        requests
            .iter()
            .map(|request| request.range.clone())
            .collect()
    }
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut range = None;
    for line in lines {
        let line = line.ok()?;
        match line.split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("range") => {
                range = Some(value.to_owned());
            }
            _ if line.is_empty() => break,
            _ => {}
        }
    }
    Some(Request { path, range })
}

/// Sends a header with `Connection: close`, and as much of the body as the client accepts.
fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}

/// Sends the whole content with its length.
fn send_whole(stream: &mut TcpStream, content: &[u8]) {
    send(
        stream,
        "200 OK",
        &format!("Content-Length: {}\r\n", content.len()),
        content,
    );
}

/// Answers like a correct server: with the requested range, or with everything if no range was requested.
fn send_requested(stream: &mut TcpStream, request: &Request, content: &[u8]) {
    let Some(start) = start_of(request) else {
        return send_whole(stream, content);
    };
    let total = content.len();
    if start >= total {
        let headers = format!("Content-Range: bytes */{total}\r\nContent-Length: 0\r\n");
        return send(stream, "416 Range Not Satisfiable", &headers, b"");
    }
    let headers = format!(
        "Content-Range: bytes {start}-{}/{total}\r\nContent-Length: {}\r\n",
        total - 1,
        total - start
    );
    send(stream, "206 Partial Content", &headers, &content[start..]);
}

fn start_of(request: &Request) -> Option<usize> {
    let range = request.range.as_ref()?;
    range
        .strip_prefix("bytes=")?
        .strip_suffix('-')?
        .parse()
        .ok()
}

/// Announces the full length, sends the first bytes only, and closes the connection.
fn break_off(stream: &mut TcpStream, content: &[u8], after: usize) {
    let headers = format!("Content-Length: {}\r\n", content.len());
    send(stream, "200 OK", &headers, &content[..after]);
}

fn text(bytes: usize) -> Vec<u8> {
    (0..)
        .flat_map(|n: u32| format!("line {n}\n").into_bytes())
        .take(bytes)
        .collect()
}

fn entry(content: &[u8], unpack: Unpack, urls: &[String]) -> Entry {
    Entry {
        name: "toy".into(),
        title: "A toy".into(),
        publisher: "nobody".into(),
        citation: "none".into(),
        licence: "none".into(),
        settings: Settings::default(),
        files: vec![RemoteFile {
            name: "train.txt".into(),
            bytes: content.len() as u64,
            sha256: sha256_of(content),
            unpack,
            urls: urls.to_vec(),
        }],
    }
}

const HASTY: RetryPolicy = RetryPolicy {
    timeout: Duration::from_secs(5),
    attempts: 3,
    backoff: Duration::from_millis(1),
};

/// For servers that never stop sending; a file of a thousand bytes adds a second per attempt.
const CURT: RetryPolicy = RetryPolicy {
    timeout: Duration::from_millis(500),
    attempts: 2,
    ..HASTY
};

fn fetch(entry: &Entry, folder: &Path) -> Result<Vec<u8>> {
    let folder = fetch_with_retries(entry, folder, HASTY, &mut Watch::silent())?;
    Ok(fs::read(folder.join("train.txt")).unwrap())
}

/// Names of the files in the entry's folder; names that end in `.part` are shortened to it.
fn left(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("toy"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| {
            if name.ends_with(".part") {
                ".part".into()
            } else {
                name
            }
        })
        .collect();
    names.sort();
    names
}

/// The path of the partial download from `url`.
fn part_of(folder: &Path, url: &str) -> PathBuf {
    let digest = &sha256_of(url.as_bytes())[..8];
    folder.join(format!("toy/.train.txt.{digest}.part"))
}

/// Checks that the download fails with these words and leaves no files, and returns the error.
fn expect_refusal(words: &str, entry: &Entry) -> Error {
    let folder = tempfile::tempdir().unwrap();
    let error = fetch(entry, folder.path()).unwrap_err();
    assert!(error.to_string().contains(words), "{error}");
    assert_eq!(left(folder.path()), [""; 0], "{error}");
    error
}

#[test]
fn a_file_takes_one_request_and_is_not_downloaded_again() {
    let content = text(3_000_000);
    let served = content.clone();
    let server = Server::start(move |request, _, stream| send_requested(stream, request, &served));
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&content, Unpack::None, &[server.url("/train.txt")]);
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
    assert_eq!(server.ranges(), [None]);
    assert_eq!(left(folder.path()), ["train.txt"]);
}

#[test]
fn a_damaged_file_is_downloaded_again() {
    let content = text(1000);
    let served = content.clone();
    let server = Server::start(move |_, _, stream| send_whole(stream, &served));
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&content, Unpack::None, &[server.url("/")]);
    fetch(&entry, folder.path()).unwrap();
    let mut damaged = content.clone();
    damaged[7] ^= 1;
    fs::write(folder.path().join("toy/train.txt"), damaged).unwrap();
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
}

#[test]
fn a_broken_connection_is_resumed_by_range() {
    let content = text(100_000);
    let served = content.clone();
    let server = Server::start(move |request, number, stream| match number {
        1 => break_off(stream, &served, 40_000),
        _ => send_requested(stream, request, &served),
    });
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&content, Unpack::None, &[server.url("/")]);
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
    assert_eq!(server.ranges(), [None, Some("bytes=40000-".into())]);
}

#[test]
fn a_truncated_body_without_a_length_is_resumed() {
    let content = text(100_000);
    let served = content.clone();
    let server = Server::start(move |request, number, stream| match number {
        1 => send(stream, "200 OK", "", &served[..70_000]),
        _ => send_requested(stream, request, &served),
    });
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&content, Unpack::None, &[server.url("/")]);
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
    assert_eq!(server.ranges(), [None, Some("bytes=70000-".into())]);
}

#[test]
fn a_server_that_ignores_ranges_sends_everything_again() {
    let content = text(100_000);
    let served = content.clone();
    let server = Server::start(move |_, number, stream| match number {
        1 => break_off(stream, &served, 40_000),
        _ => send_whole(stream, &served),
    });
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&content, Unpack::None, &[server.url("/")]);
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
    assert_eq!(server.ranges(), [None, Some("bytes=40000-".into())]);
}

#[test]
fn an_unrequested_range_is_not_appended() {
    let content = text(100_000);
    let served = content.clone();
    let server = Server::start(move |_, number, stream| match number {
        1 => break_off(stream, &served, 40_000),
        2 => {
            let headers = "Content-Range: bytes 30000-99999/100000\r\nContent-Length: 70000\r\n";
            send(stream, "206 Partial Content", headers, &served[30_000..]);
        }
        _ => send_whole(stream, &served),
    });
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&content, Unpack::None, &[server.url("/")]);
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
    assert_eq!(server.ranges(), [None, Some("bytes=40000-".into()), None]);
}

#[test]
fn a_range_past_the_end_starts_over() {
    let content = text(100_000);
    let served = content.clone();
    let server = Server::start(move |_, number, stream| match number {
        1 => break_off(stream, &served, 40_000),
        2 => send(
            stream,
            "416 Range Not Satisfiable",
            "Content-Range: bytes */9\r\nContent-Length: 0\r\n",
            b"",
        ),
        _ => send_whole(stream, &served),
    });
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&content, Unpack::None, &[server.url("/")]);
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
    assert_eq!(server.ranges(), [None, Some("bytes=40000-".into()), None]);
}

#[test]
fn an_already_complete_part_is_recognised() {
    let content = text(50_000);
    let packed = gzip(&content);
    let (served, total) = (packed.clone(), packed.len());
    // The announced length is too large: the part is complete, but the program cannot know that.
    let server = Server::start(move |request, number, stream| match number {
        1 => send(
            stream,
            "200 OK",
            &format!("Content-Length: {}\r\n", total + 1),
            &served,
        ),
        _ => send_requested(stream, request, &served),
    });
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&content, Unpack::Gzip, &[server.url("/")]);
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
    assert_eq!(server.ranges(), [None, Some(format!("bytes={total}-"))]);
}

#[test]
fn a_connection_that_always_breaks_keeps_its_part_for_the_next_call() {
    let content = text(100_000);
    let served = content.clone();
    let server = Server::start(move |request, number, stream| match number {
        1 => break_off(stream, &served, 40_000),
        2 | 3 => {}
        _ => send_requested(stream, request, &served),
    });
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&content, Unpack::None, &[server.url("/")]);
    let error = fetch(&entry, folder.path()).unwrap_err();
    assert!(error.to_string().contains("it resumes"), "{error}");
    let kept = fs::metadata(part_of(folder.path(), &server.url("/"))).unwrap();
    assert_eq!(
        (left(folder.path()), kept.len()),
        (vec![".part".into()], 40_000)
    );
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
    assert_eq!(
        server.ranges().last().unwrap().as_deref(),
        Some("bytes=40000-")
    );
    assert_eq!(left(folder.path()), ["train.txt"]);
}

#[test]
fn a_part_that_no_longer_matches_is_discarded() {
    let content = text(100_000);
    let served = content.clone();
    let server = Server::start(move |request, _, stream| send_requested(stream, request, &served));
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("toy")).unwrap();
    fs::write(part_of(folder.path(), &server.url("/")), [b'x'; 10]).unwrap();
    let entry = entry(&content, Unpack::None, &[server.url("/")]);
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
    assert_eq!(server.ranges(), [Some("bytes=10-".into()), None]);
}

#[test]
fn different_content_is_rejected() {
    let content = text(1000);
    let mut other = content.clone();
    other[500] ^= 1;
    let got = sha256_of(&other);
    let server = Server::start(move |_, _, stream| send_whole(stream, &other));
    let entry = entry(&content, Unpack::None, &[server.url("/")]);
    let error = expect_refusal("train.txt: its checksum is", &entry);
    let Error::Checksum {
        expected,
        got: reported,
        ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!((expected, reported), (sha256_of(&content), got));
    assert_eq!(server.ranges(), [None]);
}

#[test]
fn a_wrong_length_is_rejected_before_the_transfer() {
    let content = text(1000);
    for length in [999, 1001] {
        let served = text(length);
        let server = Server::start(move |_, _, stream| send_whole(stream, &served));
        let words = if length < 1000 {
            "it has 999 bytes, expected 1000"
        } else {
            "longer than 1000 bytes"
        };
        expect_refusal(words, &entry(&content, Unpack::None, &[server.url("/")]));
    }
}

#[test]
fn an_endless_body_is_rejected_at_the_limit() {
    let content = text(1000);
    for unpack in [Unpack::None, Unpack::Gzip] {
        let server = Server::start(|_, _, stream| {
            send(stream, "200 OK", "", b"");
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
        });
        expect_refusal("longer than", &entry(&content, unpack, &[server.url("/")]));
        assert_eq!(server.ranges(), [None]);
    }
}

#[test]
fn responses_like_not_found_are_not_retried() {
    for status in ["404 Not Found", "403 Forbidden", "304 Not Modified"] {
        let server =
            Server::start(move |_, _, stream| send(stream, status, "Content-Length: 0\r\n", b""));
        let entry = entry(b"content", Unpack::None, &[server.url("/gone")]);
        let error = expect_refusal(status, &entry);
        assert!(
            error.to_string().contains("/gone") && error.to_string().contains("place it at"),
            "{error}"
        );
        assert_eq!(server.ranges(), [None]);
    }
}

#[test]
fn an_overloaded_server_is_retried() {
    let server = Server::start(|_, number, stream| match number {
        1 => send(
            stream,
            "503 Service Unavailable",
            "Content-Length: 0\r\n",
            b"",
        ),
        2 => send(
            stream,
            "429 Too Many Requests",
            "Content-Length: 0\r\n",
            b"",
        ),
        _ => send_whole(stream, b"content"),
    });
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(b"content", Unpack::None, &[server.url("/")]);
    assert_eq!(fetch(&entry, folder.path()).unwrap(), b"content");
}

#[test]
fn responses_other_than_http_are_rejected() {
    let server = Server::start(|_, _, stream| {
        let _ = stream.write_all(b"220 ftp.example.org ready\r\n\r\n");
    });
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(b"content", Unpack::None, &[server.url("/")]);
    let error = fetch(&entry, folder.path()).unwrap_err();
    assert!(matches!(&error, Error::Download { .. }), "{error}");
}

#[test]
fn an_unreachable_server_is_an_error_with_a_remedy() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let entry = entry(b"content", Unpack::None, &[format!("http://{free}/")]);
    expect_refusal("check the connection", &entry);
}

#[test]
fn a_silent_server_times_out() {
    for sent in ["", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nfirst"] {
        let server = Server::start(move |_, _, stream| {
            let _ = stream.write_all(sent.as_bytes());
            // Holds the connection until the client closes it.
            let _ = stream.read(&mut [0]);
        });
        let folder = tempfile::tempdir().unwrap();
        let entry = entry(&text(1000), Unpack::None, &[server.url("/")]);
        let retries = RetryPolicy {
            timeout: Duration::from_millis(200),
            attempts: 2,
            ..HASTY
        };
        let error =
            fetch_with_retries(&entry, folder.path(), retries, &mut Watch::silent()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("no data from the server for 200ms"),
            "{error}"
        );
        assert_eq!(server.ranges().len(), 2);
    }
}

/// Downloads a thousand bytes from a server that never stops sending, and checks that the download fails with these words
/// after all attempts, none of which took longer than its limit.
fn expect_timeout(words: &str, respond: impl Fn(&mut TcpStream) + Send + Sync + 'static) {
    let server = Server::start(move |_, _, stream| respond(stream));
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&text(1000), Unpack::None, &[server.url("/")]);
    let began = Instant::now();
    let error = fetch_with_retries(&entry, folder.path(), CURT, &mut Watch::silent()).unwrap_err();
    let took = began.elapsed();
    assert!(error.to_string().contains(words), "{error}");
    assert_eq!(server.ranges().len(), 2, "{error}");
    let limit = 2 * (CURT.timeout + Duration::from_secs(1));
    // A busy machine may take a little longer.
    assert!(took < limit + Duration::from_secs(2), "{took:?}: {error}");
}

/// Sends in small pieces, each before the timeout, for far longer than any limit.
fn trickle(stream: &mut TcpStream, piece: &[u8]) {
    for _ in 0..200 {
        if stream.write_all(piece).is_err() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_slow_server_times_out_even_if_it_never_stops_sending() {
    expect_timeout("slower than 4096 bytes", |stream| {
        send(stream, "200 OK", "Content-Length: 1000\r\n", b"");
        trickle(stream, b"x");
    });
}

#[test]
fn an_endless_header_is_rejected() {
    let start = b"HTTP/1.1 200 OK\r\nX-More: ";
    let endless = |piece: &'static [u8]| {
        move |stream: &mut TcpStream| {
            let _ = stream.write_all(start);
            while stream.write_all(piece).is_ok() {}
        }
    };
    expect_timeout("too many headers", endless(b"more\r\nX-More: "));
    let long = endless(b"and more, ");
    let server = Server::start(move |_, _, stream| long(stream));
    let entry = entry(b"content", Unpack::None, &[server.url("/")]);
    expect_refusal("header is too big", &entry);
    // Sent slowly: the whole header must arrive before the timeout.
    expect_timeout("no data from the server for 500ms", move |stream| {
        let _ = stream.write_all(start);
        trickle(stream, b"and more, ");
    });
}

#[test]
fn an_endless_body_of_a_redirect_times_out() {
    expect_timeout("slower than 4096 bytes", |stream| {
        send(stream, "302 Found", "Location: /there\r\n", b"");
        trickle(stream, b"x");
    });
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// An entry with this packed form, and a server for it.
fn packed(content: &[u8], unpack: Unpack, packed: Vec<u8>) -> (Entry, Server) {
    let server = Server::start(move |request, _, stream| send_requested(stream, request, &packed));
    (entry(content, unpack, &[server.url("/")]), server)
}

#[test]
fn packed_files_are_unpacked() {
    let content = text(200_000);
    let archive = zip_of(&[("_about.txt", b"about"), ("fra.txt", &content)]);
    let member = Unpack::Zip("fra.txt".into());
    for (unpack, bytes) in [(Unpack::Gzip, gzip(&content)), (member, archive)] {
        let (entry, _server) = packed(&content, unpack, bytes);
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
        assert_eq!(left(folder.path()), ["train.txt"]);
    }
}

#[test]
fn members_are_found_by_their_exact_name_only() {
    let content = text(1000);
    for name in [
        "../train.txt",
        "/train.txt",
        "data/train.txt",
        "TRAIN.TXT",
        "train.txt/",
    ] {
        let (entry, _server) = packed(
            &content,
            Unpack::Zip("train.txt".into()),
            zip_of(&[(name, if name.ends_with('/') { b"" } else { &content })]),
        );
        expect_refusal("no member train.txt", &entry);
    }
}

#[test]
fn decompression_bombs_are_stopped() {
    let (content, zeros) = (text(1000), vec![0; 200_000_000]);
    let bomb = gzip(&zeros);
    assert!(bomb.len() < 1_000_000);
    let (gzipped, _first) = packed(&content, Unpack::Gzip, bomb);
    expect_refusal("unpacks to more than 1000 bytes", &gzipped);
    let member = Unpack::Zip("train.txt".into());
    let (zipped, _second) = packed(&content, member, zip_of(&[("train.txt", &zeros)]));
    expect_refusal("unpacks to more than 1000 bytes", &zipped);
}

#[test]
fn damaged_archives_are_rejected() {
    let content = text(50_000);
    let member = || Unpack::Zip("train.txt".into());
    let archive = zip_of(&[("train.txt", &content)]);
    let cut = |bytes: &[u8]| bytes[..bytes.len() - 30].to_vec();
    let mut flipped = gzip(&content);
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    for (unpack, bytes) in [
        (Unpack::Gzip, cut(&gzip(&content))),
        (Unpack::Gzip, flipped),
        (Unpack::Gzip, b"<html>".to_vec()),
        (member(), cut(&archive)),
        (member(), b"PK".to_vec()),
        (member(), vec![]),
    ] {
        let (entry, _server) = packed(&content, unpack, bytes);
        expect_refusal("place it at", &entry);
    }
}

#[test]
fn redirects_are_followed_with_the_range() {
    let content = text(100_000);
    let served = content.clone();
    let server = Server::start(move |request, number, stream| match request.path.as_str() {
        "/here" => send(
            stream,
            "302 Found",
            "Location: /there\r\nContent-Length: 0\r\n",
            b"",
        ),
        _ if number == 2 => break_off(stream, &served, 40_000),
        _ => send_requested(stream, request, &served),
    });
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&content, Unpack::None, &[server.url("/here")]);
    assert_eq!(fetch(&entry, folder.path()).unwrap(), content);
    let range = || Some("bytes=40000-".to_owned());
    assert_eq!(server.ranges(), [None, None, range(), range()]);
}

#[test]
fn a_redirect_loop_is_rejected() {
    let server = Server::start(|_, _, stream| {
        send(
            stream,
            "301 Moved Permanently",
            "Location: /again\r\nContent-Length: 0\r\n",
            b"",
        );
    });
    expect_refusal(
        "more than 5 redirects",
        &entry(b"content", Unpack::None, &[server.url("/")]),
    );
    assert_eq!(server.ranges().len(), 6);
}

#[test]
fn mirrors_are_tried_in_order() {
    let server = Server::start(|request, _, stream| match request.path.as_str() {
        "/gone" => send(stream, "404 Not Found", "Content-Length: 0\r\n", b""),
        "/other" => send_whole(stream, b"CONTENT"),
        "/dead" => break_off(stream, b"content", 3),
        _ => send_whole(stream, b"content"),
    });
    let urls = ["/gone", "/other", "/dead", "/good", "/unused"].map(|path| server.url(path));
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        fetch(&entry(b"content", Unpack::None, &urls), folder.path()).unwrap(),
        b"content"
    );
    assert_eq!(left(folder.path()), ["train.txt"]);
    assert!(
        server
            .requests
            .lock()
            .unwrap()
            .iter()
            .all(|request| request.path != "/unused")
    );

    let bad = entry(b"content", Unpack::None, &urls[..2]);
    let error = expect_refusal("place it at", &bad);
    assert!(
        error.to_string().contains("404") && error.to_string().contains("checksum"),
        "{error}"
    );
}

#[test]
fn an_interruption_keeps_the_part_and_the_next_call_resumes() {
    let content = text(5_000_000);
    let served = content.clone();
    // The first response pauses, because the observer is called only a few times per second.
    let server = Server::start(move |request, number, stream| match number {
        1 => {
            break_off(stream, &served, 3_000_000);
            thread::sleep(Duration::from_millis(200));
            let _ = stream.write_all(&served[3_000_000..]);
        }
        _ => send_requested(stream, request, &served),
    });
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(&content, Unpack::None, &[server.url("/")]);
    let mut stop = |step: Step| match step.what == "downloading" && step.done > 2_000_000 {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let error =
        fetch_with_retries(&entry, folder.path(), HASTY, &mut Watch::new(&mut stop)).unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error}");
    let kept = fs::metadata(part_of(folder.path(), &server.url("/")))
        .unwrap()
        .len();
    assert!((2_000_001..5_000_000).contains(&kept), "{kept}");
    assert_eq!(left(folder.path()), [".part"]);
    let text = folder.path().join("toy");
    assert!(
        Source::find(text.to_str().unwrap()).is_err(),
        "a partial download is not text"
    );

    let mut steps = Vec::new();
    let mut note = |step: Step| {
        steps.push(step);
        ControlFlow::Continue(())
    };
    fetch_with_retries(&entry, folder.path(), HASTY, &mut Watch::new(&mut note)).unwrap();
    assert_eq!(server.ranges(), [None, Some(format!("bytes={kept}-"))]);
    let first = steps
        .iter()
        .find(|step| step.what == "downloading")
        .unwrap();
    assert_eq!((first.done, first.total), (kept, Some(5_000_000)));
    assert!(
        steps
            .iter()
            .any(|step| step.what == "checking" && step.total == Some(5_000_000))
    );
    assert_eq!(fs::read(text.join("train.txt")).unwrap(), content);
}

#[test]
fn an_interruption_stops_retries() {
    let server =
        Server::start(|_, _, stream| send(stream, "503 Busy", "Content-Length: 0\r\n", b""));
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(
        b"content",
        Unpack::None,
        &[server.url("/a"), server.url("/b")],
    );
    let mut stop = |step: Step| match step.what {
        "waiting to connect again" => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let error =
        fetch_with_retries(&entry, folder.path(), HASTY, &mut Watch::new(&mut stop)).unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error}");
    assert_eq!(server.ranges(), [None]);
}

#[test]
fn two_processes_do_not_write_the_same_part() {
    let server = Server::start(|_, _, stream| send_whole(stream, b"content"));
    let folder = tempfile::tempdir().unwrap();
    let entry = entry(b"content", Unpack::None, &[server.url("/")]);
    fs::create_dir(folder.path().join("toy")).unwrap();
    let held = fs::File::create(part_of(folder.path(), &server.url("/"))).unwrap();
    held.lock().unwrap();
    let error = fetch(&entry, folder.path()).unwrap_err();
    assert!(error.to_string().contains("another process"), "{error}");
    held.unlock().unwrap();
    assert_eq!(fetch(&entry, folder.path()).unwrap(), b"content");
}

#[test]
fn an_entry_that_would_leave_the_folder_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let url = ["http://127.0.0.1:9/".to_owned()];
    let mut outside = entry(b"content", Unpack::None, &url);
    outside.files[0].name = "../escaped.txt".into();
    let mut elsewhere = entry(b"content", Unpack::None, &url);
    elsewhere.name = "/tmp/escaped".into();
    for entry in [outside, elsewhere] {
        let error = fetch(&entry, folder.path()).unwrap_err();
        assert!(error.to_string().contains("not a plain name"), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
