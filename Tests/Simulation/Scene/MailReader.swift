import MPushModel
import MPushPlatform
import MPushWorld

/// Who reads the folders of routes: looks whether each file in `new` is whole, as soon as it is seen there, tells the ledger of
/// it, and removes some, as a program does that has worked on them.
final class MailReader {
    private let disk: SimulatedDisk
    private let ledger: Ledger

    init(of disk: SimulatedDisk, _ ledger: Ledger) {
        self.disk = disk
        self.ledger = ledger
    }

    /// - Parameters:
    ///   - latest: how many files at most, the newest of each folder.
    ///   - removes: whether each of them is removed.
    func read(latest: Int = .max, removes: () -> Bool = { false }) {
        let process = disk.process("a reader of mail")
        defer { process.crash() }
        for path in disk.paths.filter({ $0.containsBytes(of: "/new/") }).suffix(latest) {
            guard let content = disk.content(of: path) else { continue }
            read(path, content)
            // The disk may refuse it; the file is read once more then.
            if removes() { try? process.remove(path) }
        }
    }

    private func read(_ path: String, _ content: [UInt8]) {
        // Each message of a world begins and ends so (`Sender`).
        let start = "{\"msgId\":\"m".utf8
        guard content.starts(with: start), content.suffix(2).elementsEqual("\"}".utf8), !content.contains(0),
            let number = Int(
                String(decoding: content.dropFirst(start.count).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)),
            ledger.pushes.indices.contains(number)
        else {
            return ledger.report("whole files", "\(path) has \(content.count) bytes, and no message that is whole")
        }
        let route = String(path.split(separator: "/")[1])
        ledger.received("m\(number)", user: ledger.pushes[number].user, by: route, keepsOrder: false, at: .zero)
    }
}

extension Trouble {
    static func mail(_ reader: MailReader) -> [Trouble] {
        [
            Trouble("the mail is read", weight: 3) { world in
                let share = world.random.chance(0.5) ? 1 : 0.3
                reader.read(latest: 100) { world.random.chance(share) }
            },
            Trouble("the disk of the mail is away") { world in
                let disk = world.device.disk
                disk.hiddenDirectory = "mail"
                world.undo(in: .seconds(1) ... .seconds(6 * 3600)) { disk.hiddenDirectory = nil }
            },
            Trouble("the disk is full in the middle of many messages") { world in
                world.device.disk.fill(leaving: world.random.below(200))
                world.sender.sendNow(10 + world.random.below(40), size: world.random.below(9000))
                world.undo(in: .seconds(1) ... .seconds(3600)) { world.device.disk.troubles.capacity = nil }
            },
        ]
    }
}
