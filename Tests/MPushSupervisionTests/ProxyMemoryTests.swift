import MPushModel
import MPushSupervision
import Testing

/// "Proxy, else direct", and proxies that cut what is idle.
@Suite struct ProxyMemoryTests {
    private let start = Instant.zero + .seconds(100)

    @Test func theDirectWayThatHelpedComesFirstForTenMinutes() throws {
        let proxy = try ProxyURL.parse("http://proxy:3128").url
        var memory = ProxyMemory()
        #expect(!memory.isDirectFirst(proxy, at: start))
        memory.directHelped(insteadOf: proxy, at: start)
        #expect(memory.isDirectFirst(proxy, at: start + .seconds(599)))
        #expect(!memory.isDirectFirst(proxy, at: start + .seconds(600)))
        #expect(!memory.isDirectFirst(try ProxyURL.parse("socks5://proxy:3128").url, at: start))
        memory.forget(proxy)
        #expect(!memory.isDirectFirst(proxy, at: start))
    }

    /// At home the proxy of the office is away; in the office it is not taken for that.
    @Test func whatWasLearntGoesByTheNetwork() throws {
        let proxy = try ProxyURL.parse("http://proxy:3128").url
        var memory = ProxyMemory()
        memory.moved(to: ["192.0.2.7"])
        memory.directHelped(insteadOf: proxy, at: start)
        memory.moved(to: ["198.51.100.9"])
        #expect(!memory.isDirectFirst(proxy, at: start))
        memory.forget(proxy)
        memory.moved(to: ["192.0.2.7"])
        #expect(memory.isDirectFirst(proxy, at: start + .seconds(60)))
    }

    private func end(_ watch: inout IdleCutWatch, idle: Duration, longest: Duration = .seconds(1)) -> Duration? {
        watch.ended(IdleCutWatch.Traffic(idle: idle, longestIdle: longest))
    }

    @Test func aSecondCutAfterTheSameSilenceIsTheProxys() {
        var watch = IdleCutWatch()
        #expect(end(&watch, idle: .seconds(60)) == nil)
        #expect(end(&watch, idle: .milliseconds(60_400)) == .seconds(60))
        #expect(end(&watch, idle: .seconds(58)) == .seconds(58))
    }

    @Test func otherSilencesAreNot() {
        var watch = IdleCutWatch()
        #expect(end(&watch, idle: .seconds(60)) == nil)
        #expect(end(&watch, idle: .seconds(90)) == nil)
        #expect(end(&watch, idle: .seconds(60)) == nil)
    }

    /// A silence that the connection had outlived before is nobody's limit: the server went away.
    @Test func whatOutlivedALongerSilenceWasNotCutForIt() {
        var watch = IdleCutWatch()
        #expect(end(&watch, idle: .seconds(60)) == nil)
        #expect(end(&watch, idle: .seconds(60), longest: .seconds(100)) == nil)
        #expect(end(&watch, idle: .seconds(60)) == nil)
    }

    @Test func shortSilencesAreNoLimit() {
        var watch = IdleCutWatch()
        for _ in 0..<3 { #expect(end(&watch, idle: .seconds(1), longest: .zero) == nil) }
    }
}
