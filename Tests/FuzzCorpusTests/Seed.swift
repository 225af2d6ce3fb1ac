/// An input that a fuzzer begins with.
struct Seed {
    /// The name of its file in the corpus.
    let name: String
    let bytes: [UInt8]

    /// How the seeds of each target are made.
    static let all: [String: @Sendable () throws -> [Seed]] = [
        "session": SessionSeeds.all,
        "configuration": ConfigurationSeeds.all,
        "routing": RoutingSeeds.all,
        "chain": CertificateChainSeeds.all,
        "key": KeySeeds.all,
        "pem": PEMFileSeeds.all,
        "inbox": InboxSeeds.all,
        "http-answer": HTTPSeeds.answers,
        "allocator": HTTPSeeds.allocators,
        "api-request": HTTPSeeds.requests,
    ]
}
