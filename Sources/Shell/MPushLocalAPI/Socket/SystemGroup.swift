import Glibc

/// A group of the machine (group(5)).
package struct SystemGroup: Equatable, Sendable {
    /// What was asked for, or the number.
    package let name: String
    package let number: UInt32

    /// The group of this name, or number; nil where there is none.
    package init?(named name: String) {
        self.name = name
        if let number = UInt32(name) {
            self.number = number
            return
        }
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 64 * 1024)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        number = entry.gr_gid
    }

    /// The group of this number, with its name where it has one.
    init(number: UInt32) {
        self.number = number
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 64 * 1024)
        let isKnown = getgrgid_r(number, &entry, &buffer, buffer.count, &found) == 0 && found != nil
        name = isKnown ? String(cString: entry.gr_name) : String(number)
    }
}
