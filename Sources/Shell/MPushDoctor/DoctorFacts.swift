import MPushModel

/// What the steps of a walk, and the questions that followed a failure, brought to light.
struct DoctorFacts: Equatable, Sendable {
    /// How the last lookup of the server's name ended.
    enum Lookup: Equatable, Sendable {
        case found
        /// A name server says that there is none.
        case noSuchName
        case failed
        case noAnswer
    }

    /// What came of a connection to one address.
    struct Address: Equatable, Sendable {
        enum Outcome: Equatable, Sendable {
            case reached(after: Duration)
            case failed(Failure, text: String)
        }

        enum Failure: Equatable, Sendable {
            case refused
            case noAnswer
            /// A router or a firewall said no (ICMP).
            case unreachable
            /// This machine has no route.
            case noRoute
            case shortage
            case other
        }

        /// `192.0.2.7:3443`
        let text: String
        let isIPv6: Bool
        let outcome: Outcome

        var failure: Failure? {
            if case .failed(let failure, _) = outcome { failure } else { nil }
        }
    }

    var endpoint: Endpoint?
    /// The name that the certificate must be for.
    var serverName: String?
    var lookup: Lookup?
    var addresses: [Address] = []
    /// The addresses that a name has which cannot exist (RFC 6761): a name server that makes them up.
    var madeUpAddresses: [String] = []
    /// Those of the server's addresses that mean this machine: what filters of names answer.
    var impossibleAddresses: [String] = []
    /// From SYN to SYN-ACK.
    var roundTrip: Duration?
    /// Whether the authorities or pins are those of the configuration, so that another one's certificate is a stranger's.
    var hasOwnTrust = false
    /// What the port says to a request of HTTP, to a heartbeat of MPush without TLS, and to the beginning of TLS.
    var answerToHTTP: PortAnswer?
    var answerToHeartbeat: PortAnswer?
    var answerToTLS: PortAnswer?
    /// What port 80 of the same address says to a request of HTTP.
    var answerOfWeb: PortAnswer?
    /// Whether what failed gets through in small segments; nil where that was not tried.
    var passesInSmallSegments: Bool?
    /// Why this machine's clock cannot be right, or may not be; nil where nothing speaks against it.
    var clockDoubt: String?
    var cause: LossCause?
}

extension DoctorFacts {
    /// Whether something answered at the port, and not as it should.
    var isAboutWhatAnswers: Bool {
        switch cause {
        case .tls, .clock, .handshake, .closedByPeer, .reset, .protocolError: true
        case nil, .allocator, .resolve, .connect, .proxy, .bind, .missedReads, .networkChanged, .kicked,
            .preferredEndpoint,
            .operatorRequest, .reconfigured, .paused, .localStop, .shortage, .ownFault:
            false
        }
    }

    /// Whether a certificate was shown that is not the server's, or does not seem to be.
    var isAboutCertificate: Bool {
        guard case .tls(let failure) = cause else { return false }
        return switch failure {
        case .wrongHost, .unknownAuthority, .noPinMatched, .badCertificate: true
        case .expired, .notYetValid, .revoked, .protocolVersion, .clientCertificateRefused, .peerClosed, .timedOut,
            .other:
            false
        }
    }

    /// Whether it was silent, or went away before it had said all.
    var isAboutSilence: Bool {
        switch cause {
        case .tls(.timedOut), .tls(.peerClosed), .handshake(.noAnswer): true
        case nil, .tls, .clock, .handshake, .allocator, .resolve, .connect, .proxy, .bind, .missedReads,
            .networkChanged, .kicked, .closedByPeer,
            .reset, .protocolError, .preferredEndpoint, .operatorRequest, .reconfigured, .paused, .localStop, .shortage,
            .ownFault:
            false
        }
    }
}

/// What a port answers to one question.
enum PortAnswer: Equatable, Sendable {
    /// With the host that it sends on to, and whether it is a page for people.
    case http(status: Int, redirect: String?, isPage: Bool)
    case tls
    case mpush
    case other
    case closed
    case silent

    init(bytes: [UInt8]) {
        if bytes.starts(with: Array("HTTP/".utf8)) {
            self = PortAnswer.http(String(decoding: bytes, as: UTF8.self))
        } else if bytes.count >= 2, (20...23).contains(bytes[0]), bytes[1] == 3 {
            self = .tls
        } else if let first = bytes.first, first == 0xDF {
            self = .mpush
        } else {
            self = .other
        }
    }

    private static func http(_ text: String) -> PortAnswer {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        let words = lines.first?.split(separator: " ") ?? []
        var redirect: String?
        var isPage = text.lowercased().contains("<html")
        for line in lines.dropFirst().prefix(while: { !$0.isEmpty }) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch line[..<colon].lowercased() {
            case "location": redirect = host(of: value)
            case "content-type": isPage = isPage || value.lowercased().contains("text/html")
            default: break
            }
        }
        return .http(status: words.count > 1 ? Int(words[1]) ?? 0 : 0, redirect: redirect, isPage: isPage)
    }

    /// The host of a URL and nothing else: paths and queries of portals have tokens in them.
    private static func host(of url: Substring) -> String? {
        guard let scheme = url.range(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return host.isEmpty ? nil : String(host)
    }

    /// What a captive portal would have said, in words; nil for what it would not.
    func portal(insteadOf host: String) -> String? {
        guard case .http(let status, let redirect, let isPage) = self else { return nil }
        if let redirect, (300..<400).contains(status), redirect.prefix(while: { $0 != ":" }) != host {
            return "sends on to \(redirect) (HTTP \(status))"
        }
        if status == 511 { return "demands a login to the network (HTTP 511)" }
        return isPage && (200..<300).contains(status) ? "answers with a web page (HTTP \(status))" : nil
    }
}

extension Substring {
    /// The first place of `text`.
    fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }
}
