/// What came of a demo.
package struct DemoResult: Equatable, Sendable {
    /// The most failures whose words are kept.
    package static let maximumWords = 20

    /// Expectations that were met.
    package internal(set) var passed = 0
    package private(set) var failed = 0
    /// The first failures, in words.
    package private(set) var failures: [String] = []
    /// Scenes played to their end.
    package internal(set) var scenes = 0

    mutating func fail(_ words: String) {
        failed += 1
        if failures.count < Self.maximumWords { failures.append(words) }
    }
}
