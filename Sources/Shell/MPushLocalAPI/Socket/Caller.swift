import CLinux
import Glibc
import MPushPlatform

/// Who is at the other end of a connection, as the kernel says: the process that connected (SO_PEERCRED, SO_PEERGROUPS of
/// unix(7)). Whoever has another user namespace may be hidden from this process.
package struct Caller: Equatable, Sendable, CustomStringConvertible {
    /// nil where it is in another process namespace (pid_namespaces(7)).
    package let processID: Int32?
    /// nil where this process' user namespace hides it.
    package let userID: UInt32?
    /// Its group and its supplementary groups, without those that are hidden.
    package let groups: Set<UInt32>
    /// Whether it is in groups that this process' user namespace hides.
    package let hasHiddenGroups: Bool

    /// A caller whose ids are all as the kernel of the machine has them.
    package init(processID: Int32, userID: UInt32, groups: Set<UInt32>) {
        self.init(processID: processID, userID: userID, groups: groups, users: .whole, groupMap: .whole)
    }

    /// A caller as the kernel shows it to a process with these maps.
    init(processID: Int32, userID: UInt32, groups: Set<UInt32>, users: NamespaceMap, groupMap: NamespaceMap) {
        self.processID = processID > 0 ? processID : nil
        self.userID = users.known(userID)
        self.groups = Set(groups.compactMap(groupMap.known))
        hasHiddenGroups = self.groups.count < groups.count
    }

    /// Asks the kernel about the connected socket `descriptor`.
    init(of descriptor: CInt, users: NamespaceMap, groupMap: NamespaceMap) throws(OSError) {
        var peer = clinux_peer()
        guard clinux_peer_credentials(descriptor, &peer) == 0 else { throw OSError(errno, "getsockopt(SO_PEERCRED)") }
        self.init(
            processID: peer.pid, userID: peer.uid, groups: Caller.supplementaryGroups(of: descriptor).union([peer.gid]),
            users: users, groupMap: groupMap)
    }

    /// None where the kernel does not say: a caller has fewer rights then, and root still has its own.
    private static func supplementaryGroups(of descriptor: CInt) -> Set<UInt32> {
        // The kernel allows 65,536 groups (NGROUPS_MAX) and says how many there are where there is not enough room.
        for room in [64, 65_536] {
            var groups = [UInt32](repeating: 0, count: room)
            var count = UInt32(room)
            if clinux_peer_groups(descriptor, &groups, &count) == 0 { return Set(groups.prefix(Int(count))) }
            guard errno == ERANGE else { return [] }
        }
        return []
    }

    /// For the journal: `user 1000, process 4711`.
    package var description: String {
        let user = userID.map { "user \($0)" } ?? "a user that this service cannot see (PrivateUsers=)"
        return processID.map { "\(user), process \($0)" } ?? user
    }
}
