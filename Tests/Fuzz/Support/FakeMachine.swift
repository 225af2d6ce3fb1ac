import MPushConfiguration

/// A machine whose files are as their names say, so that a text alone decides what is found.
struct FakeMachine: ConfigurationEnvironment {
    func variable(named name: String) -> String? {
        name == "CREDENTIALS_DIRECTORY" ? "/run/credentials/mpushd.service" : nil
    }

    func inspect(_ path: String) -> FileCondition {
        switch path.utf8.last {
        case UInt8(ascii: "/"): .directory
        case UInt8(ascii: "0"): .missing
        case UInt8(ascii: "1"): .readable(mode: 0o644, size: 0)
        case UInt8(ascii: "2"): .notReadable(reason: "permission denied")
        case UInt8(ascii: "3"): .special
        case UInt8(ascii: "4"): .readable(mode: 0o600, size: .max)
        default: .readable(mode: 0o644, size: 1000)
        }
    }

    func group(named name: String) -> GroupCondition {
        switch name.utf8.last {
        case UInt8(ascii: "0"): .missing
        case UInt8(ascii: "1"): .hidden
        case UInt8(ascii: "2"): .unavailable(reason: "connection refused")
        default: .known(UInt32(name) ?? 1000)
        }
    }
}
