import MPushModel

/// What to do about a culprit.
enum DoctorAdvice {
    private static let never = "mpushd keeps trying; it never connects without a valid certificate."

    static func lines(for culprit: Culprit, _ facts: DoctorFacts) -> [String] {
        let place = facts.endpoint.map(String.init(describing:)) ?? "the server"
        let host = facts.endpoint?.host ?? "the server"
        let name = facts.serverName ?? host
        let look =
            "See what it shows: openssl s_client -connect \(place) -servername \(name) -showcerts </dev/null"
        switch culprit {
        case .captivePortal:
            return [
                "Sign in to this network: open http://neverssl.com in a browser on it, or ask whoever runs it. mpushd "
                    + "connects by itself afterwards."
            ]
        case .interception:
            return [
                "Something between here and the server may read and change what goes over it: ask whoever runs this "
                    + "network to let \(place) through untouched. If it is the server itself that has a new authority or "
                    + "key, confirm that with its operator through another channel, and change tls.ca_file or tls.pins.",
                look,
                never,
            ]
        case .pathMTU:
            return [
                "A tunnel or a router on the way drops large packets without a word. Lower the MTU of this machine's "
                    + "link (ip link set dev LINK mtu 1280), or have whoever runs the network clamp the MSS.",
                "See where: tracepath \(host)",
            ]
        case .brokenIPv6:
            return [
                "Repair IPv6 on this network, or turn it off: each new connection may wait for it.",
                "Try: \(nc(place, facts, isIPv6: true))",
            ]
        case .nameUnknown:
            return [
                "Is the name in server.endpoints right? Check: getent ahosts \(host)",
                "If it is, this network's name server does not know it: see /etc/resolv.conf, or resolvectl status.",
            ]
        case .nameServerFails, .nameServerSilent:
            return [
                "Check: getent ahosts \(host)",
                "Check which name servers are asked, and whether they answer: /etc/resolv.conf, or resolvectl status.",
            ]
        case .nameHijacked:
            return [
                "The name server of this network gives false answers, as captive portals and filters do. Ask whoever "
                    + "runs it, or use another one: /etc/resolv.conf, or resolvectl status."
            ]
        case .noRoute: return ["There is no route from this machine. Look at: ip route; ip -6 route"]
        case .portRefused:
            return [
                "Refused: the machine answers, but nothing listens on that port, or a firewall rejects it. Is the port "
                    + "right? Is the server running?"
            ]
        case .portFiltered:
            return [
                "No answer: a firewall drops packets to that port, or the machine is down. Try: \(nc(place))"
            ]
        case .prohibited:
            return [
                "A router or a firewall on the way answers that it is prohibited, or that there is no such machine. Ask "
                    + "whoever runs this network to let \(place) through."
            ]
        case .slowLink:
            return [
                "Connections work, but take long. If they fail: longer timeouts (timeouts.connect, timeouts.handshake, "
                    + "tls.handshake_timeout)."
            ]
        case .natForgets:
            return [
                "Something between here and the server drops idle connections, or the server hangs. A shorter "
                    + "heartbeat.ping_every, such as \"55s\", helps against NATs and firewalls; \"auto\" finds it out."
            ]
        case .deadFront:
            return [
                "A proxy, such as a load balancer, runs at \(place), and no MPush server runs behind it. Ask its operator.",
                "Or it refuses our client certificate, which a TLS 1.3 server does only after the handshake: if it asks "
                    + "for one, set tls.client_certificate and tls.client_key to what its operator gave you.",
            ]
        case .silentServer:
            return [
                "\(place) accepts connections, but does not answer: it hangs, is overloaded, or is not an MPush server. "
                    + "Check host and port, and ask its operator."
            ]
        case .httpPort:
            return ["Is the port right? A web server, or a proxy, answers there: not an MPush server."]
        case .portWithoutTLS:
            return [
                "Ask the server's operator for the port with TLS. If there is none: server.transport = \"plaintext\", "
                    + "which anyone on the way can read."
            ]
        case .tlsPort: return ["Leave server.transport out of the configuration: then mpushd speaks TLS."]
        case .gatewayPort:
            return [
                "An MPush server listens at \(place), but not for clients: that is its gateway's port, or another. Ask its "
                    + "operator for the connect server's port."
            ]
        case .notMPush:
            return [
                "What answers at \(place) does not speak the MPush protocol. Check host and port with the server's "
                    + "operator."
            ]
        case .certificateExpired:
            let clock = facts.clockDoubt.map { ["But \($0): look at it first, with timedatectl."] } ?? []
            return clock + ["Ask the server's operator to renew it. \(never)"]
        case .certificateNotYetValid:
            return ["Look at this machine's clock: timedatectl. If it is right, the certificate is not. \(never)"]
        case .certificateName:
            return [
                "Is server.endpoints the name that the operator gave you? If the certificate is meant for another "
                    + "name, set tls.server_name to it. If not, something answers in the server's place.", look,
            ]
        case .unknownAuthority:
            return [
                "If you do not know that authority, the connection is intercepted, or a captive portal answers: do not "
                    + "trust it, and ask whoever runs this network.",
                "Only if the server's operator confirms it through another channel: set tls.ca_file to that authority's certificate.",
                look, never,
            ]
        case .certificateRefused: return ["Ask the server's operator.", look, never]
        case .clientCertificate:
            return [
                "The server requires a client certificate: set tls.client_certificate and tls.client_key to what its "
                    + "operator gave you, and see that it has not expired."
            ]
        case .serverKey:
            return [
                "The server could not decrypt the handshake: server.public_key is not its key. Compare it with the key that "
                    + "the server's operator gives out. (A server with AES keys of another length than 16 bytes says the same.)"
            ]
        case .clock:
            return ["Set it, or let it be set: timedatectl set-ntp true. mpushd connects by itself afterwards."]
        case .proxyAway:
            return [
                "Is proxy.url right, and does the proxy run? Try: \(proxyProbe(facts))",
                "If this network has no proxy, leave [proxy] out, or set proxy.fallback = \"direct\".",
            ]
        case .proxyLogin:
            return [
                "Set proxy.user and proxy.password_file to what the proxy's operator gave you. mpushd speaks Basic (and user "
                    + "and password with SOCKS 5), not NTLM or Negotiate."
            ]
        case .proxyRefuses:
            return [
                "Ask the proxy's operator whether it allows CONNECT to \(place): many allow port 443 alone. Does it know the "
                    + "server's name, and does the server run?",
                "If the proxy speaks another protocol, proxy.url says which: http, https or socks5.",
            ]
        case .proxyCutsIdle:
            guard case .proxy(_, .idleCut(let time)) = facts.cause else { return [] }
            let seconds = max(1, time.wholeMilliseconds / 1250)
            return ["Set heartbeat.ping_every = \"\(seconds)s\", so that the connection is never idle for that long."]
        case .userRefused:
            return [
                "Check identity.user and identity.credential, and ask the server's operator what its log says of that user."
            ]
        case .deviceRefused: return ["Ask the server's operator what its log says of this device."]
        case .signedInElsewhere:
            return ["See that no second mpushd uses the same user; on_kick says what happens then."]
        case .allocatorAway, .allocatorAnswer:
            return [
                "Look at what it answers: curl -v URL, with the URL of server.allocator.",
                "With server.endpoints in the configuration as well, mpushd has somewhere to go without it.",
            ]
        case .configuration: return []
        case .shortage:
            return ["This machine, or this process, has too few descriptors, threads or free memory: see `ulimit -a`."]
        case .ownFault: return ["This is a fault in mpushd. Please report it, with these lines: mpushctl report"]
        }
    }

    private static func proxyProbe(_ facts: DoctorFacts) -> String {
        if case .proxy(let proxy, _) = facts.cause { nc("\(proxy.endpoint)") } else { "curl -v -x URL" }
    }

    private static func nc(_ place: String, _ facts: DoctorFacts, isIPv6: Bool) -> String {
        nc(facts.addresses.first { $0.isIPv6 == isIPv6 }?.text ?? place)
    }

    private static func nc(_ place: String) -> String {
        guard let colon = place.lastIndex(of: ":") else { return "nc -vz \(place)" }
        return "nc -vz " + place[..<colon].filter { $0 != "[" && $0 != "]" } + " "
            + place[place.index(after: colon)...]
    }
}
