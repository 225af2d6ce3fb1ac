import Foundation
import MPushControl
import MPushJSON
import MPushPlatform
import Testing

@testable import MPushLocalAPI

/// Who may what: real processes of other users, where the tests run as root.
@Suite struct AccessTests {
    private static let isRoot = geteuid() == 0

    private func openToAll(_ path: String) throws -> ListeningSocket {
        let socket = try ListeningSocket.make(at: path, group: nil)
        // The rule is what is tested here, not the file's mode.
        chmod(path, 0o666)
        return socket
    }

    @Test(.enabled(if: isRoot, "needs root, to be another user"))
    func anotherUserMayLookButNotChange() async throws {
        try await APIBench.run(socket: { try openToAll($0) }) { bench async throws in
            let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            #expect(try Curl(bench, "/v1/status", before: nobody).status == 200)
            #expect(try Curl(bench, "/v1/messages/follow?consumer=c", before: nobody).status == 403)
            let answer = try Curl(bench, "/v1/push", ["--json", #"{"content":"x"}"#], before: nobody)
            #expect(answer.status == 403)
            #expect(answer.json?["type"] == .string("/problems/not-permitted"))
            #expect(answer.json?["uid"] == .integer(65534))
            #expect(answer.json?["detail"]?.string?.contains("members of root") == true)
            #expect(try await bench.onLoop { $0.service.asked } == [])
            #expect(
                bench.events.contains {
                    guard case .refused(let caller, let request, _, let unsaid) = $0 else { return false }
                    return caller.userID == 65534 && request == "GET /v1/messages/follow" && unsaid == 0
                })
            // It was said a moment ago that this user may not.
            #expect(bench.events.count == 1)
        }
    }

    @Test(.enabled(if: isRoot, "needs root, to be another user"), arguments: ["--groups=61234", "--regid=61234"])
    func aMemberOfTheGroupMayChange(membership: String) async throws {
        var settings = LocalAPISettings()
        settings.group = .known(SystemGroup(name: "61234", number: 61234))
        try await APIBench.run(settings, socket: { try openToAll($0) }) { bench async throws in
            let other = membership.hasPrefix("--groups") ? "--regid=65534" : "--clear-groups"
            let member = ["setpriv", "--reuid=65534", other, membership]
            #expect(try Curl(bench, "/v1/push", ["--json", #"{"content":"x"}"#], before: member).status == 200)
        }
    }

    @Test(.enabled(if: isRoot, "needs root, to give a file away"))
    func theGroupOfTheSocketCountsWhereNoneIsConfigured() async throws {
        try await APIBench.run(socket: { try ListeningSocket.make(at: $0, group: 61234) }) { bench async throws in
            let member = ["setpriv", "--reuid=65534", "--regid=65534", "--groups=61234"]
            #expect(try Curl(bench, "/v1/pause", ["-X", "POST"], before: member).status == 200)
            let stranger = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            // The file's mode keeps all others out.
            #expect(try Curl(bench, "/v1/status", before: stranger).status == 0)
        }
    }

    @Test(.enabled(if: isRoot, "needs root, to be another user"))
    func aGroupThatIsNotKnownLetsNobodyChange() async throws {
        var settings = LocalAPISettings()
        settings.group = .unknown(name: "staff", reason: "connection refused")
        try await APIBench.run(settings, socket: { try openToAll($0) }) { bench async throws in
            // In the group of the file, and in root's.
            let other = ["setpriv", "--reuid=65534", "--regid=0", "--groups=\(getegid())"]
            let answer = try Curl(bench, "/v1/pause", ["-X", "POST"], before: other)
            #expect(answer.status == 403)
            #expect(answer.json?["detail"]?.string?.contains("root only: who is in staff") == true, "\(answer.body)")
            #expect(try Curl(bench, "/v1/pause", ["-X", "POST"]).status == 200)
        }
    }

    /// A daemon whose user namespace hides all but its own user and group, as PrivateUsers=yes does.
    @Test(.enabled(if: isRoot, "needs root, to be another user"), arguments: ["nogroup", "root"])
    func whoIsHiddenFromTheDaemonIsNobody(group: String) throws {
        let map = NamespaceMap("0 0 1\n")
        let caller = Caller(processID: 1, userID: 65_534, groups: [65_534], users: map, groupMap: map)
        guard case .found(let found) = SystemGroup.named(group) else {
            Issue.record("there is no group \(group)")
            return
        }
        let rule = AccessRule(
            configured: .known(found), path: "/s", file: nil, ownUser: 65_534, users: map, groups: map)
        #expect(rule.standing(of: caller, file: nil) == .visitor)
    }

    @Test(.enabled(if: isRoot, "needs root, to be another user"))
    func nobodysConnectionsLockRootOut() async throws {
        try await APIBench.run(socket: { try openToAll($0) }) { bench async throws in
            let crowd = try Crowd(of: 200, at: bench.path)
            let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            let refused = try Curl(bench, "/v1/status", before: nobody)
            #expect(refused.status == 503)
            #expect(refused.body.contains("your user has 32 clients connected"), "\(refused.body)")
            let another = ["setpriv", "--reuid=65533", "--clear-groups"]
            #expect(try Curl(bench, "/v1/status", before: another).status == 200)
            for _ in 0..<5 { #expect(try Curl(bench, "/v1/status").status == 200) }
            #expect(try Curl(bench, "/v1/push", ["--json", #"{"content":"x"}"#]).status == 200)
            let isSaid = bench.events.contains {
                if case .full(let caller, _, 0) = $0 { caller.userID == 65534 } else { false }
            }
            #expect(isSaid && bench.events.count { if case .full = $0 { true } else { false } } == 1)
            crowd.leave()
            while try Curl(bench, "/v1/status", before: nobody).status != 200 {}
        }
    }

    /// Clients of the user nobody that hold on to their connections.
    private final class Crowd {
        private let process = Process()
        private let input = Pipe()

        init(of count: Int, at path: String) throws {
            let program = """
                import socket, sys
                crowd = []
                for _ in range(\(count)):
                    one = socket.socket(socket.AF_UNIX)
                    one.connect(sys.argv[1])
                    crowd.append(one)
                print("ready", flush=True)
                sys.stdin.read()
                """
            let output = Pipe()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [
                "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", program, path,
            ]
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            #expect(try output.fileHandleForReading.read(upToCount: 6) == Data("ready\n".utf8))
        }

        func leave() {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }

        deinit { leave() }
    }
}
