import Foundation
import MPushFuzzing
import Testing

/// What fuzzing has found, and what it begins with, holds without a fuzzer too.
@Suite struct CorpusTests {
    @Test(arguments: FuzzTarget.all) func everyInputKeepsTheRules(target: FuzzTarget) throws {
        for file in try Corpus.files(target.name) {
            let input = [UInt8](try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try target.run(input) }
        }
    }

    @Test(arguments: FuzzTarget.all) func eachCorpusIsThereAndStaysSmall(target: FuzzTarget) throws {
        let files = try Corpus.files(target.name)
        let bytes = try files.reduce(0) { try $0 + Data(contentsOf: $1).count }
        #expect((8...250).contains(files.count))
        #expect(bytes <= 300 * 1024)
    }

    @Test func eachTargetHasSeedsAndEachCorpusATarget() throws {
        let targets = Set(FuzzTarget.all.map(\.name))
        #expect(targets.count == FuzzTarget.all.count)
        #expect(Set(Seed.all.keys) == targets)
        let folders = try FileManager.default.contentsOfDirectory(atPath: Corpus.folder(".").path)
        #expect(Set(folders.filter { !$0.hasPrefix(".") }) == targets)
    }
}
