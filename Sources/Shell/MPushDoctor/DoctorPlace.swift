import MPushNetwork
import MPushPlatform
import MPushSettings
import NIOCore

/// What a walk stands on once its configuration is read.
struct DoctorPlace {
    let settings: LoadedSettings
    let profile: IdentityProfile
    let eventLoop: any EventLoop
    let timer: LoopTimer

    /// Surroundings for connectors, whose names are looked up by `lookup`.
    func surroundings(_ lookup: NameLookup) -> Connector.Surroundings {
        Connector.Surroundings(eventLoop: eventLoop, timer: timer, lookup: lookup)
    }
}
