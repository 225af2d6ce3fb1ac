import Foundation
import Testing

/// Code that the compiler cannot check stands in few files, behind types that cannot be misused (docs/decisions/c-border.md).
@Suite struct UnsafeCodeTests {
    /// The files that may have it, below Sources, by target. What is listed and has none is to be taken off.
    private static let allowed: [String: [String]] = [
        "Core/MPushConfiguration": ["Document/TOMLDocument"],
        "Core/MPushJSON": ["RawSpan+Search"],
        "Core/MPushRouting": ["PatternCode"],
        "Core/MPushModel": ["SecretBytes"],
        "Shell/MPushPlatform": ["CStringList", "ShortThreads", "SystemGroup"],
        "Shell/MPushSystemd": ["JournalSink"],
        "Shell/MPushInbox": ["InboxWorker", "SQLite/Database", "SQLite/Statement", "SQLite/WriteAheadLog"],
        "Shell/MPushLocalAPI": ["Socket/ListeningSocket+Listening"],
        "Shell/MPushCipher": [
            "AESCipher", "KeyText",
            "PKey", "RSABlock", "RSAPrivateKey", "Zlib", "SHA256",
        ],
        "Shell/MPushTLS": [
            "ByteBufferBIO", "Certificate", "CertificateVerification",
            "HandshakeObserver", "PEMReader", "RevocationList", "TLSContext", "TLSEngine", "TLSEngine+Chain",
            "TLSSession", "TLSTrustStore",
        ],
        "Shell/MPushConnection": ["Network/AddressList", "Settings/ReferencedFiles"],
        "Shell/MPushSimulator": ["CertificateBuilder", "RevocationListBuilder", "ThrowawayCertificate"],
        "Bridges/mpush-bridge-mqtt": ["BrokerConnection"],
        "Bridges/mpush-bridge-nats": ["NATSConnection"],
        "Bridges/mpush-bridge-kafka": ["KafkaProducer"],
    ]

    @Test func unsafeCodeStandsOnlyInTheFilesThatAreListed() throws {
        let allowed = Set(Self.allowed.flatMap { target, names in names.map { "\(target)/\($0).swift" } })
        let found = Set(try SourceFile.all().filter { !Self.unsafeWords(in: $0).isEmpty }.map(\.description))
        #expect(found.subtracting(allowed).sorted() == [], "unsafe code in a file that is not listed")
        #expect(allowed.subtracting(found).sorted() == [], "listed, but safe: take it off the list")
    }

    /// It says what bytes are without looking: what foreign bytes are has to be found out before.
    @Test func nothingAssumesWhatBytesAre() throws {
        for file in try SourceFile.all() {
            #expect(file.words.isDisjoint(with: ["assumingMemoryBound", "unsafeBitCast", "unsafeDowncast"]), "\(file)")
        }
    }

    @Test(arguments: [
        ("let p: UnsafeRawPointer", true), ("withUnsafeBytes(of: x) { 0 }", true), ("let b: OpaquePointer?", true),
        ("final class A: @unchecked Sendable {}", true), ("nonisolated(unsafe) var a = 1", true),
        ("p.bindMemory(to: Int.self)", true), ("Unmanaged.passRetained(a)", true),
        ("b.loadUnaligned(as: Int.self)", true),
        ("unsafe f()", true), ("[UInt8](unsafeUninitializedCapacity: 3) { _, _ in }", true),
        ("b.withContiguousStorageIfAvailable { $0 }", true), ("UnsafeMutablePointer<Int>.allocate(capacity: 1)", true),
        ("/// an UnsafePointer", false), ("let safe = \"Unsafe\"", false), ("func isUnsafe() {}", false),
    ])
    func wordsAreFound(line: String, isUnsafe: Bool) {
        let file = SourceFile(path: ["F.swift"], text: line)
        #expect(Self.unsafeWords(in: file).isEmpty == !isUnsafe)
    }

    private static let words: Set<String> = [
        "OpaquePointer", "CVaListPointer", "bindMemory", "withMemoryRebound", "assumingMemoryBound", "loadUnaligned",
        "unsafeBitCast", "unsafeDowncast", "unsafe", "unchecked", "withContiguousStorageIfAvailable",
        "withContiguousMutableStorageIfAvailable",
    ]

    private static func unsafeWords(in file: SourceFile) -> Set<String> {
        file.words.filter { word in
            words.contains(word) || ["Unsafe", "Unmanaged", "unsafe", "withUnsafe"].contains { word.hasPrefix($0) }
        }
    }
}
