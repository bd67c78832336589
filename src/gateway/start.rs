//! The life of `sovereign inline`: everything that can be refused is refused before anything is
//! touched, then ports, log and workers come up, and go down again in the opposite order.

use super::host::{Host, HostParts, Request};
use super::opener::{Opener, Opening};
use super::ports::{Devices, give_back, start_eal};
use super::preflight::{self, Pages};
use super::worker::{self, Window};
use crate::cli::{load_policy, warn_of_notes};
use crate::config::Config;
use crate::failure::{Context, Failure};
use crate::memory::JUMBO_COUNT;
use crate::output;
use arc_swap::ArcSwap;
use audit::queue::{RecordSender, channel};
use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use dataplane::{Parts, RecordSync};
use dpdk::kernel_path::Isolation;
use dpdk::{Eal, MempoolError, PairConfig, PairError, PortPair, Ports, Running, open_pair};
use management::admin::{AdminConfig, Bound};
use management::metrics::{MetricsConfig, MetricsListener, MetricsServer};
use management::notify;
use management::{AuditLog, AuditLogConfig, Core, CoreConfig, CoreHandle, RecordClock, SyncMode};
use net::tcp::StreamLimits;
use policy::Limits;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

/// Records between a worker and the management core: a millisecond of the fastest worker, and more.
const QUEUE_RECORDS: usize = 4096;
/// How long the audit log may take to write out what workers left behind.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(10);
/// How often the main thread looks after everything.
const WATCH_INTERVAL: Duration = Duration::from_millis(500);
/// Exchange numbers of one worker: the upper bits are the worker's.
const EXCHANGE_BITS: u32 = 48;

/// Runs the gateway until it is told to stop.
pub(crate) fn run(config: &Config, eal_arguments: Vec<String>) -> Result<ExitCode, Failure> {
    config.check()?;
    let limits = Limits { hold_bytes_max: config.dataplane.hold_bytes_max };
    let policy = load_policy(&config.policy.file, &limits)?;
    let opener = Opener::load(config, &policy)?;
    let devices = Devices::parse(config)?;
    devices.inspect()?;
    preflight::check_rights(&devices)?;
    preflight::check_limits(config)?;
    let pages = preflight::check_memory(config, &eal_arguments)?;
    let (requests, inbox) = sync_channel(16);
    let starting = Arc::new(Starting::default());
    let signals = watch_signals(requests.clone(), Arc::clone(&starting))?;
    let listeners = Listeners::open(config)?;
    AuditLog::check(&log_config(config)).or_usage("the audit log cannot be opened", "")?;
    warn_of_notes(&config.policy.file, &policy);
    // Whoever comes second to an interface is refused before DPDK opens it.
    let isolations = devices.isolate()?;
    starting.begin(Begun { isolations, listeners });
    let eal = start_eal(config, &devices, &pages, eal_arguments);
    let Some(Begun { mut isolations, listeners }) = starting.end() else { return Ok(ExitCode::SUCCESS) };
    let started = eal.and_then(|eal| {
        let gateway = Gateway::start(config, policy, opener, limits, &devices, (&eal, &pages), requests)?;
        Ok((eal, gateway))
    });
    let (_eal, mut gateway) = match started {
        Ok(started) => started,
        Err(failure) => {
            give_back(isolations);
            return Err(failure);
        }
    };
    let (outcome, was_ready) = match listeners.serve(&gateway.host) {
        Ok(_servers) => (gateway.watch(&inbox, &mut isolations), true),
        Err(failure) => (Err(failure), false),
    };
    signals.close();
    gateway.stop(isolations, outcome, was_ready)
}

fn log_config(config: &Config) -> AuditLogConfig {
    AuditLogConfig {
        dir: config.audit.dir.clone(),
        gateway: config.gateway.id.clone(),
        segment_bytes: config.audit.segment_bytes,
    }
}

/// Begins or goes on with the log: only once the ports run, so that a start that fails leaves none.
fn open_log(config: &Config) -> Result<AuditLog, Failure> {
    let (log, recovery) = AuditLog::open(&log_config(config)).or_usage("the audit log cannot be opened", "")?;
    recovery.warn();
    Ok(log)
}

/// Where people and programs will ask; nothing is answered there yet.
struct Listeners {
    admin: Bound,
    metrics: MetricsListener,
}

/// What people and programs ask of a running gateway.
struct Servers {
    _admin: management::admin::Server,
    _metrics: MetricsServer,
}

