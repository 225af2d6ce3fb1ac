package import MPushPlatform

/// What a caller is to the daemon. Each may do what those before it may.
enum Standing: Int, CaseIterable, Comparable, Sendable {
    /// May connect, and look.
    case visitor
    /// Of the group: may change things too.
    case member
    /// The user that the daemon runs as.
    case ownUser
    case root

    var mayChange: Bool { self >= .member }

    static func < (left: Standing, right: Standing) -> Bool { left.rawValue < right.rawValue }
}

/// Who may what, decided in this one place. Whoever can connect may look; changes are for root, for the daemon's own user,
/// and for one group. What cannot be found out takes a right away, and never gives one.
struct AccessRule: Equatable, Sendable {
    /// Who may change things beside root and the daemon's own user.
    enum Group: Equatable, Sendable {
        case members(SystemGroup, from: String)
        /// The file's group cannot be told from others here. Whoever is let in by nothing but the file's group is of it.
        case whoeverIsLetIn
        /// Nobody, and why.
        case nobody(String)
    }

    /// nil where the daemon's own user cannot be told from others.
    let ownUser: UInt32?
    let group: Group
    /// The socket's file.
    let path: String

    init(ownUser: UInt32?, group: Group, path: String) {
        self.ownUser = ownUser
        self.group = group
        self.path = path
    }

    /// The rule for a socket with the file `file` at `path`: with the group that is configured, else with the file's.
    init(
        configured: ConfiguredGroup?, path: String, file: SocketFile?, ownUser: UInt32, users: NamespaceMap,
        groups: NamespaceMap
    ) {
        self.ownUser = users.known(ownUser)
        self.path = path
        group =
            if let configured {
                AccessRule.group(configured, groups)
            } else if let file {
                AccessRule.group(of: file, path, groups)
            } else {
                .nobody("the socket has no file whose group would count; set api.group")
            }
    }

    private static func group(_ configured: ConfiguredGroup, _ groups: NamespaceMap) -> Group {
        switch configured {
        case .unknown(let name, let reason): .nobody("who is in \(name) (api.group) is not known: \(reason)")
        case .known(let group) where groups.mayHave(group.number) && groups.known(group.number) != nil:
            .members(group, from: "api.group")
        case .known(let group):
            .nobody(
                "the members of \(group.name) (api.group) cannot be told from others in the daemon's user namespace; "
                    + "let the service have PrivateUsers=no, or Group=\(group.name)")
        }
    }

    private static func group(of file: SocketFile, _ path: String, _ groups: NamespaceMap) -> Group {
        guard groups.known(file.group) == nil else {
            return .members(SystemGroup(number: file.group), from: "the group of \(path)")
        }
        if !file.isOpenToOthers { return .whoeverIsLetIn }
        return .nobody(
            "the group of \(path) cannot be told from others in the daemon's user namespace (PrivateUsers=), and "
                + "everyone can connect")
    }

    /// What `caller` is; `file` is the socket's file at the moment.
    func standing(of caller: Caller, file: SocketFile?) -> Standing {
        switch caller.userID {
        case 0?: return .root
        case let user? where user == ownUser: return .ownUser
        case _: break
        }
        switch group {
        case .members(let group, _): return caller.groups.contains(group.number) ? .member : .visitor
        case .whoeverIsLetIn: return caller.hasHiddenGroups && isLetInByGroup(file) ? .member : .visitor
        case .nobody: return .visitor
        }
    }

    /// Whether nothing lets anybody in but the file's group, and its owner, who may change things in any case.
    private func isLetInByGroup(_ file: SocketFile?) -> Bool {
        guard let file, !file.isOpenToOthers, !file.hasList else { return false }
        return file.owner == 0 || file.owner == ownUser
    }

    /// Who may change things, in words, for the journal and for those who may not.
    var explanation: String {
        let everyTime = ["root", ownUser == nil || ownUser == 0 ? nil : "the daemon's user"].compactMap(\.self)
        switch group {
        case .members(let group, let origin):
            return "changes are for \(everyTime.joined(separator: ", ")) and members of \(group.name) (\(origin))"
        case .whoeverIsLetIn:
            return "changes are for \(everyTime.joined(separator: ", ")) and the group of \(path), as long as nobody "
                + "else can connect"
        case .nobody(let reason):
            return "changes are for \(everyTime.joined(separator: " and ")) only: \(reason)"
        }
    }

    /// Why the members of the group may not be able to make use of it, in words, with what to do; nil where they can.
    func obstacle(_ file: SocketFile?) -> String? {
        guard case .members(let group, _) = group, let file, !file.isOpenToOthers, !file.hasList,
            file.group != group.number || file.mode & 0o020 == 0
        else { return nil }
        return "members of \(group.name) cannot connect unless they are of the group "
            + "\(SystemGroup(number: file.group).name) too: \(path) has the mode 0\(String(file.mode, radix: 8)). "
            + "Where systemd makes the socket, let mpushd.socket have SocketGroup=\(group.name)"
    }
}

/// The group of api.group.
package enum ConfiguredGroup: Equatable, Sendable {
    case known(SystemGroup)
    /// Its number could not be found out, and why: then nobody is of it.
    case unknown(name: String, reason: String)
}
