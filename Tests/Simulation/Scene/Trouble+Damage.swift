import Glibc
import MPushModel
import MPushWorld

/// What is wrong with a disk that says that all is well.
extension Trouble {
    /// What a log held is lost with its beginning, and is not the daemon's loss; but nothing else may be lost or confused.
    /// - Parameter forgotten: names that were written to the log may not be known any more.
    static func damage(_ forgotten: @escaping () -> Void) -> Trouble {
        Trouble("the log of the inbox is damaged", lasts: .seconds(600)) { world in
            let (device, path) = (world.device, "\(Device.stateDirectory)/inbox.db-wal")
            // A database that was not written down whole needs its log.
            guard device.hasPower, device.disk.troubles == DiskTroubles() else { return }
            device.cutPower(for: world.random.skewedDuration(in: .seconds(20) ... .seconds(600)), wall: nil)
            guard device.disk.damage(path, first: 32) else { return }
            world.note("what it held is lost")
            world.ledger.lostOnTheWay()
            // Until acknowledgements that had left are there.
            world.scheduler.schedule(in: .seconds(15)) { world.ledger.lostOnTheWay() }
            forgotten()
        }
    }

    /// What an attempt that failed has left behind looks as if it were there.
    static var newFolder: Trouble {
        Trouble("a folder is new while syncs fail", weight: 3, isDeed: true) { world in
            let disk = world.device.disk
            disk.troubles.syncFailures = 0.7
            let before = world.routes
            world.changeConfiguration { $0.addFolder() }
            for route in before.subtracting(world.routes).sorted() { world.ledger.removed(route) }
            world.sender.sendNow(3)
            world.undo(in: .seconds(20) ... .seconds(120)) { disk.calmDown() }
            world.scheduler.schedule(in: .seconds(400)) {
                guard !world.isPeaceful, !world.isQuiet else { return }
                world.device.cutPower(for: .seconds(10), wall: nil)
            }
        }
    }
}

extension Trouble {
    /// That many messages were delivered is noted without a sync. Then one fails, and what comes next brings the log into the
    /// database.
    static func failedSyncOfNotes(weight: Int) -> Trouble {
        Trouble("many are delivered, a sync fails, and then the power", weight: weight) { world in
            let (disk, route) = (world.device.disk, world.random.element(of: world.programs))
            guard world.device.daemon != nil, disk.troubles == DiskTroubles() else { return }
            world.device.moods[route].cannotStart = ENOENT
            world.sender.sendNow(60 + world.random.below(120))
            world.undo(in: .seconds(5) ... .seconds(30)) {
                world.device.moods[route].cannotStart = nil
                world.undo(in: .seconds(20) ... .seconds(200)) {
                    guard !world.isPeaceful, !world.isQuiet, disk.troubles == DiskTroubles() else { return }
                    disk.troubles.syncFailures = 1
                    world.sender.sendNow(1 + world.random.below(4))
                    world.undo(in: .milliseconds(10) ... .seconds(2)) {
                        disk.calmDown()
                        guard !world.isPeaceful, !world.isQuiet else { return }
                        disk.failPower(after: world.random.below(100))
                        world.sender.sendNow(1 + world.random.below(4))
                    }
                }
            }
        }
    }

    /// What is stored behind a place of the log that was not written is there only as long as the power is.
    static func failedSync(weight: Int) -> Trouble {
        Trouble("syncs fail while messages are stored, and then the power", weight: weight) { world in
            let disk = world.device.disk
            guard world.device.daemon != nil, disk.troubles == DiskTroubles() else { return }
            disk.troubles.syncFailures = 0.5
            world.sender.sendNow(2 + world.random.below(10))
            world.undo(in: .seconds(1) ... .seconds(10)) {
                disk.calmDown()
                guard !world.isPeaceful, !world.isQuiet else { return }
                world.sender.sendNow(2 + world.random.below(10))
                disk.failPower(after: 5 + world.random.below(80))
            }
        }
    }
}

extension WorldConfiguration {
    /// In place of the oldest one, where there are enough.
    mutating func addFolder() {
        changes += 1
        if programs.count + folders.count >= WorldConfiguration.mostRoutes, !folders.isEmpty { folders.removeFirst() }
        folders.append("added\(changes)")
    }
}