impl Listeners {
    fn open(config: &Config) -> Result<Self, Failure> {
        let admin = AdminConfig { path: config.admin.socket.clone(), mode: AdminConfig::GROUP };
        let metrics = MetricsConfig { address: config.admin.metrics, is_public: config.admin.metrics_public };
        Ok(Self {
            admin: Bound::open(&admin).or_usage("the admin socket cannot be opened", "")?,
            metrics: MetricsListener::bind(&metrics).or_usage("metrics cannot be served", "")?,
        })
    }

    fn serve(self, host: &Arc<Host>) -> Result<Servers, Failure> {
        let control = || -> Arc<dyn management::Control> { Arc::clone(host) as _ };
        let admin = management::admin::Server::serve(self.admin, control());
        let metrics = MetricsServer::serve(self.metrics, control());
        Ok(Servers {
            _admin: admin.or_usage("the admin socket cannot be opened", "")?,
            _metrics: metrics.or_usage("metrics cannot be served", "")?,
        })
    }
}

/// Time now, for the threads that serve people.
#[expect(clippy::disallowed_methods, reason = "the host reads the clock for everybody")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// What was begun before DPDK starts, and has to be given back if that does not come to its end.
struct Begun {
    isolations: Vec<Isolation>,
    /// The admin socket's file is removed with them.
    listeners: Listeners,
}

/// What a signal gives back while the main thread waits for DPDK, which may be for ever: a secondary process waits for its
/// primary one.
#[derive(Default)]
struct Starting(Mutex<Option<Begun>>);

impl Starting {
    fn begin(&self, begun: Begun) {
        *self.lock() = Some(begun);
    }

    fn end(&self) -> Option<Begun> {
        self.lock().take()
    }

