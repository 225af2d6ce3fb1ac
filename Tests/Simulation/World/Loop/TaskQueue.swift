import NIOCore

/// Work by the time when it is due, and by the order in which it came. A class, and careful: what it lets go of may have
/// a deinitializer that comes back to it.
final class TaskQueue {
    /// Names a task, which may have been done since.
    struct ID: Equatable, Sendable {
        fileprivate var slot: UInt32
        fileprivate var generation: UInt32

        /// For those who keep it as a number.
        var rawValue: UInt64 { UInt64(slot) << 32 | UInt64(generation) }

        init(rawValue: UInt64) {
            slot = UInt32(truncatingIfNeeded: rawValue >> 32)
            generation = UInt32(truncatingIfNeeded: rawValue)
        }

        fileprivate init(slot: UInt32, generation: UInt32) {
            self.slot = slot
            self.generation = generation
        }
    }

    private struct Slot {
        var work: (() -> Void)?
        /// Nil for what belongs to no machine.
        var loop: WorldLoop?
        var generation: UInt32 = 0
    }

    /// In the heap there is nothing but numbers, so that nothing is counted when it is put in order.
    private struct Entry {
        let time: Int64
        let order: UInt64
        let slot: UInt32

        func isBefore(_ other: Entry) -> Bool {
            time < other.time || (time == other.time && order < other.order)
        }
    }

    // Each access is short, and nothing of others runs during one: to check that at runtime costs a quarter of the time.
    @exclusivity(unchecked) private var heap: [Entry] = []
    @exclusivity(unchecked) private var ready = CircularBuffer<UInt32>(initialCapacity: 64)
    @exclusivity(unchecked) private var slots: [Slot] = []
    @exclusivity(unchecked) private var free: [UInt32] = []
    @exclusivity(unchecked) private var order: UInt64 = 0
    @exclusivity(unchecked) private var cancelled = 0

    /// How many wait, with some that were cancelled.
    var count: Int { heap.count + ready.count }

    /// Adds `work`; what is due by `now` comes after all that is.
    func add(at time: Int64, now: Int64, loop: WorldLoop?, _ work: @escaping () -> Void) -> ID {
        let slot: UInt32
        if let last = free.popLast() {
            slot = last
            slots[Int(slot)].work = work
            slots[Int(slot)].loop = loop
        } else {
            slot = UInt32(slots.count)
            slots.append(Slot(work: work, loop: loop))
        }
        if time <= now {
            ready.append(slot)
        } else {
            order += 1
            push(Entry(time: time, order: order, slot: slot))
        }
        return ID(slot: slot, generation: slots[Int(slot)].generation)
    }

    /// What was added is not done any more. Costs nothing where it was done.
    func cancel(_ id: ID) {
        guard let withdrawn = withdraw(id) else { return }
        if cancelled > 64, cancelled > heap.count / 2 { compact() }
        // Given free last: whatever that brings about finds the queue in order.
        withExtendedLifetime(withdrawn) {}
    }

    private func withdraw(_ id: ID) -> (work: () -> Void, loop: WorldLoop?)? {
        let index = Int(id.slot)
        guard slots[index].generation == id.generation, let work = slots[index].work else { return nil }
        let loop = slots[index].loop
        slots[index].work = nil
        slots[index].loop = nil
        cancelled += 1
        return (work, loop)
    }

    /// Whether `id` waits.
    func contains(_ id: ID) -> Bool {
        slots[Int(id.slot)].generation == id.generation && slots[Int(id.slot)].work != nil
    }

    /// Withdraws all of `loop`, and gives back what it was.
    func withdrawAll(of loop: WorldLoop) -> [() -> Void] {
        var withdrawn: [() -> Void] = []
        for index in slots.indices where slots[index].loop === loop {
            let id = ID(slot: UInt32(index), generation: slots[index].generation)
            if let found = withdraw(id) { withdrawn.append(found.work) }
        }
        compact()
        return withdrawn
    }

    /// The next task that is due by `limit`, and the time when it is to be done; the queue forgets when, and not what: it
    /// is `take`n or `defer`red.
    func next(now: Int64, until limit: Int64) -> (slot: UInt32, time: Int64)? {
        while true {
            let found: (slot: UInt32, time: Int64)
            if let top = heap.first, top.time <= now || (ready.isEmpty && top.time <= limit) {
                pop()
                found = (top.slot, max(now, top.time))
            } else if let slot = ready.popFirst() {
                found = (slot, now)
            } else {
                return nil
            }
            if slots[Int(found.slot)].work != nil { return found }
            cancelled -= 1
            recycle(found.slot)
        }
    }

    /// The time of the next task; nil for none.
    func nextTime(now: Int64) -> Int64? {
        while let slot = ready.first, slots[Int(slot)].work == nil {
            ready.removeFirst()
            cancelled -= 1
            recycle(slot)
        }
        while let top = heap.first, slots[Int(top.slot)].work == nil {
            pop()
            cancelled -= 1
            recycle(top.slot)
        }
        return ready.isEmpty ? heap.first?.time : now
    }

    func loop(of slot: UInt32) -> WorldLoop? { slots[Int(slot)].loop }

    /// What `next` found, to be done.
    func take(_ slot: UInt32) -> () -> Void {
        let (work, loop) = (slots[Int(slot)].work, slots[Int(slot)].loop)
        slots[Int(slot)].work = nil
        slots[Int(slot)].loop = nil
        recycle(slot)
        withExtendedLifetime(loop) {}
        return work ?? {}
    }

    /// What `next` found earlier is due now.
    func makeReady(_ slot: UInt32) {
        ready.append(slot)
    }

    private func recycle(_ slot: UInt32) {
        slots[Int(slot)].generation &+= 1
        free.append(slot)
    }

    /// Drops what was cancelled and is far away.
    private func compact() {
        var kept: [Entry] = []
        for entry in heap {
            if slots[Int(entry.slot)].work == nil {
                cancelled -= 1
                recycle(entry.slot)
            } else {
                kept.append(entry)
            }
        }
        heap = kept
        guard heap.count > 1 else { return }
        for index in stride(from: (heap.count - 2) / 4, through: 0, by: -1) { siftDown(heap[index], from: index) }
    }

    // MARK: - A heap of four children each

    private func push(_ entry: Entry) {
        var index = heap.count
        heap.append(entry)
        while index > 0 {
            let parent = (index - 1) / 4
            guard entry.isBefore(heap[parent]) else { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = entry
    }

    private func pop() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        siftDown(last, from: 0)
    }

    private func siftDown(_ entry: Entry, from start: Int) {
        var index = start
        let count = heap.count
        while true {
            let first = index * 4 + 1
            guard first < count else { break }
            var least = first
            for child in (first + 1)..<max(first + 1, min(first + 4, count)) where heap[child].isBefore(heap[least]) {
                least = child
            }
            guard heap[least].isBefore(entry) else { break }
            heap[index] = heap[least]
            index = least
        }
        heap[index] = entry
    }
}
