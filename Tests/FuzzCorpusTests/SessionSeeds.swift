import MPushFuzzing
import MPushTestSupport

/// The vectors as scripts.
enum SessionSeeds {
    /// Frames that are longer teach a fuzzer nothing more.
    private static let longestFrame = 3100

    static func all() throws -> [Seed] {
        try packets() + captures() + badInputs() + silences()
    }

    /// Each packet of the server's, said in a session that is online and awaits the answer to a request.
    private static func packets() throws -> [Seed] {
        let vectors = try PacketVectors.load()
        let clientKey = bytes(hex: vectors.keys.clientKey) ?? []
        let iv = bytes(hex: vectors.keys.iv) ?? []
        let sessionKey = bytes(hex: vectors.keys.sessionKey) ?? []
        return vectors.packets.compactMap { packet in
            guard packet.dir == "s2c", let frame = bytes(hex: packet.frame), frame.count <= longestFrame else {
                return nil
            }
            var writer = ScriptWriter.online(key: sessionKey, iv: iv)
            if packet.cmd == 2 {
                writer = ScriptWriter([], key: clientKey, iv: iv, ticketKey: sessionKey)
                writer.read(renumbered(frame, 1))
            } else {
                writer.request(12, body: Array("body".utf8))
                writer.read(frame)
                writer.read(renumbered(frame, 3))
                writer.step(.stored)
                writer.step(.consumed)
            }
            return Seed(name: "packet-\(packet.name)", bytes: writer.script)
        }
    }

    /// Each connection of the captured sessions: what the server said, and the requests as the client made them.
    private static func captures() throws -> [Seed] {
        try SessionVectors.names.flatMap { name in
            let session = try SessionVectors.load(name)
            let keys = session.keys.mapValues { bytes(hex: $0.text ?? "") ?? [] }
            let connections = Set(session.chunks.map(\.conn)).sorted()
            return connections.map { connection in
                let chunks = session.chunks.filter { $0.conn == connection }
                return Seed(name: "\(name)-\(connection)", bytes: script(of: chunks, keys: keys))
            }
        }
    }

    private static func script(of chunks: [SessionVectors.Chunk], keys: [String: [UInt8]]) -> [UInt8] {
        let sent = chunks.filter { $0.dir == "c2s" }.compactMap { bytes(hex: $0.hex) }
        let isResumed = sent.first.map { $0.count > 4 && $0[4] == 7 } ?? false
        var options: StartConditions.Options = isResumed ? .hasTicket : []
        if chunks.first?.conn == 2 { options.insert(.isSecond) }
        var writer = ScriptWriter(
            options, key: keys["clientKey"] ?? [], iv: keys["iv"] ?? [], ticketKey: keys["sessionKey"] ?? [])
        for chunk in chunks {
            let bytes = bytes(hex: chunk.hex) ?? []
            switch chunk.dir {
            case "c2s" where bytes.count == 1: writer.step(.deadline, 0)
            case "c2s": writer.request(bytes.count > 4 ? bytes[4] : nil)
            case "s2c": writer.read(bytes)
            case "s2c-eof": writer.step(.lost)
            default: break
            }
        }
        return writer.script
    }

    private struct BadInputs: Decodable {
        let cases: [Case]

        struct Case: Decodable {
            let name: String
            let sent: String?
        }
    }

    /// What disturbed a server may disturb a client.
    private static func badInputs() throws -> [Seed] {
        let inputs: BadInputs = try Fixture.json("vectors/bad_inputs.json")
        return inputs.cases.compactMap { input in
            guard let sent = bytes(hex: input.sent ?? ""), !sent.isEmpty, sent.count <= longestFrame else { return nil }
            var writer = ScriptWriter.online(
                key: Array(repeating: 7, count: 16), iv: Array(repeating: 9, count: 16))
            for part in [sent.prefix(2), sent.dropFirst(2).prefix(9), sent.dropFirst(11)] { writer.read(Array(part)) }
            return Seed(name: "bad-input-\(input.name)", bytes: writer.script)
        }
    }

    /// Deadline after deadline, answered and not.
    private static func silences() -> [Seed] {
        ([0, 1, 5, 12] as [UInt8]).map { late in
            var writer = ScriptWriter.online(key: Array(repeating: 0, count: 16), iv: Array(repeating: 0, count: 16))
            writer.step(.identity, 3)
            writer.step(.push, 1, 0, 1, 65)
            for _ in 0..<6 {
                writer.step(.deadline, late)
                writer.step(.written)
                if late.isMultiple(of: 2) { writer.read([0xDF]) }
            }
            writer.step(.pause)
            writer.step(.deadline, 10)
            writer.step(.resume)
            for _ in 0..<6 { writer.step(.deadline, late) }
            return Seed(name: "silence-\(late)", bytes: writer.script)
        }
    }

    private static func renumbered(_ frame: [UInt8], _ number: UInt8) -> [UInt8] {
        Array(frame.prefix(8)) + [0, 0, 0, number] + frame.dropFirst(12)
    }
}
