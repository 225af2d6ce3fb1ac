import MPushPlatform
import Testing

@testable import MPushLocalAPI

/// Who may what, as a table: every way in which the facts can be there, be hidden or be missing.
@Suite struct AccessRuleTests {
    /// A user namespace as PrivateUsers=yes makes it: root, the service's user and its group.
    private static let privateUsers = NamespaceMap("0 0 1\n61184 61184 1\n")
    private static let privateGroups = NamespaceMap("0 0 1\n995 995 1\n")
    private static let path = "/run/mpushd/mpushd.sock"
    private static let hidden: UInt32 = 65_534

    /// A daemon: as whom, what is configured, what the socket's file is like, what the namespace shows.
    struct Setting: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var ownUser: UInt32 = 61184
        var configured: ConfiguredGroup?
        var file: SocketFile? = SocketFile(owner: 0, group: 995, mode: 0o660)
        /// The file when the caller comes, where it is another by then.
        var fileThen: SocketFile??
        var users = NamespaceMap.whole
        var groups = NamespaceMap.whole

        func rule() -> AccessRule {
            AccessRule(
                configured: configured, path: AccessRuleTests.path, file: file, ownUser: ownUser, users: users,
                groups: groups)
        }

        func standing(_ user: UInt32, _ ids: Set<UInt32>) -> Standing {
            let caller = Caller(processID: 7, userID: user, groups: ids, users: users, groupMap: groups)
            return rule().standing(of: caller, file: fileThen ?? file)
        }
    }

    private static let mail = ConfiguredGroup.known(SystemGroup(name: "mail", number: 8))
    private static let own = ConfiguredGroup.known(SystemGroup(name: "mpush", number: 995))
    private static let nogroup = ConfiguredGroup.known(SystemGroup(name: "nogroup", number: 65_534))
    private static let unasked = ConfiguredGroup.unknown(name: "mail", reason: "connection refused")

    private static func confined(
        _ what: String, _ configured: ConfiguredGroup? = nil, file: SocketFile? = nil, then: SocketFile?? = nil,
        ownUser: UInt32 = 61184
    ) -> Setting {
        Setting(
            testDescription: what, ownUser: ownUser, configured: configured, file: file, fileThen: then,
            users: privateUsers, groups: privateGroups)
    }

    private static let hiddenFile = SocketFile(owner: 0, group: hidden, mode: 0o660)

    @Test(
        arguments: [
            // The machine's own namespace.
            (Setting(testDescription: "the file's group"), 1000, [1000, 995], .member),
            (Setting(testDescription: "the file's group, a stranger"), 1000, [1000], .visitor),
            (Setting(testDescription: "root"), 0, [0], .root),
            (Setting(testDescription: "the daemon's user"), 61184, [1], .ownUser),
            (Setting(testDescription: "no group is root's"), 1000, [0], .visitor),
            (Setting(testDescription: "api.group", configured: mail), 1000, [1000, 8], .member),
            (Setting(testDescription: "api.group, the file's does not count", configured: mail), 1000, [995], .visitor),
            (
                Setting(testDescription: "nogroup, where all groups are seen", configured: nogroup), 65_534, [65_534],
                .member
            ),
            (Setting(testDescription: "nobody as the daemon's user", ownUser: 65_534), 65_534, [1], .ownUser),
            // What could not be found out.
            (Setting(testDescription: "api.group not looked up", configured: unasked), 1000, [8, 995], .visitor),
            (Setting(testDescription: "api.group not looked up, root", configured: unasked), 0, [0], .root),
            (Setting(testDescription: "no file", file: nil), 1000, [995, 0], .visitor),
            (Setting(testDescription: "no file, root", file: nil), 0, [0], .root),
            (Setting(testDescription: "no groups read"), 1000, [], .visitor),
            (Setting(testDescription: "no user and no group", configured: mail), .max, [.max], .visitor),
            // Under PrivateUsers=yes.
            (confined("the service's group", own), hidden, [hidden, 995], .member),
            (confined("the service's group, a stranger", own), hidden, [hidden], .visitor),
            (confined("a group that is hidden", mail), hidden, [hidden], .visitor),
            (confined("a group that is hidden, root", mail), 0, [0], .root),
            (confined("a group that is hidden, the daemon", mail), 61184, [995], .ownUser),
            (confined("nogroup, as which all are shown", nogroup), hidden, [hidden], .visitor),
            (confined("nobody, as whom all are shown", own, ownUser: hidden), hidden, [hidden], .visitor),
            (confined("a hidden file's group", file: hiddenFile), hidden, [hidden], .member),
            (confined("a hidden file's group, without a group", file: hiddenFile), hidden, [995], .visitor),
            (
                confined("a hidden file's group, open to all", file: SocketFile(owner: 0, group: hidden, mode: 0o666)),
                hidden, [hidden], .visitor
            ),
            (
                confined(
                    "a hidden file's group, opened later", file: hiddenFile,
                    then: SocketFile(owner: 0, group: hidden, mode: 0o666)),
                hidden, [hidden], .visitor
            ),
            (
                confined(
                    "a hidden file's group, with a list", file: hiddenFile,
                    then: SocketFile(owner: 0, group: hidden, mode: 0o660, hasList: true)),
                hidden, [hidden], .visitor
            ),
            (
                confined(
                    "a hidden file's group, of a hidden owner", file: hiddenFile,
                    then: SocketFile(owner: hidden, group: hidden, mode: 0o660)),
                hidden, [hidden], .visitor
            ),
            (confined("a hidden file that is gone", file: hiddenFile, then: .some(nil)), hidden, [hidden], .visitor),
        ] as [(Setting, UInt32, Set<UInt32>, Standing)])
    func standing(setting: Setting, user: UInt32, groups: Set<UInt32>, expected: Standing) {
        #expect(setting.standing(user, groups) == expected, "\(setting.rule().explanation)")
    }

    /// Where a map cannot be read, or is empty, the number that may stand for anybody gives no right.
    @Test(arguments: [nil, "", "nonsense", "0 0\n", "0 1000 1"])
    func aMapThatSaysLittleGivesNothing(map: String?) {
        for configured in [Self.nogroup, nil] {
            let setting = Setting(
                testDescription: "", ownUser: Self.hidden, configured: configured,
                file: SocketFile(owner: 0, group: Self.hidden, mode: 0o666), users: NamespaceMap(map),
                groups: NamespaceMap(map))
            #expect(setting.standing(Self.hidden, [Self.hidden]) == .visitor)
        }
    }

    @Test func theMapKnowsWhomItHas() {
        let map = NamespaceMap("         0          0          1\n       977        977          1\n")
        #expect(map.mayHave(0) && map.mayHave(977) && !map.mayHave(1) && !map.mayHave(65_534))
        #expect(map.known(977) == 977 && map.known(5) == 5 && map.known(65_534) == nil)
        #expect(NamespaceMap("0 0 4294967295").known(65_534) == 65_534)
        #expect(NamespaceMap("0 0 65534\n65534 65534 4294901761").known(65_534) == 65_534)
        #expect(NamespaceMap("0 100000 65536").known(65_534) == nil)
        #expect(NamespaceMap("1 0 4294967295").mayHave(4_294_967_295))
        #expect(NamespaceMap("0 0 1", overflow: 99).known(99) == nil)
        #expect(NamespaceMap.users().known(0) == 0)
    }

    /// What is said is what is enforced: the words name those whom the rule lets through, and nobody else.
    @Test func theWordsSayWhatIsEnforced() {
        #expect(
            Setting(testDescription: "", configured: Self.mail).rule().explanation
                == "changes are for root, the daemon's user and members of mail (api.group)")
        #expect(
            Setting(testDescription: "", ownUser: 0, configured: Self.mail).rule().explanation
                == "changes are for root and members of mail (api.group)")
        #expect(
            Setting(testDescription: "", configured: Self.unasked).rule().explanation
                == "changes are for root and the daemon's user only: who is in mail (api.group) is not known: "
                + "connection refused")
        let words = Self.confined("", Self.mail).rule().explanation
        #expect(words.hasPrefix("changes are for root and the daemon's user only: the members of mail"))
        #expect(words.contains("PrivateUsers=no"))
        #expect(
            Self.confined("", Self.own, ownUser: Self.hidden).rule().explanation
                == "changes are for root and members of mpush (api.group)")
        #expect(
            Self.confined("", file: Self.hiddenFile).rule().explanation.hasSuffix("as long as nobody else can connect"))
        let open = SocketFile(owner: 0, group: Self.hidden, mode: 0o666)
        #expect(
            Self.confined("", file: open).rule().explanation.contains("only: the group of \(Self.path) cannot be told"))
    }

    @Test func aGroupThatCannotConnectIsTold() {
        let rule = Setting(testDescription: "", configured: Self.mail).rule()
        let words = rule.obstacle(SocketFile(owner: 0, group: 4_000_000_001, mode: 0o660))
        #expect(words?.contains("of the group 4000000001 too") == true)
        #expect(words?.contains("SocketGroup=mail") == true)
        #expect(rule.obstacle(SocketFile(owner: 0, group: 8, mode: 0o660)) == nil)
        #expect(rule.obstacle(SocketFile(owner: 0, group: 8, mode: 0o600)) != nil)
        #expect(rule.obstacle(SocketFile(owner: 0, group: 1, mode: 0o666)) == nil)
    }

    @Test func whoSteeredIsNamedTruthfully() {
        #expect(Caller(processID: 7, userID: 1000, groups: []).description == "user 1000, process 7")
        let caller = Caller(
            processID: 0, userID: Self.hidden, groups: [], users: Self.privateUsers, groupMap: Self.privateGroups)
        #expect(caller.description == "a user that this service cannot see (PrivateUsers=)")
    }
}
