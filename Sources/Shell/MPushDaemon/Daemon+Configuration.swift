import CLinux
package import MPushConfiguration
import MPushConnection
import MPushDelivery
import MPushIdentity
import MPushInbox
import MPushLocalAPI
import MPushModel
import MPushPlatform
import MPushSystemd
import MPushTLS
import NIOCore

extension Daemon: ConfigurationOwner {
    /// Reads the configuration again. What is good is in force when this returns; what is bad changes nothing, and is
    /// thrown after it was logged.
    package func reload() throws(ConfigurationErrors) {
        guard !isStopping else { return }
        notifier.reloading()
        defer {
            lastStatus = StatusLine.text(for: parts?.fleet.summary ?? FleetSummary())
            notifier.ready(status: lastStatus)
        }
        do throws(ConfigurationErrors) {
            let new = try SettingsLoader.load(
                options.configurationFile, version: options.version, now: services.timer.wall)
            apply(new)
            log.log(
                .configurationReloaded, "configuration reloaded: \(new.summary)", [.file(options.configurationFile)])
            // Two revocation lists of 100,000 entries are 50 MB while the new takes the old one's place. By the next turn the
            // old one is gone, and what it took goes back to the machine.
            services.eventLoop.execute { malloc_trim(0) }
        } catch {
            log.reject(error, file: options.configurationFile, consequence: "the configuration before stays in force")
            throw error
        }
    }

    private func apply(_ new: LoadedSettings) {
        log.minimumLevel = new.logLevel
        warn(of: new)
        reportLateChanges(in: new.configuration)
        settings = new
        events.identitiesChanged(to: Set(new.identities.map(\.name)))
        services.inbox.apply(new.configuration.inbox)
        // What system certificates are trusted may have changed without the key of the sessions knowing.
        services.tlsSessions.removeAll()
        guard case .running(let parts) = phase else { return }
        parts.api.apply(new.configuration.api)
        parts.intake.consumerAck = new.configuration.inbox.consumerAck
        parts.delivery.apply(new.routes)
        parts.fleet.apply(new)
    }

    /// Which changed keys are not in force with this reload, and when they are.
    private func reportLateChanges(in new: Configuration) {
        let changes = Configuration.changes(from: settings.configuration, to: new)
        let atNextConnection = changes.filter { $0.effect == .atNextConnection }.map(\.path)
        if !atNextConnection.isEmpty {
            log.log(.notice, "in force from the next connection on: \(atNextConnection.joined(separator: ", "))")
        }
        // Since the start: what one reload did not put in force, the next one does not either.
        let atRestart = digestAtStart.changes(to: new.digest).filter { $0.effect == .atRestart }.map(\.path)
        if !atRestart.isEmpty {
            log.log(.notice, "read at the start only, restart mpushd for it: \(atRestart.joined(separator: ", "))")
        }
    }

    func warn(of settings: LoadedSettings) {
        for warning in settings.warnings { log.warn(of: warning, in: settings) }
    }
}
