use super::{collector, prometheus};
use crate::admin::Control;
use crate::snapshot::{AuditState, GatewayState};
use core::convert::Infallible;
use core::future::ready;
use core::net::SocketAddr;
use core::time::Duration;
use hyper::body::Incoming;
use hyper::header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;
use std::io;
use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// The content type of OpenMetrics, for who asks for it.
const OPENMETRICS: &str = "application/openmetrics-text";

/// The same with what belongs to it.
const OPENMETRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The content type of Prometheus' own format, which everybody reads.
const PROMETHEUS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Connections at a time: a few scrapers, people who look, and room for some that say nothing, behind which a check of
/// health would wait.
pub(super) const CONNECTIONS_MAX: usize = 64;

/// How long a connection may take for its one request.
const CONNECTION_TIME_MAX: Duration = Duration::from_secs(2);

/// Bytes of a request's head: no scraper sends 16 KiB.
const HEAD_BYTES_MAX: usize = 16_384;

/// How long to wait after a failed accept, as when descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where metrics are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricsConfig {
    /// The address to listen on.
    pub address: SocketAddr,
    /// The operator says that others than this machine may read the metrics.
    pub is_public: bool,
}

/// Why metrics cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// Others could read them, and nobody said that they may.
    #[error(
        "metrics address {0}: other machines could read it; choose a loopback address in [admin] metrics, or allow it with metrics_public = true there"
    )]
    Public(SocketAddr),
    /// The address cannot be had.
    #[error("metrics address {address}: {source}; stop what listens there or choose another in [admin] metrics")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// An address that is listened on and does not answer yet.
#[derive(Debug)]
pub struct MetricsListener {
    address: SocketAddr,
    listener: StdListener,
}

impl MetricsListener {
    /// Listens on the address.
    ///
    /// # Errors
    ///
    /// Why that cannot be done, and what to do about it.
    pub fn bind(config: &MetricsConfig) -> Result<Self, MetricsError> {
        let address = config.address;
        if !address.ip().to_canonical().is_loopback() && !config.is_public {
            return Err(MetricsError::Public(address));
        }
        let failed = |source| MetricsError::Listen { address, source };
        let listener = StdListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        Ok(Self { address: listener.local_addr().map_err(failed)?, listener })
    }
}

/// The metrics' server: it answers until it is dropped.
#[derive(Debug)]
pub struct MetricsServer {
    address: SocketAddr,
    /// Dropped to end it.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl MetricsServer {
    /// Listens on the address and answers there.
    ///
    /// # Errors
    ///
    /// Why that cannot be done, and what to do about it.
    pub fn start(config: &MetricsConfig, control: Arc<dyn Control>) -> Result<Self, MetricsError> {
        Self::serve(MetricsListener::bind(config)?, control)
    }

    /// Answers on an address that is listened on.
    ///
    /// # Errors
    ///
    /// A thread cannot be started.
    pub fn serve(bound: MetricsListener, control: Arc<dyn Control>) -> Result<Self, MetricsError> {
        let MetricsListener { address, listener } = bound;
        let failed = |source| MetricsError::Listen { address, source };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (stop, stopped) = oneshot::channel();
        let site = Arc::new(Site { registry: collector::registry(Arc::clone(&control)), control });
        let builder = thread::Builder::new().name("metrics".to_owned());
        let thread = builder.spawn(move || serve(runtime, listener, stopped, site)).map_err(failed)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// The address that is listened on, its port chosen by the system where 0 was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for MetricsServer {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the metrics' thread panicked");
        }
    }
}

/// What is served.
struct Site {
    registry: Registry,
    control: Arc<dyn Control>,
}

fn serve(runtime: Runtime, listener: StdListener, stopped: oneshot::Receiver<()>, site: Arc<Site>) {
    runtime.block_on(async {
        match TcpListener::from_std(listener) {
            Ok(listener) => {
                tokio::spawn(accept(listener, site));
                // The sender says nothing: it is dropped, and everything here with it.
                let _ = stopped.await;
            }
            Err(error) => tracing::error!(%error, "cannot serve metrics"),
        }
    });
}

async fn accept(listener: TcpListener, site: Arc<Site>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(answer(stream, Arc::clone(&site), place));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection to the metrics");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves one request; `_place` is free again once that is over.
async fn answer(stream: TcpStream, site: Arc<Site>, _place: OwnedSemaphorePermit) {
    let service = service_fn(|request| ready(Ok::<_, Infallible>(site.answer(&request))));
    let mut builder = http1::Builder::new();
    let connection =
        builder.keep_alive(false).max_buf_size(HEAD_BYTES_MAX).serve_connection(TokioIo::new(stream), service);
    match tokio::time::timeout(CONNECTION_TIME_MAX, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection to the metrics ended"),
        Err(_) => tracing::debug!("a connection to the metrics took too long"),
    }
}

impl Site {
    fn answer(&self, request: &Request<Incoming>) -> Response<String> {
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let mut refusal = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered");
            refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refusal;
        }
        match request.uri().path() {
            "/metrics" => self.metrics(wants_openmetrics(request)),
            "/healthz" => self.health(),
            _ => plain(StatusCode::NOT_FOUND, "there are /metrics and /healthz"),
        }
    }

    fn metrics(&self, is_openmetrics: bool) -> Response<String> {
        let mut body = String::new();
        if text::encode(&mut body, &self.registry).is_err() {
            return plain(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be shown");
        }
        let (body, content_type) = match is_openmetrics {
            true => (body, OPENMETRICS_TYPE),
            false => (prometheus::from_openmetrics(&body), PROMETHEUS_TYPE),
        };
        let mut response = Response::new(body);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    }

    /// Well is a gateway that forwards and can write down what it decides.
    fn health(&self) -> Response<String> {
        let snapshot = self.control.snapshot();
        let unwell = |line| plain(StatusCode::SERVICE_UNAVAILABLE, line);
        match (snapshot.state, snapshot.audit.state) {
            (GatewayState::Starting, _) => unwell("starting"),
            (GatewayState::Stopping, _) => unwell("stopping"),
            (GatewayState::Ready, AuditState::Failed) => unwell("the audit log failed"),
            (GatewayState::Ready, AuditState::Full) => unwell("no room for the audit log"),
            (GatewayState::Ready, AuditState::Ready | AuditState::Low) => plain(StatusCode::OK, "ready"),
        }
    }
}

/// Whether the request names OpenMetrics among what it accepts, and not only to refuse it.
fn wants_openmetrics(request: &Request<Incoming>) -> bool {
    let values = request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(OPENMETRICS));
        is_named && !parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0)))
    })
}

fn plain(status: StatusCode, line: &str) -> Response<String> {
    let mut response = Response::new(format!("{line}\n"));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
