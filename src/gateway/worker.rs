//! A worker's loop on its lcore.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use crossbeam::queue::ArrayQueue;
use dataplane::{LatencySink, Parts, Stats, Worker};
use dpdk::{Lcore, Mbuf, PortPair};
use net::device::Device;
use std::sync::Arc;

/// How often counters and latencies are published.
const PUBLISH_INTERVAL: Duration = Duration::from_millis(20);

/// What a worker shows of itself while it runs.
#[derive(Debug)]
pub(crate) struct Window {
    /// Counters as last published.
    pub(crate) stats: Arc<Stats>,
    /// Histograms that the worker may write into, and those it has written.
    blank: ArrayQueue<Box<LatencySink>>,
    written: ArrayQueue<Box<LatencySink>>,
    /// Grows as long as the worker polls.
    pub(crate) heartbeat: AtomicU64,
}

impl Window {
    pub(crate) fn new() -> Self {
        let blank = ArrayQueue::new(2);
        for _ in 0..2 {
            // It fits: the queue was made for two.
            let _ = blank.push(Box::new(dataplane::latency_histogram()));
        }
        Self { stats: Arc::new(Stats::default()), blank, written: ArrayQueue::new(2), heartbeat: AtomicU64::new(0) }
    }

    /// The newest histogram, if one was written since the last call.
    pub(crate) fn take_latency(&self, keep: &mut LatencySink) {
        while let Some(written) = self.written.pop() {
            // Both have the same bounds, so nothing can fail.
            let _ = keep.set_to(&*written);
            let _ = self.blank.push(written);
        }
    }

    fn publish(&self, latency: &LatencySink) {
        if let Some(mut blank) = self.blank.pop() {
            let _ = blank.set_to(latency);
            let _ = self.written.push(blank);
        }
    }
}

/// Runs until told to stop.
pub(crate) fn run(_lcore: &Lcore, mut device: PortPair, parts: Parts, window: &Window, stop: &AtomicBool) {
    let start = device.now();
    let mut worker = Worker::<Mbuf>::new(parts, start);
    let mut published_at = start;
    let mut beats = 0;
    while !stop.load(Ordering::Relaxed) {
        worker.poll_once(&mut device);
        // With each poll: one that reads what is slow to read takes as long as a thousand others.
        beats += 1;
        window.heartbeat.store(beats, Ordering::Relaxed);
        let now = worker.now();
        if published_at.after(PUBLISH_INTERVAL) <= now {
            published_at = now;
            worker.publish(&device);
            window.publish(worker.latency());
        }
    }
    worker.stop(&mut device);
    window.publish(worker.latency());
}
