import Glibc
import MPushCipher
import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import NIOCore
import Synchronization

/// A folder in the manner of a maildir as a route's target: each message is a file in `new`, there whole or not at all, and
/// on the disk when it counts as handed over. Its content is the message's, as it was pushed.
///
/// The file's name is made of the message, not of the moment: a message that is handed over again, after a crash, takes
/// the place of its first copy where that still lies in `new`. Belongs to the event loop; the disk has a thread.
final class FileTarget: RouteTarget {
    private let route: String
    private var settings: FileTargetSettings
    private let eventLoop: any EventLoop
    private let worker: SerialWorker
    private let files: any FileStore
    private let folders = MaildirFolders()

    init(_ settings: FileTargetSettings, of route: String, machine: Machine, on eventLoop: any EventLoop) {
        worker = SerialWorker(on: machine.threads)
        files = machine.files
        self.settings = settings
        self.route = route
        self.eventLoop = eventLoop
    }

    func apply(_ route: LoadedRoute) -> Bool {
        guard case .file(let settings) = route.settings.target else { return false }
        self.settings = settings
        return true
    }

    func stop(_ done: @escaping () -> Void) { done() }

    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void {
        var completion: ((AttemptResult) -> Void)? = done
        let complete: (AttemptResult) -> Void = { result in
            let done = completion
            completion = nil
            done?(result)
        }
        let file = MaildirFile(
            settings, name: MaildirFile.name(of: message, route: route), content: message.content, files: files,
            folders: folders)
        let bound = NIOLoopBound(complete, eventLoop: eventLoop)
        do throws(OSError) {
            try worker.run { [eventLoop] in
                let result = file.write()
                eventLoop.execute { bound.value(result) }
            }
        } catch {
            complete(.postponed("no thread to write a file: \(error)"))
        }
        // A disk that hangs cannot be stopped, nor need it be waited for: what it writes later has the same name.
        return { complete(.abandoned) }
    }
}

/// The maildirs whose directories are known to be on the disk. Somebody, this process at an attempt that failed or one before
/// it, may have made them without that.
final class MaildirFolders: Sendable {
    private let known = Mutex<Set<String>>([])

    func contains(_ directory: String) -> Bool { known.withLock { $0.contains(directory) } }

    func note(_ directory: String, isOnDisk: Bool) {
        known.withLock { known in
            if isOnDisk { known.insert(directory) } else { known.remove(directory) }
        }
    }
}

/// One file of a maildir, from `tmp` to `new` (maildir(5)).
struct MaildirFile: Sendable {
    let settings: FileTargetSettings
    let name: String
    let content: ByteBuffer
    let files: any FileStore
    let folders: MaildirFolders

    init(
        _ settings: FileTargetSettings, name: String, content: ByteBuffer, files: any FileStore, folders: MaildirFolders
    ) {
        self.settings = settings
        self.name = name
        self.content = content
        self.files = files
        self.folders = folders
    }

    private var directory: String { settings.directory }

    /// `<seconds>.M<microseconds>Q<position>I<hash>.<host>`, all of it the message's and the route's own, but for the host.
    static func name(of message: StoredMessage, route: String) -> String {
        let milliseconds = max(0, message.received.millisecondsSince1970)
        let identity = Array("\(route)\u{0}\(message.id)".utf8)
        let hash = ((try? SHA256.hash(identity)) ?? []).prefix(8).reduce(0) { UInt64($0) << 8 | UInt64($1) }
        let digits = String(hash, radix: 16)
        return "\(milliseconds / 1000).M\(milliseconds % 1000 * 1000)Q\(message.position.rawValue)I\(digits).\(host)"
    }

    /// Writes the file and sees that it is on the disk.
    func write() -> AttemptResult {
        do throws(OSError) {
            try makeFolders()
            let temporary = "\(directory)/tmp/\(name)"
            // What a crash left there goes.
            try? files.remove(temporary)
            try files.write(Array(content.readableBytesView), to: temporary, mode: settings.mode)
            try files.rename(temporary, to: "\(directory)/new/\(name)")
            try files.syncDirectory("\(directory)/new")
            folders.note(directory, isOnDisk: true)
            return .confirmed
        } catch {
            folders.note(directory, isOnDisk: false)
            let isForbidden = error.number == EROFS || error.number == EACCES
            let advice = isForbidden ? ". For the drop-in that lets the service write there: mpushd check" : ""
            let reason = "\(directory): \(error)\(advice)"
            let isShortage = OSError.isShortage(error.number) || error.number == ENOSPC || error.number == EDQUOT
            return isShortage ? .postponed(reason) : .unavailable(reason)
        }
    }

    private func makeFolders() throws(OSError) {
        let areOnDisk = folders.contains(directory)
        for path in ["", "/tmp", "/new", "/cur"].map({ directory + $0 }) {
            if areOnDisk {
                try files.makeDirectory(path, mode: settings.folderMode)
            } else {
                try files.keepDirectory(path, mode: settings.folderMode)
            }
        }
    }

    /// The machine's name; what would end a part of the name is spelled out as maildir(5) says.
    private static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.replacing("/", with: "\\057").replacing(":", with: "\\072")
    }()
}
