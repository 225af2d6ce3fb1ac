import MPushModel
import MPushSimulator
import Testing

@Suite struct ReadCheckTests {
    private func seconds(_ number: Int) -> Instant { Instant(sinceBoot: .seconds(number)) }

    /// The real server took 43.77 s: each of its checks waits for the next tick of its timer wheel.
    @Test func aSilentConnectionIsClosedAtTheFourthCheck() {
        var check = ReadCheck(firstInterval: .seconds(10), forgiven: 2, at: .zero)
        #expect(check.checkDue(at: seconds(10)) == .checkAgain(at: seconds(20)))
        #expect(check.checkDue(at: seconds(20)) == .checkAgain(at: seconds(30)))
        #expect(check.checkDue(at: seconds(30)) == .checkAgain(at: seconds(40)))
        #expect(check.checkDue(at: seconds(40)) == .close)
    }

    /// The real server took 18.58 s.
    @Test func afterAHandshakeTheNewIntervalHoldsFromTheNextCheckOn() {
        var check = ReadCheck(firstInterval: .seconds(10), forgiven: 2, at: .zero)
        check.heartbeatAgreed(.seconds(3))
        #expect(check.checkDue(at: seconds(10)) == .checkAgain(at: seconds(13)))
        #expect(check.checkDue(at: seconds(13)) == .checkAgain(at: seconds(16)))
        #expect(check.checkDue(at: seconds(16)) == .close)
    }

    @Test func oneReadForgivesAll() {
        var check = ReadCheck(firstInterval: .seconds(3), forgiven: 2, at: .zero)
        _ = check.checkDue(at: seconds(5))
        _ = check.checkDue(at: seconds(8))
        check.dataRead(at: seconds(9))
        #expect(check.checkDue(at: seconds(11)) == .checkAgain(at: seconds(14)))
        #expect(check.checkDue(at: seconds(14)) == .checkAgain(at: seconds(17)))
        #expect(check.checkDue(at: seconds(17)) == .checkAgain(at: seconds(20)))
        #expect(check.checkDue(at: seconds(20)) == .close)
    }
}
