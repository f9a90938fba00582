"""joblib's Dask back end, corrected for workers that die."""

import asyncio
from collections.abc import Sequence
from typing import Any

import dask
import numpy as np
import numpy.typing as npt
from joblib import register_parallel_backend
from joblib._dask import Batch, DaskDistributedBackend

from dge_experiments.search.compute import no_answer

NAME = "dask_reliable"
SENT_ONCE = 1000  # bytes; a smaller array is sent with each task


class ReliableDask(DaskDistributedBackend):  # type: ignore[misc]
    """Four corrections of joblib's back end.

    Work that ends with an error of Dask's, such as ``KilledWorker``, gets this error as its result, and joblib raises
    it; joblib's back end calls nobody back and waits for ever.

    An array is sent as the result of a task, which Dask repeats where a worker is lost. joblib's back end scatters it:
    Dask cannot bring back what was scattered, and a worker that was asking for it as it was lost drops what is
    scattered again under the same key, and then waits for it for ever.

    Work that nobody waits for any longer is taken back; joblib's back end leaves it to the cluster.

    Work never runs in this process, as it does in joblib with one worker.
    """

    data_futures: dict[int, Any]

    def __init__(self, arrays: Sequence[npt.NDArray[Any]] = (), **given: Any) -> None:
        super().__init__(**given)
        self.arrays = arrays

    def effective_n_jobs(self, n_jobs: int) -> int:
        try:
            return max(2, int(super().effective_n_jobs(n_jobs)))
        except OSError as error:  # the scheduler is gone, or has no worker
            raise no_answer(self.client.scheduler.address, error) from error

    def start_call(self) -> None:
        for array in self.arrays:
            before = self.data_futures.get(id(array))
            if before is None or before.status not in ("pending", "finished"):
                self.data_futures[id(array)] = self._send(array)
        super().start_call()

    def _send(self, array: npt.NDArray[Any]) -> Any:
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": array.nbytes + 2**20}):
            return self.client.submit(np.asarray, array, pure=False)

    async def _to_func_args(self, func: Any) -> tuple[Batch, list[Any]]:
        """A batch and its tasks, with the task that sends it in place of each array."""

        def sent(argument: Any) -> Any:
            if not isinstance(argument, np.ndarray) or argument.nbytes < SENT_ONCE:
                return argument
            if id(argument) in self.data_futures:
                return self.data_futures[id(argument)]
            try:
                return self.call_data_futures[argument]
            except KeyError:
                self.call_data_futures[argument] = future = self._send(argument)
                return future

        tasks = [
            (function, [sent(each) for each in arguments], {name: sent(each) for name, each in named.items()})
            for function, arguments, named in func.items
        ]
        return Batch(tasks), tasks

    def abort_everything(self, ensure_ready: bool = True) -> None:
        super().abort_everything(ensure_ready)
        left = list(self._results)
        self._results.clear()
        self._callbacks.clear()
        if self.client.status == "running":
            self.client.cancel(left)

    async def _collect(self) -> None:
        while self._continue:
            async for future, result in self.waiting_futures:
                of_joblib, callback = self._results.pop(future, None), self._callbacks.pop(future, None)
                if of_joblib is None or callback is None:  # taken back
                    continue
                outcome: Any = result[1] if future.status == "error" else result
                of_joblib.set_result(outcome)
                callback(outcome)
            await asyncio.sleep(0.01)


register_parallel_backend(NAME, ReliableDask)
