import Glibc
import MPushPlatform

/// A directory: the names that programs see in it, and those that are on the disk.
final class DirectoryNode {
    let number: UInt64
    fileprivate(set) var names: [String: Node] = [:]
    fileprivate var durable: [String: Node] = [:]

    fileprivate init(number: UInt64) {
        self.number = number
    }
}

/// What has a name.
enum Node {
    case file(FileNode)
    case directory(DirectoryNode)
}

/// The directories and the names in them. A change of names is on the disk when a directory that it changes is synced; what
/// was not synced is lost at a power cut, or not.
///
/// As with a file system that keeps a journal, a change is there as a whole or not at all, a renaming from one directory to
/// another as well, and never without an earlier one that it builds upon.
final class NameTree {
    /// One or two names that change together; nil removes the name.
    private struct Change {
        struct Edit {
            let directory: DirectoryNode
            let name: String
            let node: Node?
        }

        let edits: [Edit]

        func touches(_ directory: DirectoryNode) -> Bool { edits.contains { $0.directory === directory } }
    }

    private struct Key: Hashable {
        let directory: ObjectIdentifier
        let name: String

        init(_ edit: Change.Edit) {
            directory = ObjectIdentifier(edit.directory)
            name = edit.name
        }
    }

    /// A journal is written now and then on its own.
    private static let mostUnsynced = 4096

    private let root = DirectoryNode(number: 1)
    /// A directory in the root that nobody finds: a disk of its own that is not mounted.
    var hidden: String?
    private var lastNumber: UInt64 = 1
    /// In order.
    private var unsynced: [Change] = []

    // MARK: - Looking

    /// What lies at an absolute path: ENOENT where nothing does, ENOTDIR where a file stands in place of a directory.
    func look(at path: some StringProtocol, _ operation: String) throws(OSError) -> Node {
        var node = Node.directory(root)
        for name in path.split(separator: "/") {
            guard case .directory(let directory) = node else { throw OSError(ENOTDIR, operation) }
            guard let next = directory.names[String(name)], directory !== root || name != hidden ?? "" else {
                throw OSError(ENOENT, operation)
            }
            node = next
        }
        return node
    }

    /// What lies at an absolute path; nil for nothing.
    func node(at path: String) -> Node? { try? look(at: path, "") }

    func file(at path: String) -> FileNode? {
        guard case .file(let file) = node(at: path) else { return nil }
        return file
    }

    func directory(at path: some StringProtocol, _ operation: String) throws(OSError) -> DirectoryNode {
        guard case .directory(let directory) = try look(at: path, operation) else {
            throw OSError(ENOTDIR, operation)
        }
        return directory
    }

    /// The directory in which the last name of `path` stands, and that name.
    func place(of path: String, _ operation: String) throws(OSError) -> (directory: DirectoryNode, name: String) {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        guard let slash = path.lastIndex(of: "/") else { throw OSError(ENOENT, operation) }
        let name = String(path[path.index(after: slash)...])
        guard !name.isEmpty else { throw OSError(EEXIST, operation) }
        return (try directory(at: path[..<slash], operation), name)
    }

    /// The names in a directory, in an order that is nobody's, but the same in each run.
    static func names(in directory: DirectoryNode) -> [String] {
        let keyed = directory.names.keys.map { name in
            var hash = ContentHash()
            hash.combine(name)
            return (hash: hash.value, name: name)
        }
        return keyed.sorted { ($0.hash, $0.name) < ($1.hash, $1.name) }.map(\.name)
    }

    /// All that has a name, in the order of the paths.
    func forEach(_ body: (_ path: String, _ node: Node) -> Void) {
        func visit(_ directory: DirectoryNode, at path: String) {
            for (name, node) in directory.names.sorted(by: { $0.key < $1.key }) {
                body("\(path)/\(name)", node)
                if case .directory(let inner) = node { visit(inner, at: "\(path)/\(name)") }
            }
        }
        visit(root, at: "")
    }

