import CLinux
import Glibc
import MPushPlatform

/// Signals that would end this program, put off for as long as a program that it has started is not done; and SIGCHLD. Read
/// from a descriptor (signalfd(2)).
final class DeferredSignals {
    /// Can be read when there is one.
    let descriptor: CInt
    private var before: sigset_t
    /// The first that was to end us.
    private var first: CInt?

    init() throws(ControlFailure) {
        // Whoever started us may ignore it: no child would be waited for then, nor its end be told.
        signal(SIGCHLD, SIG_DFL)
        var (set, before) = (sigset_t(), sigset_t())
        sigemptyset(&set)
        sigaddset(&set, SIGCHLD)
        // A blocked signal is kept even where it is ignored, as nohup(1) and scripts have it: those are left alone.
        for number in [SIGINT, SIGTERM, SIGHUP] where clinux_is_ignored(number) == 0 { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, &before)
        descriptor = signalfd(-1, &set, CInt(SFD_NONBLOCK | SFD_CLOEXEC))
        self.before = before
        guard descriptor < 0 else { return }
        let error = OSError(errno, "signalfd")
        pthread_sigmask(SIG_SETMASK, &before, nil)
        throw .system(error)
    }

    /// The next that has come; nil where none has.
    func next() -> CInt? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(descriptor, &info, size) == size else { return nil }
        let number = CInt(bitPattern: info.ssi_signo)
        if number != SIGCHLD, first == nil { first = number }
        return number
    }

    /// The signals that a program is started with blocked.
    var inherited: sigset_t { before }

    /// Signals do again what they did; one that was put off does it now.
    func release() {
        while next() != nil {}
        close(descriptor)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        if let first { kill(getpid(), first) }
    }
}
