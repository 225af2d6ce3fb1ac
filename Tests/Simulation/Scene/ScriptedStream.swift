import MPushJSON
import MPushModel
import MPushPlatform
import MPushWorld
import NIOCore

/// The program of a stream that is not there: it takes what it finds, some at a time, and answers in any order and in pieces.
/// Belongs to one run of the daemon.
final class ScriptedStream {
    private struct Message {
        let id: String
        let user: String
    }

    private let loop: WorldLoop
    private let random: WorldRandom
    private let ledger: Ledger
    private let moods: ProgramMoods
    private let route: String
    private let heard: (ByteBuffer) -> Void
    private var done: ((ProgramEnd) -> Void)?
    private var rest: [UInt8] = []
    private var messages: [Message] = []
    private var isWorking = false
    /// It does nothing any more, and does not end by itself.
    private var hangs = false
    private var isInputOver = false

    init(
        _ route: String, on loop: WorldLoop, random: WorldRandom, ledger: Ledger, moods: ProgramMoods,
        heard: @escaping (ByteBuffer) -> Void, done: @escaping (ProgramEnd) -> Void
    ) {
        self.loop = loop
        self.random = random
        self.ledger = ledger
        self.moods = moods
        self.route = route
        self.heard = heard
        self.done = done
    }

    /// For its standard input.
    func write(_ bytes: ByteBuffer) {
        guard done != nil, !isInputOver else { return }
        rest += bytes.readableBytesView
        var begin = rest.startIndex
        while let end = rest[begin...].firstIndex(of: UInt8(ascii: "\n")) {
            if let line = try? JSONParser.parse(rest[begin..<end]), let id = line["id"]?.string {
                messages.append(Message(id: id, user: line["user"]?.string ?? ""))
            } else {
                ledger.report("known", "the program of route \(route) was given a line that is no message")
            }
            begin = end + 1
        }
        // A new one, which is no larger than what is in it: the watch on memory counts what programs keep.
        rest = Array(rest[begin...])
        ledger.streamHas(messages.count, of: route)
        work()
    }

    /// It finds the end of its input: answers for what it has, where it is quick, or is ended.
    func stop() {
        guard done != nil, !isInputOver else { return }
        isInputOver = true
        let isQuick = !hangs && random.chance(0.5)
        after(random.duration(in: .milliseconds(1) ... .seconds(4))) { [self] in
            if isQuick { take(messages.count) }
            end(isQuick ? .exited(status: 0) : .stopped)
        }
    }

    /// SIGKILL.
    func kill() {
        guard done != nil else { return }
        ledger.streamKilled(with: messages.count, of: route)
        end(.killed(signal: 9))
    }

    /// It dies.
    func end(_ end: ProgramEnd) {
        messages = []
        ledger.streamHas(0, of: route)
        let done = done
        self.done = nil
        done?(end)
    }

    private func work() {
        guard !isWorking, !hangs, !isInputOver, done != nil, !messages.isEmpty else { return }
        isWorking = true
        after(random.skewedDuration(in: moods[route].takes)) { [self] in
            isWorking = false
            guard done != nil, !isInputOver, !messages.isEmpty else { return }
            take(1 + random.below(messages.count))
            work()
        }
    }

    /// Does what it has to with the first of its messages, and says so.
    private func take(_ count: Int) {
        let mood = moods[route]
        if random.chance(mood.hangs) {
            hangs = true
            return
        }
        let batch = messages.prefix(count)
        messages.removeFirst(batch.count)
        var answers: [(id: String?, line: String)] = []
        for message in batch {
            if random.chance(mood.isBusy) {
                answers.append((nil, "{\"id\":\"\(message.id)\",\"retry\":\"busy\",\"wait\":\(random.below(20))}\n"))
                continue
            }
            ledger.received(
                message.id, user: message.user, by: route, keepsOrder: moods.inOrder.contains(route),
                at: loop.scheduler.elapsed)
            answers.append((message.id, "{\"id\": \"\(message.id)\", \"done\": true}\n"))
        }
        if random.chance(mood.losesWord) {
            let known = answers.prefix(random.below(answers.count + 1))
            say(Array(known))
            ledger.streamKilled(with: messages.count + answers.count - known.count, of: route)
            return end(.killed(signal: 9))
        }
        for index in answers.indices where random.chance(0.3) {
            answers.swapAt(index, random.below(answers.count))
        }
        say(answers)
        ledger.streamHas(messages.count, of: route)
    }

    /// What it writes comes in pieces that end anywhere.
    private func say(_ answers: [(id: String?, line: String)]) {
        for (id, line) in answers {
            let bytes = Array(line.utf8)
            let cut = random.chance(0.3) ? random.below(bytes.count) : 0
            if cut > 0 { heard(ByteBuffer(bytes: bytes[..<cut])) }
            // The daemon has the word with the last piece.
            heard(ByteBuffer(bytes: bytes[cut...]))
            if let id { ledger.confirmed(id, by: route) }
            if random.chance(0.02) { heard(ByteBuffer(string: "a line for people\n")) }
        }
    }

    private func after(_ delay: Duration, _ work: @escaping () -> Void) {
        loop.assumeIsolated().scheduleTask(in: .nanoseconds(delay.wholeNanoseconds), work)
    }
}

/// What goes wrong with the program of a stream, in worlds that have one.
extension Trouble {
    static func stream(_ route: String) -> [Trouble] {
        [
            Trouble("a stream's program dies", weight: 3) { world in
                world.device.moods[route].losesWord = world.random.chance(0.3) ? 0.8 : 0.2
                world.undo(in: .seconds(10) ... .seconds(3600)) { world.device.moods[route].losesWord = 0 }
            },
            Trouble("a stream's program is busy", weight: 2) { world in
                world.device.moods[route].isBusy = Double(1 + world.random.below(60)) / 100
                world.undo(in: .seconds(60) ... .seconds(1800)) { world.device.moods[route].isBusy = 0 }
            },
            Trouble("a stream's program hangs") { world in
                world.device.moods[route].hangs = Double(1 + world.random.below(30)) / 100
                world.undo(in: .seconds(60) ... .seconds(3600)) { world.device.moods[route].hangs = 0 }
            },
            Trouble("a stream's program is slow") { world in
                world.device.moods[route].takes = .seconds(1) ... .seconds(20)
                world.undo(in: .seconds(60) ... .seconds(3600)) {
                    world.device.moods[route].takes = ProgramMood().takes
                }
            },
            Trouble("a stream's program cannot be started") { world in
                world.device.moods[route].cannotStart = world.random.chance(0.5) ? 11 : 2
                world.undo(in: .seconds(10) ... .seconds(3600)) { world.device.moods[route].cannotStart = nil }
            },
            Trouble("a stream has another program", leadsTo: ["reconfigured"]) { world in
                world.changeConfiguration { $0.streamVersion += 1 }
            },
            Trouble("a crowd of messages comes for a stream") { world in
                world.sender.sendNow(1 + world.random.below(40))
            },
        ]
    }
}
