import Testing

@testable import mpushctl

/// What the service manager says of a daemon that is not there.
@Suite struct ServiceStateTests {
    private func sentence(_ show: String, journal: String = "") -> String? {
        ServiceState(of: "mpushd.service", show: show.replacing(" ", with: "\n"), journal: journal).sentence
    }

    @Test func aStartThatFailsIsToldWithItsReason() {
        let journal = """
            mpushd.service: Scheduled restart job, restart counter is at 3.
            mpushd.service: Failed to set up mount namespacing: /srv/push: No such file or directory
            mpushd.service: Main process exited, code=exited, status=226/NAMESPACE
            """
        #expect(
            sentence(
                "LoadState=loaded ActiveState=activating SubState=auto-restart ExecMainCode=1 ExecMainStatus=226",
                journal: journal)
                == "mpushd.service is restarting: 226/NAMESPACE, Failed to set up mount namespacing: /srv/push: No such "
                + "file or directory")
    }

    @Test(arguments: [
        ("LoadState=not-found ActiveState=inactive", "is not installed."),
        (
            "LoadState=loaded ActiveState=inactive SubState=dead UnitFileState=disabled",
            "is stopped. To start it: sudo systemctl enable --now mpushd.service"
        ),
        (
            "LoadState=loaded ActiveState=inactive SubState=dead UnitFileState=enabled",
            "is stopped. To start it: sudo systemctl start mpushd.service"
        ),
        (
            "LoadState=loaded ActiveState=failed SubState=failed ExecMainCode=1 ExecMainStatus=78",
            "has failed: exit status 78, wrong configuration. See: mpushd check"
        ),
        (
            "LoadState=loaded ActiveState=failed SubState=failed ExecMainCode=2 ExecMainStatus=9",
            "has failed: ended by signal 9"
        ),
        ("LoadState=loaded ActiveState=activating SubState=start StatusText=opening", "is starting: opening"),
    ])
    func eachStateHasItsWords(show: String, words: String) {
        #expect(sentence(show) == "mpushd.service \(words)")
    }

    @Test func whatSaysNothingIsNotTold() {
        #expect(sentence("") == nil)
        #expect(sentence("Failed to connect to bus") == nil)
    }
}
