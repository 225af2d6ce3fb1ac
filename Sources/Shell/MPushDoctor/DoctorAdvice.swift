import Glibc
import MPushConfiguration
import MPushModel

/// What to do about a failure, and the exit status that says of what kind it is.
struct DoctorAdvice: Equatable {
    let lines: [String]
    let status: CInt

    /// For `cause`, met on the way to `endpoint`, whose certificate must be for `serverName`.
    init(for cause: LossCause, endpoint: Endpoint?, serverName: String?) {
        let place = endpoint.map(String.init(describing:)) ?? "the server"
        let port = endpoint.map { String($0.port) } ?? "the port"
        switch cause {
        case .allocator:
            self.init(
                EX_UNAVAILABLE, "Look at what it answers: curl -v URL, with the URL of server.allocator.",
                "With server.endpoints in the configuration as well, mpushd has somewhere to go without it.")
        case .resolve(let host, _):
            self.init(
                EX_NOHOST, "Ask the resolver yourself: getent ahosts \(host)",
                "If the name is right, this machine's DNS is not: see /etc/resolv.conf, or resolvectl status.")
        case .connect(let detail): self.init(EX_UNAVAILABLE, DoctorAdvice.connect(detail, place: place, port: port))
        case .proxy(let proxy, let failure): self.init(EX_UNAVAILABLE, DoctorAdvice.proxy(proxy, failure, place: place))
        case .tls(let failure):
            self.init(EX_UNAVAILABLE, DoctorAdvice.tls(failure, place: place, name: serverName ?? endpoint?.host ?? ""))
        case .handshake(let failure): self.init(handshake: failure, place: place)
        case .bind:
            self.init(
                EX_UNAVAILABLE,
                "The server refused this user. Check identity.user and identity.credential, and ask its operator "
                    + "what its log says of it.")
        case .missedReads:
            self.init(
                EX_UNAVAILABLE,
                "The connection is open, but heartbeats are not answered: something between here and the "
                    + "server may drop idle connections. heartbeat.ping_every = \"55s\" helps against NATs that drop them."
            )
        case .networkChanged:
            self.init(
                EX_TEMPFAIL,
                "This machine's network changed meanwhile. Try again; ip monitor shows whether it goes on changing.")
        case .kicked:
            self.init(
                EX_UNAVAILABLE,
                "Another client signed in as this user while we were bound. See that no second mpushd "
                    + "uses the same user.")
        case .closedByPeer, .reset:
            self.init(
                EX_UNAVAILABLE,
                "Try again. If it stays so, the server, or a proxy before it, ends connections: its log "
                    + "knows why.")
        case .protocolError:
            self.init(
                EX_PROTOCOL,
                "What answers at \(place) does not speak the MPush protocol. Check host and port with the "
                    + "server's operator.")
        case .clock(let failure, let doubt, let wall):
            let certificate = DoctorAdvice.tls(failure, place: place, name: serverName ?? endpoint?.host ?? "")
            let clock = [
                "Set this machine's clock: it shows \(wall.rfc3339), \(doubt.sentence). `timedatectl` shows it, and "
                    + "whether it is synchronised: systemd-timesyncd or chrony do that.",
                "mpushd connects by itself within two seconds of its being set.",
            ]
            // A clock that nothing sets may be right all the same.
            self.init(EX_UNAVAILABLE, doubt == .unsynchronised ? certificate + clock : clock)
        case .shortage:
            self.init(
                EX_OSERR,
                "This machine, or this process, has too few descriptors, threads or free memory: see `ulimit -a`.")
        case .preferredEndpoint, .operatorRequest, .reconfigured, .paused, .localStop, .ownFault:
            self.init(EX_SOFTWARE, "This is a fault in mpushd. Please report it, with these lines.")
        }
    }

    private init(_ status: CInt, _ lines: String...) {
        self.init(status, lines)
    }

    private init(_ status: CInt, _ lines: [String]) {
        self.status = status
        self.lines = lines
    }

    private init(handshake failure: HandshakeFailure, place: String) {
        switch failure {
        case .closed(isSecured: true):
            self.init(
                EX_UNAVAILABLE,
                "The TLS handshake succeeds, and then the connection is closed: a proxy, such as a load balancer, runs at "
                    + "\(place), and no MPush server runs behind it. Ask its operator.",
                "Or it refuses our client certificate, which a TLS 1.3 server does only now: if it asks for one, set "
                    + "tls.client_certificate and tls.client_key to what its operator gave you.")
        case .closed(isSecured: false):
            self.init(
                EX_UNAVAILABLE,
                "Closed without an answer: no MPush server runs behind \(place), or it is a TLS port. Then leave "
                    + "server.transport out of the configuration.")
        case .notDecrypted:
            self.init(
                EX_PROTOCOL,
                "The server could not decrypt the handshake: server.public_key is not its key.",
                "Compare it with the key that the server's operator gives out. (A server with AES keys of another length "
                    + "than 16 bytes says the same.)")
        case .noClientPort:
            self.init(
                EX_PROTOCOL,
                "An MPush server listens at \(place), but not for clients: that is its gateway's port, or another. Ask its "
                    + "operator for the connect server's port.")
        case .noAnswer:
            self.init(
                EX_UNAVAILABLE,
                "\(place) accepts connections, but does not answer: it hangs, is overloaded, or is not an MPush "
                    + "server. Check host and port, and ask its operator.")
        case .closedAfter, .refused:
            self.init(EX_UNAVAILABLE, "The server refused. Ask its operator what its log says about this device.")
        }
    }

