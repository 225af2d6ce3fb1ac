import Testing

/// What is put together in one place: a second place would forget what the first learns.
@Suite struct ConstructionTests {
    private static func files(naming call: String) throws -> [String] {
        try SourceFile.all(on: "Shell").filter { !$0.path.contains("MPushSimulator") && !$0.path.contains("MPushTLS") }
            .filter { file in file.code.contains { $0.contains("\(call)(") } }.map(\.name)
    }

    @Test func oneBuilderMakesTheConnectionsOfSessions() throws {
        for part in ["ConnectionHandler", "PacketCodec", "AllocatorClient", "Connector", "TLSHandler"] {
            let files = try Self.files(naming: part).filter { part != "Connector" || $0 != "HTTPClient" }
                .filter { part != "TLSHandler" || $0 != "HTTPClient" }
            #expect(files == ["ConnectionBuilder"], "\(part) is made in \(files)")
        }
    }
}
