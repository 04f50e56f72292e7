"""Rolling restarts of a Deployment, as a cluster does them."""

import time
from concurrent.futures import Future, ThreadPoolExecutor

from backends import Backend, Backends
from chart import endpoint
from kubernetes_api import KubernetesApi


class Rollout:
    """Pods of a Deployment, replaced one at a time."""

    def __init__(self, servers: Backends, api: KubernetesApi) -> None:
        self._servers, self._api = servers, api
        self._kubelet = ThreadPoolExecutor(max_workers=16)
        self._exits: list[Future[int]] = []
        self.live: list[Backend] = []

    def add(self) -> None:
        """Starts a Pod, which receives requests once it is ready."""
        backend = self._servers.start()
        backend.wait_until_ready()
        self._api.put(endpoint("conduit", backend.address, backend.port))
        self.live.append(backend)

    def remove(self) -> None:
        """Removes the oldest Pod from the endpoints; it shuts down in the background."""
        backend = self.live.pop(0)
        self._api.put(endpoint("conduit", backend.address, backend.port, is_ready=False))
        self._exits.append(self._kubelet.submit(self._terminate, backend))

    def _terminate(self, backend: Backend) -> int:
        time.sleep(self._servers.pre_stop)
        backend.terminate()
        code = backend.wait(self._servers.grace_period - self._servers.pre_stop)
        self._api.delete(endpoint("conduit", backend.address, backend.port))
        return code

    def restart(self) -> None:
        """Restarts every Pod with maxSurge 1 and maxUnavailable 0."""
        for _ in self.live[:]:
            self.add()
            self.remove()

    def exit_codes(self) -> list[int]:
        """Returns the exit codes of all removed Pods."""
        return [future.result() for future in self._exits]
