import MPushConfiguration
import MPushInbox
import MPushPlatform
import NIOCore

/// A folder in the manner of a maildir as a route's target: each message is a file in `new`, there whole or not at all, and
/// on the disk when it counts as handed over. Its content is the message's, as it was pushed.
///
/// The file's name is made of the message, not of the moment: a message that is handed over again, after a crash, takes
/// the place of its first copy where that still lies in `new`. Belongs to the event loop; the disk has a thread.
final class FileTarget: RouteTarget {
    let kind = "file"
    private let route: String
    private let settings: FileTargetSettings
    private let eventLoop: any EventLoop
    private let worker = SerialWorker()

    init(_ settings: FileTargetSettings, of route: String, on eventLoop: any EventLoop) {
        self.settings = settings
        self.route = route
        self.eventLoop = eventLoop
    }

    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void {
        var completion: ((AttemptResult) -> Void)? = done
        let complete: (AttemptResult) -> Void = { result in
            let done = completion
            completion = nil
            done?(result)
        }
        let file = MaildirFile(
            directory: settings.directory, name: MaildirFile.name(of: message, route: route), mode: settings.mode,
            content: message.content)
        let bound = NIOLoopBound(complete, eventLoop: eventLoop)
        do throws(OSError) {
            try worker.run { [eventLoop] in
                let result = file.write()
                eventLoop.execute { bound.value(result.map { .failed($0, retryAfter: nil) } ?? .confirmed) }
            }
        } catch {
            complete(.failed("no thread to write a file: \(error)", retryAfter: nil))
        }
        // A disk that hangs cannot be stopped, nor need it be waited for: what it writes later has the same name.
        return { complete(.abandoned) }
    }
}