    private static func connect(_ detail: String, place: String, port: String) -> [String] {
        var lines: [String] = []
        if detail.contains("refused") {
            lines.append(
                "Refused: the machine answers, but nothing listens on port \(port). Is the port right? Is the server "
                    + "running?")
        }
        if detail.contains("no connection to") || detail.contains("no answer") || detail.contains("timed out") {
            lines.append(
                "No answer: a firewall drops packets to port \(port), or the machine is down. Try: nc -vz "
                    + nc(place))
        }
        if detail.contains("unreachable") || detail.contains("no route") {
            lines.append("Unreachable: there is no route from this machine. Look at: ip route; ip -6 route")
        }
        return lines.isEmpty ? ["mpushd keeps trying. Try yourself: nc -vz \(nc(place))"] : lines
    }

    private static func proxy(_ proxy: ProxyURL, _ failure: ProxyFailure, place: String) -> [String] {
        switch failure {
        case .unreachable, .insecure:
            return [
                "Is proxy.url right, and does the proxy run? Try: nc -vz \(nc("\(proxy.endpoint)"))",
                "If this network has no proxy, leave [proxy] out, or set proxy.fallback = \"direct\".",
            ]
        case .authentication:
            return [
                "Set proxy.user and proxy.password_file to what the proxy's operator gave you. mpushd speaks Basic (and user "
                    + "and password with SOCKS 5), not NTLM or Negotiate."
            ]
        case .forbidden:
            return [
                "The proxy does not let mpushd through to \(place): ask its operator to allow CONNECT to it. Many allow "
                    + "port 443 alone."
            ]
        case .failed:
            return [
                "Is the server's name known to the proxy, and does the server run? Try: curl -v -x \(proxy) "
                    + "telnet://\(place)",
                "If the proxy speaks another protocol, proxy.url says which: http, https or socks5.",
            ]
        case .idleCut(let time):
            let seconds = max(1, time.wholeMilliseconds / 1250)
            return ["Set heartbeat.ping_every = \"\(seconds)s\", so that the connection is never idle for that long."]
        }
    }

    private static func nc(_ place: String) -> String {
        guard let colon = place.lastIndex(of: ":") else { return place }
        return place[..<colon].filter { $0 != "[" && $0 != "]" } + " " + place[place.index(after: colon)...]
    }
}

extension DoctorAdvice {
    private static let never = "mpushd keeps trying; it never connects without a valid certificate."

    private static func tls(_ failure: TLSFailure, place: String, name: String) -> [String] {
        let look = "openssl s_client -connect \(place) -servername \(name) -showcerts </dev/null"
        switch failure {
        case .expired:
            return ["Ask the server's operator to renew it. \(never)"]
        case .notYetValid:
            return ["Look at this machine's clock: timedatectl. If it is right, the certificate is not. \(never)"]
        case .wrongHost:
            return [
                "Is server.endpoints the name that the operator gave you? If the certificate is for another name by "
                    + "intention, set tls.server_name to it.", "See what it is for: \(look)",
            ]
        case .unknownAuthority:
            return [
                "If the server has an authority of its own, get that authority's certificate and set tls.ca_file to it.",
                "See what the server shows: \(look)", never,
            ]
        case .revoked:
            return ["Its authority revoked it: do not trust it. Ask the server's operator. \(never)"]
        case .noPinMatched:
            return [
                "If the operator confirms by another way that the server's key has changed, add its pin to tls.pins. If "
                    + "not, the connection is intercepted.", "See what the server shows: \(look)",
            ]
        case .badCertificate:
            return ["See what the server shows: \(look)", never]
        case .protocolVersion:
            return [
                "Is \(place) the port for TLS? If the server has no TLS at all, that is server.transport = \"plaintext\", "
                    + "which anyone on the way can read.", "See what it speaks: \(look)",
            ]
        case .clientCertificateRefused:
            return [
                "The server requires a client certificate: set tls.client_certificate and tls.client_key to what its "
                    + "operator gave you, and see that it has not expired."
            ]
        case .peerClosed:
            return [
                "Something between here and the server may not let TLS through, or \(place) is not the port for TLS.",
                "See for yourself: \(look)",
            ]
        case .timedOut:
            return [
                "\(place) accepts connections, but does not answer the TLS handshake: it hangs, or it is the port without TLS.",
                "See for yourself: \(look)",
            ]
        case .other:
            return ["See for yourself: \(look)"]
        }
    }
}