    /// Ends the process if DPDK is starting: nothing else was begun that would have to end in order.
    fn stop(&self) {
        // Held to the end, so that the main thread begins nothing meanwhile.
        let mut starting = self.lock();
        if let Some(Begun { isolations, listeners }) = starting.take() {
            give_back(isolations);
            drop(listeners);
            output::note("sovereign: stopped while DPDK was starting");
            signal_hook::low_level::exit(0);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Begun>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Turns signals into requests to the main thread.
fn watch_signals(
    requests: SyncSender<Request>,
    starting: Arc<Starting>,
) -> Result<signal_hook::iterator::Handle, Failure> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP]).or_work("cannot take signals", "")?;
    let handle = signals.handle();
    let watch = move || {
        for signal in signals.forever() {
            if signal != SIGHUP {
                starting.stop();
            }
            let request = if signal == SIGHUP { Request::Reload } else { Request::Stop };
            // A full queue already holds enough to do.
            let _ = requests.try_send(request);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(watch).or_work("cannot start a thread", "")?;
    Ok(handle)
}

/// The policy that is being loaded anew, on a thread: a large one takes seconds, and whoever watches the gateway is to
/// hear of it meanwhile.
#[derive(Default)]
struct Reload {
    /// It was asked for, since the last one began.
    is_wanted: bool,
    running: Option<JoinHandle<()>>,
}

impl Reload {
    /// Begins what was asked for, once the last one is over.
    fn go_on(&mut self, host: &Arc<Host>) {
        if !self.is_wanted || self.running.as_ref().is_some_and(|running| !running.is_finished()) {
            return;
        }
        self.is_wanted = false;
        let host = Arc::clone(host);
        let load = move || {
            notify::reloading();
            if let Err(problem) = host.load() {
                tracing::error!(problem, "the policy was not loaded; the one in force stays");
            }
            notify::ready();
        };
        match std::thread::Builder::new().name("reload".to_owned()).spawn(load) {
            Ok(running) => self.running = Some(running),
            Err(error) => tracing::error!(%error, "cannot start a thread; the policy in force stays"),
        }
    }
}

/// How far each worker had polled when this was last looked at, and the lcores of those that do not go on.
#[derive(Default)]
struct Beats {
    last: Vec<u64>,
    silent: Vec<u32>,
}

impl Beats {
    fn note(&mut self, workers: impl Iterator<Item = (u32, u64)>) {
        let now: Vec<(u32, u64)> = workers.collect();
        let pairs = now.iter().zip(&self.last).filter(|((_, now), last)| now == *last);
        let silent: Vec<u32> = pairs.map(|((lcore, _), _)| *lcore).collect();
        // Said once, not twice a second.
        if silent != self.silent {
            if silent.is_empty() {
                tracing::info!("all workers poll again");
            } else {
                tracing::error!(
                    lcores = ?silent,
                    "workers do not poll, and the watchdog is not told that all is well; see what else runs on their cores"
                );
            }
        }
        (self.last, self.silent) = (now.into_iter().map(|(_, beat)| beat).collect(), silent);
    }
}

/// Everything that runs.
struct Gateway {
    host: Arc<Host>,
    stop: Arc<AtomicBool>,
    workers: Vec<Running<()>>,
    core: Option<CoreHandle>,
}

impl Gateway {
    fn start(
        config: &Config,
        policy: policy::Policy,
        opener: Option<Opener>,
        limits: Limits,
        devices: &Devices,
        (eal, pages): (&Eal, &Pages),
        requests: SyncSender<Request>,
    ) -> Result<Self, Failure> {
        let lcores = eal.worker_lcores();
        let workers = u16::try_from(lcores.len()).unwrap_or(u16::MAX);
        let pair = PairConfig {
            inside: devices.inside.clone(),
            outside: devices.outside.clone(),
            workers,
            mtu: config.ports.mtu,
            buffer_count: config.dataplane.mbuf_count,
            jumbo_count: JUMBO_COUNT,
        };
        let (ports, pairs) = open_ports(config, eal, pages, &pair)?;
        let count = NonZeroUsize::new(lcores.len()).ok_or_else(|| Failure::usage("dataplane.lcores is empty"))?;
        let (senders, receiver) = channel(count, NonZeroUsize::new(QUEUE_RECORDS).unwrap_or(NonZeroUsize::MIN));
        let core_config = CoreConfig { sync: config.audit.sync.0, clock: RecordClock::Monotonic };
        let log = open_log(config)?;
        let core = Core::start(receiver, log, core_config).or_work("the audit log's thread cannot be started", "")?;
        let policy = Arc::new(ArcSwap::new(Arc::new(policy)));
        let windows: Vec<_> = lcores.iter().map(|lcore| (lcore.index(), Arc::new(Window::new()))).collect();
        let host = Arc::new(Host::new(HostParts {
            gateway: config.gateway.id.clone(),
            policy,
            policy_file: config.policy.file.clone(),
            limits,
            clock: opener.as_ref().map(Opener::clock),
            workers: windows,
            ports,
            audit: core.stats(),
            requests,
            now: now(),
        }));
        let stop = Arc::new(AtomicBool::new(false));
        let opener = opener.map(Opener::start).transpose()?;
        let workers = launch(config, eal, &host, &stop, pairs, senders, opener.as_ref())?;
        Ok(Self { host, stop, workers, core: Some(core) })
    }

    /// Says that the gateway is ready, and looks after it until it has to stop.
    fn watch(&self, inbox: &Receiver<Request>, isolations: &mut [Isolation]) -> Result<ExitCode, Failure> {
        self.host.is_ready.store(true, Ordering::Relaxed);
        output::note("ready");
        notify::ready();
        let mut beats = Beats::default();
        let mut reload = Reload::default();
        loop {
            match inbox.recv_timeout(WATCH_INTERVAL) {
                Ok(Request::Stop) | Err(RecvTimeoutError::Disconnected) => break Ok(ExitCode::SUCCESS),
                Ok(Request::Reload) => reload.is_wanted = true,
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(failure) = self.check(isolations, &mut beats) {
                        break Err(failure);
                    }
                }
            }
            reload.go_on(&self.host);
        }
    }

    /// Everything still as it has to be? The watchdog is only fed while it is.
    fn check(&self, isolations: &mut [Isolation], beats: &mut Beats) -> Result<(), Failure> {
        self.host.free_retired();
        self.host.set_clock();
        if self.workers.iter().any(Running::is_finished) {
            return Err(Failure::work("a worker ended by itself; the gateway stops"));
        }
        if !self.core.as_ref().is_some_and(CoreHandle::is_running) {
            return Err(Failure::work("the audit log's thread ended by itself; the gateway stops"));
        }
        for isolation in isolations {
            let Err(change) = isolation.check() else { continue };
            tracing::warn!(%change, "a port was given a second path; taking it away again if that can be done");
            isolation.reapply().or_work("a port cannot be used any more", "the gateway stops")?;
        }
        let workers = self.host.workers.iter();
        beats.note(workers.map(|(lcore, window)| (*lcore, window.heartbeat.load(Ordering::Relaxed))));
        if beats.silent.is_empty() {
            notify::alive();
        }
        Ok(())
    }

    fn stop(
        &mut self,
        isolations: Vec<Isolation>,
        outcome: Result<ExitCode, Failure>,
        was_ready: bool,
    ) -> Result<ExitCode, Failure> {
        self.host.is_stopping.store(true, Ordering::Relaxed);
        notify::stopping();
        self.stop.store(true, Ordering::Relaxed);
        for worker in self.workers.drain(..) {
            let lcore = worker.lcore().index();
            if worker.wait().is_none() {
                tracing::error!(lcore, "a worker did not end in order");
            }
        }
        let closed = self.core.take().map(|core| core.stop(DRAIN_TIME_MAX));
        if outcome.is_ok() || !was_ready {
            give_back(isolations);
        } else {
            // Nobody asked for the stop: the wire stays down, as after a crash, whoever has begun to use the interfaces.
            tracing::warn!("the interfaces stay isolated, so that nothing passes; the next clean stop gives them back");
        }
        match closed {
            Some(Err(error)) => Err(Failure::work(format_args!("the audit log was not closed in order: {error}"))),
            Some(Ok(closed)) => {
                tracing::info!(head = %closed.head, "stopped; the audit log's head");
                outcome
            }
            None => outcome,
        }
    }
}

fn open_ports(config: &Config, eal: &Eal, pages: &Pages, pair: &PairConfig) -> Result<(Ports, Vec<PortPair>), Failure> {
    open_pair(eal, pair).map_err(|error| {
        let is_memory =
            matches!(error, PairError::Mempool(MempoolError::NoMemory { .. } | MempoolError::Refused { .. }));
        let explained = if is_memory { pages.explain(config) } else { None };
        explained.unwrap_or_else(|| Failure::usage(format_args!("the ports cannot be started: {error}")))
    })
}

fn launch(
    config: &Config,
    eal: &Eal,
    host: &Arc<Host>,
    stop: &Arc<AtomicBool>,
    pairs: Vec<PortPair>,
    senders: Vec<RecordSender>,
    opener: Option<&Opening>,
) -> Result<Vec<Running<()>>, Failure> {
    let mut running = Vec::new();
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).or_work("no random numbers", "")?;
    for ((number, lcore), (pair, records)) in (0u64..).zip(eal.worker_lcores()).zip(pairs.into_iter().zip(senders)) {
        let window =
            host.workers.iter().find(|(known, _)| *known == lcore.index()).map(|(_, window)| Arc::clone(window));
        let window = window.ok_or_else(|| Failure::work("an lcore without a worker"))?;
        let parts = Parts {
            config: limits(config),
            policy: Arc::clone(&host.policy),
            first_exchange: (number << EXCHANGE_BITS) + 1,
            secret,
            records,
            interception: opener.map(Opening::for_worker).transpose()?,
            stats: Arc::clone(&window.stats),
        };
        let stop = Arc::clone(stop);
        let work = move |lcore: &dpdk::Lcore| worker::run(lcore, pair, parts, &window, &stop);
        running.push(eal.launch(lcore, work).or_work("a worker cannot be started", "")?);
    }
    Ok(running)
}

