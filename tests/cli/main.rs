//! The program as scripts see it: exit codes, lines, files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod audit;
#[cfg(feature = "dpdk")]
mod gateway;
mod replay;
mod scan;
mod usage;

use pcap_file::DataLink;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapReader, PcapWriter, RawPcapPacket};
use serde_json::Value;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use testkit::{Conversation, Ends, Family, Tcp};

const SSN: &str = "536-90-4399";

const POLICY: &str = r#"version = "cli-1"
[[flow]]
name = "plain"
match = { protocol = "tcp", ports = [80] }
mode = "inspect"
[[rule]]
name = "secrets"
detect = ["SECRET", "US_SSN"]
action = "block"
"#;

fn run(arguments: &[&str]) -> Output {
    run_with(arguments, b"")
}

fn run_with(arguments: &[&str], stdin: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    command.args(arguments).env_remove("RUST_LOG").env_remove("NOTIFY_SOCKET");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // The program may end without having read anything.
    let _ = input.write_all(stdin);
    drop(input);
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn assert_done(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
}

/// Exit code 2, nothing on stdout, and one line that names what failed.
#[track_caller]
fn assert_refused(output: &Output, names: &[&str]) {
    let line = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.starts_with("sovereign: "), "{line}");
    assert!(names.iter().all(|name| line.contains(name)), "{line} does not name {names:?}");
    assert_eq!(stdout(output), "");
}

/// A directory with the policy in it.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { dir: TempDir::new().unwrap() };
        place.file("policy.toml", POLICY);
        place
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        fs::write(self.dir.path().join(name), text).unwrap();
        self.path(name)
    }

    fn capture(&self, name: &str, frames: &[Vec<u8>]) -> String {
        self.capture_with_gap(name, frames, frames.len(), Duration::ZERO)
    }

    /// A capture with so much silence before one of its frames.
    fn capture_with_gap(&self, name: &str, frames: &[Vec<u8>], before: usize, gap: Duration) -> String {
        let mut writer = PcapWriter::new(File::create(self.path(name)).unwrap()).unwrap();
        for (number, frame) in frames.iter().enumerate() {
            let gap = if number < before { Duration::ZERO } else { gap };
            let at = Duration::from_millis(1_000_000 + number as u64) + gap;
            writer.write_packet(&PcapPacket::new(at, u32::try_from(frame.len()).unwrap(), frame)).unwrap();
        }
        drop(writer);
        self.path(name)
    }

    /// The configuration of a gateway that needs no root: its ports lead nowhere.
    #[cfg(feature = "dpdk")]
    fn null_gateway(&self, dataplane: &str) -> String {
        let dir = self.dir.path().display();
        let text = format!(
            "[ports]\ninside = \"net_null0\"\noutside = \"net_null1\"\n\
             [dataplane]\nlcores = [1]\nhugepages = \"none\"\nmbuf_count = 4096\n{dataplane}\n\
             [audit]\ndir = \"{dir}/audit\"\nsegment_bytes = 1048576\n\
             [admin]\nsocket = \"{dir}/admin.sock\"\nmetrics = \"127.0.0.1:0\"\n\
             [policy]\nfile = \"{dir}/policy.toml\"\n"
        );
        self.file("gateway.toml", text)
    }

    /// Replays these frames; returns the program's output and the frames that passed.
    fn replay(&self, frames: &[Vec<u8>], more: &[&str]) -> (Output, Vec<Vec<u8>>) {
        let (input, output) = (self.capture("in.pcap", frames), self.path("out.pcap"));
        let policy = self.path("policy.toml");
        let ran = run(&[&["replay", &input, &output, "--policy", &policy], more].concat());
        assert_done(&ran);
        (ran, frames_of(Path::new(&output)))
    }
}

fn frames_of(path: &Path) -> Vec<Vec<u8>> {
    let mut reader = PcapReader::new(File::open(path).unwrap()).unwrap();
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet() {
        let packet = packet.unwrap();
        assert_eq!(packet.orig_len as usize, packet.data.len());
        frames.push(packet.data.into_owned());
    }
    frames
}

/// One connection with one request and its answer.
fn conversation(family: Family, content: &str) -> Vec<Vec<u8>> {
    let conversation = Conversation::new(Ends::new(family, 40_000, 80));
    let body = format!(r#"{{"model":"gpt-4o","messages":[{{"role":"user","content":"{content}"}}]}}"#);
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 10.2.0.2\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let acks = |count: usize| Some(conversation.client_isn.wrapping_add(1).wrapping_add(u32::try_from(count).unwrap()));
    let heard = conversation.server_isn.wrapping_add(1).wrapping_add(u32::try_from(answer.len()).unwrap());
    let (front, back) = request.as_bytes().split_at(request.len() / 2);
    let at = u32::try_from(front.len()).unwrap();
    vec![
        conversation.syn(),
        conversation.syn_ack(),
        conversation.client_frame(&conversation.from_client(0, b"")),
        conversation.client_frame(&conversation.from_client(0, front)),
        conversation.client_frame(&conversation.from_client(at, back)),
        conversation.server_frame(&Tcp { ack: acks(request.len()), ..conversation.from_server(0, answer.as_bytes()) }),
        conversation.client_frame(&Tcp {
            ack: Some(heard),
            ..conversation.from_client(u32::try_from(request.len()).unwrap(), b"")
        }),
    ]
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// Names in a directory, in order.
fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}
