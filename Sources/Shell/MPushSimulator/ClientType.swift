/// What kind of client a handshake came from: a user has one connection of each (PROTOCOL.md section 4.1).
package enum ClientType: Hashable, Sendable, CaseIterable {
    case mobile
    case pc
    case web
    case unknown

    /// The type of the first system whose name is a part of `osName`, as the server looks for it.
    package init(osName: String) {
        let name = osName.lowercased()
        self = Self.allCases.first { type in type.systems.contains { name.contains($0) } } ?? .unknown
    }

    private var systems: [String] {
        switch self {
        case .mobile: ["android", "ios"]
        case .pc: ["windows", "mac", "linux"]
        case .web: ["web", "h5"]
        case .unknown: []
        }
    }
}
