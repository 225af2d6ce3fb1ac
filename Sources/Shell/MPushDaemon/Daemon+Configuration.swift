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
        // While the inbox is still being opened the service is not ready, and a reload does not make it so.
        let isRunning = parts != nil
        if isRunning { notifier.reloading() }
        defer {
            if isRunning {
                lastStatus = StatusLine.text(for: parts?.fleet.summary ?? FleetSummary(), by: machine.clock)
                notifier.ready(status: lastStatus)
            }
        }
        do throws(ConfigurationErrors) {
            let new = try SettingsLoader.load(
                options.configurationFile, version: options.version, now: services.timer.wall,
                environment: environment)
            apply(new)
            log.log(
                .configurationReloaded, "configuration reloaded: \(new.summary)", [.file(options.configurationFile)])
            // Two revocation lists of 100,000 entries are 50 MB: by the next turn the old one is gone, and so is its memory.
            services.eventLoop.execute { [memory = machine.memory] in memory.trim() }
        } catch {
            log.reject(error, file: options.configurationFile, consequence: "the configuration before stays in force")
            throw error
        }
    }

    private func apply(_ new: LoadedSettings) {
        log.minimumLevel = new.logLevel
        warn(of: new)
        let notices = new.configuration.digest.notices(after: settings.configuration.digest, start: digestAtStart)
        for notice in notices { log.log(.notice, "\(notice)") }
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

    func warn(of settings: LoadedSettings) {
        for warning in settings.warnings { log.warn(of: warning, in: settings) }
    }
}