/// What part of the buffers may wait for verdicts and for lost segments: the others are for the ports.
const WAITING_SHARE: usize = 4;

/// What one worker may use.
fn limits(config: &Config) -> dataplane::Config {
    let dataplane = &config.dataplane;
    let waiting_count_max = dataplane.mbuf_count as usize / WAITING_SHARE / dataplane.lcores.len().max(1);
    let stream = StreamLimits {
        hold_bytes_max: dataplane.hold_bytes_max,
        store_bytes_max: dataplane.store_bytes_max,
        waiting_count_max,
        early_count_max: waiting_count_max / 2,
    };
    dataplane::Config {
        flow_count_max: dataplane.flow_count_max,
        stream,
        store_bytes_worker_max: dataplane.store_bytes_worker_max,
        datagram_bytes_max: dataplane.datagram_bytes_max,
        policy_drain_max: Duration::from_millis(dataplane.policy_drain_ms_max),
        audit_wait_max: Duration::from_millis(dataplane.audit_wait_ms_max),
        mtu: usize::from(config.ports.mtu),
        hold_bytes_worker_max: dataplane.hold_bytes_worker_max,
        message_bytes_max: dataplane.message_bytes_max,
        is_recorded: false,
        record_sync: match config.audit.sync.0 {
            SyncMode::Always => RecordSync::Durable,
            SyncMode::Interval(_) => RecordSync::Queued,
        },
    }
}
