import MPushConfiguration
import MPushConnection
import MPushModel
import MPushPlatform
import MPushTLS
import NIOCore

/// What a walk stands on once its configuration is read.
struct DoctorPlace {
    let settings: LoadedSettings
    let profile: IdentityProfile
    let timer: LoopTimer
    let clock: any ClockSource
    let connections: ConnectionBuilder

    init(
        settings: LoadedSettings, profile: IdentityProfile, timer: LoopTimer, clock: any ClockSource,
        network: any Network
    ) {
        self.clock = clock
        self.settings = settings
        self.profile = profile
        self.timer = timer
        connections = ConnectionBuilder(
            settings,
            in: Connector.Environment(
                eventLoop: timer.eventLoop, timer: timer, lookup: NameLookup(by: timer, network: network)),
            tlsSessions: TLSSessionCache(clock: timer.clock))
    }
}

/// A network in which a name has the addresses that were found for it before.
struct KnownAddresses: NameReplacingNetwork {
    private let addresses: [SocketAddress]
    let network: any Network

    init(_ addresses: [SocketAddress], in network: any Network) {
        self.addresses = addresses
        self.network = network
    }

    func resolve(
        _ host: String, port: UInt16, _ family: AddressFamily, on eventLoop: any EventLoop,
        done: @escaping (Addresses) -> Void
    ) throws(OSError) {
        let found = addresses.filter { ($0.protocol == .inet6) == (family == .v6) }
        eventLoop.assumeIsolated().execute { done(.success(found)) }
    }
}
