import Glibc

/// A group of the machine (group(5)).
package struct SystemGroup: Equatable, Sendable {
    /// What came of asking for a name.
    package enum Lookup: Equatable, Sendable {
        case found(SystemGroup)
        /// The machine was asked, and has no such group.
        case none
        /// The machine could not be asked (nsswitch.conf(5)): nothing is known.
        case failed(OSError)
    }

    /// Its name, or its number where it has none.
    package let name: String
    package let number: UInt32

    /// A group as it is, without asking the machine.
    package init(name: String, number: UInt32) {
        self.name = name
        self.number = number
    }

    /// The group of this number, with its name where it has one that can be found.
    package init(number: UInt32) {
        let entry = SystemGroup.entry("getgrgid") { getgrgid_r(number, $0, $1, $2, $3) }
        name = if case .found(let group) = entry { group.name } else { String(number) }
        self.number = number
    }

    /// The group of this name; or of this number, in decimal digits, whether it has a name or not.
    package static func named(_ name: String) -> Lookup {
        if name.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // The last number stands for "none" in chown(2) and its like.
            guard let number = UInt32(name), number < .max else { return .none }
            return .found(SystemGroup(name: name, number: number))
        }
        return entry("getgrnam") { getgrnam_r(name, $0, $1, $2, $3) }
    }

    /// Room for the members of a group: what is asked for first, and at the most.
    private static let rooms = [4 << 10, 64 << 10, 1 << 20, 16 << 20]

    private static func entry(
        _ operation: String,
        _ ask: (
            UnsafeMutablePointer<group>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<group>?>
        ) -> CInt
    ) -> Lookup {
        for room in rooms {
            // The entry's texts lie in the buffer: they are copied while it is there.
            let answer = withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { buffer -> Lookup? in
                guard let start = buffer.baseAddress else { return .failed(OSError(ENOMEM, operation)) }
                var entry = group()
                var found: UnsafeMutablePointer<group>?
                var result: CInt
                repeat { result = ask(&entry, start, buffer.count, &found) } while result == EINTR
                switch result {
                case 0:
                    guard found != nil, let name = entry.gr_name else { return Lookup.none }
                    return .found(SystemGroup(name: String(cString: name), number: entry.gr_gid))
                case ERANGE: return nil
                case ENOENT, ESRCH: return Lookup.none
                default: return .failed(OSError(result, operation))
                }
            }
            if let answer { return answer }
        }
        return .failed(OSError(ERANGE, operation))
    }
}
