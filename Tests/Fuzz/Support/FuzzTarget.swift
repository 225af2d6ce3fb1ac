/// Something that takes bytes from outside, and what must hold whatever they are. The list is the only place that names the
/// targets: the fuzzer, run.sh and the replay of the corpus, which is Tests/Fuzz/corpus/NAME, all read it.
package struct FuzzTarget: Sendable, CustomStringConvertible {
    /// All there are.
    package static let all = [
        FuzzTarget("session") { input throws(InvariantViolation) in try SessionScript.run(input) },
        FuzzTarget("configuration") { input throws(InvariantViolation) in try ConfigurationText.run(input) },
        FuzzTarget("routing") { input throws(InvariantViolation) in try RoutingText.run(input) },
        FuzzTarget("chain") { input throws(InvariantViolation) in try CertificateChainInput.run(input) },
        FuzzTarget("key") { input throws(InvariantViolation) in try KeyFileText.run(input) },
        FuzzTarget("pem") { input throws(InvariantViolation) in try PEMFileText.run(input) },
        FuzzTarget("inbox") { input throws(InvariantViolation) in try InboxFile.run(input) },
        FuzzTarget("http-answer") { input throws(InvariantViolation) in try HTTPAnswerBytes.run(input) },
        FuzzTarget("allocator") { input throws(InvariantViolation) in try AllocatorBytes.run(input) },
        FuzzTarget("api-request") { input throws(InvariantViolation) in try APIRequestBytes.run(input) },
    ]

    /// In lower case, with hyphens.
    package let name: String
    private let body: @Sendable ([UInt8]) throws(InvariantViolation) -> Void

    /// The name.
    package var description: String { name }

    private init(_ name: String, _ body: @escaping @Sendable ([UInt8]) throws(InvariantViolation) -> Void) {
        self.name = name
        self.body = body
    }

    /// Takes `input` in.
    ///
    /// - Throws: What came of it that must never come of anything.
    package func run(_ input: [UInt8]) throws(InvariantViolation) {
        try body(input)
    }
}
