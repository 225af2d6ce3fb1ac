/// An input that a fuzzer begins with.
struct Seed {
    /// The name of its file in the corpus.
    let name: String
    let bytes: [UInt8]
}
