import Testing

@testable import mpushctl

/// Answers as they come: byte by byte, cut, or made by somebody who means harm.
@Suite struct ResponseReaderTests {
    private static let plain = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello"
    private static let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n8;x=y\r\ntwo\nthre\r\n2\r\ne\n\r\n0\r\n\r\n"

    /// A reader of `text`, that gets `step` bytes at a time.
    private func reader(_ text: String, step: Int) -> ResponseReader {
        var rest = Array(text.utf8)[...]
        return ResponseReader { () throws(ControlFailure) in
            let part = rest.prefix(step)
            rest = rest.dropFirst(part.count)
            return Array(part)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func readsABodyOfAGivenLength(step: Int) throws {
        let reader = reader(Self.plain, step: step)
        #expect(try reader.head().status == 200)
        #expect(try String(decoding: reader.wholeBody(), as: UTF8.self) == "hello")
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func readsLinesOutOfChunks(step: Int) throws {
        let reader = reader(Self.chunked, step: step)
        _ = try reader.head()
        var lines: [String] = []
        while let line = try reader.nextLine() { lines.append(String(decoding: line, as: UTF8.self)) }
        #expect(lines == ["one", "two", "three"])
    }

    @Test(arguments: [10, 40, 60, 78])
    func whatIsCutIsNoAnswer(length: Int) {
        let reader = reader(String(decoding: Self.chunked.utf8.prefix(length), as: UTF8.self), step: 5)
        #expect(throws: ControlFailure.cutOff) {
            _ = try reader.head()
            _ = try reader.wholeBody()
        }
    }

    @Test(arguments: [
        "", "\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 two OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: "0", count: 1000),
    ])
    func whatIsNoHTTPIsAFailureInWords(text: String) {
        let reader = reader(text, step: 3)
        #expect(throws: ControlFailure.self) {
            _ = try reader.head()
            _ = try reader.wholeBody()
        }
    }

    @Test func aHeadWithoutAnEndIsGivenUp() {
        var given = 0
        let reader = ResponseReader { () throws(ControlFailure) in
            given += 4096
            return Array("X: ".utf8) + [UInt8](repeating: 0x61, count: 4093)
        }
        #expect(throws: ControlFailure.self) { try reader.head() }
        #expect(given <= 2 * ResponseReader.longestHead)
    }
}
