import MPushSession
import Testing

@testable import MPushDaemon

/// A ticket as a file: what was written comes back, and nothing else does.
@Suite struct TicketFileTests {
    @Test func comesBackAsItWas() throws {
        let ticket = try #require(SessionTicket.sample())
        let read = try #require(TicketFile.ticket(in: TicketFile.text(ticket, serverKey: "abc")))
        #expect(read.ticket == ticket)
        #expect(read.serverKey == "abc")
    }

    @Test func comesBackWithoutADate() throws {
        let ticket = try #require(SessionTicket.sample(expires: nil))
        #expect(try TicketFile.ticket(in: TicketFile.text(ticket, serverKey: "abc"))?.ticket == ticket)
    }

    @Test func whatIsCutShortIsRefused() throws {
        let text = try TicketFile.text(try #require(SessionTicket.sample()), serverKey: "abc")
        for length in 0..<text.count {
            #expect(TicketFile.ticket(in: Array(text.prefix(length))) == nil, "\(length)")
        }
    }

    @Test func whatIsScribbledOverIsRefused() throws {
        let text = try TicketFile.text(try #require(SessionTicket.sample()), serverKey: "abc")
        for index in text.indices {
            for change: UInt8 in [0x01, 0x20, 0x80, 0xFF] {
                var damaged = text
                damaged[index] ^= change
                #expect(TicketFile.ticket(in: damaged) == nil, "byte \(index) changed by \(change)")
            }
        }
    }

    @Test func whatIsAddedIsRefused() throws {
        let text = try TicketFile.text(try #require(SessionTicket.sample()), serverKey: "abc")
        #expect(TicketFile.ticket(in: text + [0x0A]) == nil)
        #expect(TicketFile.ticket(in: [0x0A] + text) == nil)
        #expect(TicketFile.ticket(in: text + text) == nil)
    }

    @Test func whatIsTooLongIsRefused() {
        #expect(TicketFile.ticket(in: [UInt8](repeating: 0x61, count: TicketFile.longest + 1)) == nil)
    }
}
