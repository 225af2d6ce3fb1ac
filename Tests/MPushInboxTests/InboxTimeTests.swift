import Testing

@testable import MPushInbox

@Suite struct InboxTimeTests {
    /// The newest message came within the time that has passed since the time was kept: a restart in the same boot must not
    /// count that span twice.
    @Test func aRestartInOneBootCountsNoTimeTwice() {
        var time = InboxTime(now: 1_000_000, bootID: "a", uptime: 500_000, began: 0, beganAfter: 0, agreement: nil)
        time.opened(in: "a", uptime: 525_000, last: 3, newest: 1_020_000)
        #expect(time.now == 1_025_000)
        time.opened(in: "a", uptime: 525_000, last: 3, newest: 1_025_000)
        #expect(time.now == 1_025_000)
    }

    @Test func anotherBootIsLaterThanTheNewestMessage() {
        var time = InboxTime(now: 1_000_000, bootID: "a", uptime: 500_000, began: 0, beganAfter: 0, agreement: nil)
        time.opened(in: "b", uptime: 9_000, last: 3, newest: 1_020_000)
        #expect(time.now == 1_020_001)
        #expect(time.began == 1_020_001)
    }
}
