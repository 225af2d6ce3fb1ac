import Foundation
import MPushFuzzing
import Testing

/// What fuzzing has found, and what it begins with, holds without a fuzzer too.
@Suite struct CorpusTests {
    @Test func everySessionScriptKeepsTheRules() throws {
        let files = try Corpus.files("session")
        #expect(files.count > 50)
        for file in files {
            let input = [UInt8](try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try SessionScript.run(input) }
        }
    }

    @Test func everyConfigurationKeepsTheRules() throws {
        let files = try Corpus.files("configuration")
        #expect(files.count > 10)
        for file in files {
            let input = [UInt8](try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try ConfigurationText.run(input) }
        }
    }

    @Test func everyRoutingTextKeepsTheRules() throws {
        let files = try Corpus.files("routing")
        #expect(files.count >= 8)
        for file in files {
            let input = [UInt8](try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try RoutingText.run(input) }
        }
    }

    @Test func theCorpusStaysSmall() throws {
        let files = try ["session", "configuration", "routing"].flatMap(Corpus.files)
        let bytes = try files.reduce(0) { try $0 + Data(contentsOf: $1).count }
        #expect(files.count <= 300)
        #expect(bytes <= 300 * 1024)
    }
}
