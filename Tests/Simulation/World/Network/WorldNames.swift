import Glibc
import MPushModel
import MPushPlatform
import NIOCore

/// What a machine's resolver answers, by name: the addresses of either family each with a fate of their own.
package final class WorldNames: @unchecked Sendable {
    /// What becomes of the question for one family.
    package enum Answer: Equatable, Sendable {
        case addresses([String])
        /// The server knows that there are none.
        case none
        /// The server never answers, so the resolver gives up.
        case silence
        /// The server cannot say now.
        case failure
    }

    /// A name.
    package struct Entry: Sendable {
        package var v4: Answer
        package var v6: Answer
        package var v4Delay: Duration
        package var v6Delay: Duration

        package init(
            v4: Answer, v6: Answer = .none, v4Delay: Duration = .milliseconds(10), v6Delay: Duration = .milliseconds(10)
        ) {
            self.v4 = v4
            self.v6 = v6
            self.v4Delay = v4Delay
            self.v6Delay = v6Delay
        }
    }

    /// What is not there does not exist (NXDOMAIN).
    package var entries: [String: Entry] = [:]
    /// How long the resolver waits for an answer, with all that it tries (resolv.conf(5)).
    package var patience: Duration = .seconds(20)
    /// No answer comes to anybody, for as long as this is so: the server of the network is away.
    package var isSilent = false
    /// How long it takes to hear that a name does not exist.
    package var unknownDelay: Duration = .milliseconds(10)
    /// Asked before each lookup: a number of errno(3) where the machine cannot ask at all.
    package var shortage: (() -> CInt?)?

    package init() {}

    /// The addresses of a name, whatever family they are of.
    package func set(_ name: String, _ addresses: [String], delay: Duration = .milliseconds(10)) {
        let v6 = addresses.filter { $0.contains(":") }
        let v4 = addresses.filter { !$0.contains(":") }
        entries[name] = Entry(
            v4: v4.isEmpty ? .none : .addresses(v4), v6: v6.isEmpty ? .none : .addresses(v6), v4Delay: delay,
            v6Delay: delay)
    }

    /// What getaddrinfo(3) says of one family of `host`, and after how long.
    func lookUp(
        _ host: String, port: UInt16, _ family: AddressFamily
    ) -> (answer: Network.Addresses, delay: Duration) {
        if let address = try? SocketAddress(ipAddress: host, port: Int(port)) { return (.success([address]), .zero) }
        if isSilent { return (.failure(WorldNames.failure(EAI_AGAIN)), patience) }
        guard let entry = entries[host] else { return (.failure(WorldNames.failure(EAI_NONAME)), unknownDelay) }
        let (answer, delay) =
            switch family {
            case .v4: (entry.v4, entry.v4Delay)
            case .v6: (entry.v6, entry.v6Delay)
            }
        guard delay <= patience else { return (.failure(WorldNames.failure(EAI_AGAIN)), patience) }
        switch answer {
        case .addresses(let texts):
            return (.success(texts.compactMap { try? SocketAddress(ipAddress: $0, port: Int(port)) }), delay)
        case .none: return (.failure(WorldNames.failure(EAI_NONAME)), delay)
        case .silence: return (.failure(WorldNames.failure(EAI_AGAIN)), patience)
        case .failure: return (.failure(WorldNames.failure(EAI_AGAIN)), delay)
        }
    }

    private static func failure(_ status: CInt) -> LookupFailure {
        let text = String(cString: gai_strerror(status))
        return LookupFailure(
            detail: text.prefix(1).lowercased() + text.dropFirst(), isDefinite: status == EAI_NONAME)
    }
}
