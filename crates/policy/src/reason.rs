macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Why a request, an answer or a flow was blocked.
        ///
        /// Every limit and every strictness of the decoders has one; each has a counter and stands
        /// in the audit record under its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Reason {
            $($(#[$doc])* $variant,)*
        }

        impl Reason {
            /// All reasons, in the order of their counters.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// How many reasons there are: the length of a counter array.
            pub const COUNT: usize = Self::ALL.len();

            /// The name in records and counters.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The reason's place in a counter array.
            #[must_use]
            pub const fn index(self) -> usize {
                self as usize
            }
        }
    };
}

reasons! {
    /// A rule with `action = "block"` matched.
    Finding = "finding",
    /// A finding stands where no edit is possible: a number, a key, the target, a framing field.
    FindingNotEditable = "finding_not_editable",
    /// Text hidden deeper than views go, which nothing has read (`view_depth_max`).
    ViewDepth = "view_depth",
    /// A prompt of numbers that a tokenizer gave its pieces, which nothing has read.
    TokenIds = "token_ids",
    /// A credential of another provider than the one the request goes to.
    CredentialForeign = "credential_foreign",
    /// The first bytes are no protocol that the engine reads.
    ProtocolUnknown = "protocol_unknown",
    /// The server spoke before the client asked.
    ServerSpokeFirst = "server_spoke_first",
    /// TLS or an HTTP/2 preface on a flow that was HTTP/1, or an answer nobody asked for.
    ProtocolSwitch = "protocol_switch",
    /// HTTP that a strict reader refuses (RFC 9112).
    HttpSyntax = "http_syntax",
    /// Message framing with two readings: lengths, codings, version.
    HttpFraming = "http_framing",
    /// A request or response head longer than `head_bytes_max`.
    HttpHeadTooLong = "http_head_too_long",
    /// More pipelined requests than `pipeline_depth_max`.
    HttpPipeline = "http_pipeline",
    /// CONNECT, TRACE or an upgrade.
    HttpTunnel = "http_tunnel",
    /// A Content-Encoding that the engine does not open.
    ContentEncoding = "content_encoding",
    /// A charset that the engine does not read.
    Charset = "charset",
    /// A body that is not the one JSON text it claims to be.
    JsonSyntax = "json_syntax",
    /// JSON nested deeper than `json_depth_max`.
    JsonDepth = "json_depth",
    /// A part of a message that says its text twice under one name (RFC 8259 section 4): which of them counts, and what is
    /// joined to the parts beside it, each receiver decides for itself.
    JsonDuplicate = "json_duplicate",
    /// A number longer than any receiver keeps.
    JsonNumber = "json_number",
    /// More undecided bytes than `hold_bytes_max`.
    HoldBytes = "hold_bytes",
    /// Undecided bytes waited longer than `hold_ms_max`.
    HoldTime = "hold_time",
    /// A message longer than `message_bytes_max`.
    MessageBytes = "message_bytes",
    /// The audit log gave no credit in time.
    AuditUnavailable = "audit_unavailable",
    /// A retransmission carried other bytes than the ones forwarded, twice.
    TcpContradiction = "tcp_contradiction",
    /// The flow's mode became stricter and its time to drain is over.
    PolicyChanged = "policy_changed",
    /// The policy blocks this flow.
    PolicyBlocked = "policy_blocked",
    /// The flow is to be terminated and this appliance cannot.
    TerminateUnavailable = "terminate_unavailable",
    /// A slow check did not answer before its deadline.
    CheckTimeout = "check_timeout",
    /// A pipeline step failed.
    PipelineFailed = "pipeline_failed",
    /// The connection ended inside a message.
    Truncated = "truncated",
    /// The appliance stops.
    Shutdown = "shutdown",
    /// A ClientHello that is malformed, too long, or names no host as DNS would.
    TlsHello = "tls_hello",
    /// The ClientHello was not complete in time.
    TlsHelloTimeout = "tls_hello_timeout",
    /// TLS below 1.2, on either side.
    TlsVersion = "tls_version",
    /// Something else than TLS on a port where a rule asks for the name in TLS.
    TlsRequired = "tls_required",
    /// TLS without a name where a rule asks for one, or where the certificate must be for it.
    SniMissing = "sni_missing",
    /// The server's certificate is out of date, or not valid yet.
    CertificateExpired = "certificate_expired",
    /// The server's certificate is for another name.
    CertificateName = "certificate_name",
    /// The server's certificate leads to no root that is trusted; self-signed ones are such.
    CertificateUnknownIssuer = "certificate_unknown_issuer",
    /// The server's certificate is signed with an algorithm or a key too weak to count.
    CertificateWeak = "certificate_weak",
    /// The server's certificate is not acceptable for another reason.
    CertificateOther = "certificate_other",
    /// The server wants a certificate from the client, which cannot be passed on.
    ClientCertificateWanted = "client_certificate_wanted",
    /// The client shows no acceptable certificate, and the appliance asks for one.
    ClientCertificateMissing = "client_certificate_missing",
    /// The server refused the TCP connection.
    ServerRefused = "server_refused",
    /// The server did not answer in time.
    ServerSilent = "server_silent",
    /// The true name is hidden (encrypted ClientHello), and the rule does not let that pass.
    EchBlocked = "ech_blocked",
    /// A forwarded name leads to an address at which a protected name was seen.
    ForwardedNameProtected = "forwarded_name_protected",
    /// The name in TLS and the one in the request differ.
    HostMismatch = "host_mismatch",
    /// A TLS handshake failed on either side for a reason that has no word of its own.
    HandshakeFailed = "handshake_failed",
    /// A side broke TLS once the handshake was done.
    TlsBroken = "tls_broken",
    /// Client and server have no application protocol in common that the engine reads.
    Alpn = "alpn",
    /// More handshakes at once than the worker takes on.
    HandshakeLimit = "handshake_limit",
    /// No memory left for held messages (`hold_bytes_worker_max`).
    HoldMemory = "hold_memory",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_name_of_its_own_and_its_place() {
        let mut names: Vec<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Reason::COUNT);
        for (place, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(reason.index(), place);
        }
    }
}
