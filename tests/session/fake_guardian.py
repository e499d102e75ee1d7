"""A guardian in the process of the test."""

import threading

from acquisition.guardian.messages import Address, Door

WAIT_S = 10.0


class FakeGuardian:
    """Answers in this process as a guardian would, in a thread."""

    def __init__(self) -> None:
        self.door = Door()
        self.heard: list[dict[str, object]] = []
        self.refuses = ""
        self._changed = threading.Condition()
        self._ending = threading.Event()
        self.line = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def address(self) -> Address:
        return self.door.address

    def _run(self) -> None:
        while self.line is None and not self._ending.wait(0.005):
            found = self.door.let_in()
            self.line = found[0] if found else None
        try:
            while not self._ending.is_set():
                for message in self.line.receive():
                    with self._changed:
                        self.heard.append(message)
                        self._changed.notify_all()
                    if "rescues" in message:
                        word = "refused" if self.refuses else "ready"
                        self.line.send({word: message["number"], "why": self.refuses})
        except OSError:
            pass

    def wait_for(self, true) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: any(true(message) for message in self.heard), WAIT_S)

    def die(self) -> None:
        self._ending.set()
        if self.line is not None:
            self.line.close()
        self._thread.join(WAIT_S)
        self.door.close()
