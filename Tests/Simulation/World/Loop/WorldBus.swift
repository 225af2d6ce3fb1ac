package import MPushPlatform

/// The system bus of a machine in a world, on which its logind says that it sleeps and that it has woken.
package final class WorldBus: SleepNews, @unchecked Sendable {
    /// Whether there is one, and a logind on it.
    package var isThere: Bool
    /// How long after the machine that is said: first everything else goes on.
    package var delay: Duration
    private var watches: [Weak] = []

    private struct Weak {
        weak var watch: WorldSleepWatch?
    }

    /// A machine may have one or not.
    init(_ random: WorldRandom) {
        isThere = random.chance(0.5)
        delay = random.duration(in: .zero ... .seconds(3))
    }

    package func watch(by timer: LoopTimer, onNews: @escaping (SleepEvent) -> Void) -> any SleepWatch {
        let watch = WorldSleepWatch(timer: timer, onNews: onNews)
        watches = watches.filter { $0.watch != nil } + [Weak(watch: watch)]
        onNews(isThere ? .listening : .unheard(reason: "no such file or directory"))
        return watch
    }

    func sleeps() {
        guard isThere else { return }
        for entry in watches { entry.watch?.sleeps() }
    }

    func woke() {
        guard isThere else { return }
        for entry in watches { entry.watch?.woke(in: delay) }
    }
}

private final class WorldSleepWatch: SleepWatch {
    private let timer: LoopTimer
    private var onNews: ((SleepEvent) -> Void)?

    init(timer: LoopTimer, onNews: @escaping (SleepEvent) -> Void) {
        self.timer = timer
        self.onNews = onNews
    }

    func sleeps() { onNews?(.sleeps) }

    func woke(in delay: Duration) {
        timer.schedule(in: delay) { [weak self] in self?.onNews?(.woke) }
    }

    func close() { onNews = nil }
}
