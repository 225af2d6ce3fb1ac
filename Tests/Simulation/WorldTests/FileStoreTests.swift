import Glibc
import MPushModel
import MPushPlatform
import MPushTestSupport
import MPushWorld
import Testing

/// The simulated disk does what the machine's own does: both are asked the same, at random, and give the same answers.
@Suite struct FileStoreTests {
    /// A file store below a directory, whose answers can be compared.
    private struct Subject {
        let files: any FileStore
        let root: String

        func answer(to question: Question) -> String {
            do {
                return try reply(to: question)
            } catch let error as OSError {
                return "\(error.operation): errno \(error.number)"
            } catch DirectoryLock.Failure.impossible(let error) {
                return "lock: errno \(error.number)"
            } catch DirectoryLock.Failure.held(let holder) {
                return "held by \(holder ?? "nobody")"
            } catch {
                return "\(error)"
            }
        }

        private func reply(to question: Question) throws -> String {
            let path = root + question.path
            let target = root + question.target
            switch question.kind {
            case .status:
                return files.status(of: path).map { $0.isFile ? "file of \($0.size)" : "directory" } ?? "nothing"
            case .names: return "\(files.names(in: path).sorted())"
            case .read: return "\(try files.read(path, first: question.count))"
            case .makeDirectory: try files.makeDirectory(path, mode: 0o700)
            case .write: try files.write(Array(repeating: 7, count: question.count), to: path, mode: 0o600)
            case .makeEmptyFile: try files.makeEmptyFile(path)
            case .reserve: try files.reserve(question.count, at: path)
            case .rename:
                // Files only: the interface knows no other.
                guard files.status(of: path)?.isFile != false else { return "a directory" }
                let inode = files.status(of: path)?.inode
                try files.rename(path, to: target)
                return "is the same: \(files.status(of: target)?.inode == inode)"
            case .remove: try files.remove(path)
            case .syncDirectory: try files.syncDirectory(path)
            case .room: return "\(files.room(in: path) != nil)"
            case .lock: return try lock(path, as: "process \(question.count)")
            }
            return "done"
        }

        private func lock(_ path: String, as sign: String) throws -> String {
            let held = try files.lock(path, sign: sign)
            let other = Result { try files.lock(path, sign: "") }
            held.release()
            switch other {
            case .success(let lock):
                lock.release()
                return "does not keep out"
            case .failure(let error): return "\(error)"
            }
        }
    }

    private struct Question {
        enum Kind: CaseIterable {
            case status, names, read, makeDirectory, write, makeEmptyFile, reserve, rename, remove, syncDirectory, room
            case lock
        }

        let kind: Kind
        let path: String
        let target: String
        let count: Int

        static func random(using generator: inout SplitMix64) -> Question {
            let names = ["/a", "/b", "/c", ""]
            func path() -> String {
                let first = names[Int.random(in: 0..<4, using: &generator)]
                return Bool.random(using: &generator) ? first : first + names[Int.random(in: 0..<4, using: &generator)]
            }
            return Question(
                kind: Kind.allCases[Int.random(in: 0..<Kind.allCases.count, using: &generator)], path: path(),
                target: path(), count: [0, 1, 5, 5_000][Int.random(in: 0..<4, using: &generator)])
        }
    }

    @Test func itAnswersAsTheMachineDoes() throws {
        for seed in 0..<20 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let directory = try TemporaryDirectory()
            let machine = Subject(files: MachineFiles(), root: directory.path("root"))
            let simulated = Subject(files: SimulatedDisk(seed: seed).process("daemon"), root: "/root")
            for subject in [machine, simulated] { try subject.files.makeDirectory(subject.root, mode: 0o700) }
            for _ in 0..<150 {
                let question = Question.random(using: &generator)
                let (expected, given) = (machine.answer(to: question), simulated.answer(to: question))
                #expect(given == expected, "seed \(seed): \(question.kind) \(question.path) \(question.target)")
            }
        }
    }
}
