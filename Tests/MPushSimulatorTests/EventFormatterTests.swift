import MPushSimulator
import Testing

@Suite struct EventFormatterTests {
    private func event(_ kind: SimulatorEvent.Kind, user: String? = "alice") -> SimulatorEvent {
        SimulatorEvent(number: 1, time: .milliseconds(12_045), connection: ConnectionID(3), user: user, kind: kind)
    }

    @Test func linesStandInColumns() {
        let formatter = EventFormatter(isColoured: false)
        #expect(
            formatter.line(event(.acknowledged(number: 7, latency: .microseconds(1234))))
                == "    12.045  #3   alice        ack            number 7 after 1.23 ms")
        #expect(
            formatter.line(event(.handshaken(device: "d", heartbeat: .seconds(180)), user: nil))
                == "    12.045  #3   -            handshake      d, heartbeat 180 s")
    }

    @Test func coloursAreOnlyThereWhenWelcome() {
        #expect(EventFormatter(isColoured: true).line(event(.heartbeat)).contains("\u{1B}[2m"))
        #expect(!EventFormatter(isColoured: false).line(event(.heartbeat)).contains("\u{1B}"))
    }

    @Test func whatClientsSayCannotCommandTheTerminal() {
        let line = EventFormatter(isColoured: false).line(
            event(.bound(user: "a\u{1B}[2Jb", tags: "\r\n"), user: "x\u{7}"))
        #expect(line == "    12.045  #3   x\\u{7}       bound          a\\u{1b}[2Jb [\\r\\n]")
    }
}
