/// Deadlines of many owners in one queue, each owner with one deadline at most; the earliest is always at hand.
///
/// One timer of the operating system serves the whole queue, however many connections there are. Setting a deadline
/// anew leaves the old entry in the heap, where it is recognised as stale and thrown away; the heap is rebuilt when
/// stale entries outnumber the live ones, so it stays within twice the number of owners.
package struct DeadlineQueue<Owner: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        let instant: Instant
        let order: UInt64
        let owner: Owner
    }

    private var heap: [Entry] = []
    private var current: [Owner: (instant: Instant, order: UInt64)] = [:]
    private var nextOrder: UInt64 = 0

    /// An empty queue.
    package init() {}

    /// How many owners have a deadline.
    package var count: Int { current.count }

    /// The earliest deadline, nil when there is none.
    package var earliest: Instant? { heap.first?.instant }

    /// Sets the deadline of `owner`, in place of the one it had; nil removes it.
    package mutating func set(_ deadline: Instant?, for owner: Owner) {
        if let deadline {
            if current[owner]?.instant == deadline { return }
            nextOrder += 1
            current[owner] = (deadline, nextOrder)
            heap.append(Entry(instant: deadline, order: nextOrder, owner: owner))
            siftUp(heap.count - 1)
        } else if current.removeValue(forKey: owner) == nil {
            return
        }
        dropStale()
    }

    /// Takes out one owner whose deadline is at `now` or before it, earliest first; nil when none is due.
    package mutating func popDue(at now: Instant) -> Owner? {
        guard let first = heap.first, first.instant <= now else { return nil }
        current.removeValue(forKey: first.owner)
        dropStale()
        return first.owner
    }

    private func isStale(_ entry: Entry) -> Bool { current[entry.owner]?.order != entry.order }

    private mutating func dropStale() {
        if heap.count > 2 * current.count + 8 {
            heap = heap.filter { !isStale($0) }
            for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
        }
        while let first = heap.first, isStale(first) { removeFirst() }
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        siftDown(0)
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        (heap[left].instant, heap[left].order) < (heap[right].instant, heap[right].order)
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var first = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, first) {
                first = child
            }
            if first == parent { return }
            heap.swapAt(parent, first)
            parent = first
        }
    }
}