    /// All files that programs see, that a power cut brings back, or that it would.
    var held: [FileNode] {
        var files: [ObjectIdentifier: FileNode] = [:]
        func hold(_ node: Node?) {
            guard case .file(let file) = node else { return }
            files[ObjectIdentifier(file)] = file
        }
        func visit(_ directory: DirectoryNode) {
            for node in [directory.names.values, directory.durable.values].joined() {
                hold(node)
                if case .directory(let inner) = node { visit(inner) }
            }
        }
        visit(root)
        for edit in unsynced.lazy.flatMap(\.edits) { hold(edit.node) }
        return Array(files.values)
    }

    // MARK: - Changes

    /// An empty file without a name.
    func makeFile() -> FileNode {
        lastNumber += 1
        return FileNode(number: lastNumber)
    }

    func add(_ file: FileNode, to directory: DirectoryNode, as name: String) {
        file.links += 1
        apply(Change(edits: [.init(directory: directory, name: name, node: .file(file))]))
    }

    func addDirectory(to directory: DirectoryNode, as name: String) {
        lastNumber += 1
        let made = DirectoryNode(number: lastNumber)
        apply(Change(edits: [.init(directory: directory, name: name, node: .directory(made))]))
    }

    func remove(_ file: FileNode, from directory: DirectoryNode, as name: String) {
        file.links -= 1
        apply(Change(edits: [.init(directory: directory, name: name, node: nil)]))
    }

    /// Moves a file to another name, which may be one that another file has.
    func move(
        _ file: FileNode, from source: (directory: DirectoryNode, name: String),
        to target: (directory: DirectoryNode, name: String)
    ) {
        if case .file(let replaced) = target.directory.names[target.name] { replaced.links -= 1 }
        let removal = Change.Edit(directory: source.directory, name: source.name, node: nil)
        let addition = Change.Edit(directory: target.directory, name: target.name, node: .file(file))
        apply(Change(edits: [removal, addition]))
    }

    private func apply(_ change: Change) {
        for edit in change.edits { edit.directory.names[edit.name] = edit.node }
        unsynced.append(change)
        if unsynced.count > NameTree.mostUnsynced { commit(first: NameTree.mostUnsynced / 2) }
    }

    // MARK: - Sync and power cut

    /// Makes the names in `directory` durable.
    func sync(_ directory: DirectoryNode) {
        commit(unsynced.map { $0.touches(directory) })
    }

    /// Leaves the names that the disk has after a power cut: of the changes that were not synced the first ones, or any.
    /// - Parameter isOrdered: whether the changes reach the disk in their order.
    func losePower(isOrdered: Bool, using generator: inout some RandomNumberGenerator) {
        if isOrdered {
            let counts = [0, unsynced.count, Int.random(in: 0...unsynced.count, using: &generator)]
            commit(first: counts[Int.random(in: 0..<counts.count, using: &generator)])
        } else {
            let odds = CutOdds.random(using: &generator)
            var chosen: [Bool] = []
            for _ in unsynced { chosen.append(odds.isKept(using: &generator)) }
            commit(chosen)
        }
        unsynced = []
        restore(root)
    }

    private func commit(first count: Int) {
        commit(unsynced.indices.map { $0 < count })
    }

    /// Makes those that are chosen durable, with all earlier ones that concern the same names.
    private func commit(_ chosen: [Bool]) {
        var chosen = chosen
        var names: Set<Key> = []
        for index in unsynced.indices.reversed() {
            let keys = unsynced[index].edits.map(Key.init)
            guard chosen[index] || keys.contains(where: names.contains) else { continue }
            chosen[index] = true
            names.formUnion(keys)
        }
        var rest: [Change] = []
        for (change, isChosen) in zip(unsynced, chosen) {
            if isChosen {
                for edit in change.edits { edit.directory.durable[edit.name] = edit.node }
            } else {
                rest.append(change)
            }
        }
        unsynced = rest
    }

    /// Programs see what is durable. The directories do not come in an order, and need none.
    private func restore(_ directory: DirectoryNode) {
        directory.names = directory.durable
        for node in directory.names.values {
            if case .directory(let inner) = node { restore(inner) }
        }
    }
}
