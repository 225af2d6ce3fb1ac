/// The targets of Core and Shell and what each depends on, as Package.swift declares them.
struct TargetGraph {
    struct Target: Equatable {
        let name: String
        let floor: String
        /// Other targets, and products of packages by their names.
        let dependencies: Set<String>
    }

    let targets: [Target]

    /// Reads the calls of `core` and `shell` in `manifest`.
    init(manifest: String) {
        let products = Dictionary(
            manifest.matches(of: /let (\w+): Target\.Dependency = \.product\(name: "(\w+)"/)
                .map { (String($0.1), String($0.2)) }, uniquingKeysWith: { first, _ in first })
        targets = manifest.matches(of: /\b(core|shell)\(\s*"(\w+)"(?:,\s*\[([^\]]*)\])?/).map { match in
            let words = (match.3 ?? "").split { !$0.isLetter && !$0.isNumber }.map(String.init)
            return Target(
                name: String(match.2), floor: match.1 == "core" ? "Core" : "Shell",
                dependencies: Set(words.map { products[$0] ?? $0 }))
        }
    }

    /// How many arrows lie between a target and the ones that depend on no other: 0 for those. Nil for a cycle.
    func level(of name: String, below: Set<String> = []) -> Int? {
        guard !below.contains(name) else { return nil }
        guard let target = targets.first(where: { $0.name == name }) else { return nil }
        var level = 0
        for dependency in target.dependencies where targets.contains(where: { $0.name == dependency }) {
            guard let lower = self.level(of: dependency, below: below.union([name])) else { return nil }
            level = max(level, lower + 1)
        }
        return level
    }

    /// The row of docs/ARCHITECTURE.md for a target, but for its last column.
    func row(of target: Target) -> String {
        let own = target.dependencies.filter { name in targets.contains { $0.name == name } }
        let foreign = target.dependencies.subtracting(own)
        let level = level(of: target.name).map(String.init) ?? "a cycle"
        func list(_ names: Set<String>) -> String {
            names.isEmpty ? "-" : names.sorted().map { $0.replacing("MPush", with: "") }.joined(separator: " ")
        }
        return "| \(target.name) | \(target.floor) | \(level) | \(list(own)) | \(list(foreign)) |"
    }
}
