import Foundation
import MPushConfiguration
import MPushDaemon
import MPushModel
import MPushSystemd
import Testing

/// The local API as a part of the daemon: when it is there, and who may.
@Suite struct APITests {
    @Test func aSocketThatCannotBeMadeIsTriedAgain() async throws {
        try await Workplace.run(Workplace()) { place in
            let later = place.file("later")
            try await place.start(place.configuration(more: "[api]\nsocket = \"\(later.path)/api.sock\""))
            let failed = try await place.sink.next(after: 0) { $0.text.contains("the local API cannot be started") }
            #expect(failed.text.contains("tried again every"), "\(failed.text)")
            try await place.online()
            try FileManager.default.createDirectory(at: later, withIntermediateDirectories: true)
            _ = try await place.sink.next(after: 0) { $0.text == "the local API is available now" }
            _ = try await place.sink.next(after: 0) { $0.text.hasPrefix("the local API listens on") }
            #expect(FileManager.default.fileExists(atPath: later.path + "/api.sock"))
        }
    }

    @Test func theJournalSaysWhoMay() async throws {
        try await Workplace.run(Workplace()) { place in
            let socket = place.file("api.sock").path
            try await place.start(
                place.configuration(more: "[api]\ngroup = \(getegid())\nsocket = \"\(socket)\""))
            let line = try await place.sink.next(after: 0) { $0.text.hasPrefix("the local API listens on") }
            let user = geteuid() == 0 ? "root" : "root, the daemon's user"
            let rule = "changes are for \(user) and members of \(getegid()) (api.group)"
            #expect(line.text == "the local API listens on \(socket): everyone who can connect may read; \(rule)")
        }
    }

    @Test func aReloadWithAGroupThatIsNotThereChangesNothing() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try place.write(place.configuration(more: "[api]\ngroup = \"no-such-group\""))
            await #expect(throws: ConfigurationErrors.self) { try await place.onDaemon { try $0.reload() } }
        }
    }
}
