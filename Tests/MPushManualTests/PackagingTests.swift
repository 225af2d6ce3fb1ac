import Foundation
import MPushModel
import MPushTestSupport
import Testing

/// What the package and the documents around it say must agree with each other and with the tree.
@Suite struct PackagingTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: ManualTests.project.appending(path: path), encoding: .utf8)
    }

    // MARK: - Versions

    @Test func allHaveTheSameVersion() throws {
        let version = ProgramVersion.current
        #expect(try Self.text("debian/changelog").hasPrefix("mpushd (\(version)-"))
        let changes = try Self.text("CHANGELOG.md")
        let newest = try #require(changes.firstMatch(of: /\n## (\S+) \((\S+)\)\n/))
        #expect(newest.1 == version && newest.2 == ProgramVersion.day)
        for program in ["mpushd", "mpushctl", "mpush-sim"] {
            #expect(try BuiltProgram.run(program, ["--version"]).output == "\(program) \(version)\n")
        }
        #expect(try Self.text("README.md").contains("mpushd_\(version)-1_amd64.deb"))
    }

    // MARK: - Units

    /// The lines of a unit that say something.
    private static func settings(_ name: String) throws -> [String] {
        try text("systemd/\(name)").split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
    }

    /// One block of confinement: an instance differs in its places only.
    @Test func instancesAreConfinedAsTheServiceIs() throws {
        let service = try Self.settings("mpushd.service")
        let instance = try Self.settings("mpushd@.service")
        let places = [
            "Description=", "Wants=", "After=mpushd", "ExecStart=", "Environment=MPUSHD_SOCKET=",
            "ConfigurationDirectory=", "StateDirectory=", "TemporaryFileSystem=", "BindReadOnlyPaths=",
            "InaccessiblePaths=", "Also=",
        ]
        func common(_ lines: [String]) -> [String] {
            lines.filter { line in !places.contains { line.hasPrefix($0) } }
        }
        #expect(common(service) == common(instance))
        #expect(common(service).count > 50)
        let sockets = try (Self.settings("mpushd.socket"), Self.settings("mpushd@.socket"))
        #expect(zip(sockets.0, sockets.1).filter { $0 != $1 }.count == 2)
    }

    // MARK: - Documents

    @Test func everyDependencyHasItsReason() throws {
        let contributing = try Self.text(".github/CONTRIBUTING.md")
        let manifest = try Self.text("Package.swift")
        let packages = manifest.matches(of: /github\.com\/apple\/([a-z-]+)", \.upToNextMinor\(from: "(\d+\.\d+)\.\d+"/)
        #expect(packages.count == manifest.matches(of: /\.package\(/).count)
        for package in packages {
            #expect(contributing.contains("| \(package.1) | \(package.2).x |"), "\(package.1)")
        }
        for library in manifest.matches(of: /apt: "([a-z0-9-]+)"/) {
            #expect(contributing.contains("| \(library.1) |"), "\(library.1)")
        }
        #expect(contributing.contains("| libtomlplusplus-dev |"))
    }

    @Test func whatTheDocumentsNameIsThere() throws {
        let documents = try Documents.all()
        for file in documents + [".github/CONTRIBUTING.md", "docs/decisions/README.md"] {
            let folder = ManualTests.project.appending(path: file).deletingLastPathComponent()
            for link in try Self.text(file).matches(of: /\]\(([^):#]+)(#[^)]*)?\)/) {
                // A link of .github is shown, and meant, from the root.
                let places = file.hasPrefix(".github/") ? [folder, ManualTests.project] : [folder]
                let isThere = places.contains {
                    FileManager.default.fileExists(atPath: $0.appending(path: String(link.1)).path)
                }
                #expect(isThere, "\(file): \(link.1)")
            }
        }
        let text = try documents.map(Self.text).joined(separator: "\n")
        let examples = try ["config/examples", "systemd/examples"].flatMap {
            try FileManager.default.contentsOfDirectory(atPath: ManualTests.project.appending(path: $0).path)
        }
        for example in examples where !example.hasSuffix(".test.yml") {
            #expect(text.contains(example), "no document names \(example)")
        }
        let makefile = try Self.text("Makefile")
        for command in text.matches(of: /(?m)(?:`|^|[A-Z]=\S+ )make ([a-z ]+[a-z])/) {
            for target in command.1.split(separator: " ") {
                #expect(makefile.contains("\n\(target):"), "make \(target)")
            }
        }
    }

    @Test func theReadmeIsOnePage() throws {
        let readme = try Self.text("README.md")
        #expect(readme.split(separator: "\n", omittingEmptySubsequences: false).count <= 121)
        for document in try Documents.all() where document != "README.md" {
            #expect(readme.contains("](\(document))"), "README.md does not lead to \(document)")
        }
    }

    /// Who has read the README knows what CI runs.
    @Test func continuousIntegrationRunsWhatTheReadmeSays() throws {
        let targets = try #require(Self.text(".ci/run").firstMatch(of: /exec (make [a-z ]+)\n/)).1
        for document in ["README.md", "docs/develop.md"] { #expect(try Self.text(document).contains("`\(targets)`")) }
    }

    /// Every program that a unit starts is one that is installed, at the place that `make install` rewrites.
    @Test func unitsStartWhatIsInstalled() throws {
        for unit in ["mpushd.service", "mpushd@.service"] {
            let commands = try Self.settings(unit).filter { $0.hasPrefix("Exec") }
            #expect(commands.count == 2)
            for command in commands { #expect(command.contains("=/usr/bin/mpush"), "\(command)") }
        }
    }

    /// A SIGTERM of systemd's to a route's program would be a failed attempt; to mpushd alone, it is a stop.
    @Test(arguments: ["mpushd.service", "mpushd@.service"])
    func aStopLeavesProgramsOfRoutesToTheDaemon(unit: String) throws {
        #expect(try Self.settings(unit).contains("KillMode=mixed"))
    }
}
