import Foundation
import MPushControl
import MPushJSON
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
        try await APIBench.run(socket: { try openToAll($0) }) { bench in
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
                    if case .refused(let caller, "POST /v1/push", _) = $0 { caller.userID == 65534 } else { false }
                })
        }
    }

    @Test(.enabled(if: isRoot, "needs root, to be another user"), arguments: ["--groups=61234", "--regid=61234"])
    func aMemberOfTheGroupMayChange(membership: String) async throws {
        var settings = LocalAPISettings()
        settings.group = SystemGroup(named: "61234")
        try await APIBench.run(settings, socket: { try openToAll($0) }) { bench in
            let other = membership.hasPrefix("--groups") ? "--regid=65534" : "--clear-groups"
            let member = ["setpriv", "--reuid=65534", other, membership]
            #expect(try Curl(bench, "/v1/push", ["--json", #"{"content":"x"}"#], before: member).status == 200)
        }
    }

    @Test(.enabled(if: isRoot, "needs root, to give a file away"))
    func theGroupOfTheSocketCountsWhereNoneIsConfigured() async throws {
        try await APIBench.run(socket: { try ListeningSocket.make(at: $0, group: 61234) }) { bench in
            let member = ["setpriv", "--reuid=65534", "--regid=65534", "--groups=61234"]
            #expect(try Curl(bench, "/v1/pause", ["-X", "POST"], before: member).status == 200)
            let stranger = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            // The file's mode keeps all others out.
            #expect(try Curl(bench, "/v1/status", before: stranger).status == 0)
        }
    }

    @Test func aGroupThatCannotBeToldFromOthersNeedsTheFilesMode() {
        let overflow = SystemGroup(number: 65534)
        let caller = Caller(processID: 1, userID: 65534, groups: [65534])
        let map = GroupMap("0 0 1\n 977 977 1\n")
        #expect(map.contains(0) && map.contains(977) && !map.contains(65534) && !map.contains(1))
        #expect(GroupMap("0 0 4294967295").contains(65534))
        #expect(GroupMap("1 0 4294967295").contains(4_294_967_295))
        #expect(AccessRule(ownUser: 977, group: overflow, origin: "", isGuardedByFile: true).mayChange(caller))
        let other = SystemGroup(number: 5)
        #expect(!AccessRule(ownUser: 977, group: other, origin: "", isGuardedByFile: true).mayChange(caller))
    }
}
