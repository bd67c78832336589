use super::collector;
use crate::admin::Control;
use crate::snapshot::GatewayState;
use core::convert::Infallible;
use core::future::ready;
use core::net::SocketAddr;
use core::time::Duration;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
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
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, oneshot};

/// The content type of the text that is served.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Connections at a time: a few scrapers, and people who look.
pub(super) const CONNECTIONS_MAX: usize = 16;

/// How long a connection may take for its one request.
const CONNECTION_TIME_MAX: Duration = Duration::from_secs(5);

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
    #[error("metrics address {0}: other machines could read it; choose a loopback address in [admin] metrics, or allow it there")]
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
        let address = config.address;
        if !address.ip().to_canonical().is_loopback() && !config.is_public {
            return Err(MetricsError::Public(address));
        }
        let failed = |source| MetricsError::Listen { address, source };
        let listener = StdListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (stop, stopped) = oneshot::channel();
        let site = Arc::new(Site { registry: collector::registry(Arc::clone(&control)), control });
        let builder = thread::Builder::new().name("metrics".to_owned());
        let thread = builder.spawn(move || serve(&runtime, listener, stopped, &site)).map_err(failed)?;
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

fn serve(runtime: &Runtime, listener: StdListener, stopped: oneshot::Receiver<()>, site: &Arc<Site>) {
    runtime.block_on(async {
        let listener = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => return tracing::error!(%error, "cannot serve metrics"),
        };
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let accepting = async {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => admit(stream, &places, site),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection to the metrics");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        };
        let mut accepting = core::pin::pin!(accepting);
        let mut stopped = core::pin::pin!(stopped);
        core::future::poll_fn(|context| match stopped.as_mut().poll(context) {
            core::task::Poll::Ready(_) => core::task::Poll::Ready(()),
            core::task::Poll::Pending => accepting.as_mut().poll(context),
        })
        .await;
    });
}
