package import MPushPlatform

/// The group of api.group.
package enum ConfiguredGroup: Equatable, Sendable {
    case known(SystemGroup)
    /// Its number could not be found out, and why: then nobody is of it.
    case unknown(name: String, reason: String)
}
