import CLinux
import Glibc
import MPushPlatform

/// Who is at the other end of a connection, as the kernel says: the process that connected (SO_PEERCRED, SO_PEERGROUPS).
package struct Caller: Equatable, Sendable {
    package let processID: Int32
    package let userID: UInt32
    /// Its group and its supplementary groups, as this process' user namespace shows them.
    package let groups: Set<UInt32>

    package init(processID: Int32, userID: UInt32, groups: Set<UInt32>) {
        self.processID = processID
        self.userID = userID
        self.groups = groups
    }

    /// Asks the kernel about the connected socket `descriptor`.
    init(of descriptor: CInt) throws(OSError) {
        var peer = clinux_peer()
        guard clinux_peer_credentials(descriptor, &peer) == 0 else { throw OSError(errno, "getsockopt(SO_PEERCRED)") }
        processID = peer.pid
        userID = peer.uid
        groups = Set(try Caller.supplementaryGroups(of: descriptor) + [peer.gid])
    }

    private static func supplementaryGroups(of descriptor: CInt) throws(OSError) -> [UInt32] {
        let size = UInt32(MemoryLayout<UInt32>.size)
        // The kernel allows 65,536 groups (NGROUPS_MAX) and says how many there are where there is not enough room.
        for room: UInt32 in [64, 65_536] {
            var groups = [UInt32](repeating: 0, count: Int(room))
            var bytes = room * size
            if clinux_peer_groups(descriptor, &groups, &bytes) == 0 { return Array(groups.prefix(Int(bytes / size))) }
            guard errno == ERANGE else { throw OSError(errno, "getsockopt(SO_PEERGROUPS)") }
        }
        return []
    }
}
