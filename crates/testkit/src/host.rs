//! A TCP endpoint: smoltcp's, on a simulated wire.

use core::net::IpAddr;
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp;
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpCidr};
use std::collections::VecDeque;

const BUFFER_BYTES: usize = 256 * 1024;

/// A host with one TCP socket.
pub struct Host {
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    queue: Queue,
    /// Bytes that the application has not handed to its socket yet.
    pub to_send: VecDeque<u8>,
    /// Close the sending half once everything is handed over.
    pub close_when_sent: bool,
    /// Bytes that the application has read.
    pub received: Vec<u8>,
    /// The application does not read for now, so that the window closes.
    pub is_pausing: bool,
}

impl core::fmt::Debug for Host {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Host").field("received", &self.received.len()).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Queue {
    incoming: VecDeque<Vec<u8>>,
    outgoing: VecDeque<Vec<u8>>,
}

impl Host {
    /// A host with this address on a network of 8 bits (IPv4) or 64 bits (IPv6).
    ///
    /// # Panics
    /// If smoltcp refuses the address.
    #[must_use]
    pub fn new(address: IpAddr, hardware: [u8; 6], seed: u64) -> Self {
        Self::with_buffers(address, hardware, seed, BUFFER_BYTES)
    }

    /// The same with so many bytes for what is sent, and for what is received.
    ///
    /// # Panics
    /// If smoltcp refuses the address.
    #[must_use]
    pub fn with_buffers(address: IpAddr, hardware: [u8; 6], seed: u64, buffer_bytes: usize) -> Self {
        let mut queue = Queue::default();
        let mut config = Config::new(HardwareAddress::Ethernet(EthernetAddress(hardware)));
        config.random_seed = seed;
        let mut interface = Interface::new(config, &mut queue, Instant::ZERO);
        let prefix = if address.is_ipv4() { 8 } else { 64 };
        interface.update_ip_addrs(|addresses| {
            addresses.push(IpCidr::new(address.into(), prefix)).expect("room for one address")
        });
        let buffer = || tcp::SocketBuffer::new(vec![0; buffer_bytes]);
        let mut socket = tcp::Socket::new(buffer(), buffer());
        socket.set_nagle_enabled(false);
        let mut sockets = SocketSet::new(Vec::new());
        let handle = sockets.add(socket);
        Self {
            interface,
            sockets,
            handle,
            queue,
            to_send: VecDeque::new(),
            close_when_sent: false,
            received: Vec::new(),
            is_pausing: false,
        }
    }

    /// Opens a connection.
    ///
    /// # Panics
    /// If the socket is in use.
    pub fn connect(&mut self, server: IpAddr, server_port: u16, own_port: u16) {
        let socket = self.sockets.get_mut::<tcp::Socket<'_>>(self.handle);
        socket.connect(self.interface.context(), (server, server_port), own_port).expect("an unused socket");
    }

    /// Waits for a connection.
    ///
    /// # Panics
    /// If the socket is in use.
    pub fn listen(&mut self, port: u16) {
        self.sockets.get_mut::<tcp::Socket<'_>>(self.handle).listen(port).expect("an unused socket");
    }

    /// Takes a frame from the wire.
    pub fn inject(&mut self, frame: Vec<u8>) {
        self.queue.incoming.push_back(frame);
    }

    /// The next frame for the wire.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        self.queue.outgoing.pop_front()
    }

    /// Lets the host work at `millis`.
    pub fn poll(&mut self, millis: i64) {
        self.work();
        self.interface.poll(Instant::from_millis(millis), &mut self.queue, &mut self.sockets);
        self.work();
        self.interface.poll(Instant::from_millis(millis), &mut self.queue, &mut self.sockets);
    }

    /// True once the connection is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        !self.sockets.get::<tcp::Socket<'_>>(self.handle).is_active()
    }

    /// True once the other end has closed and everything it sent was read.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        !self.sockets.get::<tcp::Socket<'_>>(self.handle).may_recv()
    }

    fn work(&mut self) {
        let socket = self.sockets.get_mut::<tcp::Socket<'_>>(self.handle);
        while socket.can_recv() && !self.is_pausing {
            let read = socket.recv(|bytes| (bytes.len(), bytes.to_vec()));
            self.received.extend(read.unwrap_or_default());
        }
        while socket.can_send() && !self.to_send.is_empty() {
            let bytes = self.to_send.make_contiguous();
            let count = socket.send_slice(bytes).unwrap_or(0);
            self.to_send.drain(..count);
            if count == 0 {
                break;
            }
        }
        if self.close_when_sent && self.to_send.is_empty() && socket.may_send() {
            socket.close();
        }
    }
}

struct Rx(Vec<u8>);
struct Tx<'q>(&'q mut VecDeque<Vec<u8>>);

impl RxToken for Rx {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(&self.0)
    }
}

impl TxToken for Tx<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        let mut frame = vec![0; len];
        let result = write(&mut frame);
        self.0.push_back(frame);
        result
    }
}

impl Device for Queue {
    type RxToken<'a> = Rx;
    type TxToken<'a> = Tx<'a>;

    fn receive(&mut self, _at: Instant) -> Option<(Rx, Tx<'_>)> {
        let frame = self.incoming.pop_front()?;
        Some((Rx(frame), Tx(&mut self.outgoing)))
    }

    fn transmit(&mut self, _at: Instant) -> Option<Tx<'_>> {
        Some(Tx(&mut self.outgoing))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = 1514;
        capabilities
    }
}
