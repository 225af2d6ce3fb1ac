import Glibc
import MPushPlatform

/// Who may change things: root, the daemon's own user, and the members of one group. Whoever can connect may look.
struct AccessRule {
    private let ownUser: UInt32
    /// The group whose members may.
    private let group: SystemGroup
    /// In words: where the group comes from.
    private let origin: String
    /// The group cannot be told from others here, but nobody else can connect either.
    private let isGuardedByFile: Bool

    /// The rule for the socket at `path`: with the group that is configured, else with that of the file.
    init(socketPath path: String, configured: SystemGroup?) {
        ownUser = geteuid()
        if let configured {
            group = configured
            origin = "the group of api.group"
            isGuardedByFile = false
            return
        }
        var status = stat()
        let hasFile = stat(path, &status) == 0
        group = SystemGroup(number: hasFile ? status.st_gid : getegid())
        origin = hasFile ? "the group of \(path)" : "the daemon's group"
        // With PrivateUsers= the file's group, and those of the callers, are all shown as the same overflow group
        // (user_namespaces(7)). Then the file's mode is what holds: if nobody else may connect, who does is of the group.
        isGuardedByFile = hasFile && status.st_mode & 0o002 == 0 && !GroupMap.ofThisProcess.contains(status.st_gid)
    }

    /// For tests: a rule as it is.
    init(ownUser: UInt32, group: SystemGroup, origin: String, isGuardedByFile: Bool) {
        self.ownUser = ownUser
        self.group = group
        self.origin = origin
        self.isGuardedByFile = isGuardedByFile
    }

    func mayChange(_ caller: Caller) -> Bool {
        caller.userID == 0 || caller.userID == ownUser
            || caller.groups.contains(group.number)
                && (isGuardedByFile || GroupMap.ofThisProcess.contains(group.number))
    }

    /// Who may, in words, for those who may not.
    var words: String { "changes are for root, the daemon's user and members of \(group.name) (\(origin))" }
}
