"""The queue between reader and consumer is bounded, ordered and never blocks for ever."""

import threading

import pytest

from acquisition.streaming.block_queue import BlockQueue
from tests.streaming.fakes import make_block


def test_a_block_larger_than_the_queue_passes_alone():
    queue = BlockQueue(max_blocks=4, max_photons=10)
    assert queue.offer(make_block(0, photons=1000))
    assert not queue.offer(make_block(1, photons=1))


def test_what_waits_is_delivered_after_close_and_nothing_more_is_taken():
    queue = BlockQueue(4, 10_000)
    blocks = [make_block(number) for number in range(3)]
    for block in blocks:
        queue.put(block)
    queue.close()
    assert not queue.put(make_block(3))
    assert list(queue) == blocks


def test_cancel_frees_a_waiting_producer():
    queue = BlockQueue(1, 10_000)
    queue.put(make_block(0))
    taken = []
    producer = threading.Thread(target=lambda: taken.append(queue.put(make_block(1))))
    producer.start()
    queue.cancel()
    producer.join(5)
    assert taken == [False]
    assert list(queue) == []


def test_how_long_the_producer_has_waited_is_told():
    queue = BlockQueue(1, 10_000)
    queue.put(make_block(0))
    assert queue.waited_s < 0.05
    waited = threading.Event()
    consumer = threading.Thread(target=lambda: (waited.wait(0.2), next(iter(queue))))
    consumer.start()
    queue.put(make_block(1))
    consumer.join(5)
    assert 0.1 < queue.waited_s < 5


def test_cancel_frees_a_waiting_consumer():
    queue = BlockQueue(1, 10_000)
    received = []
    consumer = threading.Thread(target=lambda: received.append(list(queue)))
    consumer.start()
    queue.cancel()
    consumer.join(5)
    assert received == [[]]


def test_a_queue_without_room_is_refused():
    with pytest.raises(ValueError, match="needs room"):
        BlockQueue(0, 100)
