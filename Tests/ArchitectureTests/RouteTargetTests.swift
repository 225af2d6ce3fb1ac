import Foundation
import Testing

/// What it takes to add a target for routes, counted with the folder (`file`): its settings with their reading, the target, one
/// case in each of the two switches, and what users read.
@Suite struct RouteTargetTests {
    @Test func aTargetIsNamedInEightFilesAtMost() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sources = try SourceFile.all().filter { $0.text.contains(/FileTarget|maildir|case \.file\(let settings\)/) }
            .map(\.description)
        let config = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: "config").path).filter {
            let text = try? String(contentsOf: root.appending(path: "config/\($0)"), encoding: .utf8)
            return text?.contains(/maildir|`file`/) == true
        }
        #expect(sources.contains { $0.hasSuffix("FileTarget.swift") } && !config.isEmpty)
        #expect(sources.count + config.count <= 8, "\(sources + config)")
    }
}
