"""A peer that knows the decision record alone: a token, a key, a value, here in JSON.

peer.py serve   answers what is asked on peers.python.req, until it is told to stop
peer.py call    asks the service of peers.rust.req
"""

import json
import os
import signal
import sys
import time
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition

BROKERS = os.environ["BUS_BROKERS"]
CALLS = 200
NOBODY = 9999
PATIENCE = 20  # seconds


def products(user):
    return None if user == NOBODY else [f"bond {user}", f"gold {user}"]


def token_of(message):
    """The one header without a value is the token."""
    tokens = [name for name, value in message.headers() or [] if value is None]
    return tokens[0] if len(tokens) == 1 else None


def check(error, _message):
    if error:
        sys.exit(f"the broker did not take a record: {error}")


def serve():
    consumer = Consumer({
        "bootstrap.servers": BROKERS,
        "group.id": "peers.python.req",
        "auto.offset.reset": "earliest",
    })
    producer = Producer({"bootstrap.servers": BROKERS, "linger.ms": 0})
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    consumer.subscribe(["peers.python.req"], on_assign=lambda *_: print("serving", flush=True))
    while not stopped:
        message = consumer.poll(0.1)
        producer.poll(0)
        if message is None or message.error():
            continue
        answer = products(json.loads(message.value()))
        producer.produce(
            "peers.python.resp",
            partition=int(message.key()),  # the key says where the asker listens
            key=message.key(),
            headers=[(token_of(message), None)],
            value=None if answer is None else json.dumps(answer),
            on_delivery=check,
        )
    producer.flush(5)
    consumer.close()


def call():
    partition = 2
    consumer = Consumer({
        "bootstrap.servers": BROKERS,
        "group.id": "peers-python-client",  # the library wants a name; no group is joined
        "enable.auto.commit": False,
    })
    replies = TopicPartition("peers.rust.resp", partition)
    _, end = consumer.get_watermark_offsets(replies, timeout=PATIENCE)
    consumer.assign([TopicPartition(replies.topic, partition, end)])

    producer = Producer({"bootstrap.servers": BROKERS, "linger.ms": 0})
    waiting = {}
    for user in [*range(1, CALLS + 1), NOBODY]:
        token = str(uuid.uuid4())
        waiting[token] = user
        producer.produce(
            "peers.rust.req",
            key=str(partition),
            headers=[(token, None)],
            value=json.dumps(user),
            on_delivery=check,
        )
    producer.flush(PATIENCE)

    until = time.monotonic() + PATIENCE
    while waiting:
        if time.monotonic() > until:
            sys.exit(f"{len(waiting)} calls were not answered")
        message = consumer.poll(0.1)
        if message is None or message.error():
            continue
        user = waiting.pop(token_of(message), None)
        if user is None:
            continue  # for somebody else who listens here
        answer = None if message.value() is None else json.loads(message.value())
        if answer != products(user) or message.key() != str(partition).encode():
            sys.exit(f"user {user} was told {message.value()!r} under key {message.key()!r}")
    consumer.close()
    print(f"{CALLS} calls answered; the service's error came as null")


if __name__ == "__main__":
    {"serve": serve, "call": call}[sys.argv[1]]()
