import MPushJSON
import MPushModel
import Testing

@testable import MPushRouting

@Suite struct StreamMessageTests {
    private func read(_ line: String, needsJSON: Bool = false) throws(StreamMessageError) -> StreamMessage {
        var reader = StreamMessageReader(needsJSON: needsJSON)
        return try reader.read(Array(line.utf8)[...])
    }

    @Test func aLineIsRead() throws {
        let line =
            #"{"position":7,"attempt":2,"id":"m","identity":"desk","user":"alice","received":"2026-11-27T08:00:00Z","#
            + #""type":5,"content":"{\"a\":\"ü\"}"}"#
        let read = try read(line, needsJSON: true)
        #expect(read.attempt == 2)
        #expect(read.key == Array("desk:7:m".utf8))
        #expect((read.message.id, read.message.identity, read.message.user) == ("m", "desk", "alice"))
        #expect(read.message.type == 5)
        #expect(read.message.content == Array("{\"a\":\"ü\"}".utf8))
        #expect(read.message.json?.text(at: ["a"]) == "ü")
    }

    /// Whom it is for, and when it came, is not read again where the line before had the same: only then.
    @Test func eachLineSaysWhoseItIs() throws {
        var reader = StreamMessageReader(needsJSON: false)
        let long = String(repeating: "u", count: 600)
        for (identity, user, meant, received) in [
            ("desk", "alice", "alice", "08:00"), ("desk", "alice", "alice", "08:00"),
            ("desk", "alice", "alice", "08:01"),
            ("desk", "alicf", "alicf", "08:01"), ("desl", "alicf", "alicf", "08:01"),
            ("desl", #"a\\c"#, #"a\c"#, "08:01"),
            ("desl", #"a\nc"#, "a\nc", "08:0"), ("desl", #"a\c"#, nil, "08:0"), ("desl", long, long, "08:01"),
            ("desl", long, long, "08:01"), ("desl", "", "", ""), ("", "", "", ""), ("desk", "alice", "alice", "08:00"),
        ] as [(String, String, String?, String)] {
            let line =
                #"{"position":7,"attempt":1,"id":"m","identity":"\#(identity)","user":"\#(user)","received":"\#(received)","#
                + #""content":"x"}"#
            let read = try? reader.read(Array(line.utf8)[...]).message
            #expect(read?.user == meant)
            if meant != nil { #expect((read?.identity, read?.received) == (identity, received)) }
        }
    }

    /// It stands in headers of brokers.
    @Test func theKeyHasNothingThatEndsALine() throws {
        #expect(try read(#"{"id":"a\nä","identity":"d","content":""}"#).key == Array("d::a%0A%C3%A4".utf8))
    }

    @Test func bytesThatAreNoTextComeAsBase64() throws {
        #expect(try read(#"{"id":"m","content_base64":"AP8="}"#).message.content == [0, 0xFF])
    }

    @Test(arguments: [
        (#"{"id":"m"}"#, "neither"), (#"{"id":"m","content":5}"#, "neither"),
        (#"{"id":"m","content_base64":"AP8"}"#, "canonical"),
    ])
    func aMessageWithoutContentIsUseless(line: String, words: String) {
        do throws(StreamMessageError) {
            _ = try read(line)
            Issue.record("it was read")
        } catch {
            guard case .useless("m", let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains(words))
        }
    }

    @Test(arguments: ["", "hello", "[]", "{}", #"{"id":5,"content":""}"#, #"{"id":"m","content":"#])
    func anythingElseIsNoMessage(line: String) {
        do throws(StreamMessageError) {
            _ = try read(line)
            Issue.record("it was read")
        } catch {
            guard case .unreadable = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    /// What is read in one go is what the parser reads, whatever was cut off, left out or turned on the way; and what mpushd
    /// writes for text is read in one go.
    @Test func whateverComesIsReadAsTheParserReadsIt() throws {
        var random = SplitMix64(seed: 13)
        var reader = StreamMessageReader(needsJSON: false)
        let contents = [
            "", "hello", "{\"a\":\"b\\c/\",\n\t\"d\":[1]}\r", "ü€🚨\u{7F}", String(repeating: "x\"", count: 99),
        ]
        for round in 0..<20_000 {
            var line: [UInt8] = Array("{\"position\":\(round),\"attempt\":\(round % 3 + 1),\"id\":".utf8)
            JSONText.append("m-\(round)", to: &line)
            line += ",\"identity\":\"desk\",\"user\":\"ä\",\"received\":\"2026-11-27T10:11:12.123Z\",".utf8
            if round.isMultiple(of: 2) { line += "\"type\":\(round),".utf8 }
            line += "\"content\":".utf8
            JSONText.append(contents[round % contents.count], to: &line)
            line += "}".utf8
            if !String(decoding: line, as: UTF8.self).contains("\\u") {
                var known = StreamMessage.KnownPieces()
                #expect(StreamMessage(plain: line[...], needsJSON: false, &known) != nil)
            }
            for _ in 0..<round % 4 {
                let place = Int.random(in: 0..<line.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: line.removeSubrange(place...)
                case 1: line.remove(at: place)
                case 2: line[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 3: line.insert(Array("\"\\0,:{}u ".utf8).randomElement(using: &random) ?? 0, at: place)
                default: line.swapAt(place, line.count - 1)
                }
                if line.isEmpty { line = [0x20] }
            }
            #expect(
                outcome { () throws(StreamMessageError) in try reader.read(line[...]) }
                    == outcome { () throws(StreamMessageError) in
                        try StreamMessage(parsing: line[...], needsJSON: false)
                    },
                "\(String(decoding: line, as: UTF8.self))")
        }
    }

    /// All that is known of a message, or what is wrong.
    private func outcome(_ read: () throws(StreamMessageError) -> StreamMessage) -> String {
        do throws(StreamMessageError) {
            return "\(try read())"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        StreamAnswer(id: "m\"1\n", .done), StreamAnswer(id: "é", .reject(reason: "no\tgood \"topic\"")),
        StreamAnswer(id: "m", .retry(reason: "busy", wait: .milliseconds(1500))),
        StreamAnswer(id: "m", .retry(reason: "busy", wait: nil)),
    ])
    func anAnswerIsReadAsItWasWritten(answer: StreamAnswer) throws {
        var line: [UInt8] = []
        answer.append(to: &line)
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(!line.dropLast().contains(UInt8(ascii: "\n")))
        #expect(try StreamAnswer(line: line.dropLast()) == answer)
    }
}

@Suite struct LineCutterTests {
    private func piece(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

    private func text(_ line: ArraySlice<UInt8>?) -> String? { line.map { String(decoding: $0, as: UTF8.self) } }

    @Test func piecesBecomeLines() {
        var cutter = LineCutter(longest: 10)
        cutter.add(piece("ab"))
        #expect(cutter.next() == nil)
        cutter.add(piece("c\n\nd\nef"))
        #expect(text(cutter.next()) == "abc")
        #expect(text(cutter.next()) == "")
        #expect(text(cutter.next()) == "d")
        #expect(cutter.next() == nil)
        #expect(cutter.count == 2)
        cutter.add(piece("g"))
        #expect(text(cutter.rest()) == "efg")
        #expect(cutter.rest() == nil)
        #expect(cutter.count == 0)
        #expect(!cutter.isLost)
    }

    @Test func aLineIsBounded() {
        var cutter = LineCutter(longest: 4)
        cutter.add(piece("abcd\n12345"))
        #expect(text(cutter.next()) == "abcd")
        #expect(!cutter.isLost)
        #expect(cutter.next() == nil)
        #expect(cutter.isLost)
        var whole = LineCutter(longest: 4)
        whole.add(piece("12345\nab\n"))
        #expect(whole.next() == nil)
        #expect(whole.isLost)
    }

    @Test func whateverThePiecesTheLinesAreTheSame() {
        var random = SplitMix64(seed: 3)
        for _ in 0..<200 {
            let lines = (0..<20).map { _ in String(repeating: "x", count: Int.random(in: 0...9, using: &random)) }
            var rest = Array(lines.joined(separator: "\n").utf8)[...]
            var cutter = LineCutter(longest: 9)
            var found: [String] = []
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...30, using: &random))
                rest = rest.dropFirst(piece.count)
                cutter.add(piece)
                while let line = cutter.next() { found.append(String(decoding: line, as: UTF8.self)) }
            }
            found.append(text(cutter.rest()) ?? "")
            #expect(found == lines)
        }
    }
}
