import NIOCore

/// A message of the D-Bus protocol (D-Bus specification, "Message Format"), as far as one needs it who calls two methods of the
/// bus and hears one signal.
struct DBusMessage: Equatable, Sendable {
    enum Kind: UInt8, Sendable {
        case call = 1
        case answer = 2
        case error = 3
        case signal = 4
    }

    /// The header fields that are looked at.
    private enum Field {
        static let path: UInt8 = 1
        static let interface: UInt8 = 2
        static let member: UInt8 = 3
        static let errorName: UInt8 = 4
        static let answeredSerial: UInt8 = 5
        static let destination: UInt8 = 6
        static let signature: UInt8 = 8
    }

    /// It is not D-Bus.
    struct Malformed: Error, Equatable {}

    /// What is taken off the bytes that came.
    enum Taken: Equatable {
        case message(DBusMessage)
        /// A message of so many bytes, more than we ever asked for, of which nothing is taken. Any user may send one.
        case tooLong(bytes: Int)
    }

    /// The longest header and the longest body that are read: what is listened to has 200 bytes.
    private static let longestPart = 16 * 1024
    /// The longest message that there is.
    private static let longest = 128 * 1024 * 1024
    private static let fixedLength = 16

    /// Nil for a kind that is to be ignored.
    var kind: Kind?
    var path: String?
    var interface: String?
    var member: String?
    var errorName: String?
    var answeredSerial: UInt32?
    var destination: String?
    /// The value of a body that is one boolean.
    var flag: Bool?

    /// A call of a method of the bus itself, with one text or none.
    static func callOfBus(_ method: String, _ text: String?, serial: UInt32) -> [UInt8] {
        var fields: [UInt8] = []
        let texts: [(code: UInt8, type: Character, text: String)] = [
            (Field.path, "o", "/org/freedesktop/DBus"), (Field.destination, "s", "org.freedesktop.DBus"),
            (Field.interface, "s", "org.freedesktop.DBus"), (Field.member, "s", method),
        ]
        for (code, type, text) in texts {
            pad(&fields)
            fields += [code, 1, type.asciiValue ?? 0, 0] + encoded(text)
        }
        var body: [UInt8] = []
        if let text {
            pad(&fields)
            fields += [Field.signature, 1, UInt8(ascii: "g"), 0, 1, UInt8(ascii: "s"), 0]
            body = encoded(text)
        }
        var message: [UInt8] = [UInt8(ascii: "l"), Kind.call.rawValue, 0, 1]
        message += number(body.count) + little(serial) + number(fields.count) + fields
        pad(&message)
        return message + body
    }

    private static func encoded(_ text: String) -> [UInt8] { number(text.utf8.count) + Array(text.utf8) + [0] }

    private static func number(_ count: Int) -> [UInt8] { little(UInt32(clamping: count)) }

    private static func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func pad(_ bytes: inout [UInt8]) {
        while bytes.count % 8 != 0 { bytes.append(0) }
    }

    /// Takes the first message off `buffer`; nil where it is not whole yet. What is kept until then is bounded.
    static func take(from buffer: inout ByteBuffer) throws(Malformed) -> Taken? {
        let start = buffer.readerIndex
        guard buffer.readableBytes >= fixedLength, let order = buffer.getInteger(at: start, as: UInt8.self) else {
            return nil
        }
        let endianness: Endianness
        switch order {
        case UInt8(ascii: "l"): endianness = .little
        case UInt8(ascii: "B"): endianness = .big
        default: throw Malformed()
        }
        guard let kind = buffer.getInteger(at: start + 1, as: UInt8.self),
            let bodyLength = buffer.getInteger(at: start + 4, endianness: endianness, as: UInt32.self),
            let fieldsLength = buffer.getInteger(at: start + 12, endianness: endianness, as: UInt32.self),
            bodyLength <= longest, fieldsLength <= longest
        else { throw Malformed() }
        let headerLength = fixedLength + (Int(fieldsLength) + 7) / 8 * 8
        guard bodyLength <= longestPart, fieldsLength <= longestPart else {
            return .tooLong(bytes: headerLength + Int(bodyLength))
        }
        guard buffer.readableBytes >= headerLength + Int(bodyLength) else { return nil }
        guard let header = buffer.readSlice(length: headerLength), let body = buffer.readSlice(length: Int(bodyLength))
        else { throw Malformed() }
        var message = DBusMessage(kind: Kind(rawValue: kind))
        var reader = DBusFieldReader(header, length: fixedLength + Int(fieldsLength), endianness)
        var isFlag = false
        while let (code, value) = try reader.next() {
            switch (code, value) {
            case (Field.path, .text(let text)): message.path = text
            case (Field.interface, .text(let text)): message.interface = text
            case (Field.member, .text(let text)): message.member = text
            case (Field.errorName, .text(let text)): message.errorName = text
            case (Field.answeredSerial, .number(let number)): message.answeredSerial = number
            case (Field.destination, .text(let text)): message.destination = text
            case (Field.signature, .text(let text)): isFlag = text == "b"
            default: break
            }
        }
        if isFlag { message.flag = body.getInteger(at: body.readerIndex, endianness: endianness, as: UInt32.self) == 1 }
        return .message(message)
    }
}

/// Reads the fields of a header: an array of a number and a variant each, that begin at multiples of eight.
private struct DBusFieldReader {
    enum Value {
        case text(String)
        case number(UInt32)
    }

    private let header: ByteBuffer
    private let end: Int
    private let endianness: Endianness
    /// From the beginning of the message, by which it is aligned.
    private var offset = 16

    init(_ header: ByteBuffer, length: Int, _ endianness: Endianness) {
        self.header = header
        end = min(length, header.readableBytes)
        self.endianness = endianness
    }

    mutating func next() throws(DBusMessage.Malformed) -> (code: UInt8, Value)? {
        align(to: 8)
        guard offset < end else { return nil }
        let code = try byte()
        guard try byte() == 1 else { throw DBusMessage.Malformed() }
        let type = try byte()
        guard try byte() == 0 else { throw DBusMessage.Malformed() }
        switch type {
        case UInt8(ascii: "s"), UInt8(ascii: "o"): return (code, .text(try text(length: Int(try number()))))
        case UInt8(ascii: "g"): return (code, .text(try text(length: Int(try byte()))))
        case UInt8(ascii: "u"): return (code, .number(try number()))
        default: throw DBusMessage.Malformed()
        }
    }

    private mutating func align(to size: Int) { offset = (offset + size - 1) / size * size }

    private mutating func byte() throws(DBusMessage.Malformed) -> UInt8 {
        guard offset < end, let byte = header.getInteger(at: header.readerIndex + offset, as: UInt8.self) else {
            throw DBusMessage.Malformed()
        }
        offset += 1
        return byte
    }

    private mutating func number() throws(DBusMessage.Malformed) -> UInt32 {
        align(to: 4)
        guard offset + 4 <= end,
            let number = header.getInteger(
                at: header.readerIndex + offset, endianness: endianness, as: UInt32.self)
        else { throw DBusMessage.Malformed() }
        offset += 4
        return number
    }

    private mutating func text(length: Int) throws(DBusMessage.Malformed) -> String {
        guard length < end - offset, let bytes = header.getBytes(at: header.readerIndex + offset, length: length)
        else { throw DBusMessage.Malformed() }
        // With the NUL behind it.
        offset += length + 1
        return String(decoding: bytes, as: UTF8.self)
    }
}
