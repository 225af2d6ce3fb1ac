import Foundation
import MPushTestSupport

/// The inputs of Tests/Fuzz/corpus.
enum Corpus {
    /// The files of the corpus for `target`, by name.
    static func files(_ target: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder(target), includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    static func folder(_ target: String) -> URL {
        Fixture.folder.deletingLastPathComponent().appending(path: "Fuzz/corpus/\(target)")
    }
}
