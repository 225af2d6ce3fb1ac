import Glibc
import MPushSession
import MPushSystemd
import NIOCore

/// Keeps one identity's session ticket in a file of the state directory, so that a session survives a restart. Reads at
/// once, at the start; writes in order, each on a short thread, because a sync of the disk may take long. Belongs to its
/// event loop.
final class TicketStore {
    private enum Work: Sendable {
        case write(SessionTicket)
        case remove
    }

    private let path: String
    private let serverKey: String
    private let log: Logger
    private let eventLoop: any EventLoop
    private var waiting: Work?
    private var isBusy = false
    private var hasComplained = false
    /// The ticket in force; what was written or is about to be.
    private(set) var ticket: SessionTicket?

    /// The store of the identity `name` in `directory`, for the server whose RSA key has the fingerprint `serverKey`.
    init(directory: String, identity name: String, serverKey: String, log: Logger, on eventLoop: any EventLoop) {
        path = "\(directory)/\(name).ticket"
        self.serverKey = serverKey
        self.log = log
        self.eventLoop = eventLoop
    }

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
        waiting = ticket.map(Work.write) ?? .remove
        startWork()
    }

    /// Does what still waits, here and now: for the end of the daemon.
    func finish() {
        guard let work = waiting else { return }
        waiting = nil
        done(TicketStore.perform(work, path: path, serverKey: serverKey))
    }

    private func startWork() {
        guard !isBusy, let work = waiting else { return }
        waiting = nil
        isBusy = true
        let store = NIOLoopBound(self, eventLoop: eventLoop)
        do {
            try ShortThread.run { [path, serverKey, eventLoop] in
                let complaint = TicketStore.perform(work, path: path, serverKey: serverKey)
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
    }

    /// What went wrong, in words; nil where nothing did.
    private static func perform(_ work: Work, path: String, serverKey: String) -> String? {
        do {
            switch work {
            case .write(let ticket):
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
