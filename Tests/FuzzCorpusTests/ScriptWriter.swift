import MPushFuzzing
import MPushTestSupport

/// Writes what `SessionScript` reads.
struct ScriptWriter {
    /// `ok` of the server for BIND, request 2: "bind success".
    private static let bindAnswer = "000000100b00000000000002000500000c62696e642073756363657373"

    private(set) var script: [UInt8]

    /// - Parameters:
    ///   - key: The client's key, or that of the packets where nobody shakes hands; this and the others are 16 bytes.
    init(_ options: StartConditions.Options, key: [UInt8], iv: [UInt8], ticketKey: [UInt8]) {
        script = [options.rawValue] + key + iv + ticketKey
    }

    /// A session that the server resumed and bound: requests go on with number 3.
    static func online(key: [UInt8], iv: [UInt8]) -> ScriptWriter {
        var writer = ScriptWriter(.hasTicket, key: key, iv: iv, ticketKey: key)
        writer.read(bytes(hex: "00000004070000000000000100" + "0002bf20") ?? [])
        writer.read(bytes(hex: bindAnswer) ?? [])
        writer.step(.written)
        return writer
    }

    mutating func step(_ step: SessionStep, _ argument: UInt8...) {
        script += [step.rawValue] + argument
    }

    mutating func read(_ bytes: [UInt8]) {
        step(.read)
        counted(bytes)
    }

    /// A request of the client by its command; what is no request of a program's is a write.
    mutating func request(_ command: UInt8?, body: [UInt8] = []) {
        switch command {
        case 6: step(.unbind)
        case 12:
            step(.http, 0)
            counted(body)
        case 15:
            step(.push, 1)
            counted(body)
        case 23: step(.stored)
        default: break
        }
        step(.written)
    }

    private mutating func counted(_ bytes: [UInt8]) {
        script += [UInt8(bytes.count >> 8 & 0xFF), UInt8(bytes.count & 0xFF)] + bytes
    }
}
