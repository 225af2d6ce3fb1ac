import CSystemd
import Glibc

/// The device id that an identity has where the configuration gives none: always the same on one machine, another on
/// every other machine, and no way back from it to the machine id, which machine-id(5) asks to keep confidential.
///
/// It is sd_id128_get_machine_app_specific(3): HMAC-SHA256, keyed with the machine id, of an application id. The
/// application id is ours, mixed with a hash of the identity's name by XOR, so that several identities of one machine
/// are several devices for the server; the HMAC hides all of it. Thirty-two lower-case hexadecimal digits, and so
/// without the comma that the server could not store.
package enum MachineDeviceID {
    /// mpushd's own application id. It must never change: every device id would.
    private static let application: UInt128 = 0x3f8dac6f2939470cb0051c775478fba3

    /// The device id of this machine for a daemon with one identity.
    package static func derive() throws(MachineIDError) -> String {
        try derive(application: application)
    }

    /// The device id of this machine for the identity of this name.
    package static func derive(identity name: String) throws(MachineIDError) -> String {
        var hash = FNV1a()
        hash.feed(name.utf8)
        return try derive(application: application ^ hash.value)
    }

    private static func derive(application: UInt128) throws(MachineIDError) -> String {
        var id = sd_id128_t()
        let result = sd_id128_get_machine_app_specific(sd_id128_t(application), &id)
        guard result >= 0 else { throw MachineIDError(errno: -result) }
        let digits = String(UInt128(id), radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}

extension sd_id128_t {
    /// The id whose bytes are those of `value`, the most significant first.
    fileprivate init(_ value: UInt128) {
        let (high, low) = (UInt64(truncatingIfNeeded: value >> 64), UInt64(truncatingIfNeeded: value))
        self.init(qwords: (high.bigEndian, low.bigEndian))
    }
}

extension UInt128 {
    /// The number whose bytes, the most significant first, are those of `id`.
    fileprivate init(_ id: sd_id128_t) {
        self = UInt128(UInt64(bigEndian: id.qwords.0)) << 64 | UInt128(UInt64(bigEndian: id.qwords.1))
    }
}

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
        case .malformed: "/etc/machine-id contains no machine id; run systemd-machine-id-setup, or set a device id"
        case .unreadable(let errno): "/etc/machine-id cannot be read: \(String(cString: strerror(errno)))"
        }
    }
}

/// The 128-bit hash FNV-1a: spreads short names well, no secret depends on it.
///
/// Source: RFC 9923, "The FNV Non-Cryptographic Hash Algorithm".
package struct FNV1a {
    private static let prime: UInt128 = 1 << 88 | 0x13b

    /// The hash of what was fed so far.
    package private(set) var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    /// The hash of nothing.
    package init() {}

    /// Feeds `bytes`, after those fed before.
    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt128(byte)) &* FNV1a.prime }
    }
}
