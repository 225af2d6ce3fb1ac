import Glibc
import MPushCipher
import MPushPlatform
import MPushSession
import MPushSystemd
import NIOCore

/// Keeps one identity's session ticket in a file of the state directory, so that a session survives a restart. Reads at
/// once, at the start; writes in order, on the worker's thread, because a sync of the disk may take long. Belongs to its
/// event loop.
final class TicketStore {
    private enum Work: Sendable {
        case write(SessionTicket, serverKey: String)
        case remove
    }

    private let path: String
    /// The fingerprint of the server's RSA key: a ticket is of no use with another.
    private var serverKey: String
    private let log: Logger
    private let eventLoop: any EventLoop
    private let worker: SerialWorker
    private let onIdle: () -> Void
    private var waiting: Work?
    private var isBusy = false
    private var hasComplained = false
    /// The ticket in force; what was written or is about to be.
    private(set) var ticket: SessionTicket?

    /// The store of the identity `name` in `directory`, for the server whose RSA key is `serverKey`. `onIdle` hears that
    /// all is written.
    init(
        directory: String, identity name: String, serverKey: RSAPublicKey, log: Logger, worker: SerialWorker,
        on eventLoop: any EventLoop, onIdle: @escaping () -> Void
    ) {
        path = "\(directory)/\(name).ticket"
        self.serverKey = serverKey.fingerprint.description
        self.log = log
        self.eventLoop = eventLoop
        self.worker = worker
        self.onIdle = onIdle
    }

    /// Whether the file is as `ticket` says, as far as that could be brought about.
    var isIdle: Bool { !isBusy && waiting == nil }

    /// Reads the stored ticket. One that is damaged is set aside and said so; one of another server's is left alone.
    func load() {
        do throws(OSError) {
            let text = try FileSystem.read(path, maximum: TicketFile.longest)
            guard let stored = TicketFile.ticket(in: text) else { return setAside("is damaged") }
            if stored.serverKey == serverKey { ticket = stored.ticket }
        } catch {
            switch error.number {
            case ENOENT: break
            case EFBIG: setAside("is too long to be one")
            default: complain("cannot be read: \(OSError.words(for: error.number))")
            }
        }
    }

    /// Keeps `ticket` in place of the one before; nil forgets that.
    func keep(_ ticket: SessionTicket?) {
        guard ticket != self.ticket else { return }
        self.ticket = ticket
        waiting = ticket.map { .write($0, serverKey: serverKey) } ?? .remove
        startWork()
    }

    /// The server has another RSA key now: the ticket is worthless.
    func serverKeyChanged(to key: RSAPublicKey) {
        serverKey = key.fingerprint.description
        keep(nil)
    }

    private func startWork() {
        guard !isBusy, let work = waiting else { return }
        waiting = nil
        isBusy = true
        let store = NIOLoopBound(self, eventLoop: eventLoop)
        do {
            try worker.run { [path, eventLoop] in
                let complaint = TicketStore.perform(work, path: path)
                eventLoop.execute { store.value.done(complaint) }
            }
        } catch {
            done("\(error)")
        }
    }

    private func done(_ complaint: String?) {
        isBusy = false
        if let complaint { complain(complaint) } else { hasComplained = false }
        startWork()
        if isIdle { onIdle() }
    }

    /// What went wrong, in words; nil where nothing did.
    private static func perform(_ work: Work, path: String) -> String? {
        do {
            switch work {
            case .write(let ticket, let serverKey):
                try FileSystem.replace(path, with: TicketFile.text(ticket, serverKey: serverKey))
            case .remove:
                try FileSystem.remove(path)
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func setAside(_ what: String) {
        do throws(OSError) {
            try FileSystem.setAside(path, suffix: ".damaged")
            log.log(
                .ticketDamaged, "the stored session \(path) \(what); set aside as \(path).damaged, a handshake follows",
                [.file(path)])
        } catch {
            log.log(
                .ticketDamaged, "the stored session \(path) \(what) and cannot be set aside: \(error)", [.file(path)])
        }
    }

    private func complain(_ what: String) {
        guard !hasComplained else { return }
        hasComplained = true
        log.log(
            .ticketNotStored, "the session cannot be stored in \(path): \(what); after a restart a handshake follows",
            [.file(path)])
    }
}
