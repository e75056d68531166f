"""A peer that knows the decision record alone: a token, a key, a value, here in JSON.

peer.py serve          answers what is asked on peers.python.req, until it is told to stop
peer.py call           asks the service of peers.rust.req
peer.py call msgpack   the same in MessagePack, which a header names
"""

import json
import os
import signal
import sys
import time
import uuid

import msgpack
from confluent_kafka import Consumer, Producer, TopicPartition

BROKERS = os.environ["BUS_BROKERS"]
CALLS = 200
NOBODY = 9999
PATIENCE = 20  # seconds


def products(user):
    return None if user == NOBODY else [f"bond {user}", f"gold {user}"]


def as_json(value):
    return json.dumps(value).encode()


# How a value is written and read, by the name in the header bus-codec.
CODECS = {"json": (as_json, json.loads), "msgpack": (msgpack.packb, msgpack.unpackb)}


def codec_of(message):
    """What the message says it is written in, JSON where it says nothing."""
    return dict(message.headers() or []).get("bus-codec", b"json").decode()


def codec_header(codec):
    return [] if codec == "json" else [("bus-codec", codec.encode())]


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
        codec = codec_of(message)
        write, read = CODECS[codec]
        answer = products(read(message.value()))
        producer.produce(
            "peers.python.resp",
            partition=int(message.key()),  # the key says where the asker listens
            key=message.key(),
            headers=[(token_of(message), None), *codec_header(codec)],
            value=None if answer is None else write(answer),
            on_delivery=check,
        )
    producer.flush(5)
    consumer.close()


def call(codec="json"):
    write, _ = CODECS[codec]
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
            headers=[(token, None), *codec_header(codec)],
            value=write(user),
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
        headers = dict(message.headers())
        if headers.get("bus-status") == b"error" and message.value() is not None:
            # A caller that names a codec is told the service's error, in that codec.
            if user != NOBODY or CODECS[codec][1](message.value()) != "nobody":
                sys.exit(f"user {user} was told {message.value()!r} as an error")
            continue
        if message.value() is not None and codec_of(message) != codec:
            sys.exit(f"user {user} was answered in {codec_of(message)}")
        answer = None if message.value() is None else CODECS[codec][1](message.value())
        if answer != products(user) or message.key() != str(partition).encode():
            sys.exit(f"user {user} was told {message.value()!r} under key {message.key()!r}")
    consumer.close()
    error = "null" if codec == "json" else "itself"
    print(f"{CALLS} calls answered; the service's error came as {error}")


if __name__ == "__main__":
    {"serve": serve, "call": call}[sys.argv[1]](*sys.argv[2:])
