/// A key with the value that is in force, and where that comes from.
package struct EffectiveValue: Equatable, Sendable {
    /// Where a value comes from.
    package enum Origin: Equatable, Sendable {
        case file(SourceLocation)
        /// The key is left out.
        case standard
        /// The variable of this name, of the process.
        case variable(String)
    }

    /// `server.endpoints`, `route[2].exec`
    package let key: String
    /// As TOML; nil for a secret.
    package let value: String?
    package let origin: Origin
    /// The path of the file that `value` names by way of a variable; nil where it is the value itself.
    package var path: String?
}

extension EffectiveValue.Origin: CustomStringConvertible {
    /// `/etc/mpushd/mpushd.toml:4`, `default`, `$https_proxy`
    package var description: String {
        switch self {
        case .file(let location): "\(location)"
        case .standard: "default"
        case .variable(let name): "$\(name)"
        }
    }
}
