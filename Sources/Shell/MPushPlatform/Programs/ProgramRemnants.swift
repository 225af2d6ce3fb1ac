import Glibc
import Synchronization

/// Processes that programs left behind in their groups when they ended. They have a little time to end as well, since many
/// are on the point of it; then they are told to, and at last killed: a program's processes end with it.
final class ProgramRemnants: Sendable {
    /// Groups at once: of more, the oldest are killed.
    static let most = 128
    /// How long they have by themselves, and after SIGTERM.
    static let patience = Duration.seconds(2)
    /// Between two looks: nobody tells when a process ends that is not ours.
    static let interval = Duration.milliseconds(50)

    private struct Group: Sendable {
        let number: pid_t
        var deadline: Duration
        var wasTold = false
        let onTold: @Sendable () -> Void

        /// Whether there are processes in it. Its number is no other's as long as that is so, and is looked at often enough
        /// not to be given away meanwhile.
        var isThere: Bool { kill(-number, 0) == 0 || errno == EPERM }

        func end(_ signal: CInt) {
            kill(-number, signal)
            // A stopped process does not see SIGTERM before it goes on.
            kill(-number, SIGCONT)
        }
    }

    private let groups = Mutex<[Group]>([])

    var isEmpty: Bool { groups.withLock(\.isEmpty) }

    /// The leader of the group has ended and is reaped. `onTold` is called, on the thread that calls `attend`, if what it left
    /// has to be told to end.
    func add(_ number: pid_t, at now: Duration, onTold: @escaping @Sendable () -> Void) {
        let group = Group(number: number, deadline: now + ProgramRemnants.patience, onTold: onTold)
        guard group.isThere else { return }
        groups.withLock { groups in
            groups.append(group)
            guard groups.count > ProgramRemnants.most else { return }
            groups.removeFirst().end(SIGKILL)
        }
    }

    /// Tells those to end whose time is over.
    func attend(at now: Duration) {
        let told = groups.withLock { groups in
            var told: [Group] = []
            groups = groups.compactMap { group in
                guard group.isThere else { return nil }
                guard group.deadline <= now else { return group }
                guard !group.wasTold else {
                    group.end(SIGKILL)
                    return nil
                }
                var group = group
                group.end(SIGTERM)
                group.wasTold = true
                group.deadline = now + RunningProgram.grace
                told.append(group)
                return group
            }
            return told
        }
        for group in told { group.onTold() }
    }

    /// Kills all, because the daemon ends.
    func killAll() {
        groups.withLock { groups in
            for group in groups where group.isThere { group.end(SIGKILL) }
            groups = []
        }
    }
}
