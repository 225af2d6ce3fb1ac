import MPushModel
import Testing

@testable import MPushDelivery

@Suite struct RetryAfterTests {
    /// 1994-11-06 08:49:30 UTC.
    private let now = WallTime(millisecondsSince1970: 784_111_770_000)

    @Test(arguments: [
        ("120", 120), (" 0 ", 0), ("99999999999999999999", 86_400), ("Sun, 06 Nov 1994 08:49:37 GMT", 7),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 7), ("Sun Nov  6 08:49:37 1994", 7),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0), ("Mon, 29 Feb 2016 00:00:00 GMT", 86_400),
        ("Mon, 07 Nov 1994 08:49:29 GMT", 86_399),
    ])
    func secondsAndDatesAreRead(field: String, seconds: Int) {
        #expect(RetryAfter.wait(in: field, at: now) == .seconds(seconds))
    }

    @Test(arguments: ["", "soon", "-1", "1.5", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT"])
    func whatMakesNoSenseIsPassedOver(field: String) {
        #expect(RetryAfter.wait(in: field, at: now) == nil)
    }
}
