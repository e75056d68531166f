//! A call's answer, its deadline, its caller and a close meet.

use std::time::{Duration, Instant};

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

use crate::protocol::calls::{Calls, Reply};

const TOKEN: u128 = 7 << 96;

/// Runs two ways to end one call beside its hand-over, and expects one end.
fn one_end(one: fn(&Mutex<Calls<()>>, Instant) -> bool, other: fn(&Mutex<Calls<()>>, Instant) -> bool) {
    loom::model(move || {
        let now = Instant::now();
        let calls = Arc::new(Mutex::new(Calls::default()));
        let Ok((id, _)) = calls.lock().unwrap().begin(TOKEN, now, now + Duration::from_millis(1), ()) else {
            unreachable!("nothing is closed")
        };
        let ends = Arc::new(AtomicUsize::new(0));
        let threads = [one, other].map(|end| {
            let (calls, ends) = (Arc::clone(&calls), Arc::clone(&ends));
            thread::spawn(move || {
                if end(&calls, now + Duration::from_secs(1)) {
                    ends.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        // Beside them its record is handed over. Whatever ended it first keeps the record.
        let before = ends.load(Ordering::Relaxed);
        let sent = calls.lock().unwrap().hand_over(id, now).is_some();
        assert!(!(sent && before > 0), "the record of a call that had ended was sent");
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(ends.load(Ordering::Relaxed), 1);
        assert_eq!(calls.lock().unwrap().len(), 0);
    });
}

fn answer(calls: &Mutex<Calls<()>>, _: Instant) -> bool {
    matches!(calls.lock().unwrap().reply(TOKEN), Reply::Answers(()))
}

fn deadline(calls: &Mutex<Calls<()>>, now: Instant) -> bool {
    calls.lock().unwrap().expire(now).is_some()
}

fn close(calls: &Mutex<Calls<()>>, _: Instant) -> bool {
    calls.lock().unwrap().close().is_some()
}

#[test]
fn an_answer_and_a_deadline_end_a_call_once() {
    one_end(answer, deadline);
}

#[test]
fn an_answer_and_a_close_end_a_call_once() {
    one_end(answer, close);
}

#[test]
fn a_deadline_and_a_close_end_a_call_once() {
    one_end(deadline, close);
}

#[test]
fn a_call_that_comes_beside_a_close_is_refused_or_ended() {
    loom::model(|| {
        let now = Instant::now();
        let calls = Arc::new(Mutex::new(Calls::default()));
        let closing = Arc::clone(&calls);
        let closes = thread::spawn(move || usize::from(close(&closing, now)));
        let refused = calls.lock().unwrap().begin(TOKEN, now, now + Duration::from_secs(1), ()).is_err();
        assert_eq!(closes.join().unwrap() + usize::from(refused), 1);
        assert_eq!(calls.lock().unwrap().len(), 0);
    });
}

#[test]
fn a_call_that_is_given_up_as_it_is_answered_ends_once() {
    loom::model(|| {
        let now = Instant::now();
        let calls = Arc::new(Mutex::new(Calls::default()));
        let Ok((id, _)) = calls.lock().unwrap().begin(TOKEN, now, now + Duration::from_secs(1), ()) else {
            unreachable!("nothing is closed")
        };
        let answering = Arc::clone(&calls);
        let answered = thread::spawn(move || usize::from(answer(&answering, now)));
        let given_up = calls.lock().unwrap().give_up(id).is_some();
        assert_eq!(answered.join().unwrap() + usize::from(given_up), 1);
    });
}
