//! The deadlines of a shard, the earliest first.

use std::time::Instant;

/// A binary heap that knows where everything is, so that what ends before its deadline, which is
/// nearly everything, is taken out at once.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    heap: Vec<(Instant, u32)>,
    /// Where each index is in the heap. As long as the largest index ever.
    places: Vec<u32>,
}

impl Deadlines {
    pub(super) fn first(&self) -> Option<(Instant, u32)> {
        self.heap.first().copied()
    }

    /// Adds the deadline of an index that has none. True if it is now the earliest.
    pub(super) fn insert(&mut self, index: u32, deadline: Instant) -> bool {
        if self.places.len() <= index as usize {
            self.places.resize(index as usize + 1, 0);
        }
        let place = self.heap.len();
        self.heap.push((deadline, index));
        self.rise(place) == 0
    }

    /// Takes the deadline of an index out, which has one.
    pub(super) fn remove(&mut self, index: u32) {
        let Some(place) = self.places.get(index as usize).map(|place| *place as usize) else { return };
        if self.heap.get(place).is_none_or(|(_, found)| *found != index) {
            return;
        }
        self.heap.swap_remove(place);
        if place < self.heap.len() {
            // The last one is here now, and belongs above or below.
            let place = self.rise(place);
            self.sink(place);
        }
    }

    fn note(&mut self, place: usize) {
        if let Some((_, index)) = self.heap.get(place)
            && let Some(noted) = self.places.get_mut(*index as usize)
        {
            *noted = u32::try_from(place).unwrap_or(u32::MAX);
        }
    }

    fn rise(&mut self, mut place: usize) -> usize {
        while place > 0 {
            let parent = (place - 1) / 2;
            if self.heap[parent].0 <= self.heap[place].0 || planted!("earlier deadline behind a later") {
                break;
            }
            self.heap.swap(parent, place);
            self.note(place);
            place = parent;
        }
        self.note(place);
        place
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let children = [2 * place + 1, 2 * place + 2];
            let least =
                children.into_iter().filter(|child| *child < self.heap.len()).min_by_key(|child| self.heap[*child].0);
            match least {
                Some(child) if self.heap[child].0 < self.heap[place].0 => {
                    self.heap.swap(child, place);
                    self.note(place);
                    place = child;
                }
                _ => break,
            }
        }
        self.note(place);
    }
}
