import Glibc

/// Why this machine has no id to derive a device id from (machine-id(5)).
package enum MachineIDError: Error, Equatable, Sendable {
    /// There is no /etc/machine-id.
    case missing
    /// The file is empty or says that it is not set up yet, as early in the first boot or in an image.
    case notSet
    /// What is in it is not a machine id.
    case malformed
    /// It cannot be read, for the reason that `errno` gives.
    case unreadable(errno: CInt)

    /// The error that sd_id128_get_machine_app_specific(3) means by `errno`, a positive number.
    package init(errno: CInt) {
        switch errno {
        case ENOENT: self = .missing
        case ENOMEDIUM, ENOPKG: self = .notSet
        case EINVAL, EUCLEAN, EIO: self = .malformed
        default: self = .unreadable(errno: errno)
        }
    }
}

extension MachineIDError: CustomStringConvertible {
    /// What is wrong and what helps, in a sentence without its end.
    package var description: String {
        switch self {
        case .missing: "/etc/machine-id does not exist; run systemd-machine-id-setup, or set a device id"
        case .notSet: "/etc/machine-id is not set up yet; run systemd-machine-id-setup, or set a device id"
        case .malformed: "/etc/machine-id holds no machine id; run systemd-machine-id-setup, or set a device id"
        case .unreadable(let errno): "/etc/machine-id cannot be read: \(String(cString: strerror(errno)))"
        }
    }
}
