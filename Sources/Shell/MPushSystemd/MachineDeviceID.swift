import CSystemd

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
