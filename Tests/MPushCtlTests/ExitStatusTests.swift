import ArgumentParser
import Foundation
import Glibc
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform
import MPushTestSupport
import Testing

@testable import mpushctl

/// One kind of error has one wording and one exit status, and the manual has them all.
@Suite struct ExitStatusTests {
    private static let failures: [ControlFailure] =
        ProblemType.allCases.map { .problem(Problem($0, "x")) } + [
            .notThere(path: "", number: ENOENT), .notPermitted(path: "", group: nil), .timedOut(after: .zero), .cutOff,
            .notUnderstood(""), .failed(""), .usage(""), .system(OSError(EIO, "read")), .readerGone,
            .verdict(.notBound), .verdict(.cannotStore), .verdict(.stuck),
        ]

    @Test func theManualAndTheHelpHaveEachStatusAndNoOther() throws {
        let template = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Tools/mpush-manual/Pages/mpushctl.1.in")
        let page = try String(contentsOf: template, encoding: .utf8)
        let section = page.components(separatedBy: ".SH EXIT STATUS").last?.components(separatedBy: ".SH ").first ?? ""
        let inManual = Set(section.matches(of: /\.B (\d+)\n/).compactMap { CInt($0.1) })
        let inHelp = Set(
            ControlProgram.configuration.discussion.matches(of: /\b(\d+) [a-z]/).compactMap { CInt($0.1) })
        let used = Set(Self.failures.map(\.status)).union([EX_OK, EX_USAGE, EX_CONFIG])
        #expect(inManual == used)
        #expect(inHelp == used)
    }

    /// An identity that is not there is one error, whichever command hears of it.
    @Test func anUnknownIdentityIsTheSameErrorEverywhere() async throws {
        try await PlayedDaemon.run { daemon in
            for words in [
                ["status"], ["health"], ["messages"], ["events"], ["push", "x"], ["http", "http://a/"], ["bind", "u"],
                ["unbind"], ["tags", "t"], ["pause"], ["resume"], ["reconnect"],
            ] {
                let outcome = try daemon.ctl(words + ["--identity", "nope"])
                #expect(outcome.status == EX_DATAERR, "\(words): \(outcome.complaint)")
                #expect(
                    outcome.complaint == "mpushctl: There is no identity nope. There are: alice.\n",
                    "\(words): \(outcome.complaint)")
            }
        }
    }

    @Test func whatIsNotThereIsNoSuccess() async throws {
        try await PlayedDaemon.run(more: "[[route]]\nname = \"take\"\nexec = [\"/usr/bin/true\"]") { daemon in
            let none = try daemon.ctl("dead-letters", "send-again", "--route", "take", "99")
            #expect(none.status == EX_DATAERR && none.complaint.contains("take has no dead letter at position 99."))
            #expect(try daemon.ctl("dead-letters", "list", "--route", "nope").status == EX_DATAERR)
            #expect(try daemon.ctl("dead-letters", "list", "--route", "take").status == 0)
        }
    }

    @Test func errorsSpeakTheWordsOfTheCommandLine() {
        #expect(
            ControlFailure.problem(Problem(.badValue, "/up_to is missing", ["pointer": .string("/up_to")])).sentence
                == "up-to is missing")
        #expect(
            ControlFailure.problem(
                Problem(.badValue, "the parameter after is not a number", ["parameter": .string("after")])
            ).sentence == "--after is not a number")
    }

    @Test func probesHaveTheirStatuses() async throws {
        try await PlayedDaemon.run { daemon in
            let ready = try daemon.ctl("health")
            #expect(ready.status == 0 && ready.output == "ready, 1 of 1 online\n", "\(ready.output)\(ready.complaint)")
            #expect(try daemon.ctl("health", "--live").output == "live\n")
            #expect(try daemon.ctl("health", "--verbose").output.contains("ok  identity alice: online"))
            #expect(try daemon.ctl("pause").status == 0)
            let paused = try daemon.ctl("health", "--ready")
            #expect(paused.status == EX_UNAVAILABLE && paused.complaint.isEmpty, "\(paused.complaint)")
            #expect(paused.output.hasPrefix("not ready, 0 of 1 online: identity alice: paused"), "\(paused.output)")
            #expect(try daemon.ctl("health", "--json").output.hasPrefix("{\"healthy\":false,"))
            #expect(try daemon.ctl("health", "--live").status == 0)
            #expect(try daemon.ctl("health", "--live", "--verbose").status == EX_USAGE)
        }
    }
}
