import Foundation
import MPushConfiguration
import MPushModel
import MPushTestSupport
import Testing

/// Whatever the bytes are, they give a configuration or errors with places. A crash ends the test.
@Suite struct HostileTextTests {
    private static let seeds: [[UInt8]] = {
        let project = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
        let example = (try? Data(contentsOf: project.appending(path: "config/mpushd.toml"))).map(Array.init) ?? []
        let lines = String(decoding: example, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let live = lines.map { $0.contains(/^#\w+ =/) ? $0.dropFirst() : $0 }.filter { !$0.hasPrefix("#") }
        return [Array(minimal.utf8), Array(live.joined(separator: "\n").utf8), example]
    }()

    /// Bytes that mean something in TOML.
    private static let interesting = Array("\"'[]{}=.,#\\\n\r\t $_-+:0e9u".utf8) + [0, 0x7F, 0x80, 0xC3, 0xFF, 0xEF]

    private func read(_ text: [UInt8]) {
        do {
            let checked = try Configuration.parse(text, named: fileName, in: FakeEnvironment())
            #expect(!checked.configuration.identities.isEmpty)
        } catch {
            #expect(!error.errors.isEmpty)
            #expect(error.errors.allSatisfy { !$0.message.isEmpty && $0.location.file == fileName })
            #expect(!error.description.utf8.contains(0))
        }
    }

    @Test func mutatedFilesNeverCrash() {
        var random = SplitMix64(seed: 20)
        // The fuzzer of the configuration does this for hours (`make fuzz`).
        for round in 0..<4_000 {
            var text = Self.seeds[round % 10 == 0 ? 2 : round % 2]
            for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&text, &random) }
            read(text)
        }
    }

    @Test func randomBytesNeverCrash() {
        var random = SplitMix64(seed: 21)
        for round in 0..<10_000 {
            let count = Int.random(in: 0...200, using: &random)
            let isText = round.isMultiple(of: 2)
            read((0..<count).map { _ in isText ? interesting(&random) : UInt8.random(in: 0...255, using: &random) })
        }
    }

    @Test func everyPrefixIsReadWithoutACrash() {
        let text = Self.seeds[1]
        for count in 0..<text.count { read(Array(text.prefix(count))) }
    }

    private func interesting(_ random: inout SplitMix64) -> UInt8 {
        Self.interesting.randomElement(using: &random) ?? 0
    }

    private func mutate(_ text: inout [UInt8], _ random: inout SplitMix64) {
        guard let place = text.indices.randomElement(using: &random) else { return }
        let end = min(text.count, place + Int.random(in: 0...40, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0: text[place] = interesting(&random)
        case 1: text[place] = UInt8.random(in: 0...255, using: &random)
        case 2: text.insert(interesting(&random), at: place)
        case 3: text.removeSubrange(place..<end)
        case 4: text.insert(contentsOf: text[place..<end], at: text.indices.randomElement(using: &random) ?? 0)
        default: text.insert(contentsOf: repeatElement(interesting(&random), count: end - place), at: place)
        }
    }
}
