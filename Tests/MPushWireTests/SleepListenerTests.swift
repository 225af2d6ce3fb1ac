import MPushTestSupport
import MPushWire
import NIOCore
import Testing

/// What a system bus says, as dbus-daemon puts it on the wire: cut anywhere, of either byte order, and wrong in many ways.
@Suite struct SleepListenerTests {
    private static let signIn = Array("DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n".utf8)
    private static let greeted = BusBytes(kind: 2, serial: 1, fields: [.number(5, 1), .text(8, "s")], text: ":1.7")
        .bytes
    /// The bus says to each one that comes that it has a name now.
    private static let named = BusBytes(
        kind: 4, serial: 2,
        fields: [
            .text(1, "/org/freedesktop/DBus"), .text(2, "org.freedesktop.DBus"), .text(3, "NameAcquired"),
            .text(6, ":1.7"), .text(8, "s"),
        ], text: ":1.7"
    ).bytes
    private static let asked = BusBytes(kind: 2, serial: 3, fields: [.number(5, 2)]).bytes

    private static func signal(
        _ isGoingToSleep: Bool, member: String = "PrepareForSleep", destination: String? = nil, isBig: Bool = false
    ) -> [UInt8] {
        let fields: [BusBytes.Field] = [
            .text(1, "/org/freedesktop/login1"), .text(2, "org.freedesktop.login1.Manager"), .text(3, member),
            .text(7, ":1.3"), .text(8, "b"),
        ]
        let to: [BusBytes.Field] = destination.map { [.text(6, $0)] } ?? []
        return BusBytes(kind: 4, serial: 9, fields: fields + to, flag: isGoingToSleep, isBig: isBig).bytes
    }

    private static let whole = signIn + greeted + named + asked + signal(true) + signal(false)

    private func play(_ bytes: [UInt8], cutEach count: Int = .max) -> [SleepListener.Action] {
        var listener = SleepListener()
        var rest = bytes[...]
        var actions: [SleepListener.Action] = []
        while !rest.isEmpty {
            actions += listener.received(ByteBuffer(bytes: rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return actions
    }

    private func facts(_ bytes: [UInt8], cutEach count: Int = .max) -> [SleepListener.Action] {
        play(bytes, cutEach: count).filter { if case .send = $0 { false } else { true } }
    }

    @Test(arguments: [1, 2, 7, 100, .max])
    func hearsOfSleepAndWaking(cutEach count: Int) {
        #expect(facts(Self.whole, cutEach: count) == [.listening, .sleeps, .woke])
    }

    @Test func asksTheBusForThatOneSignal() {
        let sent = play(Self.whole).compactMap { if case .send(let bytes) = $0 { bytes } else { nil } }
        #expect(SleepListener().opening == [0] + Array("AUTH EXTERNAL\r\nDATA\r\n".utf8))
        #expect(sent.count == 2)
        #expect(sent.first?.starts(with: Array("BEGIN\r\nl\u{1}\0\u{1}".utf8)) == true)
        let call = String(decoding: sent.last ?? [], as: UTF8.self)
        #expect(call.contains("AddMatch"))
        #expect(
            call.hasSuffix(
                "sender='org.freedesktop.login1',path='/org/freedesktop/login1',"
                    + "interface='org.freedesktop.login1.Manager',member='PrepareForSleep'\0"))
    }

    @Test func eitherByteOrderIsRead() {
        #expect(
            facts(Self.signIn + Self.greeted + Self.asked + Self.signal(false, isBig: true)) == [.listening, .woke])
    }

    @Test func whatIsSentToThisOneAloneIsIgnored() {
        let before = Self.signIn + Self.greeted + Self.asked
        #expect(facts(before + Self.signal(false, destination: ":1.7")) == [.listening])
        #expect(facts(before + Self.signal(false, member: "PrepareForShutdown")) == [.listening])
        // Before it was asked for.
        #expect(facts(Self.signIn + Self.greeted + Self.signal(false)) == [])
    }

    @Test func aBusThatRefusesIsLeft() {
        let refused = BusBytes(
            kind: 3, serial: 1, fields: [.number(5, 1), .text(4, "org.freedesktop.DBus.Error.AccessDenied")])
        #expect(facts(Array("REJECTED EXTERNAL\r\n".utf8)) == [.fail(detail: "it does not let this user in")])
        #expect(facts(Self.signIn + refused.bytes) == [.fail(detail: "it refuses to tell")])
        #expect(
            facts(Self.signIn + Self.greeted + refused.bytes + Self.signal(false)) == [
                .fail(detail: "it refuses to tell")
            ])
    }

    @Test func whatHasNoEndIsNotKept() {
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 1025)
        #expect(facts(line) == [.fail(detail: "it does not answer as a bus does")])
        for place in [4..<8, 12..<16] {
            var signal = Self.signal(false)
            signal.replaceSubrange(place, with: [1, 0, 0, 8])
            #expect(
                facts(Self.signIn + Self.greeted + Self.asked + signal) == [
                    .listening, .fail(detail: "it sends what is no message of D-Bus"),
                ])
        }
    }

    /// Any user may send one, with a long body or a long path.
    @Test(arguments: [1, 1000, .max])
    func aLongMessageIsPassedOver(cutEach count: Int) {
        let long = String(repeating: "/x", count: 10_000)
        let messages = [
            BusBytes(kind: 4, serial: 5, fields: [.text(1, "/"), .text(8, "s")], text: long).bytes,
            BusBytes(kind: 4, serial: 6, fields: [.text(1, long)]).bytes,
        ]
        for message in messages {
            let bytes = Self.signIn + Self.greeted + Self.asked + message + Self.signal(false)
            #expect(facts(bytes, cutEach: count) == [.listening, .woke])
        }
    }

    /// Each byte in turn is another one: whatever comes of it, nothing traps, and nothing comes after the end.
    @Test func aWrongByteAnywhereIsNoHarm() {
        for index in Self.whole.indices {
            for wrong in [0, 1, 0x7F, 0xFF] as [UInt8] {
                var bytes = Self.whole
                bytes[index] = wrong
                let facts = facts(bytes)
                #expect(facts.count <= 3)
                #expect(!facts.dropLast().contains { if case .fail = $0 { true } else { false } })
            }
        }
    }
}
