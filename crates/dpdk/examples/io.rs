//! Forwards frames between two ports and does nothing else: what the device layer costs.
//!
//! `io INSIDE OUTSIDE LCORE SECONDS [EAL ARGS]` prints frames received a second and the worker's
//! share of its CPU, as `dpdk-testpmd --forward-mode=io` measures itself. To compare the two:
//!
//! ```text
//! io net_null0 net_null1 1 5
//! dpdk-testpmd -l 0,1 --no-huge --no-shconf -m 512 --no-pci --vdev=net_null0 --vdev=net_null1 -- --forward-mode=io
//! ```

use dpdk::{DeviceName, Eal, EalConfig, Hugepages, Lcore, PairConfig, PortPair, open_pair};
use net::Side;
use net::device::{Burst, Device};
use rustix::time::{ClockId, clock_gettime};
use std::error::Error;
use std::time::Duration;

/// Bursts between two looks at the clock.
const BURSTS_PER_LOOK: u32 = 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [inside, outside, lcore, seconds, extra @ ..] = arguments.as_slice() else {
        return Err("usage: io INSIDE OUTSIDE LCORE SECONDS [EAL ARGS]".into());
    };
    let (inside, outside): (DeviceName, DeviceName) = (inside.parse()?, outside.parse()?);
    let duration = Duration::from_secs_f64(seconds.parse()?);
    let eal = Eal::init(&EalConfig {
        worker_lcores: vec![lcore.parse()?],
        hugepages: Hugepages::None,
        memory_mb: Some(512),
        devices: vec![inside.clone(), outside.clone()],
        extra_args: extra.to_vec(),
        ..EalConfig::default()
    })?;
    let config = PairConfig { inside, outside, workers: 1, mtu: 1500, buffer_count: 16_383, jumbo_count: 63 };
    let (ports, mut pairs) = open_pair(&eal, &config)?;
    let pair = pairs.pop().ok_or("there is no device")?;
    let lcore = eal.worker_lcores().first().copied().ok_or("there is no worker lcore")?;
    let outcome = eal.launch(lcore, move |lcore| forward(lcore, pair, duration))?.wait().ok_or("the worker died")?;
    println!(
        "{{\"mpps\": {:.3}, \"cpu_mpps\": {:.3}, \"cpu_share\": {:.3}, \"in_use\": {}}}",
        outcome.frames / outcome.wall_seconds / 1e6,
        outcome.frames / outcome.cpu_seconds / 1e6,
        outcome.cpu_seconds / outcome.wall_seconds,
        ports.pool.in_use(),
    );
    Ok(())
}

struct Outcome {
    frames: f64,
    wall_seconds: f64,
    cpu_seconds: f64,
}

fn forward(_lcore: &Lcore, mut pair: PortPair, duration: Duration) -> Outcome {
    let start = pair.now();
    let end = start.after(duration);
    let cpu_start = thread_cpu_seconds();
    let mut frames = 0_u64;
    let mut burst = Burst::new();
    while pair.now() < end {
        for _ in 0..BURSTS_PER_LOOK {
            for side in Side::BOTH {
                frames += pair.rx_burst(side, &mut burst).count as u64;
                pair.tx_burst(side.opposite(), &mut burst);
                burst.clear();
            }
        }
    }
    Outcome {
        frames: frames as f64,
        wall_seconds: pair.now().nanos_since(start) as f64 / 1e9,
        cpu_seconds: thread_cpu_seconds() - cpu_start,
    }
}

fn thread_cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
