import MPushConfiguration
import MPushModel
import Testing

@Suite struct InboxSettingsTests {
    @Test func everyKeyIsTakenIn() throws {
        let configuration = try parse(
            minimal + """
                [inbox]
                max_age = "7d"
                max_messages = 5
                max_bytes = "1GiB"
                on_full = "drop_oldest"
                keep_delivered = "0s"
                id_field = "uuid"
                dedup_window = "0s"
                digest_window = "1m"
                biz_ack = "stored"
                [api]
                enabled = false
                socket = "/run/x.sock"
                group = 1000
                follower_window = 1
                follower_timeout = "1h"
                """)
        var inbox = InboxSettings()
        inbox.maximumAge = .seconds(7 * 86_400)
        inbox.maximumMessages = 5
        inbox.maximumBytes = 1 << 30
        inbox.onFull = .dropOldest
        inbox.keepDelivered = .zero
        inbox.idField = "uuid"
        inbox.duplicateWindow = .zero
        inbox.digestWindow = .seconds(60)
        inbox.consumerAck = .stored
        #expect(configuration.inbox == inbox)
        var api = APISettings()
        api.isEnabled = false
        api.socket = "/run/x.sock"
        api.group = GroupReference(name: "1000", number: 1000)
        api.followerWindow = 1
        api.followerStall = .seconds(3600)
        #expect(configuration.api == api)
    }

    @Test(arguments: [
        ("inbox", "max_age = \"1s\"", "max_age: \"1s\" is out of bounds: 1m to 3650d."),
        ("inbox", "max_messages = 0", "max_messages: 0 is out of bounds: 1 to 100000000."),
        (
            "inbox", "max_bytes = \"1MiB\"",
            "max_bytes: 1MiB must not be below limits.max_inflated (4MiB): a message would not fit."
        ),
        ("inbox", "max_bytes = \"2048GiB\"", "max_bytes: \"2048GiB\" is out of bounds: 64KiB to 1024GiB."),
        ("inbox", "on_full = \"drop\"", "on_full: \"drop\" is not known. Write \"refuse\" or \"drop_oldest\"."),
        ("inbox", "id_field = \"\"", "id_field: \"\" is empty. Write a text, or leave the key out."),
        ("inbox", "digest_window = \"2d\"", "digest_window: \"2d\" is out of bounds: 0s to 1d."),
        ("inbox", "biz_ack = \"read\"", "biz_ack: \"read\" is not known. Write \"consumed\" or \"stored\"."),
        ("api", "socket = \"mpushd.sock\"", "socket: \"mpushd.sock\" is not an absolute path. Begin with /."),
        (
            "api", "socket = \"/run/mpushd\"",
            "socket: \"/run/mpushd\" is a directory. Name a socket in it: /run/mpushd/mpushd.sock."
        ),
        ("api", "socket = \"/etc/x\"", "socket: \"/etc/x\" is a file. Name a path where nothing is, or a socket."),
        ("api", "group = -1", "group: -1 is out of bounds: 0 to 4294967294."),
        ("api", "group = \"a b\"", "group: \"a b\" is not the name of a group, and not a number."),
        (
            "api", "group = \"staf\"",
            "group: \"staf\" does not exist: there is no group staf on this machine. Create it, or name another."
        ),
        (
            "api", "group = 77",
            "group: 77 does not exist: there is no group 77 on this machine. Create it, or name another."
        ),
        (
            "api", "group = \"mail\"",
            "group: \"mail\" is hidden by the user namespace of this process. As a service: "
                + "give it PrivateUsers=no, or Group=mail (systemctl edit mpushd)."
        ),
        ("api", "follower_window = 0", "follower_window: 0 is out of bounds: 1 to 10000."),
        ("api", "follower_timeout = 30", "follower_timeout: 30 is an integer, not a duration. Write \"30s\"."),
    ])
    func saysWhatIsWrong(table: String, line: String, message: String) {
        var machine = FakeEnvironment()
        machine.groups = ["staf": .missing, "77": .missing, "mail": .hidden]
        #expect(errors(minimal + "[\(table)]\n\(line)\n", in: machine) == "mpushd.toml:7: \(table).\(message)")
    }

    /// The configuration is not at fault where the machine cannot say who its groups are, and the daemon has to start.
    @Test func aGroupThatCannotBeLookedUpIsWarnedOf() throws {
        var machine = FakeEnvironment()
        machine.groups = ["staff": .unavailable(reason: "connection refused")]
        let text = minimal + "[api]\ngroup = \"staff\"\n"
        #expect(try parse(text, in: machine).api.group == GroupReference(name: "staff", number: nil))
        #expect(
            try warnings(text, in: machine) == [
                "mpushd.toml:7: warning: api.group: the group staff could not be looked up (connection refused): until the "
                    + "next start nobody counts as a member of it."
            ])
    }

    @Test func theLongestPathOfASocketHas107Bytes() throws {
        func text(_ count: Int) -> String {
            minimal + "[api]\nsocket = \"/\(String(repeating: "x", count: count - 6)).sock\"\n"
        }
        #expect(try parse(text(107)).api.socket?.utf8.count == 107)
        #expect(errors(text(108)).hasSuffix("has 108 bytes. The path of a socket may have 107."))
    }

    @Test func keepingDeliveredMessagesLongerThanAnyIsWarnedOf() throws {
        let text = minimal + "[inbox]\nmax_age = \"1h\"\nkeep_delivered = \"2h\"\n"
        #expect(
            try warnings(text) == [
                "mpushd.toml:8: warning: inbox.keep_delivered: nothing is kept longer than max_age (1h), delivered or not."
            ])
        #expect(try warnings(minimal + "[inbox]\nmax_age = \"1h\"\n") == [])
    }

    @Test func knowingMessagesLongerThanTheyAreKeptIsWarnedOf() throws {
        let text = minimal + "[inbox]\nkeep_delivered = \"1h\"\n"
        #expect(try warnings(text) == [])
        #expect(
            try warnings(text + "dedup_window = \"2h\"\n") == [
                """
                mpushd.toml:8: warning: inbox.dedup_window: an id is known while its message is kept, which may be no \
                longer than keep_delivered (1h).
                """
            ])
    }
}
