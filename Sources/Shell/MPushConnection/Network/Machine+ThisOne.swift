import CLinux
import Glibc
package import MPushPlatform
import MPushSystemd

extension Machine {
    /// The machine that this process runs on: made by programs alone, and handed on.
    package static var thisOne: Machine {
        let (clock, threads) = (MachineClock(), ShortThreads())
        return Machine(
            clock: clock, threads: threads, network: MachineNetwork(threads: threads),
            routes: MachineRoutes(),
            sleepNews: SystemBusSleep(address: ServiceEnvironment.process["DBUS_SYSTEM_BUS_ADDRESS"]),
            files: MachineFiles(), memory: ProcessMemory(),
            programs: { eventLoop, patience in
                ProgramRunner(on: eventLoop, clock: clock, threads: threads, patience: patience)
            })
    }
}

/// The memory of this process.
private struct ProcessMemory: MemoryKeeper {
    func trim() { malloc_trim(0) }

    func releaseStartCode() { clinux_release_code() }
}
