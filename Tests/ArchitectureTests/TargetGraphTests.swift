import Testing

/// The target graph: Package.swift declares it, docs/ARCHITECTURE.md shows it, the imports use it, and they agree.
@Suite struct TargetGraphTests {
    private static let graph = Result { TargetGraph(manifest: try Project.text("Package.swift")) }

    @Test func theDocumentShowsTheGraph() throws {
        let graph = try Self.graph.get()
        let shown = try Project.text("docs/ARCHITECTURE.md").matches(of: /(?m)^(\| MPush.*\|) [^|]+ \|$/)
            .map { String($0.1) }
        let wanted = graph.targets.map(graph.row)
        for row in wanted { #expect(shown.contains(row), "docs/ARCHITECTURE.md lacks the row \(row)") }
        for row in shown { #expect(wanted.contains(row), "docs/ARCHITECTURE.md has a row too many: \(row)") }
    }

    @Test func thereAreTwentyTargetsOrFewer() throws {
        let count = try Self.graph.get().targets.count
        #expect(count >= 15 && count <= 20)
    }

    @Test func arrowsPointDown() throws {
        let graph = try Self.graph.get()
        for target in graph.targets {
            #expect(graph.level(of: target.name) != nil, "\(target.name) depends on itself")
            for other in graph.targets where target.dependencies.contains(other.name) {
                #expect(target.floor == "Shell" || other.floor == "Core", "\(target.name) -> \(other.name)")
            }
        }
    }

    /// The import check of SwiftPM finds what is imported and not declared; this finds what is declared and not imported.
    @Test func everyDependencyIsImported() throws {
        for target in try Self.graph.get().targets {
            let files = try SourceFile.all(on: target.floor).filter { $0.path[1] == target.name }
            #expect(!files.isEmpty, "\(target.name)")
            let imported = files.reduce(into: Set<String>()) { $0.formUnion($1.imports) }
            #expect(
                target.dependencies.subtracting(imported).sorted() == [],
                "\(target.name) does not import these: take them out of Package.swift")
        }
    }

    @Test func onlyTheRootDependsOnEverything() throws {
        for target in try Self.graph.get().targets {
            #expect(!target.dependencies.contains("MPushDaemon"), "\(target.name)")
            #expect(!target.dependencies.contains("MPushSimulator"), "\(target.name)")
        }
    }

    @Test func theManifestIsRead() {
        let manifest = """
            let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
            core("A"),
            core("B", ["A", nio]),
            shell(
                "C",
                ["A", "B"]),
            shell("D", ["D"]),
            """
        let graph = TargetGraph(manifest: manifest)
        #expect(graph.targets.map(\.name) == ["A", "B", "C", "D"])
        #expect(graph.targets[1].dependencies == ["A", "NIOCore"])
        #expect(["A", "B", "C", "D"].map { graph.level(of: $0) } == [0, 1, 2, nil])
        #expect(graph.row(of: graph.targets[1]) == "| B | Core | 1 | A | NIOCore |")
    }
}
