//! Places are taken, freed, waited for and given up at once.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::protocol::calls::{Place, Places, WaitBounds};

const BOUNDS: WaitBounds = WaitBounds { calls: 10, bytes: 1_000 };

/// Who waits, by number: set once it was told of its place.
type Told = Arc<AtomicUsize>;

fn free(places: &Places<Told>, in_flight: &AtomicUsize) {
    in_flight.fetch_sub(1, Ordering::AcqRel);
    if let Some(next) = places.free() {
        assert_eq!(next.swap(1, Ordering::AcqRel), 0, "told twice");
    }
}

/// One caller: takes a place if there is one at once, else gives up, and gives back what it got.
fn call(places: &Places<Told>, in_flight: &AtomicUsize) {
    let told = Told::new(AtomicUsize::new(0));
    let has_place = places.take()
        || match places.wait(1, Arc::clone(&told)) {
            Place::Taken => true,
            // A caller that leaves has the place if it was given to it meanwhile.
            Place::Waits(number) => !places.leave(number),
            Place::Full(_) => false,
        };
    if has_place {
        assert_eq!(in_flight.fetch_add(1, Ordering::AcqRel), 0, "two in one place");
        free(places, in_flight);
    } else {
        assert_eq!(told.load(Ordering::Acquire), 0, "told of a place, and left without");
    }
}

#[test]
fn a_place_is_one_callers_and_comes_back() {
    loom::model(|| {
        let (places, in_flight) = (Arc::new(Places::new(1, BOUNDS)), Arc::new(AtomicUsize::new(0)));
        let threads = [(); 2].map(|()| {
            let (places, in_flight) = (Arc::clone(&places), Arc::clone(&in_flight));
            thread::spawn(move || call(&places, &in_flight))
        });
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!((places.taken(), places.waiting()), (0, 0));
        assert!(places.take(), "the place is free again");
    });
}

#[test]
fn who_waits_is_told_of_a_place_that_is_freed_beside_it() {
    loom::model(|| {
        let (places, told) = (Arc::new(Places::<Told>::new(1, BOUNDS)), Told::new(AtomicUsize::new(0)));
        assert!(places.take());
        let freeing = Arc::clone(&places);
        let freed = thread::spawn(move || {
            if let Some(next) = freeing.free() {
                next.fetch_add(1, Ordering::AcqRel);
            }
        });
        let got = match places.wait(1, Arc::clone(&told)) {
            Place::Taken => 1,
            Place::Waits(_) => 0,
            Place::Full(_) => unreachable!("nobody else waits"),
        };
        freed.join().unwrap();
        assert_eq!(got + told.load(Ordering::Acquire), 1, "the place is lost, or given twice");
        assert_eq!((places.taken(), places.waiting()), (1, 0));
    });
}
