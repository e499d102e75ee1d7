"""Gives every block to the recorder, in order and without loss."""

from acquisition.streaming.block_queue import BlockQueue
from acquisition.streaming.types import PhotonRecorder
from acquisition.streaming.worker import Worker


class RecorderWorker:
    """The thread that writes. It holds a file and is therefore no daemon."""

    def __init__(self, recorder: PhotonRecorder, queue: BlockQueue) -> None:
        self._recorder = recorder
        self.queue = queue
        self.worker = Worker("photon recorder", self._record, daemon=False)
        self.photons = 0
        self.blocks = 0

    def _record(self) -> None:
        try:
            for block in self.queue:
                with self.worker.busy():
                    self._recorder.append(block)
                self.photons += len(block)
                self.blocks += 1
            if self.queue.cancelled:  # given up while it hung: blocks are missing
                self._recorder.abandon()
                return
            with self.worker.busy():
                self._recorder.finish()
        except BaseException:
            self.queue.cancel()
            self._recorder.abandon()
            raise
