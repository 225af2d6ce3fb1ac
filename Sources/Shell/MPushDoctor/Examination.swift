package import MPushModel
package import MPushPlatform
package import NIOCore

/// One whole walk of the doctor, whose findings are kept. Belongs to its event loop, and lives until the walk has ended.
package final class Examination: DoctorObserver {
    /// What a walk came to.
    package struct Findings: Sendable {
        package let reports: [StepReport]
        package let verdict: Verdict
        /// What the server showed, its own certificate first.
        package let certificates: [ShownCertificate]

        /// As `mpushd doctor` prints it, without colours.
        package var text: String {
            let text = DoctorText(style: Style(isColoured: false))
            return (text.lines(verdict) + reports.flatMap(text.lines)).joined(separator: "\n") + "\n"
        }
    }

    private let promise: EventLoopPromise<Findings>
    private var doctor: Doctor?
    /// Nobody else holds it: the doctor does so weakly.
    private var itself: Examination?
    private var reports: [StepReport] = []
    private var certificates: [ShownCertificate] = []

    private init(_ promise: EventLoopPromise<Findings>) {
        self.promise = promise
    }

    /// Walks, on `eventLoop`, where this has to be called.
    package static func findings(
        of options: DoctorOptions, machine: Machine, on eventLoop: any EventLoop
    ) -> EventLoopFuture<Findings> {
        let promise = eventLoop.makePromise(of: Findings.self)
        let examination = Examination(promise)
        let doctor = Doctor(options, machine: machine, on: eventLoop, observer: examination)
        (examination.doctor, examination.itself) = (doctor, examination)
        doctor.start()
        return promise.futureResult
    }

    package func stepBegan(_ step: DoctorStep) {}

    package func certificatesShown(_ chain: [ShownCertificate]) { certificates = chain }

    package func stepEnded(_ report: StepReport) { reports.append(report) }

    package func walkEnded(_ verdict: Verdict) {
        promise.succeed(Findings(reports: reports, verdict: verdict, certificates: certificates))
        // Not at once: the doctor is in the middle of telling us.
        promise.futureResult.eventLoop.assumeIsolated().execute { [self] in (doctor, itself) = (nil, nil) }
    }
}
